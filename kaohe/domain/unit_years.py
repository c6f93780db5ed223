"""The year of many units on one page (单位年度): units × periods, tiers by unit, and the share of 优秀 over all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final, Generic, Protocol, TypeVar

from kaohe.domain.meetings import EXAMPLE_MARK, MeetingState
from kaohe.domain.published_results import PublishedLine
from kaohe.tally.periods import label_of_meeting, says_its_year, timeline, year_named
from kaohe.tally.rounding import round_text

_SHARE_DECIMALS: Final = 2
_REMEMBERED: Final = 4096
_PUBLISHED: Final = (MeetingState.PUBLISHED, MeetingState.PURGED)
_WIDE: Final = str.maketrans("()", "（）")
_BESIDE: Final = (
    "公务员|机关|事业|企业|国有|单位|部门|科室|人员|领导|班子|成员|干部|中层|职工|教师|党员|个人|全体|[省市州县区]管"
    "|[县乡]?[处科股]级|正职|副职|及?以[上下]|述[职德廉学法]|综合|绩效|平时|民主|年度|年终|总结|暨|的|和|及|与|、"
    "|工作|情况|结果|汇总|登记|会议|大会|会|表"
)
_ASSESSMENT: Final = "考核|考评|测评"
_YEAR_ITSELF: Final = re.compile(rf"年度?终?(?:{_BESIDE})*(?:{_ASSESSMENT})(?:{_BESIDE}|{_ASSESSMENT})*(?:（.*）)?$")
"""A year and whose assessment it is, and nothing else: 2026年度考核民主测评会, and no 2026年度考核优秀人选推荐."""


class Held(Protocol):
    """A meeting, as far as it says whose it is and of which period."""

    @property
    def title(self) -> str:
        """The title of the meeting."""

    @property
    def unit(self) -> str:
        """The unit as its sheets write it."""

    @property
    def unit_id(self) -> str:
        """The unit that it belongs to."""

    @property
    def held_on(self) -> date | None:
        """The day of the meeting."""

    @property
    def state(self) -> MeetingState:
        """The state of its latest round."""

    @property
    def sums_up_periods(self) -> bool:
        """Whether earlier periods are a part of its score."""


Meeting = TypeVar("Meeting", bound=Held)


@dataclass(frozen=True, slots=True)
class UnitYear(Generic[Meeting]):
    """A unit's meetings of one year."""

    unit_id: str
    name: str
    parts: Mapping[str, Sequence[Meeting]]
    """By the period's label, at least one: what sums up others first, then the published ones, then the latest."""
    wholes: Sequence[Meeting]
    """The meetings of the year itself, in that order."""

    @property
    def whole(self) -> Meeting | None:
        """The first meeting of the year itself."""
        return next(iter(self.wholes), None)

    @property
    def key(self) -> str:
        """What names it in a form."""
        return f"{self.unit_id}|{self.name}"

    @property
    def is_made(self) -> bool:
        """Whether the unit has its assessment of the year already; a vote held beside the periods (测评) is not one."""
        return self.whole is not None and (self.whole.sums_up_periods or "测评" not in self.whole.title)


@dataclass(frozen=True, slots=True)
class UnitTiers:
    """How many of a unit have which tier, and what a share of the best one allows."""

    name: str
    by_tier: Mapping[str, int]
    without: int
    """Who has none."""
    top: int
    """优秀 and better."""
    share_text: str
    """Its part of those with a tier, in per cent; '' where nobody has one."""
    allowed: int
    """The most that the share leaves, rounded down."""

    @property
    def over(self) -> int:
        """How many are too many."""
        return max(0, self.top - self.allowed)


@dataclass(frozen=True, slots=True)
class CountyTiers:
    """Tiers by unit and over all of them (总量)."""

    tiers: tuple[str, ...]
    """The labels, the best first."""
    units: tuple[UnitTiers, ...]
    whole: UnitTiers


def is_part_of(held: Held, year: int) -> str:
    """The label of the period of a year that a meeting is; '' where it is none, or nothing says of which year it is."""
    return label_of_meeting(held.title, f"{year}年度", held.held_on) if says_its_year(held.title, held.held_on) else ""


def is_year_itself(held: Held, year: int) -> bool:
    """Whether a meeting assesses a year as a whole: it sums up periods, or its title says whose year it assesses.

    A title may name the year of anything else that is held in it, which is neither a period nor the year.
    """
    return year_named(held.title) == year and (
        held.sums_up_periods or _YEAR_ITSELF.search("".join(held.title.split()).translate(_WIDE)) is not None
    )


def years_of(meetings: Iterable[Held]) -> Sequence[int]:
    """The years of which there is a meeting that is no example, the latest first."""
    found: set[int] = set()
    for held in _real(meetings):
        named = year_named(held.title)
        # What is assessed in January may be of the year before.
        days = {held.held_on.year, held.held_on.year - 1} if held.held_on is not None else set()
        found |= {named} if named is not None else {year for year in _near(held, days) if is_part_of(held, year)}
    return sorted(found, reverse=True)


