"""The result on the console (测评结果), and the record of acts (操作记录)."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from kaohe.domain.permissions import Act
from kaohe.web.access import Audience, audience
from kaohe.web.organizer.results.events_page import events_page
from kaohe.web.organizer.results.result_page import result_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import reply_code


@organizer.get("/<meeting_id>/result")
@audience(Audience.ORGANIZER, act=Act.SEE_RESULT)
def result(meeting_id: str) -> ResponseReturnValue:
    """Scores, shares and ranks of a counted round; the numbers of every round."""
    page = result_page(meeting_id, request.args.get("round", type=int), request.args.get("version", type=int))
    return render_template("organizer/results/result.html", page=page), reply_code(page.refusal)


@organizer.get("/<meeting_id>/events")
@audience(Audience.ORGANIZER, act=Act.SEE_RECORD)
def events(meeting_id: str) -> str:
    """Who prepared, opened, closed and counted, and when."""
    return render_template("organizer/results/events.html", page=events_page(meeting_id))
