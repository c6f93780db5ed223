"""``kaohe ruling``, ``kaohe correction`` and ``kaohe review``: what people rule, correct and answer, by script."""

from __future__ import annotations

import click

from kaohe.cli.application import ACTOR, AS_JSON, MEETING, REASON, ApplicationGroup
from kaohe.cli.meeting_output import as_json
from kaohe.cli.results.named import subject_named, tier_named
from kaohe.cli.two_people import acting, acting_as, one_person, two_people
from kaohe.domain.permissions import Act
from kaohe.domain.reviews import ReviewOutcome
from kaohe.operations.count.correcting import correct_result, list_versions, load_correction
from kaohe.operations.count.results import load_next
from kaohe.operations.count.reviewing import answer_review, decide_review, list_reviews, receive_review
from kaohe.operations.count.ruling import rule, rule_others, withdraw_ruling
from kaohe.operations.setup.preparing import load_meeting
from kaohe.tally.model import Ruling

_step = click.argument("step", metavar="STEP")
_number = click.argument("number", metavar="N", type=int)
_why = click.option("--reason", default="", metavar="TEXT", help="理由，可以不写。")
_decided_on = click.option("--day", default="", metavar="DAY", help="审定的日期，如 2026-12-20。")
_day = click.option("--day", required=True, metavar="DAY", help="日期，如 2026-12-20。")
_minute = click.option("--minute", default="", metavar="TEXT", help="会议纪要的名称或文号。")


@click.group("ruling", cls=ApplicationGroup)
def ruling_group() -> None:
    """审定等次：按步骤确定建议等次以外的等次，或确认其余的人。"""  # noqa: D415 - help text


@ruling_group.command("show")
@MEETING
@AS_JSON
def show_rulings(meeting_id: str, *, is_json: bool) -> None:
    """列出每人的建议等次和各步骤的审定等次，以及名额边缘的并列。"""  # noqa: D415 - help text
    result = load_next(meeting_id).result
    rows = [
        {
            "subject": row.subject.key,
            "name": row.subject.full_name,
            "recommended": row.recommended_label,
            "ruled": {one.step: one.tier_label for one in row.rulings},
            "tier": row.tier_label,
        }
        for row in result.subjects
    ]
    ties = [{"places": tie.places, "subjects": list(tie.subjects)} for tie in result.edge_ties]
    if is_json:
        click.echo(as_json({"subjects": rows, "ties": ties}))
        return
    for row in result.subjects:
        ruled = "\t".join(f"{one.step}：{one.tier_label or '不定等次'}" for one in row.rulings)
        click.echo(f"{row.subject.full_name}\t{row.recommended_label or '不定等次'}\t{ruled}".rstrip())
    for tie in result.edge_ties:
        click.echo(f"并列：名额还剩 {tie.places} 个，{'、'.join(tie.subjects)} 并列，请研究后审定。")


@ruling_group.command("rule")
@MEETING
@_step
@click.argument("tier", metavar="TIER")
@click.argument("subjects", metavar="SUBJECT...", nargs=-1, required=True)
@REASON
@_decided_on
@_minute
@one_person
def rule_command(
    meeting_id: str,
    step: str,
    tier: str,
    subjects: tuple[str, ...],
    reason: str,
    day: str,
    minute: str,
    person: str | None,
) -> None:
    """在一个步骤把几名考核对象定为一个等次（none 为不定等次）。"""  # noqa: D415 - help text
    setup, _ = load_meeting(meeting_id)
    keys = [subject_named(setup.subjects, name).key for name in subjects]
    actor = acting_as(meeting_id, Act.RULE, person)
    rule(actor, meeting_id, keys, Ruling(step, "", tier_named(setup, tier), reason, day, minute))
    click.echo("已保存。")


@ruling_group.command("others")
@MEETING
@_step
@_why
@_decided_on
@_minute
@one_person
def others_command(meeting_id: str, step: str, reason: str, day: str, minute: str, person: str | None) -> None:
    """在一个步骤确认其余考核对象的等次。"""  # noqa: D415 - help text
    actor = acting_as(meeting_id, Act.RULE, person)
    rule_others(actor, meeting_id, Ruling(step, "", "", reason, day, minute))
    click.echo("已保存。")


