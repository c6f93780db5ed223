"""Papers before a result: the notice of a meeting (会议通知), and a work log for each person to fill in (记实簿)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.voting_mode import takes_ballots
from kaohe.reports.heading import Heading, printed_names, sheet_title
from kaohe.reports.sheet import Column, Sheet, day_text
from kaohe.tally.model import Subject, SubjectKind

FEWEST_DAYS: Final = 3
"""So many days before a meeting those who vote are told of it."""
_TO_FILL_IN: Final = "__________"
_DAY_TO_FILL_IN: Final = "____年__月__日"
_SIGNED_IN_CELL: Final = "签名：　　　　　　　年　　月　　日"
_LONG, _SHORT = 10, 5
"""Lines to write on; a cell of more than a quarter of the page would flow over several rows."""
_WEEK_LINES: Final = 5
_WEEKS: Final = "一二三四五"
_PRESENCE: Final = "出勤____天，病事假____天，迟到早退____次（由人事部门填写）"
_FIELDS: Final = (Column("项目", width=16), Column("内容", width=84))
_BEHAVIOUR: Final = (
    "请参会人员准时到会签到，按现场说明填写，不漏填、不代填。因故不能参会的，请提前向联系人请假。"
    "任何人不得拉票、串票，不得诱导或者干扰他人填写。"
)


@dataclass(frozen=True, slots=True)
class MeetingTerms:
    """What an office says in the notice of a meeting; what it leaves open is printed as a line to write on."""

    issued: date | None = None
    """The day on which the notice goes out."""
    time: str = ""
    place: str = ""
    attending: str = ""
    """Who is to come; where it is empty, the voter groups and how many are entitled."""
    contact: str = ""
    phone: str = ""


def days_of_notice(terms: MeetingTerms, setup: MeetingSetup) -> int | None:
    """How many days the notice goes out before the meeting; None where one of the two days is not known."""
    return None if terms.issued is None or setup.held_on is None else (setup.held_on - terms.issued).days


def meeting_notice(setup: MeetingSetup, heading: Heading, terms: MeetingTerms) -> Sheet:
    """会议通知: when and where, who is to come, who is assessed on what, and whom to turn to."""
    voters = "、".join(f"{group.label} {group.entitled or '____'} 人" for group in setup.groups)
    names = printed_names(setup.subjects)
    day = day_text(setup.held_on) if setup.held_on else _DAY_TO_FILL_IN
    asked = list(dict.fromkeys(_asked(setup)))
    return Sheet(
        name="会议通知",
        title=sheet_title(heading, "会议通知"),
        columns=_FIELDS,
        rows=(
            ("会议时间", f"{day}{terms.time or '　　时　　分'}"),
            ("会议地点", terms.place or _TO_FILL_IN),
            ("参会人员", terms.attending or voters or _TO_FILL_IN),
            (
                "测评对象",
                f"共 {len(names)} 个：{'、'.join(names[each.key] for each in setup.subjects)}"
                if names
                else _TO_FILL_IN,
            ),
            *([("测评内容", "、".join(asked))] if asked else []),
            ("测评方式", f"{heading.secrecy}测评，用手机扫描{_codes(setup)}填写。"),
            ("有关要求", _BEHAVIOUR),
            ("联系方式", f"联系人：{terms.contact or _TO_FILL_IN}　　联系电话：{terms.phone or _TO_FILL_IN}"),
        ),
        is_upright=True,
        signature=("单位（盖章）：", day_text(terms.issued) if terms.issued else "年　　月　　日"),
    )


def _asked(setup: MeetingSetup) -> Iterator[str]:
    for section in setup.scheme.sections:
        yield from (dimension.label for dimension in section.scheme.dimensions)


def _codes(setup: MeetingSetup) -> str:
    """What a phone scans: a slip of one's own, the code that the hall shares, or by the group one of the two."""
    slips, shared = "现场发放的测评票", "会场公布的二维码"
    if setup.shared_group is None:
        return slips
    return shared if len(setup.groups) == 1 else f"{slips}或者{shared}"


