"""What is kept of the ballots of a counted round, read as the tally takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaohe.domain.ballots import BallotCodec
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.recorded_digests import ballot_columns, ballot_row, ballots_digest
from kaohe.operations.setup.ballot_styles import ballot_styles
from kaohe.storage.box_contents import opened_ballots
from kaohe.storage.database import Transaction
from kaohe.storage.rounds import StoredRound
from kaohe.tally.model import Turnout
from kaohe.tally.scores.counting import CountedMarks, MarkedBallot


def opened_marks(session: Transaction, row: StoredRound, setup: MeetingSetup) -> Iterator[MarkedBallot]:
    """What is kept of the ballots of a counted round, as the tally takes it, in an order that tells nothing.

    One row a ballot; where subjects may be left out, one row a subject and ballot, so that the rows of a group do not
    say how many ballots it cast.
    """
    codecs = codecs_of(row, setup)
    for group_key, piece in opened_ballots(session, row.id):
        yield group_key, codecs[group_key].decode_piece(piece)


def opened_digest(session: Transaction, row: StoredRound, setup: MeetingSetup) -> str:
    """What the record of acts says of the opened ballots of a counted round, computed from those that are there."""
    return digest_of(row, setup, list(opened_marks(session, row, setup)))


def groups_in_pieces(row: StoredRound, setup: MeetingSetup) -> frozenset[str]:
    """The voter groups whose opened ballots are kept subject by subject."""
    return frozenset(group_key for group_key, codec in codecs_of(row, setup).items() if codec.is_in_pieces)


def codecs_of(row: StoredRound, setup: MeetingSetup) -> dict[str, BallotCodec]:
    """The codec of each voter group's ballot style."""
    codecs: dict[str, BallotCodec] = {}
    for style in ballot_styles(row, setup):
        codecs |= dict.fromkeys(style.groups, BallotCodec(style))
    return codecs


def digest_of(row: StoredRound, setup: MeetingSetup, ballots: list[MarkedBallot]) -> str:
    """What ties the opened ballots to the record of acts, and with it to the head that is printed."""
    columns = ballot_columns(setup.full_scheme, setup.subjects)
    rows = [ballot_row(columns, group_key, marks) for group_key, marks in ballots]
    return ballots_digest(row.ballots_salt or "", rows)


def asked_of(counted: CountedMarks, turnout: Mapping[str, Turnout]) -> dict[tuple[str, str], int]:
    """On how many ballots each subject stood, by (group key, subject key), where not on all that were cast.

    ``counted`` may have counted pieces of ballots, and knows of rows only; ``turnout`` says how many were cast.
    """
    rows = {(group, subject): counted.turnout[group].cast for group, subject, _ in counted.cells}
    return {key: number for key, number in (rows | dict(counted.asked)).items() if number != turnout[key[0]].cast}


def void_of(counted: CountedMarks, turnout: Mapping[str, Turnout]) -> dict[tuple[str, str], int]:
    """On how many void ballots each subject stood, by (group key, subject key), where not on all of them.

    As with ``asked_of``: ``counted`` may know of void pieces only, and ``turnout`` says how many ballots were void.
    """
    rows = {(group, subject): counted.turnout[group].invalid for group, subject, _ in counted.cells}
    return {key: number for key, number in (rows | dict(counted.void)).items() if number != turnout[key[0]].invalid}
