"""Shared by the steps of preparing a meeting: one transaction on a draft."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.domain.setup_changes import changes_text
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.meetings import load_setup
from kaohe.storage.record import record
from kaohe.storage.rounds import current_round_for_update

_SAY_WHAT: Final = frozenset({"changed_basics", "changed_scheme", "changed_subjects", "changed_groups"})


@contextmanager
def changing(
    actor: str, meeting_id: str, version: int, act: str, **detail: str
) -> Iterator[tuple[Transaction, MeetingSetup]]:
    """Change a meeting that is still a draft, from the ``version`` that the organizer has seen, and record the act.

    The record says what a change of basics, scheme, subjects or groups has changed, from what to what.

    Raises:
        WrongState: voting has begun.
        EditedMeanwhile: somebody has stored a later version (raised where the set-up is stored).
    """
    with transaction() as session:
        setup = replace(load_setup(session, meeting_id), version=version)
        require_state(current_round_for_update(session, meeting_id), MeetingState.DRAFT)
        yield session, setup
        if act in _SAY_WHAT and (changes := changes_text(setup, load_setup(session, meeting_id))):
            detail["changes"] = changes
        record(session, meeting_id, actor, act, **detail)
