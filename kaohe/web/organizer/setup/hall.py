"""What the hall sees while voting is open, who holds the key of the box, and how tickets are handed out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from kaohe.domain.envelopes import fingerprint
from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.key_shares import SHARE_COUNT
from kaohe.domain.meetings import Custody, MeetingSetup, Round
from kaohe.domain.permissions import Act
from kaohe.domain.voting_mode import takes_ballots
from kaohe.intake.emblems import read_emblem
from kaohe.operations.setup.key import SharesState, load_shares
from kaohe.operations.setup.preparing import (
    change_emblem,
    change_hall,
    change_wireless,
    load_emblem_digest,
    load_meeting,
    load_wireless,
    stage_code,
)
from kaohe.web.access import this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import ChoiceField, DeskForm, Option, UploadField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.hall_words import (
    FIRST_CHOICES,
    HALL_WAYS,
    TWO_PEOPLE_HINT,
    HallChoice,
    hall_choice,
    two_people_acts,
)

_NOT_CHOSEN = "请选择看实时票数，还是由监票人保管钥匙，再保存。"
_INSTANT_LABEL = "我已了解：逐票更新时，旁人可能看出某张票投了什么"
_INSTANT_HINT = "选择“逐票更新”的，须在这里确认。手机上、说明页和大屏都会如实写明。"
_UNCONFIRMED = "逐票更新时，旁人可能看出某张票投了什么。确要采用，请勾选“我已了解”后再保存；否则请改选其他方式。"
_NO_SHARED_HINT = "全部发放二维码票，一人一张。"
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


class WirelessForm(DeskForm):
    """The wireless network that phones join in the hall."""

    name = StringField(
        "名称（SSID）", render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    )
    password = StringField(
        "密码",
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "data-unkept": True},
    )


class EmblemForm(DeskForm):
    """A picture that is to be the unit's emblem on the wall."""

    file = UploadField()


@dataclass(frozen=True, slots=True)
class HallPage:
    """The choices, each with what it means in a sentence."""

    frame: MeetingFrame
    version: str
    choices: tuple[Option, ...]
    """The two answers of the question."""
    other_choices: tuple[Option, ...]
    """The rarer ways, folded below."""
    opens_others: bool
    """Whether one of the rarer ways is chosen, so that the fold stands open."""
    instant: Option
    """The second confirmation that showing every ballot as it comes asks for."""
    shared: tuple[Option, ...]
    ballot_list: Option
    two_people: Option
    wireless: WirelessForm
    emblem_url: str
    """Where the emblem comes from; '' where there is none."""
    key: KeyCeremony | None
    """None while the server holds the key."""
    refusal: Refusal | None


def _confirms_instant(form: HallForm, field: BooleanField) -> None:
    """Refuse the view that shows every ballot as it comes, unless that was confirmed beside the choice."""
    if form.hall_choice.data is HallChoice.INSTANT and not field.data:
        raise ValidationError(_UNCONFIRMED)


class HallForm(DeskForm):
    """The choices of the step, saved together."""

    hall_choice = ChoiceField("大屏与钥匙", HallChoice, _NOT_CHOSEN)
    instant_confirmed = BooleanField("逐票更新", [_confirms_instant])
    shared_group = StringField("一会一码", default="")
    ballot_list = BooleanField("整票清单")
    two_people = BooleanField("两人操作")


@organizer.get("/<meeting_id>/hall", act=Act.PREPARE)
def hall(meeting_id: str) -> ResponseReturnValue:
    """Show the choices; with the tellers' custody the key ceremony follows on the same page."""
    return hall_shown(hall_page(meeting_id))


@organizer.post("/<meeting_id>/hall", act=Act.PREPARE)
def save_hall(meeting_id: str) -> ResponseReturnValue:
    """Store the choices, and go on to the ceremony where it is still to come."""
    form = HallForm()
    try:
        form.checked()
        way = HALL_WAYS[form.hall_choice.data]
        change_hall(
            this_account().name,
            meeting_id,
            form.expected().on_version(),
            hall_view=way.hall_view,
            custody=way.custody,
            shared_group=form.shared_group.data or None,
            ballot_list_wanted=form.ballot_list.data,
            two_people=form.two_people.data,
        )
    except KaoheError as error:
        return hall_shown(hall_page(meeting_id, error, form))
    setup, this_round = load_meeting(meeting_id)
    if not takes_ballots(setup.full_scheme):
        return after_saving(meeting_id, "hall", "check")
    needs_key = setup.custody is Custody.TELLERS and not this_round.key_proven
    return after_saving(meeting_id, "hall", "hall" if needs_key else "tickets")


@organizer.post("/<meeting_id>/hall/wireless", act=Act.PREPARE)
def save_wireless(meeting_id: str) -> ResponseReturnValue:
    """Say which wireless network phones join."""
    form = WirelessForm()
    return acted(
        lambda actor: change_wireless(actor, meeting_id, form.name.data or "", form.password.data or ""),
        "已保存，大屏的“欢迎”画面会显示怎样连接。",
        back=url_for("organizer.hall", meeting_id=meeting_id),
        refused=lambda refusal: hall_shown(replace(hall_page(meeting_id, wireless=form), refusal=refusal)),
    )


