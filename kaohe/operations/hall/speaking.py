"""Speeches before the vote (述职演讲): draw the order, start and stop the clock."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from kaohe.domain.errors import FieldInvalid, WrongState
from kaohe.domain.limits import SPEECH_MINUTES_AT_MOST
from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.domain.speaking import Speaking, draw_order
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import current_round, round_setup
from kaohe.storage.speaking import store_speaking, stored_speaking

_BEFORE_COUNTING = (MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED)


def load_speaking(meeting_id: str) -> Speaking:
    """The speeches as they stand."""
    with reading() as session:
        return speaking_of(session, meeting_id)


def speaking_of(session: Transaction, meeting_id: str) -> Speaking:
    """The speeches as they stand, read within the caller's transaction."""
    return stored_speaking(session, round_setup(session, current_round(session, meeting_id)))


def count_drawings(meeting_id: str) -> int:
    """How often the order has been drawn: what the next drawing expects."""
    with reading() as session:
        return _drawings(session, meeting_id)


def draw_speaking_order(actor: str, meeting_id: str, *, drawn_before: int | None = None) -> None:
    """Draw the order by lot, class by class; it goes into the record of acts with every name.

    Drawing again is possible until the first speech has begun, and stands in the record as well. ``drawn_before`` is
    what ``count_drawings`` gave: where somebody has drawn since, nothing happens. None asks for no such check.

    Raises:
        FieldInvalid: there is nobody to draw.
        WrongState: a speech has begun, or the round has been counted.
    """
    with _changing(meeting_id) as (session, setup, speaking):
        if not setup.subjects:
            raise FieldInvalid("还没有录入考核对象，请先录入，再抽签。")
        if speaking.current is not None:
            raise WrongState("演讲已经开始，不能重新抽签。")
        if drawn_before is not None and _drawings(session, meeting_id) != drawn_before:
            return
        order = draw_order(setup.subjects, secrets.SystemRandom().shuffle)
        store_speaking(session, meeting_id, replace(speaking, order=order, is_shown=True))
        record(session, meeting_id, actor, "drew_speakers", order="、".join(subject.full_name for subject in order))


def limit_speeches(actor: str, meeting_id: str, minutes: int) -> None:
    """Give each speaker so many minutes. Idempotent.

    Raises:
        FieldInvalid: fewer than one or more than ``SPEECH_MINUTES_AT_MOST``.
        WrongState: the round has been counted.
    """
    if not 1 <= minutes <= SPEECH_MINUTES_AT_MOST:
        raise FieldInvalid(f"每人限时应为 1 到 {SPEECH_MINUTES_AT_MOST} 分钟。")
    limit = timedelta(minutes=minutes)
    with _changing(meeting_id) as (session, _, speaking):
        if speaking.limit != limit:
            store_speaking(session, meeting_id, replace(speaking, limit=limit))
            record(session, meeting_id, actor, "limited_speeches", minutes=str(minutes))


def begin_speech(actor: str, meeting_id: str, subject_key: str) -> None:
    """Start the clock for one speaker; whoever spoke until now has ended. A clock that runs already runs on.

    Raises:
        FieldInvalid: not one of the speakers, or no order has been drawn.
        WrongState: the round has been counted.
    """
    with _changing(meeting_id) as (session, _, speaking):
        speaker = next((subject for subject in speaking.order if subject.key == subject_key), None)
        if speaker is None:
            raise FieldInvalid("演讲顺序已经变化，请刷新页面后再操作。")
        if speaking.current == speaker and speaking.started_at is not None:
            return
        store_speaking(session, meeting_id, replace(speaking, current=speaker, started_at=now(), is_shown=True))
        record(session, meeting_id, actor, "began_speech", name=speaker.name)


def end_speech(actor: str, meeting_id: str, subject_key: str | None = None) -> None:
    """Stop the clock, of this speaker where one is named. Idempotent.

    Raises:
        WrongState: the round has been counted.
    """
    with _changing(meeting_id) as (session, _, speaking):
        speaker = speaking.current
        if speaking.started_at is not None and speaker is not None and subject_key in (None, speaker.key):
            store_speaking(session, meeting_id, replace(speaking, started_at=None))
            record(session, meeting_id, actor, "ended_speech", name=speaker.name)


def show_speaking(meeting_id: str, *, is_shown: bool) -> None:
    """Let the projector show order and clock, or go back to the vote. Idempotent.

    Raises:
        WrongState: the round has been counted.
    """
    with _changing(meeting_id) as (session, _, speaking):
        store_speaking(session, meeting_id, replace(speaking, is_shown=is_shown))


def _drawings(session: Transaction, meeting_id: str) -> int:
    return sum(entry.act == "drew_speakers" for entry in chain_of(session, meeting_id))


@contextmanager
def _changing(meeting_id: str) -> Iterator[tuple[Transaction, MeetingSetup, Speaking]]:
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, *_BEFORE_COUNTING)
        setup = round_setup(session, row)
        yield session, setup, stored_speaking(session, setup)
