"""Keeps the screens of all servers in step, since two that differ would together reveal more than either."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kaohe.domain.meetings import MeetingState
from kaohe.operations.count.opening import may_look_into
from kaohe.operations.setup.ballot_styles import ballot_styles
from kaohe.storage.box_contents import envelope_ids_by_group
from kaohe.storage.change_feed import notify_change
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.rounds import StoredRound, keep_round_open, round_by_id, round_setup
from kaohe.storage.screens import common_clock, has_one_server, hold_note, keep_note


@dataclass(slots=True)
class Turn:
    """One server's turn to decide what may be shown now; whoever comes next finds what it has kept."""

    note: bytes
    """What the last one has kept; empty at first."""
    clock: float
    """Seconds by the clock that all servers share."""
    box: Mapping[str, frozenset[bytes]] | None
    """The names of the ballots in the box by the key of their form, where they may be counted for the hall.

    Every form is there: people know who fills which one, so each is held back by itself.
    """
    is_kept: bool = False

    def keep(self, note: bytes) -> None:
        """Leave this to whoever comes next."""
        self.note, self.is_kept = note, True


class ScreenNote:
    """Hands the note of one round from turn to turn: in memory where one server serves, else in the database.

    What lies in the database is sealed under the wrapping key: it names the envelopes that have been counted for the
    hall, which nobody who has the database alone may learn. It is deleted with these names, when the box is stripped.
    """

    def __init__(self, round_id: str) -> None:
        """A note that has not been asked for; nothing is looked up."""
        self.round_id = round_id
        self._here = b""

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """This server's turn, until the block ends. Nothing is kept where the block fails.

        Raises:
            SecretsMismatch: another server has other secrets than this one.
        """
        with reading() as session:
            row = round_by_id(session, self.round_id)
            is_apart = has_one_server() or not _is_collected(row)
            if is_apart:
                turn = Turn(self._here, time.monotonic(), _names_in(session, row))
        if is_apart:
            yield turn
        else:
            with transaction(is_told=False) as session:
                row = keep_round_open(session, self.round_id)
                turn = Turn(self._opened(hold_note(session, row.id)), common_clock(session), _names_in(session, row))
                yield turn
                if turn.is_kept:
                    keep_note(session, row.id, these_secrets().wrap(turn.note, self._purpose))
            if turn.is_kept:
                notify_change()
        self._here = turn.note

    @property
    def _purpose(self) -> str:
        return f"screen|{self.round_id}"

    def _opened(self, sealed: bytes) -> bytes:
        return these_secrets().unwrap(sealed, self._purpose) if sealed else b""


def _is_collected(row: StoredRound) -> bool:
    is_there = row.stripped_at is None and row.void_reason is None
    return is_there and row.state in (MeetingState.OPEN, MeetingState.CLOSED)


def _names_in(session: Transaction, row: StoredRound) -> Mapping[str, frozenset[bytes]] | None:
    setup = round_setup(session, row)
    if not may_look_into(row, setup):
        return None
    names = envelope_ids_by_group(session, row.id)
    return {
        style.key: frozenset().union(*(names.get(group_key, ()) for group_key in style.groups))
        for style in ballot_styles(row, setup)
    }
