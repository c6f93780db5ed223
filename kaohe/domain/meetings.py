"""A meeting (测评会), its rounds, and the one-way states that a round goes through."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kaohe.domain.errors import MeetingClosed, MeetingNotOpen, MeetingPaused, WrongState
from kaohe.domain.voter_groups import Group as Group
from kaohe.domain.voter_groups import with_groups
from kaohe.tally.model import Subject
from kaohe.tally.namesakes import told_apart
from kaohe.tally.notes.warnings import SMALLEST_BATCH
from kaohe.tally.scheme.scheme import Scheme


class MeetingState(StrEnum):
    """尚未开始 → 正在投票 → 投票已结束 → 已计票 → 已公布 → 已清除. There is no way back."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    PUBLISHED = "published"
    PURGED = "purged"

    @property
    def is_counted(self) -> bool:
        """Whether there is a result: the box has been opened and counted, whatever has come after."""
        return self in (MeetingState.COUNTED, MeetingState.PUBLISHED, MeetingState.PURGED)


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
    MeetingState.PUBLISHED: MeetingState.PURGED,
}


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

    full_scheme: Scheme = field(init=False, repr=False, compare=False)
    """The scheme with this meeting's own voter groups in it."""

    def __post_init__(self) -> None:
        """Let every subject know what tells it from its namesakes, and put the groups into the scheme."""
        object.__setattr__(self, "subjects", told_apart(self.subjects))
        object.__setattr__(self, "full_scheme", with_groups(self.scheme, self.groups))

    @property
    def is_divided(self) -> bool:
        """Whether some voters may not grade everybody (评分关系)."""
        return any(group.part_of for group in self.groups)


@dataclass(frozen=True, slots=True)
class Round:
    """One holding of a meeting. Voiding a round leaves it as it is and makes the next one."""

    id: str
    meeting_id: str
    number: int
    is_rehearsal: bool = False
    state: MeetingState = MeetingState.DRAFT
    is_paused: bool = False
    public_key: bytes | None = None
    key_proven: bool = False
    void_reason: str | None = None
    revealed_count: int = 0
    pool_code: str | None = None
    printed_url: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    counted_at: datetime | None = None
    published_at: datetime | None = None
    stripped_at: datetime | None = None
    """When the envelopes were taken apart from the tickets (拆票)."""
    box_digest: str | None = None
    """What the record says of the stripped box."""
    share_digests: str | None = None
    """Where the tellers' key stands on three sheets: their digests, and which have been tried, as JSON."""
    challenge_limit: int = 0
    """How many ballots of their own the tellers may open to compare them (抽查)."""
    purge_on: date | None = None
    """The day from which the ballots may be destroyed."""
    purged_at: datetime | None = None
    scene: str = ""
    """What the chair has put on the wall, as ``domain.scenes`` has it; '' for the scene that follows by itself."""
    reveal_order: str = ""
    """In which order the result is revealed, as ``domain.reveals`` writes it; '' for the order of the list."""

    @property
    def is_voided(self) -> bool:
        """Whether this round was declared void (作废)."""
        return self.void_reason is not None

    @property
    def batch_size(self) -> int:
        """k: how many ballots at least come into a batched picture of the hall at once, and stay out of it.

        Challenges leave the count, so whoever cast them knows them; with them taken off, as many are left as without.
        """
        return SMALLEST_BATCH + self.challenge_limit

    @property
    def is_key_split(self) -> bool:
        """Whether the tellers' key stands on three sheets, any two of which open the box."""
        return self.share_digests is not None


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
    """收回: ballots in the box, and those on paper that have been typed."""
    drawn: int = 0
    """Tickets drawn by the shared code, among those made."""
    drawn_cast: int = 0
    """How many of these were cast."""
    challenged: int = 0
    """The tellers' own ballots that were opened to be compared (抽查); neither issued nor cast in any other number."""
    paper_issued: int = 0
    """Blank forms handed out on paper (纸质票)."""
    paper_cast: int = 0
    """Ballots on paper among those cast."""
    paper_void: int | None = None
    """Ballots on paper that are void as a whole, where ballots are kept in pieces and it cannot be seen from them."""

    @property
    def issued(self) -> int:
        """发出: tickets and paper forms that people hold."""
        return self.printed - self.left_over + self.paper_issued


class Shelf(StrEnum):
    """Where the list keeps a meeting; nothing else depends on it, and any of them can be put back."""

    CURRENT = "current"
    ARCHIVED = "archived"
    """Held and done with."""
    DELETED = "deleted"
    """Made by mistake, or an example."""


EXAMPLE_MARK = "示例："
"""What the title of a meeting begins with that is there to try things out."""


def require_shelf(shelf: Shelf, state: MeetingState, title: str) -> None:
    """Let a meeting be put there only if nothing that was held goes out of sight by mistake.

    Raises:
        WrongState: it would be archived before it is published, or deleted although it was opened and is no example.
    """
    if shelf is Shelf.ARCHIVED and state not in (MeetingState.PUBLISHED, MeetingState.PURGED):
        raise WrongState("还没有公布结果的会议不能归档。")
    if shelf is Shelf.DELETED and state is not MeetingState.DRAFT and not title.startswith(EXAMPLE_MARK):
        raise WrongState("投过票的会议不能删除；公布结果以后可以归档。")


def title_of_next_year(title: str) -> str:
    """A title with every year in it raised by one: ``2025年度测评会`` becomes ``2026年度测评会``."""
    return re.sub(r"(?<![0-9])20[0-9]{2}(?=\s*[年—–-])", lambda year: str(int(year[0]) + 1), title)


def next_state(state: MeetingState, wanted: MeetingState) -> MeetingState:
    """``wanted``, where it is the step that follows ``state``.

    Raises:
        WrongState: any other step; states go one way and skip nothing.
    """
    if STEPS.get(state) is not wanted:
        raise WrongState
    return wanted


def require_state(this_round: Round, *allowed: MeetingState) -> None:
    """Let the act pass only in the states named.

    Raises:
        WrongState: the round is voided or in another state.
    """
    if this_round.is_voided or this_round.state not in allowed:
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
