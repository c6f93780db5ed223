"""口径说明: the settings that made the numbers, one Chinese sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from kaohe.tally.notes.tiers import component_notes, tier_notes
from kaohe.tally.notes.warnings import QUORUM_LABELS
from kaohe.tally.rounding import percent_text, unrounded_text
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scales import TableRow
from kaohe.tally.scheme.scheme import (
    AbstentionRule,
    Combine,
    EmptyGroupRule,
    InvalidRule,
    PercentBase,
    Relation,
    Scheme,
    ScoreRule,
    TieRule,
)
from kaohe.tally.scores.bases import BASE_LABELS
from kaohe.tally.scores.cell_explaining import best_label
from kaohe.tally.scores.sharing import has_upper_rate, upper_label


def scheme_notes(scheme: Scheme) -> tuple[str, ...]:
    """State every setting of a scheme that has a part in its numbers; rules without a part are left out."""
    return (
        *(_votes_notes(scheme) if scheme.has_votes else ()),
        *component_notes(scheme),
        f"舍入：全程按分数精确计算，只在最后四舍五入一次，保留 {scheme.decimals} 位小数。",
        _TIES[scheme.tie_rule],
        *(_invalid_notes(scheme) if scheme.has_votes else ()),
        *tier_notes(scheme),
        *step_notes(scheme),
        *scheme.remarks,
    )


def _votes_notes(scheme: Scheme) -> Iterator[str]:
    yield from _score_notes(scheme)
    yield from _rate_notes(scheme)
    yield from _weight_notes(scheme)
    yield from _relation_notes(scheme)


_TIES = {
    TieRule.NONE: "名次：在同一类别内按印出的得分排列，得分相同的名次并列，其后名次顺延（1、2、2、4）。",
    TieRule.TOP_GRADES: (
        "名次：在同一类别内按印出的得分排列，得分相同的依次比较最高等次、次高等次的票数，多者在前；"
        "仍相同的名次并列，其后名次顺延（1、2、2、4）。"
    ),
}


def step_notes(scheme: Scheme) -> Iterator[str]:
    """State what is asked of the meeting itself: its steps, who must be present, when a review may be asked for."""
    if scheme.bands and len(scheme.ruling_steps) > 1:
        yield f"程序：由规则得出的是建议等次，经{'、'.join(scheme.ruling_steps)}后确定。"
    if scheme.quorum is not None:
        yield f"到会：实到人数须{QUORUM_LABELS[scheme.quorum]}，会议方为有效。"
    if scheme.review_days is not None:
        yield f"复核：对结果不服的，可在公布后 {scheme.review_days} 日内申请。"


def _score_notes(scheme: Scheme) -> Iterator[str]:
    if any(scheme.scale_of(dimension) is None for dimension in scheme.dimensions):
        yield from _grade_notes(scheme)
    if any(scheme.scale_of(dimension) is not None for dimension in scheme.dimensions):
        yield from _number_notes(scheme)
    base = BASE_LABELS[scheme.score_base]
    if scheme.score_base is not PercentBase.VALID:
        yield f"弃权、漏选和无效：都在{base}之内，相当于按 0 分计。"
    elif scheme.abstention is AbstentionRule.ZERO:
        yield "弃权和漏选：按 0 分计，计入除数。"
    else:
        yield "弃权和漏选：不计分，也不计入除数。"
    if scheme.may_leave_out:
        yield "不评：投票人可以写明不评某个对象（如本人、没有评分关系的人），该对象的收回票数不含这样的票。"
    if scheme.may_fill_rest:
        yield "其余同评：投票人可以一次给其余尚未评的对象选同一个等次，提交前可以撤销和修改。"


def _grade_notes(scheme: Scheme) -> Iterator[str]:
    base = BASE_LABELS[scheme.score_base]
    if scheme.score_by is ScoreRule.VOTES:
        yield f"得分：{best_label(scheme)}的票数。"
        return
    if scheme.score_by is not ScoreRule.POINTS:
        yield f"得票率：{best_label(scheme)}的票数除以{base}，乘以 100。"
        if scheme.score_by is ScoreRule.TABLE:
            rows = "；".join(_row_text(row) for row in scheme.score_table)
            yield f"对照表：按得票率从上到下取第一个符合的：{rows}。"
        return
    points = "、".join(f"{grade.label} {unrounded_text(grade.points)} 分" for grade in scheme.grades)
    yield f"分值：{points}。"
    yield (
        "得分：各等次票数乘以分值之和，除以有效票；有效票是在该对象、该维度上评了等次的票。"
        if scheme.score_base is PercentBase.VALID
        else f"得分：各等次票数乘以分值之和，除以{base}。"
    )


def _row_text(row: TableRow) -> str:
    also = "" if row.lower_under is None else f"且其余等次低于 {unrounded_text(row.lower_under)}% 的"
    return f"{unrounded_text(row.at_least)}% 以上{also}得 {unrounded_text(row.score)} 分"


def _number_notes(scheme: Scheme) -> Iterator[str]:
    scales = "、".join(
        f"{dimension.label} {unrounded_text(scale.low)}–{unrounded_text(scale.high)}"
        for dimension in scheme.dimensions
        if (scale := scheme.scale_of(dimension)) is not None
    )
    yield f"打分：{scales}；得分为各票所打分数之和，除以{BASE_LABELS[scheme.score_base]}。"
    if scheme.trim is not None:
        yield (
            f"去极值：打分满 {scheme.trim.begins_at} 个的，去掉 {scheme.trim.high} 个最高分和 "
            f"{scheme.trim.low} 个最低分，不满的不去掉。"
        )


def _rate_notes(scheme: Scheme) -> Iterator[str]:
    if not scheme.grades:
        return
    pooled = "，各票种合并计算" if len(scheme.groups) > 1 else ""
    yield f"占比：各等次票数除以{BASE_LABELS[scheme.rate_base]}{pooled}。"
    if has_upper_rate(scheme):
        best, second = scheme.grades[:2]
        yield f"{upper_label(scheme)}率：{best.label}与{second.label}的票数之和除以{BASE_LABELS[scheme.rate_base]}。"
    if scheme.rate_base is not PercentBase.VALID and scheme.choose is None:
        yield "弃权等：弃权、漏选、无效和没有投的合计，与各等次合起来是 100%。"
    yield "各项占比分别四舍五入，合计可能不是 100%，不作调平。"


_GRADED = {
    Relation.OWN_UNIT: "本单位的对象",
    Relation.OTHER_UNITS: "其他单位的对象",
    Relation.OWN_PEOPLE: "所主管、分管的对象",
}


def _relation_notes(scheme: Scheme) -> Iterator[str]:
    graded = [f"{g.label}只评{_GRADED[g.relation]}" for g in scheme.groups if g.relation is not Relation.ALL]
    if graded:
        yield f"评分关系：{'；'.join(graded)}，其得分按实际评该对象的票计算。"


def _weight_notes(scheme: Scheme) -> Iterator[str]:
    if any(dimension.groups for dimension in scheme.dimensions):
        filled = "；".join(
            f"{dimension.label}由{'、'.join(group.label for group in scheme.fillers(dimension))}填写"
            for dimension in scheme.dimensions
        )
        yield f"分工：{filled}。"
    if any(len(scheme.fillers(dimension)) > 1 for dimension in scheme.dimensions):
        weights = "、".join(f"{group.label} {percent_text(group.weight)}" for group in scheme.groups)
        yield f"票种：各票种先分别计算平均得分，再按权重（{weights}）加权，票数不合并。"
        if scheme.empty_group is EmptyGroupRule.RENORMALISE:
            yield "无票的票种：没有可以计分的票的票种，其权重按比例分给其余票种，并作提示。"
        else:
            yield "无票的票种：没有可以计分的票的票种按 0 分计，并作提示。"
    if len(scheme.dimensions) > 1:
        if scheme.combine is Combine.SUM:
            yield "维度：各维度得分相加。"
            return
        weights = "、".join(f"{dimension.label} {percent_text(dimension.weight)}" for dimension in scheme.dimensions)
        yield f"维度：各维度得分按权重（{weights}）加权。"


def _invalid_notes(scheme: Scheme) -> Iterator[str]:
    if scheme.invalid_rule is InvalidRule.BALLOT:
        yield "无效票：一项选了两个以上等次的，整张票无效。"
    else:
        yield "无效票：一项选了两个以上等次的，该项无效，其余各项有效。"
    if scheme.choose is not None:
        yield from _choice_notes(scheme.choose, scheme.rate_base)
    if scheme.top_grade_limit is not None:
        spread = "整张票无效" if scheme.invalid_rule is InvalidRule.BALLOT else "该维度上的这些评价无效"
        yield (
            f"名额：每张票在每个维度上至多评 {scheme.top_grade_limit} 个{scheme.grades[0].label}，超过的，{spread}。"
        )


def _choice_notes(choose: Choose, base: PercentBase) -> Iterator[str]:
    seats = (
        f" {choose.seats} 个" if choose.seats_share is None else f"人选的 {percent_text(choose.seats_share)}，取整数"
    )
    most = "不超过名额数" if choose.most is None else f"至多 {choose.most} 个"
    least = f"，至少 {choose.fewest} 个" if choose.fewest else ""
    yield f"票决：名额为{seats}，人选必须多于名额；每票选{most}{least}。"
    if choose.over is not None:
        yield f"得票：得票须超过{BASE_LABELS[base]}的 {percent_text(choose.over)}，才能{choose.elected}。"
    yield f"票决结果：同一类别内票数多的{choose.elected}；末位票数相同、名额不够的都不{choose.elected}，再次投票。"
