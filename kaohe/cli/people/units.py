"""``kaohe unit`` and ``kaohe account``: the tree of units, and in which of them the roles of an account are held."""

from __future__ import annotations

from datetime import datetime

import click

from kaohe.cli.application import ACTOR, AS_JSON, REASON, ApplicationGroup
from kaohe.cli.meeting_output import as_json
from kaohe.domain.errors import AccountUnknown
from kaohe.domain.permissions import Role, roles_text
from kaohe.domain.units import TOP
from kaohe.operations.people import accounts, merging, units
from kaohe.operations.people.units import find_unit

_unit = click.argument("unit", metavar="UNIT")


@click.group("unit", cls=ApplicationGroup)
def unit_group() -> None:
    """查看、建立、改名、移动、并入、撤销单位。UNIT 写单位编号、名称，或“青山区/统计局”。"""  # noqa: D415 - help text


@unit_group.command("list")
@AS_JSON
def list_units(*, is_json: bool) -> None:
    """列出所有单位，下级单位缩进排在上级之后。"""  # noqa: D415 - help text
    lines = units.list_units()
    if is_json:
        found = [
            {
                "id": line.unit.id,
                "name": line.unit.name,
                "parent": line.unit.parent_id,
                "is_closed": line.unit.is_closed,
                "meetings": line.meeting_count,
                "accounts": line.account_count,
            }
            for line in lines
        ]
        click.echo(as_json(found))
        return
    for line in lines:
        closed = "（已撤销）" if line.unit.is_closed else ""
        click.echo(
            f"{line.unit.id}\t{'  ' * line.level}{line.unit.name}{closed}"
            f"\t{line.meeting_count} 场会议\t{line.account_count} 个账号"
        )


@unit_group.command("add")
@click.argument("name", metavar="NAME")
@click.option("--under", metavar="UNIT", help="上级单位；不写则在最上级单位之下。")
def add(name: str, under: str | None) -> None:
    """建立一个单位，输出它的编号。"""  # noqa: D415 - help text
    click.echo(units.add_unit(ACTOR, name, TOP if under is None else find_unit(under).id))


@unit_group.command("rename")
@_unit
@click.argument("name", metavar="NAME")
def rename(unit: str, name: str) -> None:
    """给单位改名；已有会议的抬头不变。"""  # noqa: D415 - help text
    units.rename_unit(ACTOR, find_unit(unit).id, name)
    click.echo("已改名。")


@unit_group.command("move")
@_unit
@click.option("--under", metavar="UNIT", required=True, help="新的上级单位。")
def move(unit: str, under: str) -> None:
    """把单位连同它的会议、账号和下级单位移到另一个单位之下。"""  # noqa: D415 - help text
    units.move_unit(ACTOR, find_unit(unit).id, find_unit(under).id)
    click.echo("已移动。")


@unit_group.command("close")
@_unit
def close(unit: str) -> None:
    """撤销单位：它的会议仍可查看，不再新建会议和账号。"""  # noqa: D415 - help text
    units.close_unit(ACTOR, find_unit(unit).id)
    click.echo("已撤销。")


@unit_group.command("merge")
@_unit
@click.option("--into", metavar="UNIT", required=True, help="并入这个单位。")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="DAY", help="自何日起，如 2026-03-01。"
)
@REASON
def merge(unit: str, into: str, day: datetime, reason: str) -> None:
    """并入另一个单位：本单位撤销并列在其下，下级单位改属，人员库中本单位的人随之变动。"""  # noqa: D415 - help text
    count = merging.merge_unit(ACTOR, find_unit(unit).id, find_unit(into).id, day.date(), reason)
    click.echo(f"已并入，{count} 人随之变动。")


@unit_group.command("reopen")
@_unit
def reopen(unit: str) -> None:
    """恢复已撤销的单位。"""  # noqa: D415 - help text
    units.reopen_unit(ACTOR, find_unit(unit).id)
    click.echo("已恢复。")


@click.group("account", cls=ApplicationGroup)
def account_group() -> None:
    """查看账号，改变账号的角色属于哪个单位。"""  # noqa: D415 - help text


@account_group.command("list")
@AS_JSON
def list_accounts(*, is_json: bool) -> None:
    """列出所有账号、角色和单位。"""  # noqa: D415 - help text
    lines = accounts.list_accounts()
    names = {line.unit.id: line.name_below for line in units.list_units()}
    if is_json:
        found = [
            {
                "name": line.name,
                "roles": [str(role) for role in Role if role in line.roles],
                "unit": line.unit_id,
                "is_locked": line.is_locked,
            }
            for line in lines
        ]
        click.echo(as_json(found))
        return
    for line in lines:
        locked = "\t已停用" if line.is_locked else ""
        click.echo(f"{line.name}\t{roles_text(line.roles)}\t{names[line.unit_id]}{locked}")


@account_group.command("move")
@click.argument("name", metavar="NAME")
@click.option("--unit", "unit", metavar="UNIT", required=True, help="角色属于这个单位，对它和它的下级单位有效。")
def move_account(name: str, unit: str) -> None:
    """改变账号的角色属于哪个单位。"""  # noqa: D415 - help text
    found = next((line for line in accounts.list_accounts() if line.name == name), None)
    if found is None:
        raise AccountUnknown(f"没有叫“{name}”的账号，用 kaohe account list 查看。")
    accounts.move_account(ACTOR, found.id, find_unit(unit).id)
    click.echo("已保存。")
