"""The key that the servers hold lies in a file of its own, and is overwritten when nobody needs it any more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.command import upgrade
from alembic.config import Config as Migrations
from scene import CHAIR, Scene, cast, hold_meeting, prepare_meeting
from sqlalchemy import inspect, text

from kaohe.config import Config
from kaohe.domain.errors import BackupRefused, FieldInvalid, KeyFileMissing, KeyFolderUnwritable, TracesLeft
from kaohe.domain.meetings import Custody, HallView, MeetingState
from kaohe.factory import create_app
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import LiveTally, TurnoutOnly
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count import erasing
from kaohe.operations.count.box_keys import copy_key, key_copy_reminder, list_key_warnings, load_key_warning
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.server.startup_checks import check_running
from kaohe.operations.setup.rehearsing import start_rehearsal, wipe_rehearsal
from kaohe.storage.database import is_sqlite, reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.rounds import current_round
from kaohe.storage.starting import close_database
from kaohe.storage.tables import db

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def key_file(config: Config) -> Path:
    (path,) = config.key_folder.glob("*.key*")
    return path


def voted(hall_view: HallView = HallView.TURNOUT) -> Scene:
    scene = hold_meeting(hall_view=hall_view)
    for code in scene.all_codes[:3]:
        cast(scene.meeting_id, code, "excellent")
    return scene


def acts(scene: Scene) -> list[str]:
    return [entry.act for entry in reversed(list_record_entries(scene.meeting_id))]


@contextmanager
def another_server(config: Config, keys: Path) -> Iterator[None]:
    """Within the block a second server on the same database speaks, whose keys lie elsewhere."""
    app = create_app(replace(config, keys=keys))
    with app.app_context():
        try:
            yield
        finally:
            close_database()


def test_the_key_is_in_one_file_of_one_block_and_nowhere_in_the_database(config: Config) -> None:
    scene = voted()
    wrapped = key_file(config).read_bytes()[:60]
    assert key_file(config).stat().st_size == 4096
    assert key_file(config).stat().st_mode & 0o077 == 0
    with reading() as session:
        row = current_round(session, scene.meeting_id)
        cells = [
            bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
            for table in inspect(db.engine).get_table_names()
            for line in session.execute(text(f"SELECT * FROM {table}"))
            for cell in line
        ]
    private = these_secrets().unwrap(wrapped, f"box|{row.id}")
    files = [path.read_bytes() for path in config.data.iterdir() if path != key_file(config)]
    for needle in (wrapped, private):
        assert not any(needle in place or needle.hex().encode() in place for place in [*cells, *files])


def test_the_count_overwrites_the_file_in_its_place_before_it_is_removed(config: Config, tmp_path: Path) -> None:
    scene = voted()
    close_meeting(CHAIR, scene.meeting_id)
    # A second name of the same blocks, by which they can be read after the removal.
    blocks = tmp_path / "blocks"
    os.link(key_file(config), blocks)
    before = blocks.read_bytes()

    count_meeting(CHAIR, scene.meeting_id)

    after = blocks.read_bytes()
    assert len(after) == len(before) == 4096
    assert before[:60] not in after
    assert after.strip(b"\0")
    assert not list(config.data.glob("*.key*"))


@pytest.mark.parametrize("broken", ["gone", "another", "cut short"])
def test_without_the_file_nothing_is_stripped_or_counted_and_with_it_the_count_goes_on(
    config: Config, broken: str
) -> None:
    scene = voted()
    close_meeting(CHAIR, scene.meeting_id)
    path = key_file(config)
    right = path.read_bytes()
    if broken == "gone":
        path.unlink()
    else:
        path.write_bytes(right[:59] if broken == "cut short" else os.urandom(4096))

    with pytest.raises(KeyFileMissing, match=r"钥匙文件 .*round-.*\.key 读不到") as refusal:
        count_meeting(CHAIR, scene.meeting_id)
    assert refusal.value.code == "key_file_missing"
    assert acts(scene)[-1] == "closed"
    assert refusal.value.message in load_key_warning(scene.meeting_id)
    assert any(refusal.value.message in check.text for check in check_running() if not check.is_good)

    path.write_bytes(right)
    assert not load_key_warning(scene.meeting_id)
    assert count_meeting(CHAIR, scene.meeting_id) == 3


def test_a_server_that_does_not_share_the_folder_says_so_shows_turnout_only_and_the_other_one_counts(
    config: Config, tmp_path: Path
) -> None:
    scene = voted(HallView.BATCHED)
    assert isinstance(MeetingScreen(scene.meeting_id).snapshot(), LiveTally)
    with another_server(config, tmp_path / "elsewhere"):
        assert isinstance(MeetingScreen(scene.meeting_id).snapshot(), TurnoutOnly)
        ((title, why),) = list_key_warnings()
        assert title == "年度民主测评会"
        assert "KAOHE_KEYS 应指向共用的目录" in why
        close_meeting(CHAIR, scene.meeting_id)
        with pytest.raises(KeyFileMissing):
            count_meeting(CHAIR, scene.meeting_id)
    assert count_meeting(CHAIR, scene.meeting_id) == 3


def test_the_server_that_opened_dies_and_another_one_with_the_same_folder_counts(
    config: Config, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    with another_server(config, shared):
        scene = voted()
        close_meeting(CHAIR, scene.meeting_id)
    assert not list(config.data.glob("*.key"))
    with another_server(config, shared):
        assert count_meeting(CHAIR, scene.meeting_id) == 3
        assert load_counted(scene.meeting_id).result.turnout.cast == 3
    assert not list(shared.iterdir())


def test_no_box_is_opened_where_its_key_cannot_be_kept(config: Config, tmp_path: Path) -> None:
    scene = prepare_meeting()
    (tmp_path / "a file").touch()
    with another_server(config, tmp_path / "a file" / "keys"):
        for begin in (open_meeting, start_rehearsal):
            with pytest.raises(KeyFolderUnwritable, match="还不能开始投票") as refusal:
                begin(CHAIR, scene.meeting_id)
            assert refusal.value.code == "key_folder_unwritable"
    assert load_board(scene.meeting_id).round.state is MeetingState.DRAFT
    # Where the tellers hold the key, there is none to keep.
    with another_server(config, tmp_path / "a file" / "keys"):
        assert hold_meeting(custody=Custody.TELLERS)


def test_a_count_that_is_cut_off_before_the_key_is_gone_is_finished_by_the_next_start(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = voted()
    close_meeting(CHAIR, scene.meeting_id)
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "destroy_round_key", lambda _: (_ for _ in ()).throw(TracesLeft))
        with pytest.raises(TracesLeft):
            count_meeting(CHAIR, scene.meeting_id)
    assert acts(scene)[-1] == "counted"
    assert key_file(config).exists()

    erase_what_is_due()

    assert acts(scene)[-1] == "destroyed"
    assert not list(config.data.glob("*.key*"))


def test_a_key_of_a_voided_round_is_destroyed_and_one_that_was_not_there_is_not_said_to_be(config: Config) -> None:
    scene = voted()
    void_round(CHAIR, scene.meeting_id, "扩音中断")
    assert not list(config.data.glob("*.key*"))
    assert acts(scene)[-1] == "destroyed"

    lost = voted()
    key_file(config).unlink()
    void_round(CHAIR, lost.meeting_id, "钥匙文件丢失")
    assert "destroyed" not in acts(lost)


def test_a_rehearsal_leaves_no_key_behind_and_neither_does_an_opening_that_was_cut_off(config: Config) -> None:
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    assert key_file(config).exists()
    wipe_rehearsal(CHAIR, scene.meeting_id)
    assert not list(config.data.glob("*.key*"))

    start_rehearsal(CHAIR, scene.meeting_id)
    with reading() as session:
        round_id = current_round(session, scene.meeting_id).id
    (config.data / f".round-{round_id}.key.part").write_bytes(b"half")
    open_meeting(CHAIR, scene.meeting_id)
    assert key_file(config).name == f"round-{round_id}.key"


def test_a_copy_is_on_record_opens_the_box_and_the_count_asks_for_its_destruction(
    config: Config, tmp_path: Path
) -> None:
    scene = voted()
    kept = tmp_path / "kept"
    kept.mkdir()
    copy = copy_key(CHAIR, scene.meeting_id, kept)
    assert acts(scene)[-1] == "copied_key"
    with pytest.raises(BackupRefused, match="已经存在"):
        copy_key(CHAIR, scene.meeting_id, kept)
    close_meeting(CHAIR, scene.meeting_id)
    assert not key_copy_reminder(scene.meeting_id)

    key_file(config).unlink()
    (config.data / copy.name).write_bytes(copy.read_bytes())
    assert count_meeting(CHAIR, scene.meeting_id) == 3

    assert f"请销毁它的副本 {copy.name}" in key_copy_reminder(scene.meeting_id)
    with pytest.raises(FieldInvalid, match="没有由服务器保管"):
        copy_key(CHAIR, scene.meeting_id, kept)


@pytest.mark.parametrize("state", ["open", "closed"])
def test_the_migration_takes_the_key_of_an_open_round_out_of_the_database_and_it_still_opens_the_box(
    config: Config, state: str
) -> None:
    scene = voted()
    if state == "closed":
        close_meeting(CHAIR, scene.meeting_id)
    wrapped = key_file(config).read_bytes()[:60]
    key_file(config).unlink()
    with db.engine.begin() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
        kind = "BLOB" if is_sqlite() else "BYTEA"
        connection.execute(text(f"ALTER TABLE rounds ADD COLUMN wrapped_key {kind}"))
        connection.execute(text("UPDATE rounds SET wrapped_key = :wrapped"), {"wrapped": wrapped})
        connection.execute(text("UPDATE alembic_version SET version_num = '0001_version_0_2_0'"))
    upgrade(Migrations(MIGRATIONS / "alembic.ini"), "0002_keys_in_files")
    with db.engine.begin() as connection:
        # What came later is there already.
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})

    assert key_file(config).read_bytes()[:60] == wrapped
    with reading() as session:
        assert "wrapped_key" not in {column["name"] for column in inspect(session.connection()).get_columns("rounds")}
        assert current_round(session, scene.meeting_id).traces_due == "moved_key"
    erase_what_is_due()
    if is_sqlite():
        assert not any(wrapped in path.read_bytes() for path in config.data.glob("kaohe.sqlite3*"))
    if state == "open":
        close_meeting(CHAIR, scene.meeting_id)
    assert count_meeting(CHAIR, scene.meeting_id) == 3
    assert acts(scene)[-3:] == ["stripped", "counted", "destroyed"]
