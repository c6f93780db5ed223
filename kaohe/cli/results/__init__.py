"""Commands about what comes into a result and what becomes of it: inputs, decisions, versions, votes on the spot."""
