"""Whether the server can do its work, told to whoever watches over it and to the chair."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from scene import CHAIR, cast, hold_meeting, prepare_meeting
from sqlalchemy import make_url, text
from troubled_disks import locked_by_another, read_only_disk

from kaohe.config import Config
from kaohe.domain.errors import BallotBoxBusy, NotReady
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.server import health
from kaohe.operations.server.health import STEP, box_warning, readiness, watched_box
from kaohe.storage.ballot_box import BALLOT_BOX
from kaohe.storage.box_figures import BoxFigures
from kaohe.storage.database import transaction
from kaohe.storage.installation import install, these_secrets
from kaohe.storage.starting import close_database
from kaohe.storage.storage_faults import CannotStore
from kaohe.storage.tables import db

HUGE_MB = 1_000_000_000
READ_ONLY = "只能读、不能写"


@pytest.fixture(autouse=True)
def fresh_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """The box of a process that has just begun, asked as often as one likes."""
    monkeypatch.setattr(BALLOT_BOX, "figures", BoxFigures())
    monkeypatch.setattr(BALLOT_BOX, "fault", None)
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)


def set_floor(app: Flask, config: Config, megabytes: int) -> None:
    install(app, replace(config, disk_floor_mb=megabytes), these_secrets())


def test_a_server_in_order_is_ready() -> None:
    assert readiness().reasons == ()
    assert readiness().is_ready


def test_a_disk_below_the_floor_is_not_ready_and_opens_no_meeting(app: Flask, config: Config) -> None:
    scene = prepare_meeting()
    set_floor(app, config, HUGE_MB)
    assert readiness().reasons == ("disk",)
    with pytest.raises(NotReady, match="磁盘只剩"):
        open_meeting(CHAIR, scene.meeting_id)

    set_floor(app, config, 500)
    open_meeting(CHAIR, scene.meeting_id)
    assert box_warning() == ""
    set_floor(app, config, HUGE_MB)
    assert "剩余空间不足" in box_warning()
    # Voting that has begun goes on as long as the disk takes it.
    cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_a_database_of_an_older_version_is_not_ready() -> None:
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert readiness().reasons == ("migrations",)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_chair_hears_at_once_why_no_ballot_can_be_stored_and_when_it_can_again() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    with read_only_disk():
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, scene.all_codes[1], "excellent")
        assert READ_ONLY in box_warning()
        assert readiness().reasons == ("store-read_only",)
        with pytest.raises(CannotStore, match=READ_ONLY):
            close_meeting(CHAIR, scene.meeting_id)
    assert box_warning() == ""
    assert readiness().is_ready
    cast(scene.meeting_id, scene.all_codes[1], "excellent")
    assert close_meeting(CHAIR, scene.meeting_id) == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_held_by_another_program_is_named_as_that(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaohe.storage.database.LOCK_PATIENCE_SECONDS", 0.2)
    scene = hold_meeting()
    with locked_by_another(config.data):
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, scene.all_codes[0], "excellent")
        assert "另一个程序占用" in box_warning()
        assert readiness().reasons == ("store-locked",)
    assert box_warning() == ""
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert load_board(scene.meeting_id).cast == 1


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_read_only_postgresql_is_named_as_that_and_works_again_afterwards(config: Config) -> None:
    scene = hold_meeting()
    name = make_url(config.database_url).database
    with transaction() as session:
        session.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    # The connections that know nothing of it end.
    close_database()
    with pytest.raises(BallotBoxBusy):
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert "只能读、不能写" in box_warning()
    assert readiness().reasons == ("store-read_only",)
    with db.engine.begin() as connection:
        connection.execute(text("SET TRANSACTION READ WRITE"))
        connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    close_database()
    assert box_warning() == ""
    cast(scene.meeting_id, scene.all_codes[0], "excellent")


def test_the_figures_of_the_box_never_move_by_fewer_ballots_than_a_step() -> None:
    scene = hold_meeting()
    seen = []
    for code in scene.all_codes:
        cast(scene.meeting_id, code, "excellent")
        shown = watched_box()
        seen.append((shown.figures.stored, sum(shown.figures.commit_seconds.counts), shown.figures.group_sizes.total))
    assert len(scene.all_codes) == 12
    assert seen == [(0, 0, 0.0)] * (STEP - 1) + [(10, 10, 10.0)] * 3
    assert BALLOT_BOX.figures.stored == 12
