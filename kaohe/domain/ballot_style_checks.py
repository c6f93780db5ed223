"""Checks of the ballot styles that a set-up makes, before any ballot is handed out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kaohe.domain.ballots import BODY_BYTES_AT_MOST, longest_body
from kaohe.domain.meeting_styles import meeting_styles
from kaohe.domain.meetings import MeetingSetup
from kaohe.tally.awards.electing import check_competition
from kaohe.tally.scheme.refusals import CompetitionError, SchemeError, SectionError
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scores.ballot_layouts import seats_in_all
from kaohe.tally.scores.sectioning import section_of

_SHOWN = 3
"""More of the same kind are not listed one by one."""


@dataclass(frozen=True, slots=True)
class StyleFault:
    """One reason why no ballots of these styles can be cast. ``step`` names the console page where it is corrected."""

    code: str
    message: str
    step: str


def style_faults(setup: MeetingSetup) -> Sequence[StyleFault]:
    """Everything that keeps a set-up from being voted on and tallied; empty if nothing does.

    A meeting without subjects has none of these faults: the check list reports it on its own.
    """
    try:
        check_scheme(setup.full_scheme)
    except SchemeError as error:
        return [StyleFault("scheme_unsound", error.message, "scheme")]
    placed = list(_unplaced(setup))
    return placed or [*_divided_choice(setup), *_without_competition(setup), *_out_of_reach(setup), *_too_long(setup)]


def _unplaced(setup: MeetingSetup) -> Iterator[StyleFault]:
    messages = []
    for subject in setup.subjects:
        try:
            section_of(setup.full_scheme, subject)
        except SectionError as error:
            messages.append(error.message)
    if messages:
        more = f"另有 {len(messages) - _SHOWN} 个考核对象也是如此。" if len(messages) > _SHOWN else ""
        yield StyleFault("subject_section", "".join(messages[:_SHOWN]) + more, "subjects")


def _divided_choice(setup: MeetingSetup) -> Iterator[StyleFault]:
    if setup.is_divided and any(section.scheme.choose for section in setup.full_scheme.sections):
        yield StyleFault(
            "choice_divided", "差额票决由全体在同一张票上选，不能按评分关系分表：请恢复为全体评价。", "relations"
        )


def _without_competition(setup: MeetingSetup) -> Iterator[StyleFault]:
    try:
        check_competition(setup.full_scheme, setup.subjects)
    except CompetitionError as error:
        yield StyleFault("no_competition", error.message, "subjects")


def _out_of_reach(setup: MeetingSetup) -> Iterator[StyleFault]:
    for section in setup.full_scheme.sections:
        choose = section.scheme.choose
        section_subjects = [
            subject for subject in setup.subjects if section_of(setup.full_scheme, subject).key == section.key
        ]
        if choose is None or not section_subjects:
            continue
        most = min(len(section_subjects), choose.most or seats_in_all(choose, section_subjects))
        if choose.fewest > most:
            yield StyleFault(
                "choice_out_of_reach",
                f"每票至少要选 {choose.fewest} 个，而最多只能选 {most} 个，无法填写：请修改方案，或增加人选。",
                "scheme",
            )


def _too_long(setup: MeetingSetup) -> Iterator[StyleFault]:
    """Find styles whose ballot, filled in full, the server would refuse, before a voter does."""
    style = max(meeting_styles(setup), key=longest_body)
    length = longest_body(style)
    if length > BODY_BYTES_AT_MOST:
        yield StyleFault(
            "form_too_long",
            f"一张票上有 {len(style.asked_subjects)} 个考核对象、{len(style.cells)} 格，"
            f"填满后约 {-(-length // 1000)} KB，超过一次能提交的 {BODY_BYTES_AT_MOST // 1000} KB，"
            "投票人会交不了票：请减少考核对象或测评项，或分成几场会议。",
            "subjects",
        )
