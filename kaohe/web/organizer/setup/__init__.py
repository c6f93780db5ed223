"""The pages on which a meeting is set up, step by step."""
