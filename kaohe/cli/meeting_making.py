"""A meeting file becomes a meeting: read and checked whole first, so that a bad file makes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from kaohe.cli.application import ACTOR
from kaohe.cli.results.brought import Brought, check_brought, store_brought
from kaohe.cli.results.named import FileUnreadable, read_file
from kaohe.domain.limits import COMPUTED_SUBJECTS_AT_MOST, PEOPLE_AT_MOST
from kaohe.domain.meeting_file_groups import Division, GroupOrder
from kaohe.domain.meeting_files import (
    PROBLEMS_SHOWN,
    MeetingFile,
    MeetingFileInvalid,
    parse_meeting_file,
    problems_text,
)
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.domain.office_tables.account import Account, TableQuestion
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.relations import Pair, divided_by_list, divided_by_unit
from kaohe.domain.rosters import SubjectEntry, keyed_subjects
from kaohe.domain.score_sheets import read_pairs
from kaohe.domain.sections import require_known_sections, with_sections_named
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.units import TOP
from kaohe.domain.voting_mode import require_ballots, require_room, subjects_at_most
from kaohe.intake.documents import read_document
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.people.register import register_subjects, require_no_doubts
from kaohe.operations.people.units import find_unit
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.material import put_material, readable
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.relations import confirm_named, divide_by_list, divide_by_unit
from kaohe.operations.setup.scheme import change_scheme, meeting_preset
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Relation, Scheme

_ROWS_SHOWN = 5
NOBODY_READ = "没有读到考核对象：请至少写一行姓名（表头除外）。"
"""What is wrong with a list that is clear and names nobody."""
_PLAIN_PRESET = "si-deng"
"""What a meeting with a scheme of its own begins from."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is to be made, read and checked."""

    file: MeetingFile
    folder: Path
    """Where the files that the meeting file names are looked for."""
    scheme: Scheme
    orders: tuple[GroupOrder, ...]
    subjects: tuple[SubjectEntry, ...]
    unit_id: str
    parts: Sequence[tuple[GroupOrder, Group]]
    """The groups of tickets that the meeting will have, each with its order."""
    materials: Sequence[str]
    """What can be read about each subject that stands in the meeting file itself."""
    brought: Brought


def make_meeting(path: Path) -> str:
    """Make the meeting that the file describes, its tickets included, and return its id.

    Raises:
        FileUnreadable, MeetingFileInvalid, UnitUnknown, UnitInvalid, PresetUnknown, BallotsNotTaken, SchemeError,
            SpreadsheetRefusal, PersonDoubted, FieldInvalid, SectionRefused, ComponentRefused, DecisionRefused:
            nothing is made.
    """
    plan = _plan(path)
    file = plan.file
    meeting_id = create_meeting(
        ACTOR,
        title=file.title,
        unit=file.unit,
        held_on=file.held_on,
        preset_id=file.preset or _PLAIN_PRESET,
        unit_id=plan.unit_id,
    )
    change_scheme(ACTOR, meeting_id, _version(meeting_id), plan.scheme)
    change_subjects(ACTOR, meeting_id, _version(meeting_id), plan.subjects)
    if file.groups:
        change_groups(ACTOR, meeting_id, _version(meeting_id), [order.group for order in plan.orders])
    change_hall(
        ACTOR,
        meeting_id,
        _version(meeting_id),
        hall_view=file.hall_view,
        custody=file.custody,
        shared_group=file.shared_group(plan.orders),
        ballot_list_wanted=file.ballot_list_wanted,
        two_people=file.two_people,
    )
    _say_who_grades_whom(meeting_id, plan)
    for subject, material in zip(load_meeting(meeting_id)[0].subjects, plan.materials, strict=False):
        if material:
            put_material(ACTOR, meeting_id, _version(meeting_id), subject.key, material)
    if file.registers:
        register_subjects(ACTOR, meeting_id)
    for order, part in plan.parts:
        if order.tickets_for(part) + order.spares:
            issue_tickets(ACTOR, meeting_id, part.key, order.tickets_for(part), order.spares)
    store_brought(meeting_id, plan.brought)
    return meeting_id


def _plan(path: Path) -> _Plan:
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"文件 {path} 不是 UTF-8 编码，请另存为 UTF-8 后重试。") from error
    file, folder = parse_meeting_file(text), path.parent
    scheme = _scheme(file)
    orders = file.orders_for(scheme)
    subjects = file.subjects if file.subjects_file is None else _listed(folder / file.subjects_file, scheme)
    setup = _drafted(file, scheme, orders, subjects, folder)
    parts = _parts(orders, setup)
    if file.shared_group(orders) or any(order.tickets_for(part) + order.spares for order, part in parts):
        require_ballots(scheme)
    materials = [readable(read_document(read_file(folder / name))) if name else "" for name in file.materials]
    unit_id = find_unit(file.belongs_to).id if file.belongs_to else TOP
    require_no_doubts(unit_id, subjects)
    brought = check_brought(file, folder, setup)
    return _Plan(file, folder, scheme, orders, subjects, unit_id, parts, materials, brought)


