"""What a screen may show at one moment. Each type carries what its state may show and nothing else.

A template can leak only what it is given, so the types are the gate: there is no field for a subject in the types that
the hall sees before a result may be seen. All numbers are texts; lengths of bars are parts of ``WHOLE``.
"""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.meeting_keys import ShownKey
from kaohe.domain.scenes import Scene

WHOLE = 10_000
"""The length of a full bar."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands on top of every screen."""

    title: str
    unit: str
    round_text: str
    """'' in the first round."""
    is_rehearsal: bool
    record_text: str
    """The head of the record of acts (操作记录校验码), to be photographed; '' until voting has ended."""
    trouble_text: str = ""
    """Why the picture does not move at the moment; '' where it does."""
    emblem_text: str = ""
    """What tells the unit's emblem from every other one; '' where there is none."""


@dataclass(frozen=True, slots=True)
class HowToVote:
    """The QR code (an SVG of ``viewBox="0 0 qr_size qr_size"`` and one path) and what to do with it."""

    qr_size: int
    qr_path: str
    qr_caption: str
    steps: tuple[str, ...]
    candidates: tuple[str, ...]
    """The names among which people choose (票决); none where everybody is graded."""
    address_text: str
    pool_code_text: str | None
    """会场码 in groups of four, where tickets are drawn by a shared code."""
    caution: str | None
    """How many tickets the shared code gives."""
    keys: tuple[ShownKey, ...]
    """The meeting's key, and the box's once there is one, for comparing with slips and phones."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The turnout of the whole hall (应到 / 发出 / 收回), never by group."""

    cast_text: str
    entitled_text: str
    present_text: str | None
    issued_text: str
    percent_text: str | None
    """None where nobody is entitled."""
    bar: int
    slip_notes: tuple[str, ...]
    """What has been done with slips since the opening, the latest last: '10:42 换发 1 张票'."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One grade's part of a bar. ``tone`` numbers its colour; 'abstain' for what carries no grade."""

    tone: str
    count_text: str
    """'' under an entry of the legend that the subject's section does not have."""
    rate_text: str | None
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class TallyRow:
    """One subject's tally."""

    key: str
    name: str
    note: str
    """Unit, post and class, whatever there is of them."""
    segments: tuple[Segment, ...]
    score_text: str | None
    """None where there is no score, or it may not be shown yet."""
    rank_text: str | None
    is_tied: bool


@dataclass(frozen=True, slots=True)
class VeiledRow:
    """A subject whose result has not been revealed: who, and nothing more."""

    key: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class TierBadge:
    """The tier (等次) or the seat that a subject has. ``tone`` numbers its colour; 'open' where there is none yet."""

    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class RevealedRow:
    """One subject's result, as far as it is meant for the hall: there is no place for a flag or for a reason."""

    key: str
    name: str
    note: str
    segments: tuple[Segment, ...]
    """The votes by grade, or the parts that the score is made of."""
    score_text: str
    rank_text: str
    is_tied: bool
    tier: TierBadge | None
    """None where the scheme awards none."""
    parts: tuple[str, ...]
    """Each part of the score that the bar does not show, with its own score."""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What a colour means."""

    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class WirelessCode:
    """The wireless network of the hall, with the code that a phone's camera joins it by."""

    qr_size: int
    qr_path: str
    network: str
    password: str
    """'' where the network has none."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Before voting is open."""

    heading: Heading
    scene: Scene
    how: HowToVote
    state_text: str
    entitled_text: str
    wireless: WirelessCode | None
    """None where nobody has said any."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker in the order drawn."""

    key: str
    number_text: str
    name: str
    note: str
    has_spoken: bool


@dataclass(frozen=True, slots=True)
class Speeches:
    """Before the vote: who speaks now and for how long, and who follows."""

    heading: Heading
    state_text: str
    speaking: Speaker | None
    """None while nobody speaks."""
    started_ms: str
    """When the speech began, in milliseconds since 1970; '' while nobody speaks. The screen's own clock counts down."""
    started_text: str
    """When the speech began, as a local time of day, for screens without scripts."""
    limit_ms: str
    limit_text: str
    pages: tuple[tuple[tuple[str, tuple[Speaker, ...]], ...], ...]
    """Columns of each page: (class, speakers in the order drawn); the class is '' where there is only one."""
    current_page: int
    """The page of whoever speaks or has spoken last, counted from 1."""


@dataclass(frozen=True, slots=True)
class TurnoutOnly:
    """Voting is open, and the hall sees how many ballots are in."""

    heading: Heading
    scene: Scene
    how: HowToVote
    state_text: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class LiveTally:
    """Voting is open, and the hall sees the tally of the ballots that may be shown."""

    heading: Heading
    scene: Scene
    how: HowToVote
    state_text: str
    numbers: Numbers
    counted_text: str
    rule_text: str
    is_empty: bool
    """Whether none of the ballots may be counted on the screen yet."""
    has_scores: bool
    """Whether some subject has a score that may be shown."""
    legend: tuple[LegendEntry, ...]
    pages: tuple[tuple[TallyRow, ...], ...]


@dataclass(frozen=True, slots=True)
class Closed:
    """Voting has ended; the hall waits for the count, or for what follows it."""

    heading: Heading
    state_text: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Computed:
    """A meeting without ballots, before its result is published."""

    heading: Heading
    state_text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RevealPage:
    """As many subjects of one section (分表) as can be read from the last row of a hall."""

    section: str
    """'' where the meeting has only one."""
    legend: tuple[LegendEntry, ...]
    score_label: str
    tier_label: str
    """The head over the tiers; '' where there are none."""
    is_roomy: bool
    """Whether the rows are so few that each gets the room of two."""
    rows: tuple[RevealedRow | VeiledRow, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever was revealed last, alone on the screen."""

    place_text: str
    """Like 第 3 位，共 12 位, in the order of the reveal."""
    row: RevealedRow
    legend: tuple[LegendEntry, ...]
    score_label: str
    rank_label: str
    """What stands before the rank; '' where there is none."""
    uncalled_text: str
    """Why the votes of this subject are not called out (唱票); '' where they are."""


@dataclass(frozen=True, slots=True)
class ReceiptsCode:
    """The way to the list of receipts (回执清单): its address, and that as a code to scan."""

    qr_size: int
    qr_path: str
    address_text: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """Subjects of one class in the order of their ranks."""

    heading: str
    """The section and the class, as far as there are several."""
    score_label: str
    rows: tuple[RevealedRow, ...]


@dataclass(frozen=True, slots=True)
class Reveal:
    """The result, as far as it has been revealed."""

    heading: Heading
    scene: Scene
    state_text: str
    turnout_text: str
    pages: tuple[RevealPage, ...]
    newest_page: int
    """The page of the subject revealed last, counted from 1."""
    person: Person | None
    """None while nobody is revealed."""
    ranking: tuple[RankingPage, ...]
    """Empty until everybody is revealed."""
    receipts: ReceiptsCode | None
    """None where nobody has voted, or the list has been destroyed."""


Snapshot = Waiting | Speeches | TurnoutOnly | LiveTally | Closed | Computed | Reveal
