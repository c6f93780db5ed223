"""``kaohe demo --live``: the example's ballots are cast over HTTP, as if a hall were voting."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kaohe.cli.application import application
from kaohe.cli.example import LIVE_TITLE, drawn_tickets, example_ballots, is_example, prepare_example
from kaohe.cli.plain_voter import Form, PlainVoter
from kaohe.cli.serve import projector_url
from kaohe.config import Config
from kaohe.domain.ballots import FIRST_STYLE
from kaohe.domain.errors import FieldInvalid, MeetingUnknown
from kaohe.operations.setup.preparing import list_meetings, load_meeting


@click.command("demo")
@click.option("--live", is_flag=True, required=True, help="向运行中的服务器逐张投票。")
@click.option("--pace", type=float, default=5, show_default=True, metavar="N", help="每秒投多少张票。")
@click.option("--count", type=int, metavar="N", help="共投多少张票；不写则投完全部示例选票。")
@click.option("--url", metavar="URL", help="服务器的网址；不写则为本机。")
@click.option("--meeting", "meeting_id", metavar="ID", help="接着向这场演示会议投票；不写则新建一场。")
def demo_command(*, live: bool, pace: float, count: int | None, url: str | None, meeting_id: str | None) -> None:
    """用虚构的示例选票演示一个会场的投票过程，大屏幕分批更新。"""  # noqa: D415 - help text
    del live
    ballots = example_ballots()
    count = len(ballots) if count is None else count
    if not 0 < pace <= 1000 or not 1 <= count <= len(ballots):  # noqa: PLR2004 - one client is no faster
        raise FieldInvalid(f"--pace 应大于 0、不超过 1000，--count 应为 1 到 {len(ballots)}。")
    config = Config.from_environment()
    console = Console(highlight=False)
    with application(), PlainVoter(url or f"http://127.0.0.1:{config.port}") as voter:
        voter.require_server()
        chosen, slips = prepare_example(LIVE_TITLE) if meeting_id is None else (meeting_id, ())
        _require_example(chosen)
        setup, _ = load_meeting(chosen)
        codes = chain((ticket.code for ticket in slips), drawn_tickets(chosen))
        console.print(f"会议：{setup.title}（{chosen}）", soft_wrap=True)
        console.print(f"大屏幕：{projector_url(url or config.public_url, chosen)}", soft_wrap=True)
        cast_count = _vote(voter, f"/v/{chosen}/{FIRST_STYLE}", codes, ballots[:count], pace, console)
        console.print(f"已投 {cast_count} 张。结束投票：kaohe meeting close {chosen}", soft_wrap=True)


def _require_example(meeting_id: str) -> None:
    """Ballots from a file have no place in a meeting that people mean.

    Raises:
        MeetingUnknown, FieldInvalid: there is no such meeting, or it is none of the demonstration's.
    """
    line = next((line for line in list_meetings() if line.id == meeting_id), None)
    if line is None:
        raise MeetingUnknown(f"没有编号为 {meeting_id} 的会议，用 kaohe meeting list 查看。")
    if not is_example(line):
        raise FieldInvalid(f"“{line.title}”不是演示会议，不能向它投入演示用的票。请去掉 --meeting。")


def _vote(
    voter: PlainVoter,
    path: str,
    codes: Iterator[str],
    ballots: Sequence[Sequence[str]],
    pace: float,
    console: Console,
) -> int:
    """Cast ``ballots`` at ``pace`` per second; the number that were taken, fewer once the tickets have run out."""
    columns = (TextColumn("投票"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    taken = 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(ballots))
        begun = time.monotonic()
        for number, marks in enumerate(ballots):
            time.sleep(max(0.0, begun + number / pace - time.monotonic()))
            ticket = next(codes, None)
            if ticket is None:
                console.print("这场会议的票已经用完。")
                break
            form = voter.get_form(path)
            voter.cast(path, form, ticket, _filled(form, marks))
            taken += 1
            progress.advance(task)
    return taken


def _filled(form: Form, marks: Sequence[str]) -> dict[str, str]:
    if len(form.choices) != len(marks):
        raise FieldInvalid(f"演示选票有 {len(marks)} 个考核对象，这场会议有 {len(form.choices)} 项，不能投入。")
    return dict(zip(form.choices, marks, strict=True))