def has_notice(setup: MeetingSetup) -> bool:
    """Whether people are called together at all."""
    return takes_ballots(setup.full_scheme)


def work_logs(subjects: Sequence[Subject], heading: Heading) -> tuple[Sheet, ...]:
    """记实簿 of every person: duties and tasks, then one sheet each for the weeks, the month and the quarter."""
    names = printed_names(subjects)
    people = [subject for subject in subjects if subject.kind is SubjectKind.PERSON]
    return tuple(sheet for subject in people for sheet in _work_log(subject, names[subject.key], heading))


def _work_log(subject: Subject, name: str, heading: Heading) -> Iterator[Sheet]:
    who = (
        (f"姓名：{subject.name}", f"单位：{subject.unit or heading.unit or '____'}"),
        (f"职务：{subject.post or '____'}",),
    )

    def page(
        kind: str,
        period: str,
        rows: tuple[tuple[str, ...], ...],
        note: str,
        columns: tuple[Column, ...] = _FIELDS,
    ) -> Sheet:
        return Sheet(
            name=f"{kind}-{name}",
            title=f"平时考核记实簿：{kind}（{name}）",
            header_lines=(*who, (period,)),
            columns=columns,
            rows=rows,
            notes=(note,),
            is_upright=True,
        )

    yield page(
        "职责任务认定表",
        "________ 年度",
        (
            ("基本情况", "性别：____　出生年月：________　政治面貌：________　任现职时间：________"),
            ("从事或分管工作", _room(_SHORT)),
            ("所在科室职能", _room(_SHORT)),
            ("本人岗位职责", _room(_SHORT)),
            ("年度工作目标任务", _room(_LONG)),
            ("科室负责人认定意见", _room_to_sign(_SHORT)),
            ("单位主管领导意见", _room_to_sign(_SHORT)),
        ),
        "目标任务写明数量、完成时限和标准，年初由本人填写，经科室负责人认定、主管领导同意。",
    )
    yield page(
        "周工作记实表",
        "________ 年第 ____ 季度 ____ 月",
        tuple((f"第{week}周", "", _room(_WEEK_LINES), "") for week in _WEEKS),
        "每周末如实填写当周履行职责、完成工作任务的情况。每月一张，可复印使用。",
        columns=(
            Column("周次", width=10),
            Column("起止日期", width=14),
            Column("完成的主要工作、数量及成效", width=64),
            Column("签名", width=12),
        ),
    )
    yield page(
        "月工作自查表",
        "________ 年 ____ 月",
        (
            ("本月工作目标任务", _room(_LONG)),
            ("完成的主要工作、数量及成效", _room(_LONG)),
            ("出勤情况", _PRESENCE),
            ("科室负责人评价意见", _room_to_sign(_SHORT)),
        ),
        "每月末由本人自查，科室负责人或者分管领导点评，重点提出要求和希望。每月一张，可复印使用。",
    )
    yield page(
        "季度考评登记表",
        "________ 年第 ____ 季度",
        (
            ("本季度工作目标任务", _room(_SHORT)),
            ("个人工作总结", _room(_LONG)),
            ("出勤情况", _PRESENCE),
            ("科室负责人评语", _room_to_sign(_SHORT)),
            ("主管领导考核等次意见", "________________"),
            ("主管领导评鉴意见", _room_to_sign(_SHORT)),
            ("未确定等次或者不参加考核情况说明", _room_to_sign(2)),
            ("本人意见", _room_to_sign(2)),
        ),
        "每季度末填写，作为确定当季考核等次的依据。记实簿年度终了后交单位统一保管。",
    )


def _room(lines: int) -> str:
    return "\n" * lines


def _room_to_sign(lines: int) -> str:
    return "\n" * lines + _SIGNED_IN_CELL
