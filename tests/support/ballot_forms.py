"""Forms of every make, and whole ballots on them, for properties that must hold whatever a scheme says."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

from hypothesis import strategies as st

from kaohe.domain.ballots import (
    ABSTAIN,
    LEFT_OUT,
    Ballot,
    BallotStyle,
    Cell,
    answer_field,
    comment_field,
    item_field,
    left_out_field,
)
from kaohe.tally.model import Subject
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.questions import Choose, Option, Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension, Grade, Scheme, Section

WIDE = NumberScale(Fraction(1000), Fraction(-1000), Fraction(1, 4))
"""8,001 numbers: more than a byte holds."""
SCALES = (
    None,
    NumberScale(Fraction(100)),
    NumberScale(Fraction(10), Fraction(0), Fraction(1, 2)),
    NumberScale(Fraction(252)),
    WIDE,
)
QUESTIONS = (
    Question("reverse", "逆向测评", QuestionKind.TICKS, (Option("style", "作风不实"), Option("law", "依法较差"))),
    Question("intent", "使用意向", QuestionKind.CHOICE, (Option("promote", "提拔"), Option("continue", "继任"))),
)


def subject_keys(number: int) -> list[str]:
    return [f"p{number}{place}" for place in range(3)]


@st.composite
def _rules(draw: st.DrawFn, key: str) -> Scheme:
    if draw(st.integers(0, 4)) == 0:
        grades = (Grade("yes", "赞成", Fraction(1)), Grade("no", "不赞成", Fraction(0)))
        choose = Choose(seats=1, most=draw(st.sampled_from((None, 2))), fewest=draw(st.integers(0, 1)))
        overall = Dimension("overall", "总体", Fraction(1))
        return Scheme(key, key, grades, (overall,), choose=choose, abstention_allowed=draw(st.booleans()))
    grades = tuple(Grade(f"g{n}", f"等次{n}", Fraction(-n)) for n in range(draw(st.integers(2, 5))))
    scales = draw(st.lists(st.sampled_from(SCALES), min_size=1, max_size=3))
    dimensions = tuple(Dimension(f"d{n}", f"维度{n}", Fraction(1), scale) for n, scale in enumerate(scales))
    return Scheme(
        key,
        key,
        grades,
        dimensions,
        abstention_allowed=draw(st.booleans()),
        comments_wanted=draw(st.booleans()),
        may_leave_out=draw(st.booleans()),
        questions=draw(st.sampled_from(((), QUESTIONS[:1], QUESTIONS))),
        top_grade_limit=draw(st.sampled_from((None, None, 2))),
    )


@st.composite
def styles(draw: st.DrawFn) -> BallotStyle:
    rules = [draw(_rules(f"part{number}")) for number in range(draw(st.integers(1, 3)))]
    parts = tuple(Section(each.key, each.key, each) for each in rules)
    subjects = tuple(
        Subject(key, f"人{key}", section=part.key)
        for number, part in enumerate(parts)
        for key in subject_keys(number)[: draw(st.integers(1, 3))]
    )
    return style_of(
        rules[0] if len(rules) == 1 else Scheme("whole", "全部", (), (), declared_sections=parts), *subjects
    )


def style_of(scheme: Scheme, *subjects: Subject, groups: tuple[str, ...] = ("all",)) -> BallotStyle:
    return BallotStyle(
        meeting_id="m",
        key="1",
        round_id="r",
        round_number=1,
        is_rehearsal=False,
        title="年度测评",
        unit="统计局",
        scheme=scheme,
        subjects=subjects,
        groups=groups,
    )


@st.composite
def ballots_on(draw: st.DrawFn, style: BallotStyle) -> Ballot:
    """A whole ballot that keeps every limit of its form."""
    marks: dict[tuple[str, str], str] = {}
    for section in style.sections:
        left_out = {s.key for s in section.subjects if section.may_leave_out and draw(st.booleans())}
        tops = dict.fromkeys((dimension.key for dimension in section.dimensions), 0)
        for cell in [cell for cell in style.cells if cell.subject in {s.key for s in section.subjects}]:
            if cell.subject in left_out:
                marks |= {} if cell.is_answer else {(cell.subject, cell.item): LEFT_OUT}
                continue
            mark = draw(_marks(cell))
            if mark is None:
                continue
            if cell.marks and not cell.is_answer:
                top = cell.marks[0]
                if section.choose and section.choose.fewest and cell.subject == section.subjects[0].key:
                    mark = top
                if mark == top and section.most is not None and tops[cell.item] == section.most:
                    mark = cell.marks[-1]
                tops[cell.item] += mark == top
            marks[cell.subject, cell.item] = mark
    commented = [s.key for section in style.sections if section.scheme.comments_wanted for s in section.subjects]
    # A comment is kept in composed form (NFC), so that is what it is compared with.
    words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), min_size=1, max_size=40).map(
        lambda text: unicodedata.normalize("NFC", text)
    )
    comments = draw(st.dictionaries(st.sampled_from(commented), words, max_size=3)) if commented else {}
    return Ballot(marks, comments)


def _marks(cell: Cell) -> st.SearchStrategy[str | None]:
    if cell.is_answer:
        return st.sampled_from((*cell.marks, None))
    if cell.scale is None:
        return st.sampled_from((*cell.marks, ABSTAIN) if cell.may_abstain else cell.marks)
    scale = cell.scale
    steps = int((scale.high - scale.low) / scale.step)
    numbers = st.integers(0, steps).map(lambda step: unrounded_text(scale.low + step * scale.step))
    return st.one_of(numbers, st.just(ABSTAIN)) if cell.may_abstain else numbers


def fields_of(style: BallotStyle, ballot: Ballot) -> list[tuple[str, str]]:
    """What a phone posts for the ballot: nothing for whoever is left out or not picked."""
    fields = []
    for cell in style.cells:
        mark = ballot.marks.get((cell.subject, cell.item))
        name = (answer_field if cell.is_answer else item_field)(cell.subject, cell.item)
        if mark not in (None, LEFT_OUT):
            fields.append((name, mark))
    left_out = {subject for (subject, _), mark in ballot.marks.items() if mark == LEFT_OUT}
    fields += [(left_out_field(subject), LEFT_OUT) for subject in sorted(left_out)]
    return fields + [(comment_field(key), text) for key, text in ballot.comments.items()]
