"""The set-up of a whole province in one workbook: its units, people and roles, as rows of three sheets.

Pure: what the rows mean beside what is there already. Every row that cannot be taken is named; a workbook that has one
changes nothing, and one that was taken before changes nothing either.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kaohe.domain.errors import FieldInvalid, KaoheError, UnitInvalid
from kaohe.domain.limits import ACCOUNT_NAME_LENGTH
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.people import Person, Spell, check_spell
from kaohe.domain.permissions import ROLE_LABELS, Role
from kaohe.domain.units import TOP, Unit, UnitTree

UNITS, PEOPLE, ROLES = "单位", "人员", "角色"
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    UNITS: ("单位", "上级单位"),
    PEOPLE: ("姓名", "单位", "职务", "登记单位", "同名另登记"),
    ROLES: ("姓名", "角色", "单位"),
}
"""The sheets, any of which may be missing, and the columns of each; the first one must be filled in."""
_MAY_BE_MISSING: Final = frozenset({"同名另登记"})
"""No other column may be missing: without its unit, every row would go to the unit at the top."""
_BETWEEN_ROLES: Final = re.compile("[、，,；; ]+")
_YES: Final = frozenset({"是", "√", "1"})
_ROLES_BY_LABEL: Final = {label: role for role, label in ROLE_LABELS.items()}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has, or is to have, an account with roles in a unit."""

    name: str
    roles: frozenset[Role]
    unit_id: str


@dataclass(frozen=True, slots=True)
class RowRefused:
    """Why a row cannot be taken."""

    sheet: str
    row: int
    """From 1, the heading included."""
    message: str


@dataclass(slots=True)
class ProvincePlan:
    """What a workbook would change; nothing of it may be done while a row is refused."""

    tree: UnitTree
    """With the new units in it."""
    new_units: list[Unit] = field(default_factory=list)
    new_people: list[tuple[str, Spell]] = field(default_factory=list)
    """The unit that registers each, by id, and who it is."""
    invited: list[Holder] = field(default_factory=list)
    """Those who have no account yet."""
    changed: list[Holder] = field(default_factory=list)
    """Those whose account has other roles, or holds them in another unit."""
    former: dict[str, Holder] = field(default_factory=dict)
    """What each of these has now, by name: it may be a namesake's account."""
    unchanged_count: int = 0
    refused: list[RowRefused] = field(default_factory=list)


def plan_province(
    sheets: Sequence[TableSheet],
    tree: UnitTree,
    people: Sequence[Person],
    holders: Sequence[Holder],
    new_ids: Iterator[str],
) -> ProvincePlan:
    """Compare a workbook with what is there; ``new_ids`` gives each new unit its id.

    Raises:
        FieldInvalid: none of its sheets has one of the names.
    """
    found = {name: [sheet for sheet in sheets if sheet.name.strip() == name] for name in COLUMNS}
    if not any(found.values()):
        raise FieldInvalid(f"文件里没有名为{'、'.join(COLUMNS)}的工作表，请按部署手册里的样表填写。")
    reading = _Reading(ProvincePlan(tree), people, holders, new_ids)
    for name, take in ((UNITS, reading.take_unit), (PEOPLE, reading.take_person), (ROLES, reading.take_role)):
        for sheet in found[name]:
            for number, row in reading.rows(sheet):
                try:
                    take(row)
                except KaoheError as refusal:
                    reading.plan.refused.append(RowRefused(name, number, refusal.message))
    return reading.plan


