"""The scheme as values: scales, questions, components, tiers."""
