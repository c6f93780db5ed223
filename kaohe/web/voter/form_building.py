"""The ballot form of a style, put together part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kaohe.domain.ballots import LEFT_OUT, BallotStyle, StyleSection, comment_field, left_out_field
from kaohe.domain.ballots.wording import (
    LEAVE_LABEL,
    full_text,
    limit_text,
    part_label,
    section_rules,
    unit_and_post,
    with_class_headings,
)
from kaohe.tally.model import Subject
from kaohe.web.voter.form_parts import Choice, FormPart, SubjectPart
from kaohe.web.voter.form_rows import Given, subject_rows

_FOUR_IN_A_ROW = 4
_LONGEST_GRADE = 4
_SHORT_DIMENSION = 1
"""Dimensions of so many characters (德) stand in one line with their buttons."""


def form_parts(style: BallotStyle, given: Given, materials: Mapping[str, str]) -> tuple[FormPart, ...]:
    """Every part of the form, filled with what is given; what is not on the scale is left open.

    ``materials`` are the addresses of what can be read about some subjects, by key.
    """
    return tuple(_part(style, section, given, materials) for section in style.sections)


def _part(style: BallotStyle, section: StyleSection, given: Given, materials: Mapping[str, str]) -> FormPart:
    label = part_label(style, section)
    scheme = section.scheme
    return FormPart(
        label=label,
        level="3" if label else "2",
        rules=tuple(section_rules(section)),
        limit="" if section.most is None else str(section.most),
        limit_text=limit_text(section),
        fewest=str(section.choose.fewest) if section.choose else "0",
        top_mark=scheme.grades[0].key if scheme.grades else "",
        full=full_text(section, section.dimensions),
        is_compact=len(section.dimensions) == 1,
        is_picked=section.choose is not None,
        fills_rest=scheme.may_fill_rest and any(section.scale_of(each) is None for each in section.dimensions),
        abstains_at_once=scheme.abstention_allowed and len(section.dimensions) > 1,
        rows=_row_look(section),
        subjects=tuple(_subjects(section, given, materials)),
    )


def _row_look(section: StyleSection) -> str:
    labels = [dimension.label for dimension in section.dimensions]
    grades = [grade.label for grade in section.scheme.grades]
    is_narrow = max(map(len, labels)) <= _SHORT_DIMENSION and max(map(len, grades), default=0) <= _LONGEST_GRADE
    if len(labels) > 1 and is_narrow and 0 < len(grades) <= _FOUR_IN_A_ROW:
        return "inline"
    return "fours" if len(grades) % _FOUR_IN_A_ROW == 0 else "thirds"


def _subjects(section: StyleSection, given: Given, materials: Mapping[str, str]) -> Iterator[SubjectPart]:
    for heading, subject in with_class_headings(section):
        part = _subject(section, subject, given, class_name=heading)
        yield replace(part, material_url=materials.get(subject.key, ""))


def _subject(section: StyleSection, subject: Subject, given: Given, *, class_name: str) -> SubjectPart:
    field = left_out_field(subject.key)
    is_out = section.may_leave_out and given.of(field) == LEFT_OUT
    comment = comment_field(subject.key) if section.scheme.comments_wanted else ""
    shown = Given(given.values, shows_missing=given.shows_missing and not is_out)
    return SubjectPart(
        key=subject.key,
        name=subject.name,
        about=unit_and_post(subject),
        class_name=class_name,
        rows=tuple(subject_rows(section, subject, shown)),
        comment_field=comment,
        comment=given.of(comment) if comment else "",
        leave=Choice(field, LEFT_OUT, LEAVE_LABEL, is_aside=False, is_chosen=is_out) if section.may_leave_out else None,
        material_url="",
    )
