"""Contents of a closed ballot box: envelopes, and once it is opened, ballots, comments and receipts.

Nothing else empties a box. Everything is returned in an order that tells nothing: names are drawn at random.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.orm import Session

from kaohe.domain.comment_reviews import Comment, CommentVerdict
from kaohe.domain.envelopes import Envelope, receipt
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.screens import forget_note
from kaohe.storage.tables import (
    BallotRow,
    ChallengeRow,
    CommentReviewRow,
    CommentRow,
    EnvelopeDigestRow,
    EnvelopeRow,
    ReceiptRow,
    RoundRow,
    TicketRow,
)


@dataclass(frozen=True, slots=True)
class StoredEnvelope(Envelope):
    """An envelope as it lies in the box, with its random name."""

    id: bytes

    @property
    def receipt(self) -> str:
        """The receipt that whoever cast it was given."""
        return receipt(self.digest)


def envelope_ids(session: Session, round_id: str) -> set[bytes]:
    """The random names of all envelopes of a round."""
    return set(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.round_id == round_id)))


def envelope_ids_by_group(session: Session, round_id: str) -> dict[str, set[bytes]]:
    """The random names of a round's envelopes by voter group; groups that have cast nothing are missing."""
    found: dict[str, set[bytes]] = {}
    query = select(EnvelopeRow.group_key, EnvelopeRow.id).where(EnvelopeRow.round_id == round_id)
    for group_key, name in session.execute(query):
        found.setdefault(group_key, set()).add(name)
    return found


def envelopes(session: Session, round_id: str, ids: AbstractSet[bytes] | None = None) -> Iterator[StoredEnvelope]:
    """The envelopes of a round, or those named, in the order of their random names."""
    query = select(EnvelopeRow).where(EnvelopeRow.round_id == round_id).order_by(EnvelopeRow.id)
    if ids is not None:
        query = query.where(EnvelopeRow.id.in_(ids))
    for row in session.scalars(query):
        yield StoredEnvelope(row.group_key, row.tag, row.box, row.id)


def rename_envelopes(session: Session, round_id: str, sealed: Sequence[StoredEnvelope]) -> None:
    """Store the envelopes anew, all in one transaction, each under a new random name.

    What the files, the log or PostgreSQL's own columns told of the transaction that brought an envelope in is then said
    of this one, which is the same for all.
    """
    session.execute(delete(EnvelopeRow).where(EnvelopeRow.round_id == round_id))
    forget_note(session, round_id)
    names = sorted(secrets.token_bytes(16) for _ in sealed)
    shuffled = sorted(sealed, key=lambda _: secrets.token_bytes(16))
    if sealed:
        session.execute(
            insert(EnvelopeRow),
            [
                {"round_id": round_id, "id": name, "group_key": e.group_key, "tag": e.tag, "box": e.box}
                for name, e in zip(names, shuffled, strict=True)
            ],
        )


def store_digests(session: Session, round_id: str, digests: Collection[bytes]) -> None:
    """Keep the digests of the envelopes of a box that is being stripped; they outlast the envelopes."""
    if digests:
        session.execute(
            insert(EnvelopeDigestRow), [{"round_id": round_id, "digest": digest} for digest in sorted(digests)]
        )


def digests_of(session: Session, round_id: str) -> list[bytes]:
    """The digests of all envelopes that were in a stripped box, sorted."""
    query = select(EnvelopeDigestRow.digest).where(EnvelopeDigestRow.round_id == round_id)
    return sorted(session.scalars(query))


def store_opened(
    session: Session,
    round_id: str,
    ballots: Sequence[tuple[str, bytes]],
    comments: Sequence[tuple[str, str]],
    receipts: Sequence[str],
) -> None:
    """Put the opened ballots in place of the envelopes. The caller has shuffled each list on its own."""
    names = sorted(secrets.token_bytes(16) for _ in ballots)
    if ballots:
        session.execute(
            insert(BallotRow),
            [
                {"round_id": round_id, "id": name, "group_key": group_key, "marks": marks}
                for name, (group_key, marks) in zip(names, ballots, strict=True)
            ],
        )
    if comments:
        names = sorted(secrets.token_bytes(16) for _ in comments)
        session.execute(
            insert(CommentRow),
            [
                {"round_id": round_id, "id": name, "subject_key": subject_key, "text": text}
                for name, (subject_key, text) in zip(names, comments, strict=True)
            ],
        )
    if receipts:
        session.execute(insert(ReceiptRow), [{"round_id": round_id, "receipt": r} for r in sorted(receipts)])
    session.execute(delete(EnvelopeRow).where(EnvelopeRow.round_id == round_id))


def drop_round_contents(session: Session, round_id: str) -> None:
    """Take the tickets of a round and everything cast with them off the tables."""
    forget_note(session, round_id)
    for row_type in (
        TicketRow,
        EnvelopeRow,
        EnvelopeDigestRow,
        BallotRow,
        CommentRow,
        CommentReviewRow,
        ReceiptRow,
        ChallengeRow,
    ):
        session.execute(delete(row_type).where(row_type.round_id == round_id))


@cached_in_transaction
def opened_ballots(session: Session, round_id: str) -> Sequence[tuple[str, bytes]]:
    """(group key, marks) of every opened ballot, in the order of their random names."""
    query = select(BallotRow.group_key, BallotRow.marks).where(BallotRow.round_id == round_id).order_by(BallotRow.id)
    return [(group_key, marks) for group_key, marks in session.execute(query)]


def opened_ballot_count(session: Session, meeting_id: str) -> int:
    """How many opened ballots there are in all rounds of a meeting."""
    rounds = select(RoundRow.id).where(RoundRow.meeting_id == meeting_id)
    return session.scalar(select(func.count()).select_from(BallotRow).where(BallotRow.round_id.in_(rounds))) or 0


def opened_comments(session: Session, round_id: str) -> list[Comment]:
    """Every comment with what was decided about it, in the order of their random names."""
    decided = and_(CommentReviewRow.round_id == CommentRow.round_id, CommentReviewRow.comment_id == CommentRow.id)
    query = (
        select(CommentRow, CommentReviewRow.verdict, CommentReviewRow.shown)
        .outerjoin(CommentReviewRow, decided)
        .where(CommentRow.round_id == round_id)
        .order_by(CommentRow.id)
    )
    return [
        Comment(row.subject_key, row.text, CommentVerdict(verdict) if verdict else None, shown or "", row.id.hex())
        for row, verdict, shown in session.execute(query)
    ]


def save_comment_review(session: Session, round_id: str, comment: Comment) -> None:
    """Store what was decided about a comment, in place of what was decided before."""
    name = bytes.fromhex(comment.id)
    session.merge(CommentReviewRow(round_id=round_id, comment_id=name, verdict=comment.verdict, shown=comment.shown))
    session.flush()


def receipts_of(session: Session, round_id: str) -> list[str]:
    """All receipts of a counted round, sorted."""
    return list(
        session.scalars(select(ReceiptRow.receipt).where(ReceiptRow.round_id == round_id).order_by(ReceiptRow.receipt))
    )
