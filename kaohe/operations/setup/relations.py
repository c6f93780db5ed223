"""Drawing who grades whom (评分关系): a voter group is divided, corrected, or made whole again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.domain.relations import Pair, corrected, divided_by_list, divided_by_unit, small_forms, undivided
from kaohe.domain.tally_refusals import as_refusal
from kaohe.operations.setup.steps import changing
from kaohe.operations.setup.voters import keep_shared_group
from kaohe.storage.database import Transaction
from kaohe.storage.meetings import store_setup
from kaohe.storage.numbers import figures_of_round
from kaohe.storage.rounds import current_round
from kaohe.tally.model import Subject
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Relation


def divide_by_unit(
    actor: str, meeting_id: str, version: int, group_key: str, relation: Relation, entitled: int | None = None
) -> None:
    """Divide a voter group by the units of those whom it grades: each part grades its own unit, or every other one.

    ``entitled`` voters are in each part; without a number, as many as its unit has people on the list.

    Raises:
        FieldInvalid: as ``divided_by_unit``; there are tickets already; or there is no such group or number.
        SectionRefused: a subject belongs to no section yet.
        EditedMeanwhile, WrongState.
    """
    _require_entitled(entitled)
    _draw(actor, meeting_id, version, group_key, lambda setup: divided_by_unit(setup, group_key, relation, entitled))


def divide_by_list(
    actor: str, meeting_id: str, version: int, group_key: str, pairs: Sequence[Pair], entitled: int = 1
) -> None:
    """Divide a voter group as a list says, such as people and the leader in charge of each.

    Raises:
        FieldInvalid: as ``divided_by_list``; there are tickets already; or there is no such group or number.
        SectionRefused: a subject belongs to no section yet.
        EditedMeanwhile, WrongState.
    """
    _require_entitled(entitled)
    _draw(actor, meeting_id, version, group_key, lambda setup: divided_by_list(setup, group_key, pairs, entitled))


def make_whole(actor: str, meeting_id: str, version: int, group_key: str) -> None:
    """Let everybody in a voter group grade everybody again.

    Raises:
        FieldInvalid: there are tickets already, or there is no such group.
        EditedMeanwhile, WrongState.
    """
    _draw(actor, meeting_id, version, group_key, lambda setup: undivided(setup, group_key))


def correct_relation(
    actor: str,
    meeting_id: str,
    version: int,
    marks: Mapping[str, frozenset[str]],
    among: Sequence[Subject],
    entitled: Mapping[str, int],
) -> None:
    """Change single cells of the grid: by part, whom of ``among`` it may grade; and how many are entitled, by part.

    Tickets that are there stay good: they lead to the same form, on which other people stand.

    Raises:
        FieldInvalid: a ballot would have no subject, a subject no grader, or a number is out of bounds.
        EditedMeanwhile, WrongState.
    """
    for number in entitled.values():
        _require_entitled(number)
    with changing(actor, meeting_id, version, "changed_relations") as (session, setup):
        groups = corrected(setup, marks, among)
        store_setup(session, replace(setup, groups=tuple(_with_entitled(group, entitled) for group in groups)))


def confirm_named(actor: str, meeting_id: str, version: int) -> None:
    """Confirm that the forms which too few people hold for a secret vote are not secret (记名). Idempotent.

    Raises:
        EditedMeanwhile, WrongState.
    """
    with changing(actor, meeting_id, version, "confirmed_named") as (session, setup):
        small = {group.key for group in small_forms(setup)}
        groups = tuple(replace(group, is_named=group.key in small) for group in setup.groups)
        store_setup(session, replace(setup, groups=groups))


def _draw(
    actor: str, meeting_id: str, version: int, group_key: str, draw: Callable[[MeetingSetup], tuple[Group, ...]]
) -> None:
    with changing(actor, meeting_id, version, "changed_relations", group=group_key) as (session, setup):
        if group_key not in {group.counted_as for group in setup.groups}:
            raise FieldInvalid("没有这个票种，请刷新页面后重新选择。")
        _require_no_tickets(session, meeting_id)
        try:
            groups = draw(setup)
        except SectionError as error:
            raise as_refusal(error) from error
        store_setup(session, keep_shared_group(replace(setup, groups=groups)))


def _require_no_tickets(session: Transaction, meeting_id: str) -> None:
    """A slip that is printed already names its form, and drawing anew would give that name to another one."""
    if any(numbers.printed for numbers in figures_of_round(session, current_round(session, meeting_id).id).values()):
        raise FieldInvalid("已经制票，不能重新划分评分关系；可以在下面逐格更正，或先作废已制的票。")


def _require_entitled(number: int | None) -> None:
    if number is not None and not 1 <= number <= PEOPLE_AT_MOST:
        raise FieldInvalid(f"每组人数应为 1 到 {PEOPLE_AT_MOST}。")


def _with_entitled(group: Group, entitled: Mapping[str, int]) -> Group:
    number = entitled.get(group.key, group.entitled) if group.part_of else group.entitled
    # Whoever was confirmed as named may be many enough now, or few anew: the chair is asked again.
    return group if number == group.entitled else replace(group, entitled=number, is_named=False)
