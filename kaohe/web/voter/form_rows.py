"""A row of the form for each thing that is asked about one subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kaohe.domain.ballots import ABSTAIN, MARK_LABELS, TICKED, StyleSection, answer_field, item_field, read_typed_number
from kaohe.domain.ballots.wording import bounds_text, span_text, with_branches, written_step
from kaohe.tally.model import Subject
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension
from kaohe.web.voter.form_parts import BranchPart, Choice, NumberPart, RangePart, Row

_NOT_CHOSEN_LABEL = "不选"
_HINTS = {
    QuestionKind.TICKS: "只统计、不计分；有就选，没有可以不选。",
    QuestionKind.CHOICE: "只统计、不计分；可以不选。",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What is already filled in, by field name, and whether to say what is not."""

    values: Mapping[str, str]
    shows_missing: bool = False

    def of(self, field: str) -> str:
        """The value of a field, or ''."""
        return self.values.get(field, "")


def subject_rows(section: StyleSection, subject: Subject, given: Given) -> Iterator[Row]:
    """Everything that is asked about a subject: first what is graded, then the questions."""
    yield from _graded_rows(section, subject, given)
    yield from _question_rows(section, subject, given)


def _graded_rows(section: StyleSection, subject: Subject, given: Given) -> Iterator[Row]:
    for branches, dimension in with_branches(section):
        yield _graded_row(section, subject, dimension, given, tuple(BranchPart(*branch) for branch in branches))


def _graded_row(
    section: StyleSection, subject: Subject, dimension: Dimension, given: Given, branches: tuple[BranchPart, ...]
) -> Row:
    field = item_field(subject.key, dimension.key)
    value = given.of(field)
    scale = section.scale_of(dimension)
    aside = None
    if section.scheme.abstention_allowed:
        aside = Choice(field, ABSTAIN, MARK_LABELS[ABSTAIN], is_aside=True, is_chosen=value == ABSTAIN)
    grades = tuple(
        Choice(field, grade.key, grade.label, is_aside=False, is_chosen=grade.key == value)
        for grade in section.scheme.grades
    )
    row = Row("grade", field, dimension.key, dimension.label, branches=branches, is_within=bool(dimension.within))
    if section.choose is not None:
        return replace(row, kind="pick", choices=grades[:1], off_label=grades[-1].label)
    if scale is not None:
        number = _number(scale, value, aside, given)
        return replace(row, kind="number", number=number, is_missing=given.shows_missing and not value)
    choices = (*grades, aside) if aside else grades
    is_open = not any(choice.is_chosen for choice in choices)
    return replace(row, choices=choices, is_missing=given.shows_missing and is_open)


def _number(scale: NumberScale, value: str, aside: Choice | None, given: Given) -> NumberPart:
    is_abstained = aside is not None and aside.is_chosen
    typed = "" if is_abstained else value
    bounds = bounds_text(scale)
    is_wrong = given.shows_missing and typed and read_typed_number(scale, typed) is None
    return NumberPart(
        value=typed,
        low=unrounded_text(scale.low),
        high=unrounded_text(scale.high),
        step=unrounded_text(written_step(scale)),
        bounds=bounds,
        keyboard="text" if scale.low < 0 else "numeric" if _is_whole(scale) else "decimal",
        abstention=aside,
        ranges=tuple(
            RangePart(
                named_range.label,
                unrounded_text(named_range.low),
                unrounded_text(named_range.high),
                span_text(named_range.low, named_range.high),
            )
            for named_range in scale.ranges
        ),
        fault=f"请改正：应填 {bounds}。" if is_wrong else "",
    )


def _is_whole(scale: NumberScale) -> bool:
    return scale.low.denominator == written_step(scale).denominator == 1


def _question_rows(section: StyleSection, subject: Subject, given: Given) -> Iterator[Row]:
    for question in section.questions:
        choices = tuple(_answers(question, subject, given))
        if question.kind is QuestionKind.CHOICE:
            field = choices[0].field
            aside = Choice(field, "", _NOT_CHOSEN_LABEL, is_aside=True, is_chosen=False)
            choices = (*choices, aside)
        yield Row(
            question.kind.value,
            field=choices[0].field,
            dimension="",
            label=question.label,
            choices=choices,
            hint=_HINTS[question.kind],
        )


def _answers(question: Question, subject: Subject, given: Given) -> Iterator[Choice]:
    is_choice = question.kind is QuestionKind.CHOICE
    items = question.items * len(question.options) if is_choice else question.items
    for item, option in zip(items, question.options, strict=True):
        field = answer_field(subject.key, item)
        mark = option.key if is_choice else TICKED
        yield Choice(field, mark, option.label, is_aside=False, is_chosen=given.of(field) == mark)
