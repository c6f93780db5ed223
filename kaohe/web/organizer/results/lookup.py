"""Results looked up as one types (查结果): people and teams of all published meetings within reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.permissions import Act
from kaohe.domain.published_results import FoundLine
from kaohe.operations.archive.looking_up import find_results, with_people
from kaohe.reports.personnel import found_sheet, said
from kaohe.web.access import this_reach
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.lists import Paging, csv_file, excel_file, paging
from kaohe.web.organizer.shell.meeting import day_text
from kaohe.web.organizer.shell.parts import shown

_LINES_OF_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class LookupLine:
    """One subject of one result."""

    name: str
    history_url: str
    """Where all results of the person are; '' for who is not in the register."""
    place: str
    title: str
    url: str
    day: str
    score: str
    rank: str
    tier: str


@dataclass(frozen=True, slots=True)
class LookupPage:
    """One page of what was found."""

    sought: str
    count_text: str
    lines: Sequence[LookupLine]
    paging: Paging


@organizer.get("/results", act=Act.LOOK_UP)
def lookup() -> ResponseReturnValue:
    """Show where every word of ``sought`` stands in name, unit, post, class, tier or meeting; ``page`` says which."""
    sought = _sought()
    found = find_results(sought, this_reach())
    pages = paging("organizer.lookup", len(found), _LINES_OF_A_PAGE, sought=sought)
    meetings = len({each.meeting_id for each in found})
    page = LookupPage(
        sought,
        count_text=f"共 {len(found)} 条，来自 {meetings} 场已公布的测评会" if found else "",
        lines=tuple(_line(each) for each in with_people(found[pages.start : pages.end])),
        paging=pages,
    )
    return shown("organizer/results/lookup.html", parts=("results",), page=page)


@organizer.get("/results.xlsx", act=Act.LOOK_UP)
def lookup_excel() -> Response:
    """All that was found as an Excel workbook."""
    return excel_file(found_sheet(find_results(_sought(), this_reach())))


@organizer.get("/results.csv", act=Act.LOOK_UP)
def lookup_csv() -> Response:
    """All that was found as a text file."""
    return csv_file(found_sheet(find_results(_sought(), this_reach())))


def _sought() -> str:
    return request.args.get("sought", "")[:TITLE_LENGTH]


def _line(found: FoundLine) -> LookupLine:
    line, (score, rank, among, tier) = found.line, said(found)
    person = found.person_id
    return LookupLine(
        name=line.name,
        history_url=url_for("organizer.history", person_id=person) if person else "",
        place=" · ".join(part for part in (line.unit or found.owner, line.post, line.class_label) if part),
        title=found.title,
        url=url_for("organizer.result", meeting_id=found.meeting_id),
        day=day_text(found.held_on),
        score=score,
        rank=rank if line.rank is None else f"{rank} / {among}",
        tier=tier,
    )
