"""The units, for administrators: a tree to which units are added, and in which they are renamed, moved and closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.permissions import Act
from kaohe.operations.people import units as units_at_work
from kaohe.operations.people.units import UnitLine
from kaohe.web.access import this_reach
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.lists import ListPart, part_of_list
from kaohe.web.organizer.shell.parts import shown


class UnitForm(DeskForm):
    """What a unit is called, and the unit above it."""

    name = StringField(
        "单位名称",
        default="",
        render_kw={"maxlength": TITLE_LENGTH, "autocomplete": "off", "placeholder": "例如：统计局"},
    )
    parent = StringField(default="")


FEW_UNITS: Final = 30
"""So many units are offered in every line of a page; of more, in the line that is unfolded alone."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of the tree, with what can be done about it."""

    id: str
    name: str
    level: int
    about: str
    """How many meetings and accounts it has."""
    is_closed: bool
    is_open: bool
    """Whether what can be done is unfolded."""
    is_highest: bool
    """The highest one within reach is neither moved nor closed."""
    parents: Sequence[Option]
    """The units that it may stand under; None of many before it is unfolded by ``url``."""
    url: str
    """Where it is unfolded with them; '' where they are there, and for the highest one."""


@dataclass(frozen=True, slots=True)
class UnitsPage:
    """All units within reach."""

    rows: Sequence[UnitRow]
    """Of many those of one page."""
    part: ListPart
    form: UnitForm
    parents: Sequence[Option]
    """Where a new one may stand."""
    refusal: Refusal | None


@organizer.get("/units", act=Act.MANAGE_UNITS)
def units() -> ResponseReturnValue:
    """Show the tree; ``open`` names the unit that is unfolded."""
    return _shown(request.args.get("open", ""))


@organizer.post("/units/add", act=Act.MANAGE_UNITS)
def add_unit() -> ResponseReturnValue:
    """Make a unit under another one."""
    form = UnitForm()
    return acted(
        lambda actor: _ignored(units_at_work.add_unit(actor, form.name.data, form.parent.data, this_reach())),
        "单位已建立，可以在“账号”中请人管理它的会议。",
        back=url_for("organizer.units"),
        refused=lambda refusal: _shown(refusal=refusal, form=form),
    )


@organizer.post("/units/<unit_id>/rename", act=Act.MANAGE_UNITS)
def rename_unit(unit_id: str) -> ResponseReturnValue:
    """Give a unit another name."""
    name = UnitForm().name.data
    return _acted(unit_id, lambda actor: units_at_work.rename_unit(actor, unit_id, name, this_reach()), "名称已保存。")


@organizer.post("/units/<unit_id>/move", act=Act.MANAGE_UNITS)
def move_unit(unit_id: str) -> ResponseReturnValue:
    """Put a unit under another one."""
    parent = UnitForm().parent.data
    return _acted(unit_id, lambda actor: units_at_work.move_unit(actor, unit_id, parent, this_reach()), "单位已移动。")


@organizer.post("/units/<unit_id>/close", act=Act.MANAGE_UNITS)
def close_unit(unit_id: str) -> ResponseReturnValue:
    """Let a unit get nothing new any more."""
    return _acted(
        unit_id, lambda actor: units_at_work.close_unit(actor, unit_id, this_reach()), "单位已撤销，它的会议仍可查看。"
    )


@organizer.post("/units/<unit_id>/reopen", act=Act.MANAGE_UNITS)
def reopen_unit(unit_id: str) -> ResponseReturnValue:
    """Open a closed unit again."""
    return _acted(unit_id, lambda actor: units_at_work.reopen_unit(actor, unit_id, this_reach()), "单位已恢复。")


def unit_options(chosen: str) -> tuple[Option, ...]:
    """The open units within reach of the person who is signed in, to choose from, and the one that is chosen.

    None where there is one only.
    """
    names, are_open = (units_at_work.unit_names(this_reach(), are_open=only_open) for only_open in (False, True))
    return tuple(
        Option(each, name, each == chosen) for each, name in names.items() if each in are_open or each == chosen
    )


def _ignored(_: object) -> None:
    return None


def _acted(unit_id: str, act: Callable[[str], None], done: str) -> ResponseReturnValue:
    back = url_for("organizer.units", open=unit_id, _anchor=f"unit-{unit_id}")
    return acted(act, done, back=back, refused=lambda refusal: _shown(unit_id, refusal=refusal))


def _shown(opened: str = "", *, refusal: Refusal | None = None, form: UnitForm | None = None) -> ResponseReturnValue:
    lines = units_at_work.list_units(this_reach())
    at = next((at for at, line in enumerate(lines) if line.unit.id == opened), None)
    shown_lines, part = part_of_list(lines, lambda line: line.name_below, "organizer.units", holding=at)
    page = UnitsPage(
        rows=tuple(_row(line, lines, is_open=line.unit.id == opened) for line in shown_lines),
        part=part,
        form=form or UnitForm(formdata=None),
        parents=_options(lines, form.parent.data if form else lines[0].unit.id),
        refusal=refusal,
    )
    return shown("organizer/people/units.html", reply_code(refusal), parts=("units",), page=page)


def _row(line: UnitLine, lines: Sequence[UnitLine], *, is_open: bool) -> UnitRow:
    has_choice, at = is_open or len(lines) <= FEW_UNITS, lines.index(line)
    after = next((number for number, each in enumerate(lines) if number > at and each.level <= line.level), len(lines))
    return UnitRow(
        id=line.unit.id,
        name=line.unit.name,
        level=line.level,
        about=f"{line.meeting_count} 场会议 · {line.account_count} 个账号",
        is_closed=line.unit.is_closed,
        is_open=is_open,
        is_highest=line.level == 0,
        parents=_options([*lines[:at], *lines[after:]], line.unit.parent_id or "") if has_choice else (),
        url=""
        if has_choice or line.level == 0
        else url_for("organizer.units", open=line.unit.id, _anchor=f"unit-{line.unit.id}"),
    )


def _options(lines: Sequence[UnitLine], chosen: str) -> tuple[Option, ...]:
    return tuple(
        Option(line.unit.id, line.name_below, line.unit.id == chosen) for line in lines if not line.unit.is_closed
    )
