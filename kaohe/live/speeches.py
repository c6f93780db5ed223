"""The screen while subjects speak before the vote: order and clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.speaking import Speaking
from kaohe.live.snapshots import Heading, Speaker, Speeches
from kaohe.storage.clock import now, zone_text
from kaohe.tally.model import Subject

LINES_A_COLUMN, COLUMNS_A_PAGE = 10, 3
_MILLISECOND = timedelta(milliseconds=1)
_Column = tuple[str, tuple[Speaker, ...]]


def clock_ms() -> str:
    """The server's clock in milliseconds since 1970."""
    return milliseconds(now())


def speeches(heading: Heading, speaking: Speaking) -> Speeches:
    """What the screen shows of the speeches."""
    columns = list(_columns(speaking))
    pages = tuple(tuple(columns[at : at + COLUMNS_A_PAGE]) for at in range(0, len(columns), COLUMNS_A_PAGE))
    speakers = {speaker.key: speaker for _, column in columns for speaker in column}
    current = speaking.current.key if speaking.current else ""
    minutes = int(speaking.limit / timedelta(minutes=1))
    return Speeches(
        heading=heading,
        state_text=_state_text(speaking),
        speaking=speakers.get(current) if speaking.started_at else None,
        started_ms=milliseconds(speaking.started_at) if speaking.started_at else "",
        started_text=began_text(speaking.started_at) if speaking.started_at else "",
        limit_ms=str(speaking.limit // _MILLISECOND),
        limit_text=f"每人限时 {minutes} 分钟",
        pages=pages,
        current_page=next(
            (
                number
                for number, page in enumerate(pages, 1)
                if any(speaker.key == current for _, column in page for speaker in column)
            ),
            1,
        ),
    )


def _columns(speaking: Speaking) -> Iterator[_Column]:
    labels = list(dict.fromkeys(subject.class_label for subject in speaking.order))
    for label in labels:
        speakers = [_speaker(speaking, subject) for subject in speaking.order if subject.class_label == label]
        for at in range(0, len(speakers), LINES_A_COLUMN):
            yield label if len(labels) > 1 else "", tuple(speakers[at : at + LINES_A_COLUMN])


def _speaker(speaking: Speaking, subject: Subject) -> Speaker:
    return Speaker(
        key=subject.key,
        number_text=str(speaking.numbers[subject.key]),
        name=subject.name,
        note=unit_and_post(subject),
        has_spoken=_has_spoken(speaking, subject),
    )


def _has_spoken(speaking: Speaking, subject: Subject) -> bool:
    if speaking.current is None:
        return False
    at, now_at = speaking.order.index(subject), speaking.order.index(speaking.current)
    return at < now_at or (at == now_at and speaking.started_at is None)


def _state_text(speaking: Speaking) -> str:
    if not speaking.order:
        return "等待抽签"
    if speaking.started_at is not None:
        return "正在演讲"
    if speaking.current is None:
        return "演讲即将开始"
    return "请下一位准备" if speaking.following else "演讲结束，等待投票"


def began_text(moment: datetime) -> str:
    """When a speech began, on the clock of the hall."""
    return f"{zone_text(moment)} {moment.astimezone():%H:%M:%S}"


def milliseconds(moment: datetime) -> str:
    """A moment in milliseconds since 1970."""
    return str(round(moment.timestamp() * 1000))
