"""The key ceremony: the tellers' key is drawn up, printed once, and proven before voting may start."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.envelopes import fingerprint, read_key
from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.preparing import draw_up_key, prove_key
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.web.access import Audience, audience, may_now, this_account
from kaohe.web.organizer.blueprint import organizer
from kaohe.web.organizer.chair_page import chair_page
from kaohe.web.organizer.frame import MeetingFrame, meeting_frame
from kaohe.web.organizer.hall import hall_page
from kaohe.web.organizer.refusing import refusal_of, reply_code


@dataclass(frozen=True, slots=True)
class KeySheetPage:
    """The key sheet (钥匙单): shown this once, printed, and stored nowhere."""

    frame: MeetingFrame
    key_groups: tuple[str, ...]
    """The key in groups of four."""
    fingerprint: str
    qr_size: str
    qr_path: str


@organizer.post("/<meeting_id>/key")
@audience(Audience.ORGANIZER, act=Act.DRAW_UP_KEY)
def key(meeting_id: str) -> tuple[str, int]:
    """Draw up a key and show its sheet. The QR code holds the bare key and no address, so that no log ever sees it."""
    try:
        text = draw_up_key(this_account().name, meeting_id)
    except KaoheError as error:
        return hall_page(meeting_id, error)
    size, path = qr_svg_path(text)
    page = KeySheetPage(
        frame=meeting_frame(meeting_id, "hall"),
        key_groups=tuple(text.replace(" ", "-").split("-")),
        fingerprint=fingerprint(read_key(text).public),
        qr_size=str(size),
        qr_path=path,
    )
    return render_template("organizer/key_sheet.html", page=page), 200


@organizer.post("/<meeting_id>/key/prove")
@audience(Audience.ORGANIZER, act=Act.PROVE_KEY)
def prove(meeting_id: str) -> Response | tuple[str, int]:
    """Let a teller show that the printed sheet opens the box."""
    typed = request.form.get("key", "")[:300]
    try:
        prove_key(this_account().name, meeting_id, typed)
    except KaoheError as error:
        if not may_now(Act.PREPARE):
            page = chair_page(meeting_id, refusal_of(error), typed_key=typed)
            return render_template("organizer/chair.html", page=page), reply_code(page.refusal)
        return hall_page(meeting_id, error, typed_key=typed)
    flash("试开通过：这份钥匙单能打开票箱，请交监票人妥善保管。", "good")
    return redirect(
        url_for("organizer.hall" if may_now(Act.PREPARE) else "organizer.chair", meeting_id=meeting_id), 303
    )
