"""A whole province set up from one workbook: units, people and roles, in one transaction or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.people import Person
from kaohe.domain.permissions import roles_text
from kaohe.domain.province import Holder, ProvincePlan, plan_province
from kaohe.operations.people.accounts import require_an_administrator
from kaohe.operations.people.sign_in_links import first_sign_in_url, make_sign_in_link
from kaohe.storage.accounts import accounts_for_update, all_accounts, save_account, write_roles
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.people import all_people, store_person
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.units import store_unit, unit_tree


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link for somebody who has no account yet."""

    name: str
    unit_text: str
    roles_text: str
    link: str


def preview_province(sheets: Sequence[TableSheet]) -> ProvincePlan:
    """What a workbook would change, and the rows that cannot be taken; nothing is done.

    Raises:
        FieldInvalid: it has none of the sheets.
    """
    with reading() as session:
        return _plan(session, sheets)


def set_up_province(actor: str, sheets: Sequence[TableSheet]) -> tuple[ProvincePlan, tuple[Invitation, ...]]:
    """Do what a workbook says, all of it or nothing, and invite those who have no account.

    Idempotent but for the invitations: as long as somebody has not made the account, each call makes a new link.

    Raises:
        FieldInvalid: it has none of the sheets, or a row that cannot be taken (see ``preview_province``), or it invites
            people where nobody has an account yet.
        LastAdministrator: nobody at the top would be left to manage accounts.
    """
    with transaction() as session:
        wait_for_turn(session, None)
        plan = _plan(session, sheets)
        if plan.refused:
            raise FieldInvalid(f"有 {len(plan.refused)} 行不能采用，没有保存任何内容，请改正后再运行。")
        if plan.invited and not all_accounts(session):
            # Whoever makes the first account manages the installation, whatever the link says.
            raise FieldInvalid("还没有账号。第一个建立账号的人总是管理员：请先用启动时给出的链接建立账号，再运行一次。")
        for unit in plan.new_units:
            store_unit(session, unit)
            above = plan.tree.unit(unit.parent_id or "")
            record(session, None, actor, "added_unit", unit=unit.name, above=above.name)
        for unit_id, spell in plan.new_people:
            person = Person(secrets.token_hex(6), unit_id, (spell,))
            store_person(session, person)
            record(session, None, actor, "registered_person", person=person.told, id=person.id)
        for holder in plan.changed:
            _place(session, actor, holder, plan)
    return plan, tuple(
        Invitation(
            holder.name,
            plan.tree.name_below(holder.unit_id),
            roles_text(holder.roles),
            first_sign_in_url(make_sign_in_link(actor, holder.roles, holder.unit_id)),
        )
        for holder in plan.invited
    )


def _plan(session: Transaction, sheets: Sequence[TableSheet]) -> ProvincePlan:
    holders = [Holder(each.name, each.roles, each.unit_id) for each in all_accounts(session)]
    return plan_province(sheets, unit_tree(session), all_people(session), holders, _new_ids())


def _new_ids() -> Iterator[str]:
    while True:
        yield secrets.token_hex(6)


def _place(session: Transaction, actor: str, holder: Holder, plan: ProvincePlan) -> None:
    accounts = accounts_for_update(session)
    before = next(each for each in accounts if each.name == holder.name)
    after = replace(before, roles=holder.roles, unit_id=holder.unit_id)
    require_an_administrator(accounts, after)
    save_account(session, after)
    if before.roles != after.roles:
        told = {"before": write_roles(before.roles), "roles": write_roles(after.roles)}
        record(session, None, actor, "changed_roles", account=after.name, **told)
    if before.unit_id != after.unit_id:
        was, unit = (plan.tree.unit(each.unit_id).name for each in (before, after))
        record(session, None, actor, "moved_account", account=after.name, before=was, unit=unit)
