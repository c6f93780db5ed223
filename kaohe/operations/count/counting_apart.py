"""Counts, and wipes files, in a process of its own (开箱计票另起进程) where a hall's server is asked to.

What voting has left in the server's memory is not there when the key is used, and what the count opens is gone with its
process, before a hibernation or a crash could write it to a disk. The hall is served meanwhile, also while a database
is rewritten, and a count that is killed leaves the server as it was; the next call goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import kaohe
from kaohe.domain.errors import CountStopped, KaoheError, TracesLeft
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import count_meeting
from kaohe.storage.database import reading
from kaohe.storage.installation import this_memory
from kaohe.storage.rounds import traces_due

_PROGRAM = "import sys; sys.path.insert(0, {!r}); from kaohe.cli.results.counting import main; main()"
_MEMORY = "counting"
_IS_APART = "is apart"
_log = logging.getLogger("kaohe")


def count_apart_from_now_on() -> None:
    """Let this server count and wipe in processes of their own. They read the settings from the environment."""
    this_memory(_MEMORY)[_IS_APART] = True


def counting_text(meeting_id: str) -> str:
    """What this server's count of a meeting is at, for people who wait; '' where none is going on."""
    told: str = this_memory(_MEMORY).get(f"told {meeting_id}", "")
    return told


def count_box(actor: str, meeting_id: str, key_text: str | None = None) -> int:
    """Count as ``count_meeting`` does, in a fresh process where the server has said so; the same promises hold.

    Raises:
        What ``count_meeting`` raises; CountStopped: the process has ended before its work.
    """
    memory, told = this_memory(_MEMORY), f"told {meeting_id}"
    if _IS_APART not in memory:
        return count_meeting(actor, meeting_id, key_text)
    memory[told] = "正在准备开箱计票"
    try:
        asked = json.dumps({"actor": actor, "meeting_id": meeting_id, "key_text": key_text})
        return _counted(asked, lambda text: memory.update({told: text}))
    finally:
        memory.pop(told, None)


def erase_apart(meeting_id: str) -> None:
    """Wipe as ``erase_what_is_due`` does, in a fresh process where the server has said so; the same promises hold.

    Raises:
        TracesLeft: another process keeps the database busy, or the fresh process has ended before its work.
    """
    if _IS_APART not in this_memory(_MEMORY):
        erase_what_is_due(meeting_id)
        return
    with reading() as session:
        if not traces_due(session, meeting_id):
            return
    try:
        _counted(json.dumps({"erased": meeting_id}), lambda _: None)
    except CountStopped as error:
        raise TracesLeft from error


def answer_count(asked: str, say: Callable[[str], object]) -> None:
    """The other side, in the fresh process: do what is asked for, and say in lines what becomes of it."""

    def tell(**said: object) -> None:
        say(json.dumps(said, ensure_ascii=True))

    try:
        what = json.loads(asked)
        if "erased" in what:
            erase_what_is_due(what["erased"])
            tell(counted=0)
        else:
            tell(counted=count_meeting(**what, told=lambda text: tell(told=text)))
    except KaoheError as refusal:
        tell(refused=refusal.code, message=refusal.message)
    except Exception as fault:  # noqa: BLE001 - its kind is all that may be told: what it says can hold a ballot
        tell(fault=type(fault).__name__)


def _counted(asked: str, tell: Callable[[str], object]) -> int:
    # This very program, and nothing that lies in the folder where the server was started: it is told the key. A session
    # of its own: Ctrl+C at the terminal ends the server, which waits for the count that it was asked for.
    program = _PROGRAM.format(str(Path(kaohe.__file__).parents[1]))
    with subprocess.Popen(  # noqa: S603 - the interpreter that runs this
        [sys.executable, "-P", "-X", "utf8", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise CountStopped
        with suppress(BrokenPipeError):  # A process that has ended already says so by saying nothing below.
            process.stdin.write(asked.encode())
            process.stdin.close()
        for line in process.stdout:
            said = json.loads(line)
            if "told" in said:
                tell(said["told"])
            elif "counted" in said:
                return int(said["counted"])
            elif "refused" in said:
                raise _refusal(said["refused"], said["message"])
            else:
                _log.error("fault in a count: %s", said["fault"])
    raise CountStopped


def _refusal(code: str, message: str) -> KaoheError:
    kind = next((each for each in _kinds(KaoheError) if each.code == code), KaoheError)
    refusal = kind.__new__(kind)
    KaoheError.__init__(refusal, message)
    return refusal


def _kinds(kind: type[KaoheError]) -> Iterator[type[KaoheError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
