"""The form into which a ballot on paper is typed, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.paper import PaperSheet, cell_labels, paper_cells, typed_text
from kaohe.operations.hall.paper_ballots import PaperPiles
from kaohe.tally.scheme.questions import QuestionKind
from kaohe.web.asked import asked_number, asked_one_of


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One cell to be typed."""

    field: str
    label: str
    """Subject and dimension, for screen readers."""
    heading: str
    typed: str
    takes_one_sign: bool
    """Whether one digit or letter says everything, so that the next cell can follow by itself."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One subject of the sheet."""

    name: str
    cells: tuple[PaperCell, ...]


@dataclass(frozen=True, slots=True)
class PaperForm:
    """The sheet that is being typed."""

    number_text: str
    group_key: str
    groups: tuple[tuple[str, str, bool], ...]
    """(key, label, whether it is this sheet's)."""
    rows: tuple[PaperRow, ...]
    legend: tuple[str, ...]
    """What to type for what."""


def paper_form(
    found: PaperPiles,
    own: Mapping[int, PaperSheet],
    labels: Mapping[str, str],
    posted: Mapping[str, str] | None,
) -> PaperForm:
    """The sheet that was asked for or posted, as this person has typed it; else the next one.

    ``own`` is what this person has typed, by the numbers on the sheets; ``labels`` names the groups.

    Raises:
        NotFound: the address names no number, or no group.
    """
    asked = posted.get("number", "") if posted else str(asked_number("number") or "")
    shown = own.get(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) <= len("9999") else None
    wanted = posted.get("group", "") if posted else asked_one_of("group", labels)
    group_key = wanted if wanted in labels else shown.group_key if shown else next(iter(labels))
    style = next(style for style in found.styles if group_key in style.groups)
    marks = shown.marks if shown and shown.group_key == group_key else {}
    following = str(max(own, default=0) + 1)
    return PaperForm(
        number_text=asked or following,
        group_key=group_key,
        groups=tuple((key, label, key == group_key) for key, label in labels.items()),
        rows=tuple(_rows(style, marks, posted)),
        legend=_legend(style),
    )


def _rows(style: BallotStyle, marks: Mapping[tuple[str, str], str], posted: Mapping[str, str] | None) -> list[PaperRow]:
    labels = cell_labels(style)
    names = {subject.key: subject.full_name for subject in style.asked_subjects}
    rows: dict[str, list[PaperCell]] = {key: [] for key in names}
    for cell in paper_cells(style):
        typed = posted.get(cell.field, "") if posted else typed_text(cell, marks.get((cell.subject, cell.item)))
        heading = labels[cell.subject, cell.item].item_labels[cell.item]
        rows[cell.subject].append(
            PaperCell(cell.field, f"{names[cell.subject]} {heading}", heading, typed, cell.scale is None)
        )
    return [PaperRow(names[key], tuple(cells)) for key, cells in rows.items()]


def _legend(style: BallotStyle) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for section in style.sections:
        if any(section.scale_of(dimension) is None for dimension in section.dimensions):
            found["　".join(f"{number} {grade.label}" for number, grade in enumerate(section.scheme.grades, 1))] = None
            if section.scheme.abstention_allowed:
                found["0 弃权"] = None
        if any(section.scale_of(dimension) is not None for dimension in section.dimensions):
            found["打分的照填分数"] = None
            if section.scheme.abstention_allowed:
                found["打分栏弃权填 q"] = None
        for question in section.questions:
            if question.kind is QuestionKind.CHOICE:
                options = "　".join(f"{number} {option.label}" for number, option in enumerate(question.options, 1))
                found[f"{question.label}：{options}"] = None
            else:
                found[f"{question.label}：勾选的填 1"] = None
        if section.may_leave_out:
            found["- 不评"] = None
    return (*found, "也可以填字母或等次的头一个字", "x 涂改或多选、无法辨认", "漏选的空着")
