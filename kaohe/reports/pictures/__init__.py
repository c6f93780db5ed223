"""Pictures of the numbers on a sheet: drawn once, and put on every kind of paper."""
