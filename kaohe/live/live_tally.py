"""The tally of an open box, as far as the screen may count it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from kaohe.domain.errors import WrongState
from kaohe.domain.meetings import HallView, MeetingSetup
from kaohe.domain.relations import turnout_of_voter_groups
from kaohe.live.snapshots import TallyRow
from kaohe.live.tally_rows import tally_rows
from kaohe.live.voted_schemes import by_votes, voted_subjects, votes_only
from kaohe.operations.count.opening import LiveBox, count_live
from kaohe.operations.hall.boards import Board
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Turnout
from kaohe.tally.scheme.refusals import TallyError


@dataclass(frozen=True, slots=True)
class Tallied:
    """What may be shown of one round at this moment."""

    counted: int
    rows: tuple[TallyRow, ...]


class OpenBoxTally:
    """Counts the ballots of one round as they may be shown, and forgets each once it is counted."""

    def __init__(self, round_id: str, *, shows_at_once: bool) -> None:
        """An empty tally; the box has not been read."""
        self.round_id = round_id
        self._box = LiveBox(round_id)
        self._shows_at_once = shows_at_once
        self._cells: dict[tuple[str, str, str], GradeCounts] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        """On how many of the counted ballots each subject stood, by (group key, subject key)."""
        self._counted: Counter[str] = Counter()
        self._tallied: Tallied | None = None
        self._tallied_turnout: dict[str, Turnout] = {}

    @property
    def counted(self) -> int:
        """How many ballots have been counted."""
        return sum(self._counted.values())

    def update(self, board: Board, names: frozenset[bytes] | None = None) -> None:
        """Count what has come in since the last look: with ``names`` only those ballots, and no other is opened.

        Once the box has been emptied, nothing changes any more.
        """
        try:
            shown = self._box.take_new(board.setup.id, names)
        except WrongState:
            return
        if not shown:
            return
        counted = count_live(board.setup, shown)
        for cell, counts in counted.cells.items():
            self._cells[cell] = self._cells[cell] + counts if cell in self._cells else counts
        for group_key, subject_key in {cell[:2] for cell in counted.cells}:
            cast = counted.turnout[group_key].cast
            self._asked[group_key, subject_key] += counted.asked.get((group_key, subject_key), cast)
        self._counted.update(group_key for group_key, _ in shown)

    def tallied(self, board: Board) -> Tallied:
        """The rows for the screen.

        Where ballots of several voter groups are weighted, score and rank are left out of a batched view: from one
        picture to the next they would tell how a group with one or two ballots among the ten has voted.
        """
        turnout = {
            group.key: Turnout(
                cast=self._counted[group.key],
                entitled=max(group.entitled, self._counted[group.key]),
                present=None if group.present is None else max(group.present, self._counted[group.key]),
                issued=max(group.issued, self._counted[group.key]),
            )
            for group in board.groups
        }
        if self._tallied is None or turnout != self._tallied_turnout:
            self._tallied, self._tallied_turnout = self._tally(board.setup, turnout), turnout
        return self._tallied

    def _tally(self, setup: MeetingSetup, turnout: dict[str, Turnout]) -> Tallied:
        with_scores = self._shows_at_once or len(setup.groups) == 1
        scheme = votes_only(setup.full_scheme)
        by_group, graders = turnout_of_voter_groups(setup, turnout)
        count = Count(
            scheme,
            voted_subjects(scheme, setup.full_scheme, setup.subjects),
            self._cells,
            by_group,
            asked={key: number for key, number in self._asked.items() if number != by_group[key[0]].cast},
            graders=graders,
        )
        try:
            rows = tally_rows(tally(count), with_scores=with_scores, with_rates=True)
        except TallyError:
            # The scheme divides by a number that the chair has not said yet, so there are votes but no rates.
            rows = tally_rows(tally(replace(count, scheme=by_votes(scheme))), with_scores=False, with_rates=False)
        return Tallied(self.counted, rows)


def shows_tally(setup: MeetingSetup) -> bool:
    """Whether the organizer has agreed to show tallies while voting is open."""
    return setup.hall_view is not HallView.TURNOUT
