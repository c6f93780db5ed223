"""Comments (意见建议) before they are handed over: each is listed, masked, told to the person only, or left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.comment_reviews import VERDICT_LABELS, Comment, CommentVerdict
from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.count import reviewing_comments
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.heading import printed_names
from kaohe.reports.opinions import ON_THE_MEETING
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list, place_in_list


class CommentForm(DeskForm):
    """What becomes of one comment."""

    comment = StringField(default="")
    verdict = StringField(default="")
    words = StringField(default="")
    reason = StringField(default="")


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One comment and what was decided about it."""

    id: str
    number: str
    """The beginning of its random name, as the record of acts has it."""
    text: str
    shown: str
    """With its masked words; '' where none are."""
    state: str
    is_reviewed: bool
    verdicts: Sequence[Option]


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """The comments of a counted round, by subject."""

    frame: MeetingFrame
    refusal: Refusal | None
    withheld: str
    is_empty: bool
    unreviewed_text: str
    """How many wait for a review; '' where none does."""
    by_subject: Sequence[tuple[str, Sequence[CommentLine]]]
    """Of many comments those of one page."""
    part: ListPart
    can_change: bool


@organizer.get("/<meeting_id>/comments", act=Act.REVIEW_COMMENTS)
def comments(meeting_id: str) -> ResponseReturnValue:
    """Show the comments and what was decided about them."""
    return _shown(_page(meeting_id))


@organizer.post("/<meeting_id>/comments/review", act=Act.REVIEW_COMMENTS)
def review_comment(meeting_id: str) -> ResponseReturnValue:
    """Decide about one comment."""
    form = CommentForm()

    def act(actor: str) -> str:
        reviewing_comments.review_comment(
            actor,
            meeting_id,
            form.comment.data,
            verdict=form.verdict.data,
            words=form.words.data,
            reason=form.reason.data,
        )
        return f"编号 {form.comment.data[:8]} 的意见：{VERDICT_LABELS[CommentVerdict(form.verdict.data)]}。"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/comments/list-others", act=Act.REVIEW_COMMENTS)
def list_other_comments(meeting_id: str) -> ResponseReturnValue:
    """Let all that nobody has reviewed be listed as it was written."""

    def act(actor: str) -> str:
        return f"其余 {reviewing_comments.list_all_others(actor, meeting_id)} 条照原文列出。"

    return _acted(meeting_id, act)


def _acted(meeting_id: str, act: Callable[[str], str]) -> ResponseReturnValue:
    return acted(
        act,
        back=url_for("organizer.comments", meeting_id=meeting_id, **place_in_list()),
        refused=lambda refusal: _shown(_page(meeting_id, refusal)),
    )


def _page(meeting_id: str, refusal: Refusal | None = None) -> CommentsPage:
    setup, this_round = load_meeting(meeting_id)
    found = reviewing_comments.CommentList((), "")
    try:
        found = reviewing_comments.list_comments(meeting_id)
    except KaoheError as error:
        refusal = refusal or refusal_of(error)
    names = {**printed_names(setup.subjects), "": ON_THE_MEETING}
    order = {key: at for at, key in enumerate(names)}
    shown, part = part_of_list(
        sorted(
            (each for each in found.comments if each.subject_key in order), key=lambda each: order[each.subject_key]
        ),
        lambda each: f"{names[each.subject_key]} {each.id[:8]} {each.text} {_state(each)}",
        "organizer.comments",
        meeting_id=meeting_id,
    )
    return CommentsPage(
        frame=frame_of(setup, this_round, "comments"),
        refusal=refusal,
        withheld=found.withheld,
        is_empty=refusal is None and not found.comments and not found.withheld,
        unreviewed_text=f"{found.unreviewed} 条尚未审核" if found.unreviewed else "",
        by_subject=[
            (names[key], [_line(each) for each in own]) for key, own in groupby(shown, lambda each: each.subject_key)
        ],
        part=part,
        can_change=this_round.state in (MeetingState.COUNTED, MeetingState.PUBLISHED),
    )


def _line(comment: Comment) -> CommentLine:
    offered = [each for each in CommentVerdict if comment.subject_key or each is not CommentVerdict.PERSON_ONLY]
    return CommentLine(
        id=comment.id,
        number=comment.id[:8],
        text=comment.text,
        shown=comment.shown if comment.verdict is CommentVerdict.MASKED else "",
        state=_state(comment),
        is_reviewed=comment.verdict is not None,
        verdicts=[
            Option(each, VERDICT_LABELS[each], is_chosen=each is (comment.verdict or CommentVerdict.LISTED))
            for each in offered
        ],
    )


def _state(comment: Comment) -> str:
    return "待审核" if comment.verdict is None else VERDICT_LABELS[comment.verdict]


def _shown(page: CommentsPage) -> ResponseReturnValue:
    return render_template("organizer/results/comments.html", page=page), reply_code(page.refusal)
