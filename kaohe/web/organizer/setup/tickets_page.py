"""What the pages of the tickets show: the counts, the slips to print, the poster of the shared code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.errors import WrongState
from kaohe.domain.meetings import GroupNumbers, MeetingState
from kaohe.domain.ticket_codes import grouped
from kaohe.live.snapshots import WirelessCode
from kaohe.live.ways_in import wireless_code
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.issuing import PrintedTicket, voting_url
from kaohe.operations.setup.preparing import load_meeting, load_wireless
from kaohe.operations.setup.printing import slip_count, slip_of
from kaohe.operations.setup.printing_apart import slip_sheets
from kaohe.reports.ticket_slips import PrintedSlip, printed_slip, qr_svg_path
from kaohe.web.organizer.setup.reaching import Reaching, reaching
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of

ALL_GROUPS = "all groups"
_SPARES_OF = 20
"""One spare for so many voters: phones run out, slips get lost."""
_FEWEST_SPARES = 2
_ROOMY = 24
"""So many characters of a title, or half as many of any other text, leave room for larger letters."""
_SHAPES = "●▲■◆★♣"
_COLOURS = 5
"""As many shapes and colours as give thirty groups different pairs."""


@dataclass(frozen=True, slots=True)
class GroupTickets:
    """The tickets of one group, and what its form proposes to make."""

    key: str
    label: str
    entitled_text: str
    printed_text: str
    voided_text: str
    made_text: str
    """How many were ever made: what the form expects to find."""
    left_over_text: str
    issued_text: str
    proposed_count: str
    proposed_spares: str
    is_shared: bool
    """Whether this group draws its tickets by the shared code."""
    may_take_back: bool
    """Whether there are tickets that nobody holds yet."""


@dataclass(frozen=True, slots=True)
class TicketsPage:
    """How many tickets there are, and everything that is done with them."""

    frame: MeetingFrame
    refusal: Refusal | None
    can_issue: bool
    can_replace: bool
    is_short: bool
    """Whether a group has fewer tickets than voters, so that the forms stand open."""
    at: str
    """The group whose tickets were just made or taken back, where the hand still is; ``ALL_GROUPS`` for all of them."""
    groups: Sequence[GroupTickets]
    may_issue_missing: bool
    """Whether several groups lack tickets that one button could make."""
    reaching: Reaching | None
    """Whether phones reach this machine, to be tried before anything is printed; None once nothing can be."""
    slips_text: str
    """How many slips there are to print; empty for none, as after the opening."""
    printed_groups: str
    """How many of them each group gets."""
    are_handed_out: bool
    """Whether slips of the voided round before are in people's hands, which vote again."""
    has_poster: bool
    typed: str
    """The ticket code as it was typed, where it has to be typed again."""
    needs_reason: bool
    """Whether voting has begun, so that a replacement has its reason on record."""
    needs_second: bool
    """Whether another person confirms it, and types the code."""
    reason: str
    """The reason as it was typed."""
    reissued: PrintedSlip | None
    """The new slip, shown at once."""
    token: str
    """A random word, by which a replacement that is asked for twice is made once."""


