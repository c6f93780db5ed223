"""The list of receipts (回执清单): every voter can see that their own ballot is in the box, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.envelopes import receipt_list
from kaohe.domain.errors import BallotsPurged, WrongState
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.storage.box_contents import envelopes, receipts_of
from kaohe.storage.challenges import challenged
from kaohe.storage.database import reading
from kaohe.storage.rounds import current_round, round_setup


@dataclass(frozen=True, slots=True)
class ReceiptList:
    """All receipts of a round, sorted; their order has nothing to do with that of casting."""

    setup: MeetingSetup
    round: Round
    counted: Sequence[str]
    challenged: Sequence[str]
    """The tellers' own ballots, which are not counted."""


def load_receipts(meeting_id: str) -> ReceiptList:
    """The receipts of the current round, from the moment the envelopes are taken apart from the tickets.

    Raises:
        WrongState: it has not come to that, so that the list could still grow.
        BallotsPurged: the list was destroyed when its time was over.
        MeetingUnknown: no such meeting.
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
        return ReceiptList(round_setup(session, row), row.without_secrets(), found, sorted(named))
