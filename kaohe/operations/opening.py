"""The ballot box is opened and counted (开箱计票) after close, or looked into for a live tally if that was agreed."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping

from kaohe.domain.ballots import Ballot, BallotStyle, decode_ballot, decode_marks, encode_marks
from kaohe.domain.bundles import ballots_digest, ballots_salt
from kaohe.domain.envelopes import BoxKey, Opener, fingerprint, read_key, receipt
from kaohe.domain.errors import BoxDamaged, KeyMissing, KeyWrong, WrongState
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, MeetingState, next_state, require_state
from kaohe.domain.permissions import Act
from kaohe.operations.ballot_styles import ballot_style
from kaohe.operations.second_person import proposed_by, require_second_person
from kaohe.storage.ballot_box import (
    StoredEnvelope,
    envelope_ids,
    envelopes,
    store_opened,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Session, erase_traces, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import active_round_row, as_round, current_round_row, round_setup
from kaohe.storage.tables import RoundRow
from kaohe.storage.tickets import forget_codes, forget_retries, ticket_numbers
from kaohe.tally.counting import count_marks
from kaohe.tally.model import GradeCounts


def count_meeting(actor: str, meeting_id: str, key_text: str | None = None) -> int:
    """Open the box of a closed round, store the ballots shuffled, destroy envelopes and key; return how many.

    One transaction: the box is either sealed as before or opened whole. ``key_text`` is what stands on the tellers'
    key sheet; with the key held by the server it is ignored.

    Raises:
        KeyMissing, KeyWrong: nothing was opened.
        BoxDamaged: envelopes and spent tickets differ, or an envelope is not what was sealed.
        WrongState: the round is not closed.
        SecondPersonNeeded and its kin: the meeting asks for two people.
        TracesLeft: counted, but the files could not be wiped of the envelopes yet.
    """
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        session.refresh(row, with_for_update=True)
        require_state(as_round(row), MeetingState.CLOSED)
        setup = round_setup(session, row)
        proposer = require_second_person(session, meeting_id, Act.COUNT, actor)
        style = ballot_style(row, setup)
        key = _key_of(row, setup, key_text)
        sealed = list(envelopes(session, row.id))
        _require_one_envelope_per_ticket(session, row.id, sealed)
        opened = _open_all(Opener(key, row.id), style, sealed)
        ballots = [(group_key, encode_marks(style, ballot)) for group_key, ballot in opened]
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
            cast=str(len(ballots)),
            key=fingerprint(key.public),
            ballots=_digest_of(style, ballots),
            **proposed_by(proposer),
        )
    erase_traces("envelopes", "tickets", "rounds")
    return len(ballots)


class LiveBox:
    """Looks into an open box for the live tally of one round, and remembers what it has seen.

    Only where the server holds the key and the organizer has agreed to a live view before opening.
    """

    def __init__(self, round_id: str) -> None:
        """A box that has not been looked into."""
        self.round_id = round_id
        self._seen: set[bytes] = set()

    def take_new(self, meeting_id: str) -> list[tuple[str, Mapping[tuple[str, str], str]]]:
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
        style = ballot_style(row, setup)
        opener = Opener(_server_key(row), row.id)
        opened = [(group_key, ballot.marks) for group_key, ballot in _open_all(opener, style, found)]
        self._seen |= new
        return opened


def count_live(
    setup: MeetingSetup, ballots: list[tuple[str, Mapping[tuple[str, str], str]]]
) -> Mapping[tuple[str, str, str], GradeCounts]:
    """The counts of some ballots by (group, subject, dimension)."""
    return count_marks(setup.full_scheme, setup.subjects, ballots).cells


def _digest_of(style: BallotStyle, ballots: list[tuple[str, bytes]]) -> str:
    """What ties the opened ballots to the record of acts, and with it to the head that is printed."""
    marks = [(group_key, decode_marks(style, encoded)) for group_key, encoded in ballots]
    rows = [[group_key, *(found[item] for item in style.items)] for group_key, found in marks]
    return ballots_digest(ballots_salt(these_secrets().signing_key, style.round_id), rows)


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


def _open_all(opener: Opener, style: BallotStyle, sealed: list[StoredEnvelope]) -> list[tuple[str, Ballot]]:
    try:
        return [(e.group_key, decode_ballot(style, opener.open(e.box, e.group_key))) for e in sealed]
    except (KeyWrong, ValueError) as error:
        raise BoxDamaged from error


def decode_opened(style: BallotStyle, group_key: str, marks: bytes) -> tuple[str, Mapping[tuple[str, str], str]]:
    """An opened ballot as the tally takes it."""
    return group_key, decode_marks(style, marks)
