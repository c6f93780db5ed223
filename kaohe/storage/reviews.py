"""The reviews that were asked for after a publication (复核), in and out of the table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.domain.reviews import Review, ReviewOutcome
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import ReviewRow


@cached_in_transaction
def reviews_of(session: Session, round_id: str) -> Sequence[Review]:
    """The reviews of a round's result, in the order of being entered."""
    rows = session.scalars(select(ReviewRow).where(ReviewRow.round_id == round_id).order_by(ReviewRow.number))
    return [
        Review(
            number=row.number,
            subject=row.subject_key,
            asked_on=row.asked_on,
            request=row.request,
            outcome=None if row.outcome is None else ReviewOutcome(row.outcome),
            decided_on=row.decided_on,
            reason=row.reason,
            answered_on=row.answered_on,
            version=row.version,
        )
        for row in rows
    ]


def save_review(session: Session, round_id: str, review: Review) -> None:
    """Store a review, in place of what was stored under its number."""
    session.merge(
        ReviewRow(
            round_id=round_id,
            number=review.number,
            subject_key=review.subject,
            asked_on=review.asked_on,
            request=review.request,
            outcome=review.outcome,
            decided_on=review.decided_on,
            reason=review.reason,
            answered_on=review.answered_on,
            version=review.version,
        )
    )
    session.flush()
