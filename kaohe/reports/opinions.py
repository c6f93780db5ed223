"""Sheets of what single voters wrote or chose. Their order is the caller's: shuffled, and never that of casting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kaohe.reports.heading import Heading, printed_names, sheet_title
from kaohe.reports.sheet import Column, Sheet
from kaohe.reports.verification import verification_code
from kaohe.tally.model import Result

FEWEST_BALLOTS: Final = 10
FEWEST_COMMENTS: Final = 3
"""With fewer ballots or comments than these a hall can guess who wrote what."""

SKIPPED_TEXT: Final = "未填"
_ON_THE_MEETING: Final = "整场测评"


@dataclass(frozen=True, slots=True)
class Comment:
    """What one voter wrote on one subject (意见建议), or on the meeting where ``subject_key`` is empty."""

    subject_key: str
    text: str


def comments_sheet(result: Result, heading: Heading, comments: Sequence[Comment], ballot_count: int) -> Sheet:
    """The comments, subject by subject in the roster's order, or the sentence that says why they are withheld.

    Within one subject the given order stays; give them shuffled for each subject anew, so that the third comment on one
    subject tells nothing about the third on another.
    """
    title = sheet_title(heading, "意见建议汇总表")
    code = verification_code(result)
    if not comments:
        return Sheet("意见建议", title, withheld="没有收到意见建议。", code=code)
    if ballot_count < FEWEST_BALLOTS or len(comments) < FEWEST_COMMENTS:
        reason = f"收回不足 {FEWEST_BALLOTS} 票，或意见建议不足 {FEWEST_COMMENTS} 条，为保护无记名，意见建议不予列出。"
        return Sheet("意见建议", title, withheld=reason, code=code)
    names = printed_names([each.subject for each in result.subjects])
    place = {key: number for number, key in enumerate(names)}
    ordered = sorted(comments, key=lambda comment: place.get(comment.subject_key, len(place)))
    return Sheet(
        name="意见建议",
        title=title,
        columns=(Column("考核对象", width=16), Column("意见建议", width=84)),
        rows=tuple((names.get(comment.subject_key, _ON_THE_MEETING), comment.text) for comment in ordered),
        notes=("意见建议已打乱次序，不含时间和票种。",),
        code=code,
    )


def ballot_list_sheet(result: Result, heading: Heading, ballots: Sequence[Mapping[tuple[str, str], str]]) -> Sheet:
    """Every ballot as a row, without number, time, ticket or group; only for an organizer who turned it on.

    A ballot maps (subject key, dimension key) to the text to print: a grade's label, 弃权 or 无效; what is missing was
    skipped. ``ballots`` come shuffled.
    """
    scheme = result.scheme
    names = printed_names([each.subject for each in result.subjects])
    items = [(each.subject, dimension) for each in result.subjects for dimension in scheme.dimensions]
    if scheme.is_overall:
        columns = tuple(Column(names[subject.key], width=12) for subject, _ in items)
    else:
        columns = tuple(Column(dimension.label, width=10, over=names[subject.key]) for subject, dimension in items)
    return Sheet(
        name="原始票明细",
        title=sheet_title(heading, "原始票明细表"),
        columns=columns,
        rows=tuple(
            tuple(ballot.get((subject.key, dimension.key), SKIPPED_TEXT) for subject, dimension in items)
            for ballot in ballots
        ),
        notes=("每行是一张测评票，已打乱次序，不含时间、票码和票种；行的先后没有含义。",),
        code=verification_code(result),
    )
