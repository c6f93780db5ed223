"""Who grades whom (评分关系): dividing the voter groups, and the grid of groups and subjects."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, FormField, HiddenField, SelectMultipleField, StringField

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.domain.limits import GROUPS_AT_MOST, PARTS_AT_MOST
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.permissions import Act
from kaohe.domain.relations import ByUnit
from kaohe.domain.score_sheets import read_pairs
from kaohe.domain.typed_numbers import read_whole
from kaohe.operations.setup import relations as drawing
from kaohe.operations.setup.preparing import load_meeting
from kaohe.tally.scheme.scheme import Relation
from kaohe.web.access import this_account
from kaohe.web.organizer.setup.inputs.input_forms import RowsRefused
from kaohe.web.organizer.setup.relations_page import Posted, RelationsPage, block_units, grid_block, relations_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import INCOMPLETE, ChoiceField, DeskForm, RowsField, WholeField
from kaohe.web.organizer.shell.pasted_rows import PastedForm


class UnitsForm(DeskForm):
    """A voter group to be divided by the units of those whom it grades."""

    group = HiddenField(default="")
    relation = ChoiceField("评分范围", ByUnit, "请选择评本单位还是评其他单位。")
    entitled = WholeField("每组人数")


class ListForm(PastedForm):
    """A voter group to be divided as a list says."""

    group = HiddenField(default="")
    entitled = WholeField("每组人数")


class GroupForm(DeskForm):
    """A voter group to be made whole again."""

    group = HiddenField(default="")


class PartForm(Form):  # type: ignore[misc] # wtforms ships no types
    """How many are entitled in one part."""

    key = HiddenField(default="")
    entitled = StringField(default="")


class GridForm(DeskForm):
    """The grid of one block: the cells that are ticked, as ``part:subject``."""

    unit = HiddenField(default="")
    cells = SelectMultipleField(choices=[], validate_choice=False)
    parts = RowsField(FormField(PartForm), max_entries=GROUPS_AT_MOST * PARTS_AT_MOST)


@organizer.get("/<meeting_id>/relations", act=Act.PREPARE)
def relations(meeting_id: str) -> ResponseReturnValue:
    """Show who grades whom; ``unit`` chooses the block of the grid."""
    return _shown(relations_page(meeting_id, request.args.get("unit", "")))


@organizer.post("/<meeting_id>/relations/units", act=Act.PREPARE)
def divide_by_unit(meeting_id: str) -> ResponseReturnValue:
    """Divide a voter group by units."""
    form = UnitsForm()

    def act(actor: str) -> None:
        version, relation = form.checked().expected().on_version(), Relation(str(form.relation.data))
        drawing.divide_by_unit(actor, meeting_id, version, form.group.data, relation, form.entitled.data)

    return _acted(meeting_id, act, "已按单位划分，请核对下面的评分关系。", Posted(form.group.data, form.entitled.typed))


@organizer.post("/<meeting_id>/relations/list", act=Act.PREPARE)
def divide_by_list(meeting_id: str) -> ResponseReturnValue:
    """Divide a voter group as a pasted or uploaded list says."""
    form = ListForm()

    def act(actor: str) -> None:
        version = form.checked().expected().on_version()
        setup, _ = load_meeting(meeting_id)
        sheet = read_pairs(form.sheets("请粘贴名单或选择文件：一行写一个考核对象和它的评价人。"), setup.subjects)
        if sheet.problems:
            raise RowsRefused(sheet.problems)
        drawing.divide_by_list(actor, meeting_id, version, form.group.data, sheet.pairs, form.entitled.data or 1)

    try:
        act(this_account().name)
    except KaoheError as error:
        problems = error.problems if isinstance(error, RowsRefused) else ()
        posted = Posted(form.group.data, form.entitled.typed, form.pasted.data, problems)
        return _shown(relations_page(meeting_id, "", refusal_of(error), posted))
    return _acted(meeting_id, lambda _: None, "已按名单划分，请核对下面的评分关系。", Posted())


@organizer.post("/<meeting_id>/relations/whole", act=Act.PREPARE)
def make_whole(meeting_id: str) -> ResponseReturnValue:
    """Let everybody in a voter group grade everybody again."""
    form = GroupForm()
    return _acted(
        meeting_id,
        lambda actor: drawing.make_whole(actor, meeting_id, form.expected().on_version(), form.group.data),
        "已恢复为评价全体考核对象，请核对应到人数。",
        Posted(form.group.data),
    )


@organizer.post("/<meeting_id>/relations/cells", act=Act.PREPARE)
def save_relation_cells(meeting_id: str) -> ResponseReturnValue:
    """Store single cells of the grid, and how many are entitled in each part."""
    form = GridForm()

    def act(actor: str) -> None:
        setup, _ = load_meeting(meeting_id)
        if not _is_block(setup, form.unit.data):
            raise EditedMeanwhile
        block = grid_block(setup, form.unit.data)
        marks: dict[str, set[str]] = {group.key: set() for group in setup.groups if group.part_of}
        for cell in form.cells.data or ():
            part, _, subject = cell.partition(":")
            marks.setdefault(part, set()).add(subject)
        drawing.correct_relation(
            actor,
            meeting_id,
            form.expected().on_version(),
            {part: frozenset(subjects) for part, subjects in marks.items()},
            block,
            {row.form.key.data: _whole(row.form.entitled.data) for row in form.parts},
        )

    return _acted(meeting_id, act, "已保存。", Posted(), form.unit.data)


@organizer.post("/<meeting_id>/relations/named", act=Act.OPEN)
def confirm_named(meeting_id: str) -> ResponseReturnValue:
    """Confirm that the forms which too few people hold are not secret."""
    form = DeskForm()
    done = "已确认：这些组的票按记名测评进行，手机、大屏和表格都会注明。"
    return _acted(
        meeting_id, lambda actor: drawing.confirm_named(actor, meeting_id, form.expected().on_version()), done, Posted()
    )


def _acted(
    meeting_id: str, act: Callable[[str], None], done: str, posted: Posted, unit: str = ""
) -> ResponseReturnValue:
    def refused(refusal: Refusal) -> ResponseReturnValue:
        there = unit if _is_block(load_meeting(meeting_id)[0], unit) else ""
        return _shown(relations_page(meeting_id, there, refusal, posted))

    return acted(
        act, done, back=url_for("organizer.relations", meeting_id=meeting_id, unit=unit or None), refused=refused
    )


def _is_block(setup: MeetingSetup, unit: str) -> bool:
    """Whether the grid has such a block still, which somebody else may have renamed."""
    units = block_units(setup)
    return not (unit and units) or unit in units


def _whole(typed: str) -> int:
    number = read_whole(typed)
    if number is None:
        raise FieldInvalid("每组的应到人数请填整数。" if typed.strip() else INCOMPLETE)
    return number


def _shown(page: RelationsPage) -> ResponseReturnValue:
    return render_template("organizer/setup/relations.html", page=page), reply_code(page.refusal)
