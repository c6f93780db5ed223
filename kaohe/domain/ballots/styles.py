"""The ballot styles (票样) of a round: which groups hold which, and what stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kaohe.domain.ballots.cells import Cell, codes_of
from kaohe.domain.ballots.fields import ABSTAIN, TICKED, answer_field, item_field
from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Choose, Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import EVERYONE, Dimension, Scheme
from kaohe.tally.scores.ballot_layouts import seats_in_all
from kaohe.tally.scores.sectioning import subjects_of_sections

FIRST_STYLE = "1"
"""The key of the first style, and of the only one where all groups hold the same."""
COMMENTS_BYTES = 3000
"""All comments of one ballot together, in UTF-8: about a thousand Chinese characters."""
HEADER_BYTES = 5
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one voter chose. It never meets a ticket code after this point."""

    marks: Mapping[tuple[str, str], str]
    """By (subject key, dimension key or question item), as the tally takes them. All cells of a subject that was left
    out hold ``LEFT_OUT``; an option that was not ticked or chosen is not there."""
    comments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StyleSection:
    """One section of a ballot style: its subjects, and what these voters are asked about each of them."""

    key: str
    label: str
    scheme: Scheme
    """The section's own scheme, with all its groups and dimensions."""
    subjects: tuple[Subject, ...]
    dimensions: tuple[Dimension, ...]
    """Those that the groups of this style fill."""
    questions: tuple[Question, ...]
    choose: Choose | None
    may_leave_out: bool
    """Whether a voter may say of a subject that they do not evaluate it (不评)."""

    @property
    def most(self) -> int | None:
        """The most top grades on one dimension of one ballot; None for any number."""
        if self.choose is None:
            return self.scheme.top_grade_limit
        return self.choose.most or seats_in_all(self.choose, self.subjects)

    def scale_of(self, dimension: Dimension) -> NumberScale | None:
        """The number scale of a dimension; None where it takes a grade."""
        return self.scheme.scale_of(dimension)


@dataclass(frozen=True, slots=True)
class BallotStyle:
    """One ballot style (票样): what everyone who holds it is asked, equal for all of them."""

    meeting_id: str
    key: str
    round_id: str
    round_number: int
    is_rehearsal: bool
    title: str
    unit: str
    scheme: Scheme
    """The meeting's whole scheme."""
    subjects: tuple[Subject, ...]
    """The subjects that its holders may grade, also those in sections that they do not fill."""
    groups: tuple[str, ...] = (EVERYONE.key,)
    """The keys of the groups of tickets that hold this style."""
    part_of: str = ""
    """The key of the voter group that its only group is a part of; empty where its groups are voter groups."""
    is_named: bool = False
    """Whether it is not secret (记名), because fewer people hold it than a secret vote needs."""
    _sections: list[tuple[StyleSection, ...]] = field(default_factory=list, init=False, repr=False, compare=False)
    _cells: list[tuple[Cell, ...]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def filled_as(self) -> str:
        """The key of a voter group of the scheme that fills this form."""
        return self.part_of or self.groups[0]

    @property
    def sections(self) -> tuple[StyleSection, ...]:
        """What stands on the form, section by section; a scheme without sections is one.

        Raises:
            SectionError: a subject belongs to no section; never in a round that has opened.
        """
        # Computed once: a counted round asks for it once per ballot.
        if not self._sections:
            self._sections.append(tuple(_sections(self)))
        return self._sections[0]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell of the form: first what is graded, then the answers, in the order of the form."""
        if not self._cells:
            self._cells.append((*_graded(self.sections), *_answers(self.sections)))
        return self._cells[0]

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """(subject key, dimension key or question item) of every cell of the form, in the order of ``cells``."""
        return tuple((cell.subject, cell.item) for cell in self.cells)

    @property
    def marks(self) -> tuple[str, ...]:
        """What a graded cell of a scheme without sections may carry."""
        return grades_of(self.scheme)

    @property
    def asked_subjects(self) -> tuple[Subject, ...]:
        """The subjects that stand on this form, in its order."""
        return tuple(subject for section in self.sections for subject in section.subjects)

    @property
    def comments_wanted(self) -> bool:
        """Whether any section asks for comments."""
        return any(section.scheme.comments_wanted for section in self.sections)

    @property
    def plain_length(self) -> int:
        """The one length of every encoded ballot of this style, comments or not."""
        wanted = HEADER_BYTES + sum(codes_of(cell).width for cell in self.cells)
        wanted += COMMENTS_BYTES if self.comments_wanted else 0
        return -(-wanted // _BLOCK) * _BLOCK


def style_groups(scheme: Scheme) -> tuple[tuple[str, ...], ...]:
    """The keys of the groups that fill the same form, together; the first form belongs to the first group.

    It hangs on the scheme alone, so that the address on a slip stays true when the list of subjects changes.
    """
    found: dict[tuple[object, ...], list[str]] = {}
    for group in scheme.groups:
        asked = tuple(
            (section.key, tuple(d.key for d in dimensions_of(section.scheme, group.key)))
            for section in scheme.sections
            if group.key in {group.key for group in section.scheme.groups}
        )
        found.setdefault(asked, []).append(group.key)
    return tuple(tuple(keys) for keys in found.values())


def dimensions_of(scheme: Scheme, group_key: str) -> tuple[Dimension, ...]:
    """The dimensions of a scheme without sections that a group fills."""
    return tuple(
        dimension for dimension in scheme.dimensions if group_key in {group.key for group in scheme.fillers(dimension)}
    )


def grades_of(scheme: Scheme) -> tuple[str, ...]:
    """What a graded cell may carry."""
    grades = tuple(grade.key for grade in scheme.grades)
    return (*grades, ABSTAIN) if scheme.abstention_allowed else grades


def _sections(style: BallotStyle) -> Iterator[StyleSection]:
    for section, subjects in subjects_of_sections(style.scheme, style.subjects):
        rules = section.scheme
        if not subjects or style.filled_as not in {group.key for group in rules.groups}:
            continue
        yield StyleSection(
            key=section.key,
            label=section.label,
            scheme=rules,
            subjects=subjects,
            dimensions=dimensions_of(rules, style.filled_as),
            questions=rules.questions,
            choose=rules.choose,
            may_leave_out=rules.may_leave_out,
        )


def _graded(sections: Sequence[StyleSection]) -> Iterator[Cell]:
    for section in sections:
        grades = tuple(grade.key for grade in section.scheme.grades)
        for subject in section.subjects:
            for dimension in section.dimensions:
                scale = section.scale_of(dimension)
                yield Cell(
                    subject=subject.key,
                    item=dimension.key,
                    field=item_field(subject.key, dimension.key),
                    marks=() if scale else grades,
                    scale=scale,
                    may_abstain=section.scheme.abstention_allowed,
                    may_leave_out=section.may_leave_out,
                    is_answer=False,
                )


def _answers(sections: Sequence[StyleSection]) -> Iterator[Cell]:
    for section in sections:
        for subject in section.subjects:
            for question in section.questions:
                options = tuple(option.key for option in question.options)
                for item in question.items:
                    yield Cell(
                        subject=subject.key,
                        item=item,
                        field=answer_field(subject.key, item),
                        marks=options if question.kind is QuestionKind.CHOICE else (TICKED,),
                        scale=None,
                        may_abstain=False,
                        may_leave_out=False,
                        is_answer=True,
                    )
