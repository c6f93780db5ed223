"""A meeting as a file (TOML): everything that the console asks for, for ``kaohe meeting create``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from kaohe.domain.limits import COMPUTED_SUBJECTS_AT_MOST, LABEL_LENGTH, REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.meeting_file_groups import GroupEntry, GroupOrder, orders_of, read_groups
from kaohe.domain.meeting_file_inputs import INPUT_KEYS, FileInputs, read_file_inputs
from kaohe.domain.meeting_file_tables import FileTable
from kaohe.domain.meeting_file_tables import MeetingFileInvalid as MeetingFileInvalid
from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.rosters import RowProblem, SubjectEntry, check_rows
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document

PROBLEMS_SHOWN = 10

_SETUP_KEYS = ("title", "unit", "belongs_to", "held_on", "preset", "scheme", "subjects", "subjects_file", "groups")
_HALL_KEYS = ("hall_view", "custody", "shared_group", "ballot_list", "two_people", "named", "register")
_ROSTER_KEYS = ("name", "unit", "post", "class", "kind", "section")
_SUBJECT_KEYS = (*_ROSTER_KEYS, "person", "material")


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """All that a meeting file says, checked against every rule that does not need the database."""

    title: str
    unit: str
    belongs_to: str
    """The unit that owns it, by its id, its name or names from above joined by ``/``; '' for the one at the top."""
    held_on: date | None
    preset: str | None
    scheme_table: Mapping[str, object]
    """With a preset the settings that differ from it, otherwise a whole scheme."""
    subjects: tuple[SubjectEntry, ...]
    materials: tuple[str, ...]
    """The file of what can be read about each of ``subjects``, its path as the file has it; '' for nothing."""
    subjects_file: str | None
    groups: tuple[GroupEntry, ...]
    """None of them in the file of a meeting that does not vote."""
    inputs: FileInputs
    hall_view: HallView
    custody: Custody
    shared_label: str | None
    """The label of the group whose tickets are drawn by the shared code."""
    ballot_list_wanted: bool
    two_people: bool
    is_named: bool
    """Whether forms that too few people hold for a secret vote are confirmed as not secret (记名)."""
    registers: bool
    """Whether those subjects who are not in the register of people yet are registered."""

    def scheme_with(self, preset: Scheme | None) -> Scheme:
        """The scheme that is meant; ``preset`` is the one that the file names.

        Raises:
            SchemeError: the settings are not a scheme.
        """
        base = {} if preset is None else scheme_document(preset)
        return parse_scheme({**base, **self.scheme_table})

    def orders_for(self, scheme: Scheme) -> tuple[GroupOrder, ...]:
        """The voter groups of the meeting under ``scheme``, as far as the scheme leaves them to the file.

        Raises:
            MeetingFileInvalid: they are not those that the scheme names, or their weights do not sum to 100.
        """
        return orders_of(self.groups, scheme)

    def shared_group(self, orders: tuple[GroupOrder, ...]) -> str | None:
        """The key of the group whose tickets are drawn by the shared code."""
        return next((order.group.key for order in orders if order.group.label == self.shared_label), None)


def parse_meeting_file(text: str) -> MeetingFile:
    """Read a meeting file strictly: nothing unknown, nothing guessed, every number exact. Weights are in per cent.

    Raises:
        MeetingFileInvalid: at the first fault, naming its place; in a list of subjects, all its faults.
    """
    table = FileTable(_read_toml(text), "")
    table.check_keys((), (*_SETUP_KEYS, *INPUT_KEYS, *_HALL_KEYS))
    if not table.table.get("preset") and not table.table.get("scheme"):
        table.refuse("preset", "请写明预设方案（preset），或给出完整的 [scheme]。")
    if bool(table.table.get("subjects")) is bool(table.table.get("subjects_file")):
        table.refuse("subjects", "考核对象请用 subjects 列出，或用 subjects_file 指明名单文件，二者选一。")
    shared_label = table.line("shared_group", LABEL_LENGTH) or None
    groups = read_groups(table, shared_label)
    hall_view = table.choice("hall_view", HallView) if table.has("hall_view") else HallView.BATCHED
    subjects, materials = _read_subjects(table) if table.table.get("subjects") else ((), ())
    custody = table.choice("custody", Custody) if table.has("custody") else Custody.SERVER
    if custody is Custody.TELLERS and hall_view is not HallView.TURNOUT:
        table.refuse("hall_view", '钥匙由监票人保管时，投票期间不能开票，请写 hall_view = "turnout"。')
    return MeetingFile(
        title=table.line("title", TITLE_LENGTH, is_needed=True),
        unit=table.line("unit", TITLE_LENGTH),
        belongs_to=table.line("belongs_to", REASON_LENGTH),
        held_on=table.day("held_on"),
        preset=table.line("preset", TITLE_LENGTH) or None,
        scheme_table=table.one("scheme", lambda scheme: scheme.table) if table.has("scheme") else {},
        subjects=subjects,
        materials=materials,
        subjects_file=table.file_path("subjects_file", is_needed=not subjects) or None,
        groups=groups,
        inputs=read_file_inputs(table),
        hall_view=hall_view,
        custody=custody,
        shared_label=shared_label,
        ballot_list_wanted=table.has("ballot_list") and table.flag("ballot_list"),
        two_people=table.has("two_people") and table.flag("two_people"),
        is_named=table.has("named") and table.flag("named"),
        registers=table.has("register") and table.flag("register"),
    )


def problems_text(problems: tuple[RowProblem, ...]) -> str:
    """The faults of a list of subjects, one line each, the first ten of them."""
    shown = "；".join(f"第 {problem.row_number} 行：{problem.message}" for problem in problems[:PROBLEMS_SHOWN])
    rest = len(problems) - PROBLEMS_SHOWN
    return shown + (f"；另有 {rest} 行有误" if rest > 0 else "") + "。"


def _read_toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: a number of thousands of digits is a plain ValueError.
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"第 {place[1]} 行第 {place[2]} 列" if place else "的末尾" if "at end of" in str(error) else ""
        raise MeetingFileInvalid(f"会议文件{where}不是有效的 TOML，请检查引号、等号和括号是否成对、齐全。") from error


def _read_row(entry: FileTable) -> tuple[str, ...]:
    entry.check_keys((), _SUBJECT_KEYS)
    cells = tuple(entry.text(key) if entry.has(key) else "" for key in _ROSTER_KEYS)
    return (*cells, entry.line("person", LABEL_LENGTH), entry.file_path("material"))


def _read_subjects(table: FileTable) -> tuple[tuple[SubjectEntry, ...], tuple[str, ...]]:
    """Subjects as names, or as tables with name, unit, post, class, kind and section; and what can be read about each.

    A table may also say who of the register the subject is, by ``person``, and where its ``material`` is.
    """
    listed = table.table["subjects"]
    rows: list[tuple[str, ...]]
    if isinstance(listed, list) and all(isinstance(entry, str) for entry in listed):
        rows = [(name,) for name in listed]
    else:
        rows = list(table.entries("subjects", _read_row))
    width = len(_ROSTER_KEYS)
    # The scheme, which says how many there may be, is known only after the whole file is read.
    roster = check_rows([row[:width] for row in rows], COMPUTED_SUBJECTS_AT_MOST)
    if roster.problems:
        table.refuse("subjects", problems_text(roster.problems))
    if len(roster.entries) < len(rows):
        table.refuse("subjects", "有的考核对象没有名称，请补上或删去。")
    more = [row[width:] or ("", "") for row in rows]
    entries = (replace(entry, person=person) for entry, (person, _) in zip(roster.entries, more, strict=True))
    return tuple(entries), tuple(material for _, material in more)
