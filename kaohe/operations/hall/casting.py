"""A voter casts a ballot (交票): the only path from a phone to the ballot box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kaohe.domain.ballots import Ballot, BallotReader, BallotStyle, read_ballot, read_nonce
from kaohe.domain.envelopes import Envelope, envelope_tag, receipt, retry_digest, ticket_digest
from kaohe.domain.errors import (
    BallotBoxBusy,
    KaoheError,
    MeetingClosed,
    MeetingNotOpen,
    MeetingUnknown,
    RoundChanged,
    TicketForeign,
    TicketMistyped,
    TicketOtherForm,
    TicketUnknown,
    TicketVoided,
)
from kaohe.domain.meetings import HallView, MeetingSetup, MeetingState, require_collecting
from kaohe.domain.sealing import PhoneSealed, Sealer, binding_of, require_fit
from kaohe.domain.signed_receipts import ReceiptSigner
from kaohe.domain.ticket_codes import read_code
from kaohe.operations.hall.open_rounds import forget_other_rounds, forget_round, open_round
from kaohe.operations.setup.ballot_styles import ballot_style, style_of_group
from kaohe.operations.setup.issuing import voting_url
from kaohe.storage.ballot_box import BALLOT_BOX, CastRequest
from kaohe.storage.database import reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import meeting_key
from kaohe.storage.redeeming import stored_digest
from kaohe.storage.round_state_cache import active_round
from kaohe.storage.rounds import StoredRound, round_setup, voting_round
from kaohe.storage.tickets import TicketFound, find_ticket


@dataclass(frozen=True, slots=True)
class Polling:
    """A ballot style and whether ballots are being collected on it."""

    style: BallotStyle
    state: MeetingState
    is_paused: bool
    hands_out_tickets: bool
    """Whether tickets of this form can be drawn by the shared code."""
    is_instant: bool
    """Whether the hall sees every ballot as it comes."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A ballot of this ticket and nonce is in the box."""

    receipt: str
    signed: str
    """The signed receipt (签名回执) of the envelope in the box; a second sending gets the very same."""
    is_same: bool
    """Whether it is the envelope that was just sent; what one holds that came before it only its sender knows."""


def load_polling(meeting_id: str, style_key: str) -> Polling:
    """What the ballot page shows; the same for every voter of the style.

    Raises:
        MeetingUnknown: no such meeting or style.
    """
    with reading() as session:
        row = voting_round(session, meeting_id)
        setup = round_setup(session, row)
    style = ballot_style(row, setup, style_key)
    return Polling(
        style,
        row.state,
        row.is_paused,
        hands_out_tickets=setup.shared_group in style.groups,
        is_instant=setup.hall_view is HallView.INSTANT,
    )


def active_polling_key(meeting_id: str) -> tuple[str, MeetingState, bool] | None:
    """(round, state, whether paused): all that a ballot page depends on once a round is open.

    None while there is nothing that would stay as it is: no such meeting, a draft that is still edited, or a vote on
    the spot that phones are led on to.
    """
    found = active_round(meeting_id)
    if found is None or found.state is MeetingState.DRAFT or found.spot_id is not None:
        return None
    return found.round_id, found.state, found.is_paused


class _Sent(Protocol):
    """What came with a ticket: choices that the server seals, or an envelope that the phone has sealed."""

    def tag(self, round_id: str) -> bytes:
        """The tag of its envelope."""

    def retry(self, round_id: str) -> bytes:
        """What the ticket stores to recognize it."""

    def box(self, reader: BallotReader, sealer: Sealer, tag: bytes) -> bytes:
        """The sealed ballot.

        Raises:
            What is wrong with the choices, or with the envelope for this form and key.
        """


@dataclass(frozen=True, slots=True)
class _Choices:
    nonce: str
    fields: Sequence[tuple[str, str]]

    def tag(self, round_id: str) -> bytes:
        return envelope_tag(round_id, self.nonce)

    def retry(self, round_id: str) -> bytes:
        return retry_digest(round_id, self.nonce)

    def box(self, reader: BallotReader, sealer: Sealer, tag: bytes) -> bytes:
        return sealer.seal(reader.read(self.fields), tag)


