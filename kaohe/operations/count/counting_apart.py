"""Counts, and wipes files, in a process of its own (开箱计票另起进程) where a hall's server is asked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaohe.domain.errors import CountStopped, TracesLeft, WorkStopped
from kaohe.operations.apart import Tell, do_apart, works_apart
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opening import count_meeting
from kaohe.storage.database import reading
from kaohe.storage.installation import this_memory
from kaohe.storage.rounds import traces_due

_MEMORY = "counting"


def counting_text(meeting_id: str) -> str:
    """What this server's count of a meeting is at, for people who wait; '' where none is going on."""
    told: str = this_memory(_MEMORY).get(meeting_id, "")
    return told


def count_box(actor: str, meeting_id: str, key_text: str | None = None) -> int:
    """Count as ``count_meeting`` does, in a fresh process where the server has said so; the same promises hold.

    The next call goes on where a count that was killed has stopped.

    Raises:
        What ``count_meeting`` raises; CountStopped: the process has ended before its work.
    """
    if not works_apart():
        return count_meeting(actor, meeting_id, key_text)
    memory = this_memory(_MEMORY)
    memory[meeting_id] = "正在准备开箱计票"
    try:
        asked = {"actor": actor, "meeting_id": meeting_id, "key_text": key_text}
        return int(do_apart("count", asked, lambda text: memory.update({meeting_id: text})))
    except WorkStopped as error:
        raise CountStopped from error
    finally:
        memory.pop(meeting_id, None)


def erase_apart(meeting_id: str) -> None:
    """Wipe as ``erase_what_is_due`` does, in a fresh process where the server has said so; the same promises hold.

    Raises:
        TracesLeft: another process keeps the database busy, or the fresh process has ended before its work.
    """
    if not works_apart():
        erase_what_is_due(meeting_id)
        return
    with reading() as session:
        if not traces_due(session, meeting_id):
            return
    try:
        do_apart("erase", {"meeting_id": meeting_id})
    except WorkStopped as error:
        raise TracesLeft from error


def count_here(asked: Mapping[str, Any], told: Tell) -> bytes:
    """The count, in the fresh process."""
    return str(count_meeting(**asked, told=told)).encode()


def erase_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The wiping, in the fresh process."""
    erase_what_is_due(**asked)
    return b""
