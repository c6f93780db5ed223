"""Forms beside the sheets of a result: the tellers' sum, the minutes, the approval, and what periods came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from kaohe.reports.figures import figure_text, number
from kaohe.reports.heading import (
    TELLERS_SIGN,
    Heading,
    announced,
    brief_notes,
    by_section,
    header_lines,
    printed_names,
    sheet_title,
    who_label,
)
from kaohe.reports.ruled_tiers import ruling_remarks
from kaohe.reports.sheet import NOTHING, Column, Sheet
from kaohe.reports.tier_sheet import has_tiers, tiers_of
from kaohe.reports.verification import verification_code
from kaohe.reports.withholding import dimensions_withheld
from kaohe.tally.model import GradeCounts, Result, SubjectResult
from kaohe.tally.notes.warnings import QUORUM_LABELS, quorum_warning
from kaohe.tally.periods import canonical_label
from kaohe.tally.rounding import round_text

_MINUTES_SIGN: Final = (
    "主持人（签字）：",
    "记录人（签字）：",
    "监票人（签字）：",
    "总监票人（签字）：",
    "单位（盖章）：",
    "年　　月　　日",
)
_APPROVAL_SIGNS: Final = ("填表人（签字）：", "审核人（签字）：", "单位（盖章）：", "年　　月　　日")
_PERIOD_SIGNS: Final = ("填表人（签字）：", "主要负责人（签字）：", "单位（盖章）：", "年　　月　　日")
_PERIOD_TIERS: Final = ("好", "较好", "一般", "较差")
"""The tiers of a quarter, best first; others follow as they come."""
_SEAL_LINES: Final = 7
"""Lines of the smallest type that a seal of 42 mm takes, with the line that is dated below them."""


def form_sheets(result: Result, heading: Heading) -> tuple[Sheet, ...]:
    """The forms that a result has something for, section by section, each with the code of the whole result."""
    code = verification_code(result)
    parts = by_section(result, heading)
    return tuple(replace(sheet, code=code) for part, named in parts for sheet in _forms(part, named, result))


def _forms(result: Result, heading: Heading, whole: Result) -> Iterator[Sheet]:
    if result.scheme.has_votes:
        yield teller_sheet(result, heading)
        yield minutes_sheet(result, heading, whole)
    if result.periods:
        yield periods_sheet(result, heading)
    if has_tiers(result.scheme) and not result.scheme.choose:
        yield approval_sheet(result, heading)
        yield record_sheet(result, heading)


def teller_sheet(result: Result, heading: Heading) -> Sheet:
    """计票汇总单: what the tellers hand to the chief scrutineer, a row for each subject and item, nothing computed.

    In every row the votes add up to the ballots that asked about it.
    """
    scheme, title = result.scheme, sheet_title(heading, "计票汇总单")
    reason = dimensions_withheld(result)
    if reason:
        return Sheet("计票汇总单", title, withheld=reason)
    has_numbers = any(scheme.scale_of(dimension) is not None for dimension in scheme.dimensions)
    names = printed_names([row.subject for row in result.subjects])
    several = len(scheme.dimensions) > 1
    grades = [grade.label for grade in scheme.grades]
    labels = [*grades, *(["打分"] if has_numbers else []), "弃权", "漏选", "无效", "合计"]
    items = [(row, item) for row in result.subjects for item in row.items]
    return Sheet(
        name="计票汇总单",
        title=title,
        header_lines=header_lines(result, heading),
        columns=(
            number("序号", 6),
            Column(who_label([row.subject for row in result.subjects]), width=16),
            *([Column("测评内容", width=16)] if several else []),
            *(number(label, 8) for label in labels),
        ),
        rows=tuple(
            (
                str(at),
                names[row.subject.key],
                *([item.label] if several else []),
                *_votes(item.counts, len(grades), has_numbers=has_numbers),
            )
            for at, (row, item) in enumerate(items, start=1)
        ),
        notes=brief_notes(heading, "各栏均为票数；合计为收到的、列有该对象的票数。"),
        signature=TELLERS_SIGN,
    )


def _votes(counts: GradeCounts, grades: int, *, has_numbers: bool) -> Iterator[str]:
    yield from (str(counts.grades[at]) if counts.grades else "0" for at in range(grades))
    if has_numbers:
        yield str(sum(votes for _, votes in counts.numbers))
    yield from (str(each) for each in (counts.abstention, counts.skipped, counts.invalid, counts.cast))


def minutes_sheet(result: Result, heading: Heading, whole: Result) -> Sheet:
    """会议记录: the numbers as a sentence, then for each subject what was voted, as it is read out and written down.

    How many must be there is asked of the whole meeting, of which ``result`` may be a section.
    """
    names = printed_names([row.subject for row in result.subjects])
    said = "、".join(announced(result.turnout))
    valid = _validity(whole)
    return Sheet(
        name="会议记录",
        title=sheet_title(heading, "会议记录"),
        header_lines=(*header_lines(result, heading)[:1], ("会议地点：", "主持人：", "记录人：")),
        columns=(number("序号", 6), Column("事项", width=16), Column("记录", width=84)),
        rows=(
            (
                "1",
                "投票情况",
                f"以{heading.secrecy}方式投票，{said}{valid}" if said else f"以{heading.secrecy}方式投票。",
            ),
            *(
                (str(at), names[row.subject.key], _voted(result, row))
                for at, row in enumerate(result.subjects, start=2)
            ),
        ),
        notes=brief_notes(heading),
        signature=_MINUTES_SIGN,
    )


def _validity(result: Result) -> str:
    """Whether enough were there, as far as it is known: the minutes never call a meeting valid that is not."""
    quorum, turnout = result.scheme.quorum, result.turnout
    if quorum is not None and (turnout.present is None or turnout.entitled is None):
        return f"。到会须{QUORUM_LABELS[quorum]}，会议方为有效。"
    warning = quorum_warning(quorum, turnout.present, turnout.entitled)
    return f"。{warning}" if warning else "，会议有效。"


def _voted(result: Result, row: SubjectResult) -> str:
    rest = [("弃权", row.counts.abstention + row.counts.skipped), ("无效", row.counts.invalid)]
    votes = [] if dimensions_withheld(result) else [f"{share.label} {share.count} 票" for share in row.shares]
    votes += [f"{label} {count} 票" for label, count in rest if count and votes]
    came_to = [
        *([f"得分 {row.score.text}"] if row.score else []),
        *([f"名次 {row.rank}"] if row.rank else []),
        *([row.tier_label] if row.tier_label else []),
    ]
    return (
        "；".join(part for part in ("、".join(votes), "，".join(came_to)) if part) + "。"
        if votes or came_to
        else NOTHING
    )


def approval_sheet(result: Result, heading: Heading) -> Sheet:
    """考核结果审定表: the tiers in numbers and names, and room for the opinions and the seals of those who approve."""
    names = printed_names([row.subject for row in result.subjects])
    tiers = [(label, [row for row in result.subjects if row.tier == key]) for key, label in tiers_of(result.scheme)]
    without = [row for row in result.subjects if row.tier is None]
    tiered = len(result.subjects) - len(without)
    counts = "，".join(f"{label} {len(rows)} 人（{_share(len(rows), tiered, result)}%）" for label, rows in tiers)
    not_tiered = f"；未确定等次 {len(without)} 人" if without else ""
    listed = [(label, rows) for label, rows in (*tiers, ("未确定等次", without)) if rows]
    return Sheet(
        name="审定表",
        title=sheet_title(heading, "考核结果审定表"),
        header_lines=((f"单位：{heading.unit or '____'}", "一式三份"),),
        columns=(Column("项目", width=16), Column("内容", width=84)),
        rows=(
            ("考核结果", f"应参加考核 {len(result.subjects)} 人，参加定等次 {tiered} 人：{counts}{not_tiered}。"),
            *((f"{label}名单", "、".join(names[row.subject.key] for row in rows)) for label, rows in listed),
            *((place, _room_for_a_seal()) for place in ("单位意见", "主管部门意见", "人力资源社会保障部门意见")),
        ),
        notes=brief_notes(heading),
        signature=_APPROVAL_SIGNS,
    )


def record_sheet(result: Result, heading: Heading) -> Sheet:
    """考核结果备案表: a row for each subject with what is reported to the authority, and why somebody has no tier."""
    names = printed_names([row.subject for row in result.subjects])
    return Sheet(
        name="备案表",
        title=sheet_title(heading, "考核结果备案表"),
        header_lines=((f"单位：{heading.unit or '____'}", f"应参加考核 {len(result.subjects)} 人"),),
        columns=(
            number("序号", 6),
            Column(who_label([row.subject for row in result.subjects]), width=16),
            Column("单位", width=18),
            Column("职务", width=18),
            number("得分", 9),
            Column("等次", width=12),
            Column("备注", width=24),
        ),
        rows=tuple(
            (
                str(at),
                names[row.subject.key],
                row.subject.unit,
                row.subject.post,
                figure_text(row.score),
                row.tier_label if row.tier else "未确定等次",
                "\n".join((*row.decisions, *ruling_remarks(row))),
            )
            for at, row in enumerate(result.subjects, start=1)
        ),
        notes=brief_notes(heading, "本表随考核材料报主管部门备案。"),
        signature=_APPROVAL_SIGNS,
    )


def _room_for_a_seal() -> str:
    return "\n" * _SEAL_LINES + "（盖章）　　　　　　年　　月　　日"


def _share(count: int, of: int, result: Result) -> str:
    return round_text(Fraction(100 * count, of), result.scheme.decimals) if of else NOTHING


def periods_sheet(result: Result, heading: Heading) -> Sheet:
    """平时考核结果汇总表: for each period and tier, how many, which share of those who took part, and who."""
    names = printed_names([row.subject for row in result.subjects])
    return Sheet(
        name="结果汇总表",
        title=sheet_title(heading, "平时考核结果汇总表"),
        header_lines=((f"单位：{heading.unit or '____'}", f"应参加考核 {len(result.subjects)} 人"),),
        columns=(
            Column("周期", width=14),
            number("实际参加", 10),
            Column("等次", width=12),
            number("人数", 8),
            number("占比%", 10),
            Column("名单", width=62),
        ),
        rows=tuple(_period_rows(result, names)),
        notes=brief_notes(heading, "实际参加为当期有结果的人数；占比为除以当期实际参加人数。"),
        signature=_PERIOD_SIGNS,
    )


def period_tiers(given: set[str]) -> list[str]:
    """The tiers of periods, best first; those that only one scheme knows follow by their names."""
    return [tier for tier in _PERIOD_TIERS if tier in given] + sorted(given.difference(_PERIOD_TIERS))


def _period_rows(result: Result, names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for label in result.periods:
        found = [(row, period) for row in result.subjects for period in row.periods if period.label == label]
        given = {period.tier for _, period in found if period.tier}
        for tier in (*period_tiers(given), *([None] if any(period.tier is None for _, period in found) else [])):
            rows = [row for row, period in found if period.tier == tier]
            yield (
                canonical_label(label),
                str(len(found)),
                tier or "未定等次",
                str(len(rows)),
                _share(len(rows), len(found), result),
                "、".join(names[row.subject.key] for row in rows),
            )
