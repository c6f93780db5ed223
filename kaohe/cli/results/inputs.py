"""``kaohe inputs``: scores, earlier periods and decisions of people come into a meeting by script."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from kaohe.cli.application import ACTOR, AS_JSON, MEETING, REASON, ApplicationGroup
from kaohe.cli.meeting_output import as_json
from kaohe.cli.results.brought import periods_in, scores_in
from kaohe.cli.results.named import answer_option, said, subject_named
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.typed_numbers import number_text, read_number
from kaohe.operations.count import importing_scores as importing
from kaohe.operations.count.sources import Answer, offered_periods
from kaohe.operations.setup.deciding import decide, withdraw_decision
from kaohe.operations.setup.inputs import MeetingInputs, load_inputs
from kaohe.operations.setup.preparing import load_meeting
from kaohe.tally.model import Decision, Period
from kaohe.tally.periods import canonical_label

_component = click.argument("component", metavar="COMPONENT")
_file = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))


@click.group("inputs", cls=ApplicationGroup)
def inputs_group() -> None:
    """其他成绩与认定：导入得分和往期结果，认定事项。"""  # noqa: D415 - help text


@inputs_group.command("show")
@MEETING
@AS_JSON
def show(meeting_id: str, *, is_json: bool) -> None:
    """列出已有的得分、往期结果和认定，以及还缺什么。"""  # noqa: D415 - help text
    standing = load_inputs(meeting_id)
    if is_json:
        click.echo(as_json(_document(standing)))
        return
    names = {subject.key: subject.full_name for subject in standing.setup.subjects}
    for (component, key), score in standing.inputs.imported.items():
        click.echo(f"{names[key]}\t{component}\t{number_text(score)}")
    for key, periods in standing.inputs.history.items():
        for period in periods:
            click.echo(f"{names[key]}\t{period.label}\t{_number(period.score) or ''}\t{period.tier or ''}")
    for kept in standing.decisions:
        decision = kept.decision
        amount = _number(decision.amount) or ""
        click.echo(f"{names[decision.subject]}\t{decision.clause}\t{amount}\t{decision.reason}\t{kept.id}")
    for sentence in standing.missing:
        click.echo(f"还缺：{sentence}")


@inputs_group.command("scores")
@MEETING
@_component
@_file
@click.option("--same", "is_same", is_flag=True, help="单位、职务与名单不同的同名对象是同一个。")
def import_scores(meeting_id: str, component: str, path: Path, *, is_same: bool) -> None:
    """由表格导入一个分项的得分；同一对象原有的得分被替换。"""  # noqa: D415 - help text
    scores = scores_in(path, load_meeting(meeting_id)[0], component, is_same=is_same)
    importing.import_scores(ACTOR, meeting_id, component, scores)
    click.echo(f"已导入 {len(scores)} 个。")


@inputs_group.command("take-scores")
@MEETING
@_component
@click.argument("source", metavar="SOURCE")
@answer_option
def take_scores(meeting_id: str, component: str, source: str, answer: str | None) -> None:
    """取另一场会议（SOURCE）的结果作为一个分项的得分。"""  # noqa: D415 - help text
    _echo_taken(component, importing.take_scores(ACTOR, meeting_id, component, source, said(answer)))


@inputs_group.command("clear-scores")
@MEETING
@_component
def clear_scores(meeting_id: str, component: str) -> None:
    """清除一个分项的得分。"""  # noqa: D415 - help text
    importing.clear_scores(ACTOR, meeting_id, component)
    click.echo("已清除。")


@inputs_group.command("periods")
@MEETING
@_file
@answer_option
def import_periods(meeting_id: str, path: Path, answer: str | None) -> None:
    """由表格导入往期结果，每行写姓名、时段和得分、等次或标记。"""  # noqa: D415 - help text
    periods = periods_in(path, load_meeting(meeting_id)[0], is_same=answer == Answer.SAME)
    importing.import_periods(ACTOR, meeting_id, periods, said(answer))
    click.echo(f"已导入 {sum(map(len, periods.values()))} 条。")


@inputs_group.command("take-periods")
@MEETING
@click.option("--from", "wanted", multiple=True, metavar="LABEL=SOURCE", help="时段和它的会议，如 第一季度=v729nn8d。")
@answer_option
def take_periods(meeting_id: str, wanted: tuple[str, ...], answer: str | None) -> None:
    """取其他会议的结果作为往期，全部取到或一期也不取；不写 --from 时取同一单位本年度各期已计票的会议。"""  # noqa: D415 - help text
    pairs = [_pair(each) for each in wanted] or [(each.label, each.meeting_id) for each in offered_periods(meeting_id)]
    taken = importing.take_periods(ACTOR, meeting_id, pairs, said(answer))
    for (label, _), found in zip(pairs, taken, strict=True):
        _echo_taken(label, found)


@inputs_group.command("clear-period")
@MEETING
@click.argument("label", metavar="LABEL")
def clear_period(meeting_id: str, label: str) -> None:
    """删除一期的往期结果。"""  # noqa: D415 - help text
    known, meant = load_inputs(meeting_id).periods, canonical_label(label)
    if meant not in known:
        raise FieldInvalid(f"没有“{label}”的往期结果，现有的是 {'、'.join(known) or '（还没有）'}。")
    importing.clear_period(ACTOR, meeting_id, meant)
    click.echo("已删除。")


@inputs_group.command("decide")
@MEETING
@click.argument("subject", metavar="SUBJECT")
@click.argument("clause", metavar="CLAUSE")
@REASON
@click.option("--amount", metavar="N", help="加分或扣分的分值。")
@click.option("--matter", default="", metavar="TEXT", help="所依据的事项；同一事项只计一次。")
def decide_command(meeting_id: str, subject: str, clause: str, reason: str, amount: str | None, matter: str) -> None:
    """对一名考核对象适用方案的一个条款，输出这条认定的编号。"""  # noqa: D415 - help text
    key = subject_named(load_meeting(meeting_id)[0].subjects, subject).key
    decision = Decision(key, clause, reason, _points(amount), matter)
    click.echo(decide(ACTOR, meeting_id, decision))


@inputs_group.command("withdraw")
@MEETING
@click.argument("decision_id", metavar="DECISION")
@REASON
def withdraw(meeting_id: str, decision_id: str, reason: str) -> None:
    """撤销一条认定；DECISION 是它的编号。"""  # noqa: D415 - help text
    if decision_id not in {kept.id for kept in load_inputs(meeting_id).decisions}:
        raise FieldInvalid(f"没有编号为“{decision_id}”的认定，用 kaohe inputs show 查看编号。")
    withdraw_decision(ACTOR, meeting_id, decision_id, reason)
    click.echo("已撤销。")


def _document(standing: MeetingInputs) -> dict[str, object]:
    return {
        "scores": [
            {"component": component, "subject": key, "score": number_text(score)}
            for (component, key), score in standing.inputs.imported.items()
        ],
        "periods": [
            {"subject": key, **_period(period)}
            for key, periods in standing.inputs.history.items()
            for period in sorted(periods, key=lambda period: standing.periods.index(period.label))
        ],
        "decisions": [
            {
                "id": kept.id,
                "subject": kept.decision.subject,
                "clause": kept.decision.clause,
                "amount": _number(kept.decision.amount),
                "matter": kept.decision.matter,
                "reason": kept.decision.reason,
            }
            for kept in standing.decisions
        ],
        "missing": list(standing.missing),
    }


def _period(period: Period) -> dict[str, object]:
    score = _number(period.score)
    return {"period": period.label, "score": score, "tier": period.tier, "flags": sorted(period.flags)}


def _number(number: Fraction | None) -> str | None:
    return None if number is None else number_text(number)


def _pair(text: str) -> tuple[str, str]:
    label, equals, source = text.partition("=")
    if not equals:
        raise FieldInvalid("--from 请写成 时段=会议编号，如 第一季度=v729nn8d。")
    return label, source


def _points(typed: str | None) -> Fraction | None:
    amount = read_number(typed) if typed else None
    if typed and amount is None:
        raise FieldInvalid("--amount 请写数字，如 2、0.5。")
    return amount


def _echo_taken(what: str, taken: importing.Taken) -> None:
    click.echo(f"{what}\t{taken.count}")
    if taken.not_found:
        click.echo(f"注意：“{what}”的会议中没有 {'、'.join(taken.not_found)}，请另行补上。", err=True)
