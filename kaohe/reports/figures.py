"""Columns and cells that several sheets share: votes, scores, components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kaohe.reports.sheet import NOTHING, Column, ColumnKind
from kaohe.reports.withholding import dimensions_withheld
from kaohe.tally.model import ComponentResult, Figure, GradeCounts, GradeShare, Result, SubjectResult, Turnout
from kaohe.tally.rounding import percent_text, round_text, unrounded_text
from kaohe.tally.scheme.dimension_tree import TreeNode, dimension_tree
from kaohe.tally.scheme.scheme import Combine, PercentBase, Scheme
from kaohe.tally.scores.sharing import has_upper_rate, upper_label


def number(label: str, width: int, over: str = "") -> Column:
    """A column of numbers that we computed."""
    return Column(label, ColumnKind.NUMBER, width, over)


def figure_text(figure: Figure | None) -> str:
    """The number as it is printed everywhere."""
    return NOTHING if figure is None else figure.text


def text_or_none(figure: Figure | None) -> str | None:
    """The number as documents for programs hold it."""
    return None if figure is None else figure.text


def rank_text(subject_result: SubjectResult) -> str:
    """The rank as it is printed everywhere."""
    return NOTHING if subject_result.rank is None else str(subject_result.rank)


def wide_enough(label: str, fewest: int = 9) -> int:
    """A width that takes a label on at most two lines."""
    return max(fewest, len(label) + 2)


def is_graded(scheme: Scheme) -> bool:
    """Whether some dimension takes a grade in this meeting."""
    return scheme.has_votes and any(scheme.scale_of(dimension) is None for dimension in scheme.dimensions)


def shows_votes(result: Result) -> bool:
    """Whether the votes by grade may and can be printed in one row per subject."""
    return is_graded(result.scheme) and not dimensions_withheld(result)


GRADERS_NOTE = "应评：按评分关系可以评该对象的人数；实评：收回的票中有该对象的票数。"


def graders_text(graders: Turnout | None) -> tuple[str, str]:
    """(应评, 实评) as they are printed everywhere; a dash where everybody grades everybody."""
    if graders is None:
        return NOTHING, NOTHING
    return NOTHING if graders.entitled is None else str(graders.entitled), str(graders.cast)


def grader_columns(result: Result) -> Sequence[Column]:
    """应评 and 实评, where not everybody grades everybody."""
    is_divided = any(subject.graders for subject in result.subjects)
    return (number("应评", 6), number("实评", 6)) if is_divided else ()


def share_columns(shares: Sequence[tuple[str, str]]) -> Iterator[Column]:
    """票数 and % under each of (key, label)."""
    for _, label in shares:
        width = max(6, len(label) - 2)
        yield number("票数", width, over=label)
        yield number("%", max(8, len(label)), over=label)


def share_cells(shares: Sequence[GradeShare]) -> Iterator[str]:
    """The cells under :func:`share_columns`."""
    for share in shares:
        yield str(share.count)
        yield figure_text(share.rate)


def rest_columns(*, has_invalid: bool) -> tuple[Column, ...]:
    """What carries neither grade nor number."""
    return (number("弃权/漏选", 10), *((number("无效", 6),) if has_invalid else ()))


def rest_cells(counts: GradeCounts, *, has_invalid: bool) -> tuple[str, ...]:
    """The cells under :func:`rest_columns`."""
    return (str(counts.abstention + counts.skipped), *((str(counts.invalid),) if has_invalid else ()))


def vote_columns(scheme: Scheme, *, has_invalid: bool) -> tuple[Column, ...]:
    """The votes of a row on the scheme's grades."""
    return (
        *share_columns([(grade.key, grade.label) for grade in scheme.grades]),
        *rest_columns(has_invalid=has_invalid),
        *((number("弃权等%", 9),) if _has_rest_rate(scheme) else ()),
        *((number(f"{upper_label(scheme)}%", 11),) if has_upper_rate(scheme) else ()),
    )


