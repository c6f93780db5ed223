"""What a scheme means: what each kind of voter is asked, how the score is made, and an example by the tally itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.inputs import own_rules
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.scheme import EVERYONE, Combine, Dimension, Scheme, Section
from kaohe.tally.scheme.votes_alone import votes_alone
from kaohe.tally.tallying import tally
from kaohe.web.organizer.setup.scheme.words import question_words, scale_words

_SHOWN = 2
_VOTES = 20
_ABSENT = 2
_EXAMPLE = Subject("example", "张伟", "办公室", "主任")


@dataclass(frozen=True, slots=True)
class PhoneQuestion:
    """One question as the phone puts it."""

    label: str
    """Empty where the scheme has a single dimension."""
    answers: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PhoneBlock:
    """One section of the form, on one subject."""

    section: str
    subject_name: str
    subject_note: str
    questions: tuple[PhoneQuestion, ...]
    others: str
    """The dimensions that are asked in the same way, in a line; empty for none."""
    also: tuple[PhoneQuestion, ...]
    limit: str
    has_comment: bool


@dataclass(frozen=True, slots=True)
class PhoneForm:
    """The form that some voter groups fill."""

    voters: str
    """Empty where all voters fill the same."""
    blocks: tuple[PhoneBlock, ...]


@dataclass(frozen=True, slots=True)
class ComputedBlock:
    """How one section's score is made."""

    section: str
    dimensions: tuple[tuple[int, str, str], ...]
    """(depth, label, share or full marks) of the tree of dimensions; empty for a single one."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemePreview:
    """The phone's questions and the way to the score."""

    title: str
    forms: tuple[PhoneForm, ...]
    computed: tuple[ComputedBlock, ...]
    remarks: tuple[str, ...]
    example: tuple[str, ...]
    """A worked example on invented votes, one sentence a step; empty where one ballot's worth shows nothing."""
    score: str


def preview_of(scheme: Scheme, subjects: tuple[Subject, ...] = ()) -> SchemePreview:
    """Show a scheme on the meeting's own subjects, or on an invented one."""
    example, score = _worked_example(scheme.sections[0].scheme)
    return SchemePreview(
        title=scheme.title,
        forms=_forms(scheme, subjects),
        computed=tuple(
            ComputedBlock(
                section.label if scheme.declared_sections else "",
                _tree(section.scheme),
                tuple(note for note in scheme_notes(section.scheme) if note not in section.scheme.remarks),
            )
            for section in scheme.sections
        ),
        remarks=scheme.remarks,
        example=_shortened(example),
        score=score,
    )


def _forms(scheme: Scheme, subjects: Sequence[Subject]) -> tuple[PhoneForm, ...]:
    """One form for all groups that are asked the same."""
    alike: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for group in scheme.groups:
        asked = tuple(
            (section.key, keys) for section in scheme.sections if (keys := _filled(section.scheme, group.key))
        )
        if asked:
            alike.setdefault(asked, []).append(group.label)
    by_key = {section.key: section for section in scheme.sections}
    return tuple(
        PhoneForm(
            "" if len(alike) == 1 else "、".join(labels),
            tuple(_block(scheme, by_key[key], dimensions, subjects) for key, dimensions in asked),
        )
        for asked, labels in alike.items()
    )


def _filled(rules: Scheme, group_key: str) -> tuple[str, ...]:
    """The dimensions that a group fills."""
    if group_key not in {group.key for group in rules.groups}:
        return ()
    return tuple(
        dimension.key
        for dimension in rules.dimensions
        if group_key in {group.key for group in rules.fillers(dimension)}
    )


def _block(scheme: Scheme, section: Section, keys: tuple[str, ...], subjects: Sequence[Subject]) -> PhoneBlock:
    rules = section.scheme
    fitting = [subject for subject in subjects if own_rules(scheme, subject) == rules]
    subject = (
        fitting[0] if fitting else (_EXAMPLE if not scheme.declared_sections else Subject("example", section.label))
    )
    asked = [dimension for dimension in rules.dimensions if dimension.key in keys]
    limit = rules.top_grade_limit
    return PhoneBlock(
        section=section.label if scheme.declared_sections else "",
        subject_name=subject.name,
        subject_note=unit_and_post(subject),
        questions=tuple(_question(rules, dimension) for dimension in asked[:_SHOWN]),
        others="、".join(_other_words(rules, dimension) for dimension in asked[_SHOWN:]),
        also=tuple(
            PhoneQuestion(
                question.label, tuple(option.label for option in question.options), question_words(question.kind)
            )
            for question in rules.questions
        ),
        limit=f"“{rules.grades[0].label}”最多评 {limit} 个" if limit is not None else "",
        has_comment=scheme.comments_wanted,
    )