def years_to_find(held: Held) -> frozenset[int]:
    """The years under which a list of meetings offers this one: that of its day, and the one that its title names.

    A year that was computed has no day, and others are held after their year.
    """
    return _years_said(held.title).union({held.held_on.year} if held.held_on is not None else ())


@lru_cache(maxsize=_REMEMBERED)
def _years_said(title: str) -> frozenset[int]:
    """Remembered, because a list asks for every meeting of a province."""
    named = year_named(title)
    return _digits(title) if named is None else frozenset({named})


def _digits(title: str) -> frozenset[int]:
    return frozenset(int(digits) for digits in re.findall("(?<![0-9])20[0-9]{2}", title))


def _near(held: Held, days: set[int]) -> set[int]:
    return days | _digits(held.title)


def unit_years(meetings: Iterable[Meeting], year: int, units: Mapping[str, str]) -> Sequence[UnitYear[Meeting]]:
    """The meetings of one year, unit by unit; ``meetings`` are the latest first.

    ``units`` are the names of the units of the tree, by id, each of which has a line. A meeting stands in the line of
    its unit, or in one by the name that its sheets print, where that is another one. An example is nobody's.
    """
    parts: dict[tuple[str, str], dict[str, list[Meeting]]] = {(unit_id, name): {} for unit_id, name in units.items()}
    wholes: dict[tuple[str, str], list[Meeting]] = {}
    for held in _real(meetings):
        own = units.get(held.unit_id, "")
        line = (held.unit_id, own if own.endswith(held.unit) else held.unit)
        if label := is_part_of(held, year):
            parts.setdefault(line, {}).setdefault(label, []).append(held)
        elif is_year_itself(held, year):
            parts.setdefault(line, {})
            wholes.setdefault(line, []).append(held)
    return [
        UnitYear(*line, {label: _ordered(held) for label, held in found.items()}, _ordered(wholes.get(line, ())))
        for line, found in parts.items()
    ]


def _real(meetings: Iterable[Meeting]) -> Iterator[Meeting]:
    return (held for held in meetings if not held.title.startswith(EXAMPLE_MARK))


def _ordered(meetings: Sequence[Meeting]) -> tuple[Meeting, ...]:
    return tuple(sorted(meetings, key=_weight, reverse=True))


def _weight(held: Held) -> tuple[bool, bool]:
    """A meeting that sums up periods is preferred to one that does not, and then a published one to others."""
    return held.sums_up_periods, held.state in _PUBLISHED


def labels_in_time(years: Iterable[UnitYear[Meeting]]) -> tuple[str, ...]:
    """The labels of all periods that some unit has, in the order of time."""
    return timeline(label for each in years for label in each.parts).labels


def everybody_once(results: Iterable[Sequence[tuple[PublishedLine, str]]]) -> Sequence[PublishedLine]:
    """The lines of several results of one unit and period; who stands in several of them has the first.

    With each line comes who of the register it is, '' for nobody: the same person under any name, and never another
    one. Where one of two is not in the register they are the same by their name, unless both say another unit.
    """
    found: list[PublishedLine] = []
    known: set[str] = set()
    named: dict[str, list[tuple[str, str]]] = {}
    for result in results:
        new = [
            (line, person)
            for line, person in result
            if person not in known
            and not any(
                not (person and other) and (unit == line.unit or not (unit and line.unit))
                for unit, other in named.get(line.name, ())
            )
        ]
        for line, person in new:
            found.append(line)
            named.setdefault(line.name, []).append((line.unit, person))
        known |= {person for _, person in new if person}
    return found


def county_tiers(units: Sequence[tuple[str, Sequence[PublishedLine]]], share: Fraction) -> CountyTiers:
    """Add up who has which tier, for each unit by its name and over all, beside what ``share`` of 1 allows of 优秀.

    The share is of the people who have a tier; teams are no people, and are left out. Over all units it is taken once,
    so that what one unit leaves another has.
    """
    people = [(name, [line for line in lines if line.is_person]) for name, lines in units]
    everybody = [line for _, lines in people for line in lines]
    places: dict[str, list[int]] = {}
    for line in everybody:
        if line.tier and line.tier_index is not None:
            places.setdefault(line.tier, []).append(line.tier_index)
    # A tier's lowest place in any scheme decides, so that 特优 of one scheme stands above the 优秀 that all have.
    ordered = sorted(places, key=lambda tier: (max(places[tier]), min(places[tier]), tier))
    return CountyTiers(
        tuple(ordered),
        tuple(_tiers(name, lines, share) for name, lines in people),
        _tiers("全部单位", everybody, share),
    )


def _tiers(name: str, lines: Sequence[PublishedLine], share: Fraction) -> UnitTiers:
    by_tier = Counter(line.tier for line in lines if line.tier)
    base, top = by_tier.total(), sum(line.is_top for line in lines)
    return UnitTiers(
        name,
        by_tier,
        len(lines) - base,
        top,
        round_text(Fraction(100 * top, base), _SHARE_DECIMALS) if base else "",
        int(base * share),
    )
