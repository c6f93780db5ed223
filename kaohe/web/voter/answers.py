"""What most phones hear: 已收到, or to come back. Rendered once, with the receipts filled in for each phone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, render_template, url_for

from kaohe.domain.sealing import read_sealed
from kaohe.operations.hall.casting import Acknowledged, cast_ballot, cast_sealed
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.voter.forms import PostedBallot
from kaohe.web.voter.phone_files import CHECK_SCRIPT, phone_file_url
from kaohe.web.voter.receipt_pages import ReceiptPage

_EXTENSION = "kaohe_receipt_pages"
_RECEIPT, _SIGNED = "~receipt~", "~signed~"
"""Stand where the receipts go; no receipt has such a character, and nothing has to escape it."""


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """The page of a stored ballot, with marks where its receipts go."""

    _page: bytes

    def body(self, cast: Acknowledged) -> bytes:
        """The whole page."""
        return self._page.replace(_RECEIPT.encode(), cast.receipt.encode()).replace(
            _SIGNED.encode(), cast.signed.encode()
        )


def cast_posted(meeting_id: str, style_key: str, posted: PostedBallot) -> Acknowledged:
    """Cast what a phone has posted: the envelope that it has sealed, or the choices that are to be sealed here.

    Raises:
        SealMalformed, and what ``cast_ballot`` and ``cast_sealed`` raise.
    """
    if posted.envelope is not None:
        sent = posted.envelope
        sealed = read_sealed(form=sent.form, key=sent.key, tag=sent.tag, retry=sent.retry, box=sent.box)
        return cast_sealed(meeting_id, style_key, ticket=posted.ticket, round_number=posted.round_number, sealed=sealed)
    return cast_ballot(
        meeting_id,
        style_key,
        ticket=posted.ticket,
        nonce=posted.nonce,
        round_number=posted.round_number,
        fields=posted.fields,
    )


def receipt_answer(meeting_id: str, style_key: str, *, is_rehearsal: bool, is_same: bool) -> ReceiptAnswer:
    """The page for one form of one meeting; within a request, since it is rendered at the first call.

    Ask for it only once a ballot of that form is stored, so that nobody can fill the memory with forms that are not.
    """
    kept: dict[tuple[str, str, bool, bool], ReceiptAnswer] = current_app.extensions.setdefault(_EXTENSION, {})
    key = (meeting_id, style_key, is_rehearsal, is_same)
    found = kept.get(key)
    if found is None:
        about = url_for("voter.privacy", meeting_id=meeting_id, style_key=style_key, done="1")
        has_challenges = load_meeting(meeting_id)[1].challenge_limit > 0
        signed_url = url_for("voter.signed_receipt", meeting_id=meeting_id, style_key=style_key)
        check_url = "" if is_rehearsal else phone_file_url(CHECK_SCRIPT)
        shown = ReceiptPage(
            *(_RECEIPT, _SIGNED, signed_url, is_rehearsal, is_same, about, check_url), has_challenges=has_challenges
        )
        found = kept[key] = ReceiptAnswer(render_template("voter/receipt.html", page=shown).encode())
    return found
