"""Paper ballots (纸质票补录): two people type each one independently, and both must agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kaohe.domain.ballots import (
    ABSTAIN,
    INVALID,
    LEFT_OUT,
    TICKED,
    BallotStyle,
    Cell,
    LabelledPart,
    label_dimensions,
    label_questions,
)
from kaohe.domain.errors import PaperMarkUnknown
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scores.ballot_layouts import layout_of
from kaohe.tally.scores.numbers import read_number

ABSTAIN_KEY, INVALID_KEY, LEFT_OUT_KEY = "0", "x", "-"
"""What is typed for an abstention, an invalid cell, and a subject that the voter does not evaluate."""
_ABSTAIN_WORDS = ("弃", "弃权")
_LETTERS = "abcdef"
"""Grades by letter, as forms with A to F have them."""
_NO_WORDS: Mapping[str, str] = {}
_CROSS = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """One ballot on paper as one person has read it."""

    number: int
    """Written on the paper after it was collected; it tells nothing about the voter."""
    group_key: str
    marks: Mapping[tuple[str, str], str]
    """By (subject key, dimension key or question item). A cell that was left open is not there."""


@dataclass(frozen=True, slots=True)
class PaperDifference:
    """Something that the two typists read differently."""

    number: int
    cell_key: tuple[str, str] | None
    """(subject key, item); None where it is the whole sheet: typed by one only, or under different groups."""
    first: str | None
    second: str | None
    """What each of them has typed, as marks or, for the whole sheet, as group keys; None for nothing."""


def read_typed(cell: Cell, typed: str, label: str, words: Mapping[str, str] = _NO_WORDS) -> str | None:
    """The mark that was typed for a cell; None for an empty one.

    A grade is typed by its position on the scale (1 or A for the best) or by its word as far as it tells it from the
    others (优, 称职), an option likewise, a tick as 1, a number as itself; ``words`` are the labels by mark. ``0`` is
    an abstention where the cell takes no number, ``x`` an invalid cell, ``-`` a subject that is left out. ``label``
    names the cell in a refusal.

    Raises:
        PaperMarkUnknown: the cell cannot hold it.
    """
    text = unicodedata.normalize("NFKC", typed).strip().lower().replace(_CROSS, INVALID_KEY)
    if not text:
        return None
    found = _special(cell, text) or (_chosen(cell, text, words) if cell.scale is None else _number(cell, text))
    if found is None:
        raise PaperMarkUnknown(f"“{label}”一格填的“{typed.strip()[:10]}”无法识别，请对照说明改正后再保存。")
    return found


def typed_text(cell: Cell, mark: str | None) -> str:
    """What is typed for ``mark``: the reverse of ``read_typed``."""
    if mark is None:
        return ""
    keys = {ABSTAIN: _abstain_key(cell), INVALID: INVALID_KEY, LEFT_OUT: LEFT_OUT_KEY, TICKED: "1"}
    if mark in cell.marks and mark != TICKED:
        return str(cell.marks.index(mark) + 1)
    return keys.get(mark, mark)


def require_left_out_whole(style: BallotStyle, marks: Mapping[tuple[str, str], str]) -> None:
    """Refuse a sheet that leaves a subject out and says something of it all the same.

    Raises:
        PaperMarkUnknown: naming the subject.
    """
    left_out = {subject for (subject, _), mark in marks.items() if mark == LEFT_OUT}
    both = {subject for (subject, _), mark in marks.items() if mark != LEFT_OUT} & left_out
    for subject in style.asked_subjects:
        if subject.key in both:
            raise PaperMarkUnknown(
                f"“{subject.full_name}”有的格填了“{LEFT_OUT_KEY}”（不评），有的格又填了评价，请对照票面改正；"
                f"票面上确实两样都有的，各格填 {INVALID_KEY}。"
            )


def judged_sheet(style: BallotStyle, marks: Mapping[tuple[str, str], str]) -> tuple[dict[tuple[str, str], str], bool]:
    """The marks of a whole sheet as they count once it is cut in pieces, and whether it is void as a whole.

    A subject that may be left out and has no mark is left out.
    """
    marked = {subject for (subject, _), mark in marks.items() if mark != LEFT_OUT}
    left_out = {
        (cell.subject, cell.item): LEFT_OUT for cell in style.cells if cell.may_leave_out and cell.subject not in marked
    }
    return layout_of(style.scheme, style.filled_as, style.subjects).judged({**marks, **left_out})


def compare_piles(first: Mapping[int, PaperSheet], second: Mapping[int, PaperSheet]) -> Iterator[PaperDifference]:
    """Everything that two people have not typed alike, by the numbers on the sheets."""
    for number in sorted(first.keys() | second.keys()):
        one, other = first.get(number), second.get(number)
        groups = (one.group_key if one else None, other.group_key if other else None)
        if one is None or other is None or one.group_key != other.group_key:
            yield PaperDifference(number, None, *groups)
            continue
        for cell_key in sorted(one.marks.keys() | other.marks.keys()):
            marks = one.marks.get(cell_key), other.marks.get(cell_key)
            if marks[0] != marks[1]:
                yield PaperDifference(number, cell_key, *marks)


def paper_cells(style: BallotStyle) -> tuple[Cell, ...]:
    """The cells of a form in the order in which they are read off paper: subject by subject."""
    order = {subject.key: index for index, subject in enumerate(style.asked_subjects)}
    return tuple(sorted(style.cells, key=lambda cell: order[cell.subject]))


def cell_labels(style: BallotStyle) -> dict[tuple[str, str], LabelledPart]:
    """The words for every cell of a form, by (subject key, dimension key or question item)."""
    return {
        (subject.key, item): part
        for section in style.sections
        for part in (*label_dimensions(section.scheme, section.dimensions), *label_questions(section.questions))
        for subject in section.subjects
        for item in part.item_labels
    }


def _special(cell: Cell, text: str) -> str | None:
    if text == INVALID_KEY and not cell.is_answer:
        return INVALID
    if text == LEFT_OUT_KEY and cell.may_leave_out:
        return LEFT_OUT
    if cell.may_abstain and text in (_abstain_key(cell), *_ABSTAIN_WORDS):
        return ABSTAIN
    return None


def _abstain_key(cell: Cell) -> str:
    # Zero may be a number of the scale.
    return ABSTAIN_KEY if cell.scale is None else "q"


def _chosen(cell: Cell, text: str, words: Mapping[str, str]) -> str | None:
    if text.isascii() and text.isdigit():
        index = int(text[:3]) - 1
    elif len(text) == 1 and text in _LETTERS:
        index = _LETTERS.index(text)
    else:
        meant = [number for number, mark in enumerate(cell.marks) if words.get(mark, "").startswith(text)]
        index = meant[0] if len(meant) == 1 else -1
    return cell.marks[index] if 0 <= index < len(cell.marks) else None


def blank_cells(style: BallotStyle, marks: Mapping[tuple[str, str], str]) -> int:
    """How many cells of a sheet are left open though they ask for a mark.

    Ticks that were not made ask for none, nor does a subject that may be left out and is.
    """
    marked = {subject for subject, _ in marks}
    return sum(
        (cell.subject, cell.item) not in marks
        and cell.marks != (TICKED,)
        and not (cell.may_leave_out and cell.subject not in marked)
        for cell in style.cells
    )


def _number(cell: Cell, text: str) -> str | None:
    number = read_number(cell.scale, text) if cell.scale is not None else None
    return None if number is None else unrounded_text(number)
