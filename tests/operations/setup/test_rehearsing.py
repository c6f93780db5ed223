from __future__ import annotations

import pytest
from scene import CHAIR, THREE_GROUPS, cast, hold_meeting, prepare_meeting
from sqlalchemy import func, select

from kaohe.domain.errors import NotReady, TicketForeign, WrongState
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import load_polling
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal
from kaohe.storage.database import reading
from kaohe.storage.tables import EnvelopeRow, RoundRow, TicketRow


def test_a_trial_vote_is_cast_like_a_real_one_and_counts_for_nothing() -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    assert load_polling(scene.meeting_id, "1").style.is_rehearsal
    assert cast(scene.meeting_id, trial_tickets(scene.meeting_id)[0].code, "excellent")

    assert load_board(scene.meeting_id).cast == 0


def test_one_click_wipes_the_trial_and_all_that_was_cast_in_it() -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    code = trial_tickets(scene.meeting_id)[0].code
    cast(scene.meeting_id, code, "excellent")
    wipe_rehearsal(CHAIR, scene.meeting_id)

    assert trial_tickets(scene.meeting_id) == []
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(EnvelopeRow)) == 0
        assert session.scalar(select(func.count()).select_from(TicketRow)) == 12
        assert session.scalar(select(func.count()).select_from(RoundRow)) == 1
    assert "not_rehearsed" not in {finding.code for finding in list_findings(scene.meeting_id)}


def test_every_group_has_its_trial_tickets() -> None:
    scene = prepare_meeting(groups=THREE_GROUPS)
    start_rehearsal(CHAIR, scene.meeting_id)
    start_rehearsal(CHAIR, scene.meeting_id)

    assert [ticket.group_label for ticket in trial_tickets(scene.meeting_id)] == ["A票"] * 3 + ["B票"] * 3 + ["C票"] * 3


def test_real_tickets_wait_while_a_trial_is_going_on() -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    with pytest.raises(TicketForeign):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_opening_the_meeting_wipes_a_trial_that_still_stands() -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    code = trial_tickets(scene.meeting_id)[0].code
    cast(scene.meeting_id, code, "incompetent")
    open_meeting(CHAIR, scene.meeting_id)

    assert load_board(scene.meeting_id).cast == 0
    assert not load_polling(scene.meeting_id, "1").style.is_rehearsal
    assert cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_there_is_no_trial_without_subjects_or_after_the_opening() -> None:
    empty = create_meeting(CHAIR, title="空会", unit="", held_on=None, preset_id="si-deng")
    with pytest.raises(NotReady):
        start_rehearsal(CHAIR, empty)
    with pytest.raises(WrongState):
        start_rehearsal(CHAIR, hold_meeting().meeting_id)
