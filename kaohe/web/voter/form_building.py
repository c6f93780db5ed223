"""The ballot form of a style, put together part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaohe.domain.ballots import COMMENT_LENGTH, LEFT_OUT, BallotStyle, FormSection, comment_field, left_out_field
from kaohe.tally.model import Subject
from kaohe.web.voter.form_parts import Choice, FormPart, SubjectPart
from kaohe.web.voter.form_rows import Given, full_text, subject_rows

_LEAVE_LABEL = "本人或无评分关系，不评"
_FOUR_IN_A_ROW = 4


def form_parts(style: BallotStyle, given: Given) -> tuple[FormPart, ...]:
    """Every part of the form, filled with what is given; what is not on the scale is left open."""
    return tuple(_part(style, section, given) for section in style.sections)


def part_label(style: BallotStyle, section: FormSection) -> str:
    """The heading of a section: 领导班子测评表; '' where the scheme has no sections."""
    if not style.scheme.parts:
        return ""
    return section.label if section.label.endswith(("表", "票")) else f"{section.label}测评表"


def by_class(section: FormSection) -> Sequence[tuple[str, tuple[Subject, ...]]]:
    """The subjects by their class (类别), in the order in which the classes first come up."""
    classes: dict[str, list[Subject]] = {}
    for subject in section.subjects:
        classes.setdefault(subject.class_label, []).append(subject)
    return [(label, tuple(subjects)) for label, subjects in classes.items()]


def _part(style: BallotStyle, section: FormSection, given: Given) -> FormPart:
    label = part_label(style, section)
    scheme = section.scheme
    return FormPart(
        label=label,
        level="3" if label else "2",
        rules=tuple(_rules(section)),
        limit="" if section.most is None else str(section.most),
        limit_text=_limit_text(section),
        fewest=str(section.choose.fewest) if section.choose else "0",
        top_mark=scheme.grades[0].key if scheme.grades else "",
        full=full_text(section, section.dimensions),
        is_compact=len(section.dimensions) == 1,
        is_picked=section.choose is not None,
        rows="fours" if len(scheme.grades) % _FOUR_IN_A_ROW == 0 else "thirds",
        comment_limit=str(COMMENT_LENGTH) if scheme.comments_wanted else "",
        subjects=tuple(_subjects(section, given)),
    )


def _rules(section: FormSection) -> Iterator[str]:
    if len(section.dimensions) == 1 and not section.scheme.is_overall:
        yield f"测评内容：{section.dimensions[0].label}。"
    if section.choose is not None:
        fewest = f"，最少选 {section.choose.fewest} 个" if section.choose.fewest else "，可以少选或不选"
        yield f"{_limit_text(section)}{fewest}。"
    elif section.most is not None:
        yield f"{_limit_text(section)}。"


def _limit_text(section: FormSection) -> str:
    if section.most is None:
        return ""
    if section.choose is not None:
        return f"最多选 {section.most} 个"
    where = "" if len(section.dimensions) == 1 else "每个维度中，"
    return f"{where}“{section.scheme.grades[0].label}”最多选 {section.most} 个"


def _subjects(section: FormSection, given: Given) -> Iterator[SubjectPart]:
    classes = by_class(section)
    for label, subjects in classes:
        heading = ""
        if len(classes) > 1:
            heading = label or "其他"
            if section.choose is not None:
                seats = section.choose.seats_for(len(subjects))
                heading += f"（候选 {len(subjects)}，名额 {seats}）"
        for place, subject in enumerate(subjects):
            yield _subject(section, subject, given, class_name="" if place else heading)


def _subject(section: FormSection, subject: Subject, given: Given, *, class_name: str) -> SubjectPart:
    field = left_out_field(subject.key)
    is_out = section.may_leave_out and given.of(field) == LEFT_OUT
    comment = comment_field(subject.key) if section.scheme.comments_wanted else ""
    shown = Given(given.values, shows_missing=given.shows_missing and not is_out)
    return SubjectPart(
        key=subject.key,
        name=subject.name,
        about=" · ".join(part for part in (subject.unit, subject.post) if part),
        class_name=class_name,
        rows=tuple(subject_rows(section, subject, shown)),
        comment_field=comment,
        comment=given.of(comment) if comment else "",
        leave=Choice(field, LEFT_OUT, _LEAVE_LABEL, is_aside=False, is_chosen=is_out)
        if section.may_leave_out
        else None,
    )
