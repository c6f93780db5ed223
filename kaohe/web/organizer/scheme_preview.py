"""What a scheme means: the question as the phone asks it, and a worked example by the tally itself."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.typed_numbers import number_text
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme import Scheme
from kaohe.tally.scheme_document import parse_scheme, scheme_document
from kaohe.tally.stating import scheme_notes
from kaohe.tally.tallying import tally

_SHOWN = 2
_VOTES = 20
_ABSENT = 2
_EXAMPLE = Subject("example", "张伟", "办公室", "主任")


@dataclass(frozen=True, slots=True)
class SchemePreview:
    """The phone's question and the way to the score."""

    subject_name: str
    subject_place: str
    questions: tuple[str, ...]
    """The first dimensions, in words; an empty one where the scheme has a single dimension."""
    other_questions: str
    """The dimensions that are asked in the same way, in a line; empty for none."""
    answers: tuple[str, ...]
    limit: str
    """The sentence about the top grade, or empty."""
    has_comment: bool
    example: tuple[str, ...]
    """A worked example on invented votes, one sentence a step."""
    score: str
    notes: tuple[str, ...]


def preview_of(scheme: Scheme, subjects: tuple[Subject, ...] = ()) -> SchemePreview:
    """Show a scheme on the meeting's first subject, or on an invented one."""
    subject = subjects[0] if subjects else _EXAMPLE
    answers = tuple(grade.label for grade in scheme.grades) + (("弃权",) if scheme.abstention_allowed else ())
    labels = tuple(dimension.label for dimension in scheme.dimensions)
    limit = scheme.top_grade_limit
    result = tally(_example_count(scheme)).subjects[0]
    return SchemePreview(
        subject_name=subject.name,
        subject_place=" ".join(part for part in (subject.unit, subject.post) if part),
        questions=("",) if scheme.is_overall else labels[:_SHOWN],
        other_questions="、".join(labels[_SHOWN:]),
        answers=answers,
        limit=f"“{scheme.grades[0].label}”最多评 {limit} 个" if limit is not None else "",
        has_comment=scheme.comments_wanted,
        example=_shortened(result.explain),
        score=result.score.text if result.score else "—",
        notes=scheme_notes(scheme),
    )


def preset_hint(preset: Scheme) -> str:
    """A preset in a line: what is asked, on which scale, and what the grades are worth."""
    grades = "、".join(grade.label for grade in preset.grades)
    points = "/".join(number_text(grade.points) for grade in preset.grades)
    asked = "每名对象评一个总体等次" if preset.is_overall else f"在{_joined(preset)}上各评一个等次"
    return f"{asked}：{grades}，分值 {points}"


def _shortened(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The first step stands for all dimensions, the last one brings them together."""
    return steps if len(steps) <= _SHOWN else (steps[0], "其余维度同样计算。", steps[-1])


def _joined(preset: Scheme) -> str:
    labels = [dimension.label for dimension in preset.dimensions]
    return "".join(labels) if all(len(label) == 1 for label in labels) else "、".join(labels)


def _example_count(scheme: Scheme) -> Count:
    scheme = parse_scheme({**scheme_document(scheme), "groups": [{"key": "all", "label": "全体", "weight": 100}]})
    cells = {
        ("all", _EXAMPLE.key, dimension.key): GradeCounts(_votes(len(scheme.grades), number))
        for number, dimension in enumerate(scheme.dimensions)
    }
    known = _VOTES + _ABSENT
    turnout = Turnout(cast=_VOTES, entitled=known, present=known, issued=known, printed=known)
    return Count(scheme, (_EXAMPLE,), cells, {"all": turnout})


def _votes(grades: int, shift: int) -> tuple[int, ...]:
    """Twenty invented votes, most of them near the top, a little different from one dimension to the next."""
    votes = [0] * grades
    votes[0], votes[1] = 14 - shift % 3, 4 + shift % 3
    votes[min(2, grades - 1)] += 2
    return tuple(votes)
