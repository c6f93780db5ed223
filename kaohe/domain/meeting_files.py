"""A meeting as a file (TOML): everything that the console asks for, for ``kaohe meeting create``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn, TypeVar

from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import RowProblem, SubjectEntry, read_subjects
from kaohe.tally.scheme import EVERYONE, Scheme
from kaohe.tally.scheme_document import parse_scheme, scheme_document

TITLE_LENGTH = 60
LABEL_LENGTH = 16
GROUPS_AT_MOST = 12
PEOPLE_AT_MOST = 20_000
"""Of one group, and of all tickets of a meeting together."""
PROBLEMS_SHOWN = 10

_SETUP_KEYS = ("title", "unit", "held_on", "preset", "scheme", "subjects", "subjects_file", "groups")
_HALL_KEYS = ("hall_view", "custody", "shared_group", "ballot_list", "two_people")
_GROUP_KEYS = ("label", "weight", "entitled", "tickets", "spares")
_SUBJECT_KEYS = {"name": "姓名", "unit": "单位", "post": "职务", "class": "类别", "kind": "类型"}
_PER_CENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12}|/[1-9][0-9]{0,11})?")

_Choice = TypeVar("_Choice", bound=StrEnum)


class MeetingFileInvalid(KaoheError):
    """The file does not describe a meeting; the message names the place. Nothing is made."""

    code = "meeting_file_invalid"
    http_code = 422


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """A voter group and how many tickets are to be made for it."""

    group: Group
    tickets: int
    spares: int


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """All that a meeting file says, checked against every rule that does not need the database."""

    title: str
    unit: str
    held_on: date | None
    preset: str | None
    scheme_table: Mapping[str, object]
    """With a preset the settings that differ from it, otherwise a whole scheme."""
    subjects: tuple[SubjectEntry, ...]
    subjects_file: str | None
    orders: tuple[GroupOrder, ...]
    hall_view: HallView
    custody: Custody
    shared_group: str | None
    """The key of the group whose tickets are drawn by the shared code."""
    ballot_list_wanted: bool
    two_people: bool

    def scheme_with(self, preset: Scheme | None) -> Scheme:
        """The scheme that is meant; ``preset`` is the one that the file names.

        Raises:
            SchemeError: the settings are not a scheme.
        """
        base = {} if preset is None else scheme_document(preset)
        return parse_scheme({**base, **self.scheme_table})


def parse_meeting_file(text: str) -> MeetingFile:
    """Read a meeting file strictly: nothing unknown, nothing guessed, every number exact. Weights are in per cent.

    Raises:
        MeetingFileInvalid: at the first fault, naming its place; in a list of subjects, all its faults.
    """
    table = _Table(_read_toml(text), "")
    table.check_keys((*_SETUP_KEYS, *_HALL_KEYS))
    if not table.content.get("preset") and not table.content.get("scheme"):
        table.refuse("preset", "请写明预设方案（preset），或给出完整的 [scheme]。")
    if bool(table.content.get("subjects")) is bool(table.content.get("subjects_file")):
        table.refuse("subjects", "考核对象请用 subjects 列出，或用 subjects_file 指明名单文件，二者选一。")
    shared_label = table.line("shared_group", LABEL_LENGTH) or None
    orders = _read_orders(table, shared_label)
    hall_view, custody = table.choice("hall_view", HallView.BATCHED), table.choice("custody", Custody.SERVER)
    if custody is Custody.TELLERS and hall_view is not HallView.TURNOUT:
        table.refuse("hall_view", '钥匙由监票人保管时，投票期间不能开票，请写 hall_view = "turnout"。')
    return MeetingFile(
        title=table.line("title", TITLE_LENGTH, is_needed=True),
        unit=table.line("unit", TITLE_LENGTH),
        held_on=table.day("held_on"),
        preset=table.line("preset", TITLE_LENGTH) or None,
        scheme_table=_read_scheme(table),
        subjects=_read_subjects(table) if table.content.get("subjects") else (),
        subjects_file=table.line("subjects_file", 4096) or None,
        orders=orders,
        hall_view=hall_view,
        custody=custody,
        shared_group=next((o.group.key for o in orders if o.group.label == shared_label), None),
        ballot_list_wanted=table.flag("ballot_list"),
        two_people=table.flag("two_people"),
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


def _read_scheme(table: _Table) -> Mapping[str, object]:
    scheme = table.content.get("scheme", {})
    if not isinstance(scheme, Mapping):
        table.refuse("scheme", "应为一组设置，写成 [scheme]。")
    if "groups" in scheme:
        table.refuse("scheme.groups", "票种请写在会议文件的 [[groups]] 中。")
    return scheme


def _read_orders(table: _Table, shared_label: str | None) -> tuple[GroupOrder, ...]:
    entries = table.entries("groups")
    if not 1 <= len(entries) <= GROUPS_AT_MOST:
        table.refuse("groups", f"票种应为 1 到 {GROUPS_AT_MOST} 个，每个写成 [[groups]]。")
    orders = tuple(
        _read_order(entry, EVERYONE.key if len(entries) == 1 else f"g{number}", shared_label)
        for number, entry in enumerate(entries, start=1)
    )
    labels = [order.group.label for order in orders]
    if len(set(labels)) < len(labels):
        table.refuse("groups", "票种名称不能重复。")
    if sum((order.group.weight for order in orders), Fraction(0)) != 1:
        table.refuse("groups", "各票种权重（weight）之和应为 100。")
    if sum(order.tickets + order.spares for order in orders) > PEOPLE_AT_MOST:
        table.refuse("groups", f"一场会议最多制作 {PEOPLE_AT_MOST} 张票。")
    if shared_label is not None and shared_label not in labels:
        table.refuse("shared_group", f"没有名为“{shared_label}”的票种，应为 {'、'.join(labels)} 之一。")
    return orders


def _read_order(entry: _Table, key: str, shared_label: str | None) -> GroupOrder:
    entry.check_keys(_GROUP_KEYS)
    label = entry.line("label", LABEL_LENGTH, is_needed=True)
    entitled = entry.count("entitled", None)
    # A group that draws its tickets by the shared code needs no slips unless the file says so.
    tickets = entry.count("tickets", 0 if label == shared_label else entitled)
    return GroupOrder(
        Group(key, label, entry.per_cent("weight", default=key == EVERYONE.key), entitled),
        tickets,
        entry.count("spares", 0),
    )


def _read_subjects(table: _Table) -> tuple[SubjectEntry, ...]:
    """Subjects as names, or as tables with name, unit, post, class and kind."""
    listed = table.content["subjects"]
    rows: list[tuple[str, ...]]
    if isinstance(listed, list) and all(isinstance(entry, str) for entry in listed):
        rows = [(name,) for name in listed]
    else:
        entries = table.entries("subjects")
        for entry in entries:
            entry.check_keys(tuple(_SUBJECT_KEYS))
        rows = [tuple(entry.text(key) for key in _SUBJECT_KEYS) for entry in entries]
    roster = read_subjects([tuple(_SUBJECT_KEYS.values()), *rows])
    if roster.problems:
        # The heading that was put above the list takes no number of its own.
        found = tuple(RowProblem(problem.row_number - 1, problem.message) for problem in roster.problems)
        table.refuse("subjects", problems_text(found))
    if len(roster.entries) < len(rows):
        table.refuse("subjects", "有的考核对象没有名称，请补上或删去。")
    return roster.entries


class _Table:
    """One table of the file, and where it stands."""

    def __init__(self, content: Mapping[str, object], place: str) -> None:
        self.content = content
        self._place = place

    def refuse(self, key: str, message: str) -> NoReturn:
        raise MeetingFileInvalid(f"会议文件的 {self._place}{key} 有误：{message}")

    def check_keys(self, known: tuple[str, ...]) -> None:
        for key in self.content:
            if key not in known:
                self.refuse(key, f"没有这一项；可用的有 {'、'.join(known)}。")

    def text(self, key: str) -> str:
        value = self.content.get(key, "")
        if not isinstance(value, str):
            self.refuse(key, "应为文字（加引号）。")
        return value

    def line(self, key: str, at_most: int, *, is_needed: bool = False) -> str:
        line = " ".join(self.text(key).split())
        if not line.isprintable():
            self.refuse(key, "有看不见的字符，请重新输入。")
        if len(line) > at_most:
            self.refuse(key, f"过长，请不超过 {at_most} 个字。")
        if is_needed and not line:
            self.refuse(key, "不能为空，请填写。")
        return line

    def day(self, key: str) -> date | None:
        value = self.content.get(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                value = True
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, "应为日期，如 2026-12-18。")
        return value

    def count(self, key: str, default: int | None) -> int:
        value = self.content.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= PEOPLE_AT_MOST:
            self.refuse(key, f"应为 0 到 {PEOPLE_AT_MOST} 的整数。")
        return value

    def per_cent(self, key: str, *, default: bool) -> Fraction:
        value = self.content.get(key, 100 if default else None)
        written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
        share = Fraction(written) / 100 if _PER_CENT.fullmatch(written) else Fraction(0)
        if not 0 < share <= 1:
            self.refuse(key, '应为大于 0、不超过 100 的数，如 40、33.5，或加引号的分数，如 "100/3"。')
        return share

    def flag(self, key: str) -> bool:
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "应为 true 或 false。")
        return value

    def choice(self, key: str, default: _Choice) -> _Choice:
        value = self.content.get(key, default.value)
        choices = {choice.value: choice for choice in type(default)}
        if not isinstance(value, str) or value not in choices:
            self.refuse(key, f"应为 {'、'.join(choices)} 之一。")
        return choices[value]

    def entries(self, key: str) -> list[_Table]:
        value = self.content.get(key)
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            self.refuse(key, f"应为列表，每项写成 [[{key}]]。")
        return [_Table(entry, f"{key}[{number}].") for number, entry in enumerate(value, start=1)]
