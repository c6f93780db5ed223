"""Comments (意见建议) are reviewed before they are handed over; what was written stays as it is, for the panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kaohe.domain.comment_reviews import VERDICT_LABELS, Comment, CommentVerdict, masked
from kaohe.domain.errors import FieldInvalid, MeetingUnknown
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingState
from kaohe.operations.count.results import load_counted
from kaohe.reports.heading import printed_names
from kaohe.reports.opinions import ON_THE_MEETING, may_be_listed
from kaohe.storage.box_contents import opened_comments, save_comment_review
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, round_setup


@dataclass(frozen=True, slots=True)
class CommentList:
    """The comments that may be seen, and what stands in place of others so that nobody is given away."""

    comments: Sequence[Comment]
    withheld: str
    """'' where all may be seen."""

    @property
    def unreviewed(self) -> int:
        """How many comments nobody has reviewed."""
        return sum(comment.verdict is None for comment in self.comments)


def list_comments(meeting_id: str) -> CommentList:
    """The comments of the latest round, subject by subject, each in the order of its random name.

    Raises:
        What ``load_counted`` raises.
    """
    counted = load_counted(meeting_id)
    return CommentList(*may_be_listed(counted.result, counted.comments, counted.result.turnout.cast))


def review_comment(actor: str, meeting_id: str, comment_id: str, *, verdict: str, words: str, reason: str) -> None:
    """Decide about one comment. It may be decided anew; the same again changes nothing.

    Raises:
        FieldInvalid: no decision; nothing to mask; no reason where something is kept from others; or a comment on the
            meeting that is told to a person.
        MeetingUnknown: no such meeting, or no such comment in what may be seen.
        What ``list_comments`` raises.
    """
    if verdict not in set(CommentVerdict):
        raise FieldInvalid("请选择这条意见如何处理。")
    chosen = CommentVerdict(verdict)
    why = read_line(reason, "理由", REASON_LENGTH, is_needed=chosen is not CommentVerdict.LISTED)
    before = next((each for each in list_comments(meeting_id).comments if each.id == comment_id), None)
    if before is None:
        raise MeetingUnknown("没有这条意见，请从列表中选择。")
    if chosen is CommentVerdict.PERSON_ONLY and not before.subject_key:
        raise FieldInvalid("这条意见是对整场测评的，没有可以单独反馈的本人，请改选其他处理方式。")
    shown = masked(before.text, words) if chosen is CommentVerdict.MASKED else ""
    with changing_round(meeting_id, MeetingState.COUNTED, MeetingState.PUBLISHED) as (session, row):
        stored = next((each for each in opened_comments(session, row.id) if each.id == comment_id), before)
        after = replace(stored, verdict=chosen, shown=shown)
        if after == stored:
            return
        save_comment_review(session, row.id, after)
        names = printed_names(round_setup(session, row).subjects)
        said = {"subject": names.get(before.subject_key, ON_THE_MEETING), "verdict": VERDICT_LABELS[chosen]}
        record(session, meeting_id, actor, "reviewed_comment", comment=comment_id[:8], **said, reason=why)


def list_all_others(actor: str, meeting_id: str) -> int:
    """Let every comment that nobody has reviewed be listed as it was written; return how many there were.

    Raises:
        What ``list_comments`` raises.
    """
    waiting = {each.id for each in list_comments(meeting_id).comments if each.verdict is None}
    with changing_round(meeting_id, MeetingState.COUNTED, MeetingState.PUBLISHED) as (session, row):
        found = [each for each in opened_comments(session, row.id) if each.verdict is None and each.id in waiting]
        for comment in found:
            save_comment_review(session, row.id, replace(comment, verdict=CommentVerdict.LISTED))
        if found:
            record(session, meeting_id, actor, "listed_comments", count=str(len(found)))
    return len(found)
