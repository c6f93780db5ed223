"""Rosters: the subjects of a meeting (考核对象) as an office writes them, cleaned and checked.

A list is checked whole: every row that cannot be taken is reported, so that an office mends it once and not line by
line. Tables of offices are read by ``office_tables``; lists whose columns are known come here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kaohe.domain.cells import clean, has_personal_data, hidden_character, plain_name, private_character
from kaohe.domain.limits import CELL_LENGTH, POST_LENGTH, SUBJECTS_AT_MOST
from kaohe.domain.office_tables.headings import Field
from kaohe.tally.model import Subject, SubjectKind


def keyed_subjects(
    entries: Sequence[SubjectEntry], before: Sequence[Subject], used: Iterable[str] = ()
) -> tuple[Subject, ...]:
    """The subjects of a new list. What has been brought about a subject is stored by its key, so keys are never reused.

    An entry keeps the key of the subject of the same name, unit and post. Where a list of the same length has another
    text in one place, that is a correction and keeps the key too. ``used`` are keys of earlier rounds.
    """
    known = {_identity(subject): subject.key for subject in before}
    listed = {_identity(entry) for entry in entries}
    is_same_length = len(entries) == len(before)
    taken = {subject.key for subject in before} | set(used)
    numbers = [int(key[1:]) for key in taken if key[:1] == "s" and key[1:].isdigit()]
    next_number = max(numbers, default=0) + 1
    subjects = []
    for index, entry in enumerate(entries):
        key = known.get(_identity(entry))
        if key is None and is_same_length and _identity(before[index]) not in listed:
            key = before[index].key
        if key is None:
            key, next_number = f"s{next_number}", next_number + 1
        subjects.append(Subject(key, entry.name, entry.unit, entry.post, entry.class_label, entry.kind, entry.section))
    return tuple(subjects)


def _identity(subject: Subject | SubjectEntry) -> tuple[str, str, str]:
    return subject.name, subject.unit, subject.post


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """One subject as the office wrote it, cleaned; not yet a subject of a meeting."""

    name: str
    unit: str = ""
    post: str = ""
    class_label: str = ""
    kind: SubjectKind = SubjectKind.PERSON
    section: str = ""
    """The label or key of the form that asks about it (分表); empty where its kind says so."""
    person: str = ""
    """Who of the register it was said to be, by id, or ``people.NEW``; empty where nothing was said."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken. ``row_number`` counts from 1, blank rows included."""

    row_number: int
    message: str


@dataclass(frozen=True, slots=True)
class SubjectRoster:
    """What was understood, in the order of the rows, and everything that was not."""

    entries: tuple[SubjectEntry, ...]
    problems: tuple[RowProblem, ...]


FIELDS: Final = (Field.NAME, Field.UNIT, Field.POST, Field.CLASS, Field.KIND, Field.SECTION)
"""The columns of a list of subjects, in the order in which they stand where no heading names them."""

KINDS: Final[Mapping[str, SubjectKind]] = {
    **dict.fromkeys(("人", "个人", "干部", "人员", "领导干部", "person"), SubjectKind.PERSON),
    **dict.fromkeys(("班子", "领导班子", "集体", "单位", "部门", "team"), SubjectKind.TEAM),
}
"""What a column of kinds may say."""


def check_rows(rows: Sequence[Sequence[str]], at_most: int = SUBJECTS_AT_MOST) -> SubjectRoster:
    """Check rows whose columns are ``FIELDS``, for a list of ``at_most``; never raises, whatever the cells hold.

    Blank rows are passed over. Every row that cannot be taken gives exactly one problem that names all its faults.
    """
    entries: list[SubjectEntry] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str, str], int] = {}
    for row_number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        entry, faults = read_entry(dict(zip(FIELDS, row, strict=False)))
        first_seen = seen.setdefault(_identity(entry), row_number)
        if entry.name and first_seen != row_number:
            faults.append(repeats(f"第 {first_seen} 行"))
        if faults:
            problems.append(RowProblem(row_number, "；".join(faults)))
        else:
            entries.append(entry)
            if len(entries) == at_most + 1:
                problems.append(RowProblem(row_number, too_many(at_most)))
    return SubjectRoster(tuple(entries[:at_most]), tuple(problems))


def too_many(at_most: int) -> str:
    """What is wrong with the first row that a list does not hold any more."""
    return f"考核对象最多 {at_most} 个，从这一行起已超出，请分场测评"


def repeats(place: str) -> str:
    """What is wrong with a row that says what the row at ``place`` says."""
    return f"与{place}重复（姓名、单位、职务都相同），请删去一行或写明职务"


def by_unit(entries: Iterable[SubjectEntry]) -> dict[str, list[SubjectEntry]]:
    """The entries of each unit, in the order in which the units first come; those that name none under ''."""
    found: dict[str, list[SubjectEntry]] = {}
    for entry in entries:
        found.setdefault(entry.unit, []).append(entry)
    return found


def read_entry(cells: Mapping[Field, str]) -> tuple[SubjectEntry, list[str]]:
    """The subject that the cells of one row give, and everything that is wrong with it."""
    texts = {field: clean(cells.get(field, "")) for field in FIELDS}
    texts[Field.NAME] = plain_name(texts[Field.NAME])
    faults = [fault for field in FIELDS for fault in _faults_of(texts[field], field)]
    name = texts[Field.NAME]
    if not name:
        faults.insert(0, "姓名（名称）为空")
    kind, kind_fault = _read_kind(texts[Field.KIND], name)
    if kind_fault:
        faults.append(kind_fault)
    if kind is SubjectKind.PERSON and "、" in name:
        faults.append("一行里有几个姓名，请一行写一个")
    return (
        SubjectEntry(name, texts[Field.UNIT], texts[Field.POST], texts[Field.CLASS], kind, texts[Field.SECTION]),
        faults,
    )


def _faults_of(text: str, field: Field) -> list[str]:
    faults = []
    longest = POST_LENGTH if field is Field.POST else CELL_LENGTH
    if len(text) > longest:
        faults.append(f"{field}超过 {longest} 个字，请缩短")
    hidden = hidden_character(text)
    if hidden is not None:
        faults.append(f"{field}里有看不见的字符（U+{ord(hidden):04X}），请删除后重新填写")
    if has_personal_data(text):
        faults.append(f"{field}里有电话、邮箱或证件号码，名单不保存这些，请删去")
    private = private_character(text)
    if private is not None:
        faults.append(f"{field}里有只在个别电脑上能显示的自造字（U+{ord(private):04X}），请用输入法重新输入这个字")
    return faults


def _read_kind(text: str, name: str) -> tuple[SubjectKind, str]:
    """The kind, and what is wrong with it. Left empty, a name that ends in 班子 is a team, any other a person."""
    if not text:
        return (SubjectKind.TEAM if name.endswith("班子") else SubjectKind.PERSON), ""
    kind = KINDS.get(text.casefold())
    if kind is None:
        return SubjectKind.PERSON, "类型只能填“人”或“班子”"
    return kind, ""
