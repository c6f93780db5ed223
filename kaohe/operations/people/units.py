"""The units of an installation: made, renamed, moved and closed by administrators, each within their own reach."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kaohe.domain.errors import UnitInvalid, UnitUnknown
from kaohe.domain.units import EVERYWHERE, TOP, Reach, Unit, UnitTree
from kaohe.storage.accounts import all_accounts
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import meetings_by_unit
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.units import store_unit, unit_tree


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit as a list shows it."""

    unit: Unit
    level: int
    """0 for the first one of the list."""
    name_below: str
    """Its name after those of the units between it and the first one of the list."""
    meeting_count: int
    account_count: int
    """Locked ones included."""


def list_units(reach: Reach = EVERYWHERE) -> Sequence[UnitLine]:
    """The units within a reach as they stand in the tree."""
    with reading() as session:
        tree, meetings = unit_tree(session), meetings_by_unit(session)
        accounts = Counter(account.unit_id for account in all_accounts(session))
    top_id = top_of(tree, reach)
    return [
        UnitLine(unit, level, tree.name_below(unit.id, top_id), meetings.get(unit.id, 0), accounts[unit.id])
        for level, unit in tree.from_top(top_id)
    ]


def unit_names(reach: Reach, *, are_open: bool = False) -> dict[str, str]:
    """The names of the units within a reach, or of the open ones, by id, each after those between it and the highest.

    Empty where there is one only: then nobody needs to be told, and there is nothing to choose.
    """
    with reading() as session:
        tree = unit_tree(session)
    top_id = top_of(tree, reach)
    within = [unit for _, unit in tree.from_top(top_id)]
    if len(within) == 1:
        return {}
    return {unit.id: tree.name_below(unit.id, top_id) for unit in within if not (are_open and unit.is_closed)}


def reach_below(unit_id: str) -> Reach:
    """A unit and all below it.

    Raises:
        UnitUnknown: no such unit.
    """
    with reading() as session:
        return unit_tree(session).reach(unit_id)


def find_unit(words: str) -> Unit:
    """The unit that is meant by an id, a name that only one has, or names from above joined by ``/``.

    Raises:
        UnitUnknown: none is meant, or several are.
    """
    with reading() as session:
        return unit_tree(session).find(words)


def top_of(tree: UnitTree, reach: Reach) -> str:
    """The highest unit within a reach."""
    return next((unit.id for _, unit in tree.from_top() if unit.id in reach), TOP)


def add_unit(actor: str, name: str, parent_id: str, reach: Reach = EVERYWHERE) -> str:
    """Make a unit below another one and return its id.

    Raises:
        UnitUnknown: the unit above is not there, or out of reach.
        UnitInvalid: the name is not free or too long, the unit above is closed, or there are too many.
    """
    unit = Unit(secrets.token_hex(6), " ".join(name.split()), parent_id)
    with transaction() as session:
        _change(session, unit, reach)
        record(session, None, actor, "added_unit", unit=unit.name, above=_tree(session).unit(parent_id).name)
    return unit.id


def rename_unit(actor: str, unit_id: str, name: str, reach: Reach = EVERYWHERE) -> None:
    """Give a unit another name; what is stored with its meetings stays as it was written. Idempotent.

    Raises:
        UnitUnknown, UnitInvalid: as for ``add_unit``.
    """
    with transaction() as session:
        unit = _unit(session, unit_id, reach)
        renamed = replace(unit, name=" ".join(name.split()))
        if renamed != unit:
            _change(session, renamed, reach)
            record(session, None, actor, "renamed_unit", unit=unit.name, name=renamed.name)


def move_unit(actor: str, unit_id: str, parent_id: str, reach: Reach = EVERYWHERE) -> None:
    """Put a unit, with all below it, under another one; its meetings and accounts go with it. Idempotent.

    Raises:
        UnitInvalid: it is the highest one within reach, or would stand below itself; or as for ``add_unit``.
        UnitUnknown: as for ``add_unit``.
    """
    with transaction() as session:
        unit = below_the_highest(session, unit_id, reach)
        if unit.parent_id != parent_id:
            _change(session, replace(unit, parent_id=parent_id), reach)
            tree = _tree(session)
            before, above = (tree.unit(each).name for each in (unit.parent_id or TOP, parent_id))
            record(session, None, actor, "moved_unit", unit=unit.name, before=before, above=above)


