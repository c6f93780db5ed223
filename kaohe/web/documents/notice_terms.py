"""What an office says in a public notice and in that of a meeting, read from the address of a page and put back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import CONTACT_LENGTH, TITLE_LENGTH
from kaohe.reports.early_papers import MeetingTerms
from kaohe.reports.notice import USUAL_DAYS, NoticeTerms

MOST_DAYS: Final = 60
_MOST_HOLIDAYS: Final = 30
_MEETING_TEXTS: Final = {
    "time": ("会议时间", CONTACT_LENGTH),
    "place": ("会议地点", TITLE_LENGTH),
    "attending": ("参会人员", TITLE_LENGTH),
    "contact": ("联系人", CONTACT_LENGTH),
    "phone": ("联系电话", CONTACT_LENGTH),
}
"""What the terms of the notice of a meeting say in words: how it is called, and how long it may be."""
_MEETING_HINTS: Final = {"time": "下午 2 时 30 分", "attending": "不填则按票种列出"}
_BETWEEN_DAYS: Final = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class TermField:
    """One field of the form above a notice: how it is called, its name in the address, and what stands in it."""

    label: str
    name: str
    value: str
    kind: str = "text"
    """The type that HTML calls it by."""
    hint: str = ""
    most: int | None = None
    """The length of the longest text."""
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class NoticeFields:
    """The fields of the form, as texts."""

    start: str = ""
    end: str = ""
    days: str = str(USUAL_DAYS)
    holidays: str = ""
    contact: str = ""
    phone: str = ""

    @classmethod
    def of(cls, terms: NoticeTerms) -> NoticeFields:
        """The fields that say ``terms``."""
        return cls(
            start=terms.start.isoformat() if terms.start else "",
            end=terms.end.isoformat() if terms.end else "",
            days=str(terms.days),
            holidays=" ".join(day.isoformat() for day in sorted(terms.holidays)),
            contact=terms.contact,
            phone=terms.phone,
        )

    def fields(self) -> tuple[TermField, ...]:
        """The fields of the form."""
        return (
            TermField("公示起始日", "start", self.start, "date"),
            TermField("公示截止日（不填则推算）", "end", self.end, "date"),
            TermField("工作日数", "days", self.days, "number", is_short=True),
            TermField("其间放假日", "holidays", self.holidays, hint="2026-10-01 2026-10-02"),
            TermField("联系人", "contact", self.contact, most=CONTACT_LENGTH),
            TermField("联系电话", "phone", self.phone, most=CONTACT_LENGTH),
        )

    def in_address(self) -> Mapping[str, str]:
        """What an address says of them, so that a file has the terms of the page."""
        usual = asdict(NoticeFields())
        return {name: text for name, text in asdict(self).items() if text != usual[name]}


def asked_terms(typed: Mapping[str, str]) -> NoticeTerms:
    """The terms of a notice.

    Raises:
        FieldInvalid: a day is no day, the last one leaves no room for the working days, there are too many of them, or
            a text is too long; the sentence says which.
    """
    days = typed.get("days", "") or str(USUAL_DAYS)
    if not re.fullmatch("[0-9]{1,2}", days) or not 1 <= int(days) <= MOST_DAYS:
        raise FieldInvalid(f"公示的工作日数应填 1–{MOST_DAYS} 之间的整数。")
    holidays = [text for text in _BETWEEN_DAYS.split(typed.get("holidays", "")) if text]
    if len(holidays) > _MOST_HOLIDAYS:
        raise FieldInvalid(f"其间的放假日最多填 {_MOST_HOLIDAYS} 天。")
    contact, phone = typed.get("contact", "").strip(), typed.get("phone", "").strip()
    if max(len(contact), len(phone)) > CONTACT_LENGTH:
        raise FieldInvalid(f"联系人和联系电话各不超过 {CONTACT_LENGTH} 个字。")
    start, end = (_day(text) if (text := typed.get(name, "").strip()) else None for name in ("start", "end"))
    if start is not None and end is not None and end < start:
        raise FieldInvalid(f"公示截止日不能早于起始日（{start.isoformat()}）。")
    if start is not None and end is not None and (span := (end - start).days + 1) < int(days):
        raise FieldInvalid(f"从公示起始日到截止日只有 {span} 天，不足 {days} 个工作日，请核对截止日或工作日数。")
    return NoticeTerms(
        start=start,
        end=end,
        days=int(days),
        holidays=frozenset(_day(text) for text in holidays),
        contact=contact,
        phone=phone,
    )


def asked_meeting_terms(typed: Mapping[str, str], today: date) -> MeetingTerms:
    """The terms of the notice of a meeting, which goes out today unless the address says otherwise.

    Raises:
        FieldInvalid: the day is no day, or a text is too long; the sentence says which.
    """
    texts = {name: typed.get(name, "").strip() for name in _MEETING_TEXTS}
    for name, (label, most) in _MEETING_TEXTS.items():
        if len(texts[name]) > most:
            raise FieldInvalid(f"{label}不超过 {most} 个字。")
    issued = typed.get("issued", "").strip()
    return MeetingTerms(issued=_day(issued) if issued else today, **texts)


def meeting_fields(terms: MeetingTerms) -> tuple[TermField, ...]:
    """The fields of the form that say ``terms``."""
    return (
        TermField("通知日期", "issued", terms.issued.isoformat() if terms.issued else "", "date"),
        *(
            TermField(label, name, getattr(terms, name), hint=_MEETING_HINTS.get(name, ""), most=most)
            for name, (label, most) in _MEETING_TEXTS.items()
        ),
    )


def meeting_terms_in_address(terms: MeetingTerms) -> Mapping[str, str]:
    """What an address says of them, so that a file has the terms of the page."""
    texts = {name: text for name in _MEETING_TEXTS if (text := getattr(terms, name))}
    return {"issued": terms.issued.isoformat(), **texts} if terms.issued else texts


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise FieldInvalid(f"“{text[:12]}”不是日期，请写成 2026-12-21。") from error
    if not 2000 <= day.year < 2200:  # noqa: PLR2004 - what a date field of a browser may hold beyond is a slip
        raise FieldInvalid(f"日期 {day.isoformat()} 不在 2000 年到 2199 年之间，请核对。")
    return day