def vote_cells(
    scheme: Scheme, counts: GradeCounts, shares: Sequence[GradeShare], *, has_invalid: bool
) -> tuple[str, ...]:
    """The cells under :func:`vote_columns`."""
    upper = (_upper_text(scheme, shares),) if has_upper_rate(scheme) else ()
    rest = (_rest_text(scheme, shares),) if _has_rest_rate(scheme) else ()
    return (*share_cells(shares), *rest_cells(counts, has_invalid=has_invalid), *rest, *upper)


def _has_rest_rate(scheme: Scheme) -> bool:
    """Whether the rates of the grades leave something of 100 per cent."""
    return scheme.rate_base is not PercentBase.VALID


def _rest_text(scheme: Scheme, shares: Sequence[GradeShare]) -> str:
    """What no grade was given by, from the exact rates, which all have the same base."""
    rates = [share.rate.exact for share in shares if share.rate is not None]
    return round_text(100 - sum(rates, start=Fraction(0)), scheme.decimals) if rates else NOTHING


def _upper_text(scheme: Scheme, shares: Sequence[GradeShare]) -> str:
    """The two best rates added before they are rounded, as the tally does for the whole row."""
    best, second = shares[0].rate, shares[1].rate
    return NOTHING if best is None or second is None else round_text(best.exact + second.exact, scheme.decimals)


def scored_branches(result: Result) -> tuple[TreeNode, ...]:
    """The topmost branches (德 能 勤 绩 廉), where there are several and their scores may be printed."""
    nodes = dimension_tree(result.scheme.dimensions) if result.scheme.has_votes else ()
    return nodes if len(nodes) > 1 and not dimensions_withheld(result) else ()


def branch_score(scheme: Scheme, node: TreeNode, subject_result: SubjectResult) -> Figure | None:
    """The score of a branch: its leaves added, or their weighted mean; None where one of them has none."""
    scores = {item.dimension: item.score for item in subject_result.items}
    total = Fraction(0)
    for leaf in node.leaves:
        score = scores[leaf.key]
        if score is None:
            return None
        total += score.exact * leaf.weight
    if scheme.combine is Combine.WEIGHTED:
        total /= sum((leaf.weight for leaf in node.leaves), start=Fraction(0))
    return Figure(total, round_text(total, scheme.decimals))


def branch_columns(result: Result) -> Iterator[Column]:
    """The score of each topmost branch."""
    for node in scored_branches(result):
        yield number(node.label, wide_enough(node.label), over="各维度得分")


def branch_cells(result: Result, subject_result: SubjectResult) -> Iterator[str]:
    """The cells under :func:`branch_columns`."""
    for node in scored_branches(result):
        yield figure_text(branch_score(result.scheme, node, subject_result))


def component_columns(scheme: Scheme) -> Iterator[Column]:
    """Each component's score, what it brings to the final score (折算), and the name its own bands give it (评价).

    Nothing where there is only one: its score is the final one.
    """
    for component in scheme.components if len(scheme.components) > 1 else ():
        over = component.label
        half = max(9, (len(over) + 2) // 2 + 1)
        yield number("得分", half, over=over)
        yield number(f"折算（{percent_text(component.weight)}）", max(12, half), over=over)
        if component.bands:
            yield Column("评价", width=8, over=over)


def component_cells(scheme: Scheme, results: Sequence[ComponentResult]) -> Iterator[str]:
    """The cells under :func:`component_columns`."""
    for component, found in zip(scheme.components, results, strict=True) if len(results) > 1 else ():
        yield figure_text(found.score)
        yield weighed_text(scheme, found, component.weight)
        if component.bands:
            yield found.band_label or NOTHING


def weighed_text(scheme: Scheme, found: ComponentResult, weight: Fraction) -> str:
    """A component's part of the final score (折算), rounded by itself."""
    return NOTHING if found.score is None else round_text(found.score.exact * weight, scheme.decimals)


def number_spread(scheme: Scheme, counts: GradeCounts) -> tuple[str, str, str]:
    """The highest, the lowest and the mean of the numbers given."""
    if not counts.numbers:
        return NOTHING, NOTHING, NOTHING
    total = sum((given * votes for given, votes in counts.numbers), start=Fraction(0))
    lowest, highest = counts.numbers[0][0], counts.numbers[-1][0]
    return unrounded_text(highest), unrounded_text(lowest), round_text(total / counts.valid, scheme.decimals)
