"""``kaohe backup``, ``verify-backup``, ``restore``, ``upgrade``: copies and their way back; new versions."""

from __future__ import annotations

from pathlib import Path

import click

from kaohe.cli.application import ACTOR, application, new_secrets_taken_back
from kaohe.config import Config
from kaohe.domain.errors import FieldInvalid
from kaohe.operations.archive.looking_up import keep_earlier_results
from kaohe.operations.server.backing_up import BackupFacts, check_backup, make_backup, restore_backup
from kaohe.operations.server.scheduled_backups import back_up_into
from kaohe.operations.server.upgrading import Upgraded, upgrade_database


@click.command("backup")
@click.option(
    "--out",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写到这个文件；已有的文件不会被覆盖。",
)
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="定时备份：写到这个目录，文件名里有时间（UTC），核对无误以后删去过期的、不宜再留的备份。",
)
@click.option(
    "--keep-days", type=click.IntRange(1, 3650), default=30, metavar="N", help="--to 的备份保留多少天，默认 30。"
)
def backup_command(path: Path | None, folder: Path | None, keep_days: int) -> None:
    """备份全部数据，投票中也可以。备份里没有密钥文件 secrets.json，请另行保管它。"""  # noqa: D415 - help text
    if (path is None) == (folder is None):
        raise FieldInvalid("请写明备份到哪里：--out 文件，或 --to 目录（定时备份用），二者选一。")
    with application():
        if path is not None:
            made, facts, removed = path, make_backup(path), 0
        else:
            done = back_up_into(folder or Path(), keep_days)
            made, facts, removed = done.path, done.facts, len(done.removed)
    click.echo(f"备份完成并已核对：{made}")
    if removed:
        click.echo(f"已删去旧的备份 {removed} 份：超过 {keep_days} 天的，和其中的票箱已经开箱或作废的。")
    _say_facts(facts)
    click.echo("请把备份放在另一块盘上，与 secrets.json 分开保管：两者在一起才能打开。")
    click.echo("secrets.json 也请另存一份：没有它，已印的票作废，没开箱的票箱打不开。它不变，存一次即可。")


@click.command("verify-backup")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def verify_backup_command(path: Path) -> None:
    """核对一份备份：文件、票箱和票、操作记录的签名。不改动任何数据，服务器运行中也可以。"""  # noqa: D415 - help text
    with application(is_usable=False):
        facts = check_backup(path)[1]
    click.echo(f"备份完整，与密钥文件相符：{path}")
    _say_facts(facts)


def _say_facts(facts: BackupFacts) -> None:
    _say(facts)
    if facts.sealed_count:
        click.echo(f"其中有 {facts.sealed_count} 张尚未开箱的封票。开箱计票以后，请销毁这份备份。")
    _say_keys(facts)


@click.command("restore")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--head", default="", metavar="CODE", help="会上打印或拍照的操作记录校验码，备份里没有它就不恢复。")
@click.option(
    "--approved-by",
    multiple=True,
    metavar="NAME",
    help="同意恢复较早备份的人，须写两次、两个不同的姓名；会记入操作记录。",
)
@click.option("--secrets-lost", is_flag=True, help="做备份时的 secrets.json 确已丢失；只能恢复到还没有数据的目录。")
def restore_command(path: Path, head: str, approved_by: tuple[str, ...], *, secrets_lost: bool) -> None:
    """恢复备份。比现在的数据或校验码旧的备份不予恢复；被替换的数据库另存在旁边，不会删除。"""  # noqa: D415 - help text
    folder = Config.from_environment().data
    with new_secrets_taken_back(folder) as made, application(is_usable=False, has_own_secrets=not secrets_lost):
        made.are_kept = made.are_kept or not secrets_lost
        done = restore_backup(ACTOR, path, head=head, approved_by=approved_by, has_own_secrets=not secrets_lost)
    click.echo("恢复完成并已核对。")
    _say(done.facts)
    for sentence in done.undone:
        click.echo(f"经两人同意，放弃了{sentence}。")
    if done.kept is not None:
        click.echo(f"原来的数据库另存为 {done.kept}；确认无误后，请按保密要求销毁。")
    _say_keys(done.facts)
    if secrets_lost:
        click.echo("现在还不能使用：请运行 kaohe secrets replace，看清后果，确认后改用新的密钥。")
    if not done.is_compared:
        click.echo("注意：没有现成的数据库，也没有给出校验码，无法判断这是不是最新的备份。")


@click.command("upgrade")
@click.option("--backed-up", is_flag=True, help="PostgreSQL：已经用 pg_dump 备份过。")
def upgrade_command(*, backed_up: bool) -> None:
    """把较早版本的数据库升级到本版本；先备份，有服务器在用或有票箱没开箱时不升级。"""  # noqa: D415 - help text
    done: list[Upgraded | None] = []
    with application(before_use=lambda: done.append(upgrade_database(is_backed_up=backed_up))):
        keep_earlier_results()
    for upgraded in done:
        if upgraded is not None:
            click.echo(f"数据库已由 {upgraded.from_revision} 升级到本版本。")
            if upgraded.copy is not None:
                click.echo(f"升级前的数据库另存为 {upgraded.copy}；确认无误后，请按保密要求销毁。")


def _say_keys(facts: BackupFacts) -> None:
    for name in facts.key_files:
        click.echo(
            f"其中的票箱要有钥匙文件 {name} 才能开箱，备份里没有它：它在 KAOHE_KEYS 或数据目录里，计票前请勿丢失。"
        )


def _say(facts: BackupFacts) -> None:
    for line in facts.meetings:
        head = f"，操作记录校验码 {line.head_text}" if line.head_text else ""
        click.echo(f"  {line.title}：操作记录 {line.acts} 条，收回 {line.cast} 张{head}")
