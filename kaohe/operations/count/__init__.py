"""From the closed box to the result: strip, open, count, compute, disclose."""
