"""The text around every table: title, lines about the meeting, rules used, lines to sign on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kaohe.reports.sheet import RULES_ELSEWHERE, Column, ColumnKind, Sheet, day_text
from kaohe.tally.model import Result, Subject, SubjectKind, SubjectResult, Turnout
from kaohe.tally.namesakes import told_apart

_SEAL: Final = ("单位（盖章）：", "年　　月　　日")
TELLERS_SIGN: Final = ("计票人（签字）：", "监票人（签字）：", "总监票人（签字）：", "考核组组长（签字）：", *_SEAL)
"""Below what was counted in the hall."""
OFFICE_SIGNS: Final = ("填表人（签字）：", "审核人（签字）：", "考核组组长（签字）：", "主要负责人（签字）：", *_SEAL)
"""Below what an office put together: names by tier, a year of several periods, scores that nobody voted on."""


_TO_FILL_IN: Final = "____"
"""Stands where nobody has said the number, so that it can be written in by hand."""
_NOT_SAID: Final = {"实到": "未登记"}
"""What stands instead where the chair was asked for the number and has left it open."""
_REHEARSAL: Final = "本表由演练数据生成，不得作为考核依据。"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the head of every sheet says about the meeting."""

    unit: str
    title: str
    """Like 2026年度领导干部民主测评, without the kind of sheet."""
    held_on: date | None = None
    round_number: int = 1
    is_rehearsal: bool = False
    record_head: str = ""
    """The head of the chained record of acts after the count; '' where there is none."""
    version_text: str = ""
    """What is to be said of the version of a result that was corrected; '' where it was not."""
    section: str = ""
    """Which of several sections (分表) the sheet is about; '' where the meeting has only one."""
    comparison: str = ""
    """What 实到, 发出 and 收回 say when they are held beside one another; '' where they agree."""
    secrecy: str = "无记名"
    """How the vote was held: 记名 where too few people held a form for a secret vote."""


def places_to_sign(signers: Iterable[str]) -> tuple[str, ...]:
    """The places for those whom a unit names, with those of its seal and the day, as every signature block ends."""
    return (*(f"{signer}（签字）：" for signer in signers), *_SEAL)


def sheet_title(heading: Heading, kind_of_sheet: str, detail: str = "") -> str:
    """XX单位2026年度…民主测评结果汇总表（领导班子）; neither the unit nor the word before the kind is said twice."""
    unit = "" if heading.title.startswith(heading.unit) else heading.unit
    about = "：".join(part for part in (heading.section, detail) if part)
    end = f"（{about}）" if about else ""
    said_twice = next((n for n in range(len(kind_of_sheet), 0, -1) if heading.title.endswith(kind_of_sheet[:n])), 0)
    return f"{'【演练】' if heading.is_rehearsal else ''}{unit}{heading.title}{kind_of_sheet[said_twice:]}{end}"


def by_section(result: Result, heading: Heading) -> list[tuple[Result, Heading]]:
    """Every section that has subjects, under a heading that names it; a result without sections as it is."""
    return [(part, replace(heading, section=label)) for key, label, part in result.parts if part.subjects or not key]


def header_lines(result: Result, heading: Heading) -> tuple[tuple[str, ...], ...]:
    """The lines between title and table: the meeting, and the six numbers of its turnout where there was a vote."""
    day = heading.held_on
    held_on = day_text(day) if day else "____年__月__日"
    has_votes = result.scheme.has_votes
    meeting = (
        f"测评单位：{heading.unit or _TO_FILL_IN}",
        f"测评时间：{held_on}",
        *((f"测评方式：{heading.secrecy}",) if has_votes else ()),
        *((f"第 {heading.round_number} 轮",) if heading.round_number > 1 else ()),
    )
    if not has_votes:
        return (meeting,)
    turnout = result.turnout
    numbers: tuple[tuple[str, int | None], ...] = (
        ("应到", turnout.entitled),
        ("实到", turnout.present),
        ("发出票", turnout.issued),
        ("收回票", turnout.cast),
        ("有效票", turnout.valid),
        ("无效票", turnout.invalid),
    )
    return meeting, tuple(f"{label} {_NOT_SAID.get(label, _TO_FILL_IN) if n is None else n}" for label, n in numbers)


