"""Builds the snapshot that every screen of a meeting shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from kaohe.domain.meeting_styles import held_forms
from kaohe.domain.meetings import HallView, MeetingState
from kaohe.domain.reveals import read_reveal_order
from kaohe.domain.scenes import Scene, scene_shown, scenes_of
from kaohe.domain.state_words import state_word
from kaohe.domain.voting_mode import takes_ballots
from kaohe.domain.wireless import Wireless
from kaohe.live.batching import batches_text
from kaohe.live.live_tally import OpenBoxTally, shows_tally
from kaohe.live.reveal_rows import person_shown, ranking_pages, reveal_keys, reveal_pages
from kaohe.live.shown_ballots import ShownBallots
from kaohe.live.snapshots import (
    WHOLE,
    Closed,
    Computed,
    Heading,
    LiveTally,
    Numbers,
    Reveal,
    Snapshot,
    TurnoutOnly,
    Waiting,
)
from kaohe.live.speeches import speeches
from kaohe.live.tally_rows import legend_of, paged
from kaohe.live.voted_schemes import votes_only
from kaohe.live.ways_in import how_to_vote, receipts_code, wireless_code
from kaohe.operations.chair.spot_votes import spot_vote_on
from kaohe.operations.count.disclosing import exposures
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.sharing_screens import ScreenNote
from kaohe.operations.hall.boards import Board, board_of, slip_notes
from kaohe.operations.hall.speaking import speaking_of
from kaohe.reports.heading import announced
from kaohe.storage.database import reading
from kaohe.storage.emblems import emblem_digest
from kaohe.storage.result_versions import latest_version
from kaohe.storage.round_keys import can_read_key
from kaohe.storage.rounds import voting_round
from kaohe.storage.wireless import wireless_of
from kaohe.tally.awards.electing import nobody_elected
from kaohe.tally.model import Result
from kaohe.tally.rounding import round_text
from kaohe.tally.scheme.scheme import Scheme

_STATE_TEXTS = {
    MeetingState.DRAFT: "投票{}，请等待主持人宣布",
    MeetingState.OPEN: "{}",
    MeetingState.CLOSED: "{}，等待计票",
    MeetingState.COUNTED: "{}，等待公布",
}

_NOTES_SHOWN = 4
_COMPUTED_TEXT = "本场不投票，成绩由已有的分数汇总"


class MeetingScreen:
    """The one source of what every screen of a meeting shows.

    It remembers which ballots may be counted on the screen; whoever asks gets the same picture.
    """

    def __init__(self, meeting_id: str) -> None:
        """A screen that has not been asked for a snapshot."""
        self._meeting_id = meeting_id
        self._spot: MeetingScreen | None = None
        self._live: OpenBoxTally | None = None
        self._published: _Published | None = None
        self._note: ScreenNote | None = None
        self._emblem_text = ""

    @property
    def meeting_id(self) -> str:
        """The meeting that is shown."""
        return self._meeting_id

    def snapshot(self) -> Snapshot:
        """What the screen shows now, with the emblem of the unit.

        Raises:
            What ``_without_emblem`` raises.
        """
        snapshot = self._without_emblem()
        return replace(snapshot, heading=replace(snapshot.heading, emblem_text=self._emblem_text))

    def _without_emblem(self) -> Snapshot:
        """What the screen shows now.

        Raises:
            CountBroken, BoxDamaged: the numbers contradict one another, so nothing is shown of them.
        """
        with reading() as session:
            this_round = voting_round(session, self._meeting_id)
            board, notes = board_of(session, this_round), slip_notes(session, this_round, _NOTES_SHOWN)
            speaking = speaking_of(session, self._meeting_id)
            wireless = wireless_of(session, self._meeting_id)
            self._emblem_text = emblem_digest(session, self._meeting_id)
            is_open = board.round.state is MeetingState.OPEN
            spot_id = None if is_open else spot_vote_on(session, self._meeting_id)
        if spot_id is not None:
            return self._spot_screen(spot_id).snapshot()
        if speaking.is_shown and board.round.state in (MeetingState.DRAFT, MeetingState.CLOSED):
            return speeches(_heading(board), speaking)
        match board.round.state:
            case MeetingState.PUBLISHED | MeetingState.PURGED:
                return self._reveal(board)
            case _ if not takes_ballots(board.setup.full_scheme):
                return Computed(_heading(board), _state_text(board), _COMPUTED_TEXT)
            case MeetingState.DRAFT:
                return self._waiting(board, wireless)
            case _:
                return self._voting(board, notes)

    def _spot_screen(self, spot_id: str) -> MeetingScreen:
        """The screen of a vote on the spot, which is shown in the place of the meeting's own."""
        if self._spot is None or self._spot.meeting_id != spot_id:
            self._spot = MeetingScreen(spot_id)
        return self._spot

    def _waiting(self, board: Board, wireless: Wireless) -> Snapshot:
        again = "上一轮投票已作废，即将重新投票，请保留手中的票" if board.round.number > 1 else None
        return Waiting(
            _heading(board),
            _scene(board),
            how_to_vote(board),
            again or _state_text(board),
            str(board.entitled),
            wireless_code(wireless),
        )

    def _voting(self, board: Board, notes: tuple[str, ...]) -> Snapshot:
        setup, state_text = board.setup, _state_text(board)
        if board.round.state is not MeetingState.OPEN:
            return Closed(_heading(board), state_text, _numbers(board, board.cast, notes))
        shows_at_once = setup.hall_view is HallView.INSTANT or board.round.is_rehearsal
        # A server that cannot read the key of an open box shows turnout only.
        has_tally = shows_tally(setup) and can_read_key(board.round.id, board.round.public_key)
        live = self._live_tally(board, shows_at_once=shows_at_once) if has_tally else None
        cast = self._cast_shown_at_once(board, live) if shows_at_once else self._step(board, live)
        numbers = _numbers(board, cast, notes)
        if live:
            found = live.tallied(board)
            return LiveTally(
                heading=_heading(board),
                scene=_scene(board, cast),
                how=how_to_vote(board),
                state_text=state_text,
                numbers=numbers,
                counted_text=str(found.counted),
                rule_text=_rule_text(board, shows_at_once=shows_at_once),
                is_empty=not found.counted,
                has_scores=any(row.score_text for row in found.rows),
                legend=legend_of(votes_only(setup.full_scheme)),
                pages=paged(found.rows),
            )
        return TurnoutOnly(_heading(board), _scene(board, cast), how_to_vote(board), state_text, numbers)

    @staticmethod
    def _cast_shown_at_once(board: Board, live: OpenBoxTally | None) -> int:
        if live is None:
            return board.cast
        live.update(board)
        # A ballot can reach the box between the two looks, and a screen must not count more than it says are in.
        return max(board.cast, live.counted)

    def _step(self, board: Board, live: OpenBoxTally | None) -> int:
        """收回 as every screen of this meeting shows it now, whichever server it hangs on; the tally goes along."""
        if self._note is None or self._note.round_id != board.round.id:
            self._note = ScreenNote(board.round.id)
        with self._note.turn() as turn:
            before = ShownBallots.from_bytes(turn.note)
            shown = before.advance(turn.clock, board.cast, turn.box, k=board.round.batch_size)
            if shown != before:
                turn.keep(shown.to_bytes())
        if live:
            live.update(board, shown.names)
        return shown.cast

    def _live_tally(self, board: Board, *, shows_at_once: bool) -> OpenBoxTally:
        if self._live is None or self._live.round_id != board.round.id:
            self._live = OpenBoxTally(board.round.id, shows_at_once=shows_at_once)
        return self._live

    def _reveal(self, board: Board) -> Snapshot:
        published = self._published_result(board)
        result = published.result
        order = read_reveal_order(board.round.reveal_order)
        total = len(reveal_keys(result, order))
        nobody = nobody_elected(result).removesuffix("。")
        has_votes = takes_ballots(board.setup.full_scheme)
        revealed = min(board.round.revealed_count, total)
        pages, newest = reveal_pages(result, revealed, order, with_votes=published.with_votes)
        return Reveal(
            heading=_heading(board),
            scene=_scene(board),
            state_text=f"已公布 {revealed} / {total}" if revealed < total else nobody or "已全部公布",
            turnout_text=_turnout_text(result, with_votes=published.with_votes) if has_votes else _COMPUTED_TEXT,
            pages=pages,
            newest_page=newest,
            person=person_shown(result, revealed, order, with_votes=published.with_votes),
            ranking=ranking_pages(result, order, with_votes=published.with_votes) if revealed == total else (),
            receipts=receipts_code(board.setup) if has_votes and board.round.state is MeetingState.PUBLISHED else None,
        )

    def _published_result(self, board: Board) -> _Published:
        # A published version never changes, and a screen asks for it once a second.
        with reading() as session:
            version = latest_version(session, board.round.id)
        named = (board.round.id, version)
        if self._published is None or self._published.named != named:
            counted = load_counted(self._meeting_id)
            # Where votes and score together would tell how a small group has voted, the hall sees the score alone.
            self._published = _Published(named, counted.result, with_votes=not exposures(counted))
        return self._published


