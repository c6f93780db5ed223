"""What a table of scores or of earlier periods would change, shown before anything is stored (预览)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.errors import KaoheError
from kaohe.domain.inputs import own_component
from kaohe.domain.office_tables.figures import FigureTable
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import RowProblem
from kaohe.domain.score_sheets import PERIODS, SCORES, read_periods, read_scores
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.input_checks import component_of, flag_keys
from kaohe.operations.setup.inputs import MeetingInputs, load_inputs
from kaohe.tally.model import Period, Subject
from kaohe.web.organizer.setup.inputs.input_forms import FiguresForm
from kaohe.web.organizer.setup.inputs.inputs_page import inputs_page
from kaohe.web.organizer.setup.inputs.periods_block import period_text
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of

_NEW, _CHANGED, _SAME = "新增", "改动", "不变"
_NOT_READ = "不读"


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column of the table, and what it may be read as."""

    name: str
    column: str
    heading: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What becomes of one figure."""

    subject_name: str
    unit_and_post: str
    what: str
    """The period; empty for a score."""
    before: str
    after: str
    change: str
    is_changed: bool
    """Whether a figure that was there becomes another one."""


@dataclass(frozen=True, slots=True)
class SheetPreviewPage:
    """How a table was read and what it would change."""

    frame: MeetingFrame
    title: str
    anchor: str
    preview_url: str
    take_url: str
    pasted: str
    workbook: str
    answer: str
    has_periods: bool
    columns: tuple[ColumnChoice, ...]
    problems: tuple[RowProblem, ...]
    lines: tuple[ChangeLine, ...]
    said: str
    """How many are new, changed and the same."""
    skipped: tuple[tuple[str, str], ...]
    """(where a row stands, its text and why it is not read)."""


@dataclass(frozen=True, slots=True)
class _Block:
    """What the table is for; ``absent`` counts those whom it does not name."""

    title: str
    anchor: str
    positions: Sequence[Field]
    preview_url: str
    take_url: str
    absent: int


@organizer.post("/<meeting_id>/inputs/scores/<component_key>/preview", act=Act.BRING_INPUTS, takes_file=True)
def preview_scores(meeting_id: str, component_key: str) -> ResponseReturnValue:
    """Show what a table would change in the scores of a component; nothing is stored."""
    form = FiguresForm()
    at = f"scores-{component_key}"
    try:
        standing = load_inputs(meeting_id)
        component = component_of(standing.setup.full_scheme, component_key)
        table = form.table(SCORES)
    except KaoheError as error:
        return _refused(meeting_id, at, error)
    sheet = read_scores(table, standing.setup.subjects, component.full, is_same=form.is_same())
    changes = [
        (subject, "", standing.inputs.imported.get((component.key, subject.key)), sheet.scores[subject.key])
        for subject in standing.setup.subjects
        if subject.key in sheet.scores
    ]
    lines = [
        _line(subject, what, "" if before is None else number_text(before), number_text(after))
        for subject, what, before, after in changes
    ]
    absent = sum(
        own_component(standing.setup.full_scheme, subject, component.key) is not None
        and subject.key not in sheet.scores
        for subject in standing.setup.subjects
    )
    block = _Block(
        component.label,
        at,
        SCORES,
        url_for("organizer.preview_scores", meeting_id=meeting_id, component_key=component_key),
        url_for("organizer.import_scores", meeting_id=meeting_id, component_key=component_key),
        absent,
    )
    return _shown(_page(standing, form, table, sheet.problems, lines, block))


@organizer.post("/<meeting_id>/inputs/periods/preview", act=Act.BRING_INPUTS, takes_file=True)
def preview_periods(meeting_id: str) -> ResponseReturnValue:
    """Show what a table would change in the earlier periods; nothing is stored."""
    form = FiguresForm()
    try:
        standing = load_inputs(meeting_id)
        table = form.table(PERIODS)
    except KaoheError as error:
        return _refused(meeting_id, "periods", error)
    flags = flag_keys(standing.setup.full_scheme)
    sheet = read_periods(table, standing.setup.subjects, flags, is_same=form.is_same())
    labels = {key: label for label, key in flags.items()}

    def text_of(history: Sequence[Period], label: str) -> str:
        return next((period_text(each, labels) for each in history if each.label == label), "")

    lines = [
        _line(
            subject,
            period.label,
            text_of(standing.inputs.history.get(subject.key, ()), period.label),
            period_text(period, labels),
        )
        for subject in standing.setup.subjects
        for period in sheet.periods.get(subject.key, ())
    ]
    absent = sum(subject.key not in sheet.periods for subject in standing.setup.subjects)
    block = _Block(
        "往期结果",
        "periods",
        PERIODS,
        url_for("organizer.preview_periods", meeting_id=meeting_id),
        url_for("organizer.import_periods", meeting_id=meeting_id),
        absent,
    )
    return _shown(_page(standing, form, table, sheet.problems, lines, block))


def _line(subject: Subject, what: str, before: str, after: str) -> ChangeLine:
    change = _SAME if before == after else _CHANGED if before else _NEW
    return ChangeLine(subject.name, unit_and_post(subject), what, before, after, change, is_changed=change is _CHANGED)


def _page(
    standing: MeetingInputs,
    form: FiguresForm,
    table: FigureTable,
    problems: Sequence[RowProblem],
    lines: Sequence[ChangeLine],
    block: _Block,
) -> SheetPreviewPage:
    changes = Counter(line.change for line in lines)
    said = "，".join(f"{change} {changes[change]} 个" for change in (_NEW, _CHANGED, _SAME) if changes[change])
    return SheetPreviewPage(
        frame=frame_of(standing.setup, standing.round, "inputs"),
        title=block.title,
        anchor=block.anchor,
        preview_url=block.preview_url,
        take_url=block.take_url,
        pasted=form.pasted.data,
        workbook=form.workbook.data,
        answer=form.answer.data,
        has_periods=block.positions is PERIODS,
        columns=tuple(_columns(table, block.positions)),
        problems=tuple(problems),
        lines=tuple(lines),
        said=said + (f"；表中没有的 {block.absent} 个保持原样" if block.absent else ""),
        skipped=tuple((row.place.words(), f"{row.text[:40]}（{row.why}）") for row in table.skipped),
    )


def _columns(table: FigureTable, positions: Sequence[Field]) -> Iterator[ColumnChoice]:
    for column in table.columns:
        options = [
            Option(field, field, is_chosen=column.field == field) for field in (*positions, Field.UNIT, Field.POST)
        ]
        yield ColumnChoice(
            f"column-{column.column}",
            column.column,
            column.heading,
            (Option("", _NOT_READ, is_chosen=not column.field), *options),
        )


def _refused(meeting_id: str, block: str, error: KaoheError) -> ResponseReturnValue:
    refusal = refusal_of(error)
    page = inputs_page(meeting_id, block, refusal)
    return render_template("organizer/setup/inputs/inputs.html", page=page), reply_code(refusal)


def _shown(page: SheetPreviewPage) -> ResponseReturnValue:
    return render_template("organizer/setup/inputs/preview.html", page=page)
