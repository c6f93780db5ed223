"""公示: the names of 优秀 and above, put up for so many working days, with whom to turn to and room for the seal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from kaohe.reports.figures import number
from kaohe.reports.heading import Heading, brief_notes, by_section, sheet_title
from kaohe.reports.sheet import Column, Sheet, day_text
from kaohe.reports.verification import verification_code
from kaohe.tally.model import Result, SubjectResult
from kaohe.tally.scheme.tiers import top_bands

USUAL_DAYS: Final = 5
_SATURDAY: Final = 5
_TO_FILL_IN: Final = "__________"
_SIGNS: Final = ("单位（盖章）：", "年　　月　　日")


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """What an office says about a notice; what it leaves open is printed as a line to write on."""

    start: date | None = None
    end: date | None = None
    """The last day, where the office says it itself; else it is counted."""
    days: int = USUAL_DAYS
    holidays: frozenset[date] = frozenset()
    """Days off that are no Saturday and no Sunday."""
    contact: str = ""
    phone: str = ""


def last_day(terms: NoticeTerms) -> date | None:
    """The day on which a notice ends: the one that the office says, else the last of its working days.

    The first day is counted. A Saturday that was made a working day is not known. None without a first day.
    """
    if terms.end is not None or terms.start is None:
        return terms.end
    day, left = terms.start, terms.days
    while True:
        left -= _is_working_day(day, terms)
        if not left:
            return day
        day += timedelta(days=1)


def working_days(terms: NoticeTerms) -> int | None:
    """How many working days there are from the first day to the one that the office says; None without both."""
    if terms.start is None or terms.end is None:
        return None
    days = (terms.start + timedelta(days=after) for after in range((terms.end - terms.start).days + 1))
    return sum(_is_working_day(day, terms) for day in days)


def _is_working_day(day: date, terms: NoticeTerms) -> bool:
    return day.weekday() < _SATURDAY and day not in terms.holidays


def notice_sheets(result: Result, heading: Heading, terms: NoticeTerms) -> tuple[Sheet, ...]:
    """A notice for every section that has given 优秀 or a better tier, each with the code of the whole.

    Where no tier is called 优秀 it is the best one.
    """
    code = verification_code(result)
    parts = by_section(result, heading)
    return tuple(replace(sheet, code=code) for part, named in parts for sheet in _notice(part, named, terms))


def _notice(result: Result, heading: Heading, terms: NoticeTerms) -> Iterator[Sheet]:
    bands = {band.key: band.label for band in top_bands(result.scheme.bands)}
    chosen = [row for key in bands for row in result.subjects if row.tier == key]
    if not chosen:
        return
    best = "、".join(dict.fromkeys(row.tier_label for row in chosen))
    yield Sheet(
        name="公示",
        title=sheet_title(heading, f"{best}等次名单公示"),
        header_lines=(
            (f"根据考核有关规定，经研究，拟确定下列 {len(chosen)} 个考核对象为{best}等次，现予公示。",),
            (f"公示时间：{_span(terms)}",),
        ),
        columns=(
            number("序号", 6),
            Column("姓名", width=14),
            Column("单位", width=24),
            Column("职务", width=24),
            Column("拟定等次", width=12),
        ),
        rows=tuple(_row(at, row) for at, row in enumerate(chosen, start=1)),
        notes=brief_notes(
            heading,
            "公示期间对以上人员有异议的，请以书面形式实名反映，并提供具体线索；对反映人的情况严格保密。",
            f"联系人：{terms.contact or _TO_FILL_IN}　　联系电话：{terms.phone or _TO_FILL_IN}",
        ),
        signature=_SIGNS,
    )


def _row(at: int, row: SubjectResult) -> tuple[str, ...]:
    return str(at), row.subject.name, row.subject.unit, row.subject.post, row.tier_label


def _span(terms: NoticeTerms) -> str:
    end = last_day(terms)
    days = f"（{terms.days} 个工作日）"
    return f"{_said(terms.start)}至{_said(end)}{days}"


def _said(day: date | None) -> str:
    return day_text(day) if day else "____年__月__日"
