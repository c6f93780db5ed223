"""A review of a published result (复核): asked for, decided and answered, each on its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kaohe.domain.errors import FieldInvalid, WrongState


class ReviewOutcome(StrEnum):
    """What a review came to."""

    UPHELD = "upheld"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


OUTCOME_LABELS = {
    ReviewOutcome.UPHELD: "维持原结果",
    ReviewOutcome.CHANGED: "改变结果",
    ReviewOutcome.WITHDRAWN: "本人撤回申请",
}


@dataclass(frozen=True, slots=True)
class Review:
    """One request and how far it has come."""

    number: int
    """In the order of being entered, from 1 in each round."""
    subject: str
    """The key of the subject who asks."""
    asked_on: date
    request: str
    """What is asked for, and why."""
    outcome: ReviewOutcome | None = None
    decided_on: date | None = None
    reason: str = ""
    answered_on: date | None = None
    version: int | None = None
    """The version of the result that came of it."""

    @property
    def waits_for_correction(self) -> bool:
        """Whether the result is to be changed and has not been corrected yet."""
        return self.outcome is ReviewOutcome.CHANGED and self.version is None

    @property
    def days_taken(self) -> int | None:
        """The days from the request to the answer; None while it is not answered."""
        return None if self.answered_on is None else (self.answered_on - self.asked_on).days


def last_day_to_ask(published_on: date, review_days: int | None) -> date | None:
    """The last day on which a review may be asked for; the day of the publication is not counted. None for no limit."""
    return None if review_days is None else published_on + timedelta(days=review_days)


def read_day(typed: str, what: str, earliest: date, today: date) -> date:
    """A day as 2026-12-20, from ``earliest`` to ``today``.

    Raises:
        FieldInvalid: it is none, or lies outside.
    """
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise FieldInvalid(f"{what}请按“2026-12-20”的样子填写。") from error
    if not earliest <= day <= today:
        raise FieldInvalid(f"{what}应在 {earliest.isoformat()} 至 {today.isoformat()} 之间，请核对。")
    return day


def require_undecided(review: Review) -> None:
    """Let a review be decided, also anew as long as nothing has come of it.

    Raises:
        WrongState: it is answered, or the result was corrected because of it.
    """
    if review.answered_on is not None:
        raise WrongState("这项复核已经答复本人，不能再改。如有新的理由，请另行登记一项申请。")
    if review.version is not None:
        raise WrongState(f"结果已因这项复核更正为第 {review.version} 版，不能再改。请登记答复。")


def require_answerable(review: Review) -> date:
    """The day of the decision of a review that may be answered.

    Raises:
        WrongState: it is not decided, was withdrawn, or waits for the correction; or it is answered already.
    """
    if review.answered_on is not None:
        raise WrongState("这项复核已经答复本人，不用再登记。")
    if review.decided_on is None:
        raise WrongState("请先登记复核的决定，再登记答复。")
    if review.outcome is ReviewOutcome.WITHDRAWN:
        raise WrongState("本人已撤回申请，不用答复。")
    if review.waits_for_correction:
        raise WrongState("复核决定改变结果：请先在“更正结果”中公布更正，再登记答复。")
    return review.decided_on
