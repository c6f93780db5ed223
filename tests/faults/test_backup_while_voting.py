"""R15 and R16: copies made in the middle of a burst are whole and hold what was acknowledged; older ones stay out."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.hall_under_fault import IS_LONG, Attacked, until

from bench.hall import ROOT
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.server import backing_up
from kaohe.storage.starting import close_database

VOTERS = 2000 if IS_LONG else 200
COPIES = 20 if IS_LONG else 2


def kaohe(attacked: Attacked, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command on the data folder, as an operator types it."""
    return subprocess.run(
        [sys.executable, "-m", "kaohe", *arguments],
        env={**os.environ, "KAOHE_DATA": str(attacked.hall.data), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def back_up(attacked: Attacked, copy: Path) -> None:
    done = kaohe(attacked, "backup", "--out", str(copy))
    assert done.returncode == 0, done.stderr


def copy_the_file(attacked: Attacked, copy: Path) -> None:
    """The planted mistake: what a backup program does that knows nothing of the log beside the database."""
    shutil.copyfile(attacked.hall.data / "kaohe.sqlite3", copy)


def contents(copy: Path) -> tuple[str, int, int]:
    """(what the integrity check says, spent tickets, envelopes), looked at with nothing of the program's."""
    connection = sqlite3.connect(copy)
    try:
        return (
            connection.execute("PRAGMA integrity_check").fetchone()[0],
            connection.execute("SELECT count(*) FROM tickets WHERE is_spent").fetchone()[0],
            connection.execute("SELECT count(*) FROM envelopes").fetchone()[0],
        )
    finally:
        connection.close()


def copies_while_voting(folder: Path, make: Callable[[Attacked, Path], None]) -> list[str]:
    """What is wrong with copies that were made one after the other while a hall voted."""
    attacked = Attacked.open(folder / "data", VOTERS)
    attacked.start()
    wrong: list[str] = []

    def look(number: int) -> None:
        copy = folder / f"copy-{number}.sqlite3"
        until(lambda: attacked.stored() >= VOTERS * (number + 1) // (COPIES + 2))
        acknowledged = attacked.stored()
        make(attacked, copy)
        integrity, spent, envelopes = contents(copy)
        if integrity != "ok":
            wrong.append(f"integrity: {integrity}")
        if spent != envelopes:
            wrong.append(f"{spent} spent, {envelopes} envelopes")
        if envelopes < acknowledged:
            wrong.append(f"{acknowledged - envelopes} ballots missing")

    async def copy_again_and_again() -> None:
        for number in range(COPIES):
            await asyncio.to_thread(look, number)

    outcome = attacked.check(*attacked.vote(2.0, copy_again_and_again))
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)
    return wrong


def test_every_backup_made_while_voting_is_whole_and_keeps_no_ballot_out(tmp_path: Path) -> None:
    assert copies_while_voting(tmp_path, back_up) == []


def test_a_copy_of_the_file_alone_is_caught(tmp_path: Path) -> None:
    assert copies_while_voting(tmp_path, copy_the_file) != []


def voted_on_after_a_backup(folder: Path) -> tuple[Attacked, Path]:
    """A server that has stopped; a copy lies beside it that lacks half of the ballots."""
    attacked = Attacked.open(folder / "data", 40)
    attacked.start()
    copy = folder / "copy.sqlite3"

    async def nothing() -> None:
        await asyncio.sleep(0)

    attacked.vote(0.2, nothing, attacked.hall.codes[:20])
    back_up(attacked, copy)
    attacked.vote(0.2, nothing, attacked.hall.codes[20:])
    return attacked, copy


def test_an_older_copy_is_refused_while_serving_and_afterwards_and_open_pages_mend_what_two_persons_undo(
    tmp_path: Path,
) -> None:
    attacked, copy = voted_on_after_a_backup(tmp_path)
    assert "先停止服务器" in kaohe(attacked, "restore", str(copy)).stderr
    attacked.kill()
    refused = kaohe(attacked, "restore", str(copy))
    assert refused.returncode == 2
    assert "20 张选票" in refused.stderr
    assert attacked.stored() == 40

    approved = kaohe(attacked, "restore", str(copy), "--approved-by", "王主持", "--approved-by", "李监票")
    assert approved.returncode == 0, approved.stderr
    assert attacked.stored() == 20
    attacked.start()

    async def nothing() -> None:
        await asyncio.sleep(0)

    # Those whose ballots were undone send them again; nobody else can vote twice.
    phones, posts = attacked.vote(0.2, nothing, attacked.hall.codes)
    assert len(posts.receipts) - len(set(posts.receipts)) <= len(phones)
    assert sum("ticket_used" in error for error in posts.errors) >= 20
    assert attacked.stored() == 40


def test_a_restore_that_does_not_compare_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attacked, copy = voted_on_after_a_backup(tmp_path)
    attacked.kill()
    monkeypatch.setattr(backing_up, "_undone", lambda *_: {})
    data = attacked.hall.data
    with create_app(Config(data, sqlite_url(data))).app_context():
        backing_up.restore_backup("测试", copy)
        close_database()
    assert attacked.stored() == 20, "half of the ballots are gone and nobody was asked"
