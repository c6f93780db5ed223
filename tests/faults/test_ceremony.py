"""R17: close, count and publish, killed after any operation of the disk, are finished by whoever starts again."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from faults.failing_disk import FailingDisk
from faults.hall_under_fault import IS_LONG
from scene import cast

from bench.hall import ROOT, open_hall
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.storage.starting import close_database

VOTERS = 24
WHICH = "all" if IS_LONG else "syncs"
GRADES = ("excellent", "competent", "basically_competent", "incompetent")
_SCRIPT = Path(__file__).with_name("ceremony_under_kills.py")


@pytest.fixture
def meeting_id(tmp_path: Path) -> str:
    """An open meeting in the folder ``base`` that everybody has voted in, each in a way of his own."""
    base = tmp_path / "base"
    base.mkdir()
    hall = open_hall(base, voters=VOTERS, subjects=3)
    with create_app(Config(base, sqlite_url(base), public_url="http://127.0.0.1")).app_context():
        for number, code in enumerate(hall.codes):
            marks = [GRADES[number // 4**place % 4] for place in range(3)]
            cast(hall.meeting_id, code, *marks, nonce=secrets.token_hex(16))
        close_database()
    return hall.meeting_id


def killed_everywhere(folder: Path, meeting_id: str, *plant: str) -> dict[str, Any]:
    disk = FailingDisk(folder, folder / "work" / "kaohe.sqlite3")
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(folder), meeting_id, WHICH, *plant],
        env={
            **disk.environment(is_logged=True),
            "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in (".", "tests", "tests/support")),
        },
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["operations"] > 50, "the disk has seen the whole ceremony"
    assert not any(kill["ended"] for kill in found["kills"]), "each was killed"
    return found


def test_a_ceremony_killed_anywhere_goes_on_to_the_same_result_and_leaves_no_half_act(
    tmp_path: Path, meeting_id: str
) -> None:
    found = killed_everywhere(tmp_path, meeting_id)
    assert found["undisturbed"]["acts"] == sorted(["opened", "closed", "stripped", "counted", "destroyed", "published"])
    assert len(found["kills"]) >= 8
    assert {kill["left"] for kill in found["kills"]} == {""}
    for kill in found["kills"]:
        assert kill["outcome"] == found["undisturbed"], kill["kill_at"]


def test_a_count_in_two_transactions_is_caught(tmp_path: Path, meeting_id: str) -> None:
    found = killed_everywhere(tmp_path, meeting_id, "halved")
    assert found["kills"][-1]["left"] == "links"
    assert found["kills"][-1]["outcome"] != found["undisturbed"]
