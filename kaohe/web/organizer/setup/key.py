"""The key ceremony: the tellers' key is drawn up, printed once, and proven before voting may start."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.key_shares import SHARE_COUNT
from kaohe.domain.limits import KEY_TYPED
from kaohe.domain.meeting_keys import ShownKey
from kaohe.domain.permissions import Act
from kaohe.operations.setup.key import SharesState, draw_up_key, draw_up_shares, load_keys, prove_key, prove_share
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.web.access import may_now, this_account
from kaohe.web.organizer.chair.chair_page import chair_page
from kaohe.web.organizer.setup.hall import hall_page, hall_shown
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.frame import MeetingFrame, meeting_frame


@dataclass(frozen=True, slots=True)
class KeySheetPage:
    """The key sheets (钥匙单): shown this once, printed, and stored nowhere."""

    frame: MeetingFrame
    keys: tuple[ShownKey, ...]
    """The meeting's and the box's, for the opening."""
    sheets: tuple[KeySheet, ...]
    """One, or three of which any two open the box; each on paper of its own."""
    is_split: bool


@dataclass(frozen=True, slots=True)
class KeySheet:
    """One sheet of paper for one teller."""

    number_text: str
    """Empty where there is only one."""
    groups: tuple[str, ...]
    """What stands on it, in groups of four."""
    qr_size: str
    qr_path: str


class DrawUpForm(DeskForm):
    """On how many sheets of paper the key is to be."""

    sheets = StringField()
    replacing = StringField(default="")
    """The fingerprint of the key that the page showed, '' where it showed none."""


class ProofForm(DeskForm):
    """What a sheet says, typed or scanned."""

    key = StringField(default="")

    @property
    def typed(self) -> str:
        """No sheet says more than this."""
        return str(self.key.data)[:KEY_TYPED]


@organizer.post("/<meeting_id>/key", act=Act.DRAW_UP_KEY)
def key(meeting_id: str) -> ResponseReturnValue:
    """Draw up a key and show its sheet, or its three.

    The QR code holds the bare key and no address, so that no log ever sees it.
    """
    form = DrawUpForm()
    is_split, seen = form.sheets.data == "split", form.replacing.data
    try:
        if is_split:
            shares = draw_up_shares(this_account().name, meeting_id, replacing=seen)
            texts = [share.text for share in shares]
        else:
            texts = [draw_up_key(this_account().name, meeting_id, replacing=seen)]
    except KaoheError as error:
        return hall_shown(hall_page(meeting_id, error))
    page = KeySheetPage(
        frame=meeting_frame(meeting_id, "hall"),
        keys=load_keys(meeting_id),
        sheets=tuple(_sheet(text, str(number) if is_split else "") for number, text in enumerate(texts, start=1)),
        is_split=is_split,
    )
    return render_template("organizer/setup/key_sheet.html", page=page), 200


@organizer.post("/<meeting_id>/key/prove", act=Act.PROVE_KEY)
def prove(meeting_id: str) -> ResponseReturnValue:
    """Let a teller show that the printed sheet opens the box, or that the own one of three is good."""
    typed = ProofForm().typed
    try:
        if load_meeting(meeting_id)[1].is_key_split:
            message = _proved(prove_share(this_account().name, meeting_id, typed))
        else:
            prove_key(this_account().name, meeting_id, typed)
            message = "试开通过：这份钥匙单能打开票箱，请交监票人妥善保管。"
    except KaoheError as error:
        if not may_now(Act.PREPARE):
            page = chair_page(meeting_id, refusal_of(error), typed_key=typed)
            return render_template("organizer/chair/chair.html", page=page), reply_code(page.refusal)
        return hall_shown(hall_page(meeting_id, error, typed_key=typed))
    flash(message, "good")
    if may_now(Act.PREPARE):
        return redirect(url_for("organizer.hall", meeting_id=meeting_id, _anchor="key"), 303)
    return redirect(url_for("organizer.chair", meeting_id=meeting_id), 303)


def _proved(state: SharesState) -> str:
    if state.waiting_number is not None:
        return f"第 {state.waiting_number} 张钥匙单输入正确，请由另一位监票人输入另一张，两张合起来试开。"
    if len(state.proven) == SHARE_COUNT:
        return "试开通过：三张钥匙单都能用，任意两张可以打开票箱，请三位监票人分别妥善保管。"
    return "试开通过：这两张合起来能打开票箱。请把第三张也输入一遍，确认它没有印错。"


def _sheet(text: str, number_text: str) -> KeySheet:
    size, path = qr_svg_path(text)
    return KeySheet(number_text, tuple(text.split("-")), str(size), path)
