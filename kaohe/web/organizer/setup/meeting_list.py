"""The list of meetings: sought, by state and year, page by page, and what is archived or deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.meetings import EXAMPLE_MARK, MeetingState, Shelf
from kaohe.domain.permissions import Act
from kaohe.domain.state_words import state_word
from kaohe.domain.unit_years import years_to_find
from kaohe.operations.people.units import unit_names
from kaohe.operations.setup.preparing import list_meetings, put_meeting
from kaohe.storage.meetings import MeetingLine
from kaohe.web.access import may_now, this_account, this_reach
from kaohe.web.asked import asked_number, asked_one_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.lists import Paging, paging
from kaohe.web.organizer.shell.meeting import StateChip, chair_word, day_text, state_chip
from kaohe.web.organizer.shell.parts import moved, shown

_NEXT_ACTS = {
    MeetingState.DRAFT: ("check", "继续筹备"),
    MeetingState.OPEN: ("chair", ""),
    MeetingState.CLOSED: ("chair", "去计票"),
    MeetingState.COUNTED: ("result", "查看结果"),
    MeetingState.PUBLISHED: ("result", "查看结果"),
    MeetingState.PURGED: ("result", "查看结果"),
}
"""Where a meeting goes on, and the word for it; the chair's page has its own where none is given."""
_TO_COMPUTE = "去汇总"
"""The word for a count without ballots."""

_SEEN_AT_ONCE = 8
"""As many lines of the list as a screen shows."""
_LINES_OF_A_PAGE = 50
_KEPT_ON_THE_WAY = ("sought", "state", "year", "shelf")
"""What the next page of the list asks for as well."""
_SHELVES = {Shelf.CURRENT: "在列", Shelf.ARCHIVED: "已归档", Shelf.DELETED: "已删除"}
_DONE = {Shelf.CURRENT: "已放回列表", Shelf.ARCHIVED: "已归档", Shelf.DELETED: "已删除"}

_SEEN_BY = {
    "check": Act.PREPARE,
    "chair": Act.SEE_BOARD,
    "result": Act.SEE_RESULT,
    "inputs": Act.BRING_INPUTS,
}


@dataclass(frozen=True, slots=True)
class ListedMeeting:
    """One line of the list."""

    title: str
    subtitle: str
    state: StateChip
    url: str
    act: str
    """What is to be done next."""
    copy_url: str
    """Where another one is made like it; '' for whoever may not."""
    put_url: str
    """Where it is archived, deleted or put back; '' where it stays."""
    put_act: str
    is_within: bool
    """Whether it is a vote on the spot, which stands below its meeting."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A meeting that has just gone to another place of the list, and the way back."""

    text: str
    undo_url: str


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """One page of the meetings of which there is something to see, the newest first."""

    meetings: tuple[ListedMeeting, ...]
    sought: str
    can_search: bool
    """Whether there are more of them than are seen at once."""
    may_create: bool
    may_pack: bool
    """Whether there are results whose files may be taken."""
    states: tuple[Option, ...]
    years: tuple[Option, ...]
    shelves: tuple[Option, ...]
    """The places of the list; none where nothing was ever archived or deleted."""
    shelf: str
    moved: Moved | None
    paging: Paging


@organizer.get("/", act=Act.ENTER)
def meetings() -> str | Response:
    """Show the meetings with their state and what is to be done next; who may not goes on to the server's page.

    ``sought`` leaves those whose name, unit or day holds every word of it, ``state`` and ``year`` those in it;
    ``shelf`` says from which place of the list, and ``page`` which page of it.
    """
    if not may_now(Act.LIST_MEETINGS):
        return redirect(url_for("organizer.installation" if may_now(Act.RUN_INSTALLATION) else "organizer.accounts"))
    names = unit_names(this_reach())
    seen = [line for line in list_meetings(this_reach(), [*Shelf]) if _next_page(line) is not None]
    shelf = Shelf(asked_one_of("shelf", set(Shelf), Shelf.CURRENT))
    state, year = asked_one_of("state", set(MeetingState)), str(asked_number("year") or "")
    sought = request.args.get("sought", "")[:TITLE_LENGTH]
    words = sought.casefold().split()
    here = [line for line in seen if line.shelf is shelf]
    found = [
        each
        for line in _nested([line for line in here if _is_in(line, state, year)])
        for each in [_listed(line, names.get(line.unit_id, ""))]
        if all(word in f"{each.title} {each.subtitle}".casefold() for word in words)
    ]
    kept = {name: request.args.get(name, "") for name in _KEPT_ON_THE_WAY}
    pages = paging("organizer.meetings", len(found), _LINES_OF_A_PAGE, **kept)
    page = MeetingsPage(
        tuple(found[pages.start : pages.end]),
        sought=sought,
        can_search=len(here) > _SEEN_AT_ONCE or bool(words or state or year),
        may_create=may_now(Act.CREATE_MEETING),
        may_pack=any(may_now(Act.TAKE_DOCUMENTS, line.state) for line in here),
        states=_states(state),
        years=_years(here, year),
        shelves=_shelves(seen, shelf),
        shelf=str(shelf),
        moved=_moved(seen),
        paging=pages,
    )
    return shown("organizer/setup/meetings.html", parts=("meetings",), page=page)


