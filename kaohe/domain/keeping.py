"""How long whole ballots are kept (保存期), and what remains of a round after the purge."""

from __future__ import annotations

import calendar
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import KEEP_MONTHS_AT_MOST
from kaohe.tally.model import GradeCounts, Turnout
from kaohe.tally.scores.counting import CountedMarks

DEFAULT_KEEP_MONTHS = 6
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class KeptTickets:
    """How many tickets a group had, once the tickets themselves are gone."""

    printed: int
    voided: int
    spent: int
    challenged: int


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """All that a purged round's result is computed from: counts only, no ballot, no comment, no receipt."""

    counted: CountedMarks | None
    """None for a round that was voided before it was counted."""
    tickets: Mapping[str, KeptTickets]
    """By group key."""


def purge_day(published_on: date, keep_months: int) -> date:
    """The day from which the ballots may be destroyed: the same day of the month, or the month's last."""
    months = published_on.month - 1 + keep_months
    year, month = published_on.year + months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1
    return date(year, month, min(published_on.day, calendar.monthrange(year, month)[1]))


def require_keep_months(months: int | None) -> int:
    """``months``, where ballots can be kept so long.

    Raises:
        FieldInvalid: they cannot.
    """
    if months is None or not 0 <= months <= KEEP_MONTHS_AT_MOST:
        raise FieldInvalid(f"保存期应为 0 到 {KEEP_MONTHS_AT_MOST} 个月。")
    return months


def counts_text(kept: KeptCounts) -> str:
    """The counts as JSON; ``read_counts`` gives an equal value back.

    The text is another one at each call: the record of acts holds a digest of it, and whoever has only that must not be
    able to try what a small group may have counted.
    """
    counted = kept.counted
    document: dict[str, Any] = {
        "salt": secrets.token_hex(16),
        "tickets": {key: [t.printed, t.voided, t.spent, t.challenged] for key, t in kept.tickets.items()},
    }
    if counted is not None:
        document["counted"] = {
            "cells": [[*cell, _cell(counts)] for cell, counts in counted.cells.items()],
            "turnout": {key: [numbers.cast, numbers.invalid] for key, numbers in counted.turnout.items()},
            "asked": [[*key, number] for key, number in counted.asked.items()],
            "void": [[*key, number] for key, number in counted.void.items()],
            "answers": [[*key, list(votes)] for key, votes in counted.answers.items()],
        }
    return json.dumps(document, ensure_ascii=False)


def read_counts(text: str) -> KeptCounts:
    """What ``counts_text`` wrote."""
    document: dict[str, Any] = json.loads(text)
    counted_document = document.get("counted")
    counted = None
    if counted_document is not None:
        counted = CountedMarks(
            cells={
                (group, subject, item): _read_cell(cell) for group, subject, item, cell in counted_document["cells"]
            },
            turnout={
                key: Turnout(cast=cast, invalid=invalid) for key, (cast, invalid) in counted_document["turnout"].items()
            },
            asked={(group, subject): number for group, subject, number in counted_document["asked"]},
            void={(group, subject): number for group, subject, number in counted_document["void"]},
            answers={(group, subject, key): tuple(votes) for group, subject, key, votes in counted_document["answers"]},
        )
    return KeptCounts(counted, {key: KeptTickets(*numbers) for key, numbers in document["tickets"].items()})


def _cell(counts: GradeCounts) -> list[Any]:
    numbers = [[str(number), votes] for number, votes in counts.numbers]
    return [list(counts.grades), counts.abstention, counts.skipped, counts.invalid, numbers]


def _read_cell(cell: list[Any]) -> GradeCounts:
    grades, abstention, skipped, invalid, numbers = cell
    return GradeCounts(
        tuple(grades), abstention, skipped, invalid, tuple((Fraction(number), votes) for number, votes in numbers)
    )
