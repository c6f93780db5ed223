"""The page on which the files of many meetings are taken at once (成批归档)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PACKED_MEETINGS, TITLE_LENGTH
from kaohe.domain.meetings import Shelf
from kaohe.domain.permissions import Act
from kaohe.domain.unit_years import years_to_find
from kaohe.operations.archive.packing import PackedRound, packing_text
from kaohe.operations.people.units import unit_names
from kaohe.operations.setup.preparing import list_meetings
from kaohe.storage.meetings import MeetingLine
from kaohe.web.access import may_now, this_account, this_reach
from kaohe.web.asked import asked_number

_BEGINS = "正在准备打包……"
_MOST_ASKED = 10
"""So often a page asks for a packing that has not begun on this server."""


@dataclass(frozen=True, slots=True)
class PackedMeeting:
    """A meeting to tick."""

    id: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a packing is at; it asks for itself anew where ``url`` says how."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class PackingPage:
    """The meetings with a result that match, all of them ticked."""

    meetings: Sequence[PackedMeeting]
    sought: str
    year: str
    years: Sequence[str]
    job: str
    """Tells this page's packing from others."""
    progress_url: str
    count_text: str


def packing_page() -> PackingPage:
    """The page for whoever asks: the meetings whose files they may take, by the words and the year of the address."""
    sought, year = request.args.get("sought", "")[:TITLE_LENGTH], str(asked_number("year") or "")
    lines, names = _takeable(), unit_names(this_reach())
    years = {line.id: set(map(str, years_to_find(line))) for line in lines}
    words = sought.casefold().split()
    found = [
        line
        for line in _packed_meetings(lines, names)
        if (not year or year in years[line.id])
        and all(word in f"{line.title} {line.about}".casefold() for word in words)
    ]
    job = secrets.token_urlsafe(9)
    shown = f"共 {len(found)} 场会议有结果文件"
    if len(found) > PACKED_MEETINGS:
        shown += f"，这里列出最近的 {PACKED_MEETINGS} 场，请按名称、单位或年份缩小范围"
    return PackingPage(
        meetings=found[:PACKED_MEETINGS],
        sought=sought,
        year=year,
        years=sorted({each for found in years.values() for each in found} | {year} - {""}, reverse=True),
        job=job,
        progress_url=url_for("documents.packing", job=job),
        count_text=f"{shown}。",
    )


def chosen_rounds(meeting_ids: Collection[str]) -> list[PackedRound]:
    """The latest rounds of the ticked meetings, in the order of the list.

    Raises:
        FieldInvalid: nothing is ticked, too much, or what is not there to be taken.
    """
    chosen = [
        PackedRound(line.id, with_ballots=may_now(Act.TAKE_BALLOTS, line.state))
        for line in _takeable()
        if line.id in meeting_ids
    ]
    if not chosen:
        raise FieldInvalid("请至少勾选一场有结果的会议。")
    if len(chosen) < len(set(meeting_ids)):
        raise FieldInvalid("勾选的会议中有的已不在列表里，没有打包。请刷新页面，重新勾选。")
    if len(chosen) > PACKED_MEETINGS:
        raise FieldInvalid(f"一次最多打包 {PACKED_MEETINGS} 场会议，请分几次打包。")
    return chosen


def own_job(name: str) -> str:
    """A packing's name within this server, which nobody else's page asks for."""
    return f"{this_account().name} {name[:40]}"


def progress() -> Progress:
    """What the packing that the address names is at."""
    name, asked = request.args.get("job", ""), request.args.get("asked", 0, int)
    text, has_ended = packing_text(own_job(name))
    if asked and (has_ended or asked > _MOST_ASKED):
        return Progress(text, "")
    # What is asked first, at the press of the button, may come before the packing, and would hear of the last one.
    kept: dict[str, Any] = {"job": name[:40], "asked": asked + (not text or not asked)}
    return Progress(text if asked and text else _BEGINS, url_for("documents.packing", **kept))


def _takeable() -> list[MeetingLine]:
    lines = list_meetings(this_reach(), [Shelf.CURRENT, Shelf.ARCHIVED])
    return [line for line in lines if may_now(Act.TAKE_DOCUMENTS, line.state)]


def _packed_meetings(lines: Sequence[MeetingLine], names: dict[str, str]) -> Sequence[PackedMeeting]:
    return [
        PackedMeeting(
            line.id,
            line.title,
            " · ".join(
                part for part in (line.held_on.isoformat() if line.held_on else "", *_units_of(line, names)) if part
            ),
        )
        for line in lines
    ]


def _units_of(line: MeetingLine, names: dict[str, str]) -> tuple[str, ...]:
    """The unit that a meeting belongs to, and the one that its sheets print where that is another one."""
    own = names.get(line.unit_id, "")
    return (own,) if own.endswith(line.unit) else (own, line.unit)
