"""From ballots to scores: counting, conserving, scoring, weighting, ranking."""
