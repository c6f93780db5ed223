"""Shared by the steps of preparing a meeting: one transaction on a draft, and the reading of lines of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.meetings import load_setup
from kaohe.storage.record import record
from kaohe.storage.rounds import current_round_for_update


@contextmanager
def changing(
    actor: str, meeting_id: str, version: int, act: str, **detail: str
) -> Iterator[tuple[Transaction, MeetingSetup]]:
    """Change a meeting that is still a draft, from the ``version`` that the organizer has seen, and record the act.

    Raises:
        WrongState: voting has begun.
        EditedMeanwhile: somebody has stored a later version (raised where the set-up is stored).
    """
    with transaction() as session:
        setup = replace(load_setup(session, meeting_id), version=version)
        require_state(current_round_for_update(session, meeting_id), MeetingState.DRAFT)
        yield session, setup
        record(session, meeting_id, actor, act, **detail)


def read_line(text: str, what: str, at_most: int = TITLE_LENGTH, *, is_needed: bool = False) -> str:
    """One line of text that can be printed, its white space made single.

    Raises:
        FieldInvalid: it is too long, holds what cannot be seen, or is empty although it is needed.
    """
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} for character in line):
        raise FieldInvalid(f"{what}中有看不见的字符，请重新输入。")
    if len(line) > at_most:
        raise FieldInvalid(f"{what}过长，请不超过 {at_most} 个字。")
    if is_needed and not line:
        raise FieldInvalid(f"请填写{what}。")
    return line