@dataclass(frozen=True, slots=True)
class _Published:
    """A result as the hall may see it."""

    named: tuple[str, int]
    """The round, and the number of its latest version."""
    result: Result
    with_votes: bool


def _heading(board: Board) -> Heading:
    number = board.round.number
    return Heading(
        title=board.setup.title,
        unit=board.setup.unit,
        round_text=f"第 {number} 轮" if number > 1 else "",
        is_rehearsal=board.round.is_rehearsal,
        record_text=_record_text(board),
    )


def _scene(board: Board, cast: int = 0) -> Scene:
    """``cast`` is 收回 as the screen shows it. Who stands for election stays on the wall while people vote."""
    has_votes = takes_ballots(board.setup.full_scheme)
    state, revealed = board.round.state, board.round.revealed_count
    total = read_reveal_order(board.round.reveal_order).count_of(len(board.setup.subjects))
    available = scenes_of(state, revealed, total, has_votes=has_votes)
    return scene_shown(board.round.scene, available, is_anybody_in=cast > 0 and not board.setup.full_scheme.choose)


def _record_text(board: Board) -> str:
    if board.round.is_rehearsal or board.round.state in (MeetingState.DRAFT, MeetingState.OPEN):
        return ""
    head = record_head(board.setup.id)
    return head.text if head else ""


