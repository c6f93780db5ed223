"""The meeting that a page of the console is about, and its state, day and next page in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.domain.permissions import Act
from kaohe.domain.state_words import state_word
from kaohe.reports import sheet
from kaohe.web.access import may_now


@dataclass(frozen=True, slots=True)
class StateChip:
    """A meeting's state in a word; ``kind`` is the part of the style class that colours it."""

    kind: str
    label: str


def state_chip(state: MeetingState, *, is_paused: bool, has_votes: bool) -> StateChip:
    """How the console names a state."""
    kind = "paused" if state is MeetingState.OPEN and is_paused else str(state)
    return StateChip(kind, state_word(state, is_paused=is_paused, has_votes=has_votes))


def chair_word(state: MeetingState, *, has_votes: bool) -> str:
    """What the chair's page is called for whoever is signed in."""
    if not may_now(Act.PREPARE, state):
        return "监票"
    return "主持会议" if has_votes else "汇总与公布"


def subtitle(setup: MeetingSetup, this_round: Round) -> str:
    """Unit, date and, from the second one on, the number of the round."""
    repeated = f"第 {this_round.number} 轮" if this_round.number > 1 else ""
    return " · ".join(part for part in (setup.unit, day_text(setup.held_on), repeated) if part)


def day_text(day: date | None) -> str:
    """A day as people write it here; empty where it is not known yet."""
    return sheet.day_text(day) if day else ""
