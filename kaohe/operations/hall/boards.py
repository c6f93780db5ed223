"""The board (票数看板): 应到 / 实到 / 发出 / 收回 of one round, with warnings about impossible numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.keeping import KeptTickets, read_counts
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.meetings import GroupNumbers, MeetingSetup, MeetingState, Round, require_state
from kaohe.domain.voting_mode import require_ballots
from kaohe.operations.setup.issuing import are_draws_hasty
from kaohe.storage.clock import zone_text
from kaohe.storage.database import Transaction, reading
from kaohe.storage.numbers import EnteredNumbers, GroupFigures, round_figures, store_numbers, store_paper_issued
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import StoredRound, changing_round, current_round, current_rounds, round_setup
from kaohe.tally.notes.warnings import quorum_warning

UNISSUED_BY_GROUP = "unissued_by_group"
"""Where the record of a close says how many slips of each group became void, as JSON."""
_SLIP_NOTES = {"handed_out": "发出备用票 {} 张", "made": "另制新票 {} 张", "returned": "{} 人离场交回票"}
"""What the hall is told of an act, by the detail that holds the number."""
_SLIP_ACTS = {"reissued_ticket": "换发 1 张票", "voided_ticket": "作废 1 张票"}
"""What the hall is told of an act that is about one slip."""


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

    @property
    def comparisons(self) -> tuple[str, ...]:
        """What 实到, 发出 and 收回 of each group say when they are held beside one another, once voting has ended."""
        if self.round.state in (MeetingState.DRAFT, MeetingState.OPEN):
            return ()
        return tuple(sentence for group in self.groups for sentence in _compared(group))

    @property
    def compared_in_all(self) -> str:
        """What the sums say when they are held beside one another, for a sheet that names no group; '' for nothing."""
        present, unused = self.present, self.issued - self.cast
        if present is None:
            said = ["没有登记实到人数，不能与收回的票对照"]
        elif self.issued != present:
            what = "有人没有领票" if self.issued < present else "发出的多于到会的人"
            said = [f"实到 {present} 人，发出 {self.issued} 张，{what}，或登记有误"]
        else:
            said = []
        if unused > 0:
            said.append(f"发出 {self.issued} 张，收回 {self.cast} 张，有 {unused} 张领走后没有投")
        return f"收发核对：{'；'.join(said)}。" if said else ""


def load_board(meeting_id: str) -> Board:
    """The board of the current round."""
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


@dataclass(frozen=True, slots=True)
class SaidNumbers:
    """What people say of one voter group."""

    present: int | None
    """实到; None while nobody has said it."""
    left_over: int
    """Slips that have not been handed out."""
    paper_issued: int | None = None
    """Blank forms handed out on paper, which count among 发出; None leaves the number as it is."""


def record_numbers(actor: str, meeting_id: str, group_key: str, *, present: int | None, left_over: int) -> None:
    """Record how many of one voter group are in the hall and how many of its slips have not been handed out.

    Raises:
        What ``record_all_numbers`` raises.
    """
    record_all_numbers(actor, meeting_id, {group_key: SaidNumbers(present, left_over)})


def record_all_numbers(actor: str, meeting_id: str, said: Mapping[str, SaidNumbers]) -> None:
    """Record what is said of some voter groups, by their keys: all of it, or nothing. Idempotent.

    While voting is open, fewer slips left over hand slips out (发出备用票): so many more ballots are taken, and the
    wall shows it. Those that were not handed out when it ended are void: there can be found to be more of them, never
    fewer. Allowed until the result is published, for ballots on paper until the count; the former numbers stay in the
    record of acts.

    Raises:
        FieldInvalid: a number is out of bounds, or a group unknown.
        BallotsNotTaken: blank forms in a meeting without a vote.
        WrongState: the result has been published, or the round voided; or the ballots on paper are counted.
    """
    with changing_round(
        meeting_id, MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED
    ) as (session, row):
        groups = {group.key: group for group in board_of(session, row).groups}
        void = _void_since_the_close(session, row)
        for key, numbers in said.items():
            if key not in groups:
                raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
            _require_possible(groups[key], numbers, void.get(key, 0))
            _store(session, actor, row, groups[key], numbers)


def _require_possible(group: GroupNumbers, said: SaidNumbers, void: int) -> None:
    """``void`` is how many of the group's slips had not been handed out when the voting ended."""
    if said.present is not None and not 0 <= said.present <= PEOPLE_AT_MOST:
        raise FieldInvalid(f"“{group.label}”实到人数应为 0 到 {PEOPLE_AT_MOST}。")
    if not 0 <= said.left_over <= group.printed:
        raise FieldInvalid(f"“{group.label}”未发出的票数应为 0 到 {group.printed}（已制票数）。")
    if said.left_over < void:
        raise FieldInvalid(
            f"“{group.label}”未发出的 {void} 张票在投票结束时已作废，不能再算作发出：请填写不少于 {void} 的数。"
        )
    if said.paper_issued is not None and not 0 <= said.paper_issued <= PEOPLE_AT_MOST:
        raise FieldInvalid(f"“{group.label}”纸质票发出数应为 0 到 {PEOPLE_AT_MOST}。")


