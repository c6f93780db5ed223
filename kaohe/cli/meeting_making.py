"""A meeting file becomes a meeting: read and checked whole first, so that a bad file makes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from kaohe.cli.application import ACTOR
from kaohe.cli.results.brought import check_brought, store_brought
from kaohe.cli.results.named import FileUnreadable, read_file
from kaohe.domain.meeting_files import PROBLEMS_SHOWN, MeetingFile, MeetingFileInvalid, parse_meeting_file
from kaohe.domain.office_tables.account import Account, TableQuestion
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import TOP
from kaohe.domain.voting_mode import require_ballots
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.people.register import require_no_doubts
from kaohe.operations.people.units import find_unit
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.scheme import change_scheme, meeting_preset
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.tally.scheme.scheme import Scheme

_ROWS_SHOWN = 5
_PLAIN_PRESET = "si-deng"
"""What a meeting with a scheme of its own begins from."""


def make_meeting(path: Path) -> str:
    """Make the meeting that the file describes, its tickets included, and return its id.

    Raises:
        FileUnreadable, MeetingFileInvalid, UnitUnknown, UnitInvalid, PresetUnknown, BallotsNotTaken, SchemeError,
            SpreadsheetRefusal, PersonDoubted, FieldInvalid, ComponentRefused, DecisionRefused: nothing is made.
    """
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"文件 {path} 不是 UTF-8 编码，请另存为 UTF-8 后重试。") from error
    file = parse_meeting_file(text)
    scheme = _scheme(file)
    orders = file.orders_for(scheme)
    if file.shared_group(orders) or any(order.tickets + order.spares for order in orders):
        require_ballots(scheme)
    subjects = file.subjects if file.subjects_file is None else _listed(path.parent / file.subjects_file)
    unit_id = find_unit(file.belongs_to).id if file.belongs_to else TOP
    require_no_doubts(unit_id, subjects)
    brought = check_brought(file, path.parent, scheme, subjects, [order.group for order in orders])
    meeting_id = create_meeting(
        ACTOR,
        title=file.title,
        unit=file.unit,
        held_on=file.held_on,
        preset_id=file.preset or _PLAIN_PRESET,
        unit_id=unit_id,
    )
    if file.scheme_table:
        change_scheme(ACTOR, meeting_id, _version(meeting_id), scheme)
    change_subjects(ACTOR, meeting_id, _version(meeting_id), subjects)
    if file.groups:
        change_groups(ACTOR, meeting_id, _version(meeting_id), [order.group for order in orders])
    change_hall(
        ACTOR,
        meeting_id,
        _version(meeting_id),
        hall_view=file.hall_view,
        custody=file.custody,
        shared_group=file.shared_group(orders),
        ballot_list_wanted=file.ballot_list_wanted,
        two_people=file.two_people,
    )
    for order in orders:
        if order.tickets + order.spares:
            issue_tickets(ACTOR, meeting_id, order.group.key, order.tickets, order.spares)
    store_brought(meeting_id, brought)
    return meeting_id


def _scheme(file: MeetingFile) -> Scheme:
    preset = meeting_preset(file.preset) if file.preset is not None else None
    return file.scheme_with(preset)


def _listed(path: Path) -> tuple[SubjectEntry, ...]:
    account = read_roster_file(path, {})
    if not account.is_ready:
        why = asks_text(account) or "里面没有考核对象。"
        raise MeetingFileInvalid(f"考核对象名单 {path.name} 还不能用，没有创建会议：{why}")
    names = "、".join(person.entry.name for person in account.people)
    # Beside the id, which alone goes to the standard output.
    click.echo(f"名单 {path.name}：读到 {len(account.people)} 个考核对象：{names}", err=True)
    return tuple(person.entry for person in account.people)


def read_roster_file(path: Path, answers: Mapping[TableQuestion, str]) -> Account:
    """What an office's file is read as; nothing is stored.

    Raises:
        FileUnreadable, SpreadsheetRefusal.
    """
    return read_roster(read_sheets(path.name, read_file(path)), answers)


def asks_text(account: Account) -> str:
    """What must be answered or mended first, the first ten of it."""
    several = len({person.place.sheet for person in account.people}) > 1
    lines = [
        f"{'、'.join(place.words(with_sheet=several) for place in ask.places[:_ROWS_SHOWN])}：{ask.what}"
        for ask in account.asks[:PROBLEMS_SHOWN]
    ]
    rest = len(account.asks) - PROBLEMS_SHOWN
    more = f"；另有 {rest} 处" if rest > 0 else ""
    return "；".join(lines) + more + "。" if lines else ""


def _version(meeting_id: str) -> int:
    return load_meeting(meeting_id)[0].version
