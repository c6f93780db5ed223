"""The table of commands, and how a refusal leaves the program: one sentence and exit code 2, never a traceback."""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import NoReturn

import click

from kaohe.domain.errors import InputsDoubted, KaoheError, MeetingUnknown, WrongState
from kaohe.tally.scheme.refusals import TallyError

REFUSED = 2
"""The exit code of every refusal."""
_INTERRUPTED = 130
_AT_THE_DESK = {
    MeetingUnknown.text: "没有这个编号的会议，用 kaohe meeting list 查看编号。",
    WrongState.text: "会议当前的状态不允许这一操作，用 kaohe meeting show 查看状态。",
}
"""Sentences that speak of a voter's phone or of a page, as a command says them."""

_COMMANDS = {
    "serve": ("kaohe.cli.serve:serve_command", "启动服务器。"),
    "demo": ("kaohe.cli.demo:demo_command", "向运行中的服务器演示投票。"),
    "meeting": ("kaohe.cli.meeting:meeting_group", "创建、主持和查看测评会。"),
    "relation": ("kaohe.cli.people.preparing:relation_group", "划分评分关系：各票种评谁。"),
    "material": ("kaohe.cli.people.preparing:material_group", "登记投票人可以阅读的述职、自评材料。"),
    "inputs": ("kaohe.cli.results.inputs:inputs_group", "导入得分和往期结果，认定事项。"),
    "ruling": ("kaohe.cli.results.rulings:ruling_group", "审定等次。"),
    "correction": ("kaohe.cli.results.rulings:correction_group", "更正已公布的结果。"),
    "review": ("kaohe.cli.results.rulings:review_group", "登记复核申请、决定和答复。"),
    "spot-vote": ("kaohe.cli.results.spot_votes:spot_vote_group", "现场票决。"),
    "tickets": ("kaohe.cli.tickets:tickets_group", "制票、导出、作废和换票。"),
    "documents": ("kaohe.cli.documents:documents_command", "导出一场会议的归档材料。"),
    "bundle": ("kaohe.cli.bundles:bundle_command", "导出一场会议的归档包。"),
    "challenge": ("kaohe.cli.custody:challenge_group", "监票抽查：登记、开出、记录结论。"),
    "purge": ("kaohe.cli.custody:purge_command", "清除到期会议的选票，只保留票数和结果。"),
    "verify": ("kaohe.cli.bundles:verify_command", "核验归档包：逐字节检查有无改动。"),
    "recount": ("kaohe.cli.bundles:recount_command", "由归档包中的选票重新计票。"),
    "backup": ("kaohe.cli.backup:backup_command", "备份全部数据，投票中也可以。"),
    "verify-backup": ("kaohe.cli.backup:verify_backup_command", "核对一份备份，不改动数据。"),
    "restore": ("kaohe.cli.backup:restore_command", "恢复备份；比现在旧的不恢复。"),
    "upgrade": ("kaohe.cli.backup:upgrade_command", "把较早版本的数据库升级到本版本，先备份。"),
    "key": ("kaohe.cli.secrets:key_group", "另存由服务器保管的钥匙文件。"),
    "secrets": ("kaohe.cli.secrets:secrets_group", "密钥文件丢失后改用新的。"),
    "roster": ("kaohe.cli.roster:roster_group", "看一份名单文件会读成什么。"),
    "schemes": ("kaohe.cli.schemes:schemes_group", "查看预设方案和本单位方案，检查自己写的方案。"),
    "setup": ("kaohe.cli.people.province:setup_command", "由一个表格文件建立全省的单位、人员和账号。"),
    "unit": ("kaohe.cli.people.units:unit_group", "查看、建立、改名、移动、并入、撤销单位。"),
    "person": ("kaohe.cli.people.register:person_group", "查看、登记、合并人员，登记变动。"),
    "account": ("kaohe.cli.people.units:account_group", "查看账号，改变账号所属的单位。"),
    "sign-in-link": ("kaohe.cli.serve:sign_in_link_command", "生成一次性登录链接。"),
    "tally": ("kaohe.cli.tally.command:tally_command", "由票数或选票文件计算结果，不需要服务器。"),
}
"""Where each command lives; only the one that is asked for is imported, so that ``tally`` loads no server."""


_WORDS = {
    "Options": "选项",
    "OPTIONS": "选项",
    "Commands": "命令",
    "COMMAND": "命令",
    "ARGS": "参数",
    "required": "必填",
    "default: ": "默认 ",
    "Show this message and exit.": "显示这份说明。",
}
"""What click itself writes into a help text, and the same in Chinese."""


class _ChineseHelp(click.HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _in_chinese(args), prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        self.write(f"{_in_chinese(heading)}：\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(term, _in_chinese(text)) for term, text in rows], col_max, col_spacing)


def _in_chinese(text: str) -> str:
    return functools.reduce(lambda said, word: said.replace(word, _WORDS[word]), _WORDS, text)


click.Context.formatter_class = _ChineseHelp


class _LazyCommands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("命令"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in _COMMANDS.items()])


@click.group(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kaohe", message="kaohe %(version)s", help="显示版本号。")
def kaohe() -> None:
    """民主测评：二维码选票、实时大屏、精确计分、归档报表。"""  # noqa: D415 - shown to people as the help text


def run() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # An old terminal that cannot print a character shows its number instead of stopping the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = kaohe.main(prog_name="kaohe", standalone_mode=False)
    except (KaoheError, TallyError) as refusal:
        _refuse(refusal.code, _sentence(refusal))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        sys.exit(REFUSED)
    except click.ClickException as error:
        _refuse("usage", _usage_message(error))
    except (KeyboardInterrupt, click.Abort):
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has had enough of it.
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        unusable = _database_refusal(error)
        if unusable is None:
            raise
        _refuse(unusable.code, unusable.message)
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(refusal: KaoheError | TallyError) -> str:
    if isinstance(refusal, InputsDoubted):
        return f"{refusal.message}{'；'.join(refusal.doubts)}。请核对后用 --answer 回答。"
    return _AT_THE_DESK.get(refusal.message, refusal.message)


def _refuse(code: str, message: str) -> NoReturn:
    click.echo(f"错误：{message}", err=True)
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": code, "message": message}, ensure_ascii=False).encode())
    sys.exit(REFUSED)


def _usage_message(error: click.ClickException) -> str:
    """Click's own complaint in Chinese."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    end = f"用 {context.command_path} --help 查看用法" if context else "在命令后面加上 --help 查看用法"
    match error:
        case click.NoSuchOption():
            said = f"没有 {error.option_name} 这个选项"
        case click.NoSuchCommand():
            said = f"没有 {error.command_name} 这个命令"
        case click.MissingParameter():
            said = f"缺少 {_named(error)}"
        case click.BadParameter(param=click.Parameter(type=click.Path())):
            said, end = f"{_named(error)} 所指的文件或目录打不开", "请检查路径和权限"
        case click.BadParameter():
            said = f"{_named(error)} 的值不正确"
        case click.BadOptionUsage():
            said = f"{error.option_name} 的写法不正确"
        case click.FileError():
            said, end = f"文件 {error.ui_filename} 打不开", "请检查路径和权限"
        case _:
            said = "命令写法有误"
    return f"{said}，{end}。"


def _named(error: click.BadParameter) -> str:
    return error.param.get_error_hint(error.ctx).replace("'", "") if error.param and error.ctx else "参数"


def _database_refusal(error: Exception) -> KaoheError | None:
    if "sqlalchemy" not in sys.modules:
        return None
    from kaohe.storage.starting import as_refusal  # noqa: PLC0415 - a command without a database never loads it

    return as_refusal(error)
