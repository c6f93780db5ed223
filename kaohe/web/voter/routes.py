"""Pages for voters: get the ballot, cast it, draw a ticket. Nothing here logs, sets a cookie or knows an account."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kaohe.domain.ballots import FIRST_STYLE, read_ballot
from kaohe.domain.errors import BallotBoxBusy, FormsBusy, KaoheError, MeetingNotOpen, PoolClosed, TicketUnknown
from kaohe.domain.meetings import MeetingState, require_collecting
from kaohe.domain.signed_receipts import digests_text
from kaohe.operations.chair.spot_votes import spot_vote_for_phones
from kaohe.operations.count.receipts import load_receipts, require_issued
from kaohe.operations.hall.casting import (
    Polling,
    check_ballot,
    check_ticket,
    has_ticket,
    load_polling,
)
from kaohe.operations.hall.open_rounds import open_round
from kaohe.operations.setup.issuing import draw_ticket
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.installation import this_memory
from kaohe.web.access import Audience, audience
from kaohe.web.errors import RETRY_AFTER_SECONDS
from kaohe.web.voter.answers import cast_posted, receipt_answer
from kaohe.web.voter.fast_path import REHEARSAL_ROUND
from kaohe.web.voter.forms import PostedBallot, read_posted_ballot, read_posted_draw
from kaohe.web.voter.page_cache import current_page_cache, send_cached
from kaohe.web.voter.pages import ballot_page, closed_page, draw_page, material_page, privacy_page, waiting_page
from kaohe.web.voter.phone_files import SEAL_SCRIPT, phone_file_text, phone_file_url, phone_icon, send_phone_file
from kaohe.web.voter.receipt_pages import receipts_page, signed_receipt_page
from kaohe.web.voter.review_pages import review_page

SCRIPT_HEADER = "X-Kaohe-Script"
"""Sent by static/js/phone/asking.js, which keeps the form on the page and so wants only the refusal."""
_MENDABLE = frozenset(
    {
        "ticket_void",
        "ballot_incomplete",
        "mark_doubled",
        "ballot_over_limit",
        "ballot_under_limit",
        "number_off_scale",
        "left_out_but_marked",
        "comment_too_long",
        "nonce_invalid",
        "nonce_taken",
        "meeting_paused",
    }
)
"""Refusals after which the voter goes on with the same form; every other one ends it."""
_WANTING = frozenset({"ballot_incomplete", "mark_doubled", "number_off_scale"})
"""Refusals after which the form shows what is still to be filled or corrected."""

_AGAIN_SHARE = 0.2
"""The part of the server's time in which forms are rendered again, filled in."""
_AGAIN_AT_ONCE_SECONDS = 0.5
"""How much of that time may be saved up."""
_MANY_RECEIPTS = "您的票已收入票箱。现在查看签名回执的人较多，请等几秒后刷新本页并选择重新发送。"

voter = Blueprint("voter", __name__, url_prefix="/v")
voter.before_app_request(send_phone_file)
voter.add_app_template_global(phone_file_url)
voter.add_app_template_global(phone_icon)


@voter.get("/<meeting_id>/<style_key>")
@audience(Audience.VOTER)
def ballot(meeting_id: str, style_key: str) -> AnyResponse:
    """The ballot page, or what stands in its place before and after voting.

    While a vote on the spot is on, the meeting's own address leads there; browsers carry the code in its fragment on.
    """
    polling = load_polling(meeting_id, style_key)
    spot_id = spot_vote_for_phones(meeting_id)
    if spot_id is not None:
        return redirect(url_for("voter.ballot", meeting_id=spot_id, style_key=FIRST_STYLE))
    style = polling.style
    key: tuple[object, ...] = (style.round_id, polling.state, polling.is_paused)
    if polling.state is MeetingState.DRAFT:
        # A draft's heading can still be edited.
        key = (*key, polling.hands_out_tickets, style.title, style.unit)
    return send_cached(current_page_cache().page((meeting_id, style_key), key, lambda: _render(polling)))


@voter.post("/<meeting_id>/<style_key>")
@audience(Audience.VOTER)
def cast(meeting_id: str, style_key: str) -> AnyResponse | str:
    """Cast the ballot, or list it once more for a client without scripts."""
    posted = read_posted_ballot(request.form)
    if posted.wants_back:
        with _rendering_again(meeting_id, posted.ticket, TicketUnknown()):
            polling = load_polling(meeting_id, style_key)
            require_collecting(polling.state, is_paused=False)
            return _refilled(polling, posted)
    try:
        if not (posted.nonce or posted.envelope):
            return _review(meeting_id, style_key, posted)
        acknowledged = cast_posted(meeting_id, style_key, posted)
    except KaoheError as refusal:
        if SCRIPT_HEADER in request.headers:
            raise
        return _way_back(meeting_id, style_key, posted, refusal)
    is_rehearsal = posted.round_number == REHEARSAL_ROUND
    answer = receipt_answer(meeting_id, style_key, is_rehearsal=is_rehearsal, is_same=acknowledged.is_same)
    return Response(answer.body(acknowledged), mimetype="text/html")


