"""Check and rehearse (检查与试投): all that is missing at once, and a trial vote on the organizer's own phone."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.setup import rehearsing
from kaohe.web.access import this_account
from kaohe.web.organizer.setup.check_page import CheckPage, check_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.parts import shown


@organizer.get("/<meeting_id>/check", act=Act.PREPARE)
def check(meeting_id: str) -> ResponseReturnValue:
    """The check list, the rehearsal, and the way to open."""
    return _shown(check_page(meeting_id))


@organizer.post("/<meeting_id>/rehearsal", act=Act.REHEARSE)
def start_rehearsal(meeting_id: str) -> ResponseReturnValue:
    """Make the trial tickets."""
    try:
        rehearsing.start_rehearsal(this_account().name, meeting_id)
    except KaoheError as error:
        return _shown(check_page(meeting_id, refusal_of(error)))
    return _back(meeting_id)


@organizer.post("/<meeting_id>/rehearsal/wipe", act=Act.REHEARSE)
def wipe_rehearsal(meeting_id: str) -> ResponseReturnValue:
    """Take the trial away, tickets and ballots."""
    rehearsing.wipe_rehearsal(this_account().name, meeting_id)
    flash("试投的票和数据已全部清除，正式测评不受影响。", "good")
    return _back(meeting_id)


def _back(meeting_id: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.check", meeting_id=meeting_id, _anchor="rehearsal"), 303)


def _shown(page: CheckPage) -> ResponseReturnValue:
    template = "organizer/setup/check.html"
    return shown(template, reply_code(page.refusal), parts=("checks",), frame=page.frame, page=page)
