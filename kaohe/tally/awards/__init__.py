"""From final scores to tiers: bands, quotas, seats, clauses, flags."""
