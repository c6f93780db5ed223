"""Run in a process of its own on a failing disk: close, count and publish, killed after chosen operations of the disk.

Arguments: a folder that holds ``base`` (a data folder whose meeting is open and voted in), the meeting, 'syncs' or
'all' for the operations to be killed at, and 'halved' for the planted bug. Each time the data folder ``work`` is made
anew, a child process begins and is killed, a second one goes on as a chair would; both outcomes are written as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults.failing_disk import FailingDisk
from faults.power_cuts import MARK, SYNC, read_log
from less_work import share_compiled_addresses, share_compiled_statements

from kaohe.config import Config, sqlite_url
from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import MeetingState
from kaohe.factory import create_app
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count import opening
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import whole_record
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.storage.database import Transaction, reading
from kaohe.storage.starting import bring_up_to_date, close_database

WHO = "断电"
_IN_QUESTION = ("opened", "closed", "stripped", "counted", "destroyed", "published")
_ACTS = {MeetingState.OPEN: close_meeting, MeetingState.CLOSED: count_meeting, MeetingState.COUNTED: publish_result}


def go_on(work: Path, meeting_id: str) -> dict[str, object]:
    """Start on whatever is there, do what is left to be done, and tell what came out."""
    app = create_app(Config(work, sqlite_url(work), public_url="http://127.0.0.1"))
    with app.app_context():
        bring_up_to_date()
        for _ in _ACTS:
            act = _ACTS.get(load_board(meeting_id).round.state)
            if act is not None:
                act(WHO, meeting_id)
        with reading() as session:
            # Wiping the files is recorded when it is done, which may be before or after the publication.
            acts = sorted(entry.act for entry in whole_record(session, meeting_id) if entry.act in _IN_QUESTION)
        counted = load_counted(meeting_id)
        close_database()
    subjects = [asdict(subject) for subject in counted.result.subjects]
    return {"acts": acts, "result": json.dumps(subjects, default=str, ensure_ascii=False, sort_keys=True)}


def left_behind(work: Path) -> str:
    """What a kill has left, in a word: '' where no half act and nothing that links stands on the disk."""
    # On a copy: looking changes a database that was not closed.
    look = work.with_name("look")
    shutil.rmtree(look, ignore_errors=True)
    shutil.copytree(work, look)
    with sqlite3.connect(look / "kaohe.sqlite3") as connection:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "corrupt"

        def count(query: str) -> int:
            return int(connection.execute(f"SELECT count(*) FROM {query}").fetchone()[0])

        ballots, envelopes = count("ballots"), count("envelopes")
        spent, retries = count("tickets WHERE is_spent"), count("tickets WHERE retry_digest IS NOT NULL")
        # The key is overwritten once the opened ballots are safe, and the mark that asks for it is stored with them.
        keys = [*look.glob("round-*.key")] if count("rounds WHERE traces_due IS NULL") else []
    connection.close()
    if spent != ballots + envelopes or (ballots and envelopes):
        return "half"
    if ballots and (retries or keys):
        return "links"
    return ""


def in_child(act: Callable[[], object]) -> tuple[bool, object]:
    """(whether it ended by itself, what it returned), done by a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            said = json.dumps(act())
        except KaoheError as error:
            said = json.dumps({"refused": error.code})
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, json.loads(said) if said else None


def halve() -> None:
    """The planted bug: what is opened is committed before the state, the key and the retries follow."""
    store = opening.store_opened

    def in_two_steps(session: Transaction, *what: Any) -> None:
        store(session, *what)
        session.commit()

    opening.store_opened = in_two_steps


def main() -> None:
    folder, meeting_id, which = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    disk, work = FailingDisk(Path(os.environ["KAOHE_DISK_CONTROL"]).parent), folder / "work"
    if sys.argv[4:] == ["halved"]:
        halve()

    def afresh(kill_at: int) -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(folder / "base", work)
        disk.log.write_bytes(b"")
        disk.set(operations=0, kill_at=kill_at)

    def ceremony() -> dict[str, object]:
        return go_on(work, meeting_id)

    # What a first ceremony compiles, routes and SQL, the child processes begin with, as they are forked.
    share_compiled_addresses()
    share_compiled_statements()
    afresh(0)
    ceremony()
    gc.freeze()
    afresh(0)
    _, undisturbed = in_child(ceremony)
    operations = [each for each in read_log(disk.log) if each.kind != MARK]
    lines = []
    for number, operation in enumerate(operations, start=1):
        if which == "syncs" and operation.kind != SYNC:
            continue
        afresh(number)
        ended, _ = in_child(ceremony)
        left = left_behind(work)
        disk.set(kill_at=0)
        _, outcome = in_child(ceremony)
        lines.append({"kill_at": number, "ended": ended, "left": left, "outcome": outcome})
        if left:
            # One is enough to tell.
            break
    sys.stdout.write(json.dumps({"undisturbed": undisturbed, "operations": len(operations), "kills": lines}))


main()
