"""Which period comes when: labels as offices write them, put in the order of time.

A span of time is counted in days of a calendar whose months all have 31 days: a quarter has 93, a year 372. Nothing but
the order of spans, and whether one begins where another ends, is ever read from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Final, Protocol
from unicodedata import normalize

_MONTH, _QUARTER, _HALF, _YEAR = 31, 93, 186, 372
NOT_ASSESSED: Final = "未定等次"
"""Stands for the tier of a subject who was rightly given none in a period: it counts in no mean, share or run."""
_CHINESE: Final = "一二三四五六七八九十"
_NUMBERS: Final = {**{sign: place for place, sign in enumerate(_CHINESE, start=1)}, "十一": 11, "十二": 12}
_YEAR_IN_SIGNS = re.compile("[〇零一二三四五六七八九]{4}(?=年)")
_NUMBERED = re.compile(rf"第?([0-9]{{1,3}}|十[一二]|[{_CHINESE}])[期次轮回]")
_LAST_YEAR = re.compile("上一?年度?|去年")
_A_YEAR = re.compile("((?:19|20)[0-9]{2})(?:年度?)?")
_PART = re.compile(
    r"(?<!前)第?([1-4一二三四])个?季度|[Qq]([1-4])(?:季度)?|([上下])半年"
    r"|(?<![0-9])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?(?:([0-9]{1,2})[日号])?"
    r"|(?<=[0-9]{4}[-/.])(1[0-2]|0?[1-9])(?:[-/.]([0-9]{1,2}))?(?![0-9])"
)
_OTHER_TIME = re.compile(rf"[0-9{_CHINESE}前后至到、,，~—季月Qq]|半年")
_FORMS = "“第一季度”“2026年上半年”“3月”，或在名称中写明日期，如“届中考核（2026年5月10日）”"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """When a period is, its two ends included; ordered by its last day."""

    last: int
    first: int
    is_date: bool = False
    """One day, which has no neighbours in a calendar."""

    @property
    def length(self) -> int:
        """How many days it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class _Named:
    """What a label says: where its span lies within a year, and which year that is, where it says it."""

    start: int
    length: int
    year: int | None = None
    is_numbered: bool = False
    is_last_year: bool = False

    def span(self, year: int) -> Span:
        first = year * _YEAR + self.start
        return Span(first + self.length - 1, first, self.length == 1 and not self.is_numbered)


def canonical_label(text: str) -> str:
    """A quarter, half or month as the forms write it (第一季度, 2026年上半年, 3月); any other label as it is."""
    named = _named(text)
    return text if named is None else _written(named) or text


def label_of_meeting(title: str, year_title: str, held_on: date | None = None) -> str:
    """What a meeting is called as a part of the year that another title names; '' where it is none of its parts.

    A title that names no year is of the latest such period that had begun by the day of the meeting, so that a fourth
    quarter assessed in January is that of the year before; without a day it is of the year that is asked for. The label
    says no year where both say the same one.
    """
    named, whole = _read(_plain(title)), _own(year_title, ())
    if named is None or whole is None:
        return ""
    year = whole.first // _YEAR
    span = named.span(year if (own := _year_of(named, held_on)) is None else own)
    is_part = span.length < whole.length and whole.first <= span.first and span.last <= whole.last
    return _written(replace(named, year=None)) if is_part else ""


def says_its_year(title: str, held_on: date | None) -> bool:
    """Whether title or day say of which year the period is that a title names."""
    named = _read(_plain(title))
    return named is not None and _year_of(named, held_on) is not None


def _year_of(named: _Named, held_on: date | None) -> int | None:
    if named.year is not None or held_on is None:
        return named.year
    return held_on.year - (_MONTH * (held_on.month - 1) + held_on.day - 1 < named.start)


def year_named(title: str) -> int | None:
    """The year that a title names as a whole (2026年度); None for none, and for a part of one."""
    whole = _own(title, ())
    return whole.first // _YEAR if whole is not None and whole.first and whole.length == _YEAR else None


def _written(named: _Named) -> str:
    """A quarter, half or month as the forms write it; '' for anything else."""
    if named.is_numbered or named.is_last_year or named.length in (1, _YEAR):
        return ""
    place = named.start // named.length
    words = {_QUARTER: f"第{_CHINESE[place % 4]}季度", _HALF: f"{'上下'[place % 2]}半年", _MONTH: f"{place + 1}月"}
    return ("" if named.year is None else f"{named.year}年") + words[named.length]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Earlier periods in the order of time, the oldest first, and what keeps them from being put there."""

    labels: tuple[str, ...]
    """All of them; those that cannot be placed come last."""
    problems: tuple[str, ...]
    """One Chinese sentence each, without its full stop."""
    own: Span | None = None
    """When the meeting itself is, where its title says it."""
    _spans: Mapping[str, Span] = field(default_factory=dict)

    def position(self, label: str) -> int:
        """Where a label stands among all of them, from 0."""
        return self.labels.index(label)

    def follows(self, earlier: str, later: str) -> bool:
        """Whether nothing lies between two periods; between dates, only another period here could."""
        one, other = self._spans.get(earlier), self._spans.get(later)
        if one is None or other is None:
            return False
        if one.is_date or other.is_date:
            return self.position(later) - self.position(earlier) == 1
        return other.first == one.last + 1

    def leads_to_now(self, label: str) -> bool:
        """Whether nothing lies between a period and the meeting itself; so it is where the title names no period."""
        span = self._spans.get(label)
        if span is None or self.own is None or span.is_date or self.own.is_date:
            return label == self.labels[-1]
        return self.own.first <= span.last + 1


class _Labelled(Protocol):
    """Anything that has a period's label."""

    @property
    def label(self) -> str:
        """The label."""


