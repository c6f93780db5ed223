"""Sheets of what single voters wrote or chose, in the order given: shuffled, never that of casting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kaohe.domain.ballots import VOID, LabelledPart, label_dimensions, label_questions
from kaohe.domain.comment_reviews import Comment
from kaohe.reports.heading import Heading, printed_names, sheet_title
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.verification import verification_code
from kaohe.reports.withholding import forms_tell_groups
from kaohe.tally.model import Result, Subject
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.sectioning import subjects_of_sections

FEWEST_BALLOTS: Final = 10
FEWEST_COMMENTS: Final = 3
"""With fewer ballots or comments than these a hall can guess who wrote what."""

SKIPPED_TEXT: Final = "漏选"
ON_THE_MEETING: Final = "整场测评"


def may_be_listed(result: Result, comments: Sequence[Comment], ballot_count: int) -> tuple[Sequence[Comment], str]:
    """The comments that may be seen without telling who wrote them, and the sentence in place of others; '' if none."""
    if comments and (ballot_count < FEWEST_BALLOTS or len(comments) < FEWEST_COMMENTS):
        return (
            (),
            f"收回不足 {FEWEST_BALLOTS} 票，或意见建议不足 {FEWEST_COMMENTS} 条，为保护无记名，意见建议不予列出。",
        )
    few = _subjects_of_few(result)
    kept = [comment for comment in comments if comment.subject_key not in few]
    if len(kept) == len(comments):
        return comments, ""
    reason = f"有的对象只由收回不足 {FEWEST_BALLOTS} 票的票种填写，为保护无记名，其意见建议不予列出。"
    return kept if len(kept) >= FEWEST_COMMENTS else (), reason


def comments_sheet(result: Result, heading: Heading, comments: Sequence[Comment], ballot_count: int) -> Sheet:
    """The comments, subject by subject in the roster's order, or the sentence that says why they are withheld.

    Nothing is listed while one of them waits for its review. Within one subject the given order stays; give them
    shuffled for each subject anew, so that the third comment on one subject tells nothing about the third on another.
    """
    title = sheet_title(heading, "意见建议汇总表")
    code = verification_code(result)
    if not comments:
        return Sheet("意见建议", title, withheld="没有收到意见建议。", code=code)
    seen, reason = may_be_listed(result, comments, ballot_count)
    if not seen:
        return Sheet("意见建议", title, withheld=reason, code=code)
    waiting = sum(comment.verdict is None for comment in seen)
    if waiting:
        waits = f"还有 {waiting} 条意见建议没有审核，请在控制台的“意见建议”中审核后再出具本表。"
        return Sheet("意见建议", title, withheld=waits, code=code)
    listed = [comment for comment in seen if comment.is_for(everybody=True)]
    names = printed_names([subject_result.subject for subject_result in result.subjects])
    order = {key: number for number, key in enumerate(names)}
    ordered = sorted(listed, key=lambda comment: order.get(comment.subject_key, len(order)))
    left_out = len(seen) - len(listed)
    return Sheet(
        name="意见建议",
        title=title,
        columns=(Column("考核对象", width=16), Column("意见建议", width=84)),
        rows=tuple((names.get(comment.subject_key, ON_THE_MEETING), comment.handed_over) for comment in ordered),
        notes=(
            "意见建议已打乱次序，不含时间和票种。",
            *([f"经审核，{left_out} 条未列入本表。"] if left_out else []),
            *([reason] if reason else []),
        ),
        code=code,
    )


def _subjects_of_few(result: Result) -> frozenset[str]:
    """The subjects of sections in which so few have voted that the hall can guess who wrote something about them."""
    everybody = {group.key for group in result.scheme.groups}
    found: set[str] = set()
    for section, subjects in subjects_of_sections(result.scheme, [row.subject for row in result.subjects]):
        voters = {group.key for group in section.scheme.groups}
        if voters != everybody and sum(result.group_turnout[key].cast for key in voters) < FEWEST_BALLOTS:
            found.update(subject.key for subject in subjects)
    return frozenset(found)


def ballot_list_sheet(result: Result, heading: Heading, ballots: Sequence[Mapping[tuple[str, str], str]]) -> Sheet:
    """Every ballot as a row, without number, time, ticket or group; only for an organizer who turned it on.

    A ballot maps (subject key, dimension key or question item) to its mark; what is missing was skipped, or not ticked.
    ``ballots`` come shuffled. Where the shape of a ballot tells a small group the list is withheld.
    """
    title, code = sheet_title(heading, "原始票明细表"), verification_code(result)
    if forms_tell_groups(result):
        reason = "各票种填写的内容不同，且有的票种收回很少，为保护无记名，不列出原始票。"
        return Sheet("原始票明细", title, withheld=reason, code=code)
    names = printed_names([subject_result.subject for subject_result in result.subjects])
    columns = tuple(_mark_columns(result.scheme, [subject_result.subject for subject_result in result.subjects]))
    is_short = result.scheme.is_overall and not result.scheme.questions
    return Sheet(
        name="原始票明细",
        title=title,
        columns=tuple(
            Column(names[column.subject], width=12)
            if is_short
            else Column(column.label, width=max(10, len(column.label) + 2), over=names[column.subject])
            for column in columns
        ),
        rows=tuple(tuple(column.text_of(ballot) for column in columns) for ballot in ballots),
        notes=("每行是一张测评票，已打乱次序，不含时间、票码和票种；行的先后没有含义。",),
        code=code,
        is_listing=True,
    )


@dataclass(frozen=True, slots=True)
class _MarkColumn:
    """One cell or one answer of a ballot: a column of the list."""

    subject: str
    item: str
    part: LabelledPart

    @property
    def label(self) -> str:
        return self.part.item_labels[self.item]

    def text_of(self, ballot: Mapping[tuple[str, str], str]) -> str:
        mark = ballot.get((self.subject, self.item))
        if self.part.is_ticks and mark != VOID:
            return "" if mark is None else "√"
        return SKIPPED_TEXT if mark is None else self.part.word(mark)


def _mark_columns(scheme: Scheme, subjects: Sequence[Subject]) -> Iterator[_MarkColumn]:
    by_key = {
        subject.key: section.scheme
        for section, section_subjects in subjects_of_sections(scheme, subjects)
        for subject in section_subjects
    }
    for subject in subjects:
        section_scheme = by_key[subject.key]
        for part in (
            *label_dimensions(section_scheme, section_scheme.dimensions),
            *label_questions(section_scheme.questions),
        ):
            yield from (_MarkColumn(subject.key, item, part) for item in part.item_labels)
