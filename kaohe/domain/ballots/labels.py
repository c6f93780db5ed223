"""Labels for the marks of a ballot, as its style words them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kaohe.domain.ballots.fields import ABSTAIN, INVALID, LEFT_OUT, TICKED, VOID
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.scheme import Dimension, Scheme

MARK_LABELS: Final[Mapping[str, str]] = {
    ABSTAIN: "弃权",
    INVALID: "无效",
    VOID: "无效",
    LEFT_OUT: "不评",
    TICKED: "勾选",
}
"""The words for the marks that are neither a grade nor an option nor a number."""


@dataclass(frozen=True, slots=True)
class LabelledPart:
    """A dimension or a question that is asked about each subject of a section, and the words for its marks."""

    label: str
    item_labels: Mapping[str, str]
    """The words over each of its cells, by the item under which a ballot holds it: one, or one for each tick."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The labels of its grades, or of the options of a choice."""
    is_number: bool = False
    is_ticks: bool = False

    def word(self, mark: str, *, number_unit: str = "") -> str:
        """The words for one mark; a number is its own, with ``number_unit`` behind it."""
        if self.is_number and mark not in MARK_LABELS:
            return f"{mark}{number_unit}"
        return self.words.get(mark) or MARK_LABELS.get(mark, mark)

    def mark_text(self, subject_key: str, marks: Mapping[tuple[str, str], str], *, number_unit: str = "") -> str:
        """The mark of a subject in words, ticked options joined; '' if there is none."""
        found = ((item, marks.get((subject_key, item))) for item in self.item_labels)
        return "、".join(
            self.item_labels[item] if self.is_ticks else self.word(mark, number_unit=number_unit)
            for item, mark in found
            if mark is not None
        )


def label_dimensions(rules: Scheme, dimensions: Sequence[Dimension]) -> list[LabelledPart]:
    """The words for some dimensions of a scheme without sections."""
    grades = {grade.key: grade.label for grade in rules.grades}
    return [
        LabelledPart(dimension.label, {dimension.key: dimension.label}, is_number=True)
        if rules.scale_of(dimension) is not None
        else LabelledPart(dimension.label, {dimension.key: dimension.label}, grades)
        for dimension in dimensions
    ]


def label_questions(questions: Sequence[Question]) -> list[LabelledPart]:
    """The words for the questions of a scheme without sections."""
    found = []
    for question in questions:
        labels = {option.key: option.label for option in question.options}
        if question.kind is QuestionKind.CHOICE:
            found.append(LabelledPart(question.label, {question.key: question.label}, labels))
        else:
            by_item = dict(zip(question.items, labels.values(), strict=True))
            found.append(LabelledPart(question.label, by_item, is_ticks=True))
    return found
