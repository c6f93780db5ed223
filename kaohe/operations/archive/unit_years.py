"""The year of all units within reach: which meetings there are, and who has which tier by what is published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kaohe.domain.errors import NotFound
from kaohe.domain.published_results import PublishedLine, PublishedResult
from kaohe.domain.unit_years import (
    CountyTiers,
    UnitYear,
    county_tiers,
    everybody_once,
    labels_in_time,
    unit_years,
    years_of,
)
from kaohe.domain.units import EVERYWHERE, Reach
from kaohe.operations.people.units import unit_names
from kaohe.operations.setup.preparing import list_meetings
from kaohe.storage.clock import now
from kaohe.storage.database import reading
from kaohe.storage.meetings import MeetingLine
from kaohe.storage.published_results import people_of_meetings, published_results
from kaohe.tally.periods import timeline

WHOLE_YEAR: Final = "年度"
"""What the year itself is called among its periods."""
_USUAL_SHARE: Final = Fraction(1, 5)
"""优秀 in a year, where no scheme says another share (公务员考核规定)."""


@dataclass(frozen=True, slots=True)
class UnitYears:
    """One year of all units within reach."""

    years: Sequence[int]
    """All that can be chosen, the latest first."""
    year: int
    labels: Sequence[str]
    """The periods that some unit has, in the order of time."""
    units: Sequence[UnitYear[MeetingLine]]
    periods: Sequence[str]
    """All that can be chosen: the labels, the one that was named though no unit has it, and the year itself."""
    period: str
    """Of which the tiers are."""
    share: Fraction
    """Of 1: how many of those with a tier may have 优秀."""
    county: CountyTiers
    """By the published results of the period."""
    told: Sequence[str]
    """The keys of the units that have a line there, in its order."""
    several: Sequence[str]
    """The units that have several results there; whoever is in more than one of them counts once."""
    unpublished: Sequence[str]
    """The units that lack a result of a meeting of the period or, unless they are closed, such a meeting."""
    closed: Collection[str]
    """The ids of units that are closed, for which nothing new is made."""


def load_unit_years(
    year: int | None = None, period: str = "", share: Fraction | None = None, reach: Reach = EVERYWHERE
) -> UnitYears:
    """One year, the latest of which there is a meeting unless it is named; its own tiers unless a period is named.

    A period that another year has is empty in this one. Without a ``share`` that of the schemes holds.

    Raises:
        NotFound: there is no meeting of that year, or what is named is no period.
    """
    with reading() as session:
        meetings = [line for line in list_meetings(reach) if line.spot_of is None]
        years = years_of(meetings) or [now().astimezone().year]
        chosen = years[0] if year is None else year
        if chosen not in years:
            raise NotFound
        names = unit_names(reach)
        # The unit above all others has a line only where it holds meetings itself, and a closed one where it held some.
        highest = next(iter(names), "")
        found = unit_years(meetings, chosen, names)
        closed = names.keys() - unit_names(reach, are_open=True).keys()
        idle = {highest, *closed}
        units = [each for each in found if each.unit_id not in idle or each.parts or each.wholes]
        labels = labels_in_time(units)
        kept = published_results(session)
        if not period:
            has_year = any(held.id in kept for each in units for held in each.wholes)
            told = [
                label
                for label in labels
                if any(held.id in kept for each in units for held in each.parts.get(label, ()))
            ]
            period = WHOLE_YEAR if has_year or not told else told[-1]
        placed = timeline({*labels, period} - {WHOLE_YEAR})
        if period != WHOLE_YEAR and timeline([period]).problems:
            raise NotFound
        of_period = [(each, each.wholes if period == WHOLE_YEAR else each.parts.get(period, ())) for each in units]
        results = [(each, [(one.id, kept[one.id]) for one in held if one.id in kept]) for each, held in of_period]
        published = [(each, found) for each, found in results if found]
        beside = [meeting_id for _, found in published if len(found) > 1 for meeting_id, _ in found]
        people = people_of_meetings(session, *beside) if beside else {}
    if share is None:
        quotas = (one.quota for _, found in published for _, one in found)
        share = next((quota for quota in quotas if quota is not None), _USUAL_SHARE)

    def known(meeting_id: str, result: PublishedResult) -> Sequence[tuple[PublishedLine, str]]:
        return [(line, people.get((meeting_id, line.key), "")) for line in result.lines]

    lines = [(each.name, everybody_once(known(*one) for one in found)) for each, found in published]
    county = county_tiers(lines, share)
    several = [each.name for each, found in published if len(found) > 1]
    told = [each.key for each, _ in published]
    lacking = [
        each.name
        for each, held in of_period
        if (any(one.id not in kept for one in held) if held else each.unit_id not in closed)
    ]
    periods = (*placed.labels, WHOLE_YEAR)
    return UnitYears(years, chosen, labels, units, periods, period, share, county, told, several, lacking, closed)
