"""What can be done next for the years of many units, some of them at a time."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for
from wtforms import IntegerField, SelectMultipleField, StringField

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import UNITS_AT_ONCE
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.domain.unit_years import UnitYear
from kaohe.operations.archive.unit_years import UnitYears
from kaohe.operations.chair.year_building import PUBLISHED, year_schemes
from kaohe.storage.meetings import MeetingLine
from kaohe.web.access import may_now, this_reach
from kaohe.web.organizer.shell.forms import INCOMPLETE, DeskForm, Option

_OF_YEAR: Final = "-niandu"
"""The ending by which the key of a preset for a year differs from that of its quarters."""


class YearForm(DeskForm):
    """The year, and the units that were ticked; for new years the scheme as well."""

    year = IntegerField()
    unit = SelectMultipleField(validate_choice=False)
    scheme = StringField(default="")

    def asked(self) -> tuple[int, Sequence[str]]:
        """The year and the units.

        Raises:
            FieldInvalid: the form says no year.
        """
        if self.year.data is None:
            raise FieldInvalid(INCOMPLETE)
        return self.year.data, self.unit.data or ()


@dataclass(frozen=True, slots=True)
class YearStep:
    """One act on the units that are ready for it, so many at a time."""

    name: str
    """Stable and meant for programs."""
    title: str
    hint: str
    button: str
    url: str
    units: Sequence[Option]
    """The next ones, all of them ticked."""
    count_text: str
    schemes: Sequence[Option]
    """For new years only."""


@dataclass(frozen=True, slots=True)
class YearSteps:
    """All that can be done next."""

    year: str
    steps: Sequence[YearStep]
    token: str
    """Good for one press."""


def year_steps(found: UnitYears) -> YearSteps | None:
    """What whoever is signed in can do next for the units; None for whoever may not build years."""
    if not may_now(Act.BUILD_YEARS):
        return None
    schemes = _schemes(found)
    steps = (
        _step(
            found, "make", "新建年度", "考核对象取自最近一期已公布的名单，已公布的各期一并取用。", "新建年度并取用各期",
            lambda unit: unit.unit_id not in found.closed and _can_be_made(unit), schemes,
        ),
        _step(
            found, "compute", "汇总年度", "定稿并汇总成绩；汇总以后可以审定等次。", "汇总",
            lambda unit: _is_computed(unit, MeetingState.DRAFT, MeetingState.CLOSED),
        ),
        _step(
            found, "publish", "公布年度", "审定等次由一人录入的，须由另一人公布。", "公布",
            lambda unit: _is_computed(unit, MeetingState.COUNTED),
        ),
    )  # fmt: skip
    return YearSteps(str(found.year), tuple(step for step in steps if step.units), secrets.token_urlsafe(16))


def _schemes(found: UnitYears) -> tuple[Option, ...]:
    """The schemes of a year; the one that belongs to the quarters of most units is chosen, else none."""
    ready = [unit for unit in found.units if _can_be_made(unit)]
    held = Counter(
        f"{period.scheme_key}{_OF_YEAR}" for unit in ready for held in unit.parts.values() for period in held
    )
    titles = year_schemes(this_reach())
    usual = next((key for key, _ in held.most_common() if key in titles), "")
    return (
        *([] if usual else [Option("", "请选择", is_chosen=True)]),
        *(Option(key, title, is_chosen=key == usual) for key, title in titles.items()),
    )


def _step(
    found: UnitYears,
    name: str,
    title: str,
    hint: str,
    button: str,
    is_ready: Callable[[UnitYear[MeetingLine]], bool],
    schemes: Sequence[Option] = (),
) -> YearStep:
    ready = [unit for unit in found.units if is_ready(unit)]
    more = f"共 {len(ready)} 个单位可以办理，一次最多 {UNITS_AT_ONCE} 个" if len(ready) > UNITS_AT_ONCE else ""
    return YearStep(
        name,
        title,
        hint,
        button,
        url_for(f"organizer.{name}_years"),
        tuple(Option(unit.key, unit.name, is_chosen=True) for unit in ready[:UNITS_AT_ONCE]),
        more,
        schemes,
    )


def _can_be_made(unit: UnitYear[MeetingLine]) -> bool:
    return not unit.is_made and any(one.state in PUBLISHED for held in unit.parts.values() for one in held)


def _is_computed(unit: UnitYear[MeetingLine], *states: MeetingState) -> bool:
    return unit.whole is not None and not unit.whole.takes_ballots and unit.whole.state in states