def _store(session: Transaction, actor: str, row: StoredRound, group: GroupNumbers, said: SaidNumbers) -> None:
    if (said.present, said.left_over) != (group.present, group.left_over):
        store_numbers(session, row.id, group.key, EnteredNumbers(said.present, said.left_over))
        handed_out = group.left_over - said.left_over
        record(
            session,
            row.meeting_id,
            actor,
            "recorded_numbers",
            group=group.key,
            present="" if said.present is None else str(said.present),
            left_over=str(said.left_over),
            **({"handed_out": str(handed_out)} if handed_out > 0 and row.state is MeetingState.OPEN else {}),
        )
    if said.paper_issued is not None and said.paper_issued != group.paper_issued:
        require_state(row, MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED)
        require_ballots(round_setup(session, row).full_scheme)
        store_paper_issued(session, row.id, group.key, said.paper_issued)
        record(
            session,
            row.meeting_id,
            actor,
            "recorded_paper_issued",
            group=group.key,
            issued=str(said.paper_issued),
        )


def _void_since_the_close(session: Transaction, row: StoredRound) -> Mapping[str, int]:
    """How many slips of each group had not been handed out when the round closed; nothing before that."""
    if row.state in (MeetingState.DRAFT, MeetingState.OPEN):
        return {}
    closed = [entry for entry in chain_of(session, row.meeting_id) if entry.act == "closed"]
    found: dict[str, int] = json.loads(closed[-1].detail.get(UNISSUED_BY_GROUP, "{}")) if closed else {}
    return found


def slip_notes(session: Transaction, row: StoredRound, last: int) -> tuple[str, ...]:
    """What has been done with slips since a round opened, the ``last`` of it, for the hall to see.

    Each note says its time of day, and the first of them the zone of them all.
    """
    chain = chain_of(session, row.meeting_id)
    opened = max((number for number, entry in enumerate(chain) if entry.act == "opened"), default=len(chain))
    notes: list[tuple[datetime, str]] = []
    for entry in chain[opened:]:
        said = [_SLIP_ACTS[entry.act]] if entry.act in _SLIP_ACTS else []
        said += [text.format(entry.detail[name]) for name, text in _SLIP_NOTES.items() if name in entry.detail]
        if said:
            notes.append((datetime.fromisoformat(entry.at).astimezone(), "，".join(said)))
    shown = notes[-last:]
    texts = [f"{at:%H:%M} {text}" for at, text in shown]
    return (f"{zone_text(shown[0][0])} {texts[0]}", *texts[1:]) if shown else ()


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
                drawn=stored.drawn,
                drawn_cast=stored.drawn_spent,
                challenged=numbers.challenged,
                paper_issued=entered.paper_issued,
                paper_cast=paper_cast,
                paper_void=entered.paper_void,
            )
        )
    warnings = (*_warnings(groups), *_word_of_quorum(setup, groups), *_word_of_draws(row))
    return Board(setup, row.without_secrets(), tuple(groups), warnings)


def _word_of_quorum(setup: MeetingSetup, groups: Sequence[GroupNumbers]) -> list[str]:
    present = [group.present for group in groups if group.present is not None]
    if len(present) < len(groups):
        return []
    entitled = sum(group.entitled for group in groups)
    warning = quorum_warning(setup.full_scheme.quorum, sum(present), entitled)
    return [warning] if warning else []


def _word_of_draws(row: StoredRound) -> list[str]:
    if row.pool_code is None or not are_draws_hasty(row.id):
        return []
    return ["会场码领票过快，快过入场的速度，可能有人冒领：请核对发出与实到；如有人冒领，请更换会场码。"]


def _compared(group: GroupNumbers) -> list[str]:
    name, unused = f"“{group.label}”", group.issued - group.cast
    found = []
    if group.present is None:
        found.append(f"{name}没有登记实到人数，看不出收回的票是否多于到会的人：请监票人清点后登记。")
    elif group.issued < group.present:
        short = group.present - group.issued
        found.append(f"{name}实到 {group.present} 人，发出 {group.issued} 张：有 {short} 人没有领票，或登记有误。")
    if unused > 0:
        found.append(
            f"{name}发出 {group.issued} 张，收回 {group.cast} 张：有 {unused} 张领走后没有投。"
            f"请监票人收齐没有投的票清点：多于 {unused} 张的，说明有人冒用别人的票投过票。"
        )
    return found


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
