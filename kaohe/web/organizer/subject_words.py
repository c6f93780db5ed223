"""A subject in the words that the console's pages have for it."""

from __future__ import annotations

from kaohe.domain.rosters import SubjectEntry
from kaohe.tally.model import Subject


def place_text(subject: Subject | SubjectEntry) -> str:
    """Unit and post, whatever there is of them."""
    return " · ".join(part for part in (subject.unit, subject.post) if part)