@ruling_group.command("withdraw")
@MEETING
@_step
@click.argument("subject", metavar="[SUBJECT]", default="")
@REASON
@one_person
def withdraw_command(meeting_id: str, step: str, subject: str, reason: str, person: str | None) -> None:
    """撤销一名考核对象在一个步骤的审定；不写 SUBJECT 时撤销对其余对象的确认。"""  # noqa: D415 - help text
    key = subject_named(load_meeting(meeting_id)[0].subjects, subject).key if subject else ""
    withdraw_ruling(acting_as(meeting_id, Act.RULE, person), meeting_id, step, key, reason)
    click.echo("已撤销。")


@click.group("correction", cls=ApplicationGroup)
def correction_group() -> None:
    """更正已公布的结果：作为新的一版公布，原来的保留。"""  # noqa: D415 - help text


@correction_group.command("show")
@MEETING
@AS_JSON
def show_correction(meeting_id: str, *, is_json: bool) -> None:
    """列出各版，以及公布以后改动了什么。"""  # noqa: D415 - help text
    correction, versions = load_correction(meeting_id), list_versions(meeting_id)
    if is_json:
        listed = [{"version": each.number, "reason": each.reason} for each in versions]
        changes = {"is_changed": correction.is_changed, "differences": list(correction.differences)}
        click.echo(as_json({"versions": listed, **changes, "problem": correction.problem}))
        return
    for each in versions:
        click.echo(f"第 {each.number} 版\t{each.reason}".rstrip())
    for sentence in correction.differences:
        click.echo(f"将更正：{sentence}")
    if correction.problem:
        click.echo(f"还不能更正：{correction.problem}")


@correction_group.command("publish")
@MEETING
@REASON
@two_people
def publish_correction(meeting_id: str, reason: str, proposer: str | None, confirmer: str | None) -> None:
    """把公布以后改动的成绩、认定和审定作为新的一版公布，输出版号。"""  # noqa: D415 - help text
    actor = acting(meeting_id, Act.CORRECT, proposer, confirmer, reason)
    click.echo(str(correct_result(actor, meeting_id, reason)))


@click.group("review", cls=ApplicationGroup)
def review_group() -> None:
    """复核：登记申请、决定和答复；改变结果的，随后更正。"""  # noqa: D415 - help text


@review_group.command("list")
@MEETING
def list_command(meeting_id: str) -> None:
    """以 JSON 列出各项复核和申请的截止日。"""  # noqa: D415 - help text
    found = list_reviews(meeting_id)
    reviews = [
        {
            "number": each.number,
            "subject": each.subject,
            "asked_on": each.asked_on.isoformat(),
            "is_late": found.is_late(each),
            "request": each.request,
            "outcome": each.outcome,
            "decided_on": each.decided_on.isoformat() if each.decided_on else None,
            "reason": each.reason,
            "answered_on": each.answered_on.isoformat() if each.answered_on else None,
            "days_taken": each.days_taken,
            "version": each.version,
        }
        for each in found.reviews
    ]
    last_day = found.last_day.isoformat() if found.last_day else None
    click.echo(as_json({"last_day": last_day, "reviews": reviews}))


@review_group.command("receive")
@MEETING
@click.argument("subject", metavar="SUBJECT")
@_day
@click.option("--request", "text", required=True, metavar="TEXT", help="申请复核什么，理由是什么。")
def receive_command(meeting_id: str, subject: str, day: str, text: str) -> None:
    """登记一名考核对象的复核申请，输出序号。"""  # noqa: D415 - help text
    key = subject_named(load_meeting(meeting_id)[0].subjects, subject).key
    click.echo(str(receive_review(ACTOR, meeting_id, subject=key, asked_on=day, request=text)))


@review_group.command("decide")
@MEETING
@_number
@click.argument("outcome", type=click.Choice([outcome.value for outcome in ReviewOutcome]))
@_day
@REASON
def decide_command(meeting_id: str, number: int, outcome: str, day: str, reason: str) -> None:
    """登记复核的决定：upheld 维持、changed 改变、withdrawn 本人撤回。"""  # noqa: D415 - help text
    decide_review(ACTOR, meeting_id, number, outcome=outcome, decided_on=day, reason=reason)
    click.echo("已保存。")


@review_group.command("answer")
@MEETING
@_number
@_day
def answer_command(meeting_id: str, number: int, day: str) -> None:
    """登记答复本人的日期。"""  # noqa: D415 - help text
    answer_review(ACTOR, meeting_id, number, day)
    click.echo("已保存。")
