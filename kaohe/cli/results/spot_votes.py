"""``kaohe spot-vote``: a vote on the spot within a meeting is called, announced and left by script."""

from __future__ import annotations

import click

from kaohe.cli.application import ACTOR, MEETING, ApplicationGroup
from kaohe.cli.meeting_output import as_json
from kaohe.cli.results.named import subject_named
from kaohe.operations.chair import spot_votes
from kaohe.operations.setup.preparing import load_meeting

_spot = click.argument("spot_id", metavar="VOTE")


@click.group("spot-vote", cls=ApplicationGroup)
def spot_vote_group() -> None:
    """现场票决：用手中的票当场再投一次。"""  # noqa: D415 - help text


@spot_vote_group.command("candidates")
@MEETING
def candidates(meeting_id: str) -> None:
    """以 JSON 列出考核对象：和谁竞争，方案是否提名，是否被一票否决。"""  # noqa: D415 - help text
    found = spot_votes.list_candidates(meeting_id)
    document = [
        {
            "subject": each.subject.key,
            "name": each.subject.full_name,
            "pool": each.pool,
            "is_proposed": each.is_proposed,
            "is_barred": each.is_barred,
        }
        for each in found
    ]
    click.echo(as_json(document))


@spot_vote_group.command("call")
@MEETING
@click.argument("subjects", metavar="[SUBJECT]...", nargs=-1)
@click.option("--title", required=True, metavar="TEXT", help="票决的名称。")
@click.option("--seats", type=int, metavar="N", help="每类名额；不写则为候选人数的一半。")
@click.option("--elected", default=spot_votes.ELECTED, metavar="WORD", help="当选的称作。")
@click.option("--others", default=spot_votes.NOT_ELECTED, metavar="WORD", help="其余的称作。")
def call(meeting_id: str, subjects: tuple[str, ...], title: str, seats: int | None, elected: str, others: str) -> None:
    """立即开始一场票决，输出它的编号；不写 SUBJECT 时由方案提名的人参加。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    keys = [subject_named(setup.subjects, name).key for name in subjects] or [
        each.subject.key for each in spot_votes.list_candidates(meeting_id) if each.is_proposed
    ]
    words = (elected, others)
    click.echo(spot_votes.call_spot_vote(ACTOR, meeting_id, title=title, subject_keys=keys, seats=seats, words=words))


@spot_vote_group.command("list")
@MEETING
def list_command(meeting_id: str) -> None:
    """以 JSON 列出本场会议的各次票决，新的在前。"""  # noqa: D415 - help text
    votes = spot_votes.list_spot_votes(meeting_id)
    document = [
        {"id": vote.meeting_id, "title": vote.title, "state": str(vote.state), "is_on": vote.is_on} for vote in votes
    ]
    click.echo(as_json(document))


@spot_vote_group.command("announce")
@MEETING
@_spot
def announce(meeting_id: str, spot_id: str) -> None:
    """结束票决、计票并当场公布；规定两人操作的，先用 meeting close、count 完成。"""  # noqa: D415 - help text
    spot_votes.announce_spot_vote(ACTOR, meeting_id, spot_id)
    click.echo("结果已公布。")


@spot_vote_group.command("dismiss")
@MEETING
@_spot
def dismiss(meeting_id: str, spot_id: str) -> None:
    """让大屏和票上的二维码回到主会场。"""  # noqa: D415 - help text
    spot_votes.dismiss_spot_vote(ACTOR, meeting_id, spot_id)
    click.echo("已回到主会场。")
