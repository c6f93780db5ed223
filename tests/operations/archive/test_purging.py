from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, hold_meeting
from sqlalchemy import select

from kaohe.config import Config
from kaohe.domain.errors import BallotsPurged, FieldInvalid, PurgeTooEarly, TracesLeft, WrongState
from kaohe.domain.meetings import MeetingState
from kaohe.operations.archive import purging
from kaohe.operations.archive.documents import file_documents
from kaohe.operations.archive.purging import change_keeping, change_purge_day, list_due, load_keeping, purge_meeting
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count import erasing
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.receipts import load_receipts
from kaohe.operations.count.results import list_ballots, list_boards, list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.storage.clock import now
from kaohe.storage.database import is_sqlite, reading
from kaohe.storage.tables import BallotRow, CommentRow, EnvelopeDigestRow, EnvelopeRow, ReceiptRow, TicketRow

MARKER = "独一无二的意见标记"


def _published(**settings: object) -> Scene:
    scene = hold_meeting(groups=THREE_GROUPS, comments_wanted=True, ballot_list_wanted=True, **settings)
    for codes in scene.codes.values():
        for code in codes[:5]:
            cast(scene.meeting_id, code, "excellent", "competent", "abstain", comments={"s1": MARKER})
    _finish(scene)
    return scene


def _finish(scene: Scene) -> None:
    close_meeting(CHAIR, scene.meeting_id)
    record_numbers(CHAIR, scene.meeting_id, "a", present=6, left_over=1)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)


def _later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(purging, "now", lambda: now() + timedelta(days=days))


def _sheets(scene: Scene) -> dict[str, bytes]:
    """Every text sheet but those of single voters."""
    files = file_documents(scene.meeting_id)
    return {
        f.name: f.content for f in files if f.name.endswith(".csv") and "意见" not in f.name and "原始票" not in f.name
    }


def test_the_day_is_set_when_the_result_is_published_six_months_on(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _published()
    keeping = load_keeping(scene.meeting_id)
    assert keeping.purge_on is not None
    assert 181 <= (keeping.purge_on - now().astimezone().date()).days <= 184
    assert (keeping.is_due, keeping.ballot_count) == (False, 15)
    assert list_due() == []

    _later(monkeypatch, 185)
    assert [(due.meeting_id, due.ballot_count) for due in list_due()] == [(scene.meeting_id, 15)]


def test_before_the_day_nothing_is_destroyed_without_a_reason() -> None:
    scene = _published()
    with pytest.raises(PurgeTooEarly):
        purge_meeting(CHAIR, scene.meeting_id, forced_reason="  ")
    assert load_keeping(scene.meeting_id).ballot_count == 15

    assert purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意") == 15
    purged = next(event for event in list_record_entries(scene.meeting_id) if event.act == "purged")
    assert {**purged.detail, "counts_1": ""} == {"ballots": "15", "forced": "考核办书面同意", "counts_1": ""}


def test_after_the_purge_nothing_of_a_voter_is_left_and_everything_that_is_filed_stays(
    monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    scene = _published()
    reveal_all(CHAIR, scene.meeting_id)
    before, sheets, board = load_counted(scene.meeting_id), _sheets(scene), load_board(scene.meeting_id)
    _later(monkeypatch, 200)
    assert purge_meeting(CHAIR, scene.meeting_id) == 15

    with reading() as session:
        for table in (BallotRow, CommentRow, ReceiptRow, TicketRow, EnvelopeRow, EnvelopeDigestRow):
            assert session.scalars(select(table)).all() == []
    if is_sqlite():
        assert not any(MARKER.encode() in Path(path).read_bytes() for path in config.data.iterdir())
    after = load_counted(scene.meeting_id)
    assert after.result == before.result
    assert after.cells == before.cells
    assert (after.comments, list(after.receipts)) == ([], [])
    assert _sheets(scene) == sheets
    assert load_board(scene.meeting_id).groups == board.groups
    assert load_board(scene.meeting_id).round.state is MeetingState.PURGED
    assert {event.act for event in list_record_entries(scene.meeting_id)} >= {
        "opened",
        "counted",
        "published",
        "purged",
    }


def test_what_needs_single_ballots_is_refused_in_words_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _published()
    _later(monkeypatch, 200)
    purge_meeting(CHAIR, scene.meeting_id)

    for need in (load_receipts, list_ballots):
        with pytest.raises(BallotsPurged):
            need(scene.meeting_id)


def test_purging_again_does_nothing_and_is_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _published()
    _later(monkeypatch, 200)
    assert [purge_meeting(CHAIR, scene.meeting_id) for _ in range(3)] == [15, 0, 0]
    acts = [event.act for event in list_record_entries(scene.meeting_id)]
    assert (acts.count("purged"), acts.count("destroyed")) == (1, 2)
    assert list_due() == []


def test_a_purge_that_could_not_wipe_the_files_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _published()

    def busy(*tables: str) -> None:
        raise TracesLeft

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase_traces", busy)
        with pytest.raises(TracesLeft):
            purge_meeting(CHAIR, scene.meeting_id, forced_reason="测试")
    assert load_keeping(scene.meeting_id).is_purged
    erase_what_is_due()
    destroyed = [event.detail["what"] for event in list_record_entries(scene.meeting_id) if event.act == "destroyed"]
    assert destroyed == ["ballots", "key, envelopes"]


def test_a_voided_round_is_purged_with_the_meeting_and_keeps_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = hold_meeting(groups=THREE_GROUPS)
    for code in scene.codes["C票"][:7]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    void_round(CHAIR, scene.meeting_id, "重投")
    open_meeting(CHAIR, scene.meeting_id)
    for code in scene.codes["C票"][:5]:
        cast(scene.meeting_id, code, "competent")
    _finish(scene)
    boards = [board.groups for board in list_boards(scene.meeting_id)]
    _later(monkeypatch, 200)

    assert purge_meeting(CHAIR, scene.meeting_id) == 5
    assert [board.groups for board in list_boards(scene.meeting_id)] == boards
    with reading() as session:
        assert session.scalars(select(EnvelopeRow)).all() == []
        assert session.scalars(select(TicketRow)).all() == []


def test_nothing_is_purged_before_it_is_published() -> None:
    scene = hold_meeting()
    for act in (
        lambda: None,
        lambda: close_meeting(CHAIR, scene.meeting_id),
        lambda: count_meeting(CHAIR, scene.meeting_id),
    ):
        act()
        with pytest.raises(WrongState):
            purge_meeting(CHAIR, scene.meeting_id, forced_reason="任何原因")


def test_how_long_ballots_are_kept_is_the_meetings_own_setting() -> None:
    scene = hold_meeting()
    for wrong in (None, -1, 121):
        with pytest.raises(FieldInvalid):
            change_keeping(CHAIR, scene.meeting_id, wrong)
    change_keeping(CHAIR, scene.meeting_id, 0)
    change_keeping(CHAIR, scene.meeting_id, 0)
    assert [event.act for event in list_record_entries(scene.meeting_id)].count("changed_keeping") == 1
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)

    assert load_keeping(scene.meeting_id).is_due
    with pytest.raises(WrongState):
        change_keeping(CHAIR, scene.meeting_id, 3)
    change_purge_day(CHAIR, scene.meeting_id, date(2099, 1, 1), "有人申诉")
    assert not load_keeping(scene.meeting_id).is_due
    with pytest.raises(PurgeTooEarly):
        purge_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(FieldInvalid):
        change_purge_day(CHAIR, scene.meeting_id, date(2099, 1, 1), " ")
