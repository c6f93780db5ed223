"""Meetings out of another one: the same again, one for each unit of a list, or of those who have no competition."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import MEETINGS_AT_ONCE, TITLE_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.domain.voter_groups import Group, grading_only, groups_to_begin_with
from kaohe.domain.voting_mode import subjects_at_most
from kaohe.operations.people.register import Doubt, doubts_of_new, link_subjects
from kaohe.operations.setup.preparing import list_meetings, meeting_id_by, store_new_meeting
from kaohe.operations.setup.scheme import meeting_preset
from kaohe.operations.setup.subjects import listed_subjects
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.emblems import emblem_of, save_emblem
from kaohe.storage.inputs import keep_inputs_of
from kaohe.storage.meetings import (
    load_setup,
    material_lengths,
    material_of,
    store_material,
    store_setup,
    unit_of_meeting,
)
from kaohe.storage.people import people_of_meeting, store_people_of_meeting
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, current_round, round_setup, round_state
from kaohe.storage.units import unit_tree
from kaohe.storage.wireless import save_wireless, wireless_of
from kaohe.tally.awards.electing import uncontested
from kaohe.tally.model import Subject
from kaohe.tally.scheme.refusals import SectionError

_RECOMMENDATION = "jingzheng-shanggang-tuijian"
_CALLED = "（民主推荐）"
_EVERY_POST = "各职位的人选都多于职位数，没有要另行推荐的。"
_NO_POST = "各职位都没有差额：请把本场的考核方案换成“竞争上岗民主推荐”，不必另建会议。"


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
    made = []
    with transaction() as session:
        like = round_setup(session, current_round(session, like_id))
        _require_units(like, lists)
        owners = _owners(session, like_id, lists, reach)
        for unit, entries in lists.items():
            setup = _emptied(like, meeting_id_by(token, title, unit, str(held_on), like_id), unit)
            setup = replace(setup, title=read_line(title, "会议名称", is_needed=True), held_on=held_on)
            setup = replace(setup, subjects=listed_subjects(setup, entries))
            made.append(setup.id)
            if store_new_meeting(session, actor, setup, owners[unit], reach, like=like.title):
                save_wireless(session, setup.id, wireless_of(session, like_id))
                save_emblem(session, setup.id, emblem_of(session, like_id))
                link_subjects(session, actor, replace(setup, subjects=()), entries, setup.subjects)
    return made


def doubts_of_units(
    like_id: str, lists: Mapping[str, Sequence[SubjectEntry]], reach: Reach = EVERYWHERE
) -> Mapping[str, Sequence[Doubt]]:
    """By unit: the entries of which it must be said who they are before ``copy_for_units`` makes its meeting.

    Raises:
        MeetingUnknown: there is no meeting to copy.
        FieldInvalid: no unit or too many, too many people in one, or a unit that cannot be.
    """
    with reading() as session:
        _require_units(round_setup(session, current_round(session, like_id)), lists)
        owners = _owners(session, like_id, lists, reach)
        return {unit: doubts_of_new(session, owners[unit], entries) for unit, entries in lists.items()}


def units_met(title: str, units: Iterable[str], reach: Reach = EVERYWHERE) -> Sequence[str]:
    """Which of the units, as sheets print them, have a meeting of this title already, however it is written."""
    there = {line.unit for line in list_meetings(reach) if _as_compared(line.title) == _as_compared(title)}
    return [unit for unit in units if unit in there]


def _as_compared(title: str) -> str:
    """A title without what people write in different ways: width, spaces, quotes and brackets, 2027年 and 2027年度."""
    letters = "".join(ch for ch in unicodedata.normalize("NFKC", title).casefold() if ch.isalnum())
    return letters.replace("年度", "年")


def recommend_uncontested(
    actor: str, meeting_id: str, version: int, *, token: str, reach: Reach = EVERYWHERE
) -> tuple[str, Sequence[Subject]]:
    """Move those who stand for a post without competition to a meeting that recommends them, and leave the others.

    What can be read about them, and who they are in the register, goes with them; how many vote is to be said there.
    Returns the id of that meeting and its subjects; with the same ``token`` it is made once.

    Raises:
        FieldInvalid: every post has competition, or none has.
        SectionRefused: a subject belongs to no section.
        EditedMeanwhile, WrongState, MeetingUnknown, UnitUnknown, UnitInvalid.
    """
    made_id = meeting_id_by(token, meeting_id, _RECOMMENDATION)
    with changing_round(meeting_id) as (session, row):
        if round_state(session, made_id, None) is not None:
            return made_id, load_setup(session, made_id).subjects
        require_state(row, MeetingState.DRAFT)
        setup = replace(load_setup(session, meeting_id), version=version)
        try:
            moved = uncontested(setup.full_scheme, setup.subjects)
        except SectionError as error:
            raise as_refusal(error) from error
        keys = [subject.key for subject in moved]
        left = tuple(subject for subject in setup.subjects if subject.key not in keys)
        if not moved or not left:
            raise FieldInvalid(_EVERY_POST if left else _NO_POST)
        scheme = meeting_preset(_RECOMMENDATION)
        made = replace(
            setup,
            id=made_id,
            title=f"{setup.title[: TITLE_LENGTH - len(_CALLED)]}{_CALLED}",
            scheme=scheme,
            subjects=tuple(replace(subject, section="") for subject in moved),
            groups=groups_to_begin_with(scheme),
            shared_group=None,
            version=1,
        )
        store_new_meeting(session, actor, made, unit_of_meeting(session, meeting_id), reach, like=setup.title)
        save_wireless(session, made_id, wireless_of(session, meeting_id))
        save_emblem(session, made_id, emblem_of(session, meeting_id))
        people = people_of_meeting(session, meeting_id)
        store_people_of_meeting(session, made_id, keys, {key: people[key] for key in keys if key in people})
        for key in material_lengths(session, meeting_id).keys() & set(keys):
            store_material(session, made_id, key, material_of(session, meeting_id, key))
        staying = [subject.key for subject in left]
        store_setup(session, replace(setup, subjects=left, groups=grading_only(setup.groups, staying)))
        store_people_of_meeting(session, meeting_id, keys, {})
        keep_inputs_of(session, meeting_id, staying)
        record(session, meeting_id, actor, "moved_uncontested", count=str(len(moved)), meeting=made.title)
    return made_id, made.subjects


def _require_units(like: MeetingSetup, lists: Mapping[str, Sequence[SubjectEntry]]) -> None:
    if not 1 <= len(lists) <= MEETINGS_AT_ONCE:
        raise FieldInvalid(f"一次可以为 1 到 {MEETINGS_AT_ONCE} 个单位建立会议，这份名单有 {len(lists)} 个。")
    at_most = subjects_at_most(like.scheme)
    for unit, entries in lists.items():
        read_line(unit, f"单位名称“{unit}”", is_needed=True)
        if len(entries) > at_most:
            raise FieldInvalid(f"“{unit}”有 {len(entries)} 个考核对象，一场最多 {at_most} 个。")


def _owners(session: Transaction, like_id: str, names: Iterable[str], reach: Reach) -> Mapping[str, str]:
    """By name: the id of the one unit within reach that is called so, else of the unit of the other meeting."""
    found: dict[str, list[str]] = {}
    for unit in unit_tree(session).units.values():
        if unit.id in reach and not unit.is_closed:
            found.setdefault(unit.name, []).append(unit.id)
    own = unit_of_meeting(session, like_id)
    return {name: found[name][0] if len(found.get(name, ())) == 1 else own for name in names}


def _emptied(like: MeetingSetup, meeting_id: str, unit: str) -> MeetingSetup:
    """A set-up for other people: nobody is listed, and how many vote is not known yet."""
    groups = {group.counted_as: group for group in like.groups}
    whole = tuple(Group(key, group.counted_label, group.weight, entitled=0) for key, group in groups.items())
    shared = like.shared_group if like.shared_group in groups else None
    unit = read_line(unit, "测评单位", is_needed=True)
    return replace(like, id=meeting_id, unit=unit, subjects=(), groups=whole, shared_group=shared, version=1)