@dataclass(frozen=True, slots=True)
class _Envelope:
    sealed: PhoneSealed

    def tag(self, _: str) -> bytes:
        return self.sealed.tag

    def retry(self, _: str) -> bytes:
        return self.sealed.retry

    def box(self, _: BallotReader, sealer: Sealer, __: bytes) -> bytes:
        require_fit(self.sealed, sealer.binding)
        return self.sealed.box


def cast_ballot(
    meeting_id: str, style_key: str, *, ticket: str, nonce: str, round_number: str, fields: Iterable[tuple[str, str]]
) -> Acknowledged:
    """Take one ballot of a phone that does not seal, seal it, and acknowledge it once it is stored durably.

    ``ticket`` is the code as typed or scanned, ``nonce`` the phone's own, ``fields`` the pairs that ``read_ballot``
    reads, ``round_number`` the round that the page was made for ('' where the client does not say).
    The whole ballot is validated first, so a refusal burns no ticket. Idempotent: the same ticket with the same nonce
    gets the same receipt and counts once, also after the close. What was chosen the first time is what counts.

    Raises:
        Any refusal of the ticket, the ballot or the meeting's state; nothing is changed then.
    """
    code = read_code(ticket)
    read_nonce(nonce)
    return _cast(meeting_id, style_key, code, round_number, _Choices(nonce, list(fields)))


def cast_sealed(
    meeting_id: str, style_key: str, *, ticket: str, round_number: str, sealed: PhoneSealed
) -> Acknowledged:
    """Take one ballot that a phone has sealed, and acknowledge it once it is stored durably.

    The envelope is not opened: whether it holds a ballot of its form shows at the count. What stands outside of the
    seal must fit the ticket. Idempotent: one envelope is stored once and gets one receipt, also after the close.

    Raises:
        RoundChanged, TicketOtherForm, SealMalformed: the envelope is of another round, form or key, or none.
        Any refusal of the ticket or the meeting's state; nothing is changed then.
    """
    return _cast(meeting_id, style_key, read_code(ticket), round_number, _Envelope(sealed))


def _cast(meeting_id: str, style_key: str, code: str, round_number: str, sent: _Sent) -> Acknowledged:
    cast = _cast_in_open_round(meeting_id, style_key, code, round_number, sent)
    return cast or _judge_and_cast(meeting_id, style_key, code, round_number, sent)


def _cast_in_open_round(
    meeting_id: str, style_key: str, code: str, round_number: str, sent: _Sent
) -> Acknowledged | None:
    """The acknowledgement, on the fast path of a faultless ballot; None where the ballot has to be judged in full.

    Raises:
        BallotBoxBusy: the box could not store it.
    """
    this_round = open_round(meeting_id, style_key)
    if this_round is None or round_number not in this_round.round_numbers:
        return None
    digest = ticket_digest(these_secrets().pepper, code)
    group_key = this_round.group_of(digest)
    if group_key not in this_round.group_keys:
        return None
    tag = sent.tag(this_round.round_id)
    try:
        envelope = Envelope(group_key, tag, sent.box(this_round.reader, this_round.sealer, tag))
        request = CastRequest(this_round.round_id, digest, sent.retry(this_round.round_id), envelope)
        stored = BALLOT_BOX.cast(request)
    except BallotBoxBusy:
        raise
    except (MeetingClosed, MeetingNotOpen, TicketUnknown):
        forget_round(meeting_id, style_key)
        return None
    except KaoheError:
        return None
    return _acknowledged(stored, envelope, this_round.signer)


