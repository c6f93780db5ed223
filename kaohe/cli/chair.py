"""The acts of the chair as commands: open, pause, close, count, publish, reveal, void; the numbers and the key."""

from __future__ import annotations

import click

from kaohe.cli.application import ACTOR, GROUP, MEETING, ApplicationGroup, group_named
from kaohe.cli.two_people import acting, acting_as, ask_unseen, one_person, two_people
from kaohe.domain.meetings import Custody
from kaohe.domain.permissions import Act
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next
from kaohe.operations.chair.reveal_orders import subjects_to_reveal
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting, resume_meeting
from kaohe.operations.count.box_keys import key_copy_reminder
from kaohe.operations.count.computing import is_computed
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.setup.key import draw_up_key, draw_up_shares, give_share, load_shares, prove_key, prove_share
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal


@click.group("meeting", cls=ApplicationGroup)
def meeting_group() -> None:
    """创建、主持和查看测评会。"""  # noqa: D415 - help text


@meeting_group.command("open")
@MEETING
def open_command(meeting_id: str) -> None:
    """开始投票；本场不投票的，定稿。"""  # noqa: D415 - help text
    open_meeting(ACTOR, meeting_id)
    done = "本场不投票，已定稿，可以汇总。" if is_computed(meeting_id) else "投票已开始。"
    click.echo(done)


def _asks_for_key(meeting_id: str) -> bool:
    return load_meeting(meeting_id)[0].custody is Custody.TELLERS and not is_computed(meeting_id)


@meeting_group.command("pause")
@MEETING
def pause_command(meeting_id: str) -> None:
    """暂停收票。"""  # noqa: D415 - help text
    pause_meeting(ACTOR, meeting_id)
    click.echo("已暂停收票。")


@meeting_group.command("resume")
@MEETING
def resume_command(meeting_id: str) -> None:
    """恢复收票。"""  # noqa: D415 - help text
    resume_meeting(ACTOR, meeting_id)
    click.echo("已恢复收票。")


@meeting_group.command("close")
@MEETING
@two_people
def close_command(meeting_id: str, proposer: str | None, confirmer: str | None) -> None:
    """结束投票。"""  # noqa: D415 - help text
    cast = close_meeting(acting(meeting_id, Act.CLOSE, proposer, confirmer), meeting_id)
    click.echo(f"投票已结束，收回 {cast} 张。")


@meeting_group.command("count")
@MEETING
@click.option("--key", metavar="KEY", help="监票人钥匙单上的钥匙；不写则从标准输入读取。由服务器保管时不需要。")
@two_people
def count_command(meeting_id: str, key: str | None, proposer: str | None, confirmer: str | None) -> None:
    """开箱计票；本场不投票的，汇总成绩。"""  # noqa: D415 - help text
    actor = acting(meeting_id, Act.COUNT, proposer, confirmer)
    if key is None and _asks_for_key(meeting_id):
        key = ask_unseen("钥匙")
    if give_share(actor, meeting_id, key or ""):
        click.echo("这一张输入正确，请由另一位监票人在 15 分钟内输入另一张。", err=True)
        key = ask_unseen("另一张钥匙单")
    count = count_meeting(actor, meeting_id, key)
    done = "已汇总成绩，本场没有选票。" if is_computed(meeting_id) else f"已开箱计票，共 {count} 张。"
    done = f"{done}\n{key_copy_reminder(meeting_id)}".rstrip()
    click.echo(done)


@meeting_group.command("publish")
@MEETING
@click.option("--without-present", is_flag=True, help="没有登记实到人数也公布，表上写明“实到 未登记”。")
@one_person
def publish_command(meeting_id: str, *, without_present: bool, person: str | None) -> None:
    """公布结果，大屏幕可以开始逐个揭晓。"""  # noqa: D415 - help text
    publish_result(acting_as(meeting_id, Act.PUBLISH, person), meeting_id, without_present=without_present)
    click.echo("结果已公布。")


@meeting_group.command("reveal")
@MEETING
@click.option("--all", "is_all", is_flag=True, help="全部揭晓。")
def reveal_command(meeting_id: str, *, is_all: bool) -> None:
    """在大屏幕上揭晓下一个考核对象。"""  # noqa: D415 - help text
    (reveal_all if is_all else reveal_next)(ACTOR, meeting_id)
    setup, current = load_meeting(meeting_id)
    click.echo(f"已揭晓 {current.revealed_count}/{len(subjects_to_reveal(current, setup))}。")


@meeting_group.command("void")
@MEETING
@click.option("--reason", required=True, metavar="TEXT", help="作废原因，记入操作记录。")
@two_people
def void_command(meeting_id: str, reason: str, proposer: str | None, confirmer: str | None) -> None:
    """作废本轮投票，准备重投；原有数据保留。"""  # noqa: D415 - help text
    void_round(acting(meeting_id, Act.VOID, proposer, confirmer, reason), meeting_id, reason)
    number = load_meeting(meeting_id)[1].number
    click.echo(f"本轮已作废，可以开始第 {number} 轮。")


@meeting_group.command("numbers")
@MEETING
@GROUP
@click.option("--present", type=int, metavar="N", help="实到人数；不写则不变。")
@click.option("--left-over", type=int, metavar="N", help="已制而未发出的票数；不写则不变。")
def numbers_command(meeting_id: str, label: str | None, present: int | None, left_over: int | None) -> None:
    """登记实到人数和未发出的票数。"""  # noqa: D415 - help text
    group = group_named(((each.label, each) for each in load_board(meeting_id).groups), label)
    record_numbers(
        ACTOR,
        meeting_id,
        group.key,
        present=group.present if present is None else present,
        left_over=group.left_over if left_over is None else left_over,
    )
    for warning in load_board(meeting_id).warnings:
        click.echo(f"注意：{warning}", err=True)
    click.echo("已登记。")


@meeting_group.command("key")
@MEETING
@click.option("--split", "is_split", is_flag=True, help="分成三张，一行一张，任意两张可以开箱。")
def key_command(meeting_id: str, *, is_split: bool) -> None:
    """生成监票人保管的钥匙并输出钥匙单内容；只输出这一次，服务器不保存。"""  # noqa: D415 - help text
    if is_split:
        for share in draw_up_shares(ACTOR, meeting_id):
            click.echo(share.text)
    else:
        click.echo(draw_up_key(ACTOR, meeting_id))


@meeting_group.command("prove")
@MEETING
def prove_command(meeting_id: str) -> None:
    """从标准输入读取钥匙，试开通过后才能开始投票；分成三张的，每张运行一次。"""  # noqa: D415 - help text
    if load_shares(meeting_id) is None:
        prove_key(ACTOR, meeting_id, ask_unseen("钥匙"))
    else:
        state = prove_share(ACTOR, meeting_id, ask_unseen("钥匙"))
        if state.waiting_number is not None:
            click.echo(f"第 {state.waiting_number} 张输入正确，请由另一位监票人在 15 分钟内输入另一张。")
            return
    click.echo("钥匙试开通过。")


@meeting_group.command("rehearse")
@MEETING
@click.option("--wipe", is_flag=True, help="清除试投。")
def rehearse_command(meeting_id: str, *, wipe: bool) -> None:
    """开始试投，每个票种输出几张试投票的网址；试投不计入结果。"""  # noqa: D415 - help text
    if wipe:
        wipe_rehearsal(ACTOR, meeting_id)
        click.echo("试投已清除。")
        return
    start_rehearsal(ACTOR, meeting_id)
    for ticket in trial_tickets(meeting_id):
        click.echo(f"{ticket.group_label}\t{ticket.url}")
