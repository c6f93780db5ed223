"""Setting a meeting up, until it may open."""
