"""An older copy of the database that is put back by hand is told by what the machine has seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scene import CHAIR, cast, hold_meeting
from sqlalchemy import text

from kaohe.config import Config
from kaohe.operations.chair.voting import pause_meeting, resume_meeting
from kaohe.operations.server.backing_up import restore_backup
from kaohe.operations.server.startup_checks import check_server
from kaohe.storage.backups import copy_database
from kaohe.storage.database import transaction
from kaohe.storage.record import record
from kaohe.storage.starting import close_database
from kaohe.storage.witness import FILE_NAME


def told() -> list[str]:
    return [check.text for check in check_server(20_000) if check.text.startswith("见证")]


def put_back(copy: Path, config: Config) -> None:
    """As somebody does who copies files."""
    close_database()
    for path in config.data.glob("kaohe.sqlite3*"):
        path.unlink()
    (config.data / "kaohe.sqlite3").write_bytes(copy.read_bytes())


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_older_copy_put_back_by_hand_is_told_by_its_ballots(config: Config, tmp_path: Path) -> None:
    scene = hold_meeting()
    for code in scene.all_codes[:5]:
        cast(scene.meeting_id, code, "excellent")
    copy = tmp_path / "copy.sqlite3"
    copy_database(copy)
    for code in scene.all_codes[5:]:
        cast(scene.meeting_id, code, "excellent")
    assert told() == []
    put_back(copy, config)
    (said,) = told()
    assert "年度民主测评会" in said
    assert "至少 10 张票" in said
    assert "kaohe restore" in said
    # What was seen once stays seen, whatever is done with the older copy.
    cast(scene.meeting_id, scene.all_codes[5], "excellent")
    pause_meeting(CHAIR, scene.meeting_id)
    assert "至少 10 张票" in told()[0]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_older_copy_put_back_by_hand_is_told_by_its_acts(config: Config, tmp_path: Path) -> None:
    scene = hold_meeting()
    copy = tmp_path / "copy.sqlite3"
    copy_database(copy)
    pause_meeting(CHAIR, scene.meeting_id)
    put_back(copy, config)
    (said,) = told()
    assert "有操作不在数据库的记录里" in said
    # Another act under the number of the missing one does not pass for it.
    pause_meeting("李监票", scene.meeting_id)
    resume_meeting(CHAIR, scene.meeting_id)
    pause_meeting(CHAIR, scene.meeting_id)
    assert told() == [said]

    close_database()
    restore_backup(CHAIR, copy, head="", approved_by=("王主持", "李监票"), has_own_secrets=True)
    assert told() == []


def test_a_database_that_is_newer_than_the_witness_or_has_none_is_in_order(config: Config) -> None:
    scene = hold_meeting()
    path = config.data / FILE_NAME
    kept = path.read_bytes()
    for code in scene.all_codes:
        cast(scene.meeting_id, code, "excellent")
    pause_meeting(CHAIR, scene.meeting_id)
    assert told() == []
    for content in (kept, b"", b'{"acts": 1}', b"\xff"):
        path.write_bytes(content)
        assert told() == []
    path.write_text(json.dumps({"of": "another", "acts": {"gone": [1, "x"]}, "ballots": {}, "parted": []}))
    assert told() == []
    path.unlink()
    assert told() == []


def test_the_witness_tells_of_ballots_in_tens_and_of_an_undone_transaction_nothing(config: Config) -> None:
    scene = hold_meeting()
    for code in scene.all_codes:
        cast(scene.meeting_id, code, "excellent")
    seen = json.loads((config.data / FILE_NAME).read_text(encoding="utf-8"))
    assert len(scene.all_codes) == 12
    assert list(seen["ballots"].values()) == [10]
    before = (config.data / FILE_NAME).read_bytes()

    def fail() -> None:
        with transaction() as session:
            record(session, scene.meeting_id, CHAIR, "paused")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction() as session:
        session.execute(text("SELECT 1"))
    assert (config.data / FILE_NAME).read_bytes() == before
