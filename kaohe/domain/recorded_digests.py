"""The digests by which the record of acts fixes ballots and texts, and the rows that a digest of ballots is made of.

Anybody can compute them from a bundle (docs/bundle-format.md).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence

from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.sectioning import section_of


def ballot_columns(scheme: Scheme, subjects: Sequence[Subject]) -> tuple[tuple[str, str], ...]:
    """(subject key, item) of every column of ``ballots.csv``: by subject, its dimensions, then its questions' items.

    Raises:
        SectionError: a subject belongs to no section.
    """
    columns: list[tuple[str, str]] = []
    for subject in subjects:
        form = section_of(scheme, subject).scheme
        columns += [(subject.key, dimension.key) for dimension in form.dimensions]
        columns += [(subject.key, item) for item in form.question_items]
    return tuple(columns)


def ballot_row(
    columns: Iterable[tuple[str, str]], group_key: str, marks: Mapping[tuple[str, str], str]
) -> tuple[str, ...]:
    """A ballot as its row in ``ballots.csv`` and in the digest: the group, then a cell a column, empty for no mark."""
    return (group_key, *(marks.get(column, "") for column in columns))


def new_ballots_salt() -> str:
    """A random salt, so that a digest of few ballots cannot be guessed by whoever has the record without the bundle."""
    return secrets.token_hex(32)


def ballots_digest(salt: str, rows: Iterable[Sequence[str]]) -> str:
    """What the record says of the opened ballots: (group, marks …) of each, in no order."""
    lines = sorted(",".join(row) for row in rows)
    return text_digest("\n".join([salt, *lines]))


def text_digest(text: str) -> str:
    """What the record says of a text: the set-up at the opening, inputs and numbers at publication, counts kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def receipts_text(receipts: Iterable[str]) -> str:
    """The list of receipts as ``receipts.txt`` holds it, sorted."""
    return "".join(f"{receipt}\n" for receipt in sorted(receipts))


def receipts_digest(receipts: Iterable[str]) -> str:
    """What the record says at the count of the list of receipts."""
    return text_digest(receipts_text(receipts))
