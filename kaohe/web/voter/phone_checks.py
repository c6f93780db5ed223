"""A page on which a phone tries what a ballot will need, before slips are printed. It keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for

from kaohe.domain.ballots import FIRST_STYLE
from kaohe.operations.hall.casting import load_polling
from kaohe.operations.setup.printing import CHECK_CODE
from kaohe.web.access import Audience, audience

phone_checks = Blueprint("phone_checks", __name__, url_prefix="/v")


@dataclass(frozen=True, slots=True)
class PhoneCheckPage:
    """What the page needs of the meeting; all else the phone finds out."""

    title: str
    unit: str
    code: str
    """What the fragment should bring, and the server should send back."""
    ballot_url: str


@phone_checks.get("/<meeting_id>/<style_key>/check")
@audience(Audience.VOTER)
def check(meeting_id: str, style_key: str) -> str:
    """The page; its script tries app, engine, fragment, storage, sealing, letters, and one way there and back."""
    style = load_polling(meeting_id, style_key).style
    url = url_for("voter.ballot", meeting_id=meeting_id, style_key=FIRST_STYLE)
    return render_template("voter/phone-check.html", page=PhoneCheckPage(style.title, style.unit, CHECK_CODE, url))


@phone_checks.post("/<meeting_id>/<style_key>/check")
@audience(Audience.VOTER)
def answer(meeting_id: str, style_key: str) -> Response:
    """Send back what was sent, as proof that a ballot would come through. Nothing of it is kept."""
    load_polling(meeting_id, style_key)
    return Response(request.form.get("code", "")[: len(CHECK_CODE)], mimetype="text/plain")