def close_unit(actor: str, unit_id: str, reach: Reach = EVERYWHERE) -> None:
    """Close a unit: its meetings stay, and it gets no new meeting, account or unit. Idempotent.

    Raises:
        UnitInvalid: it is the highest one within reach, or an open unit or an account in use is in it still.
        UnitUnknown: no such unit within reach.
    """
    with transaction() as session:
        unit = below_the_highest(session, unit_id, reach)
        if unit.is_closed:
            return
        below = [each.name for level, each in _tree(session).from_top(unit_id) if level and not each.is_closed]
        require_nobody_in(session, unit, below)
        store_unit(session, replace(unit, is_closed=True))
        record(session, None, actor, "closed_unit", unit=unit.name)


def reopen_unit(actor: str, unit_id: str, reach: Reach = EVERYWHERE) -> None:
    """Open a closed unit again. Idempotent.

    Raises:
        UnitInvalid: the unit above it is closed.
        UnitUnknown: no such unit within reach.
    """
    with transaction() as session:
        unit = _unit(session, unit_id, reach)
        if unit.is_closed:
            _change(session, replace(unit, is_closed=False), reach)
            record(session, None, actor, "reopened_unit", unit=unit.name)


def require_open_unit(session: Transaction, unit_id: str, reach: Reach) -> Unit:
    """A unit that may get a new meeting or account.

    Raises:
        UnitUnknown: no such unit within reach.
        UnitInvalid: it is closed.
    """
    unit = unit_tree(session).unit(unit_id)
    if unit_id not in reach:
        raise UnitUnknown
    if unit.is_closed:
        raise UnitInvalid(f"“{unit.name}”已撤销，请另选单位。")
    return unit


def require_nobody_in(session: Transaction, unit: Unit, below: Sequence[str] = ()) -> None:
    """Let a unit pass in which no account is in use; ``below`` are the names of units that must not be in it either.

    Raises:
        UnitInvalid: saying who and what is.
    """
    people = [account.name for account in all_accounts(session) if account.unit_id == unit.id and not account.is_locked]
    if below or people:
        inside = [f"{what}（{'、'.join(names)}）" for what, names in (("下级单位", below), ("账号", people)) if names]
        raise UnitInvalid(f"“{unit.name}”还有{'和'.join(inside)}，请先移到别的单位，或撤销、停用。")


def in_unit(unit: Unit) -> dict[str, str]:
    """What an act adds to its line in the record: the unit, where it is not the one at the top."""
    return {} if unit.id == TOP else {"unit": unit.name}


def _tree(session: Transaction) -> UnitTree:
    wait_for_turn(session, None)
    return unit_tree(session)


def _unit(session: Transaction, unit_id: str, reach: Reach) -> Unit:
    unit = _tree(session).unit(unit_id)
    if unit_id not in reach:
        raise UnitUnknown
    return unit


def below_the_highest(session: Transaction, unit_id: str, reach: Reach) -> Unit:
    """A unit that may be moved or closed.

    Raises:
        UnitInvalid: it is the highest one within reach.
        UnitUnknown: no such unit within reach.
    """
    unit = _unit(session, unit_id, reach)
    if unit_id == top_of(_tree(session), reach):
        raise UnitInvalid(f"“{unit.name}”是您所管的最上级单位，不能移动或撤销。")
    return unit


def _change(session: Transaction, unit: Unit, reach: Reach) -> None:
    """Store a unit as the tree takes it; the unit above it must be in reach where it is not the highest itself."""
    tree = _tree(session)
    is_highest = unit.id in tree.units and unit.id == top_of(tree, reach)
    if unit.parent_id is not None and unit.parent_id not in reach and not is_highest:
        raise UnitUnknown
    tree.with_unit(unit)
    store_unit(session, unit)
