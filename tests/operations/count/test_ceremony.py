"""From the close to the sealed result: every step can be cut off anywhere, and is then gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, hold_meeting
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kaohe.config import Config
from kaohe.domain.errors import BoxDamaged, TracesLeft, WrongState
from kaohe.domain.meetings import Custody, HallView, MeetingState
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count import erasing
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import LiveBox, count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.stripping import box_digest, strip_box
from kaohe.operations.hall.boards import load_board
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import is_sqlite, reading, transaction
from kaohe.storage.round_keys import has_key_file
from kaohe.storage.rounds import current_round
from kaohe.storage.tables import BallotRow, EnvelopeRow, RoundRow, TicketRow


class Killed(BaseException):
    """The process is gone; nothing in it may catch this and go on."""


def _closed(custody: Custody = Custody.SERVER) -> Scene:
    scene = hold_meeting(groups=THREE_GROUPS, custody=custody, comments_wanted=True)
    for label, codes in scene.codes.items():
        for number, code in enumerate(codes[:5]):
            grade = "excellent" if number % 2 else "competent"
            cast(scene.meeting_id, code, grade, comments={"s1": f"{label}第{number}条"})
    close_meeting(CHAIR, scene.meeting_id)
    return scene


def _acts(scene: Scene) -> list[str]:
    return [event.act for event in reversed(list_record_entries(scene.meeting_id))]


@contextmanager
def _killed_at(monkeypatch: pytest.MonkeyPatch, point: int, *, after: bool) -> Iterator[list[int]]:
    """Stop the process before or after its commit (or wiping) number ``point``; what comes back counts them."""
    passed = [0]

    def stopping(act: Callable[..., object]) -> Callable[..., object]:
        def do(*given: object) -> object:
            passed[0] += 1
            if passed[0] == point and not after:
                raise Killed
            done = act(*given)
            if passed[0] == point:
                raise Killed
            return done

        return do

    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", stopping(Session.commit))
        patch.setattr(erasing, "erase_traces", stopping(erasing.erase_traces))
        yield passed


def _require_no_forbidden_state() -> None:
    """Opened ballots never lie beside envelopes or anything of a ticket's; the key goes as soon as they are stored."""
    with reading() as session:
        row = session.scalars(select(RoundRow)).one()
        ballots = session.scalars(select(BallotRow)).all()
        envelopes = session.scalars(select(EnvelopeRow)).all()
        retries = session.scalars(select(TicketRow.retry_digest).where(TicketRow.retry_digest.is_not(None))).all()
    assert not (ballots and envelopes)
    assert not (ballots and has_key_file(row.id)) or row.traces_due == "counted"
    assert not ((ballots or row.stripped_at) and retries)
    assert len(ballots) + len(envelopes) == 15


@pytest.mark.parametrize("custody", list(Custody))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_cut_off_at_any_commit_the_count_goes_on_and_gives_the_same_result(
    monkeypatch: pytest.MonkeyPatch, custody: Custody, *, after: bool
) -> None:
    # Strip, wipe, mark wiped; open, find that confirmed, wipe, mark wiped.
    steps = 7
    for point in range(1, steps + 1):
        scene = _closed(custody)
        with _killed_at(monkeypatch, point, after=after) as passed, pytest.raises(Killed):
            count_meeting(CHAIR, scene.meeting_id, scene.key_text)
        assert passed[0] == point
        _require_no_forbidden_state()

        if point == steps and after:
            with pytest.raises(WrongState):
                count_meeting(CHAIR, scene.meeting_id, scene.key_text)
        else:
            assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 15
        _require_no_forbidden_state()
        counted = load_counted(scene.meeting_id)
        assert counted.result.subjects[0].counts.grades == (6, 9, 0, 0)
        assert len(counted.comments) == len(counted.receipts) == 15
        assert _acts(scene)[-3:] == ["stripped", "counted", "destroyed"]
        _forget_all()


def test_the_ceremony_has_no_commit_that_the_test_above_does_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _closed()
    with _killed_at(monkeypatch, 1000, after=False) as passed:
        count_meeting(CHAIR, scene.meeting_id)
    assert passed[0] == 7


def test_after_stripping_nothing_tells_which_ticket_brought_an_envelope(config: Config) -> None:
    scene = _closed()
    with reading() as session:
        former = [bytes(name) for name in session.scalars(select(EnvelopeRow.id))]
        retries = [bytes(each or b"") for each in session.scalars(select(TicketRow.retry_digest)) if each]
    assert len(former) == len(retries) == 15
    strip_box(CHAIR, scene.meeting_id)

    with reading() as session:
        assert not set(former) & {bytes(name) for name in session.scalars(select(EnvelopeRow.id))}
        if is_sqlite():
            on_disk = b"".join(Path(path).read_bytes() for path in config.data.iterdir())
            assert not any(part in on_disk for part in (*former, *retries))
        else:
            assert len(set(session.scalars(text("SELECT xmin::text FROM envelopes")))) == 1
            assert (
                session.scalar(
                    text("SELECT count(*) FROM tickets t JOIN envelopes e ON t.xmin = e.xmin WHERE t.is_spent")
                )
                == 15 * 15
            )