def _question(rules: Scheme, dimension: Dimension) -> PhoneQuestion:
    scale = rules.scale_of(dimension)
    label = "" if rules.is_overall else dimension.label
    abstention = ("弃权",) if rules.abstention_allowed else ()
    if scale is None:
        return PhoneQuestion(label, tuple(grade.label for grade in rules.grades) + abstention)
    ranges = "，".join(f"{each.label} {each.low}–{each.high}" for each in scale.ranges)
    return PhoneQuestion(label, (f"写一个分数（{scale_words(scale)}）", *abstention), ranges)


def _other_words(rules: Scheme, dimension: Dimension) -> str:
    scale = rules.scale_of(dimension)
    return dimension.label if scale is None else f"{dimension.label}（{scale_words(scale)}）"


def _tree(rules: Scheme) -> tuple[tuple[int, str, str], ...]:
    """The dimensions with their branches, each share of what it hangs on."""
    if rules.is_overall or not rules.dimensions:
        return ()
    lines: list[tuple[int, str, str]] = []
    seen: list[str] = []
    for dimension in rules.dimensions:
        path = [branch.key for branch in dimension.within]
        share = Fraction(1)
        for depth, branch in enumerate(dimension.within):
            share *= branch.weight
            if seen[: depth + 1] != path[: depth + 1]:
                lines.append((depth, branch.label, "" if rules.combine is Combine.SUM else percent_text(branch.weight)))
        seen = path
        scale = rules.scale_of(dimension)
        if rules.combine is Combine.SUM:
            worth = scale_words(scale) if scale else ""
        else:
            worth = percent_text(dimension.weight / share)
        lines.append((len(path), dimension.label, worth))
    return tuple(lines)


def _shortened(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The first step stands for all dimensions, the last one brings them together."""
    return steps if len(steps) <= _SHOWN else (steps[0], "其余各项同样计算。", steps[-1])


def _worked_example(rules: Scheme) -> tuple[tuple[str, ...], str]:
    """How invented votes become a score; the parts that come from elsewhere are left out."""
    if not rules.has_votes or rules.choose is not None:
        return (), ""
    scheme = replace(votes_alone(rules), candidates_over=None)
    if all(not dimension.groups for dimension in scheme.dimensions):
        # One pile shows the arithmetic; the groups are weighed as the notes say.
        scheme = replace(scheme, groups=(EVERYONE,))
    cells = {
        (group.key, _EXAMPLE.key, dimension.key): _counts(scheme, dimension, number)
        for number, dimension in enumerate(scheme.dimensions)
        for group in scheme.fillers(dimension)
    }
    known = _VOTES + _ABSENT
    turnout = Turnout(cast=_VOTES, entitled=known, present=known, issued=known, printed=known)
    result = tally(Count(scheme, (_EXAMPLE,), cells, {group.key: turnout for group in scheme.groups})).subjects[0]
    return result.explain, result.score.text if result.score else "—"


def _counts(scheme: Scheme, dimension: Dimension, shift: int) -> GradeCounts:
    """Twenty invented votes, most of them near the top, a little different from one dimension to the next."""
    scale = scheme.scale_of(dimension)
    first, second = 14 - shift % 3, 4 + shift % 3
    if scale is None:
        votes = [0] * len(scheme.grades)
        votes[0], votes[1] = first, second
        votes[min(2, len(votes) - 1)] += _VOTES - first - second
        return GradeCounts(tuple(votes))
    steps = (scale.high - scale.low) / scale.step
    given = [scale.low + scale.step * int(steps * part) for part in (Fraction(9, 10), Fraction(8, 10), Fraction(6, 10))]
    numbers: dict[Fraction, int] = {}
    for number, votes_of in zip(given, (first, second, _VOTES - first - second), strict=True):
        numbers[number] = numbers.get(number, 0) + votes_of
    return GradeCounts((0,) * len(scheme.grades), numbers=tuple(sorted(numbers.items())))
