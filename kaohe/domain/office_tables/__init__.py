"""Tables as offices make them, read so that every row is accounted for."""
