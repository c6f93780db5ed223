"""How long ballots are kept, and their destruction (保存期与清除)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.archive import purging
from kaohe.operations.people.second_person import asks_for_two, propose
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.chair.second_person_block import SecondPersonBlock, purge_block
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import day_text, this_meeting
from kaohe.web.organizer.shell.posted import posted_whole


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


@organizer.route("/<meeting_id>/keeping", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.KEEP)
def keeping(meeting_id: str) -> ResponseReturnValue:
    """Show it, or change the months before publication and the day after it."""
    if request.method == "GET":
        return _shown(_page(meeting_id))
    actor = this_account().name
    try:
        if "months" in request.form:
            purging.change_keeping(actor, meeting_id, posted_whole("months", "保存期"))
        else:
            purging.change_purge_day(actor, meeting_id, _posted_day(), request.form.get("reason", ""))
    except KaoheError as error:
        return _shown(_page(meeting_id, error))
    flash("已保存。", "good")
    return redirect(url_for("organizer.keeping", meeting_id=meeting_id), 303)


@organizer.post("/<meeting_id>/purge")
@audience(Audience.ORGANIZER, act=Act.PURGE)
def purge(meeting_id: str) -> ResponseReturnValue:
    """Destroy the ballots; the counts stay."""
    reason = request.form.get("reason", "")
    try:
        if request.form.get("archived") != "yes":
            raise FieldInvalid("请先导出归档包并勾选确认：清除之后不能再导出。")
        if asks_for_two(meeting_id):
            purging.require_purgeable(meeting_id, forced_reason=reason)
            propose(this_account(), meeting_id, Act.PURGE, reason)
            done = "已提出清除选票，请另一人登录自己的账号确认。"
        else:
            done = purged_text(purging.purge_meeting(this_account().name, meeting_id, forced_reason=reason))
    except KaoheError as error:
        return keeping_refused(meeting_id, error)
    flash(done, "good")
    return redirect(url_for("organizer.keeping", meeting_id=meeting_id), 303)


def purged_text(count: int) -> str:
    """That it is done."""
    return f"已清除 {count} 张选票和全部意见建议、回执、票码；票数和结果照旧。"


def keeping_refused(meeting_id: str, error: KaoheError) -> ResponseReturnValue:
    """The page with the reason why something was refused."""
    return _shown(_page(meeting_id, error))


def _page(meeting_id: str, error: KaoheError | None = None) -> KeepingPage:
    setup, held = this_meeting(meeting_id)
    frame = frame_of(setup, held, "chair")
    kept = purging.load_keeping(meeting_id)
    return KeepingPage(
        frame=frame,
        refusal=refusal_of(error) if error else None,
        months_text=request.form.get("months", str(kept.months)),
        day_text=day_text(kept.purge_on),
        day_value=kept.purge_on.isoformat() if kept.purge_on else "",
        is_due=kept.is_due,
        is_purged=kept.is_purged,
        has_nothing=not frame.takes_ballots and held.number == 1,
        count_text=str(kept.ballot_count),
        reason=request.form.get("reason", ""),
        second=purge_block(setup, held),
    )


def _posted_day() -> date | None:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return None


def _shown(page: KeepingPage) -> ResponseReturnValue:
    return render_template("organizer/chair/keeping.html", page=page), reply_code(page.refusal)
