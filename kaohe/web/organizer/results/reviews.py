"""Reviews of a published result (复核): who asked, until when one may, what was decided and when it was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act
from kaohe.domain.reviews import OUTCOME_LABELS, Review, ReviewOutcome
from kaohe.operations.count import reviewing
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.heading import printed_names
from kaohe.web.access import may_now
from kaohe.web.organizer.setup.subject_rows import SubjectChoice, subject_choice
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option, WholeField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of


class ReceiveForm(DeskForm):
    """Who asks for a review, since when, and what for."""

    subject = StringField(default="")
    asked_on = StringField(default="")
    request = StringField(default="")


class DecideForm(DeskForm):
    """What a review came to, and when whoever asked was answered."""

    number = WholeField("复核的序号")
    outcome = StringField(default="")
    decided_on = StringField(default="")
    reason = StringField(default="")
    answered_on = StringField(default="")


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review, and the forms that it still needs."""

    number: str
    name: str
    asked: str
    request: str
    stage: str
    """How far it has come, in a word."""
    decision: str
    """'' while nothing is decided."""
    answer: str
    is_late: bool
    can_be_decided: bool
    can_be_answered: bool
    corrections_url: str
    """Where the result is to be corrected for it; '' where it is not, or for whoever may not."""


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """The reviews of a meeting's result."""

    frame: MeetingFrame
    refusal: Refusal | None
    term: str
    """Until when a review may be asked for; '' where the result is not published."""
    lines: Sequence[ReviewLine]
    subjects: SubjectChoice
    outcomes: Sequence[Option]
    today: str
    typed: Mapping[str, str]


@organizer.get("/<meeting_id>/reviews", act=Act.REVIEW)
def reviews(meeting_id: str) -> ResponseReturnValue:
    """Show the reviews of the result."""
    return _shown(_page(meeting_id))


@organizer.post("/<meeting_id>/reviews", act=Act.REVIEW)
def receive_review(meeting_id: str) -> ResponseReturnValue:
    """Enter a request for a review."""
    form = ReceiveForm()
    typed = {"subject": form.subject.data, "asked_on": form.asked_on.data, "request": form.request.data}

    def act(actor: str) -> str:
        return f"已登记为第 {reviewing.receive_review(actor, meeting_id, **typed)} 项复核申请。"

    return _acted(meeting_id, act, typed)


@organizer.post("/<meeting_id>/reviews/decide", act=Act.REVIEW)
def decide_review(meeting_id: str) -> ResponseReturnValue:
    """Enter what a review came to."""
    form = DecideForm()

    def act(actor: str) -> str:
        outcome = reviewing.decide_review(
            actor,
            meeting_id,
            form.checked().number.data,
            outcome=form.outcome.data,
            decided_on=form.decided_on.data,
            reason=form.reason.data,
        )
        also = "请改正成绩、认定或审定，再公布更正。" if outcome is ReviewOutcome.CHANGED else ""
        return f"已登记复核的决定。{also}"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/reviews/answer", act=Act.REVIEW)
def answer_review(meeting_id: str) -> ResponseReturnValue:
    """Enter that whoever asked has been answered."""
    form = DecideForm()

    def act(actor: str) -> str:
        reviewing.answer_review(actor, meeting_id, form.checked().number.data, form.answered_on.data)
        return "已登记答复。"

    return _acted(meeting_id, act)


def _acted(meeting_id: str, act: Callable[[str], str], typed: Mapping[str, str] | None = None) -> ResponseReturnValue:
    return acted(
        act,
        back=url_for("organizer.reviews", meeting_id=meeting_id),
        refused=lambda refusal: _shown(_page(meeting_id, refusal, typed or {})),
    )


def _page(meeting_id: str, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None) -> ReviewsPage:
    setup, this_round = load_meeting(meeting_id)
    term, lines, names = "", [], printed_names(setup.subjects)
    try:
        found = reviewing.list_reviews(meeting_id)
    except KaoheError as error:
        refusal = refusal or refusal_of(error)
    else:
        term = _term(found)
        may_correct = may_now(Act.CORRECT, this_round.state)
        lines = [_line(found, review, names, meeting_id if may_correct else "") for review in found.reviews]
    chosen = (typed or {}).get("subject", "")
    return ReviewsPage(
        frame=frame_of(setup, this_round, "reviews"),
        refusal=refusal,
        term=term,
        lines=lines,
        subjects=subject_choice(setup.subjects, chosen, "organizer.reviews", "receive", meeting_id, "请选择"),
        outcomes=[
            Option(outcome, label, is_chosen=outcome is ReviewOutcome.UPHELD)
            for outcome, label in OUTCOME_LABELS.items()
        ],
        today=reviewing.today().isoformat(),
        typed=typed or {},
    )


def _term(found: reviewing.ReviewList) -> str:
    published = f"结果公布于 {found.published_on.isoformat()}"
    if found.last_day is None:
        return f"{published}；本方案没有规定申请复核的期限。"
    return f"{published}；申请复核的期限为公布后 {found.review_days} 日，到 {found.last_day.isoformat()} 为止。"


def _line(found: reviewing.ReviewList, review: Review, names: Mapping[str, str], correcting: str) -> ReviewLine:
    is_open = review.answered_on is None and review.outcome is not ReviewOutcome.WITHDRAWN
    return ReviewLine(
        number=str(review.number),
        name=names[review.subject],
        asked=review.asked_on.isoformat(),
        request=review.request,
        stage=_stage(review),
        decision="，".join(_decision(review)),
        answer="" if review.answered_on is None
        else f"{review.answered_on.isoformat()} 答复本人，用时 {review.days_taken} 日",
        is_late=found.is_late(review),
        can_be_decided=review.answered_on is None and review.version is None,
        can_be_answered=is_open and review.outcome is not None and not review.waits_for_correction,
        corrections_url=url_for("organizer.corrections", meeting_id=correcting)
        if correcting and review.waits_for_correction
        else "",
    )  # fmt: skip


def _stage(review: Review) -> str:
    if review.answered_on is not None:
        return "已答复"
    if review.outcome is None:
        return "待决定"
    if review.outcome is ReviewOutcome.WITHDRAWN:
        return "已撤回"
    return "待更正" if review.waits_for_correction else "待答复"


def _decision(review: Review) -> Iterator[str]:
    if review.outcome is not None and review.decided_on is not None:
        yield f"{review.decided_on.isoformat()} {OUTCOME_LABELS[review.outcome]}"
        yield f"理由：{review.reason}"
    if review.version is not None:
        yield f"已更正为第 {review.version} 版"


def _shown(page: ReviewsPage) -> ResponseReturnValue:
    return render_template("organizer/results/reviews.html", page=page), reply_code(page.refusal)
