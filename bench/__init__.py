"""Loads and figures: `make bench`."""
