"""The scheme of a meeting: chosen, adjusted, written as text, kept as the unit's own."""