class _Reading:
    """One workbook while its rows are taken, units first."""

    def __init__(
        self, plan: ProvincePlan, people: Sequence[Person], holders: Sequence[Holder], new_ids: Iterator[str]
    ) -> None:
        self.plan = plan
        self._new_ids = new_ids
        self._registered: dict[tuple[str, str], list[Spell]] = defaultdict(list)
        for record in (record for person in people for record in _records(person)):
            for spell in record.spells:
                self._registered[record.unit_id, spell.name].append(spell)
        self._has = {holder.name: holder for holder in holders}
        self._said: dict[str, Holder] = {}
        self._by_path: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for unit in plan.tree.units.values():
            self._index(unit)

    def rows(self, sheet: TableSheet) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows below the heading that are not blank, each with its number and its cells by column."""
        columns = COLUMNS[sheet.name.strip()]
        heading = ["".join(cell.split()) for cell in sheet.rows[0]]
        wrong = [
            name for name in columns if heading.count(name) != 1 and (name in heading or name not in _MAY_BE_MISSING)
        ]
        if wrong:
            problem = f"缺少或重复：{'、'.join(wrong)}。不填的列也请留着表头"
            self.plan.refused.append(RowRefused(sheet.name, 1, f"第一行应为表头：{'、'.join(columns)}；{problem}。"))
            return
        at = {column: heading.index(column) for column in columns if column in heading}
        if hidden := [name for name, column in at.items() if column in sheet.hidden_columns]:
            problem = f"{'、'.join(hidden)}在表格里是隐藏的列：要导入请取消隐藏，不要请清空这一列。"
            self.plan.refused.append(RowRefused(sheet.name, 1, problem))
            return
        for number, cells in enumerate(sheet.rows[1:], start=2):
            row = {
                name: " ".join(cells[at[name]].split()) if at.get(name, len(cells)) < len(cells) else ""
                for name in columns
            }
            doubt = sheet.doubt_of(number, at.values()) if any(row.values()) else ""
            if doubt:
                self.plan.refused.append(RowRefused(sheet.name, number, f"{doubt}。"))
            elif any(row.values()):
                yield number, row

    def take_unit(self, row: Mapping[str, str]) -> None:
        """A unit, which is made unless it stands there."""
        above = self._unit(row["上级单位"])
        there = next((unit for unit in self.plan.tree.below(above.id) if unit.name == row["单位"]), None)
        if there is not None:
            _require_open(there)
            self.plan.unchanged_count += 1
            return
        unit = Unit(next(self._new_ids), row["单位"], above.id)
        self.plan.tree = self.plan.tree.with_unit(unit)
        self.plan.new_units.append(unit)
        self._index(unit)

    def take_person(self, row: Mapping[str, str]) -> None:
        """Somebody for the register, who is registered unless known by name, unit and post, now or at any time.

        Raises:
            FieldInvalid: the name or place cannot be taken, or it is a namesake's and nobody says that they are two.
        """
        keeper = self._unit(row["登记单位"])
        _require_open(keeper)
        spell = check_spell(Spell(row["姓名"], row["单位"], row["职务"]))
        namesakes = self._registered[keeper.id, spell.name]
        if any((each.unit, each.post) == (spell.unit, spell.post) for each in namesakes):
            self.plan.unchanged_count += 1
            return
        if namesakes and row["同名另登记"] not in _YES:
            places = "、".join(dict.fromkeys(each.place or "未写单位和职务" for each in namesakes))
            raise FieldInvalid(
                f"人员库或本表里已有“{spell.name}”（{places}）：是同一人的，请在人员页登记变动；是另一人的，请在“同名另登记”填“是”。"
            )
        namesakes.append(spell)
        self.plan.new_people.append((keeper.id, spell))

    def take_role(self, row: Mapping[str, str]) -> None:
        """Somebody's roles: an invitation, or what changes about the account that there is.

        Raises:
            FieldInvalid: a role or name that is none, or a name that stood in an earlier row.
        """
        unit = self._unit(row["单位"])
        _require_open(unit)
        labels = [label for label in _BETWEEN_ROLES.split(row["角色"]) if label]
        if not labels or not _ROLES_BY_LABEL.keys() >= set(labels):
            raise FieldInvalid(f"角色应为{'、'.join(_ROLES_BY_LABEL)}，可以写几个，用顿号隔开。")
        if not 1 <= len(row["姓名"]) <= ACCOUNT_NAME_LENGTH:
            raise FieldInvalid(f"请填写姓名（1 到 {ACCOUNT_NAME_LENGTH} 个字）。")
        wanted = Holder(row["姓名"], frozenset(_ROLES_BY_LABEL[label] for label in labels), unit.id)
        if wanted.name in self._said:
            raise FieldInvalid(
                f"“{wanted.name}”在本表里已经写过；同名的两人请写成不同的账号姓名，例如“{wanted.name}（{unit.name}）”。"
            )
        self._said[wanted.name] = wanted
        has = self._has.get(wanted.name)
        if has == wanted:
            self.plan.unchanged_count += 1
        elif has is None:
            self.plan.invited.append(wanted)
        else:
            self.plan.changed.append(wanted)
            self.plan.former[wanted.name] = has

    def _unit(self, words: str) -> Unit:
        """The unit that is meant by a name or by names from above joined by ``/``; the one at the top by nothing."""
        path = tuple(" ".join(name.split()) for name in words.split("/"))
        ids = [TOP] if not words else self._by_path.get(path, [])
        # Where none or several are meant, the tree says so in words.
        return self.plan.tree.units[ids[0]] if len(ids) == 1 else self.plan.tree.find(words)

    def _index(self, unit: Unit) -> None:
        names = tuple(each.name for each in self.plan.tree.path(unit.id))
        for start in range(len(names)):
            self._by_path[names[start:]].append(unit.id)


def _records(person: Person) -> Iterator[Person]:
    """A person under the unit that registers it now, and each record that was merged under that which registered it.

    What a workbook said stays said: who has another post since, or is one with another record, is not made anew.
    """
    yield person
    for merged in person.merged:
        yield from _records(merged)


def _require_open(unit: Unit) -> None:
    if unit.is_closed:
        raise UnitInvalid(f"“{unit.name}”已撤销，请另选单位，或先恢复它。")
