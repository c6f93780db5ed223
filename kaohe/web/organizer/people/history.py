"""One person in every published result: on a page, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, url_for

from kaohe.domain.people import EMPLOYMENT_LABELS, Employment
from kaohe.domain.permissions import Act
from kaohe.domain.published_results import FoundLine, with_periods
from kaohe.operations.archive.looking_up import PersonHistory, load_history
from kaohe.reports.personnel import history_sheet, said
from kaohe.reports.sheet import Sheet
from kaohe.web.access import this_reach
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.lists import csv_file, excel_file
from kaohe.web.organizer.shell.meeting import day_text


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One result of the person."""

    title: str
    url: str
    about: str
    """Day, unit, post and class at the time."""
    score: str
    rank: str
    tier: str
    decisions: Sequence[str]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All results of one person, the latest first."""

    person_id: str
    name: str
    place: str
    former: Sequence[str]
    """Names and places that the register knows from before."""
    lines: Sequence[HistoryLine]


@organizer.get("/people/<person_id>/history", act=Act.LOOK_UP)
def history(person_id: str) -> str:
    """Every period and meeting with score, rank, tier and decision, as far as it is published."""
    person = load_history(person_id, this_reach())
    page = HistoryPage(
        person_id,
        person.name,
        person.place,
        former=tuple(
            " · ".join(
                part
                for part in (
                    spell.name,
                    spell.place,
                    "" if spell.standing is Employment.IN_OFFICE else EMPLOYMENT_LABELS[spell.standing],
                )
                if part
            )
            for spell in person.former
        ),
        lines=tuple(_line(each) for each in with_periods(person.found)),
    )
    return render_template("organizer/people/history.html", page=page)


@organizer.get("/people/<person_id>/history.xlsx", act=Act.LOOK_UP)
def history_excel(person_id: str) -> Response:
    """The page's table as an Excel workbook."""
    return excel_file(_sheet(load_history(person_id, this_reach())))


@organizer.get("/people/<person_id>/history.csv", act=Act.LOOK_UP)
def history_csv(person_id: str) -> Response:
    """The page's table as a text file."""
    return csv_file(_sheet(load_history(person_id, this_reach())))


def _sheet(person: PersonHistory) -> Sheet:
    return history_sheet(person.name, person.place, tuple(with_periods(person.found)))


def _line(found: FoundLine) -> HistoryLine:
    line, (score, rank, among, tier) = found.line, said(found)
    about = (day_text(found.held_on), line.unit or found.owner, line.post, line.class_label)
    return HistoryLine(
        title=found.title,
        url=url_for("organizer.result", meeting_id=found.meeting_id),
        about=" · ".join(part for part in about if part),
        score=score,
        rank=rank if line.rank is None else f"{rank} / {among}",
        tier=tier,
        decisions=line.decisions,
    )
