"""Tables over many published results, as a personnel office takes them: people found, one person's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from kaohe.domain.comparisons import Change, Comparison
from kaohe.domain.published_results import FoundLine
from kaohe.domain.unit_years import CountyTiers, UnitTiers
from kaohe.reports.figures import number
from kaohe.reports.sheet import NOTHING, Column, Sheet

_WHO: Final = (Column("姓名", width=12), Column("单位", width=20), Column("职务", width=18), Column("类别", width=12))
_SAID: Final = (number("得分", 9), number("名次", 6), number("参加排名", 10), Column("等次", width=12))
_WHEN: Final = (Column("会议", width=34), Column("日期", width=12))
CHANGE_WORDS: Final = {Change.ROSE: "上升", Change.FELL: "下降", Change.SAME: "持平", Change.UNKNOWN: "不可比"}
_PUBLISHED_ONLY: Final = "只列已公布的结果；已更正的，按更正后的结果。"


def found_sheet(found: Sequence[FoundLine]) -> Sheet:
    """Subjects of published results, a row each; nobody signs it."""
    return Sheet(
        name="结果",
        title="已公布的结果",
        columns=(*_WHO, *_WHEN, *_SAID),
        rows=tuple((each.line.name, *_place(each), *_when(each), *said(each)) for each in found),
        notes=(_PUBLISHED_ONLY,),
        is_listing=True,
    )


def history_sheet(name: str, place: str, found: Sequence[FoundLine]) -> Sheet:
    """One person in all periods and meetings, the latest first."""
    return Sheet(
        name="历次结果",
        title=f"{name}历次考核测评结果",
        header_lines=((place,),) if place else (),
        columns=(*_WHEN, *_WHO[1:], *_SAID, Column("认定和审定", width=30)),
        rows=tuple((*_when(each), *_place(each), *said(each), "；".join(each.line.decisions)) for each in found),
        notes=(_PUBLISHED_ONLY,),
    )


def comparison_sheets(before: str, after: str, compared: Comparison) -> tuple[Sheet, Sheet]:
    """Two periods by class, and subject by subject; ``before`` and ``after`` are what they are called."""
    changes = tuple(number(word, 8) for word in CHANGE_WORDS.values())
    header = ((f"前一期：{before}", f"后一期：{after}"),)
    by_class = Sheet(
        name="按类别",
        title="两期结果比较（按类别）",
        header_lines=header,
        columns=(
            Column("类别", width=16),
            number("人数", 8),
            *changes,
            Column("前一期满票", width=20),
            Column("后一期满票", width=20),
        ),
        rows=tuple(
            (
                each.label,
                str(each.count),
                *(str(each.by_change.get(change, 0)) for change in CHANGE_WORDS),
                each.full_before or NOTHING,
                each.full_after or NOTHING,
            )
            for each in compared.classes
        ),
        notes=("满票：所有有效票都是最好的等次；票数太少、说出来会泄露各人如何投票的，不计。", *_lacking(compared)),
    )
    by_subject = Sheet(
        name="逐人",
        title="两期结果比较（逐人）",
        header_lines=header,
        columns=(
            *_WHO,
            number("前一期得分", 12),
            number("后一期得分", 12),
            number("升降", 9),
            Column("前一期等次", width=12),
            Column("后一期等次", width=12),
            Column("变化", width=8),
        ),
        rows=tuple(
            (
                row.after.line.name,
                *_place(row.after),
                row.before.line.score or NOTHING,
                row.after.line.score or NOTHING,
                row.difference or NOTHING,
                row.before.line.tier or NOTHING,
                row.after.line.tier or NOTHING,
                CHANGE_WORDS[row.change],
            )
            for row in compared.rows
        ),
        notes=(_PUBLISHED_ONLY,),
        is_listing=True,
    )
    return by_class, by_subject


def _lacking(compared: Comparison) -> Iterator[str]:
    everybody = [*(row.after for row in compared.rows), *compared.only_before, *compared.only_after]
    often = Counter(each.line.name for each in everybody)
    for which, found in (("前一期", compared.only_before), ("后一期", compared.only_after)):
        if found:
            names = "、".join(_told(each, is_alone=often[each.line.name] == 1) for each in found)
            yield f"只在{which}有结果的 {len(found)} 个：{names}。"


def _told(found: FoundLine, *, is_alone: bool) -> str:
    """The name, of namesakes with unit, post and class as well."""
    return found.line.name if is_alone else f"{found.line.name}（{' '.join(filter(None, _place(found)))}）"


def said(found: FoundLine) -> tuple[str, str, str, str]:
    """Score, rank, how many were ranked, and tier, as they are printed everywhere."""
    line = found.line
    ranks = (NOTHING, NOTHING) if line.rank is None else (str(line.rank), str(line.among))
    return (line.score or NOTHING, *ranks, line.tier or NOTHING)


def _place(found: FoundLine) -> tuple[str, str, str]:
    return found.line.unit or found.owner, found.line.post, found.line.class_label


def _when(found: FoundLine) -> tuple[str, str]:
    return found.title, found.held_on.isoformat() if found.held_on else ""


def county_sheet(year: int, period: str, share_text: str, county: CountyTiers) -> Sheet:
    """Tiers by unit and over all of them, beside what the share of 优秀 allows; the last row is all units together."""
    return Sheet(
        name="等次分布",
        title=f"{year}年{period.removeprefix(f'{year}年')}各单位等次分布",
        columns=(
            Column("单位", width=26),
            *(number(tier, max(8, 2 * len(tier))) for tier in county.tiers),
            number("未定等次", 9),
            number("优秀占比%", 10),
            number("优秀上限", 9),
            number("超出", 7),
        ),
        rows=tuple((each.name, *tier_cells(county, each)) for each in (*county.units, county.whole)),
        notes=(
            f"优秀比例上限为有等次人数的 {share_text}%，不足一人的部分舍去；全部单位合并计算一次，各单位之间可以调剂。",
            "只计个人，班子、科室等集体不计在内；一个单位同一期公布了几场会议的，同一人只计一次。",
            _PUBLISHED_ONLY,
        ),
    )


def record_sheet(title: str, zone_text: str, lines: Sequence[tuple[str, str, str]]) -> Sheet:
    """A meeting's record of acts, each as (time, who, what), the times in a zone; nobody signs it."""
    columns = (Column(f"时间（{zone_text}）", width=22), Column("操作人", width=14), Column("操作", width=70))
    return Sheet("操作记录", f"{title}操作记录", columns, tuple(lines), is_listing=True)


def tier_cells(county: CountyTiers, unit: UnitTiers) -> tuple[str, ...]:
    """A unit's numbers as they are printed everywhere: by tier, without one, share, most and too many."""
    counts = tuple(str(unit.by_tier.get(tier, 0)) for tier in county.tiers)
    return (*counts, str(unit.without), unit.share_text or NOTHING, str(unit.allowed), str(unit.over))
