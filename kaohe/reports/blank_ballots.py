"""A blank paper ballot (空白纸质票) of one voter group, identical for everyone who gets one.

It carries nothing that tells one from another: no code, no number, no date of printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kaohe.domain.ballots import ABSTAIN, MARK_LABELS, BallotStyle, StyleSection
from kaohe.domain.ballots.wording import (
    LEAVE_LABEL,
    bounds_text,
    part_label,
    section_rules,
    span_text,
    unit_and_post,
    with_branches,
    with_class_headings,
)
from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension

BOX: Final = "□"
_BOX_BEFORE: Final = f"{BOX}\N{NO-BREAK SPACE}"
"""A box that stays in one line with the word after it."""
_GAP: Final = "　"
_HOW_TO_MARK: Final = f"在所选的“{BOX}”上打“√”"


@dataclass(frozen=True, slots=True)
class BlankRow:
    """One line of the form. Either ``cells`` fill the columns of its part, or ``across`` runs over all of them."""

    label: str
    notes: tuple[str, ...] = ()
    """The named ranges of a number scale, each of which stays in one line."""
    cells: tuple[str, ...] = ()
    across: str = ""
    is_room: bool = False
    """Whether it is room to write in."""


@dataclass(frozen=True, slots=True)
class BlankSubject:
    """One subject with its lines, which stay together on a page where they fit on one."""

    class_heading: str
    name: str
    about: str
    leave: str
    """The box for not evaluating this subject; '' where everybody is to be evaluated."""
    rows: tuple[tuple[tuple[str, ...], BlankRow], ...]
    """(the headings of the branches that begin here, the line)."""


@dataclass(frozen=True, slots=True)
class BlankPart:
    """One section of the form."""

    label: str
    rules: tuple[str, ...]
    columns: tuple[str, ...]
    """The heads of the columns to mark, behind that of what is asked."""
    across_columns: str
    """How many they are, and with the first one."""
    all_columns: str
    is_compact: bool
    """Whether one thing is asked of each subject, so that the name is the label of its line."""
    subjects: tuple[BlankSubject, ...]


@dataclass(frozen=True, slots=True)
class BlankBallot:
    """The whole form."""

    unit: str
    title: str
    group_label: str
    """'' where all voters fill the same."""
    how: tuple[str, ...]
    parts: tuple[BlankPart, ...]


def blank_ballot(style: BallotStyle, group_label: str) -> BlankBallot:
    """The form of a style on paper, as one of its groups gets it.

    Raises:
        SectionError: a subject belongs to no section; never in a round that has opened.
    """
    return BlankBallot(
        unit=style.unit,
        title=style.title,
        group_label=group_label,
        how=tuple(_how_to_fill(style)),
        parts=tuple(_part(style, section) for section in style.sections if section.dimensions or section.questions),
    )


def _how_to_fill(style: BallotStyle) -> Iterator[str]:
    scales = [section.scale_of(dimension) is not None for section in style.sections for dimension in section.dimensions]
    if any(section.choose for section in style.sections):
        yield f"同意的，{_HOW_TO_MARK}。"
    elif not all(scales):
        yield f"{_HOW_TO_MARK}，每行只选一个。"
    if any(scales):
        yield "打分的，在“得分”处填写范围内的数字。"
    yield "请勿涂改、多选，字迹要清楚；不要署名，也不要做任何记号。"
    if style.comments_wanted:
        yield "意见栏可以不填：手写的意见由工作人员另行整理，不录入系统，笔迹可能被认出。"
    yield "填好后当场投入票箱。"


def _part(style: BallotStyle, section: StyleSection) -> BlankPart:
    columns = _columns(section)
    return BlankPart(
        label=part_label(style, section),
        rules=tuple(section_rules(section)),
        columns=columns,
        across_columns=str(len(columns)),
        all_columns=str(1 + len(columns)),
        is_compact=len(section.dimensions) == 1
        and not (section.questions or section.may_leave_out or section.scheme.comments_wanted),
        subjects=tuple(
            BlankSubject(
                class_heading=heading,
                name=subject.name,
                about=unit_and_post(subject),
                leave=f"{_BOX_BEFORE}{LEAVE_LABEL}" if section.may_leave_out else "",
                rows=tuple(_rows(section, subject)),
            )
            for heading, subject in with_class_headings(section)
        ),
    )


def _columns(section: StyleSection) -> tuple[str, ...]:
    scheme = section.scheme
    abstention = (MARK_LABELS[ABSTAIN],) if scheme.abstention_allowed else ()
    if section.choose is not None:
        return (scheme.grades[0].label,)
    if _is_mixed(section):
        return ("评价",)
    if any(section.scale_of(dimension) is not None for dimension in section.dimensions):
        return ("分值范围", "得分", *abstention)
    return (*(grade.label for grade in scheme.grades), *abstention)


def _is_mixed(section: StyleSection) -> bool:
    return len({section.scale_of(dimension) is None for dimension in section.dimensions}) > 1


def _rows(section: StyleSection, subject: Subject) -> Iterator[tuple[tuple[str, ...], BlankRow]]:
    for branches, dimension in with_branches(section):
        headings = tuple(f"{label}（{full} 分）" if full else label for label, full in branches)
        yield headings, _graded_row(section, dimension)
    for question in section.questions:
        yield (), BlankRow(question.label, across=_answers(question))
    if section.scheme.comments_wanted:
        yield (), BlankRow(f"对{subject.name}的意见建议（可不填）", is_room=True)


def _graded_row(section: StyleSection, dimension: Dimension) -> BlankRow:
    scale, abstains = section.scale_of(dimension), section.scheme.abstention_allowed
    # Of a competition one may simply leave somebody out; a column for those not chosen would ask for a mark.
    aside = (BOX,) if abstains and section.choose is None else ()
    if not _is_mixed(section):
        cells = (
            (BOX,) * (1 if section.choose else len(section.scheme.grades))
            if scale is None
            else (bounds_text(scale), "")
        )
        return BlankRow(dimension.label, _ranges(scale), cells=(*cells, *aside))
    boxes = (
        [f"{_BOX_BEFORE}{grade.label}" for grade in section.scheme.grades]
        if scale is None
        else [f"得分____（{bounds_text(scale)}）"]
    )
    boxes += [f"{_BOX_BEFORE}{MARK_LABELS[ABSTAIN]}" for _ in aside]
    return BlankRow(dimension.label, _ranges(scale), across=_GAP.join(boxes))


def _ranges(scale: NumberScale | None) -> tuple[str, ...]:
    return tuple(f"{band.label} {span_text(band.low, band.high)}" for band in scale.ranges) if scale else ()


def _answers(question: Question) -> str:
    boxes = _GAP.join(f"{_BOX_BEFORE}{option.label}" for option in question.options)
    how = "只选一个，也可以不选" if question.kind is QuestionKind.CHOICE else "有就选，可以多选或不选"
    return f"{boxes}{_GAP}（{how}；只统计、不计分）"
