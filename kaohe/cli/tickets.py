"""``kaohe tickets ID``: tickets are listed for an office that prints its own, issued, voided and replaced."""

from __future__ import annotations

import codecs

import click

from kaohe.cli.application import ACTOR, GROUP, MEETING, ApplicationGroup, application, group_named
from kaohe.cli.two_people import acting, two_people
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.printing import list_slips, new_printing
from kaohe.operations.setup.replacing import reissue_ticket, void_ticket
from kaohe.reports.ticket_slips import tickets_csv


class _TicketsGroup(ApplicationGroup):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``ID --csv`` as well as ``--csv ID``; of itself a group wants its options first."""
        if args and not args[0].startswith("-") and all(arg.startswith("-") for arg in args[1:]):
            args = [*args[1:], args[0]]
        return super().parse_args(ctx, args)


@click.group("tickets", cls=_TicketsGroup, invoke_without_command=True)
@MEETING
@click.option("--csv", "is_csv", is_flag=True, help="输出 CSV：票种,票码,网址。")
@click.pass_context
def tickets_group(context: click.Context, meeting_id: str, *, is_csv: bool) -> None:
    """导出、制作、作废和更换测评票。"""  # noqa: D415 - help text
    context.obj = meeting_id
    if context.invoked_subcommand is not None:
        return
    if not is_csv:
        raise FieldInvalid("请写 --csv 导出票码，或写 issue、void、reissue 之一；用 kaohe tickets --help 查看用法。")
    with application():
        content = tickets_csv(list_slips(meeting_id, new_printing()))
    # The mark is for Excel, which opens files; a program that reads a pipe would take it for part of the first cell.
    click.echo(content.removeprefix(codecs.BOM_UTF8), nl=False)


@tickets_group.command("issue")
@GROUP
@click.option("--count", type=int, default=0, metavar="N", help="要发出的票数。")
@click.option("--spares", type=int, default=0, metavar="N", help="备用票数，算作未发出。")
@click.pass_obj
def issue(meeting_id: str, label: str | None, count: int, spares: int) -> None:
    """制票；开始投票后只能换票。"""  # noqa: D415 - help text
    group = group_named(((each.label, each) for each in load_meeting(meeting_id)[0].groups), label)
    issue_tickets(ACTOR, meeting_id, group.key, count, spares)
    click.echo(f"已为“{group.label}”制票 {count + spares} 张。")


@tickets_group.command("void")
@click.argument("code", metavar="CODE")
@click.pass_obj
def void(meeting_id: str, code: str) -> None:
    """作废一张还没有用过的票。"""  # noqa: D415 - help text
    void_ticket(ACTOR, meeting_id, code)
    click.echo("这张票已作废。")


@tickets_group.command("reissue")
@click.argument("code", metavar="CODE")
@click.option("--reason", default="", metavar="TEXT", help="换发的原因；投票开始后必填。")
@two_people
@click.pass_obj
def reissue(meeting_id: str, code: str, reason: str, proposer: str | None, confirmer: str | None) -> None:
    """作废一张还没有用过的票，换一张同票种的新票，输出新票的网址。"""  # noqa: D415 - help text
    is_open = load_meeting(meeting_id)[1].state is MeetingState.OPEN
    actor = acting(meeting_id, Act.REISSUE_TICKET, proposer, confirmer, reason) if is_open else ACTOR
    click.echo(reissue_ticket(actor, meeting_id, code, reason=reason).url)
