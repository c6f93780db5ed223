"""The review page, on which clients without scripts confirm their choices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kaohe.domain.ballots import (
    LEFT_OUT,
    MARK_LABELS,
    Ballot,
    StyleSection,
    fields_of,
    label_dimensions,
    label_questions,
)
from kaohe.domain.ballots.wording import by_class, part_label
from kaohe.domain.errors import KaoheError
from kaohe.operations.hall.casting import Polling
from kaohe.tally.model import Subject
from kaohe.web.voter.pages import Refused, refused_by, voter_url


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """What was chosen for one subject."""

    name: str
    choices: tuple[tuple[str, str], ...]
    """(dimension or question, what was chosen) in the form's order; the first is '' where there is only one."""
    comment: str


@dataclass(frozen=True, slots=True)
class ReviewPart:
    """One part of the form."""

    label: str
    """'' where the form has one part only."""
    sums: str
    """How often each grade was given: 优秀 2 · 称职 8; '' where only numbers were."""
    lines: tuple[ReviewLine, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """All choices, and one button that casts them."""

    title: str
    unit: str
    cast_url: str
    is_rehearsal: bool
    parts: tuple[ReviewPart, ...]
    hidden: tuple[tuple[str, str], ...]
    """Everything that the confirming post carries."""
    refused: Refused | None


def review_page(
    polling: Polling, ballot: Ballot, *, ticket: str, nonce: str, refusal: KaoheError | None = None
) -> ReviewPage:
    """The list of what ``ballot`` holds, and everything that the confirming post needs."""
    style = polling.style
    hidden = [("ticket", ticket), ("nonce", nonce), ("round", str(style.round_number))]
    return ReviewPage(
        title=style.title,
        unit=style.unit,
        cast_url=voter_url("ballot", style),
        is_rehearsal=style.is_rehearsal,
        parts=tuple(
            ReviewPart(
                part_label(style, section),
                _sums(section, ballot),
                tuple(_line(section, subject, ballot) for _, subjects in by_class(section) for subject in subjects),
            )
            for section in style.sections
        ),
        hidden=(*hidden, *fields_of(style, ballot)),
        refused=refused_by(refusal),
    )


def _sums(section: StyleSection, ballot: Ballot) -> str:
    graded = [dimension.key for dimension in section.dimensions if section.scale_of(dimension) is None]
    given = Counter(ballot.marks[subject.key, key] for subject in section.subjects for key in graded)
    any_key = section.dimensions[0].key
    given[LEFT_OUT] = sum(ballot.marks[subject.key, any_key] == LEFT_OUT for subject in section.subjects)
    words = [*((grade.key, grade.label) for grade in section.scheme.grades), *MARK_LABELS.items()]
    return " · ".join(f"{label} {given[mark]}" for mark, label in words if given[mark])


def _line(section: StyleSection, subject: Subject, ballot: Ballot) -> ReviewLine:
    return ReviewLine(subject.full_name, tuple(_words(section, subject, ballot)), ballot.comments.get(subject.key, ""))


def _words(section: StyleSection, subject: Subject, ballot: Ballot) -> Iterator[tuple[str, str]]:
    if LEFT_OUT in {ballot.marks[subject.key, dimension.key] for dimension in section.dimensions}:
        yield "", MARK_LABELS[LEFT_OUT]
        return
    for part in label_dimensions(section.scheme, section.dimensions):
        label = "" if len(section.dimensions) == 1 else part.label
        yield label, part.mark_text(subject.key, ballot.marks, number_unit=" 分")
    for part in label_questions(section.questions):
        text = part.mark_text(subject.key, ballot.marks)
        if text:
            yield part.label, text
