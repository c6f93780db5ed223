"""The box itself: groups, a bounded queue, and nobody who hangs, whatever becomes of the others."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from scene import Scene, hold_meeting
from sqlalchemy import event, insert, select

from kaohe.domain.envelopes import Envelope, ticket_digest
from kaohe.domain.errors import BallotBoxBusy, KaoheError
from kaohe.operations.hall.boards import load_board
from kaohe.storage import ballot_box
from kaohe.storage.ballot_box import BallotBox, CastRequest
from kaohe.storage.database import transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.redeeming import redeem
from kaohe.storage.tables import EnvelopeRow, RoundRow, db

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scene(app: Flask) -> Iterator[Scene]:
    with app.app_context():
        yield hold_meeting()


class Phones:
    """Threads that cast at one box, each a ballot of its own."""

    def __init__(self, app: Flask, scene: Scene, box: BallotBox) -> None:
        self._app, self._scene, self._box = app, scene, box
        self.outcomes: dict[int, object] = {}
        self.threads: list[threading.Thread] = []

    def cast(self, number: int) -> None:
        thread = threading.Thread(target=self._run, args=(number,))
        thread.start()
        self.threads.append(thread)

    def join(self) -> None:
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive(), "somebody hangs"

    def _run(self, number: int) -> None:
        with self._app.app_context():
            try:
                self._box.cast(request_of(self._scene, number))
                self.outcomes[number] = "stored"
            except KaoheError as refusal:
                self.outcomes[number] = type(refusal)


@contextmanager
def held() -> Iterator[None]:
    """Nothing can be stored while the rounds are held."""
    with transaction() as session:
        session.execute(select(RoundRow).with_for_update())
        yield


def request_of(scene: Scene, number: int) -> CastRequest:
    round_id = load_board(scene.meeting_id).round.id
    digest = ticket_digest(these_secrets().pepper, scene.all_codes[number])
    return CastRequest(round_id, digest, bytes([number]) * 32, Envelope("all", bytes([number]) * 16, b"box"))


def work_of_a_group(scene: Scene, first: int) -> int:
    """How much SQLite does to store five ballots, in hundreds of its machine's steps."""
    steps: list[None] = []
    with transaction() as session:
        driver = session.connection().connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(None), 100)
        outcomes = redeem(session.connection(), [request_of(scene, number) for number in range(first, first + 5)])
        driver.set_progress_handler(None, 0)
    assert all(isinstance(outcome, bytes) for outcome in outcomes)
    return len(steps)


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_whoever_comes_during_a_commit_is_in_the_next_group(app: Flask, scene: Scene) -> None:
    box = BallotBox()
    phones = Phones(app, scene, box)
    with held():
        phones.cast(0)
        wait_for(lambda: box.commit_seconds > 0 and box.waiting_count == 0)
        for number in range(1, 9):
            phones.cast(number)
        wait_for(lambda: box.waiting_count == 8)
        commits: list[object] = []
        event.listen(db.engine, "commit", commits.append)
    phones.join()

    assert len(commits) == 3, "the one that held the rounds, the first ballot, and all the others"
    assert set(phones.outcomes.values()) == {"stored"}
    assert load_board(scene.meeting_id).cast == 9
    assert box.commit_seconds == 0


def test_a_ballot_that_comes_alone_waits_for_nobody(app: Flask, scene: Scene) -> None:
    box, begun = BallotBox(), time.monotonic()
    for number in range(8):
        box.cast(request_of(scene, number))
    assert load_board(scene.meeting_id).cast == 8
    assert time.monotonic() - begun < 6


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_group_is_stored_in_a_full_box_with_the_work_that_it_takes_in_an_empty_one(scene: Scene) -> None:
    in_an_empty_box = work_of_a_group(scene, 0)
    with transaction() as session:
        round_id = session.scalars(select(RoundRow.id)).one()
        filled = [
            {"round_id": round_id, "id": name, "group_key": "all", "tag": name, "box": b"box"}
            for name in (os.urandom(16) for _ in range(2000))
        ]
        session.execute(insert(EnvelopeRow), filled)
    assert work_of_a_group(scene, 5) < 2 * in_an_empty_box