def _state_text(board: Board) -> str:
    if board.round.is_rehearsal:
        return "正在试投"
    state, has_votes = board.round.state, takes_ballots(board.setup.full_scheme)
    word = state_word(state, is_paused=board.round.is_paused, has_votes=has_votes)
    if not has_votes:
        return f"{word}，结果尚未公布"
    if board.round.is_paused:
        return f"{word}，请稍候"
    named = sum(group.is_named for group in board.setup.groups)
    return _STATE_TEXTS[state].format(word) + (f"（其中 {named} 组票为记名）" if named else "")


def _numbers(board: Board, cast: int, notes: tuple[str, ...]) -> Numbers:
    entitled = board.entitled
    return Numbers(
        cast_text=str(cast),
        entitled_text=str(entitled),
        present_text=None if board.present is None else str(board.present),
        issued_text=str(board.issued),
        percent_text=f"{round_text(Fraction(100 * cast, entitled), 1)}%" if entitled else None,
        bar=min(WHOLE, WHOLE * cast // entitled) if entitled else 0,
        slip_notes=notes,
    )


def _rule_text(board: Board, *, shows_at_once: bool) -> str:
    summed = _summed_text(board.setup.full_scheme)
    if shows_at_once:
        how = "每收到一票即更新，旁人可能看出某张票投了什么" if not board.round.is_rehearsal else "试投票即时显示"
        return f"{summed}{how}"
    whose = "每种票各自" if len(held_forms(board.setup)) > 1 else ""
    held_back = f"{summed}{whose}{batches_text(board.round.batch_size)}"
    return held_back if len(board.setup.groups) == 1 else f"{held_back}；加权得分和名次在公布时显示"


def _turnout_text(result: Result, *, with_votes: bool) -> str:
    summed = _summed_text(result.scheme).removesuffix("；") if with_votes else "票种人数少，票数不在大屏显示"
    return " · ".join((*announced(result.turnout), *((summed,) if summed else ())))


def _summed_text(scheme: Scheme) -> str:
    """That the votes of several dimensions stand in one number, where they do."""
    if scheme.declared_sections:
        return ""
    graded = [dimension for dimension in scheme.dimensions if scheme.scale_of(dimension) is None]
    return f"票数为 {len(graded)} 项合计；" if len(graded) > 1 else ""