def timeline_of(history: Mapping[str, Sequence[_Labelled]], title: str) -> Timeline:
    """The earlier periods of all subjects in the order of time; ``title`` is that of the meeting."""
    return timeline((period.label for periods in history.values() for period in periods), title)


def timeline(labels: Iterable[str], title: str = "") -> Timeline:
    """Put labels in the order of time.

    A label without a year is the latest of its kind before the period that the title of the meeting names, or a part of
    that period. Never raises: what cannot be placed stands in ``problems``.
    """
    unique = tuple(dict.fromkeys(labels))
    named = {label: found for label in unique if (found := _named(label)) is not None}
    is_numbered = any(each.is_numbered for each in named.values())
    own = None if is_numbered else _own(title, named.values())
    spans = {label: _placed(found, own) for label, found in named.items()}
    order = sorted(unique, key=lambda label: (label not in spans, spans.get(label, Span(0, 0)), label))
    problems = tuple(_problems(unique, named, own, spans, [label for label in order if label in spans]))
    return Timeline(tuple(order), problems, own, spans)


def _named(text: str) -> _Named | None:
    """What a label says; None where it can be read in no way or in several."""
    text = _plain(text)
    if numbered := _NUMBERED.fullmatch(text):
        return _Named(_number(numbered[1]), 1, is_numbered=True)
    if _LAST_YEAR.fullmatch(text):
        return _Named(0, _YEAR, is_last_year=True)
    rest = _A_YEAR.sub("", _PART.sub("", text))
    return None if _OTHER_TIME.search(rest) else _read(text)


def _read(text: str) -> _Named | None:
    years = {int(found) for found in _A_YEAR.findall(text)}
    parts = {_part(found) for found in _PART.finditer(text)}
    if len(years) > 1 or len(parts) > 1 or not (years or parts):
        return None
    part = parts.pop() if parts else _Named(0, _YEAR)
    return None if part is None else replace(part, year=years.pop() if years else None)


def _part(found: re.Match[str]) -> _Named | None:
    quarter, short, half, month, day, figure_month, figure_day = found.groups()
    if half:
        return _Named(_HALF * "上下".index(half), _HALF)
    if quarter or short:
        return _Named(_QUARTER * (_number(quarter or short) - 1), _QUARTER)
    start, day_text = _MONTH * (_number(month or figure_month) - 1), day or figure_day
    if not day_text:
        return _Named(start, _MONTH)
    return _Named(start + int(day_text) - 1, 1) if 1 <= int(day_text) <= _MONTH else None


def _plain(text: str) -> str:
    text = "".join(normalize("NFKC", text).split())
    return _YEAR_IN_SIGNS.sub(lambda found: "".join(str("〇一二三四五六七八九".find(s) % 10) for s in found[0]), text)


def _number(text: str) -> int:
    return _NUMBERS[text] if text in _NUMBERS else int(text)


def _own(title: str, named: Iterable[_Named]) -> Span | None:
    """The period that a title names; without a year the first of its kind after all that has one."""
    found = _read(_plain(title))
    if found is None:
        return None
    if found.year is not None:
        return found.span(found.year)
    dated = [each.span(each.year).last for each in named if each.year is not None]
    year = max(dated) // _YEAR if dated else 0
    return found.span(year if not dated or found.span(year).first > max(dated) else year + 1)


def _placed(named: _Named, own: Span | None) -> Span:
    now = 0 if own is None else own.first // _YEAR
    if named.is_last_year:
        return named.span(now - 1)
    if named.year is not None or named.is_numbered or own is None:
        return named.span(named.year or 0)
    span = named.span(now)
    is_part = span.length < own.length and span.last <= own.last and span.first >= own.first
    return span if is_part or span.last < own.first else named.span(now - 1)


def _problems(
    labels: Iterable[str],
    named: Mapping[str, _Named],
    own: Span | None,
    spans: Mapping[str, Span],
    order: list[str],
) -> Iterator[str]:
    for label in labels:
        if label not in named:
            yield f"“{label}”看不出是哪一期，请写成{_FORMS}"
    if len({each.is_numbered for each in named.values()}) > 1:
        yield "按次序编号的期和按时间命名的期排不出先后，请写成同一种，如“第一季度”"
    elif own is None and len({each.year is None for each in named.values() if not each.is_last_year}) > 1:
        yield "有的期写了年份，有的没有，排不出先后，请都写上年份，如“2026年第一季度”"
    else:
        for earlier, later in pairwise(order):
            if spans[later].first <= spans[earlier].last:
                yield f"“{earlier}”和“{later}”是同一段时间，只能计一次，请删除其中一个"
        if own is not None and order and spans[order[-1]].last > own.last:
            yield f"“{order[-1]}”比本场会议名称中写明的时间还晚，请核对"
