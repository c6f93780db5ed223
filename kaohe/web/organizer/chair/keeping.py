"""How long ballots are kept, and their destruction (保存期与清除)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Optional

from kaohe.domain.permissions import Act
from kaohe.operations.archive import purging
from kaohe.operations.people.second_person import asks_for_two, propose
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.access import this_account
from kaohe.web.organizer.chair.second_person_block import SecondPersonBlock, purge_block
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DayField, DeskForm, WholeField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import day_text


class MonthsForm(DeskForm):
    """How long after the publication."""

    months = WholeField("保存期")


class PurgeDayForm(DeskForm):
    """Another day, and why."""

    day = DayField(validators=[Optional()])
    reason = StringField(default="")


class PurgeForm(DeskForm):
    """That the bundle has been taken out, and why the ballots go before their day."""

    reason = StringField(default="")
    archived = BooleanField(validators=[DataRequired("请先导出归档包并勾选确认：清除之后导出的归档包里没有选票。")])


@dataclass(frozen=True, slots=True)
class KeepingPage:
    """The day, what is still there, and the ways to move the one and destroy the other."""

    frame: MeetingFrame
    refusal: Refusal | None
    months_text: str
    day_text: str
    """Empty before publication."""
    day_value: str
    is_due: bool
    is_purged: bool
    has_nothing: bool
    """Whether there are no ballots, and none will come: nobody votes here."""
    count_text: str
    reason: str
    second: SecondPersonBlock
    """Where the meeting asks for two people: who has proposed to destroy the ballots."""


@organizer.get("/<meeting_id>/keeping", act=Act.KEEP)
def keeping(meeting_id: str) -> ResponseReturnValue:
    """What is kept, and until when."""
    return keeping_shown(meeting_id)


@organizer.post("/<meeting_id>/keeping/months", act=Act.KEEP)
def change_keeping(meeting_id: str) -> ResponseReturnValue:
    """Say, before the publication, how many months the ballots are kept after it."""
    form = MonthsForm()
    return _acted(
        meeting_id,
        lambda actor: purging.change_keeping(actor, meeting_id, form.checked().months.data),
        "已保存。",
        months=form.months.typed,
    )


@organizer.post("/<meeting_id>/keeping/day", act=Act.KEEP)
def change_purge_day(meeting_id: str) -> ResponseReturnValue:
    """Move, after the publication, the day from which the ballots may be destroyed."""

    def act(actor: str) -> None:
        form = PurgeDayForm().checked()
        purging.change_purge_day(actor, meeting_id, form.day.data, form.reason.data)

    return _acted(meeting_id, act, "已保存。")


@organizer.post("/<meeting_id>/purge", act=Act.PURGE)
def purge(meeting_id: str) -> ResponseReturnValue:
    """Destroy the ballots; the counts stay."""
    form = PurgeForm()
    reason = form.reason.data

    def act(actor: str) -> str:
        form.checked()
        if asks_for_two(meeting_id):
            purging.require_purgeable(meeting_id, forced_reason=reason)
            propose(this_account(), meeting_id, Act.PURGE, reason)
            return "已提出清除选票，请另一人登录自己的账号确认。"
        return purged_text(purging.purge_meeting(actor, meeting_id, forced_reason=reason))

    return _acted(meeting_id, act, reason=reason)


def purged_text(count: int) -> str:
    """The sentence after the purge: what was destroyed, and what stays."""
    return f"已清除 {count} 张选票和全部意见建议、回执、票码；票数和结果照旧。"


def keeping_shown(
    meeting_id: str, refusal: Refusal | None = None, *, months: str = "", reason: str = ""
) -> ResponseReturnValue:
    """The page, with what was typed where it was refused."""
    setup, this_round = load_meeting(meeting_id)
    frame = frame_of(setup, this_round, "chair")
    kept = purging.load_keeping(meeting_id)
    page = KeepingPage(
        frame=frame,
        refusal=refusal,
        months_text=months or str(kept.months),
        day_text=day_text(kept.purge_on),
        day_value=kept.purge_on.isoformat() if kept.purge_on else "",
        is_due=kept.is_due,
        is_purged=kept.is_purged,
        has_nothing=not frame.takes_ballots and this_round.number == 1,
        count_text=str(kept.ballot_count),
        reason=reason,
        second=purge_block(setup, this_round),
    )
    return render_template("organizer/chair/keeping.html", page=page), reply_code(refusal)


def _acted(
    meeting_id: str, act: Callable[[str], str | None], done: str = "", *, months: str = "", reason: str = ""
) -> ResponseReturnValue:
    return acted(
        act,
        done,
        back=url_for("organizer.keeping", meeting_id=meeting_id),
        refused=lambda refusal: keeping_shown(meeting_id, refusal, months=months, reason=reason),
    )
