"""What a process remembers of an open round never decides: the ballot box does, whatever has changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from scene import CHAIR, Scene, cast, filled, hold_meeting, prepare_meeting

from kaohe.config import Config
from kaohe.domain.errors import MeetingClosed, MeetingPaused, RoundChanged, TicketUsed, TicketVoided
from kaohe.factory import create_app
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting, resume_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.issuing import draw_ticket
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal
from kaohe.operations.setup.replacing import reissue_ticket, void_ticket
from kaohe.storage.starting import close_database

NONCE = "a-nonce-of-one-phone"


@pytest.fixture
def scene() -> Scene:
    """An open meeting of which this process remembers the round, since a ballot has been cast."""
    held = hold_meeting()
    cast(held.meeting_id, held.all_codes[0], "excellent")
    return held


@pytest.fixture
def other_process(config: Config) -> Iterator[Flask]:
    """Another process on the same database, which knows nothing of what this one remembers."""
    app = create_app(config)
    yield app
    with app.app_context():
        close_database()


def test_a_close_pause_or_void_ticket_of_another_process_is_seen_at_once(scene: Scene, other_process: Flask) -> None:
    with other_process.app_context():
        pause_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(MeetingPaused):
        cast(scene.meeting_id, scene.all_codes[1], "excellent")
    with other_process.app_context():
        resume_meeting(CHAIR, scene.meeting_id)
        void_ticket(CHAIR, scene.meeting_id, scene.all_codes[1])
    with pytest.raises(TicketVoided):
        cast(scene.meeting_id, scene.all_codes[1], "excellent")
    cast(scene.meeting_id, scene.all_codes[2], "excellent")
    with other_process.app_context():
        close_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(MeetingClosed):
        cast(scene.meeting_id, scene.all_codes[3], "excellent")
    assert load_board(scene.meeting_id).cast == 2


def test_a_ballot_spent_in_another_process_is_known_again_or_refused(scene: Scene, other_process: Flask) -> None:
    with other_process.app_context():
        receipt = cast(scene.meeting_id, scene.all_codes[1], "excellent", nonce=NONCE)

    assert cast(scene.meeting_id, scene.all_codes[1], "excellent", nonce=NONCE) == receipt
    with pytest.raises(TicketUsed):
        cast(scene.meeting_id, scene.all_codes[1], "excellent")
    assert load_board(scene.meeting_id).cast == 2


def test_a_ticket_reissued_while_voting_is_open_casts(scene: Scene) -> None:
    fresh = reissue_ticket(CHAIR, scene.meeting_id, scene.all_codes[1], reason="票被撕破").code

    assert cast(scene.meeting_id, fresh, "excellent")
    assert load_board(scene.meeting_id).cast == 2


def test_a_ticket_drawn_while_voting_is_open_casts() -> None:
    held = hold_meeting(shared_group="all")
    pool_code = load_board(held.meeting_id).round.pool_code or ""
    for number in range(3):
        code = draw_ticket(held.meeting_id, pool_code, f"a-draw-of-phone-{number}")
        assert cast(held.meeting_id, code, "excellent")
    assert load_board(held.meeting_id).cast == 3


def test_a_rehearsal_that_was_wiped_leaves_nothing_in_the_way_of_real_tickets() -> None:
    held = prepare_meeting()
    start_rehearsal(CHAIR, held.meeting_id)
    trial = trial_tickets(held.meeting_id)[0].code
    assert cast(held.meeting_id, trial, "excellent")
    wipe_rehearsal(CHAIR, held.meeting_id)
    open_meeting(CHAIR, held.meeting_id)

    for code in held.all_codes[:3]:
        assert cast(held.meeting_id, code, "competent")
    assert load_board(held.meeting_id).cast == 3


def test_a_voided_round_takes_nothing_and_the_next_one_takes_the_same_slips(scene: Scene, other_process: Flask) -> None:
    with other_process.app_context():
        void_round(CHAIR, scene.meeting_id, "收回多于发出")
        open_meeting(CHAIR, scene.meeting_id)
    fields = filled(scene.meeting_id, "competent")
    with pytest.raises(RoundChanged):
        cast_ballot(scene.meeting_id, "1", ticket=scene.all_codes[0], nonce=NONCE, round_number="1", fields=fields)

    for code in scene.all_codes[:3]:
        own = f"{NONCE}-{code}"
        assert cast_ballot(scene.meeting_id, "1", ticket=code, nonce=own, round_number="2", fields=fields)
    assert load_board(scene.meeting_id).cast == 3
