"""Meetings like another one: the same again, or one for each unit of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import MEETINGS_AT_ONCE, SUBJECTS_AT_MOST
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.domain.voter_groups import Group
from kaohe.operations.people.register import link_subjects
from kaohe.operations.setup.preparing import meeting_id_by, store_new_meeting
from kaohe.operations.setup.steps import read_line
from kaohe.operations.setup.subjects import listed_subjects
from kaohe.storage.database import transaction
from kaohe.storage.emblems import emblem_of, save_emblem
from kaohe.storage.meetings import unit_of_meeting
from kaohe.storage.people import people_of_meeting, store_people_of_meeting
from kaohe.storage.rounds import current_round, round_setup
from kaohe.storage.units import unit_tree
from kaohe.storage.wireless import save_wireless, wireless_of


def copy_meeting(
    actor: str,
    like_id: str,
    *,
    title: str,
    unit: str,
    held_on: date | None,
    token: str,
    unit_id: str = TOP,
    reach: Reach = EVERYWHERE,
) -> str:
    """Make a meeting with the scheme, subjects, voter groups and hall of another one, and return its id.

    Of a meeting that has been held, what it was held by is taken. Tickets, keys, scores, results, and the chair's word
    that a small form is 记名 are its own and stay with it. ``title`` and the rest are as for ``create_meeting``, and so
    is ``token``.

    Raises:
        MeetingUnknown: there is no meeting to copy.
        FieldInvalid: the title is empty or title or unit are too long.
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    with transaction() as session:
        like = round_setup(session, current_round(session, like_id))
        setup = replace(
            like,
            id=meeting_id_by(token, title, unit, str(held_on), like_id, unit_id),
            title=read_line(title, "会议名称", is_needed=True),
            unit=read_line(unit, "测评单位"),
            held_on=held_on,
            groups=tuple(replace(group, is_named=False) for group in like.groups),
            version=1,
        )
        store_new_meeting(session, actor, setup, unit_id, reach, like=like.title)
        save_wireless(session, setup.id, wireless_of(session, like_id))
        save_emblem(session, setup.id, emblem_of(session, like_id))
        people = people_of_meeting(session, like_id)
        keys = [subject.key for subject in setup.subjects if subject.key in people]
        store_people_of_meeting(session, setup.id, keys, {key: people[key] for key in keys})
    return setup.id


def copy_for_units(
    actor: str,
    like_id: str,
    lists: Mapping[str, Sequence[SubjectEntry]],
    *,
    title: str,
    held_on: date | None,
    token: str,
    reach: Reach = EVERYWHERE,
) -> Sequence[str]:
    """Make one meeting like another one for each unit that ``lists`` names, of its own people; return their ids.

    Scheme, labels and weights of the voter groups, and the hall are taken over; how many are entitled is each
    meeting's own and to be said. A meeting belongs to the unit of its name, where just one within reach is called so,
    and else where the other one belongs. All of them are made, or none; with the same ``token``, once.

    Raises:
        MeetingUnknown: there is no meeting to copy.
        FieldInvalid: no unit or too many, too many people in one, a unit, title or section (分表) that cannot be.
        PersonDoubted: somebody may be one of the register or not.
        UnitUnknown, UnitInvalid: the other meeting's unit is not within reach, or it is closed.
    """
    if not 1 <= len(lists) <= MEETINGS_AT_ONCE:
        raise FieldInvalid(f"一次可以为 1 到 {MEETINGS_AT_ONCE} 个单位建立会议，这份名单有 {len(lists)} 个。")
    made = []
    with transaction() as session:
        like = round_setup(session, current_round(session, like_id))
        own_unit = unit_of_meeting(session, like_id)
        own_units: dict[str, list[str]] = {}
        for known in unit_tree(session).units.values():
            if known.id in reach and not known.is_closed:
                own_units.setdefault(known.name, []).append(known.id)
        for unit, entries in lists.items():
            if len(entries) > SUBJECTS_AT_MOST:
                raise FieldInvalid(f"“{unit}”有 {len(entries)} 个考核对象，一场最多 {SUBJECTS_AT_MOST} 个。")
            setup = _emptied(like, meeting_id_by(token, title, unit, str(held_on), like_id), unit)
            setup = replace(setup, title=read_line(title, "会议名称", is_needed=True), held_on=held_on)
            setup = replace(setup, subjects=listed_subjects(setup, entries))
            found = own_units.get(unit, [])
            made.append(setup.id)
            belongs_to = found[0] if len(found) == 1 else own_unit
            if store_new_meeting(session, actor, setup, belongs_to, reach, like=like.title):
                save_wireless(session, setup.id, wireless_of(session, like_id))
                save_emblem(session, setup.id, emblem_of(session, like_id))
                link_subjects(session, actor, replace(setup, subjects=()), entries, setup.subjects)
    return made


def _emptied(like: MeetingSetup, meeting_id: str, unit: str) -> MeetingSetup:
    """A set-up for other people: nobody is listed, and how many vote is not known yet."""
    groups = {group.counted_as: group for group in like.groups}
    whole = tuple(Group(key, group.counted_label, group.weight, entitled=0) for key, group in groups.items())
    shared = like.shared_group if like.shared_group in groups else None
    unit = read_line(unit, "测评单位", is_needed=True)
    return replace(like, id=meeting_id, unit=unit, subjects=(), groups=whole, shared_group=shared, version=1)
