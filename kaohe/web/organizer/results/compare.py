"""Two periods side by side (两期比较): by class, and subject by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.comparisons import Change, ClassCompared, Compared
from kaohe.domain.permissions import Act
from kaohe.operations.archive.looking_up import Comparing, compare_periods
from kaohe.reports.personnel import CHANGE_WORDS, comparison_sheets
from kaohe.reports.sheet import NOTHING
from kaohe.web.access import this_reach
from kaohe.web.asked import asked_one_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.lists import Paging, csv_file, excel_file, paging
from kaohe.web.organizer.shell.parts import shown

_LINES_OF_A_PAGE: Final = 50
_SIGNS: Final = {Change.ROSE: "↑", Change.FELL: "↓"}


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in both periods."""

    label: str
    count: str
    numbers: Sequence[str]
    """How many rose, fell, stayed and cannot be compared."""
    full_before: str
    full_after: str


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One subject in both periods."""

    name: str
    history_url: str
    place: str
    scores: str
    """Before → after."""
    tiers: str
    """Before → after; one word where both are the same."""
    change: str
    """By how much, or what became of it."""
    kind: str
    """Stable, for the colour."""


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two periods, and which of the subjects are listed."""

    befores: Sequence[Option]
    afters: Sequence[Option]
    changes: Sequence[Option]
    before: str
    after: str
    heads: Sequence[str]
    classes: Sequence[ClassLine]
    lines: Sequence[ComparedLine]
    count_text: str
    lacking: Sequence[str]
    """Who has a result in one of them only, a sentence each."""
    paging: Paging


@organizer.get("/results/compare", act=Act.LOOK_UP)
def compare() -> ResponseReturnValue:
    """Compare the periods ``before`` and ``after``, the latest two unless they are named; ``change``: who is listed."""
    comparing = _comparing()
    compared, wanted = comparing.compared, asked_one_of("change", set(CHANGE_WORDS))
    rows = [row for row in compared.rows if wanted in ("", row.change)]
    asked = {"before": comparing.before, "after": comparing.after, "change": wanted}
    pages = paging("organizer.compare", len(rows), _LINES_OF_A_PAGE, **asked)
    page = ComparePage(
        befores=_options(comparing.titles, comparing.before),
        afters=_options(comparing.titles, comparing.after),
        changes=(
            Option("", "全部", not wanted),
            *(Option(str(change), word, wanted == change) for change, word in CHANGE_WORDS.items()),
        ),
        before=comparing.before,
        after=comparing.after,
        heads=tuple(CHANGE_WORDS.values()),
        classes=tuple(map(_class_line, compared.classes)),
        lines=tuple(map(_line, rows[pages.start : pages.end])),
        count_text=f"共 {len(rows)} 个",
        lacking=comparison_sheets(comparing.before, comparing.after, compared)[0].notes[1:],
        paging=pages,
    )
    return shown("organizer/results/compare.html", parts=("comparison",), page=page)


@organizer.get("/results/compare.xlsx", act=Act.LOOK_UP)
def compare_excel() -> Response:
    """Both tables as an Excel workbook."""
    comparing = _comparing()
    return excel_file(*comparison_sheets(comparing.before, comparing.after, comparing.compared))


@organizer.get("/results/compare.csv", act=Act.LOOK_UP)
def compare_csv() -> Response:
    """The subjects as a text file."""
    comparing = _comparing()
    return csv_file(comparison_sheets(comparing.before, comparing.after, comparing.compared)[1])


def _comparing() -> Comparing:
    return compare_periods(request.args.get("before", ""), request.args.get("after", ""), this_reach())


def _options(titles: Sequence[str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(title, title, title == chosen) for title in titles)


def _class_line(found: ClassCompared) -> ClassLine:
    numbers = tuple(str(found.by_change.get(change, 0)) for change in CHANGE_WORDS)
    return ClassLine(found.label, str(found.count), numbers, found.full_before or NOTHING, found.full_after or NOTHING)


def _line(row: Compared) -> ComparedLine:
    before, after = row.before.line, row.after.line
    person = row.after.person_id or row.before.person_id
    tiers = (before.tier or NOTHING, after.tier or NOTHING)
    place = (after.unit or row.after.owner, after.post, after.class_label)
    by = row.difference.removeprefix("-")
    return ComparedLine(
        name=after.name,
        history_url=url_for("organizer.history", person_id=person) if person else "",
        place=" · ".join(part for part in place if part),
        scores=f"{before.score or NOTHING} → {after.score or NOTHING}",
        tiers=tiers[0] if tiers[0] == tiers[1] else " → ".join(tiers),
        change=f"{_SIGNS[row.change]} {by}".rstrip() if row.change in _SIGNS else CHANGE_WORDS[row.change],
        kind=str(row.change),
    )
