"""What a server writes about itself: when, how grave, what, and nothing of those who vote."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from processes import ROOT, TWO_SUBJECTS, Kaohe

from kaohe.config import LogFormat
from kaohe.server.logs import write_log


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written, with the loggers of this process as they were afterwards."""
    root, own = logging.getLogger(), logging.getLogger("kaohe")
    before = root.handlers[:], root.level, own.level
    tells_faults_of_its_own = logging.raiseExceptions
    for handler in before[0]:
        root.removeHandler(handler)
    yield io.StringIO()
    root.handlers[:], root.level, own.level = before
    logging.raiseExceptions = tells_faults_of_its_own


def test_each_line_has_time_and_zone_level_and_event_and_a_fault_its_trace(log: io.StringIO) -> None:
    write_log(LogFormat.TEXT, log)
    logger = logging.getLogger("kaohe")
    logger.info("not for people", extra={"event": "started"})
    try:
        int("wrong")
    except ValueError:
        logger.exception("fault in a page", extra={"event": "fault"})

    first, *trace = log.getvalue().splitlines()
    at, said = first.split(" ", 1)
    assert datetime.fromisoformat(at).utcoffset() is not None
    assert said == "ERROR fault: fault in a page"
    assert trace[0].startswith("Traceback")
    assert trace[-1].startswith("ValueError: ")


def test_a_fault_without_its_trace_is_one_line_and_the_exception_is_written_nowhere(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    write_log(LogFormat.TEXT, log)
    tell = logging.getLogger("kaohe").error
    try:
        int("a choice")
    except ValueError as error:
        tell("fault while answering: %s", type(error).__name__, extra={"event": "fault"})
        # Nor where a line cannot be written at all.
        tell("%d", "not a number")

    (line,) = log.getvalue().splitlines()
    assert line.endswith("ERROR fault: fault while answering: ValueError")
    assert capsys.readouterr().err == ""


_FAULTS_BESIDE_REQUESTS = """
import gevent.monkey; gevent.monkey.patch_all()
import sys, threading
import gevent
from kaohe.config import LogFormat
from kaohe.server.http_server import note_faults_beside_requests
from kaohe.server.logs import write_log

def fail(choice):
    raise ValueError(choice)

write_log(LogFormat.JSON)
note_faults_beside_requests()
gevent.spawn(fail, "a choice")
gevent.sleep(0)
for act in (fail, sys.exit):
    thread = threading.Thread(target=act, args=("a choice",))
    thread.start()
    thread.join()
"""


def test_a_fault_beside_the_requests_is_one_line_that_quotes_nobody() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FAULTS_BESIDE_REQUESTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(each["event"], each["text"]) for each in lines] == [("fault", "fault beside the requests: ValueError")] * 2


def test_of_a_librarys_own_message_nothing_is_written_but_whose_it_was(log: io.StringIO) -> None:
    write_log(LogFormat.JSON, log)
    logging.getLogger("sqlalchemy.pool").error("could not store %s", "a choice", exc_info=ValueError("a choice"))

    (line,) = log.getvalue().splitlines()
    assert "a choice" not in line
    assert {**json.loads(line), "time": ""} == {
        "time": "",
        "level": "ERROR",
        "event": "library",
        "text": "a message of the library sqlalchemy.pool, left out here",
    }


def test_a_server_that_is_asked_to_writes_one_json_object_a_line_and_never_a_voter(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    told = replace(kaohe, settings={"KAOHE_LOG": "json"})
    with told.serving() as server:
        assert kaohe.vote(meeting_id, code, "excellent").status == 200
        assert server.stop() == 0
        printed = server.printed
    events = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert [each["event"] for each in events] == ["started", "stopping", "stopped"]
    assert all(set(each) == {"time", "level", "event", "text"} for each in events)
    assert code not in printed


def test_another_format_stops_the_start_in_a_sentence(kaohe: Kaohe) -> None:
    assert "KAOHE_LOG" in kaohe.run("sign-in-link", KAOHE_LOG="xml").err


def test_every_event_of_the_programs_own_has_a_stable_word() -> None:
    words = []
    for path in (ROOT / "kaohe").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).lower().startswith("_log."):
                (extra,) = [each.value for each in call.keywords if each.arg == "extra"]
                words += ast.literal_eval(extra).values()
    guide = Path(ROOT / "docs" / "deployment.zh-CN.md").read_text(encoding="utf-8")
    assert len(words) >= 7
    assert [word for word in words if f"`{word}`" not in guide] == []
