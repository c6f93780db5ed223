"""``kaohe meeting …``: a meeting is made, held and looked at from a script."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kaohe.cli.application import AS_JSON, MEETING
from kaohe.cli.chair import meeting_group
from kaohe.cli.meeting_making import make_meeting
from kaohe.cli.meeting_output import as_json, findings_document, meeting_document, meetings_document, print_meeting
from kaohe.domain.state_words import state_word
from kaohe.domain.units import EVERYWHERE
from kaohe.operations.count.sources import list_findings
from kaohe.operations.people.units import find_unit, reach_below
from kaohe.operations.setup.preparing import list_meetings


@meeting_group.command("create")
@click.argument("file", metavar="FILE.toml", type=click.Path(path_type=Path))
def create(file: Path) -> None:
    """按会议文件创建一场测评会并制票，输出会议编号。"""  # noqa: D415 - help text
    click.echo(make_meeting(file))


@meeting_group.command("list")
@click.option("--unit", metavar="UNIT", help="只列出这个单位和它的下级单位的会议。")
@AS_JSON
def list_all(unit: str | None, *, is_json: bool) -> None:
    """列出所有测评会，新的在前。"""  # noqa: D415 - help text
    lines = list_meetings(reach_below(find_unit(unit).id) if unit else EVERYWHERE)
    if is_json:
        click.echo(as_json(meetings_document(lines)))
        return
    table = Table("编号", "状态", "轮次", "日期", "会议名称", "单位", box=None)
    for line in lines:
        state = state_word(line.state, is_paused=line.is_paused, has_votes=line.takes_ballots)
        day = line.held_on.isoformat() if line.held_on else ""
        table.add_row(*(Text(cell) for cell in (line.id, state, str(line.round_number), day, line.title, line.unit)))
    Console(highlight=False).print(table)


@meeting_group.command("show")
@MEETING
@AS_JSON
def show(meeting_id: str, *, is_json: bool) -> None:
    """显示状态、票数、检查结果；计票后显示结果。"""  # noqa: D415 - help text
    if is_json:
        click.echo(as_json(meeting_document(meeting_id)))
    else:
        print_meeting(meeting_id, Console(highlight=False))


@meeting_group.command("check")
@MEETING
@AS_JSON
def check(meeting_id: str, *, is_json: bool) -> int:
    """列出开始投票前还缺什么；有必须处理的问题时退出码为 1。"""  # noqa: D415 - help text
    findings = list_findings(meeting_id)
    if is_json:
        click.echo(as_json(findings_document(findings)))
    else:
        for finding in findings:
            click.echo(f"{'必须处理' if finding.is_blocking else '提醒'}：{finding.message}")
    return int(any(finding.is_blocking for finding in findings))
