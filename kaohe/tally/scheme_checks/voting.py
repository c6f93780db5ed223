"""What must hold for the scales, the questions and the choice of a scheme."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import PercentBase, Scheme, ScoreRule
from kaohe.tally.scheme.tiers import POINTED
from kaohe.tally.scheme_checks.entries import LARGEST_POINTS, check_entries, check_label

_CHOICE_GRADES = 2
_FEWEST_OPTIONS = 2
_FEWEST_LEFT = 2
_MOST_STEPS = 100_000


def check_voting(scheme: Scheme) -> None:
    """Check what a ballot asks and how a cell becomes a score.

    Raises:
        SchemeError: at the first fault.
    """
    if scheme.number is not None:
        check_number_scale("number", scheme.number)
    groups = [group.key for group in scheme.groups]
    for number, dimension in enumerate(scheme.dimensions, start=1):
        if dimension.number is not None:
            check_number_scale(f"dimensions[{number}].number", dimension.number)
        for key in dimension.groups:
            if key not in groups:
                raise SchemeError(
                    f"dimensions[{number}].groups", f"「{key}」不是本方案的票种，可用的有 {'、'.join(groups)}。"
                )
    filling = {group.key for dimension in scheme.dimensions for group in scheme.fillers(dimension)}
    for number, group in enumerate(scheme.groups, start=1):
        if scheme.has_votes and group.key not in filling:
            raise SchemeError(f"groups[{number}]", f"票种「{group.label}」不填任何一个维度，请改正或删去。")
    _check_score_rule(scheme)
    _check_trim(scheme)
    _check_questions(scheme)
    if scheme.candidates_over is not None and scheme.candidates_over < 1:
        raise SchemeError("candidates_over", "职位数应为 1 以上的整数；不要求差额时请不写这一项。")
    if scheme.choose is not None:
        _check_choose(scheme, scheme.choose)


def check_number_scale(path: str, scale: NumberScale) -> None:
    """Check the bounds, the step and the named ranges of a number scale."""
    if max(abs(scale.low), abs(scale.high)) > LARGEST_POINTS:
        raise SchemeError(f"{path}.max", f"分数的绝对值不能超过 {LARGEST_POINTS}。")
    if scale.high <= scale.low:
        raise SchemeError(f"{path}.max", "最高分（max）应大于最低分（min）。")
    if scale.step <= 0 or ((scale.high - scale.low) / scale.step).denominator != 1:
        raise SchemeError(f"{path}.step", "分数的间隔应大于 0，并能从最低分正好数到最高分。")
    if (scale.high - scale.low) / scale.step > _MOST_STEPS:
        raise SchemeError(f"{path}.step", f"分数的间隔太小，最多 {_MOST_STEPS} 个分数。")
    if scale.ranges:
        _check_ranges(path, scale)


def _check_ranges(path: str, scale: NumberScale) -> None:
    check_entries(f"{path}.ranges", scale.ranges)
    for number, named_range in enumerate(scale.ranges, start=1):
        if not (scale.holds(named_range.low) and scale.holds(named_range.high) and named_range.low <= named_range.high):
            raise SchemeError(f"{path}.ranges[{number}]", "分数段的两端应是可以打的分数，从低到高（from ≤ to）。")
    for number, (above, below) in enumerate(pairwise(scale.ranges), start=2):
        if below.high + scale.step != above.low:
            fault = "与上一段重叠" if below.high >= above.low else "与上一段之间有空档"
            raise SchemeError(f"{path}.ranges[{number}]", f"{fault}；分数段应从高到低排列，首尾相接。")
    if scale.ranges[0].high != scale.high or scale.ranges[-1].low != scale.low:
        raise SchemeError(f"{path}.ranges", "分数段应从最高分到最低分全部覆盖。")


def _check_score_rule(scheme: Scheme) -> None:
    if not 1 <= scheme.rate_grades < max(2, len(scheme.grades)):
        raise SchemeError("rate_grades", "应为 1 以上的整数，并少于等次的个数。")
    if scheme.score_by is ScoreRule.TABLE:
        if not scheme.score_table:
            raise SchemeError("score_table", "按得票率对照计分（score_by = “table”）时，应写明对照表。")
    elif scheme.score_table:
        raise SchemeError("score_table", "只有按得票率对照计分（score_by = “table”）时才写对照表。")
    last: Fraction | None = None
    for number, row in enumerate(scheme.score_table, start=1):
        if last is not None and row.at_least > last:
            raise SchemeError(f"score_table[{number}].from", "对照表应从高到低排列。")
        last = row.at_least
    if scheme.score_table and (last != 0 or scheme.score_table[-1].lower_under is not None):
        raise SchemeError("score_table", "对照表的最后一行应从 0 起、不带别的条件，否则有的得票率没有对应的分数。")


def _check_trim(scheme: Scheme) -> None:
    trim = scheme.trim
    if trim is None:
        return
    if trim.high < 0 or trim.low < 0 or trim.high + trim.low == 0:
        raise SchemeError("trim", "去掉的最高分、最低分的个数应为 0 以上的整数，至少去掉一个；不去掉时请不写这一项。")
    if trim.begins_at < trim.high + trim.low + _FEWEST_LEFT:
        raise SchemeError("trim.fewest", f"去掉之后至少应剩 {_FEWEST_LEFT} 个分数，请把起算的个数改大。")
    if scheme.score_base is not PercentBase.VALID:
        raise SchemeError("trim", "去掉最高分和最低分时，得分只能以有效票为基数（score_base = “valid”）。")
    if all(scheme.scale_of(dimension) is None for dimension in scheme.dimensions):
        raise SchemeError("trim", "只有打分的维度才能去掉最高分和最低分，本方案都是评等次。")


def _check_questions(scheme: Scheme) -> None:
    if not scheme.questions:
        return
    check_entries("questions", scheme.questions)
    dimensions = {dimension.key for dimension in scheme.dimensions}
    for number, question in enumerate(scheme.questions, start=1):
        path = f"questions[{number}]"
        check_entries(f"{path}.options", question.options)
        if len(question.options) < _FEWEST_OPTIONS:
            raise SchemeError(f"{path}.options", f"至少要有 {_FEWEST_OPTIONS} 项。")
        if question.key in dimensions:
            raise SchemeError(f"{path}.key", f"「{question.key}」已经是一个测评维度，请换一个 key。")


def _check_choose(scheme: Scheme, choose: Choose) -> None:
    if len(scheme.grades) != _CHOICE_GRADES or not scheme.is_overall or scheme.score_by is not ScoreRule.VOTES:
        raise SchemeError(
            "choose", "差额票决应只有一个维度、两个等次（如赞成、不赞成），并按票数计（score_by = “votes”）。"
        )
    if scheme.top_grade_limit is not None:
        raise SchemeError("top_grade_limit", "差额票决的每票名额请写在 choose.most。")
    _check_seats(choose)
    if scheme.may_leave_out:
        raise SchemeError("may_leave_out", "差额票决不选就是不赞成，不设“不评”。")
    if scheme.bands or scheme.quotas:
        raise SchemeError("choose", "差额票决由票数和名额决定结果，不再写 bands 和 quotas。")
    if scheme.period_rules or any(clause.effect not in POINTED for clause in scheme.clauses):
        raise SchemeError("choose", "差额票决由票数和名额决定结果，不再写否决、限等、直接定等等条款和往期规则。")
    check_label("choose.elected", choose.elected, 20)
    check_label("choose.others", choose.others, 20)


def _check_seats(choose: Choose) -> None:
    if (choose.seats is None) == (choose.seats_share is None):
        raise SchemeError("choose", "请用 seats 写明名额，或用 seats_share 写明名额占候选人的百分数，二者选一。")
    if choose.seats is not None and choose.seats < 1:
        raise SchemeError("choose.seats", "名额应为 1 以上的整数。")
    if choose.seats_share is not None and not 0 < choose.seats_share < 1:
        raise SchemeError("choose.seats_share", "应大于 0、小于 100，否则没有差额。")
    if choose.over is not None and not 0 < choose.over < 1:
        raise SchemeError("choose.over", "应写明得票须超过基数的百分之几，大于 0、小于 100，如过半数写 50。")
    if choose.most is not None and choose.most < 1:
        raise SchemeError("choose.most", "每票最多选的人数应为 1 以上的整数。")
    if choose.fewest < 0 or (choose.most is not None and choose.fewest > choose.most):
        raise SchemeError("choose.fewest", "每票最少选的人数应为 0 以上的整数，并不多于 most。")
