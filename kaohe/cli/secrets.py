"""``kaohe secrets`` and ``kaohe key``: a lost secrets file is replaced, a key file kept twice."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kaohe.cli.application import ACTOR, MEETING, ApplicationGroup, application, new_secrets_taken_back
from kaohe.config import Config
from kaohe.domain.errors import FieldInvalid
from kaohe.operations.count.box_keys import copy_key
from kaohe.operations.server.replacing_secrets import Ends, Fate, replace_secrets, what_would_end
from kaohe.storage.secrets_file import FILE_NAME

_CONFIRMATION = "更换密钥"
_FATES = {
    Fate.REISSUE: "已制的 {tickets} 张票全部失效，须重新制票、打印、发放后才能开始投票。",
    Fate.VOID: "票箱钥匙由服务器保管，票箱永远无法打开：本轮作废（票箱中有 {cast} 张），须重新制票、重新投票。",
    Fate.CLOSE: "未投的票失效，投票就此结束：已收回的 {cast} 张可由监票人的钥匙开箱计票，或作废本轮后重新投票。",
}


@click.group("secrets")
def secrets_group() -> None:
    """密钥文件 secrets.json 确已丢失时，改用新的密钥。"""  # noqa: D415 - help text


@secrets_group.command("replace")
@click.option("--yes", is_flag=True, help="不再询问，直接更换；供脚本使用。")
def replace_command(*, yes: bool) -> None:
    """先列出哪些会失效，确认后改用新的密钥，并记入操作记录。原来的密钥文件找得到时，请放回它，不要更换。"""  # noqa: D415 - help text
    folder = Config.from_environment().data
    with new_secrets_taken_back(folder) as made, application(has_own_secrets=False):
        ends = what_would_end()
        click.echo(f"改用密钥文件 {folder / FILE_NAME} 以后，下列内容失效，不能撤销：")
        for line in _lines(ends):
            click.echo(f"  {line}")
        click.echo("不受影响：已开箱的会议的结果、报表和归档包，监票人保管的钥匙单，账号和密码。")
        if not yes:
            _ask()
        made.are_kept = True
        replace_secrets(ACTOR)
    click.echo(
        f"已改用新的密钥，并记入操作记录。请马上把 {folder / FILE_NAME} 另存一份，与备份分开保管；"
        "有多台服务器的，复制到每一台。"
    )


@click.group("key", cls=ApplicationGroup)
def key_group() -> None:
    """由服务器保管的票箱钥匙：每轮一个文件，在 KAOHE_KEYS 或数据目录里，不在数据库和备份里。"""  # noqa: D415 - help text


@key_group.command("copy")
@MEETING
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
def copy_command(meeting_id: str, folder: Path) -> None:
    """把本轮的钥匙文件另存到这个目录，例如另一块盘，并记入操作记录；开箱计票后须销毁。"""  # noqa: D415 - help text
    target = copy_key(ACTOR, meeting_id, folder)
    click.echo(f"已另存：{target}")
    click.echo("请与 secrets.json 和备份分开保管：三者在一起才能开箱。开箱计票以后，请销毁这份副本。")


def _lines(ends: Ends) -> list[str]:
    lines = [
        f"“{meeting.title}”：{_FATES[meeting.fate].format(tickets=meeting.tickets, cast=meeting.cast)}"
        for meeting in ends.meetings
    ]
    if ends.second_factors:
        lines.append(f"两步验证和恢复码：{'、'.join(ends.second_factors)}，登录后须重新开启。")
    return [
        *lines,
        "所有人的登录，须重新登录；正在进行的试投，会被清除。",
        "此后的操作记录由新的密钥签名，记录写明原来的公钥。",
    ]


def _ask() -> None:
    click.echo(f"确认更换请输入“{_CONFIRMATION}”：", nl=False)
    typed = sys.stdin.readline()
    if not sys.stdin.isatty():
        click.echo()
    if typed.strip() != _CONFIRMATION:
        raise FieldInvalid("没有确认，什么也没有改变。")
