"""``kaohe setup``: the units, people and roles of a province from one workbook, shown first and done when asked."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kaohe.cli.application import ACTOR, application
from kaohe.cli.results.named import read_file
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.permissions import ROLE_LABELS, roles_text
from kaohe.domain.province import COLUMNS, Holder, ProvincePlan
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.people.province import Invitation, preview_province, set_up_province
from kaohe.reports.xlsx import blank_workbook

_NOT_READY = 1
"""The exit code where a row must be mended first."""
_ABOUT = (
    "单位：上级单位写名称，有同名的写“青山区/统计局”；不填就在最上级之下。上级单位可以写在本表里，要排在前面。",
    "人员：登记单位是管这个人的单位，不填就在最上级；单位和职务照名单上的写法。与已有的人同名、确是另一人的，“同名另登记”填“是”。",
    f"角色：{'、'.join(ROLE_LABELS.values())}，可以写几个，用顿号隔开；对这个单位和它的下级有效。",
    "用不到的工作表可以删去。填好后先运行 kaohe setup 文件 预览，核对无误再加 --apply。",
)
"""How a blank workbook is filled in."""


@click.command("setup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--apply", "is_applied", is_flag=True, help="确认无误后保存；不写只预览。")
@click.option("--blank", "is_blank", is_flag=True, help="把空白的表格写到 FILE，供填写；已有的文件不会被覆盖。")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
@click.pass_context
def setup_command(ctx: click.Context, file: Path, *, is_applied: bool, is_blank: bool, is_json: bool) -> None:
    """由一个表格文件（工作表：单位、人员、角色）建立全省的单位、人员和账号邀请；可以重复运行。"""  # noqa: D415 - help text
    if is_blank:
        _write_blank(file)
        return
    sheets = read_sheets(file.name, read_file(file))
    with application():
        plan, invitations = preview_province(sheets), tuple[Invitation, ...]()
        if is_applied and not plan.refused:
            plan, invitations = set_up_province(ACTOR, sheets)
    click.echo(_document(plan, invitations) if is_json else _text(plan, invitations, is_applied=is_applied))
    ctx.exit(_NOT_READY if plan.refused else 0)


def _write_blank(file: Path) -> None:
    try:
        with file.open("xb") as target:
            target.write(blank_workbook({name: [columns] for name, columns in COLUMNS.items()}, _ABOUT))
    except FileExistsError as error:
        raise FieldInvalid(f"文件 {file} 已经存在，不会覆盖，请换一个文件名。") from error
    except OSError as error:
        raise FieldInvalid(f"文件 {file} 不能写入，请检查目录和权限。") from error
    click.echo(f"已写好空白表格 {file}，请按“填表说明”填写。")


def _document(plan: ProvincePlan, invitations: tuple[Invitation, ...]) -> bytes:
    found = {
        "new_units": [plan.tree.name_below(unit.id) for unit in plan.new_units],
        "new_people": [spell.name for _, spell in plan.new_people],
        "invited": [_holder(plan, holder) for holder in plan.invited],
        "changed": [
            _holder(plan, holder) | {"was": _holder(plan, plan.former[holder.name])} for holder in plan.changed
        ],
        "unchanged": plan.unchanged_count,
        "refused": [{"sheet": each.sheet, "row": each.row, "message": each.message} for each in plan.refused],
        "links": [{"name": each.name, "unit": each.unit_text, "link": each.link} for each in invitations],
    }
    return json.dumps(found, ensure_ascii=False, indent=2).encode()


def _holder(plan: ProvincePlan, holder: Holder) -> dict[str, object]:
    return {
        "name": holder.name,
        "roles": sorted(map(str, holder.roles)),
        "unit": plan.tree.name_below(holder.unit_id),
    }


def _text(plan: ProvincePlan, invitations: tuple[Invitation, ...], *, is_applied: bool) -> str:
    lines = [f"不能采用：{each.sheet} 第 {each.row} 行：{each.message}" for each in plan.refused]
    if plan.refused:
        return "\n".join([*lines, f"有 {len(plan.refused)} 行不能采用，没有保存任何内容，请改正后再运行。"])
    lines += [f"新建单位：{plan.tree.name_below(unit.id)}" for unit in plan.new_units]
    lines += [f"新登记人员：{spell.name} {spell.place}".rstrip() for _, spell in plan.new_people]
    lines += [f"新邀请：{_told(plan, holder)}" for holder in plan.invited]
    lines += [f"改变角色：{_told(plan, each)}（现在是{_place(plan, plan.former[each.name])}）" for each in plan.changed]
    counts = (len(plan.new_units), len(plan.new_people), len(plan.invited), len(plan.changed), plan.unchanged_count)
    lines.append("单位 {} 个、人员 {} 名、邀请 {} 人、改变角色 {} 人，{} 行没有变化。".format(*counts))
    if not is_applied:
        return "\n".join([*lines, "以上还没有保存；核对无误后加上 --apply 再运行一次。"])
    lines.append("已保存。")
    if invitations:
        lines.append("请把下面的链接分别交给本人：二十四小时内有效，只能用一次；过期的再运行一次即可。")
        lines += [f"{each.name}\t{each.unit_text}\t{each.roles_text}\t{each.link}" for each in invitations]
    return "\n".join(lines)


def _told(plan: ProvincePlan, holder: Holder) -> str:
    return f"{holder.name}，{_place(plan, holder)}"


def _place(plan: ProvincePlan, holder: Holder) -> str:
    return f"{plan.tree.name_below(holder.unit_id)}，{roles_text(holder.roles)}"
