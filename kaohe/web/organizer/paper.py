"""Ballots on paper beside the phones (纸质票补录): two people type them apart, and see where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.ballots import BallotStyle, LabelledPart, label_dimensions, label_questions
from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.meetings import MeetingState
from kaohe.domain.paper import PaperDifference, PaperSheet, paper_cells, typed_text
from kaohe.domain.permissions import Act
from kaohe.operations import paper_ballots as operations
from kaohe.operations.paper_ballots import TYPISTS, PaperPiles
from kaohe.tally.questions import QuestionKind
from kaohe.web.access import Audience, audience, may_now, this_account
from kaohe.web.organizer.blueprint import organizer
from kaohe.web.organizer.frame import MeetingFrame, meeting_frame
from kaohe.web.organizer.refusing import Refusal, refusal_of, reply_code
from kaohe.web.organizer.whole_numbers import posted_whole

_DIFFERENCES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One cell to be typed."""

    field: str
    label: str
    """Subject and dimension, for screen readers."""
    heading: str
    typed: str


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


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """How many blank forms a group was handed."""

    key: str
    label: str
    issued_text: str


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One thing that the two have not typed alike."""

    number_text: str
    place: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """The whole page."""

    frame: MeetingFrame
    refusal: Refusal | None
    state_text: str
    can_type: bool
    can_issue: bool
    issued: tuple[IssuedLine, ...]
    form: PaperForm | None
    typed_numbers: tuple[str, ...]
    typists: tuple[tuple[str, str], ...]
    """(name, how many sheets)."""
    differences: tuple[DifferenceLine, ...]
    differences_text: str
    is_settled: bool


@organizer.get("/<meeting_id>/paper")
@audience(Audience.ORGANIZER, act=Act.TYPE_PAPER)
def paper(meeting_id: str) -> ResponseReturnValue:
    """What has been typed, and the form for the next sheet; ``number`` shows one that was typed before."""
    return _shown(meeting_id)


@organizer.post("/<meeting_id>/paper/issued")
@audience(Audience.ORGANIZER, act=Act.RECORD_NUMBERS)
def record_paper_issued(meeting_id: str) -> ResponseReturnValue:
    """Say how many blank forms a group was handed."""
    try:
        issued = posted_whole("issued", "纸质票发出数")
        group = request.form.get("group", "")
        operations.record_paper_issued(this_account().name, meeting_id, group, issued or 0)
    except KaoheError as error:
        return _shown(meeting_id, error)
    flash("纸质票发出数已保存。", "good")
    return _back(meeting_id)


@organizer.post("/<meeting_id>/paper/sheet")
@audience(Audience.ORGANIZER, act=Act.TYPE_PAPER)
def type_sheet(meeting_id: str) -> ResponseReturnValue:
    """Save one sheet and go on to the next."""
    group = request.form.get("group", "")
    try:
        number = _posted_number()
        if request.form.get("act") == "drop":
            operations.drop_sheet(this_account().name, meeting_id, number)
            flash(f"已删去您录入的第 {number} 号票。", "good")
            return _back(meeting_id)
        operations.type_sheet(this_account().name, meeting_id, number, group, request.form)
    except KaoheError as error:
        return _shown(meeting_id, error, posted=request.form)
    flash(f"第 {number} 号票已录入。", "good")
    following = url_for("organizer.paper", meeting_id=meeting_id, number=number + 1, group=group, _anchor="sheet")
    return redirect(following, 303)


def _posted_number() -> int:
    number = posted_whole("number", "票面编号")
    if number is None:
        raise FieldInvalid("请填写写在票面上的编号。")
    return number


def _back(meeting_id: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.paper", meeting_id=meeting_id), 303)


def _shown(
    meeting_id: str, error: KaoheError | None = None, *, posted: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    refusal = refusal_of(error) if error else None
    frame = meeting_frame(meeting_id, "paper")
    found = operations.load_paper(meeting_id)
    own = found.piles.get(this_account().name, {})
    can_type = found.state is MeetingState.CLOSED
    labels = {group.key: group.label for group in found.setup.groups}
    differences = tuple(_difference_line(found, labels, each) for each in found.differences[:_DIFFERENCES_SHOWN])
    page = PaperPage(
        frame=frame,
        refusal=refusal,
        state_text=_state_text(found),
        can_type=can_type,
        can_issue=may_now(Act.RECORD_NUMBERS, found.state)
        and found.state in (MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED),
        issued=tuple(IssuedLine(key, label, str(found.issued.get(key, 0))) for key, label in labels.items()),
        form=_form(found, own, labels, posted) if can_type else None,
        typed_numbers=tuple(str(number) for number in own),
        typists=tuple((name, str(len(pile))) for name, pile in found.piles.items()),
        differences=differences if len(found.piles) == TYPISTS else (),
        differences_text=f"共 {len(found.differences)} 处" if len(found.piles) == TYPISTS else "",
        is_settled=bool(found.piles) and found.is_settled,
    )
    return render_template("organizer/paper.html", page=page), reply_code(refusal)


def _state_text(found: PaperPiles) -> str:
    if found.state in (MeetingState.DRAFT, MeetingState.OPEN):
        return "结束投票、收齐纸质票并逐张编号后，在这里录入。现在可以先填写发出的纸质票数。"
    if found.state is not MeetingState.CLOSED:
        return "本轮已经开箱计票，纸质票已一并计入，录入内容已销毁。"
    if not found.piles:
        return "请先给收回的纸质票逐张编号，再由两人各用自己的账号独立录入。"
    if len(found.piles) < TYPISTS:
        return "一人已开始录入，请另一人用自己的账号独立录入一遍。"
    return "两次录入完全一致，可以开箱计票。" if found.is_settled else "两次录入不一致，请对照票面核对下面列出的各处。"


def _form(
    found: PaperPiles,
    own: Mapping[int, PaperSheet],
    labels: Mapping[str, str],
    posted: Mapping[str, str] | None,
) -> PaperForm:
    asked = posted.get("number", "") if posted else request.args.get("number", "")
    shown = own.get(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) <= len("9999") else None
    wanted = posted.get("group", "") if posted else request.args.get("group", "")
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
    labels = _labels(style)
    names = {subject.key: subject.name for subject in style.asked_subjects}
    rows: dict[str, list[PaperCell]] = {key: [] for key in names}
    for cell in paper_cells(style):
        typed = posted.get(cell.field, "") if posted else typed_text(cell, marks.get((cell.subject, cell.item)))
        heading = labels[cell.subject, cell.item].item_labels[cell.item]
        rows[cell.subject].append(PaperCell(cell.field, f"{names[cell.subject]} {heading}", heading, typed))
    return [PaperRow(names[key], tuple(cells)) for key, cells in rows.items()]


def _labels(style: BallotStyle) -> dict[tuple[str, str], LabelledPart]:
    """The words for every place of the form."""
    return {
        (subject.key, item): part
        for section in style.sections
        for part in (*label_dimensions(section.scheme, section.dimensions), *label_questions(section.questions))
        for subject in section.subjects
        for item in part.item_labels
    }


def _legend(style: BallotStyle) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for section in style.sections:
        if any(section.scale_of(dimension) is None for dimension in section.dimensions):
            found["　".join(f"{place} {grade.label}" for place, grade in enumerate(section.scheme.grades, 1))] = None
            if section.scheme.abstention_allowed:
                found["0 弃权"] = None
        if any(section.scale_of(dimension) is not None for dimension in section.dimensions):
            found["打分的照填分数"] = None
            if section.scheme.abstention_allowed:
                found["打分栏弃权填 q"] = None
        for question in section.questions:
            if question.kind is QuestionKind.CHOICE:
                options = "　".join(f"{place} {option.label}" for place, option in enumerate(question.options, 1))
                found[f"{question.label}：{options}"] = None
            else:
                found[f"{question.label}：勾选的填 1"] = None
        if section.may_leave_out:
            found["- 不评"] = None
    return (*found, "x 涂改或多选、无法辨认", "漏选的空着")


def _difference_line(found: PaperPiles, group_labels: Mapping[str, str], difference: PaperDifference) -> DifferenceLine:
    if difference.place is None:
        sides = [
            "未录入" if group is None else group_labels.get(group, group)
            for group in (difference.first, difference.second)
        ]
        return DifferenceLine(str(difference.number), "整张票", sides[0], sides[1])
    group_key = next(pile[difference.number].group_key for pile in found.piles.values() if difference.number in pile)
    style = next(style for style in found.styles if group_key in style.groups)
    subject_key, item = difference.place
    name = next(subject.name for subject in style.asked_subjects if subject.key == subject_key)
    part = _labels(style)[difference.place]
    heading = part.item_labels[item]
    sides = ["空" if mark is None else part.word(mark) for mark in (difference.first, difference.second)]
    return DifferenceLine(str(difference.number), f"{name} · {heading}", sides[0], sides[1])
