"""Reviews of a published result (复核): received, decided, answered; what changes it is published as a correction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from kaohe.domain.errors import FieldInvalid, MeetingUnknown
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingState, Round, require_state
from kaohe.domain.reviews import (
    OUTCOME_LABELS,
    Review,
    ReviewOutcome,
    last_day_to_ask,
    read_day,
    require_answerable,
    require_undecided,
)
from kaohe.reports.heading import printed_names
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading
from kaohe.storage.record import record
from kaohe.storage.result_versions import versions_of
from kaohe.storage.reviews import reviews_of, save_review
from kaohe.storage.rounds import changing_round, current_round, round_setup


@dataclass(frozen=True, slots=True)
class ReviewList:
    """The reviews of a published result, and until when one may be asked for."""

    published_on: date
    """Of the latest version."""
    review_days: int | None
    last_day: date | None
    reviews: Sequence[Review]

    def is_late(self, review: Review) -> bool:
        """Whether a review was asked for after the last day."""
        return self.last_day is not None and review.asked_on > self.last_day


def today() -> date:
    """The day on which something is entered."""
    return now().astimezone().date()


def list_reviews(meeting_id: str) -> ReviewList:
    """Every review of the latest round's result, in the order of being entered.

    Raises:
        WrongState: the result is not published.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.PUBLISHED, MeetingState.PURGED)
        days = round_setup(session, row).full_scheme.review_days
        published_on = _published_on(session, row)
        return ReviewList(published_on, days, last_day_to_ask(published_on, days), reviews_of(session, row.id))


def receive_review(actor: str, meeting_id: str, *, subject: str, asked_on: str, request: str) -> int:
    """Enter a request for a review, and return its number. One that comes late is entered too: people decide about it.

    Idempotent: the same words of the same subject and day, of which nothing is decided, are one request.

    Raises:
        FieldInvalid: no subject or no request, or a day that is none, before the publication or after today.
        WrongState: the result is not published.
    """
    line = read_line(request, "申请的事项和理由", REASON_LENGTH, is_needed=True)
    with changing_round(meeting_id, MeetingState.PUBLISHED, MeetingState.PURGED) as (session, row):
        names = printed_names(round_setup(session, row).subjects)
        if subject not in names:
            raise FieldInvalid("请选择申请复核的考核对象。")
        first_day = (row.published_at or now()).astimezone().date()
        day = read_day(asked_on, "收到申请的日期", first_day, today())
        reviews = reviews_of(session, row.id)
        for each in reviews:
            if each.outcome is None and (each.subject, each.asked_on, each.request) == (subject, day, line):
                return each.number
        number = len(reviews) + 1
        save_review(session, row.id, Review(number, subject, day, line))
        _record(session, meeting_id, actor, "received_review", number, subject=names[subject], day=day, request=line)
    return number


def decide_review(
    actor: str, meeting_id: str, number: int, *, outcome: str, decided_on: str, reason: str
) -> ReviewOutcome:
    """Enter what a review came to. What changes the result is then brought and published as a correction.

    A decision may be entered anew as long as nothing has come of it.

    Raises:
        FieldInvalid: no outcome or reason, or a day that is none, before the request or after today.
        WrongState: the result is not published, or the review is answered already or has led to a correction.
        MeetingUnknown: no such meeting or review.
    """
    if outcome not in set(ReviewOutcome):
        raise FieldInvalid("请选择复核的决定。")
    chosen = ReviewOutcome(outcome)
    why = read_line(reason, "决定的理由", REASON_LENGTH, is_needed=True)

    def decided(review: Review) -> Review:
        require_undecided(review)
        day = read_day(decided_on, "作出决定的日期", review.asked_on, today())
        return replace(review, outcome=chosen, decided_on=day, reason=why)

    with _changing(meeting_id, number, decided) as (session, review, name):
        said = {"subject": name, "outcome": OUTCOME_LABELS[chosen], "reason": why}
        _record(session, meeting_id, actor, "decided_review", number, day=review.decided_on, **said)
    return chosen


def answer_review(actor: str, meeting_id: str, number: int, answered_on: str) -> None:
    """Enter that whoever asked has been answered.

    Raises:
        FieldInvalid: a day that is none, before the decision or after today.
        WrongState: it is not decided, was withdrawn or answered, or the correction that it asks for is not published.
        MeetingUnknown: no such meeting or review.
    """

    def answered(review: Review) -> Review:
        return replace(review, answered_on=read_day(answered_on, "答复本人的日期", require_answerable(review), today()))

    with _changing(meeting_id, number, answered) as (session, review, name):
        days = str(review.days_taken)
        _record(session, meeting_id, actor, "answered_review", number, day=review.answered_on, subject=name, days=days)


def close_corrected_reviews(session: Transaction, round_id: str, version: int) -> Sequence[int]:
    """Note at every review that waits for a correction which version came of it; return their numbers."""
    waiting = [review for review in reviews_of(session, round_id) if review.waits_for_correction]
    for review in waiting:
        save_review(session, round_id, replace(review, version=version))
    return [review.number for review in waiting]


@contextmanager
def _changing(
    meeting_id: str, number: int, change: Callable[[Review], Review]
) -> Iterator[tuple[Transaction, Review, str]]:
    """Store a review as ``change`` makes it, and yield it with the name of whoever asked."""
    with changing_round(meeting_id, MeetingState.PUBLISHED, MeetingState.PURGED) as (session, row):
        found = next((review for review in reviews_of(session, row.id) if review.number == number), None)
        if found is None:
            raise MeetingUnknown("没有这项复核，请从列表中选择。")
        changed = change(found)
        save_review(session, row.id, changed)
        yield session, changed, printed_names(round_setup(session, row).subjects)[found.subject]


def _record(
    session: Transaction, meeting_id: str, actor: str, act: str, number: int, *, day: date | None, **said: str
) -> None:
    record(session, meeting_id, actor, act, review=str(number), day=day.isoformat() if day else "", **said)


def _published_on(session: Transaction, row: Round) -> date:
    versions = versions_of(session, row.id)
    moment = versions[-1].since if versions else row.published_at
    return (moment or now()).astimezone().date()
