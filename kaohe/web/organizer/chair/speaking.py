"""Speeches before the vote (演讲抽签与计时): the draw, the clock, and what the projector shows of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.domain.speaking import Speaking
from kaohe.live.speeches import began_text, clock_ms, milliseconds
from kaohe.operations.hall import speaking as operations
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.organizer.setup.check_page import stage_url
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, WholeField, needed
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.parts import shown


class LimitForm(DeskForm):
    """How long each may speak."""

    minutes = WholeField("每人限时", [needed("请填写每人限时多少分钟。")])


class SpeakerForm(DeskForm):
    """Whose turn it is."""

    subject = StringField(default="")


class ScreenForm(DeskForm):
    """Whether the projector shows the speeches: ``1``, or the vote."""

    shown = StringField(default="")


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """One speaker: number, name, and whether the clock runs."""

    key: str
    number_text: str
    class_label: str
    name: str
    about: str
    is_speaking: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class SpeakingPage:
    """Order, clock and screen."""

    frame: MeetingFrame
    refusal: Refusal | None
    stage_url: str
    can_change: bool
    """False once the round has been counted."""
    can_draw: bool
    has_drawn: bool
    drawings: str
    """How often the order has been drawn."""
    is_shown: bool
    minutes_text: str
    limit_ms: str
    clock_ms: str
    """The server's clock, by which the speaker's is shown."""
    started_ms: str
    """When the speech that is on began; empty where nobody speaks."""
    started_text: str
    lines: tuple[SpeakerLine, ...]


@organizer.get("/<meeting_id>/speaking", act=Act.PREPARE)
def speaking(meeting_id: str) -> ResponseReturnValue:
    """The order and the clock."""
    return _shown(meeting_id)


@organizer.post("/<meeting_id>/speaking/draw", act=Act.LEAD_SPEECHES)
def draw_speakers(meeting_id: str) -> ResponseReturnValue:
    """Draw the order by lot."""
    return _acted(
        meeting_id,
        lambda actor: operations.draw_speaking_order(
            actor, meeting_id, drawn_before=DeskForm().expected().on_version()
        ),
    )


@organizer.post("/<meeting_id>/speaking/limit", act=Act.LEAD_SPEECHES)
def limit_speeches(meeting_id: str) -> ResponseReturnValue:
    """Say how long a speech may take."""
    form = LimitForm()
    return _acted(meeting_id, lambda actor: operations.limit_speeches(actor, meeting_id, form.checked().minutes.data))


@organizer.post("/<meeting_id>/speaking/begin", act=Act.LEAD_SPEECHES)
def begin_speech(meeting_id: str) -> ResponseReturnValue:
    """Start the clock for one speaker."""
    form = SpeakerForm()
    return _acted(meeting_id, lambda actor: operations.begin_speech(actor, meeting_id, form.subject.data))


@organizer.post("/<meeting_id>/speaking/end", act=Act.LEAD_SPEECHES)
def end_speech(meeting_id: str) -> ResponseReturnValue:
    """Stop the clock."""
    form = SpeakerForm()
    return _acted(meeting_id, lambda actor: operations.end_speech(actor, meeting_id, form.subject.data))


@organizer.post("/<meeting_id>/speaking/screen", act=Act.LEAD_SPEECHES)
def show_speaking(meeting_id: str) -> ResponseReturnValue:
    """Let the projector show order and clock, or the vote again."""
    form = ScreenForm()
    return _acted(meeting_id, lambda _: operations.show_speaking(meeting_id, is_shown=form.shown.data == "1"))


def _acted(meeting_id: str, act: Callable[[str], None]) -> ResponseReturnValue:
    return acted(
        act,
        "已保存，大屏随即更新。",
        back=url_for("organizer.speaking", meeting_id=meeting_id),
        refused=lambda refusal: _shown(meeting_id, refusal),
    )


def _shown(meeting_id: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    setup, this_round = load_meeting(meeting_id)
    found = operations.load_speaking(meeting_id)
    can_change = this_round.state in (MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED)
    page = SpeakingPage(
        frame=frame_of(setup, this_round, "chair"),
        refusal=refusal,
        stage_url=stage_url(meeting_id),
        can_change=can_change,
        can_draw=can_change and found.current is None and bool(setup.subjects),
        has_drawn=bool(found.order),
        drawings=str(operations.count_drawings(meeting_id)),
        is_shown=found.is_shown,
        minutes_text=str(int(found.limit / timedelta(minutes=1))),
        limit_ms=str(found.limit // timedelta(milliseconds=1)),
        clock_ms=clock_ms(),
        started_ms=milliseconds(found.started_at) if found.started_at else "",
        started_text=began_text(found.started_at) if found.started_at else "",
        lines=_lines(found),
    )
    return shown("organizer/chair/speaking.html", reply_code(refusal), parts=("speaking",), page=page)


def _lines(found: Speaking) -> tuple[SpeakerLine, ...]:
    numbers = found.numbers
    following = found.following
    return tuple(
        SpeakerLine(
            key=subject.key,
            number_text=str(numbers[subject.key]),
            class_label=subject.class_label,
            name=subject.name,
            about=unit_and_post(subject),
            is_speaking=found.started_at is not None and subject == found.current,
            is_next=subject == following and found.started_at is None,
        )
        for subject in found.order
    )
