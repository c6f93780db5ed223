"""The board (票数看板): 应到 / 实到 / 发出 / 收回 of one round, with warnings about impossible numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.keeping import KeptTickets, read_counts
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.meetings import GroupNumbers, MeetingSetup, MeetingState, Round, require_state
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.numbers import EnteredNumbers, GroupFigures, round_figures, store_numbers
from kaohe.storage.record import record
from kaohe.storage.rounds import StoredRound, current_round, current_rounds, round_setup


@dataclass(frozen=True, slots=True)
class Board:
    """应到 / 实到 / 发出 / 收回 of one round, per group and in all, and where they cannot be true."""

    setup: MeetingSetup
    round: Round
    groups: tuple[GroupNumbers, ...]
    warnings: tuple[str, ...]

    @property
    def entitled(self) -> int:
        """应到, all groups."""
        return sum(group.entitled for group in self.groups)

    @property
    def present(self) -> int | None:
        """实到, all groups; None until every group's number has been said."""
        numbers = [group.present for group in self.groups]
        return sum(n for n in numbers if n is not None) if None not in numbers else None

    @property
    def printed(self) -> int:
        """Tickets made and not voided, all groups."""
        return sum(group.printed for group in self.groups)

    @property
    def issued(self) -> int:
        """发出, all groups."""
        return sum(group.issued for group in self.groups)

    @property
    def cast(self) -> int:
        """收回, all groups."""
        return sum(group.cast for group in self.groups)


def load_board(meeting_id: str) -> Board:
    """The board of the current round.

    Raises:
        MeetingUnknown: no such meeting.
    """
    with reading() as session:
        return board_of(session, current_round(session, meeting_id))


def load_boards(meeting_ids: Sequence[str]) -> Sequence[Board]:
    """The boards of the current rounds of these meetings, which must be there, in their order."""
    with reading() as session:
        held = current_rounds(session, *meeting_ids) if meeting_ids else {}
        return boards_of(session, [held[meeting_id] for meeting_id in meeting_ids])


def board_of(session: Transaction, row: StoredRound) -> Board:
    """The board of one round."""
    return boards_of(session, [row])[0]


def boards_of(session: Transaction, rows: Sequence[StoredRound]) -> Sequence[Board]:
    """The boards of some rounds, in their order."""
    figures = round_figures(session, tuple(dict.fromkeys(row.meeting_id for row in rows)))
    return [_board(round_setup(session, row), row, figures) for row in rows]


def record_numbers(actor: str, meeting_id: str, group_key: str, *, present: int | None, left_over: int) -> None:
    """Record how many of a group are in the hall and how many of its slips were not handed out.

    Allowed until the result is published; the former numbers stay in the record of acts. Idempotent.

    Raises:
        FieldInvalid: a number is out of bounds, or the group unknown.
        WrongState: the result has been published, or the round voided.
    """
    if present is not None and not 0 <= present <= PEOPLE_AT_MOST:
        raise FieldInvalid(f"实到人数应为 0 到 {PEOPLE_AT_MOST}。")
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED)
        group = next((g for g in board_of(session, row).groups if g.key == group_key), None)
        if group is None:
            raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
        if not 0 <= left_over <= group.printed:
            raise FieldInvalid(f"“{group.label}”未发出的票数应为 0 到 {group.printed}（已制票数）。")
        store_numbers(session, row.id, group_key, EnteredNumbers(present, left_over))
        present_text = "" if present is None else str(present)
        record(
            session,
            meeting_id,
            actor,
            "recorded_numbers",
            group=group_key,
            present=present_text,
            left_over=str(left_over),
        )


def _board(setup: MeetingSetup, row: StoredRound, figures: Mapping[tuple[str, str], GroupFigures]) -> Board:
    kept = read_counts(row.kept_counts).tickets if row.kept_counts is not None else None
    groups = []
    for group in setup.groups:
        stored = figures.get((row.id, group.key), GroupFigures())
        numbers = KeptTickets(stored.printed, stored.voided, stored.spent, stored.challenged)
        if kept is not None:
            numbers = kept.get(group.key, KeptTickets(0, 0, 0, 0))
        entered = stored.entered
        # What has been typed stands here until the count takes it in.
        paper_cast = entered.paper_cast + stored.paper_typed
        groups.append(
            GroupNumbers(
                key=group.key,
                label=group.label,
                entitled=group.entitled,
                present=entered.present,
                printed=numbers.printed - numbers.challenged,
                voided=numbers.voided,
                left_over=entered.left_over,
                cast=numbers.spent - numbers.challenged + paper_cast,
                challenged=numbers.challenged,
                paper_issued=entered.paper_issued,
                paper_cast=paper_cast,
                paper_void=entered.paper_void,
            )
        )
    return Board(setup, row.without_secrets(), tuple(groups), tuple(_warnings(groups)))


def _warnings(groups: Sequence[GroupNumbers]) -> list[str]:
    found = []
    for g in groups:
        if g.cast > g.issued:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于发出 {g.issued} 张：请核对未发出的票数；如属实，本轮应作废重投。"
            )
        if g.present is not None and g.present > g.entitled:
            found.append(f"“{g.label}”实到 {g.present} 人，多于应到 {g.entitled} 人：请核对人数。")
        if g.present is not None and g.cast > g.present:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于实到 {g.present} 人：请核对实到人数；如属实，本轮应作废重投。"
            )
        elif g.cast > g.entitled:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于应到 {g.entitled} 人：请核对应到人数；如属实，本轮应作废重投。"
            )
        if g.present is not None and g.issued > g.present:
            found.append(f"“{g.label}”发出 {g.issued} 张，多于实到 {g.present} 人：请核对未发出的票数。")
    return found
