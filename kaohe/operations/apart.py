"""Work in a process of its own (另起进程), where a hall's server is asked for what its phones would wait for.

What voting has left in the server's memory is not there when the key is used, and what a piece of work has read is gone
with its process, before a hibernation or a crash could write it to a disk. The hall is served meanwhile, and a piece of
work that is killed leaves the server as it was.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from kaohe.config import own_program
from kaohe.domain.errors import KaoheError, TracesLeft, WorkStopped
from kaohe.storage.installation import change_public_url, this_config, this_memory
from kaohe.storage.read_views import end_read_view
from kaohe.storage.wiping import erase_traces

Tell = Callable[[str], object]
"""Hears in a sentence what a piece of work is at."""
Work = Callable[[Mapping[str, Any], Tell], bytes]
"""A piece of work: from what it is asked, all of it JSON, to what it has made."""

AT_ONCE: Final = 4
"""So many processes work at a time for halls, and as many for offices; whoever asks for more waits."""
_FOR_HALLS: Final = frozenset({"count", "erase", "erase_tables"})
"""What a hall waits for, and so never behind the files of offices, which may take minutes."""
_NICENESS: Final = 5
"""Of all other work: a hall that votes or counts meanwhile comes first."""
_PROGRAM = "from kaohe.cli import work; work()"
_MEMORY = "work apart"
_log = logging.getLogger("kaohe")


def work_apart_from_now_on() -> None:
    """Let this server work in processes of their own.

    They read the settings from the environment; but the address that phones use is the one that this server has.
    """
    for is_for_hall in (True, False):
        this_memory(_MEMORY).setdefault(is_for_hall, threading.BoundedSemaphore(AT_ONCE))


def works_apart() -> bool:
    """Whether this process is a server that has been told to."""
    return bool(this_memory(_MEMORY))


def do_apart(work: str, asked: Mapping[str, Any], told: Tell = lambda _: None) -> bytes:
    """What the piece of work that ``kaohe/cli/results/work.py`` names has made, in a fresh process.

    Only where ``works_apart()``. Whoever calls it leaves every transaction before: this waits for seconds. What the
    request has read ends here, since an open view of it would keep the fresh process from wiping SQLite's files.

    Raises:
        What the piece of work refuses; WorkStopped: the process has ended before its work.
    """
    end_read_view()
    with this_memory(_MEMORY)[work in _FOR_HALLS]:
        return _done(json.dumps({"work": work, "asked": asked, "url": this_config().public_url}), told)


def erase_traces_apart(*tables: str) -> None:
    """Erase as ``erase_traces`` does, in a fresh process where the server has said so; the same promises hold.

    SQLite rewrites its whole file for it, and this process would answer nobody meanwhile.

    Raises:
        TracesLeft: another process keeps the database busy, or the fresh process has ended before its work.
    """
    if not works_apart():
        erase_traces(*tables)
        return
    try:
        do_apart("erase_tables", {"tables": tables})
    except WorkStopped as error:
        raise TracesLeft from error


def erase_tables_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The erasing, in the fresh process."""
    erase_traces(*asked["tables"])
    return b""


def answer(request: str, work_of: Callable[[str], Work], say: Callable[[bytes], object]) -> None:
    """The other side, in the fresh process: do what is asked for by its name, and say in lines what becomes of it."""

    def tell(**said: object) -> None:
        say(json.dumps(said, ensure_ascii=True).encode() + b"\n")

    try:
        what = json.loads(request)
        if what["work"] not in _FOR_HALLS and hasattr(os, "nice"):
            os.nice(_NICENESS)
        # By now another network card may be the likeliest one. What is printed is what the server shows and records.
        change_public_url(what["url"])
        made = work_of(what["work"])(what["asked"], lambda text: tell(told=text))
    except KaoheError as refusal:
        tell(refused=refusal.code, message=refusal.message)
    except Exception as fault:  # noqa: BLE001 - its kind is all that may be told: what it says can hold a ballot
        tell(fault=type(fault).__name__)
    else:
        tell(made=len(made))
        say(made)


def _done(request: str, told: Tell) -> bytes:
    # This very program, and nothing that lies in the folder where the server was started: it is told the key. A session
    # of its own: Ctrl+C at the terminal ends the server, which waits for the work that it was asked for.
    with subprocess.Popen(  # noqa: S603 - the interpreter that runs this
        [sys.executable, "-P", "-X", "utf8", "-c", own_program(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise WorkStopped
        with suppress(BrokenPipeError):  # A process that has ended already says so by saying nothing below.
            process.stdin.write(request.encode())
            process.stdin.close()
        for line in process.stdout:
            said = json.loads(line)
            if "told" in said:
                told(said["told"])
            elif "refused" in said:
                raise _refusal(said["refused"], said["message"])
            elif "made" in said and len(made := process.stdout.read(said["made"])) == said["made"]:
                return made
            elif "fault" in said:
                _log.error("fault in work apart: %s", said["fault"], extra={"event": "work_fault"})
    raise WorkStopped


def _refusal(code: str, message: str) -> KaoheError:
    kind = next((each for each in _kinds(KaoheError) if each.code == code), KaoheError)
    refusal = kind.__new__(kind)
    KaoheError.__init__(refusal, message)
    return refusal


def _kinds(kind: type[KaoheError]) -> Iterator[type[KaoheError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
