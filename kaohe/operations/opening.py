"""The ballot box is opened and counted (开箱计票) after close, or looked into for a live tally if that was agreed."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping

from kaohe.domain.ballots import Ballot, BallotCodec
from kaohe.domain.bundles import ballot_columns, ballot_row, ballots_digest, ballots_salt
from kaohe.domain.envelopes import BoxKey, Opener, fingerprint, read_key, receipt
from kaohe.domain.errors import BoxDamaged, KeyMissing, KeyWrong, WrongState
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, MeetingState, next_state, require_state
from kaohe.operations.ballot_styles import ballot_styles
from kaohe.storage.ballot_box import (
    StoredEnvelope,
    envelope_ids,
    envelopes,
    opened_ballots,
    store_opened,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Session, erase_traces, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import active_round_row, as_round, current_round_row, round_setup
from kaohe.storage.tables import RoundRow
from kaohe.storage.tickets import forget_codes, forget_retries, ticket_numbers
from kaohe.tally.counting import CountedMarks, MarkedBallot, count_marks


def count_meeting(actor: str, meeting_id: str, key_text: str | None = None) -> int:
    """Open the box of a closed round, store the ballots shuffled, destroy envelopes and key; return how many.

    One transaction: the box is either sealed as before or opened whole. ``key_text`` is what stands on the tellers'
    key sheet; with the key held by the server it is ignored.

    Raises:
        KeyMissing, KeyWrong: nothing was opened.
        BoxDamaged: envelopes and spent tickets differ, or an envelope is not what was sealed.
        WrongState: the round is not closed.
        TracesLeft: counted, but the files could not be wiped of the envelopes yet.
    """
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        session.refresh(row, with_for_update=True)
        require_state(as_round(row), MeetingState.CLOSED)
        setup = round_setup(session, row)
        codecs = _codecs(row, setup)
        key = _key_of(row, setup, key_text)
        sealed = list(envelopes(session, row.id))
        _require_one_envelope_per_ticket(session, row.id, sealed)
        opened = _open_all(Opener(key, row.id), codecs, sealed)
        ballots = [
            (group_key, piece) for group_key, ballot in opened for piece in codecs[group_key].encode_pieces(ballot)
        ]
        comments = [pair for _, ballot in opened for pair in ballot.comments.items()]
        chance = secrets.SystemRandom()
        chance.shuffle(ballots)
        chance.shuffle(comments)
        store_opened(session, row.id, ballots, comments, [receipt(envelope.tag) for envelope in sealed])
        forget_retries(session, row.id)
        forget_codes(session, row.id)
        row.state = next_state(MeetingState(row.state), MeetingState.COUNTED)
        row.counted_at, row.wrapped_key = now(), None
        record(
            session,
            meeting_id,
            actor,
            "counted",
            round=str(row.number),
            cast=str(len(sealed)),
            key=fingerprint(key.public),
            ballots=_digest_of(row, setup, [(key, codecs[key].decode_piece(piece)) for key, piece in ballots]),
        )
    erase_traces("envelopes", "tickets", "rounds")
    return len(sealed)


class LiveBox:
    """Looks into an open box for the live tally of one round, and remembers what it has seen.

    Only where the server holds the key and the organizer has agreed to a live view before opening.
    """

    def __init__(self, round_id: str) -> None:
        """A box that has not been looked into."""
        self.round_id = round_id
        self._seen: set[bytes] = set()

    def take_new(self, meeting_id: str) -> list[MarkedBallot]:
        """(group key, marks) of the ballots that have come in since the last look, in no order that means anything.

        Raises:
            WrongState: this round may not be looked into now.
        """
        with reading() as session:
            row = active_round_row(session, meeting_id)
            setup = round_setup(session, row)
            if (
                row.id != self.round_id
                or setup.hall_view is HallView.TURNOUT
                or row.wrapped_key is None
                or row.state not in (MeetingState.OPEN, MeetingState.CLOSED)
            ):
                raise WrongState
            new = envelope_ids(session, row.id) - self._seen
            found = list(envelopes(session, row.id, new)) if new else []
        opener = Opener(_server_key(row), row.id)
        opened: list[MarkedBallot] = [
            (group_key, ballot.marks) for group_key, ballot in _open_all(opener, _codecs(row, setup), found)
        ]
        self._seen |= new
        return opened


def count_live(setup: MeetingSetup, ballots: list[MarkedBallot]) -> CountedMarks:
    """What some ballots of an open box add up to."""
    return count_marks(setup.full_scheme, setup.subjects, ballots)


def opened_marks(session: Session, row: RoundRow, setup: MeetingSetup) -> Iterator[MarkedBallot]:
    """What is kept of the ballots of a counted round, as the tally takes it, in an order that tells nothing.

    One row a ballot; where subjects may be left out, one row a subject and ballot, so that the rows of a group do not
    say how many ballots it cast.
    """
    codecs = _codecs(row, setup)
    for group_key, piece in opened_ballots(session, row.id):
        yield group_key, codecs[group_key].decode_piece(piece)


def groups_in_pieces(row: RoundRow, setup: MeetingSetup) -> frozenset[str]:
    """The voter groups whose opened ballots are kept subject by subject."""
    return frozenset(group_key for group_key, codec in _codecs(row, setup).items() if codec.is_in_pieces)


def _codecs(row: RoundRow, setup: MeetingSetup) -> dict[str, BallotCodec]:
    """The codec of each voter group's form."""
    return {
        group_key: codec
        for style in ballot_styles(row, setup)
        for codec in [BallotCodec(style)]
        for group_key in style.groups
    }


def _digest_of(row: RoundRow, setup: MeetingSetup, ballots: list[MarkedBallot]) -> str:
    """What ties the opened ballots to the record of acts, and with it to the head that is printed."""
    columns = ballot_columns(setup.full_scheme, setup.subjects)
    rows = [ballot_row(columns, group_key, marks) for group_key, marks in ballots]
    return ballots_digest(ballots_salt(these_secrets().signing_key, row.id), rows)


def _key_of(row: RoundRow, setup: MeetingSetup, key_text: str | None) -> BoxKey:
    if setup.custody is Custody.SERVER:
        return _server_key(row)
    if not (key_text or "").strip():
        raise KeyMissing
    key = read_key(key_text or "")
    if key.public != row.public_key:
        raise KeyWrong
    return key


def _server_key(row: RoundRow) -> BoxKey:
    return BoxKey(these_secrets().unwrap(row.wrapped_key or b"", f"box|{row.id}"))


def _require_one_envelope_per_ticket(session: Session, round_id: str, sealed: list[StoredEnvelope]) -> None:
    in_box: dict[str, int] = defaultdict(int)
    for envelope in sealed:
        in_box[envelope.group_key] += 1
    spent = {key: n.spent for key, n in ticket_numbers(session, round_id).items() if n.spent}
    if spent != dict(in_box):
        raise BoxDamaged


def _open_all(
    opener: Opener, codecs: Mapping[str, BallotCodec], sealed: list[StoredEnvelope]
) -> list[tuple[str, Ballot]]:
    try:
        return [(e.group_key, codecs[e.group_key].decode(opener.open(e.box, e.group_key))) for e in sealed]
    except (KeyWrong, KeyError, ValueError) as error:
        raise BoxDamaged from error
