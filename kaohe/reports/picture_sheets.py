"""Sheets with a picture (图表): grades by subject, tiers by unit and by period, and how scores went over the periods.

Each has its numbers in its own table. What other sheets withhold has no sheet here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from kaohe.reports.figures import number, shows_votes
from kaohe.reports.forms import period_tiers
from kaohe.reports.heading import Heading, brief_notes, by_section, header_lines, printed_names, sheet_title, who_label
from kaohe.reports.sheet import Column, Picture, PictureKind, Sheet, decimals_of
from kaohe.reports.tier_sheet import has_tiers, tiers_of
from kaohe.reports.verification import verification_code
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.periods import canonical_label
from kaohe.tally.rounding import unrounded_text

MOST_BARS: Final = 18
"""Picture and table of so many stand on one page."""
MOST_LINES: Final = 6
"""With more of them nobody can tell one from another."""
_FEWEST_POINTS: Final = 2
_REST: Final = "弃权/漏选"
_INVALID: Final = "无效"
_NO_TIER: Final = "未定等次"
_Row = TypeVar("_Row")


def picture_sheets(result: Result, heading: Heading) -> tuple[Sheet, ...]:
    """The pictures that a result has numbers for, section by section, each with the code of the whole result."""
    code = verification_code(result)
    parts = by_section(result, heading)
    return tuple(replace(sheet, code=code) for part, named in parts for sheet in _pictures(part, named))


def _pictures(result: Result, heading: Heading) -> Iterator[Sheet]:
    names = printed_names([row.subject for row in result.subjects])
    if shows_votes(result):
        yield from _grades(result, heading, names)
    if has_tiers(result.scheme) and not result.scheme.choose:
        yield from _tiers_by_unit(result, heading)
    if result.periods:
        yield from _tiers_by_period(result, heading)
        yield from _scores_by_period(result, heading, names)


def _grades(result: Result, heading: Heading, names: Mapping[str, str]) -> Iterator[Sheet]:
    """The votes of each subject as one bar."""
    labels = [grade.label for grade in result.scheme.grades]
    rest = [_REST, *([_INVALID] if any(row.counts.invalid for row in result.subjects) else [])]
    for rows, mark in _chunks(result.subjects, MOST_BARS):
        cells = [
            (
                names[row.subject.key],
                *(str(share.count) for share in row.shares),
                *(
                    str(count)
                    for count in (row.counts.abstention + row.counts.skipped, row.counts.invalid)[: len(rest)]
                ),
            )
            for row in rows
        ]
        who = who_label([row.subject for row in result.subjects])
        yield _bar_sheet(
            (f"得票图{mark}", sheet_title(heading, "得票构成图", mark)),
            header_lines(result, heading),
            (who, "各等次得票"),
            (*labels, *rest),
            cells,
            brief_notes(heading, "条形按票数占该对象全部票数的比例绘制，条内为票数。"),
            frozenset(rest),
        )


def _tiers_by_unit(result: Result, heading: Heading) -> Iterator[Sheet]:
    """How many of each unit have which tier, where there are several units."""
    by_unit: dict[str, list[str | None]] = {}
    for row in result.subjects:
        if row.subject.unit:
            by_unit.setdefault(row.subject.unit, []).append(row.tier)
    if len(by_unit) > 1:
        tiers: list[tuple[str | None, str]] = [*tiers_of(result.scheme), (None, _NO_TIER)]
        tiers = [each for each in tiers if each[0] or any(row.tier is None for row in result.subjects)]
        for units, mark in _chunks(list(by_unit.items()), MOST_BARS):
            yield _bar_sheet(
                (f"等次分布图{mark}", sheet_title(heading, "各单位等次分布图", mark)),
                header_lines(result, heading)[:1],
                ("单位", "各单位等次分布"),
                [label for _, label in tiers],
                [(unit, *(str(given.count(key)) for key, _ in tiers)) for unit, given in units],
                brief_notes(heading, "条形按人数占该单位参加考核人数的比例绘制，条内为人数。"),
                frozenset({_NO_TIER}),
            )


def _tiers_by_period(result: Result, heading: Heading) -> Iterator[Sheet]:
    """How many had which tier in each period."""
    given = [(period.label, period.tier) for row in result.subjects for period in row.periods]
    named = period_tiers({tier for _, tier in given if tier})
    if not named:
        return
    tiers = [*named, *([None] if any(tier is None for _, tier in given) else [])]
    cells = [(canonical_label(label), *(str(given.count((label, tier))) for tier in tiers)) for label in result.periods]
    yield _bar_sheet(
        ("各期等次图", sheet_title(heading, "各期等次分布图")),
        header_lines(result, heading)[:1],
        ("周期", "各期等次分布"),
        [tier or _NO_TIER for tier in tiers],
        cells,
        brief_notes(heading, "条形按人数占当期有结果人数的比例绘制，条内为人数。"),
        frozenset({_NO_TIER}),
    )


def _scores_by_period(result: Result, heading: Heading, names: Mapping[str, str]) -> Iterator[Sheet]:
    """How the score of each subject went from period to period, where scores can be printed as they are."""
    columns = (
        Column(who_label([row.subject for row in result.subjects]), width=16),
        *(number(canonical_label(label), 12) for label in result.periods),
    )
    cells = [(names[row.subject.key], *_scores(row, result.periods)) for row in result.subjects]
    kept = [
        row
        for row in cells
        if sum(decimals_of(column, text) is not None for column, text in zip(columns, row, strict=True))
        >= _FEWEST_POINTS
    ]
    for rows, mark in _chunks(kept, MOST_LINES):
        title = sheet_title(heading, "各期得分走势图", mark)
        yield Sheet(
            name=f"走势图{mark}",
            title=title,
            header_lines=header_lines(result, heading)[:1],
            columns=columns,
            rows=tuple(rows),
            notes=brief_notes(heading, "缺少的周期不绘制，表中留空；只有一期得分的不列。"),
            picture=Picture(PictureKind.LINES, "各期得分走势", 0, tuple(range(1, len(columns))), len(rows)),
        )


def _scores(row: SubjectResult, labels: Sequence[str]) -> Iterator[str]:
    found = {period.label: period.score for period in row.periods}
    for label in labels:
        score = found.get(label)
        yield "" if score is None else unrounded_text(score)


def _bar_sheet(
    names: tuple[str, str],
    lines: tuple[tuple[str, ...], ...],
    about: tuple[str, str],
    labels: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    notes: tuple[str, ...],
    rest: frozenset[str],
) -> Sheet:
    """A sheet of counts: ``names`` are tab and title, ``about`` the head over the rows and the picture's title."""
    name, title = names
    who, shown = about
    columns = (Column(who, width=22), *(number(label, 9) for label in labels))
    return Sheet(
        name=name,
        title=title,
        header_lines=lines,
        columns=columns,
        rows=tuple(rows),
        notes=notes,
        picture=Picture(PictureKind.BARS, shown, 0, tuple(range(1, len(columns))), len(rows), rest),
    )


def _chunks(rows: Sequence[_Row], most: int) -> Iterator[tuple[Sequence[_Row], str]]:
    """The rows in parts of nearly one size, each with what its title ends with; one part has no mark."""
    count = max(1, -(-len(rows) // most))
    for at in range(count):
        part = rows[len(rows) * at // count : len(rows) * (at + 1) // count]
        if part:
            yield part, f"{at + 1}-{count}" if count > 1 else ""
