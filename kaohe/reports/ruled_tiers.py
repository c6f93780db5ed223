"""The recommended tier beside what people ruled, step by step (建议等次、审定等次), as sheets print it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaohe.reports.sheet import NOTHING, Column
from kaohe.tally.model import Result, SubjectResult


def tier_columns(result: Result, label: str = "等次") -> Iterator[Column]:
    """One column where nobody has ruled, under ``label``; else 建议等次, then one for each step."""
    steps = result.ruled_steps
    yield Column("建议等次" if steps else label, width=10)
    for step in steps:
        yield Column(f"{step}等次", width=10)


def tier_cells(ruled_steps: Sequence[str], row: SubjectResult) -> Iterator[str]:
    """The cells under ``tier_columns``; a dash for no tier, and for a step at which nothing was ruled."""
    ruled = {ruling.step: ruling.tier_label for ruling in row.rulings}
    yield row.recommended_label or NOTHING
    for step in ruled_steps:
        yield ruled.get(step) or NOTHING


def ruling_remarks(row: SubjectResult) -> tuple[str, ...]:
    """What was ruled about a subject and why; what was only confirmed together with others is left out."""
    return tuple(f"{one.step}为{one.tier_label or '不定等次'}（{one.text}）" for one in row.rulings if one.is_own)


def confirmed_note(result: Result) -> str:
    """How the others were confirmed, as one sentence; '' where they were not."""
    confirmed = dict.fromkeys((one.step, one.text) for row in result.subjects for one in row.rulings if not one.is_own)
    return "".join(
        f"{step}：未单独作出决定的，维持已有的等次{f'（{text}）' if text else ''}。" for step, text in confirmed
    )
