"""The names of a ballot's form fields, and the reserved marks beside grades, numbers and options."""

from __future__ import annotations

from kaohe.tally.scheme.questions import TICKED_MARK
from kaohe.tally.scores.ballot_layouts import INVALID_MARK, NOT_ASKED_MARK, VOID_MARK
from kaohe.tally.scores.counting import ABSTAIN_MARK

ABSTAIN = ABSTAIN_MARK
INVALID = INVALID_MARK
"""A cell that cannot be read as one mark. No phone can post it; it is found on paper."""
VOID = VOID_MARK
"""An answer on a ballot that is void as a whole and kept in pieces. Nobody can post or type it."""
TICKED = TICKED_MARK
"""What a ticked option posts; one that is not ticked posts nothing."""
LEFT_OUT = NOT_ASKED_MARK
"""What a subject's own field posts where the voter does not evaluate that subject (不评)."""
BALLOT_PREFIXES = ("i.", "q.", "c.", "n.")
"""Prefixes of the fields that ``read_ballot`` reads; no other field of the page begins with one."""


def item_field(subject_key: str, dimension_key: str) -> str:
    """The form field that carries the mark of one cell."""
    return f"i.{subject_key}.{dimension_key}"


def answer_field(subject_key: str, item: str) -> str:
    """The form field that carries one answer; ``item`` is one of ``Question.items``."""
    return f"q.{subject_key}.{item}"


def comment_field(subject_key: str) -> str:
    """The form field that carries the comment on one subject."""
    return f"c.{subject_key}"


def left_out_field(subject_key: str) -> str:
    """The form field that says that the voter does not evaluate one subject."""
    return f"n.{subject_key}"
