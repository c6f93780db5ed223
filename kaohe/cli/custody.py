"""``kaohe challenge`` and ``kaohe purge``: what tellers compare, and what is destroyed when its time is over."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kaohe.cli.application import ACTOR, MEETING, ApplicationCommand, ApplicationGroup
from kaohe.cli.two_people import acting, two_people
from kaohe.domain.permissions import Act
from kaohe.operations.archive.purging import list_due, purge_meeting
from kaohe.operations.count.challenging import choices_of, conclude_challenges, declare_challenges, open_challenges
from kaohe.operations.setup.key import give_share
from kaohe.operations.setup.preparing import load_meeting


@click.group("challenge", cls=ApplicationGroup)
def challenge_group() -> None:
    """监票抽查：登记、开出、记录结论。"""  # noqa: D415 - help text


@challenge_group.command("declare")
@MEETING
@click.argument("count", type=int, metavar="N")
def declare(meeting_id: str, count: int) -> None:
    """投票前登记抽查票数；0 为不抽查。"""  # noqa: D415 - help text
    declare_challenges(ACTOR, meeting_id, count)
    click.echo(f"已登记抽查票 {count} 张。")


@challenge_group.command("open")
@MEETING
@click.option(
    "--codes",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    metavar="FILE",
    help="抽查码，一行一个。",
)
@click.option("--key", metavar="KEY", default="", help="监票人的钥匙；分成三张的写两张，用空格隔开。")
def open_command(meeting_id: str, path: Path, key: str) -> None:
    """投票结束后开出抽查票，逐票列出选择；这些票不计入结果。"""  # noqa: D415 - help text
    codes = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if key and give_share(ACTOR, meeting_id, key):
        click.echo("这一张输入正确，请在 15 分钟内用另一张再运行一次。", err=True)
        return
    found = open_challenges(ACTOR, meeting_id, codes, key)
    setup = load_meeting(meeting_id)[0]
    for meeting in found:
        click.echo(f"回执 {meeting.receipt}")
        for name, dimension, chosen in choices_of(setup, meeting.ballot):
            click.echo(f"\t{name}\t{dimension}\t{chosen}")


@challenge_group.command("conclude")
@MEETING
@click.option("--same/--different", "is_same", required=True, help="逐票相符，或有不相符的。")
def conclude(meeting_id: str, *, is_same: bool) -> None:
    """把对照结论记入操作记录。"""  # noqa: D415 - help text
    conclude_challenges(ACTOR, meeting_id, is_same=is_same)
    click.echo("已记入操作记录。")


@click.command("purge", cls=ApplicationCommand)
@click.argument("meeting_ids", nargs=-1, metavar="[ID]...")
@click.option("--dry-run", is_flag=True, help="只列出到期的会议，不清除。")
@click.option("--force", "reason", default="", metavar="REASON", help="提前清除所列会议的原因，记入操作记录。")
@two_people
def purge_command(
    meeting_ids: tuple[str, ...], *, dry_run: bool, reason: str, proposer: str | None, confirmer: str | None
) -> None:
    """清除到期会议的选票、意见建议、回执和票码，只保留票数和结果；不写编号则清除全部到期的会议。"""  # noqa: D415 - help text
    due = list_due()
    if dry_run:
        for meeting in due:
            if not meeting_ids or meeting.meeting_id in meeting_ids:
                click.echo(f"{meeting.meeting_id}\t{meeting.purge_on}\t{meeting.ballot_count} 张\t{meeting.title}")
        return
    if reason and not meeting_ids:
        click.echo("错误：提前清除须写明会议编号。", err=True)
        sys.exit(2)
    for meeting_id in meeting_ids or [meeting.meeting_id for meeting in due]:
        actor = acting(meeting_id, Act.PURGE, proposer, confirmer, reason)
        count = purge_meeting(actor, meeting_id, forced_reason=reason)
        click.echo(f"{meeting_id}\t已清除 {count} 张")
