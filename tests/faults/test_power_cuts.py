"""R2: the power is cut, and of what was not synced anything may be there or missing, torn at sectors."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.failing_disk import FailingDisk
from faults.hall_under_fault import IS_LONG
from faults.power_cuts import DATABASE, NAMES, WAL, WRITE, Operation, crash_states, read_log

from bench.hall import ROOT, open_hall
from kaohe.domain.envelopes import envelope_digest, receipt

VOTERS = 400 if IS_LONG else 160
STATES = 6000 if IS_LONG else 600
CLOSED, COUNTED, PUBLISHED = 1_000_001, 1_000_002, 1_000_003
_SCRIPT = Path(__file__).with_name("voting_for_power_cuts.py")


@dataclass(frozen=True)
class Recorded:
    """A whole meeting as the disk saw it."""

    before: bytes
    log: list[Operation]
    receipts: list[str]
    """Of every ballot, in the order of the marks."""


def record(folder: Path, weakness: str) -> Recorded:
    hall = open_hall(folder, voters=VOTERS, subjects=3)
    before = (folder / "kaohe.sqlite3").read_bytes()
    assert not (folder / "kaohe.sqlite3-wal").exists(), "the log has been folded in"
    disk = FailingDisk(folder)
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(folder), hall.meeting_id, weakness],
        env={
            **disk.environment(is_logged=True),
            "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in (".", "tests", "tests/support")),
        },
        cwd=ROOT,
        input=json.dumps(hall.codes),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Recorded(before, read_log(disk.log), json.loads(done.stdout))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a state is looked at: in memory where the machine has such a place, since there are thousands."""
    memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(prefix="kaohe-cut-", dir=memory if os.access(memory, os.W_OK) else None))
    yield path
    shutil.rmtree(path)


def faults_of(folder: Path, recorded: Recorded, acknowledged: frozenset[int], files: dict[int, bytes]) -> list[str]:
    """Everything that is wrong with what was found after one power cut."""
    for path in folder.iterdir():
        path.unlink()
    for file, content in files.items():
        (folder / NAMES[file]).write_bytes(content)
    connection = sqlite3.connect(folder / NAMES[DATABASE])
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return ["corrupt"]
        ((state,),) = connection.execute("SELECT state FROM rounds").fetchall()
        spent = connection.execute("SELECT count(*) FROM tickets WHERE is_spent").fetchone()[0]
        sealed = [receipt(envelope_digest(*each)) for each in connection.execute("SELECT tag, box FROM envelopes")]
        ballots = connection.execute("SELECT count(*) FROM ballots").fetchone()[0]
        receipts = {line for (line,) in connection.execute("SELECT receipt FROM receipts")}
        asks_for_key = connection.execute("SELECT traces_due IS 'counted' FROM rounds").fetchone()[0]
        destroyed = connection.execute("SELECT count(*) FROM record_entries WHERE act = 'destroyed'").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return [f"unreadable: {error}"]
    finally:
        connection.close()
    cast = {recorded.receipts[number] for number in acknowledged if number < len(recorded.receipts)}
    found = receipts if ballots else set(sealed)
    reached = {CLOSED: "closed", COUNTED: "counted", PUBLISHED: "published"}
    states = ["open", *reached.values()]
    least = max((states.index(reached[mark]) for mark in acknowledged if mark in reached), default=0)
    return [
        *["lost"] * len(cast - found),
        *["phantom"] * len(found - set(recorded.receipts)),
        *(["half"] if spent != len(sealed) + ballots or (sealed and ballots) else []),
        *(["undone"] if states.index(state) < least else []),
        *(["key is kept"] if ballots and not asks_for_key and not destroyed else []),
    ]


def all_faults(folder: Path, recorded: Recorded, seed: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for acknowledged, files in crash_states(recorded.before, recorded.log, STATES, seed):
        found.update(faults_of(folder, recorded, acknowledged, files))
    return found


def test_no_power_cut_takes_an_acknowledged_ballot_or_half_an_act(tmp_path: Path, folder: Path) -> None:
    recorded = record(tmp_path, "full")
    written = {operation.file for operation in recorded.log if operation.kind == WRITE}
    assert written >= {DATABASE, WAL}, "the log has been moved into the database meanwhile"
    assert all_faults(folder, recorded, seed=1) == Counter()


def test_commits_that_are_not_synced_are_caught(tmp_path: Path, folder: Path) -> None:
    assert all_faults(folder, record(tmp_path, "normal"), seed=2)["lost"] > 0
