"""A hall's server counts in a process of its own: the same count, the same refusals, and a server that stays."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from scene import CHAIR, cast, hold_meeting, prepare_meeting

from kaohe.domain.errors import CountStopped, KeyWrong
from kaohe.domain.meetings import Custody, MeetingState
from kaohe.operations import apart
from kaohe.operations.apart import AT_ONCE, do_apart, work_apart_from_now_on
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.counting_apart import count_box, counting_text
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, wipe_rehearsal
from kaohe.storage import wiping
from kaohe.storage.database import reading
from kaohe.storage.installation import this_config
from kaohe.storage.read_views import one_read_view
from kaohe.storage.round_keys import has_key_file
from kaohe.storage.rounds import current_round, rehearsal_of, traces_due


@pytest.fixture
def closed_box(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """A closed box of three ballots, beside a server whose settings are those of its environment."""
    monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
    monkeypatch.setenv("KAOHE_DATABASE_URL", this_config().database_url)
    work_apart_from_now_on()
    scene = hold_meeting(custody=getattr(request, "param", Custody.SERVER))
    for code in scene.all_codes[:3]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    return scene.meeting_id


def state_of(meeting_id: str) -> MeetingState:
    return load_meeting(meeting_id)[1].state


def test_what_lies_in_the_folder_of_the_server_is_not_run_beside_the_key(
    closed_box: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("secrets", "json", "click"):
        (tmp_path / f"{name}.py").write_text("open('planted', 'w').close()\nraise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    assert count_box(CHAIR, closed_box) == 3
    assert not (tmp_path / "planted").exists()


def test_a_box_is_counted_in_a_fresh_process_and_people_are_told_what_it_is_at(closed_box: str, app: Flask) -> None:
    counted: list[int] = []

    def count() -> None:
        with app.app_context():
            counted.append(count_box(CHAIR, closed_box))

    waiting = threading.Thread(target=count)
    waiting.start()
    told = set()
    while waiting.is_alive():
        told.add(counting_text(closed_box))
        waiting.join(0.005)

    assert counted == [3]
    assert state_of(closed_box) is MeetingState.COUNTED
    assert "正在准备开箱计票" in told
    assert len(told - {""}) > 1
    assert counting_text(closed_box) == ""


@pytest.mark.parametrize("closed_box", [Custody.TELLERS], indirect=True)
def test_what_the_fresh_process_refuses_or_leaves_undone_is_told_and_changes_nothing(
    closed_box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyWrong) as refused:
        count_box(CHAIR, closed_box, "1111")
    assert refused.value.message
    monkeypatch.setenv("KAOHE_URL", "not an address")
    with pytest.raises(CountStopped):
        count_box(CHAIR, closed_box, "1111")
    assert counting_text(closed_box) == ""
    assert state_of(closed_box) is MeetingState.CLOSED


def test_a_voided_box_is_wiped_by_a_fresh_process_too(closed_box: str) -> None:
    with reading() as session:
        round_id = current_round(session, closed_box).id
    assert has_key_file(round_id)
    # As in a request, whose view would stay open while the files are wiped and keep them from it.
    with one_read_view(is_read_only=False):
        void_round(CHAIR, closed_box, "发错了票")
    assert not has_key_file(round_id)
    with reading() as session:
        assert traces_due(session, closed_box) == {}


def test_a_rehearsal_is_wiped_by_a_fresh_process_while_the_hall_is_served(
    closed_box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def block_the_hall(_tables: object) -> bool:
        raise AssertionError("this process rewrites the database, and answers nobody meanwhile")

    monkeypatch.setattr(wiping, "_erase", block_the_hall)
    prepared = prepare_meeting().meeting_id
    start_rehearsal(CHAIR, prepared)
    wipe_rehearsal(CHAIR, prepared)
    with reading() as session:
        assert rehearsal_of(session, prepared) is None
    assert load_meeting(closed_box)[1].state is MeetingState.CLOSED


def test_a_hall_is_counted_while_offices_wait_for_their_files(
    closed_box: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, can_end = threading.Semaphore(0), threading.Event()

    def done(request: str, _told: object) -> bytes:
        if '"pack"' in request:
            taken.release()
            can_end.wait(30)
        return b"3"

    def take_files() -> None:
        with app.app_context():
            do_apart("pack", {})

    monkeypatch.setattr(apart, "_done", done)
    offices = [threading.Thread(target=take_files) for _ in range(AT_ONCE + 1)]
    for each in offices:
        each.start()
    try:
        assert all(taken.acquire(timeout=10) for _ in range(AT_ONCE))
        assert not taken.acquire(blocking=False), "one more file is made than may be"
        assert count_box(CHAIR, closed_box) == 3
    finally:
        can_end.set()
        for each in offices:
            each.join()
