"""What the hall sees while voting is open, who holds the key of the box, and how tickets are handed out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import render_template, request
from werkzeug.wrappers import Response

from kaohe.domain.envelopes import fingerprint
from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.key_shares import SHARE_COUNT
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, Round
from kaohe.domain.permissions import Act
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.setup.key_shares import SharesState, load_shares
from kaohe.operations.setup.preparing import change_hall
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.hall_words import CUSTODIES, TWO_PEOPLE_HINT, VIEWS, two_people_acts
from kaohe.web.organizer.shell.meeting import this_meeting
from kaohe.web.organizer.shell.posted import posted_version

_Choice = TypeVar("_Choice", bound=StrEnum)

_NO_SHARED_HINT = "全部发放纸质二维码票，一人一张。"
_LIST_HINT = "结果中附上每一张票的全部选择（已打乱，没有时间和票码）。即使如此，熟悉的人仍可能凭组合认出某一张票。"


@dataclass(frozen=True, slots=True)
class KeyCeremony:
    """How far the tellers' key has come: drawn up, proven, ready."""

    fingerprint: str
    """Empty until a key has been drawn up."""
    is_proven: bool
    is_split: bool
    shares: tuple[tuple[str, str, str], ...]
    """Where the key is split: (number, kind, word) of each of the three sheets."""
    needs_typing: bool
    """Whether a sheet is still to be tried."""
    typed: str
    """What was typed to prove it, kept when a part of it was wrong."""


@dataclass(frozen=True, slots=True)
class HallPage:
    """The choices, each with what it means in a sentence."""

    frame: MeetingFrame
    version: str
    views: tuple[Option, ...]
    custodies: tuple[Option, ...]
    shared: tuple[Option, ...]
    ballot_list: Option
    two_people: Option
    key: KeyCeremony | None
    """None while the server holds the key."""
    refusal: Refusal | None


@organizer.route("/<meeting_id>/hall", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def hall(meeting_id: str) -> Response | tuple[str, int]:
    """Show the choices, or save them; with the tellers' custody the key ceremony follows on the same page."""
    if request.method == "GET":
        return hall_page(meeting_id)
    try:
        custody = _chosen(Custody, "custody")
        change_hall(
            this_account().name,
            meeting_id,
            posted_version(),
            hall_view=_chosen(HallView, "hall_view"),
            custody=custody,
            shared_group=request.form.get("shared_group") or None,
            ballot_list_wanted="ballot_list" in request.form,
            two_people="two_people" in request.form,
        )
    except KaoheError as error:
        return hall_page(meeting_id, error, is_typed=True)
    setup, held = this_meeting(meeting_id)
    if not takes_ballots(setup.full_scheme):
        return after_saving(meeting_id, "hall", "check")
    needs_key = custody is Custody.TELLERS and not held.key_proven
    return after_saving(meeting_id, "hall", "hall" if needs_key else "tickets")


def hall_page(
    meeting_id: str, error: KaoheError | None = None, *, is_typed: bool = False, typed_key: str = ""
) -> tuple[str, int]:
    """The page of this step, with a refusal on it; ``is_typed`` shows the posted choices instead of the stored."""
    setup, held = this_meeting(meeting_id)
    has_votes = takes_ballots(setup.full_scheme)
    refusal = refusal_of(error, setup.version) if error else None
    posted = request.form if is_typed else None
    view = posted.get("hall_view", "") if posted else str(setup.hall_view)
    custody = posted.get("custody", "") if posted else str(setup.custody)
    shared = posted.get("shared_group", "") if posted else setup.shared_group or ""
    page = HallPage(
        frame=frame_of(setup, held, "hall"),
        version=request.form.get("version", str(setup.version)) if is_typed else str(setup.version),
        views=tuple(Option(str(v), label, str(v) == view, hint) for v, (label, hint) in VIEWS.items()),
        custodies=tuple(Option(str(key), label, str(key) == custody, hint) for key, (label, hint) in CUSTODIES.items()),
        shared=_shared_options(setup, shared),
        ballot_list=Option(
            "1",
            "需要整票清单",
            is_chosen="ballot_list" in posted if posted else setup.ballot_list_wanted,
            hint=_LIST_HINT,
        ),
        two_people=Option(
            "1",
            f"{two_people_acts(has_votes=has_votes)}须两人操作",
            is_chosen="two_people" in posted if posted else setup.two_people,
            hint=TWO_PEOPLE_HINT,
        ),
        key=_ceremony(setup, held, typed_key),
        refusal=refusal,
    )
    return render_template("organizer/setup/hall.html", page=page), reply_code(refusal)


def _shared_options(setup: MeetingSetup, chosen: str) -> tuple[Option, ...]:
    groups = tuple(Option(group.key, f"“{group.label}”使用一会一码", group.key == chosen) for group in setup.groups)
    return (Option("", "不使用", not chosen, _NO_SHARED_HINT), *groups)


def _ceremony(setup: MeetingSetup, held: Round, typed: str) -> KeyCeremony | None:
    if setup.custody is not Custody.TELLERS:
        return None
    state = load_shares(setup.id)
    return KeyCeremony(
        fingerprint=fingerprint(held.public_key) if held.public_key else "",
        is_proven=held.key_proven,
        is_split=state is not None,
        shares=_share_words(state, is_proven=held.key_proven) if state else (),
        needs_typing=not held.key_proven or (state is not None and len(state.proven) < SHARE_COUNT),
        typed=typed,
    )


def _share_words(state: SharesState, *, is_proven: bool) -> tuple[tuple[str, str, str], ...]:
    def word(number: int) -> tuple[str, str]:
        if number not in state.proven:
            return "todo", "还没有输入"
        if is_proven:
            return "done", "已试开"
        return (
            ("waiting", "已输入，等另一张")
            if number == state.waiting_number
            else ("todo", "已过 15 分钟，请再输入一遍")
        )

    return tuple((str(number), *word(number)) for number in range(1, SHARE_COUNT + 1))


def _chosen(choices: type[_Choice], name: str) -> _Choice:
    try:
        return choices(request.form.get(name, ""))
    except ValueError as error:
        raise FieldInvalid("请在每一组里选择一项，再保存。") from error
