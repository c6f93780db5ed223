"""Units (单位): a tree whose members own meetings, and in which the roles of accounts are held.

There is one unit at the top. It is all that an installation has until somebody makes another one below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kaohe.domain.errors import UnitInvalid, UnitUnknown
from kaohe.domain.limits import TITLE_LENGTH, UNIT_LEVELS_AT_MOST, UNITS_AT_MOST

TOP: Final = "top"
"""The id of the unit at the top, which is there from the beginning and is neither moved nor closed."""
BETWEEN: Final = " / "
"""Between the names of a unit and of the one above it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An office, a department, a county: whatever holds meetings."""

    id: str
    name: str
    parent_id: str | None
    """The unit above it; None at the top."""
    is_closed: bool = False
    """A closed unit keeps its meetings, and gets no new meeting, account or unit."""


AT_THE_TOP: Final = Unit(TOP, "本单位", None)
"""The unit at the top, until somebody gives it another name."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The units in which somebody's roles count: the one where they are held, and all below it."""

    within: Collection[str] | None
    """None: everywhere."""
    above: Collection[str] = ()
    """The units above these, whose schemes may be used and not changed."""

    @property
    def is_everywhere(self) -> bool:
        """Whether the roles are held at the top."""
        return self.within is None

    def __contains__(self, unit_id: str) -> bool:
        return self.within is None or unit_id in self.within


EVERYWHERE: Final = Reach(None)
"""The reach of whoever has the machine itself, and of accounts whose roles are held at the top."""


@dataclass(frozen=True)
class UnitTree:
    """All units, in the order in which they were made."""

    units: Mapping[str, Unit]

    @cached_property
    def _below(self) -> Mapping[str | None, list[Unit]]:
        found: dict[str | None, list[Unit]] = {}
        for unit in self.units.values():
            found.setdefault(unit.parent_id, []).append(unit)
        return found

    def unit(self, unit_id: str) -> Unit:
        """One unit.

        Raises:
            UnitUnknown: no such unit.
        """
        if unit_id not in self.units:
            raise UnitUnknown
        return self.units[unit_id]

    def path(self, unit_id: str) -> tuple[Unit, ...]:
        """The unit and those above it, the top first.

        Raises:
            UnitUnknown: no such unit.
        """
        unit = self.unit(unit_id)
        return (*(self.path(unit.parent_id) if unit.parent_id else ()), unit)

    def name_below(self, unit_id: str, top_id: str = TOP) -> str:
        """The names from below ``top_id`` down to a unit, as a list or a choice shows them; the name of the top itself.

        Raises:
            UnitUnknown: no such unit.
        """
        path = self.path(unit_id)
        ids = [unit.id for unit in path]
        below = path[ids.index(top_id) + 1 :] if top_id in ids else path
        return BETWEEN.join(unit.name for unit in below or path[-1:])

    def below(self, unit_id: str) -> Sequence[Unit]:
        """The units directly below one, in the order in which they were made."""
        return self._below.get(unit_id, ())

    def from_top(self, unit_id: str = TOP, level: int = 0) -> Iterator[tuple[int, Unit]]:
        """A unit and all below it as they stand in a tree, each with its level, from 0.

        Raises:
            UnitUnknown: no such unit.
        """
        yield level, self.unit(unit_id)
        for below in self.below(unit_id):
            yield from self.from_top(below.id, level + 1)

    def reach(self, unit_id: str) -> Reach:
        """Where roles count that are held in this unit.

        Raises:
            UnitUnknown: no such unit.
        """
        if unit_id == TOP:
            return EVERYWHERE
        within = frozenset(unit.id for _, unit in self.from_top(unit_id))
        return Reach(within, frozenset(unit.id for unit in self.path(unit_id)) - within)

    def find(self, words: str) -> Unit:
        """The unit that is meant by an id, by a name that only one unit has, or by names from above joined by ``/``.

        Raises:
            UnitUnknown: none is meant, or several are.
        """
        if words in self.units:
            return self.units[words]
        wanted = [" ".join(name.split()) for name in words.split("/")]
        found = [
            unit for unit in self.units.values() if [each.name for each in self.path(unit.id)][-len(wanted) :] == wanted
        ]
        if len(found) != 1:
            many = f"有 {len(found)} 个单位叫“{words}”，请写上级单位和本单位，例如“青山区/统计局”，或写单位编号。"
            raise UnitUnknown(many if found else f"没有叫“{words}”的单位，请先查看单位列表。")
        return found[0]

    def with_unit(self, unit: Unit) -> UnitTree:
        """The tree with one unit more, or with another name or place of one.

        Raises:
            UnitInvalid: saying what does not fit: its name, the unit above it, or how many there are.
            UnitUnknown: there is no unit above it.
        """
        if not 1 <= len(unit.name) <= TITLE_LENGTH or not unit.name.isprintable() or "/" in unit.name:
            raise UnitInvalid(f"请填写单位名称：1 到 {TITLE_LENGTH} 个字，不含“/”。")
        changed = UnitTree({**self.units, unit.id: unit})
        if len(changed.units) > UNITS_AT_MOST:
            raise UnitInvalid(f"最多建立 {UNITS_AT_MOST} 个单位。")
        if unit.parent_id is not None:
            changed._require_place(unit, self)
        return changed

    def _require_place(self, unit: Unit, before: UnitTree) -> None:
        above = before.unit(unit.parent_id or TOP)
        if unit.id in before.units and any(each.id == above.id for _, each in before.from_top(unit.id)):
            raise UnitInvalid("不能把单位移到它自己或它的下级单位之下。")
        if above.is_closed and not unit.is_closed:
            raise UnitInvalid(f"“{above.name}”已撤销，请另选上级单位，或先恢复它。")
        if any(each.name == unit.name and each.id != unit.id for each in self._below[above.id]):
            raise UnitInvalid(f"“{above.name}”之下已有“{unit.name}”，请换一个名称。")
        deepest = max(level for level, _ in self.from_top(unit.id))
        if len(self.path(unit.id)) + deepest > UNIT_LEVELS_AT_MOST:
            raise UnitInvalid(f"单位最多分 {UNIT_LEVELS_AT_MOST} 级。")
