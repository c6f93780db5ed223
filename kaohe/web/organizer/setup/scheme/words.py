"""A scheme in words: what it asks on the phone, and what it computes, in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kaohe.domain.typed_numbers import number_text
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.components import ComponentSource
from kaohe.tally.scheme.questions import QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import EVERYONE, Combine, Scheme, ScoreRule
from kaohe.tally.scheme.tiers import Effect, are_voted

_LABELS_SHOWN = 6
_SOURCES = {
    ComponentSource.VOTES: "本场测评",
    ComponentSource.IMPORTED: "导入",
    ComponentSource.MEETING: "另一场测评",
    ComponentSource.PERIODS: "往期结果",
}


def asked_line(scheme: Scheme) -> str:
    """What a voter is asked, in a line."""
    if not any(section.scheme.has_votes for section in scheme.sections):
        return "不投票，由往期结果计算"
    sections = _joined([section.label for section in scheme.declared_sections])
    forms = f"{len(scheme.declared_sections)} 张分表（{sections}）；" if scheme.declared_sections else ""
    questions = dict.fromkeys(question.label for section in scheme.sections for question in section.scheme.questions)
    also = f"；另问{'、'.join(questions)}" if questions else ""
    asked = dict.fromkeys(_asked(section.scheme) for section in scheme.sections)
    return f"{forms}{'；'.join(asked)}{also}"


def computed_line(scheme: Scheme) -> str:
    """What becomes of the votes, in a line."""
    rules = [section.scheme for section in scheme.sections]
    first = rules[0]
    parts = [_score_words(first)]
    if first.components:
        weighed = [
            f"{component.label} {percent_text(component.weight)}（{_SOURCES[component.source]}）"
            for component in first.components
        ]
        parts.append("最终得分 = " + " + ".join(weighed))
    if first.groups != (EVERYONE,) and len(first.groups) > 1 and len({one.groups for one in rules}) == 1:
        parts.append("票种 " + "、".join(f"{group.label} {percent_text(group.weight)}" for group in first.groups))
    if len({one.groups for one in rules}) > 1:
        parts.append("票种的权重各分表不同")
    bands = next((one.bands for one in rules if one.bands), ())
    if bands:
        parts.append(("按得票定" if are_voted(bands) else "定") + "/".join(band.label for band in bands))
    shares = dict.fromkeys(
        percent_text(quota.share) for one in rules for quota in one.quotas if quota.share is not None
    )
    if shares:
        parts.append(f"最高档不超过 {'、'.join(shares)}")
    effects = {clause.effect for one in rules for clause in one.clauses}
    if effects & {Effect.BONUS, Effect.DEDUCTION}:
        parts.append("有加减分")
    if effects - {Effect.BONUS, Effect.DEDUCTION}:
        parts.append("有否决、限档等条款")
    return "；".join(parts)


def scale_words(scale: NumberScale) -> str:
    """The numbers that may be written."""
    step = "" if scale.step == 1 else f"，间隔 {number_text(scale.step)}"
    return f"{number_text(scale.low)}–{number_text(scale.high)} 分{step}"


def _asked(scheme: Scheme) -> str:
    if scheme.choose is not None:
        return f"从候选人中选：{'、'.join(grade.label for grade in scheme.grades)}"
    labels = [dimension.label for dimension in scheme.dimensions]
    scales = {scheme.scale_of(dimension) for dimension in scheme.dimensions}
    grades = "/".join(grade.label for grade in scheme.grades)
    if scales == {None}:
        what = "评一个总体等次" if scheme.is_overall else f"在{_joined(labels)}上各评一个等次"
        return f"{what}：{grades}"
    if None not in scales:
        whole = sum((scale.high for scale in map(scheme.scale_of, scheme.dimensions) if scale), Fraction(0))
        if scheme.is_overall:
            return f"打一个分：0–{number_text(whole)} 分" if whole else "打一个分"
        full = f"，满分 {number_text(whole)} 分" if scheme.combine is Combine.SUM else ""
        return f"按{_joined(labels)}打分{full}"
    numbers = [dimension.label for dimension in scheme.dimensions if scheme.scale_of(dimension)]
    graded = [dimension.label for dimension in scheme.dimensions if not scheme.scale_of(dimension)]
    return f"为{_joined(numbers)}打分，为{_joined(graded)}评等次：{grades}"


def _score_words(scheme: Scheme) -> str:
    if scheme.choose is not None:
        return f"按票数从多到少，名额以内{scheme.choose.elected}，其余{scheme.choose.others}"
    if not scheme.has_votes:
        return "往期结果取平均"
    if scheme.combine is Combine.SUM:
        return "各项得分相加"
    if scheme.score_by is ScoreRule.RATE:
        return f"得分为{'、'.join(grade.label for grade in scheme.grades[: scheme.rate_grades])}率"
    if scheme.grades and any(scheme.scale_of(dimension) is None for dimension in scheme.dimensions):
        return "分值 " + "/".join(number_text(grade.points) for grade in scheme.grades)
    return "取平均分"


def _joined(labels: Sequence[str]) -> str:
    if all(len(label) == 1 for label in labels):
        return "".join(labels)
    rest = f" 等 {len(labels)} 项" if len(labels) > _LABELS_SHOWN else ""
    return "、".join(labels[:_LABELS_SHOWN]) + rest


def question_words(kind: QuestionKind) -> str:
    """How a question is answered."""
    return "可多选，只统计不计分" if kind is QuestionKind.TICKS else "选一项，只统计不计分"
