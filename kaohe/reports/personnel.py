"""Tables over many published results, as a personnel office takes them: people found, one person's history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kaohe.domain.published_results import FoundLine
from kaohe.reports.figures import number
from kaohe.reports.sheet import NOTHING, Column, Sheet

_WHO: Final = (Column("姓名", width=12), Column("单位", width=20), Column("职务", width=18), Column("类别", width=12))
_SAID: Final = (number("得分", 9), number("名次", 6), number("参加排名", 10), Column("等次", width=12))
_WHEN: Final = (Column("会议", width=34), Column("日期", width=12))
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


def said(found: FoundLine) -> tuple[str, str, str, str]:
    """Score, rank, how many were ranked, and tier, as they are printed everywhere."""
    line = found.line
    ranks = (NOTHING, NOTHING) if line.rank is None else (str(line.rank), str(line.among))
    return (line.score or NOTHING, *ranks, line.tier or NOTHING)


def _place(found: FoundLine) -> tuple[str, str, str]:
    return found.line.unit or found.owner, found.line.post, found.line.class_label


def _when(found: FoundLine) -> tuple[str, str]:
    return found.title, found.held_on.isoformat() if found.held_on else ""
