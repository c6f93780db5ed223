"""What an office says about a public notice, read from the address of the page to print, and put into it again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import CONTACT_LENGTH
from kaohe.reports.notice import USUAL_DAYS, NoticeTerms

MOST_DAYS: Final = 60
_MOST_HOLIDAYS: Final = 30
_BETWEEN_DAYS: Final = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True, slots=True)
class NoticeFields:
    """The fields of the form, as texts."""

    start: str = ""
    days: str = str(USUAL_DAYS)
    holidays: str = ""
    contact: str = ""
    phone: str = ""

    @classmethod
    def of(cls, terms: NoticeTerms) -> NoticeFields:
        """The fields that say ``terms``."""
        return cls(
            start=terms.start.isoformat() if terms.start else "",
            days=str(terms.days),
            holidays=" ".join(day.isoformat() for day in sorted(terms.holidays)),
            contact=terms.contact,
            phone=terms.phone,
        )

    def in_address(self) -> Mapping[str, str]:
        """What an address says of them, so that a file has the terms of the page."""
        usual = asdict(NoticeFields())
        return {name: text for name, text in asdict(self).items() if text != usual[name]}


def asked_terms(typed: Mapping[str, str]) -> NoticeTerms:
    """The terms of a notice.

    Raises:
        FieldInvalid: a day is no day, there are too many of them, or a text is too long; the sentence says which.
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
    start = typed.get("start", "").strip()
    return NoticeTerms(
        start=_day(start) if start else None,
        days=int(days),
        holidays=frozenset(_day(text) for text in holidays),
        contact=contact,
        phone=phone,
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise FieldInvalid(f"“{text[:12]}”不是日期，请写成 2026-12-21。") from error
    if not 2000 <= day.year < 2200:  # noqa: PLR2004 - what a date field of a browser may hold beyond is a slip
        raise FieldInvalid(f"日期 {day.isoformat()} 不在 2000 年到 2199 年之间，请核对。")
    return day
