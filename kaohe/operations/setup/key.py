"""The tellers' key: on one sheet, or split on three of which two open the box (钥匙单分存).

It is drawn up, tried before the voting, and given after it. Each holder of a share types their own sheet alone. The
first share waits in the database, under the installation's wrapping key, until the second comes, since the two may be
typed at different browsers that different processes serve. A share alone says nothing about the key; it is deleted as
soon as the second one comes, and forgotten after a quarter of an hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kaohe.domain.envelopes import BoxKey, fingerprint, read_key
from kaohe.domain.errors import FieldInvalid, KeyDrawnUp, KeyWrong, ShareForeign, ShareMissing, ShareRepeated
from kaohe.domain.key_shares import SHARES_NEEDED, KeyShare, join_shares, read_share, read_shares, split_key
from kaohe.domain.meeting_keys import ShownKey, shown_key
from kaohe.domain.meetings import Custody, MeetingState, require_state
from kaohe.domain.sealing import new_canary, opens_canary
from kaohe.operations.apart import erase_traces_apart
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import load_setup, meeting_key
from kaohe.storage.record import record
from kaohe.storage.rounds import (
    StoredRound,
    changing_round,
    current_round,
    current_round_for_update,
    save_round,
    voting_round,
)

SHARE_WAITS = timedelta(minutes=15)
"""How long the first share waits for the second."""


@dataclass(frozen=True, slots=True)
class SharesState:
    """How far the three sheets have come."""

    proven: tuple[int, ...]
    """The numbers of the sheets that have been typed in before the voting, ascending."""
    waiting_number: int | None
    """The number of the sheet that has been typed and waits for another one."""


@dataclass(frozen=True, slots=True)
class _KnownShares:
    """What the server knows of the sheets."""

    digests: tuple[str, ...]
    proven: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return json.dumps({"digests": self.digests, "proven": self.proven})


def draw_up_key(actor: str, meeting_id: str, *, replacing: str | None = None) -> str:
    """Make the box's key for the tellers and return the text of the key sheet, this once.

    The private half is stored nowhere. Drawing up again replaces a key that nobody has used. ``replacing`` is the
    fingerprint of the key that the caller has seen and means to replace, '' for none, so that a request which is sent
    twice makes one key.

    Raises:
        WrongState: the round has opened, or the server holds the key.
        KeyDrawnUp: there is another key than ``replacing``, and it stays.
    """
    with transaction() as session:
        key = give_new_key(session, meeting_id, replacing)
        record(session, meeting_id, actor, "drew_up_key", fingerprint=fingerprint(key.public))
    return key.text


def load_keys(meeting_id: str) -> tuple[ShownKey, ...]:
    """The keys that people compare on slips, screens and phones: the meeting's, and the box's where there is one."""
    with reading() as session:
        box, signer = voting_round(session, meeting_id).public_key, meeting_key(session, meeting_id)
    return (shown_key("会议印记", signer.public), *((shown_key("本轮票箱", box),) if box else ()))


def give_new_key(session: Transaction, meeting_id: str, replacing: str | None) -> BoxKey:
    """Replace the key by a fresh one of the tellers'; its private half is nowhere but in what is returned.

    Raises:
        WrongState: the round has opened.
        FieldInvalid: the server holds the key.
        KeyDrawnUp: there is another key than ``replacing``, where that is said.
    """
    row = current_round_for_update(session, meeting_id)
    require_state(row, MeetingState.DRAFT)
    if load_setup(session, meeting_id).custody is not Custody.TELLERS:
        raise FieldInvalid("本场会议的钥匙由服务器保管，不需要钥匙单。")
    if replacing is not None and replacing != (fingerprint(row.public_key) if row.public_key else ""):
        raise KeyDrawnUp
    key = BoxKey.new()
    row = replace(row, public_key=key.public, canary=new_canary(key.public, row.id), key_proven=False)
    save_round(session, replace(row, share_digests=None, held_share=None))
    return key


def prove_key(actor: str, meeting_id: str, typed: str) -> None:
    """Let a teller show, before voting may start, that the sheet in hand opens this round's box. Idempotent.

    Raises:
        KeyWrong: it does not, or no key has been drawn up.
        WrongState: the round has opened.
    """
    key = read_key(typed)
    with changing_round(meeting_id, MeetingState.DRAFT) as (session, row):
        if row.canary is None or not opens_canary(key, row.canary, row.id):
            raise KeyWrong
        save_round(session, replace(row, key_proven=True))
        record(session, meeting_id, actor, "proved_key", fingerprint=fingerprint(key.public))


def draw_up_shares(actor: str, meeting_id: str, *, replacing: str | None = None) -> tuple[KeyShare, ...]:
    """Make the box's key for the tellers and return its three shares, this once. Neither key nor shares are stored.

    Drawing up again replaces a key that nobody has used; ``replacing`` as ``draw_up_key`` has it.

    Raises:
        WrongState: the round has opened.
        FieldInvalid: the server holds the key.
        KeyDrawnUp: there is another key than ``replacing``, and it stays.
    """
    with transaction() as session:
        key = give_new_key(session, meeting_id, replacing)
        shares = split_key(key)
        row = current_round_for_update(session, meeting_id)
        save_round(session, replace(row, share_digests=_KnownShares(tuple(share.digest for share in shares)).text))
        record(session, meeting_id, actor, "drew_up_shares", fingerprint=fingerprint(key.public))
    return shares


def load_shares(meeting_id: str) -> SharesState | None:
    """How far the sheets of the current round have come; None where the key is not split."""
    with reading() as session:
        return shares_state(current_round(session, meeting_id))


def shares_state(row: StoredRound) -> SharesState | None:
    """How far the sheets of this round have come; None where its key is not split."""
    if row.share_digests is None:
        return None
    waiting = _waiting_share(row)
    return SharesState(tuple(json.loads(row.share_digests)["proven"]), waiting.number if waiting else None)


def prove_share(actor: str, meeting_id: str, typed: str) -> SharesState:
    """Let a teller show, before voting may start, that their own sheet is good. Idempotent for a sheet that is proven.

    With the second sheet the two are joined and must open the canary; from then on the meeting may be opened. The third
    is known by its digest, so that a lost or misprinted one is told before the voting, too.

    Raises:
        ShareWrong, ShareForeign, ShareRepeated: the sheet is not one of this round's, or waits for another one already.
        KeyWrong: the two do not open the canary.
        WrongState: the round has opened.
    """
    share = read_share(typed)
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.DRAFT)
        known = _require_known(row, share)
        if not row.key_proven:
            first = _waiting_share(row)
            if first is None:
                row = replace(row, held_share=_wrapped(row, share))
            elif row.canary is None or not opens_canary(join_shares((first, share)), row.canary, row.id):
                raise KeyWrong
            else:
                row = replace(row, key_proven=True, held_share=None)
        known = replace(known, proven=tuple(sorted({*known.proven, share.number})))
        save_round(session, replace(row, share_digests=known.text))
        record(
            session,
            meeting_id,
            actor,
            "proved_share",
            number=str(share.number),
            fingerprint=fingerprint(row.public_key or b""),
        )
        waiting = _waiting_share(row)
        state = SharesState(known.proven, waiting.number if waiting else None)
    if waiting is None:
        # No share is left on the server while people vote, not even a deleted one.
        erase_traces_apart("rounds")
    return state


def give_share(actor: str, meeting_id: str, typed: str) -> bool:
    """After the close: take the first share, and say whether another one is needed.

    False means that nothing more has to be typed: the key is not split, both shares were, another one waits already, or
    the box has been counted.

    Raises:
        ShareWrong, ShareForeign, ShareRepeated: nothing was taken.
        WrongState: the round has not been closed.
    """
    with changing_round(meeting_id) as (session, row):
        if row.share_digests is None or row.state == MeetingState.COUNTED:
            return False
        require_state(row, MeetingState.CLOSED)
        shares = read_shares(typed)
        for share in shares:
            _require_known(row, share)
        waiting = _waiting_share(row)
        if len(shares) == SHARES_NEEDED or waiting is not None:
            if waiting is not None and shares == (waiting,):
                raise ShareRepeated
            return False
        save_round(session, replace(row, held_share=_wrapped(row, shares[0])))
        record(session, meeting_id, actor, "gave_share", round=str(row.number), number=str(shares[0].number))
        return True


def joined_key(row: StoredRound, typed: str) -> BoxKey:
    """The key that the typed shares make, with the one that waits where only one was typed.

    Raises:
        ShareWrong, ShareForeign, ShareRepeated, ShareMissing, KeyWrong: they make none.
    """
    shares = read_shares(typed)
    for share in shares:
        _require_known(row, share)
    if len(shares) < SHARES_NEEDED:
        waiting = _waiting_share(row)
        if waiting is None:
            raise ShareMissing
        shares = (waiting, *shares)
    return join_shares(shares)


def _require_known(row: StoredRound, share: KeyShare) -> _KnownShares:
    if row.share_digests is None:
        raise ShareForeign
    document = json.loads(row.share_digests)
    known = _KnownShares(tuple(document["digests"]), tuple(document["proven"]))
    if known.digests[share.number - 1] != share.digest:
        raise ShareForeign
    return known


def _wrapped(row: StoredRound, share: KeyShare) -> bytes:
    until = (now() + SHARE_WAITS).timestamp()
    plain = json.dumps({"until": until, "share": share.text}).encode()
    return these_secrets().wrap(plain, f"share|{row.id}")


def _waiting_share(row: StoredRound) -> KeyShare | None:
    if row.held_share is None:
        return None
    document = json.loads(these_secrets().unwrap(row.held_share, f"share|{row.id}"))
    if datetime.fromtimestamp(document["until"], UTC) < now():
        return None
    return read_share(document["share"])
