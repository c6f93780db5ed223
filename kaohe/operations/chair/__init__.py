"""What the chair does while the hall waits: open, close, publish, reveal, void, vote on the spot."""
