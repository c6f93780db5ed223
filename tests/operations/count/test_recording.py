"""The chained record of acts, through the operations that write it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from scene import CHAIR, cast, hold_meeting, prepare_meeting
from sqlalchemy import text

from kaohe.domain.errors import RecordBroken
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import record_head, whole_record
from kaohe.storage.database import reading, transaction
from kaohe.storage.record import record


def test_the_head_is_announced_from_the_opening_on_and_moves_with_the_meeting() -> None:
    scene = prepare_meeting()
    assert record_head(scene.meeting_id) is None
    heads = []
    for act in (open_meeting, close_meeting, count_meeting, publish_result):
        act(CHAIR, scene.meeting_id)
        heads.append(record_head(scene.meeting_id))
    purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意")
    heads.append(record_head(scene.meeting_id))

    assert [head.act for head in heads if head] == ["opened", "closed", "counted", "published", "purged"]
    assert len({head.text for head in heads if head}) == 5


def test_an_act_between_milestones_does_not_move_what_the_hall_has_seen() -> None:
    scene = hold_meeting()
    before = record_head(scene.meeting_id)
    pause_meeting(CHAIR, scene.meeting_id)

    assert record_head(scene.meeting_id) == before


def test_casting_leaves_no_trace_in_the_record() -> None:
    scene = hold_meeting()
    with reading() as session:
        before = whole_record(session, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    with reading() as session:
        assert whole_record(session, scene.meeting_id) == before


def test_the_sheets_print_the_head_after_the_count_of_their_own_round() -> None:
    scene = hold_meeting()
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    head = record_head(scene.meeting_id)
    assert head
    publish_result(CHAIR, scene.meeting_id)
    assert any(head.text in note for note in load_filing(scene.meeting_id).sheets[0].sheet.notes)

    void_round(CHAIR, scene.meeting_id, "核对有误")
    open_meeting(CHAIR, scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    again = record_head(scene.meeting_id)
    assert again
    notes = load_filing(scene.meeting_id).sheets[0].sheet.notes
    assert any(again.text in note for note in notes)
    assert not any(head.text in note for note in notes)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE record_entries SET actor = '别人' WHERE act = 'opened'",
        "UPDATE record_entries SET detail = '{}' WHERE act = 'opened'",
        "UPDATE record_entries SET at = '2020-01-01 00:00:00.000000' WHERE act = 'opened'",
        "UPDATE record_entries SET signature = '' WHERE act = 'opened'",
        "DELETE FROM record_entries WHERE act = 'opened'",
    ],
)
def test_a_record_changed_in_the_database_is_found(tampering: str) -> None:
    scene = hold_meeting()
    close_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.execute(text(tampering))

    with reading() as session, pytest.raises(RecordBroken):
        whole_record(session, scene.meeting_id)


def test_acts_of_one_meeting_at_the_same_instant_stand_one_after_the_other(app: Flask) -> None:
    scene = prepare_meeting()

    def act(number: int) -> None:
        with app.app_context(), transaction() as session:
            record(session, scene.meeting_id, f"组织者{number}", "printed_slips")

    with ThreadPoolExecutor(8) as hall:
        list(hall.map(act, range(24)))

    with reading() as session:
        entries = whole_record(session, scene.meeting_id)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert sum(entry.actor.startswith("组织者") for entry in entries) == 24
