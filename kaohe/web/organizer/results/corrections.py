"""A published result is corrected (更正): what has changed since, the reason, and every version that there was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.count.correcting import Correction, correct_result, list_versions, load_correction
from kaohe.operations.people.second_person import asks_for_two, propose
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.clock import moment_text
from kaohe.web.access import this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of


class CorrectForm(DeskForm):
    """Why a published result is corrected."""

    reason = StringField(default="")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of the result, and the page that shows it."""

    label: str
    since: str
    reason: str
    url: str
    is_latest: bool


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """What would be corrected, and every version that there was."""

    frame: MeetingFrame
    refusal: Refusal | None
    correction: Correction | None
    """None where the result is not published, or cannot be shown."""
    versions: Sequence[VersionLine]
    has_inputs: bool
    reason: str
    needs_second: bool


@organizer.get("/<meeting_id>/corrections", act=Act.CORRECT)
def corrections(meeting_id: str) -> ResponseReturnValue:
    """Show what has changed since the publication, and the versions."""
    return _shown(_page(meeting_id))


@organizer.post("/<meeting_id>/corrections", act=Act.CORRECT)
def correct(meeting_id: str) -> ResponseReturnValue:
    """Publish what has changed as a new version, or propose it where two people are asked for."""
    reason = CorrectForm().reason.data

    def act(actor: str) -> str:
        if asks_for_two(meeting_id):
            propose(this_account(), meeting_id, Act.CORRECT, reason)
            return "已提出更正，请另一人登录自己的账号，在主持页面确认。"
        return f"已更正，现为第 {correct_result(actor, meeting_id, reason)} 版；原来的一版保留并印“已更正”。"

    return acted(
        act,
        back=url_for("organizer.corrections", meeting_id=meeting_id),
        refused=lambda refusal: _shown(_page(meeting_id, refusal, reason)),
    )


def _page(meeting_id: str, refusal: Refusal | None = None, reason: str = "") -> CorrectionsPage:
    setup, this_round = load_meeting(meeting_id)
    correction = None
    try:
        correction = load_correction(meeting_id)
    except KaoheError as error:
        refusal = refusal or refusal_of(error)
    versions = list_versions(meeting_id)
    return CorrectionsPage(
        frame=frame_of(setup, this_round, "corrections"),
        refusal=refusal,
        correction=correction,
        versions=[
            VersionLine(
                label=f"第 {each.number} 版",
                since=moment_text(each.since),
                reason=each.reason,
                url=url_for("organizer.result", meeting_id=meeting_id, version=each.number),
                is_latest=each is versions[-1],
            )
            for each in versions
        ],
        has_inputs=any(step.name == "inputs" for step in frame_of(setup, this_round, "").steps),
        reason=reason,
        needs_second=setup.two_people,
    )


def _shown(page: CorrectionsPage) -> ResponseReturnValue:
    return render_template("organizer/results/corrections.html", page=page), reply_code(page.refusal)
