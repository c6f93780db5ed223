"""Scores, earlier periods and decisions that come in beside the votes."""
