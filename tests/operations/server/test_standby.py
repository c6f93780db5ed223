"""A commit counts once the synchronous standby has it: nobody waits for ever, nobody is told what is not so."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from replicated import ReplicatedPostgreSQL
from scene import CHAIR, cast, hold_meeting, prepare_meeting
from sqlalchemy import text

from kaohe.config import Config
from kaohe.domain.errors import BallotBoxBusy, NotReady, TracesLeft
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.open_rounds import forget_round
from kaohe.operations.server import health
from kaohe.operations.server.health import box_warning, readiness
from kaohe.operations.server.startup_checks import check_running
from kaohe.storage import exclusive_access, postgresql, silence
from kaohe.storage.ballot_box import BALLOT_BOX
from kaohe.storage.database import database_answers, reading, try_to_store
from kaohe.storage.exclusive_access import hold_presence, key_folders_present
from kaohe.storage.migrating import migrate_database
from kaohe.storage.round_keys import has_key_file
from kaohe.storage.rounds import current_round
from kaohe.storage.starting import close_database
from kaohe.storage.storage_faults import CannotStore, StorageFault, Unconfirmed
from kaohe.storage.wiping import erase_traces

AWAY = "同步备库没有应答"
NONCE = "00112233445566778899aabbccddeeff"


@pytest.fixture(scope="module")
def pair() -> Iterator[ReplicatedPostgreSQL]:
    started = ReplicatedPostgreSQL.start()
    yield started
    started.stop()


@pytest.fixture
def database_kind() -> str:
    return "postgresql"


@pytest.fixture
def config(pair: ReplicatedPostgreSQL, tmp_path: Path) -> Config:
    return Config(tmp_path, pair.url(pair.primary.create_database()), is_testing=True)


@pytest.fixture(autouse=True)
def context(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(BALLOT_BOX, "fault", None)
    with app.app_context():
        migrate_database()
        yield


@contextmanager
def without_standby(pair: ReplicatedPostgreSQL) -> Iterator[None]:
    pair.standby.go_away()
    try:
        yield
    finally:
        pair.standby.come_back()
        pair.wait_for_standby()


def test_while_the_standby_is_away_nothing_is_acknowledged_and_everybody_hears_why(
    pair: ReplicatedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "COMMIT_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_LEAST_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_PAUSE_SECONDS", 0.2)
    scene = hold_meeting()
    one, other, *_ = scene.all_codes
    cast(scene.meeting_id, one, "excellent")
    with without_standby(pair):
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, other, "excellent", nonce=NONCE)
        # The others are refused at once instead of waiting each for its own turn.
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, other, "excellent", nonce=NONCE)
        assert BALLOT_BOX.fault is StorageFault.STANDBY
        assert AWAY in box_warning()
        assert readiness().reasons == ("store-standby",)
        assert any(AWAY in check.text for check in check_running() if not check.is_good)
        time.sleep(0.3)
        with pytest.raises(CannotStore, match=AWAY):
            pause_meeting(CHAIR, scene.meeting_id)
        assert pair.waiting_commits() == []
    time.sleep(0.3)
    assert box_warning() == ""
    assert readiness().is_ready
    # The phone's second sending finds its ballot, which by now lies on both machines.
    assert cast(scene.meeting_id, other, "excellent", nonce=NONCE)
    assert load_board(scene.meeting_id).cast == 2


def test_a_commit_whose_wait_somebody_cancels_is_acknowledged_to_nobody(
    pair: ReplicatedPostgreSQL, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_PAUSE_SECONDS", 0.0)
    scene = hold_meeting()
    refused: list[type[Exception]] = []

    def act(does: str) -> None:
        with app.app_context():
            try:
                if does == "cast":
                    cast(scene.meeting_id, scene.all_codes[0], "excellent")
                else:
                    pause_meeting(CHAIR, scene.meeting_id)
            except CannotStore as refusal:
                refused.append(type(refusal))
            except BallotBoxBusy:
                refused.append(BallotBoxBusy)

    with without_standby(pair):
        for does in ("cast", "pause"):
            acting = threading.Thread(target=act, args=(does,))
            acting.start()
            while not pair.waiting_commits():
                time.sleep(0.01)
            ((pid,),) = pair.waiting_commits()
            pair.primary.ask(f"SELECT pg_cancel_backend({pid})")
            acting.join()
    assert refused == [BallotBoxBusy, Unconfirmed]


def test_wiping_locks_no_table_until_the_standby_is_back(pair: ReplicatedPostgreSQL) -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    with without_standby(pair):
        erase_traces("envelopes", "tickets")
        assert pair.waiting_commits() == []
        assert load_board(scene.meeting_id).cast == 1


def test_a_primary_that_does_not_wait_for_the_standby_it_names_opens_no_meeting(pair: ReplicatedPostgreSQL) -> None:
    scene = prepare_meeting()
    pair.set("synchronous_commit", "local")
    try:
        with pytest.raises(NotReady, match="synchronous_commit=local"):
            open_meeting(CHAIR, scene.meeting_id)
        assert any("synchronous_commit=local" in check.text for check in check_running() if not check.is_good)
    finally:
        pair.set("synchronous_commit", "on")
    open_meeting(CHAIR, scene.meeting_id)


def test_a_second_sending_after_an_unconfirmed_close_is_not_acknowledged_from_the_primary_alone(
    pair: ReplicatedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "COMMIT_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_LEAST_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_PAUSE_SECONDS", 0.0)
    scene = hold_meeting()
    code = scene.all_codes[0]
    with without_standby(pair):
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, code, "excellent", nonce=NONCE)
        with pytest.raises(CannotStore, match=AWAY):
            close_meeting(CHAIR, scene.meeting_id)
        # As another server does, or one that was started since: it has not seen this round open.
        forget_round(scene.meeting_id, scene.style_key)
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, code, "excellent", nonce=NONCE)
    assert cast(scene.meeting_id, code, "excellent", nonce=NONCE)
    assert load_board(scene.meeting_id).cast == 1


def test_no_key_is_destroyed_before_the_standby_has_the_ballots_that_it_has_opened(
    pair: ReplicatedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "COMMIT_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_LEAST_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "_PAUSE_SECONDS", 0.0)
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    with reading() as session:
        round_id = current_round(session, scene.meeting_id).id

    def lose_standby(told: str) -> None:
        if "写入选票" in told:
            pair.standby.go_away()

    try:
        with pytest.raises(Unconfirmed):
            count_meeting(CHAIR, scene.meeting_id, told=lose_standby)
        # Whoever presses again, and every start of a server, finishes what was stopped.
        for finish in (lambda: count_meeting(CHAIR, scene.meeting_id), erase_what_is_due):
            with pytest.raises(TracesLeft, match=AWAY):
                finish()
            assert has_key_file(round_id), "the standby has nothing but the sealed ballots"
    finally:
        pair.standby.come_back()
        pair.wait_for_standby()
    assert count_meeting(CHAIR, scene.meeting_id) == 1
    assert not has_key_file(round_id)


def test_a_primary_that_only_reads_acknowledges_nothing_and_says_why(pair: ReplicatedPostgreSQL) -> None:
    scene = hold_meeting()
    pair.set("default_transaction_read_only", "on")
    try:
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, scene.all_codes[0], "excellent")
        assert BALLOT_BOX.fault is StorageFault.READ_ONLY
    finally:
        pair.set("default_transaction_read_only", "off")
    assert cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert load_board(scene.meeting_id).cast == 1


def test_who_gives_up_the_standby_lets_the_voting_go_on_and_is_told_what_it_costs(pair: ReplicatedPostgreSQL) -> None:
    scene = hold_meeting()
    pair.standby.go_away()
    try:
        pair.set("synchronous_standby_names", "")
        assert cast(scene.meeting_id, scene.all_codes[0], "excellent")
        assert any("没有同步备库" in check.text for check in check_running() if not check.is_good)
    finally:
        pair.standby.come_back()
        pair.set("synchronous_standby_names", "standby")
        pair.wait_for_standby()


def test_a_primary_that_is_frozen_is_given_up_and_nobody_waits_for_its_thaw(
    pair: ReplicatedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(silence, "GREETING_SECONDS", 2)
    scene = hold_meeting()
    # What has changed so far is announced, so that nobody else uses a connection just now; one waits in the pool.
    close_database()
    assert database_answers()
    # The system goes on answering for it, so that neither a timeout of the network nor the database ends the wait.
    pair.primary.freeze()
    try:
        assert try_to_store(0.5) is StorageFault.UNREACHABLE
    finally:
        pair.primary.thaw()
    assert try_to_store(0.5) is None
    assert cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_a_database_that_works_for_long_is_not_taken_for_a_silent_one(
    pair: ReplicatedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "SILENCE_SECONDS", 0.1)
    asked: list[silence.AnsweringConnection] = []
    really_ask = silence.AnsweringConnection.require_somebody

    def note(connection: silence.AnsweringConnection) -> None:
        asked.append(connection)
        really_ask(connection)

    monkeypatch.setattr(silence.AnsweringConnection, "require_somebody", note)
    with reading() as session:
        session.execute(text("SELECT pg_sleep(0.5)"))
        assert session.scalar(text("SELECT 1")) == 1
    assert asked


def test_a_server_whose_presence_was_lost_is_present_again(
    pair: ReplicatedPostgreSQL, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusive_access, "_LOOK_SECONDS", 0.02)

    def present() -> set[str]:
        with reading() as session:
            return key_folders_present(session)

    with hold_presence(config.database_url, "a-folder"):
        assert present() == {"a-folder"}
        # As a failover does: the connection is gone, and another one finds whoever takes writes.
        pair.primary.ask(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE starts_with(application_name, 'kaohe server')"
        )
        while present() != {"a-folder"}:
            time.sleep(0.01)
    while present():
        time.sleep(0.01)