def _judge_and_cast(meeting_id: str, style_key: str, code: str, round_number: str, sent: _Sent) -> Acknowledged:
    with reading() as session:
        row = voting_round(session, meeting_id)
        forget_other_rounds(meeting_id, style_key, row.id)
        setup = round_setup(session, row)
        style = ballot_style(row, setup, style_key)
        if round_number not in ("", str(style.round_number)):
            raise RoundChanged
        found = _own_ticket(find_ticket(session, style.round_id, code), style)
        signer = ReceiptSigner.of(meeting_key(session, meeting_id).private, row.meeting_id, row.number)
    retry, tag = sent.retry(style.round_id), sent.tag(style.round_id)
    is_in_the_box = False
    if found.is_spent and found.retry_digest == retry:
        with reading() as session:
            is_in_the_box = stored_digest(session, style.round_id, tag) is not None
    if not is_in_the_box:
        _require_form(found, style, row, setup)
        _require_collecting(row)
    if row.public_key is None:
        raise MeetingUnknown
    sealer = Sealer(row.public_key, binding_of(style, row.public_key))
    envelope = Envelope(found.group_key, tag, sent.box(BallotReader(style), sealer, tag))
    digest = ticket_digest(these_secrets().pepper, code)
    # A ballot that is in the box goes through it again: what can be read may not be confirmed by the standby yet.
    stored = BALLOT_BOX.cast(CastRequest(style.round_id, digest, retry, envelope))
    return _acknowledged(stored, envelope, signer)


def _acknowledged(stored: bytes, envelope: Envelope, signer: ReceiptSigner) -> Acknowledged:
    return Acknowledged(receipt(stored), signer.signed(stored), stored == envelope.digest)


def check_ballot(
    meeting_id: str, style_key: str, *, ticket: str, round_number: str, fields: Iterable[tuple[str, str]]
) -> Ballot:
    """Judge a ballot as ``cast_ballot`` would and cast nothing: for clients that list the choices before casting.

    Whether the ticket has been used is not judged: that is told only to whoever casts a whole ballot, which uses it.

    Raises:
        RoundChanged: the page was made for another round.
        What else ``cast_ballot`` would raise for this ballot at this moment; nothing is changed either way.
    """
    code = read_code(ticket)
    with reading() as session:
        row = voting_round(session, meeting_id)
        setup = round_setup(session, row)
        style = ballot_style(row, setup, style_key)
        if round_number not in ("", str(style.round_number)):
            raise RoundChanged
        found = _own_ticket(find_ticket(session, style.round_id, code), style)
    _require_form(found, style, row, setup)
    _require_collecting(row)
    return read_ballot(style, fields)


def has_ticket(meeting_id: str, typed: str) -> bool:
    """Whether the round that phones vote in has a ticket with this code, spent or not."""
    try:
        code = read_code(typed)
        with reading() as session:
            row = voting_round(session, meeting_id)
            found = find_ticket(session, row.id, code)
    except (MeetingUnknown, TicketMistyped):
        return False
    return found is not None and found.round_id == row.id


def check_ticket(meeting_id: str, style_key: str, *, ticket: str) -> None:
    """Judge a slip before anything is filled in: whether it is of this meeting and this form, and not void.

    Never whether it has been used; that is told only to whoever brings a whole ballot.

    Raises:
        TicketMistyped, TicketUnknown, TicketForeign, TicketVoided, TicketOtherForm: this slip cannot pay for this form.
        MeetingUnknown: no such meeting or style.
    """
    with reading() as session:
        row = voting_round(session, meeting_id)
        setup = round_setup(session, row)
        style = ballot_style(row, setup, style_key)
        found = _own_ticket(find_ticket(session, style.round_id, read_code(ticket)), style)
    _require_form(found, style, row, setup)


def _own_ticket(found: TicketFound | None, style: BallotStyle) -> TicketFound:
    if found is None:
        raise TicketUnknown
    if found.round_id != style.round_id:
        raise TicketForeign
    if found.is_void:
        raise TicketVoided
    return found


def _require_form(found: TicketFound, style: BallotStyle, row: StoredRound, setup: MeetingSetup) -> None:
    if found.group_key in style.groups:
        return
    label = next((group.label for group in setup.groups if group.key == found.group_key), "")
    own_style = style_of_group(row, setup, found.group_key)
    raise TicketOtherForm(label, own_style.key, voting_url(setup.id, own_style.key))


def _require_collecting(row: StoredRound) -> None:
    if row.state.is_counted:
        # The box has been opened, so a late retry can no longer be told from anybody else who holds the ticket.
        raise MeetingClosed("投票已经结束并开箱计票，不再收票。此前已经提交的，请在回执清单中核对，无需再次提交。")
    require_collecting(row.state, is_paused=row.is_paused)
