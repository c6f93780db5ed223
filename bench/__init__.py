"""Measures kaohe: loads, ratios against a naive baseline, and how cost grows."""