def _drafted(
    file: MeetingFile, scheme: Scheme, orders: Sequence[GroupOrder], subjects: Sequence[SubjectEntry], folder: Path
) -> MeetingSetup:
    """The set-up of the meeting as it will be; whatever would keep it from being divided so is refused here.

    Raises:
        MeetingFileInvalid, FieldInvalid, SectionRefused, FileUnreadable, SpreadsheetRefusal.
    """
    require_room(scheme, len(subjects))
    setup = MeetingSetup(
        id="",
        title=file.title,
        unit=file.unit,
        held_on=file.held_on,
        scheme=scheme,
        subjects=with_sections_named(scheme, keyed_subjects(subjects, ())),
        groups=tuple(order.group for order in orders),
        hall_view=file.hall_view,
        custody=file.custody,
        shared_group=None,
        ballot_list_wanted=file.ballot_list_wanted,
        version=0,
    )
    require_known_sections(scheme, setup.subjects)
    for order in orders:
        if order.division is not None:
            try:
                setup = replace(setup, groups=_drawn(setup, order.group.key, order.division, folder))
            except SectionError as error:
                raise as_refusal(error) from error
    return setup


def _parts(orders: Sequence[GroupOrder], setup: MeetingSetup) -> list[tuple[GroupOrder, Group]]:
    by_key = {order.group.key: order for order in orders}
    parts = [(by_key[part.counted_as], part) for part in setup.groups]
    if sum(order.tickets_for(part) + order.spares for order, part in parts) > PEOPLE_AT_MOST:
        raise MeetingFileInvalid(f"会议文件的 groups 有误：一场会议最多制作 {PEOPLE_AT_MOST} 张票。")
    return parts


def _drawn(setup: MeetingSetup, group_key: str, division: Division, folder: Path) -> tuple[Group, ...]:
    if division.by_unit is not None:
        return divided_by_unit(setup, group_key, Relation(division.by_unit), division.entitled)
    return divided_by_list(setup, group_key, _pairs(setup, division, folder), division.entitled or 1)


def _say_who_grades_whom(meeting_id: str, plan: _Plan) -> None:
    for order in plan.orders:
        division = order.division
        if division is None:
            continue
        setup, _ = load_meeting(meeting_id)
        key, version, number = order.group.key, setup.version, division.entitled
        if division.by_unit is not None:
            divide_by_unit(ACTOR, meeting_id, version, key, Relation(division.by_unit), number)
        else:
            divide_by_list(ACTOR, meeting_id, version, key, _pairs(setup, division, plan.folder), number or 1)
    if plan.file.is_named:
        confirm_named(ACTOR, meeting_id, _version(meeting_id))


def _pairs(setup: MeetingSetup, division: Division, folder: Path) -> Sequence[Pair]:
    """Who grades whom, as the list of a meeting file says.

    Raises:
        MeetingFileInvalid: rows of it cannot be taken, each with its number.
        FileUnreadable, SpreadsheetRefusal.
    """
    path = folder / division.list_file
    sheet = read_pairs(read_sheets(path.name, read_file(path)), setup.subjects)
    if sheet.problems:
        raise MeetingFileInvalid(f"评分关系名单 {path.name} 还不能用，没有创建会议：{problems_text(sheet.problems)}")
    return sheet.pairs


def _scheme(file: MeetingFile) -> Scheme:
    preset = meeting_preset(file.preset) if file.preset is not None else None
    return file.scheme_with(preset)


def _listed(path: Path, scheme: Scheme) -> tuple[SubjectEntry, ...]:
    account = read_roster_file(path, {}, subjects_at_most(scheme))
    if not account.is_ready:
        why = asks_text(account) or NOBODY_READ
        how = f"请在表格里改好、写明后重新运行；逐行怎样读的，可运行 kaohe roster read {path.name} 查看。"
        raise MeetingFileInvalid(f"考核对象名单 {path.name} 还不能用，没有创建会议：{why}{how}")
    names = "、".join(person.entry.name for person in account.people)
    # Beside the id, which alone goes to the standard output.
    click.echo(f"名单 {path.name}：读到 {len(account.people)} 个考核对象：{names}", err=True)
    return tuple(person.entry for person in account.people)


def read_roster_file(
    path: Path, answers: Mapping[TableQuestion, str], at_most: int = COMPUTED_SUBJECTS_AT_MOST
) -> Account:
    """What an office's file is read as, of ``at_most`` people; nothing is stored.

    Raises:
        FileUnreadable, SpreadsheetRefusal.
    """
    return read_roster(read_sheets(path.name, read_file(path)), answers, at_most=at_most)


def asks_text(account: Account) -> str:
    """What must be answered or mended first, the first ten of it."""
    places = [account.places_text(ask, _ROWS_SHOWN) for ask in account.asks[:PROBLEMS_SHOWN]]
    lines = [f"{place}：{ask.what}" if place else ask.what for place, ask in zip(places, account.asks, strict=False)]
    rest = len(account.asks) - PROBLEMS_SHOWN
    more = f"；另有 {rest} 处" if rest > 0 else ""
    return "；".join(lines) + more + "。" if lines else ""


def _version(meeting_id: str) -> int:
    return load_meeting(meeting_id)[0].version
