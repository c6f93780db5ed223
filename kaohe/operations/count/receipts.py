"""The list of receipts (回执清单): every voter can see that their own ballot is in the box, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.envelopes import receipt_list
from kaohe.domain.errors import BallotsPurged, ReceiptForeign, WrongState
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.domain.signed_receipts import SignedReceipt, read_signed_receipt
from kaohe.storage.box_contents import digests_of, envelopes, receipts_of
from kaohe.storage.challenges import challenged
from kaohe.storage.database import Transaction, reading
from kaohe.storage.meetings import meeting_key
from kaohe.storage.rounds import StoredRound, current_round, round_setup


@dataclass(frozen=True, slots=True)
class ReceiptList:
    """All receipts of a round, sorted; their order has nothing to do with that of casting."""

    setup: MeetingSetup
    round: Round
    counted: Sequence[str]
    challenged: Sequence[str]
    """The tellers' own ballots, which are not counted."""
    digests: Sequence[bytes]
    """Of every envelope that was in the box, sorted; none of a box that an earlier version has stripped."""


def load_receipts(meeting_id: str) -> ReceiptList:
    """The receipts of the current round, from the moment the envelopes are taken apart from the tickets.

    Raises:
        WrongState: it has not come to that, so that the list could still grow.
        BallotsPurged: the list was destroyed when its time was over.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        if row.purged_at is not None:
            raise BallotsPurged("回执清单已按期清除。")
        named = challenged(session, row.id)
        if row.state.is_counted:
            found = receipts_of(session, row.id)
        elif row.state == MeetingState.CLOSED and row.stripped_at is not None:
            sealed = envelopes(session, row.id)
            found = receipt_list(each.digest for each in sealed if each.receipt not in named)
        else:
            raise WrongState("回执清单在投票结束、拆票之后公布，请稍后再看。")
        digests = listed_digests(session, row)
        return ReceiptList(round_setup(session, row), row.without_secrets(), found, sorted(named), digests)


def listed_digests(session: Transaction, row: StoredRound) -> list[bytes]:
    """The digests of all envelopes that were in a round's box when it was stripped, sorted."""
    return digests_of(session, row.id)


def require_issued(signed: str, meeting_id: str) -> SignedReceipt:
    """What a signed receipt says, which was signed for a meeting with its key.

    Raises:
        ReceiptUnreadable, ReceiptForeign: it is none, or another meeting's or somebody else's.
    """
    found = read_signed_receipt(signed)
    with reading() as session:
        key = meeting_key(session, found.meeting_id)
    if found.meeting_id != meeting_id or not found.is_by(key.public):
        raise ReceiptForeign
    return found