def announced(turnout: Turnout) -> tuple[str, ...]:
    """The numbers as they are read out, without those that nobody has said."""
    numbers = {
        "应到": turnout.entitled,
        "实到": turnout.present,
        "发出": turnout.issued,
        "收回": turnout.cast,
        "有效": turnout.valid,
        "无效": turnout.invalid,
    }
    return tuple(f"{label} {number}" for label, number in numbers.items() if number is not None)


def rules_of(result: Result) -> tuple[str, ...]:
    """The rules in one paragraph (口径说明), for the sheet that is signed; none where there are none."""
    return (f"口径说明：{''.join(result.notes)}",) if result.notes else ()


def warnings_of(result: Result) -> tuple[str, ...]:
    """What readers should know before they trust a number, each as a note."""
    return tuple(f"提示：{warning}" for warning in result.warnings)


def record_line(result: Result, heading: Heading) -> str:
    """The head of the chained record of acts, and the act up to which it goes; '' where there is no head.

    It is what tellers sign for, so it stands on the signed sheet itself, whether or not the rules have room there.
    """
    if not heading.record_head:
        return ""
    counted = "开箱计票" if result.scheme.has_votes else "汇总成绩"
    return f"操作记录校验码（截至{counted}）：{heading.record_head}"


def brief_notes(heading: Heading, *more_notes: str) -> tuple[str, ...]:
    """The sheet's own notes; rules and warnings stand on the summary and on the 口径说明 of the same file."""
    return (*((_REHEARSAL,) if heading.is_rehearsal else ()), *(note for note in more_notes if note))


def subject_sheet(
    result: Result,
    heading: Heading,
    names: tuple[str, str],
    columns: Iterable[Column],
    cells: Callable[[SubjectResult], Iterable[str]],
    *notes: str,
    detail: str = "",
    more_lines: Iterable[tuple[str, ...]] = (),
    rules: tuple[str, ...] = (),
) -> Sheet:
    """A sheet with one row per subject: who it is, then ``cells`` under ``columns``, and all that stands around them.

    ``names`` are the tab's and the kind of sheet that the title ends with, ``more_lines`` follow those on the meeting.
    """
    who_columns, who_cells = _subject_part([row.subject for row in result.subjects])
    name, kind_of_sheet = names
    return Sheet(
        name=name,
        title=sheet_title(heading, kind_of_sheet, detail),
        header_lines=(*header_lines(result, heading), *more_lines),
        columns=(*who_columns, *columns),
        rows=tuple((*who, *cells(row)) for who, row in zip(who_cells, result.subjects, strict=True)),
        notes=brief_notes(heading, *notes, "" if rules else RULES_ELSEWHERE),
        rules=rules,
        signature=TELLERS_SIGN if result.scheme.has_votes else OFFICE_SIGNS,
    )


def who_label(subjects: Sequence[Subject]) -> str:
    """The head over the names."""
    kinds = frozenset(subject.kind for subject in subjects)
    heads = {frozenset({SubjectKind.PERSON}): "姓名", frozenset({SubjectKind.TEAM}): "班子"}
    return heads.get(kinds, "考核对象")


def _subject_part(subjects: Sequence[Subject]) -> tuple[tuple[Column, ...], list[tuple[str, ...]]]:
    """序号, who, and as much of unit, post and class as tells the subjects apart; then the cells of each subject."""
    kinds = {subject.kind for subject in subjects}
    has_several_classes = len({subject.class_label for subject in subjects}) > 1
    # People always have a column of posts, so that it can be filled in by hand.
    optional = (
        (any(subject.unit for subject in subjects), "unit", Column("单位", width=18)),
        (SubjectKind.PERSON in kinds or any(subject.post for subject in subjects), "post", Column("职务", width=18)),
        (has_several_classes, "class_label", Column("类别", width=12)),
    )
    shown = [(name, column) for is_shown, name, column in optional if is_shown]
    who = Column(who_label(subjects), width=12 if kinds == {SubjectKind.PERSON} else 22)
    columns = (Column("序号", ColumnKind.NUMBER, width=6), who, *(column for _, column in shown))
    return columns, [
        (str(number), subject.name, *(getattr(subject, name) for name, _ in shown))
        for number, subject in enumerate(subjects, start=1)
    ]


def printed_names(subjects: Sequence[Subject]) -> dict[str, str]:
    """By subject key, the name, of namesakes with what tells them apart: 张三（办公室 主任）."""
    return {subject.key: subject.full_name for subject in told_apart(subjects)}
