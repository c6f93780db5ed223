"""Where the processor time of a sealed ballot goes: each part of its way by itself, without a server around it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import TypeVar

from bench.hall import Hall, new_nonce
from kaohe.config import Config, sqlite_url
from kaohe.domain.envelopes import Envelope, receipt, ticket_digest
from kaohe.domain.sealing import read_sealed, require_fit
from kaohe.domain.ticket_codes import read_code
from kaohe.factory import create_app
from kaohe.operations.hall.casting import Acknowledged
from kaohe.operations.hall.open_rounds import open_round
from kaohe.storage.database import transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.redeeming import CastRequest, redeem
from kaohe.storage.starting import close_database
from kaohe.storage.witness import count_due_boxes, keep_ballots
from kaohe.web.voter.answers import receipt_answer
from kaohe.web.voter.forms import PostedBallot, read_ballot_body

_AT_ONCE = 32
"""Ballots of one commit: about what 64 connections bring together while the one before it is written."""
_A = TypeVar("_A")
_B = TypeVar("_B")


def parts_of_a_ballot(hall: Hall) -> Iterator[tuple[str, float]]:
    """(part, microseconds of one core), in the order of a ballot's way; every ticket of the hall is spent."""
    app = create_app(Config(hall.data, sqlite_url(hall.data), public_url="http://127.0.0.1"))
    with app.test_request_context():
        this_round = open_round(hall.meeting_id, "1")
        assert this_round is not None
        page = receipt_answer(hall.meeting_id, "1", is_rehearsal=False, is_same=True)

        def request_of(posted: PostedBallot) -> CastRequest:
            sent = posted.envelope
            assert sent is not None
            digest = ticket_digest(these_secrets().pepper, read_code(posted.ticket))
            sealed = read_sealed(form=sent.form, key=sent.key, tag=sent.tag, retry=sent.retry, box=sent.box)
            require_fit(sealed, this_round.sealer.binding)
            envelope = Envelope(str(this_round.group_of(digest)), sealed.tag, sealed.box)
            return CastRequest(this_round.round_id, digest, sealed.retry, envelope)

        def told(digest: bytes) -> Acknowledged:
            return Acknowledged(receipt(digest), this_round.signer.signed(digest), is_same=True)

        bodies = [hall.sealed_body(code, new_nonce()) for code in hall.codes]
        posted, reading = _timed(_each(read_ballot_body), bodies)
        requests, judging = _timed(_each(request_of), [each for each in posted if each])
        stored, storing = _timed(_store, requests)
        acknowledged, signing = _timed(_each(told), stored)
        _, replying = _timed(_each(page.body), acknowledged)
        close_database()
    yield "reading the body", reading
    yield "its ticket, and what stands outside of the seal", judging
    yield f"storing it, {_AT_ONCE} in a commit", storing
    yield "its receipt, signed (Ed25519)", signing
    yield "the page of the reply", replying


def _each(act: Callable[[_A], _B]) -> Callable[[Sequence[_A]], list[_B]]:
    return lambda group: [act(one) for one in group]


def _store(group: Sequence[CastRequest]) -> list[bytes]:
    with transaction() as session:
        outcomes = redeem(session.connection(), group)
        counted = count_due_boxes(session, Counter(request.round_id for request in group))
    keep_ballots(counted)
    return [outcome for outcome in outcomes if isinstance(outcome, bytes)]


def _timed(act: Callable[[Sequence[_A]], list[_B]], things: Sequence[_A]) -> tuple[list[_B], float]:
    """What comes of all the things, and the microseconds of one core for each in the median group."""
    made: list[_B] = []
    spent = []
    for first in range(0, len(things), _AT_ONCE):
        group = things[first : first + _AT_ONCE]
        begun = time.process_time()
        made += act(group)
        spent.append((time.process_time() - begun) / len(group))
    return made, 1e6 * median(spent)
