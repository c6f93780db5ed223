"""``kaohe person``: the register of people, searched, added to, changes noted, and two records made one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from kaohe.cli.application import ACTOR, AS_JSON, REASON, ApplicationGroup
from kaohe.cli.meeting_output import as_json
from kaohe.domain.errors import PersonUnknown
from kaohe.domain.people import EMPLOYMENT_LABELS, Employment, Person, Spell
from kaohe.domain.units import TOP
from kaohe.operations.people import merging, register
from kaohe.operations.people.units import find_unit

_Command = TypeVar("_Command", bound=Callable[..., Any])
_place = (
    click.option("--unit", metavar="TEXT", help="所在单位，照名单上的写法。"),
    click.option("--post", metavar="TEXT", help="职务。"),
    click.option(
        "--standing", type=click.Choice([str(each) for each in Employment]), help="状态：在职、试用期、借调、离任。"
    ),
    click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="自何日起，如 2026-03-01。"),
)


@click.group("person", cls=ApplicationGroup)
def person_group() -> None:
    """查看、登记、合并人员，登记改名、调动、借调、离任。"""  # noqa: D415 - help text


@person_group.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]…")
@AS_JSON
def list_people(words: tuple[str, ...], *, is_json: bool) -> None:
    """列出姓名、单位、职务或状态（现在或以前）含有各词的人员。"""  # noqa: D415 - help text
    found = register.list_people(" ".join(words))
    if is_json:
        click.echo(as_json([_document(person) for person in found]))
        return
    for person in found:
        click.echo(f"{person.id}\t{person.now.name}\t{person.now.place}\t{EMPLOYMENT_LABELS[person.now.standing]}")


def _with_place(command: _Command) -> _Command:
    for option in reversed(_place):
        command = option(command)
    return command


@person_group.command("add")
@click.argument("name", metavar="NAME")
@click.option("--register", "register_of", metavar="UNIT", help="登记在哪个单位；不写则在最上级单位。")
@_with_place
def add(
    name: str,
    register_of: str | None,
    unit: str | None,
    post: str | None,
    standing: str | None,
    since: datetime | None,
) -> None:
    """登记一个人，输出编号；已有同名的，按另一个人登记。"""  # noqa: D415 - help text
    spell = Spell(name, unit or "", post or "", Employment(standing or Employment.IN_OFFICE), _day(since))
    click.echo(register.add_person(ACTOR, spell, find_unit(register_of).id if register_of else TOP))


@person_group.command("change")
@click.argument("person_id", metavar="ID")
@click.option("--name", metavar="NAME", help="新的姓名；不写则不变，以下各项也是。")
@_with_place
def change(
    person_id: str,
    name: str | None,
    unit: str | None,
    post: str | None,
    standing: str | None,
    since: datetime | None,
) -> None:
    """登记一个人的变动，以前的情况保留。"""  # noqa: D415 - help text
    person = next((each for each in register.list_people() if person_id in each.ids), None)
    if person is None:
        raise PersonUnknown("没有这个编号的人员，用 kaohe person list 查看。")
    now = person.now
    spell = Spell(
        now.name if name is None else name,
        now.unit if unit is None else unit,
        now.post if post is None else post,
        now.standing if standing is None else Employment(standing),
        _day(since),
    )
    register.note_change(ACTOR, person_id, spell)
    click.echo("已登记。")


@person_group.command("merge")
@click.argument("kept_id", metavar="ID")
@click.argument("merged_id", metavar="OTHER")
@REASON
def merge(kept_id: str, merged_id: str, reason: str) -> None:
    """把 OTHER 并入 ID，作为同一个人；以前的情况和会议归到一人名下。"""  # noqa: D415 - help text
    merging.merge_people(ACTOR, kept_id, merged_id, reason)
    click.echo("已合并。")


@person_group.command("split")
@click.argument("merged_id", metavar="OTHER")
@REASON
def split(merged_id: str, reason: str) -> None:
    """撤销合并：OTHER 重新自成一条记录。"""  # noqa: D415 - help text
    merging.take_apart(ACTOR, merged_id, reason)
    click.echo("已撤销合并。")


def _day(since: datetime | None) -> date | None:
    return None if since is None else since.date()


def _document(person: Person) -> dict[str, object]:
    spells = [
        {
            "name": spell.name,
            "unit": spell.unit,
            "post": spell.post,
            "standing": str(spell.standing),
            "since": spell.since.isoformat() if spell.since else None,
        }
        for spell in person.spells
    ]
    return {"id": person.id, "merged": sorted(person.ids - {person.id}), "register": person.unit_id, "spells": spells}