@organizer.post("/<meeting_id>/hall/emblem", act=Act.PREPARE, takes_file=True)
def save_emblem(meeting_id: str) -> ResponseReturnValue:
    """Let the wall carry the emblem that was uploaded."""
    file = EmblemForm().file.data

    def act(actor: str) -> None:
        if file is None:
            raise FieldInvalid("请选择徽标的图片文件。")
        change_emblem(actor, meeting_id, read_emblem(file.read()))

    return _emblem_acted(meeting_id, act, "徽标已保存，大屏上显示在单位名称旁。")


@organizer.post("/<meeting_id>/hall/emblem/removed", act=Act.PREPARE)
def remove_emblem(meeting_id: str) -> ResponseReturnValue:
    """Let the wall carry no emblem."""
    return _emblem_acted(meeting_id, lambda actor: change_emblem(actor, meeting_id, None), "大屏不再显示徽标。")


def _emblem_acted(meeting_id: str, act: Callable[[str], None], done: str) -> ResponseReturnValue:
    return acted(
        act,
        done,
        back=url_for("organizer.hall", meeting_id=meeting_id),
        refused=lambda refusal: hall_shown(replace(hall_page(meeting_id), refusal=refusal)),
    )


def _emblem_url(meeting_id: str) -> str:
    digest = load_emblem_digest(meeting_id)
    if not digest:
        return ""
    return url_for("projector.emblem", meeting_id=meeting_id, code=stage_code(meeting_id), digest=digest)


def hall_page(
    meeting_id: str,
    error: KaoheError | None = None,
    form: HallForm | None = None,
    *,
    typed_key: str = "",
    wireless: WirelessForm | None = None,
) -> HallPage:
    """The page of this step, with a refusal on it; ``form`` shows the posted choices instead of the stored."""
    setup, this_round = load_meeting(meeting_id)
    has_votes = takes_ballots(setup.full_scheme)
    stored = {
        "version": str(setup.version),
        "hall_choice": hall_choice(setup),
        "instant_confirmed": hall_choice(setup) is HallChoice.INSTANT,
        "shared_group": setup.shared_group or "",
        "ballot_list": setup.ballot_list_wanted,
        "two_people": setup.two_people,
    }
    stored_wireless = load_wireless(meeting_id)
    said = {"name": stored_wireless.name, "password": stored_wireless.password}
    form = form or HallForm(formdata=None, data=stored)
    chosen = form.hall_choice.data
    return HallPage(
        frame=frame_of(setup, this_round, "hall"),
        version=form.version.data,
        choices=tuple(_way_option(choice, chosen) for choice in FIRST_CHOICES),
        other_choices=tuple(_way_option(choice, chosen) for choice in HallChoice if choice not in FIRST_CHOICES),
        opens_others=chosen is not None and chosen not in FIRST_CHOICES,
        instant=Option("1", _INSTANT_LABEL, is_chosen=form.instant_confirmed.data, hint=_INSTANT_HINT),
        shared=_shared_options(setup, form.shared_group.data),
        ballot_list=Option("1", "需要整票清单", is_chosen=form.ballot_list.data, hint=_LIST_HINT),
        two_people=Option(
            "1",
            f"{two_people_acts(has_votes=has_votes)}须两人操作",
            is_chosen=form.two_people.data,
            hint=TWO_PEOPLE_HINT,
        ),
        wireless=wireless or WirelessForm(formdata=None, data=said),
        emblem_url=_emblem_url(meeting_id),
        key=_ceremony(setup, this_round, typed_key),
        refusal=refusal_of(error, setup.version) if error else None,
    )


def hall_shown(page: HallPage) -> ResponseReturnValue:
    """The reply of this step's page."""
    return render_template("organizer/setup/hall.html", page=page), reply_code(page.refusal)


def _way_option(choice: HallChoice, chosen: HallChoice | None) -> Option:
    way = HALL_WAYS[choice]
    return Option(str(choice), way.label, choice is chosen, way.hint)


def _shared_options(setup: MeetingSetup, chosen: str) -> tuple[Option, ...]:
    groups = tuple(
        Option(group.key, f"“{group.label}”使用一会一码", group.key == chosen)
        for group in setup.groups
        if not group.part_of
    )
    return (Option("", "不使用", not chosen, _NO_SHARED_HINT), *groups)


def _ceremony(setup: MeetingSetup, this_round: Round, typed: str) -> KeyCeremony | None:
    if setup.custody is not Custody.TELLERS:
        return None
    state = load_shares(setup.id)
    return KeyCeremony(
        fingerprint=fingerprint(this_round.public_key) if this_round.public_key else "",
        is_proven=this_round.key_proven,
        is_split=state is not None,
        shares=_share_words(state, is_proven=this_round.key_proven) if state else (),
        needs_typing=not this_round.key_proven or (state is not None and len(state.proven) < SHARE_COUNT),
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