@voter.get("/<meeting_id>/<style_key>/seal.js")
@audience(Audience.VOTER)
def seal(meeting_id: str, style_key: str) -> AnyResponse:
    """What seals on the phone, and what it seals for; the page's own script asks for it once the form can be used."""
    this_round = open_round(meeting_id, style_key)
    if this_round is None:
        raise MeetingNotOpen
    text = this_round.seal
    slot = (meeting_id, style_key, "seal")
    page = current_page_cache().page(slot, text, lambda: f"window.kaohe.box={text};\n{phone_file_text(SEAL_SCRIPT)}")
    return send_cached(page, "text/javascript")


@voter.post("/<meeting_id>/<style_key>/slip")
@audience(Audience.VOTER)
def slip(meeting_id: str, style_key: str) -> tuple[str, int]:
    """Nothing where the slip fits this form, else the refusal, so that a voter hears of it before filling in."""
    check_ticket(meeting_id, style_key, ticket=read_posted_ballot(request.form).ticket)
    return "", 204


@voter.get("/<meeting_id>/<style_key>/privacy")
@audience(Audience.VOTER)
def privacy(meeting_id: str, style_key: str) -> str:
    """Why nobody knows what was chosen, and what the system cannot promise."""
    polling = load_polling(meeting_id, style_key)
    page = privacy_page(polling, *load_meeting(meeting_id), is_done="done" in request.args)
    return render_template("voter/privacy.html", page=page)


@voter.get("/<meeting_id>/<style_key>/material/<subject_key>")
@audience(Audience.VOTER)
def material(meeting_id: str, style_key: str, subject_key: str) -> Response:
    """What can be read about a subject of the form; its script puts the paragraphs in their place there."""
    page = material_page(load_polling(meeting_id, style_key), subject_key)
    slot = (meeting_id, style_key, f"material {subject_key}")
    return send_cached(current_page_cache().page(slot, page, lambda: render_template("voter/material.html", page=page)))


@voter.get("/<meeting_id>/<style_key>/receipts")
@audience(Audience.VOTER)
def receipts(meeting_id: str, style_key: str) -> Response:
    """All receipts in the box; voters look for theirs on the phone, so that the server is never asked for one."""
    polling = load_polling(meeting_id, style_key)
    page = receipts_page(polling.style, load_receipts(meeting_id))
    slot = (meeting_id, style_key, "receipts")
    return send_cached(current_page_cache().page(slot, page, lambda: render_template("voter/receipts.html", page=page)))


@voter.get("/<meeting_id>/<style_key>/envelopes.txt")
@audience(Audience.VOTER)
def envelope_digests(meeting_id: str, style_key: str) -> Response:
    """The digests of all envelopes that were in the box, a line each, for whoever checks a signed receipt."""
    load_polling(meeting_id, style_key)
    found = load_receipts(meeting_id)
    return Response(digests_text(found.digests), 200, {"X-Kaohe-Round": str(found.round.number)}, "text/plain")


@voter.post("/<meeting_id>/<style_key>/receipt")
@audience(Audience.VOTER)
def signed_receipt(meeting_id: str, style_key: str) -> str:
    """A signed receipt as a QR code, for the phone that has just been given it. Nothing is looked up or kept."""
    signed = request.form.get("signed", "")[:400]
    require_issued(signed, meeting_id)
    with _rendering_for_one(FormsBusy(_MANY_RECEIPTS)):
        page = signed_receipt_page(load_polling(meeting_id, style_key).style, signed)
        return render_template("voter/signed-receipt.html", page=page)


@voter.get("/<meeting_id>/<style_key>/ticket")
@audience(Audience.VOTER)
def draw(meeting_id: str, style_key: str) -> str:
    """Where the shared code is typed; the number that makes a second sending harmless is made here."""
    polling = _handing_out(meeting_id, style_key)
    return render_template("voter/draw.html", page=draw_page(polling, draw_nonce=secrets.token_urlsafe(16)))