@dataclass(frozen=True, slots=True)
class PartLink:
    """One part of a long printing."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TicketSlipsPage:
    """A4 pages of slips to print and cut."""

    meeting_id: str
    title: str
    count_text: str
    pages: Sequence[Sequence[PrintedSlip]]
    parts: Sequence[PartLink]
    """Empty where one part holds them all."""
    address: str
    """Where a voter types the code whose phone cannot scan."""
    steps: Sequence[str]
    """What to do with a slip, one line after the other."""
    is_tight: bool
    """Whether a text is so long that all letters have to be smaller."""
    marks: Mapping[str, GroupMark | None]
    """How the slips of a group are told from others across a table, by its label; None where there is one group."""


@dataclass(frozen=True, slots=True)
class GroupMark:
    """A shape, and the number of a colour: a black-and-white printer keeps the shape."""

    shape: str
    colour: str


@dataclass(frozen=True, slots=True)
class PosterPage:
    """The shared code (一会一码) to put up in the hall."""

    meeting_id: str
    title: str
    unit: str
    group_label: str
    code_text: str
    address: str
    qr_size: int
    qr_path: str
    wireless: WirelessCode | None
    """The network to join first, where somebody has said one."""


def tickets_page(
    meeting_id: str,
    refusal: Refusal | None = None,
    *,
    at: str = "",
    typed: str = "",
    reason: str = "",
    reissued: PrintedTicket | None = None,
) -> TicketsPage:
    """The page as the meeting stands now."""
    setup, this_round = load_meeting(meeting_id)
    board = load_board(meeting_id)
    shared = board.setup.shared_group
    slips = slip_count(meeting_id)
    return TicketsPage(
        frame=frame_of(setup, this_round, "tickets"),
        refusal=refusal,
        can_issue=this_round.state is MeetingState.DRAFT,
        can_replace=this_round.state in (MeetingState.DRAFT, MeetingState.OPEN),
        is_short=not board.printed or any(g.key != shared and g.issued < g.entitled for g in board.groups),
        at=at,
        groups=[_group(group, is_shared=group.key == shared, has_slips=slips > 0) for group in board.groups],
        may_issue_missing=sum(g.key != shared and g.issued < g.entitled for g in board.groups) > 1,
        reaching=reaching(meeting_id) if this_round.state is MeetingState.DRAFT else None,
        slips_text=str(slips) if slips else "",
        printed_groups="、".join(f"{group.label} {group.printed} 张" for group in board.groups if group.printed)
        if slips == board.printed
        else f"共 {slips} 张",
        are_handed_out=this_round.number > 1 and board.printed > slips,
        has_poster=this_round.pool_code is not None,
        typed=typed,
        needs_reason=this_round.state is MeetingState.OPEN,
        needs_second=this_round.state is MeetingState.OPEN and setup.two_people,
        reason=reason,
        reissued=printed_slip(slip_of(reissued, setup.title, setup.unit)) if reissued else None,
        token=secrets.token_urlsafe(18),
    )


def ticket_slips_page(meeting_id: str, printing: str, part: int) -> TicketSlipsPage:
    """One part of a printing; parts count from 1.

    Raises:
        NotFound: there is no such part.
    """
    setup, _ = load_meeting(meeting_id)
    labels, network = [group.label for group in setup.groups], load_wireless(meeting_id).name
    sheets = slip_sheets(meeting_id, printing, part)
    return TicketSlipsPage(
        meeting_id=meeting_id,
        title=setup.title,
        count_text=str(sum(sheets.part_sizes)),
        pages=sheets.pages,
        parts=[
            PartLink(
                f"第 {number} 份（{size} 张）",
                url_for("organizer.ticket_slips", meeting_id=meeting_id, printing=printing, part=number),
                number == part,
            )
            for number, size in enumerate(sheets.part_sizes, start=1)
            if len(sheets.part_sizes) > 1
        ],
        address=voting_url(meeting_id),
        steps=_steps(voting_url(meeting_id), network),
        is_tight=len(setup.title) > _ROOMY or max(map(len, (setup.unit, network, *labels))) > _ROOMY // 2,
        marks=_marks(labels),
    )


def _steps(address: str, network: str) -> Sequence[str]:
    """How a phone gets to the ballot. A public name is reached without the hall's own network."""
    named = f"“{network}”" if network else ""
    joining = f"连会场 Wi-Fi{named}，不能上网也“保持连接”，关移动数据"
    return (
        *(() if address.startswith("https://") else (joining,)),
        "用手机自带相机扫码",
        "微信打不开：点 ··· →“在浏览器打开”",
        "扫不了码：浏览器打开下面网址，输入票码",
    )


def _marks(labels: Sequence[str]) -> Mapping[str, GroupMark | None]:
    if len(labels) == 1:
        return {labels[0]: None}
    return {
        label: GroupMark(_SHAPES[number % len(_SHAPES)], str(number % _COLOURS + 1))
        for number, label in enumerate(labels)
    }


def poster_page(meeting_id: str) -> PosterPage:
    """The shared code of the current round.

    Raises:
        WrongState: the meeting has no shared code.
    """
    setup, this_round = load_meeting(meeting_id)
    if this_round.pool_code is None:
        raise WrongState("本场会议没有启用一会一码。如需启用，请在“会场与钥匙”一步设置。")
    address = voting_url(meeting_id)
    size, path = qr_svg_path(f"{address}#pool-{this_round.pool_code}")
    label = next(group.label for group in setup.groups if group.key == setup.shared_group)
    return PosterPage(
        meeting_id=meeting_id,
        title=setup.title,
        unit=setup.unit,
        group_label=label,
        code_text=grouped(this_round.pool_code),
        address=address,
        qr_size=size,
        qr_path=path,
        wireless=wireless_code(load_wireless(meeting_id)),
    )


def _group(numbers: GroupNumbers, *, is_shared: bool, has_slips: bool) -> GroupTickets:
    spares = max(_FEWEST_SPARES, -(-numbers.entitled // _SPARES_OF))
    return GroupTickets(
        key=numbers.key,
        label=numbers.label,
        entitled_text=str(numbers.entitled),
        printed_text=str(numbers.printed),
        voided_text=str(numbers.voided),
        made_text=str(numbers.printed + numbers.voided),
        left_over_text=str(numbers.left_over),
        issued_text=str(numbers.issued),
        proposed_count=str(max(0, numbers.entitled - numbers.issued)),
        proposed_spares=str(0 if numbers.printed else spares),
        is_shared=is_shared,
        may_take_back=has_slips and numbers.printed > 0,
    )