def test_stripping_again_changes_nothing_and_says_the_same() -> None:
    scene = _closed()
    strip_box(CHAIR, scene.meeting_id)
    strip_box(CHAIR, scene.meeting_id)

    assert _acts(scene).count("stripped") == 1
    recorded = next(entry.detail for entry in list_record_entries(scene.meeting_id) if entry.act == "stripped")
    with reading() as session:
        sealed = list(envelopes(session, current_round(session, scene.meeting_id).id))
    assert (recorded["cast"], recorded["box"]) == (str(len(sealed)), box_digest(sealed))


def test_a_box_that_is_changed_after_stripping_is_not_opened() -> None:
    scene = _closed()
    strip_box(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.delete(session.scalars(select(EnvelopeRow)).first())

    with pytest.raises(BoxDamaged):
        count_meeting(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.state is MeetingState.CLOSED


def test_the_key_is_not_used_while_the_tickets_trace_is_still_in_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _closed(Custody.TELLERS)

    def busy(*tables: str) -> None:
        raise TracesLeft

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase_traces", busy)
        with pytest.raises(TracesLeft) as refused:
            count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    assert "还没有开箱" in refused.value.message
    assert load_board(scene.meeting_id).round.state is MeetingState.CLOSED
    assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 15


def test_what_the_count_left_in_the_files_is_wiped_at_the_next_start_and_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = _closed()
    with _killed_at(monkeypatch, 4, after=True), pytest.raises(Killed):
        count_meeting(CHAIR, scene.meeting_id)
    assert "destroyed" not in _acts(scene)
    erase_what_is_due()

    destroyed = next(event for event in list_record_entries(scene.meeting_id) if event.act == "destroyed")
    stripped = next(event for event in list_record_entries(scene.meeting_id) if event.act == "stripped")
    counted = next(event for event in list_record_entries(scene.meeting_id) if event.act == "counted")
    assert destroyed.detail["what"] == "key, envelopes"
    assert destroyed.detail["key"] == counted.detail["key"]
    assert destroyed.detail["box"] == stripped.detail["box"]
    publish_result(CHAIR, scene.meeting_id)
    erase_what_is_due()
    assert _acts(scene).count("destroyed") == 1


@pytest.mark.parametrize("custody", [Custody.SERVER, Custody.TELLERS])
def test_after_voiding_nothing_tells_which_ticket_brought_an_envelope(config: Config, custody: Custody) -> None:
    """The tellers' sheet of the voided round may be kept by somebody, and the same slips are used in the next one."""
    scene = hold_meeting(custody=custody)
    for code in scene.all_codes[:6]:
        cast(scene.meeting_id, code, "excellent")
    with reading() as session:
        former = [bytes(name) for name in session.scalars(select(EnvelopeRow.id))]
        retries = [bytes(each or b"") for each in session.scalars(select(TicketRow.retry_digest)) if each]
    assert len(former) == len(retries) == 6
    void_round(CHAIR, scene.meeting_id, "人数不符")

    with reading() as session:
        left = {bytes(name) for name in session.scalars(select(EnvelopeRow.id))}
        assert len(left) == 6
        assert not set(former) & left
        if is_sqlite():
            on_disk = b"".join(Path(path).read_bytes() for path in config.data.iterdir())
            assert not any(part in on_disk for part in (*former, *retries))
        else:
            assert len(set(session.scalars(text("SELECT xmin::text FROM envelopes")))) == 1
        assert set(session.scalars(select(RoundRow.traces_due))) == {None}


def test_voiding_a_round_destroys_its_key_and_says_so() -> None:
    scene = _closed()
    void_round(CHAIR, scene.meeting_id, "人数不符")

    destroyed = next(event for event in list_record_entries(scene.meeting_id) if event.act == "destroyed")
    assert destroyed.detail["what"] == "key"


def test_a_screen_does_not_see_stripped_envelopes_a_second_time() -> None:
    scene = hold_meeting(hall_view=HallView.INSTANT)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    box = LiveBox(load_board(scene.meeting_id).round.id)
    assert len(box.take_new(scene.meeting_id)) == 1
    close_meeting(CHAIR, scene.meeting_id)
    strip_box(CHAIR, scene.meeting_id)

    with pytest.raises(WrongState):
        box.take_new(scene.meeting_id)


def _forget_all() -> None:
    with transaction() as session:
        for table in ("ballots", "comments", "receipts", "envelopes", "tickets", "round_numbers", "rounds"):
            session.execute(text(f"DELETE FROM {table}"))
