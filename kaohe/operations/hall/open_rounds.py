"""Per-process cache of the rounds that collect ballots, so that casting reads nothing from the database.

Only what cannot change once a round is open is cached: its ballot style, its public key, and each ticket's group.
Whatever can change (the state, a pause, a voided or spent ticket) is judged by the ballot box within the transaction
that stores the ballot.
"""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.ballots import BallotReader
from kaohe.domain.errors import TicketUnknown
from kaohe.domain.meetings import MeetingState
from kaohe.domain.sealing import Sealer, binding_of, seal_document
from kaohe.domain.signed_receipts import ReceiptSigner
from kaohe.operations.setup.ballot_styles import ballot_style
from kaohe.storage.database import reading
from kaohe.storage.installation import RecentlyUsed, recently_used
from kaohe.storage.meetings import meeting_key
from kaohe.storage.rounds import round_setup, voting_round
from kaohe.storage.tickets import ticket_groups, ticket_groups_by_round

_ROUNDS_AT_MOST = 1024
"""Of ballot styles: a hall has one, or a few; a province has some hundreds of halls."""


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that was open when it was looked at."""

    round_id: str
    round_numbers: frozenset[str]
    """What the phones of this round may post as their round."""
    group_keys: frozenset[str]
    """The groups whose tickets are valid for this ballot style."""
    reader: BallotReader
    sealer: Sealer
    signer: ReceiptSigner
    seal: str
    """What a phone has to know to seal a ballot of the form, as JSON in ASCII."""
    _groups: dict[bytes, str]

    def group_of(self, digest: bytes) -> str | None:
        """The group of a ticket; None where the round has no such ticket, but another one has.

        A ticket that was drawn or reissued after the look is looked up once.

        Raises:
            TicketUnknown: no round of any meeting has such a ticket.
        """
        found = self._groups.get(digest)
        if found is None:
            groups = ticket_groups_by_round(digest)
            if not groups:
                raise TicketUnknown
            found = groups.get(self.round_id)
            if found is not None:
                self._groups[digest] = found
        return found


def open_round(meeting_id: str, style_key: str) -> OpenRound | None:
    """The round that phones vote in, as remembered or as it is now; None where it does not collect ballots.

    Raises:
        MeetingUnknown: no such meeting, or no such form in it.
    """
    found: OpenRound | None = _memory().recall((meeting_id, style_key))
    return found or _load(meeting_id, style_key)


def forget_round(meeting_id: str, style_key: str) -> None:
    """Read the round again at the next cast: the box has refused it as changed. Idempotent."""
    _memory().forget((meeting_id, style_key))


def forget_other_rounds(meeting_id: str, style_key: str, round_id: str) -> None:
    """Forget the cached round unless it is ``round_id``: a rehearsal was wiped, or a round voided. Idempotent."""
    found: OpenRound | None = _memory().recall((meeting_id, style_key))
    if found is not None and found.round_id != round_id:
        forget_round(meeting_id, style_key)


def _load(meeting_id: str, style_key: str) -> OpenRound | None:
    with reading() as session:
        row = voting_round(session, meeting_id)
        if row.state != MeetingState.OPEN or row.public_key is None or row.frozen is None:
            return None
        style = ballot_style(row, round_setup(session, row), style_key)
        key = meeting_key(session, meeting_id)
        found = OpenRound(
            style.round_id,
            frozenset(("", str(style.round_number))),
            frozenset(style.groups),
            BallotReader(style),
            Sealer(row.public_key, binding_of(style, row.public_key)),
            ReceiptSigner.of(key.private, row.meeting_id, row.number),
            seal_document(style, row.public_key, key),
            ticket_groups(session, row.id),
        )
    _memory().keep((meeting_id, style_key), found)
    return found


def _memory() -> RecentlyUsed[tuple[str, str], OpenRound]:
    return recently_used("open_rounds", _ROUNDS_AT_MOST)