@voter.post("/<meeting_id>/<style_key>/ticket")
@audience(Audience.VOTER)
def drawn(meeting_id: str, style_key: str) -> AnyResponse | str:
    """Draw a ticket; a client without scripts gets the ballot with its ticket typed in already."""
    posted = read_posted_draw(request.form)
    polling = _handing_out(meeting_id, style_key)
    try:
        code = draw_ticket(meeting_id, posted.pool_code, posted.draw_nonce)
    except KaoheError as refusal:
        if SCRIPT_HEADER in request.headers:
            raise
        page = draw_page(
            polling, draw_nonce=secrets.token_urlsafe(16), pool_code=posted.pool_code[:20], refusal=refusal
        )
        return _refused(render_template("voter/draw.html", page=page), refusal)
    if SCRIPT_HEADER in request.headers:
        return render_template("voter/drawn.html", code=code)
    if polling.state is MeetingState.DRAFT:
        waiting = waiting_page(polling, drawn_ticket=code, pool_code=posted.pool_code, draw_nonce=posted.draw_nonce)
        return render_template("voter/waiting.html", page=waiting)
    return render_template("voter/ballot.html", page=ballot_page(polling, drawn_ticket=code))


def _render(polling: Polling) -> str:
    if polling.state is MeetingState.DRAFT:
        return render_template("voter/waiting.html", page=waiting_page(polling))
    if polling.state is MeetingState.OPEN:
        return render_template("voter/ballot.html", page=ballot_page(polling))
    return render_template("voter/closed.html", page=closed_page(polling))


def _review(meeting_id: str, style_key: str, posted: PostedBallot) -> str:
    chosen = check_ballot(
        meeting_id, style_key, ticket=posted.ticket, round_number=posted.round_number, fields=posted.decided
    )
    page = review_page(
        load_polling(meeting_id, style_key), chosen, ticket=posted.ticket, nonce=secrets.token_urlsafe(16)
    )
    return render_template("voter/review.html", page=page)


def _way_back(meeting_id: str, style_key: str, posted: PostedBallot, refusal: KaoheError) -> AnyResponse:
    """The refusal with everything that was filled in, where going on makes sense.

    Raises:
        KaoheError: ``refusal`` itself, where it ends this ballot.
    """
    if isinstance(refusal, BallotBoxBusy):
        polling = load_polling(meeting_id, style_key)
        again = review_page(
            polling,
            read_ballot(polling.style, posted.fields),
            ticket=posted.ticket,
            nonce=posted.nonce,
            refusal=refusal,
        )
        return _refused(render_template("voter/review.html", page=again), refusal)
    if refusal.code not in _MENDABLE:
        raise refusal
    with _rendering_again(meeting_id, posted.ticket, refusal):
        polling = load_polling(meeting_id, style_key)
        if polling.state is not MeetingState.OPEN:
            raise refusal
        return _refused(_refilled(polling, posted, refusal), refusal)


@contextmanager
def _rendering_again(meeting_id: str, ticket: str, refusal: KaoheError) -> Iterator[None]:
    """Let the block render a form that cannot come from memory, which takes as long as hundreds of ballots.

    Raises:
        KaoheError: ``refusal``, where this is no ticket of the meeting: whoever asks may be anybody.
        What ``_rendering_for_one`` raises.
    """
    if not has_ticket(meeting_id, ticket):
        raise refusal
    with _rendering_for_one(FormsBusy()):
        yield


@contextmanager
def _rendering_for_one(busy: FormsBusy) -> Iterator[None]:
    """Let the block render what only one phone asks for, within its part of the server's time.

    Raises:
        FormsBusy: ``busy``, as so much has been rendered already that the hall would wait.
    """
    memory = this_memory("rendering_again")
    left, moment = memory.get("left", (_AGAIN_AT_ONCE_SECONDS, 0.0))
    left = min(_AGAIN_AT_ONCE_SECONDS, left + (time.monotonic() - moment) * _AGAIN_SHARE)
    if left <= 0:
        raise busy
    begun = time.thread_time()
    try:
        yield
    finally:
        memory["left"] = left - (time.thread_time() - begun), time.monotonic()


def _refilled(polling: Polling, posted: PostedBallot, refusal: KaoheError | None = None) -> str:
    page = ballot_page(
        polling,
        kept=posted.kept,
        ticket=posted.ticket[:40],
        refusal=refusal,
        shows_missing=refusal is not None and refusal.code in _WANTING,
    )
    return render_template("voter/ballot.html", page=page)


def _refused(body: str, refusal: KaoheError) -> AnyResponse:
    response = make_response(body, refusal.http_code)
    response.headers["X-Kaohe-Error"] = refusal.code
    if isinstance(refusal, BallotBoxBusy):
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _handing_out(meeting_id: str, style_key: str) -> Polling:
    """Load the polling, if its tickets are handed out by the shared code.

    Raises:
        PoolClosed: they are not.
    """
    polling = load_polling(meeting_id, style_key)
    if not polling.hands_out_tickets:
        raise PoolClosed("本场会议不用会场码领票，请使用会务人员发放的二维码票。")
    return polling