def test_more_than_the_queue_holds_are_told_to_come_back_and_the_rest_is_stored(
    app: Flask, scene: Scene, monkeypatch
) -> None:
    monkeypatch.setattr(ballot_box, "WAITING_AT_MOST", 3)
    box = BallotBox()
    phones = Phones(app, scene, box)
    with held():
        phones.cast(0)
        wait_for(lambda: box.commit_seconds > 0 and box.waiting_count == 0)
        for number in range(1, 4):
            phones.cast(number)
        wait_for(lambda: box.waiting_count == 3)
        with pytest.raises(BallotBoxBusy):
            box.cast(request_of(scene, 4))
    phones.join()

    assert set(phones.outcomes.values()) == {"stored"}
    assert load_board(scene.meeting_id).cast == 4


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_that_stores_nothing_turns_all_away_at_once_and_serves_again_afterwards(
    app: Flask, scene: Scene, monkeypatch
) -> None:
    monkeypatch.setattr("kaohe.storage.database.LOCK_PATIENCE_SECONDS", 0.3)
    box = BallotBox()
    phones = Phones(app, scene, box)
    with held():
        for number in range(9):
            phones.cast(number)
        phones.join()
    assert set(phones.outcomes.values()) == {BallotBoxBusy}
    assert load_board(scene.meeting_id).cast == 0
    box.cast(request_of(scene, 0))
    assert load_board(scene.meeting_id).cast == 1


STOPPING = """
from gevent import monkey
monkey.patch_all()
import sqlite3, sys, gevent
from pathlib import Path
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.storage.migrating import migrate_database
from scene import cast, hold_meeting
from kaohe.operations.hall.boards import load_board

data = Path(sys.argv[1])
app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
with app.app_context():
    migrate_database()
    scene = hold_meeting()

def vote(code):
    with app.app_context():
        return cast(scene.meeting_id, code, "excellent")

blocker = sqlite3.connect(data / "kaohe.sqlite3", isolation_level=None)
blocker.execute("BEGIN IMMEDIATE")
phones = [gevent.spawn(vote, code) for code in scene.all_codes[:8]]
gevent.sleep(0.5)
writer, waiter = (phones[0], phones[4]) if sys.argv[2] == "both" else (phones[0], phones[0])
for each in {writer, waiter}:
    each.kill(block=False)
gevent.sleep(0.5)
blocker.execute("COMMIT")
gevent.joinall(phones, timeout=20)
with app.app_context():
    vote(scene.all_codes[8])
    print(sum(isinstance(each.value, str) for each in phones), sum(each.ready() for each in phones),
          load_board(scene.meeting_id).cast)
"""


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("stopped", ["writer", "both"])
def test_nobody_hangs_for_one_who_is_stopped_and_no_ballot_is_half_stored(tmp_path: Path, stopped: str) -> None:
    folder = tmp_path / "other"
    done = subprocess.run(
        [sys.executable, "-c", STOPPING, str(folder), stopped],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in (".", "tests", "tests/support"))},
        cwd=ROOT,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    acknowledged, ended, cast = map(int, done.stdout.split())
    assert ended == 8
    # The writer's group is turned away whole and may be sent again; those who came later are stored.
    assert cast == acknowledged + 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("crowd", [1, 2, 5, 256])
def test_a_crowd_that_is_committed_before_the_writers_turn_leaves_nobody_behind(
    app: Flask, scene: Scene, monkeypatch, crowd: int
) -> None:
    monkeypatch.setattr(ballot_box, "CROWD", crowd)
    box = BallotBox()
    for _ in range(5):
        phones = Phones(app, scene, box)
        for number in range(12):
            phones.cast(number)
            phones.cast(number)
        phones.join()
        assert set(phones.outcomes.values()) == {"stored"}
        assert box.commit_seconds == 0
    assert load_board(scene.meeting_id).cast == 12
