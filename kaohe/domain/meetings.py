"""A meeting (测评会), its rounds, and the one-way states that a round goes through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from kaohe.domain.errors import MeetingClosed, MeetingNotOpen, MeetingPaused, WrongState
from kaohe.tally.model import Subject
from kaohe.tally.scheme import Scheme, VoterGroup


class MeetingState(StrEnum):
    """草稿 → 开放 → 关闭 → 开箱 → 公布 → 封存. There is no way back."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class HallView(StrEnum):
    """What the hall sees while voting is open."""

    TURNOUT = "turnout"
    BATCHED = "batched"
    INSTANT = "instant"


class Custody(StrEnum):
    """Who holds the key of the ballot box."""

    SERVER = "server"
    TELLERS = "tellers"


STEPS: dict[MeetingState, MeetingState] = {
    MeetingState.DRAFT: MeetingState.OPEN,
    MeetingState.OPEN: MeetingState.CLOSED,
    MeetingState.CLOSED: MeetingState.COUNTED,
    MeetingState.COUNTED: MeetingState.PUBLISHED,
    MeetingState.PUBLISHED: MeetingState.ARCHIVED,
}


@dataclass(frozen=True, slots=True)
class Group:
    """A voter group as one meeting has it: its weight and how many are entitled (应到)."""

    key: str
    label: str
    weight: Fraction
    entitled: int

    def as_voter_group(self) -> VoterGroup:
        """The part of the group that the tally knows."""
        return VoterGroup(self.key, self.label, self.weight)


@dataclass(frozen=True, slots=True)
class MeetingSetup:
    """All that the organizer decides before opening. Frozen into the round when it opens."""

    id: str
    title: str
    unit: str
    held_on: date | None
    scheme: Scheme
    subjects: tuple[Subject, ...]
    groups: tuple[Group, ...]
    hall_view: HallView
    custody: Custody
    shared_group: str | None
    """The group whose tickets are drawn by the shared code (一会一码); None for slips only."""
    ballot_list_wanted: bool
    version: int
    """Grows by one with every saved change: two organizers cannot overwrite one another unseen."""
    two_people: bool = False
    """Whether close, count, void and purge are proposed by one person and confirmed by another (两人操作)."""

    @property
    def full_scheme(self) -> Scheme:
        """The scheme with this meeting's own voter groups in it."""
        return replace(self.scheme, groups=tuple(group.as_voter_group() for group in self.groups))


@dataclass(frozen=True, slots=True)
class Round:
    """One holding of a meeting. Voiding a round leaves it as it is and makes the next one."""

    id: str
    meeting_id: str
    number: int
    is_rehearsal: bool
    state: MeetingState
    is_paused: bool
    public_key: bytes | None
    key_proven: bool
    void_reason: str | None
    revealed_count: int
    pool_code: str | None
    printed_url: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    counted_at: datetime | None
    published_at: datetime | None

    @property
    def is_voided(self) -> bool:
        """Whether this round was declared void (作废)."""
        return self.void_reason is not None


@dataclass(frozen=True, slots=True)
class GroupNumbers:
    """The numbers of one group in one round, as the board (票数看板) shows them."""

    key: str
    label: str
    entitled: int
    present: int | None
    printed: int
    """Tickets made and not voided (制票)."""
    voided: int
    left_over: int
    """Tickets made and not handed out (未发出)."""
    cast: int
    """收回: ballots in the box."""

    @property
    def issued(self) -> int:
        """发出: tickets that people hold."""
        return self.printed - self.left_over


def next_state(state: MeetingState, wanted: MeetingState) -> MeetingState:
    """``wanted``, where it is the step that follows ``state``.

    Raises:
        WrongState: any other step; states go one way and skip nothing.
    """
    if STEPS.get(state) is not wanted:
        raise WrongState
    return wanted


def require_state(held: Round, *allowed: MeetingState) -> None:
    """Let the act pass only in the states named.

    Raises:
        WrongState: the round is voided or in another state.
    """
    if held.is_voided or held.state not in allowed:
        raise WrongState


def require_collecting(state: MeetingState, *, is_paused: bool, is_voided: bool = False) -> None:
    """Let a ballot pass only while the box is open; the voter is told exactly why not.

    Raises:
        MeetingNotOpen, MeetingPaused, MeetingClosed: what the voter has to know.
    """
    if state is MeetingState.DRAFT:
        raise MeetingNotOpen
    if state is not MeetingState.OPEN or is_voided:
        raise MeetingClosed
    if is_paused:
        raise MeetingPaused
