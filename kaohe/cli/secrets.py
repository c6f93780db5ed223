"""``kaohe secrets``: what can still be done where the secrets file is lost for good."""

from __future__ import annotations

import sys

import click

from kaohe.cli.application import ACTOR, application, new_secrets_taken_back
from kaohe.config import Config
from kaohe.domain.errors import FieldInvalid
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