def _is_in(line: MeetingLine, state: str, year: str) -> bool:
    return (not year or year in map(str, years_to_find(line))) and (not state or line.state == state)


def _nested(lines: Sequence[MeetingLine]) -> list[MeetingLine]:
    """The lines, each vote on the spot below the meeting within which it is held, where that is listed."""
    there = {line.id for line in lines}
    within: dict[str, list[MeetingLine]] = {}
    for line in lines:
        if line.spot_of in there:
            within.setdefault(line.spot_of or "", []).append(line)
    return [each for line in lines if line.spot_of not in there for each in (line, *within.get(line.id, ()))]


def _states(chosen: str) -> tuple[Option, ...]:
    words = [(str(state), state_word(state, is_paused=False, has_votes=True)) for state in MeetingState]
    return tuple(Option(value, word, value == chosen) for value, word in [("", "全部状态"), *words])


def _years(lines: Sequence[MeetingLine], chosen: str) -> tuple[Option, ...]:
    years = sorted({str(year) for line in lines for year in years_to_find(line)} | {chosen} - {""}, reverse=True)
    return tuple(
        Option(value, word, value == chosen) for value, word in [("", "全部年份"), *((y, f"{y} 年") for y in years)]
    )


def _shelves(seen: Sequence[MeetingLine], chosen: Shelf) -> tuple[Option, ...]:
    if all(line.shelf is Shelf.CURRENT for line in seen):
        return ()
    return tuple(
        Option(str(shelf), f"{word} {sum(line.shelf is shelf for line in seen)}", shelf is chosen)
        for shelf, word in _SHELVES.items()
    )


def _moved(seen: Sequence[MeetingLine]) -> Moved | None:
    line = next((line for line in seen if line.id == request.args.get("moved")), None)
    if line is None:
        return None
    back = "" if line.shelf is Shelf.CURRENT else url_for("organizer.put_back", meeting_id=line.id)
    return Moved(f"{_DONE[line.shelf]}：{line.title}", back)


def _next_page(line: MeetingLine) -> tuple[str, str] | None:
    """Where the person who looks goes on, and the word for it; None where nothing of the meeting is to be seen."""
    for endpoint, word in (_NEXT_ACTS[line.state], ("chair", ""), ("result", "查看结果"), ("inputs", "成绩与认定")):
        if may_now(_SEEN_BY[endpoint], line.state):
            if line.state is MeetingState.CLOSED and not line.takes_ballots and word:
                word = _TO_COMPUTE  # noqa: PLW2901 -- the same way, said otherwise
            return endpoint, word or chair_word(line.state, has_votes=line.takes_ballots)
    return None


def _listed(line: MeetingLine, owner: str) -> ListedMeeting:
    endpoint, word = _next_page(line) or ("chair", "")
    # Where the meeting's own words end in the owner's name, the path says it once.
    unit = owner if owner.endswith(line.unit) else " · ".join(part for part in (owner, line.unit) if part)
    later_round = f"第 {line.round_number} 轮" if line.round_number > 1 else ""
    about = ("现场票决" if line.spot_of else "", unit or line.unit, day_text(line.held_on), later_round)
    put_url, put_act = _put(line)
    return ListedMeeting(
        title=line.title,
        subtitle=" · ".join(part for part in about if part),
        state=state_chip(line.state, is_paused=line.is_paused, has_votes=line.takes_ballots),
        url=url_for(f"organizer.{endpoint}", meeting_id=line.id),
        act=word,
        copy_url=url_for("organizer.copy", meeting_id=line.id) if may_now(Act.COPY_MEETING, line.state) else "",
        put_url=put_url,
        put_act=put_act,
        is_within=line.spot_of is not None,
    )


def _put(line: MeetingLine) -> tuple[str, str]:
    """Where a meeting is put away or back, and the word for it; ('', '') where it stays."""
    if not may_now(Act.PUT_AWAY, line.state):
        return "", ""
    if line.shelf is not Shelf.CURRENT:
        return url_for("organizer.put_back", meeting_id=line.id), "放回列表"
    if line.state is MeetingState.DRAFT or line.title.startswith(EXAMPLE_MARK):
        return url_for("organizer.delete_meeting", meeting_id=line.id), "删除"
    if line.state in (MeetingState.PUBLISHED, MeetingState.PURGED):
        return url_for("organizer.archive", meeting_id=line.id), "归档"
    return "", ""


@organizer.post("/<meeting_id>/archive", act=Act.PUT_AWAY)
def archive(meeting_id: str) -> ResponseReturnValue:
    """Take a meeting that was held and published off the list of those at hand."""
    return _put_on(meeting_id, Shelf.ARCHIVED)


@organizer.post("/<meeting_id>/delete", act=Act.PUT_AWAY)
def delete_meeting(meeting_id: str) -> ResponseReturnValue:
    """Take a draft or an example off the list."""
    return _put_on(meeting_id, Shelf.DELETED)


@organizer.post("/<meeting_id>/put-back", act=Act.PUT_AWAY)
def put_back(meeting_id: str) -> ResponseReturnValue:
    """Put a meeting back on the list of those at hand."""
    return _put_on(meeting_id, Shelf.CURRENT)


def _put_on(meeting_id: str, shelf: Shelf) -> ResponseReturnValue:
    put_meeting(this_account().name, meeting_id, shelf)
    return moved(url_for("organizer.meetings", moved=meeting_id))
