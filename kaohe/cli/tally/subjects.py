"""Files beside the votes: who is graded, imported scores, earlier periods, decisions of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from kaohe.cli.tally.files import SUBJECT_HEADERS, Row, Table, TallyFileError, column_of, keys_by_name, printable_name
from kaohe.tally.model import Decision, Period, Subject, SubjectKind
from kaohe.tally.namesakes import told_apart
from kaohe.tally.periods import canonical_label, timeline_of
from kaohe.tally.scheme.scheme import Scheme

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_KINDS: Mapping[str, SubjectKind] = {
    "": SubjectKind.PERSON,
    "person": SubjectKind.PERSON,
    "人": SubjectKind.PERSON,
    "team": SubjectKind.TEAM,
    "班子": SubjectKind.TEAM,
}

KnownSubjects = Mapping[str, Subject]
"""What ``--subjects`` says, by what the other files call them; subjects that it does not name have a name only."""


def subject_of(known: KnownSubjects, name: str) -> Subject:
    """Return the subject that a file means by a name: of namesakes, by the name with what tells them apart.

    Raises:
        TallyFileError: several have this name.
    """
    if name in known:
        return known[name]
    meant = [subject.full_name for subject in known.values() if subject.name == name]
    if meant:
        raise TallyFileError(f"「{name}」有 {len(meant)} 人，请写明是哪一人：{'、'.join(meant)}。")
    return Subject(key=name, name=name)


def read_subjects(scheme: Scheme, table: Table) -> dict[str, Subject]:
    """Read ``subject``, and ``unit``, ``post``, ``class``, ``section``, ``kind`` where they are there.

    Namesakes are called by their names with what tells them apart, 张伟（一科 科长）, here and in every other file.

    Raises:
        TallyFileError: naming the row that cannot be used.
    """
    columns = _Columns.of(
        table,
        {
            "unit": ("unit", "单位"),
            "post": ("post", "职务"),
            "class": ("class", "类别"),
            "section": ("section", "分表"),
            "kind": ("kind", "类型"),
        },
    )
    sections = keys_by_name(scheme.sections)
    found: list[Subject] = []
    for row, name in columns.named_rows(table):
        section, kind = columns.cell(row, "section"), columns.cell(row, "kind")
        if section and section not in sections:
            raise TallyFileError(f"第 {row.number} 行的分表「{section}」不在本方案中，请改正。")
        if kind not in _KINDS:
            raise TallyFileError(f"第 {row.number} 行的类型「{kind}」应为人或班子。")
        subject = Subject(
            key=str(row.number),
            name=name,
            unit=columns.cell(row, "unit"),
            post=columns.cell(row, "post"),
            class_label=columns.cell(row, "class"),
            kind=_KINDS[kind],
            section=sections.get(section, ""),
        )
        if any(_told(each) == _told(subject) for each in found):
            raise TallyFileError(f"第 {row.number} 行的「{name}」重复，同名的人请用单位、职务或类别写明区别。")
        found.append(subject)
    return {subject.full_name: replace(subject, key=subject.full_name) for subject in told_apart(found)}


def _told(subject: Subject) -> tuple[str, ...]:
    return subject.name, subject.unit, subject.post, subject.class_label


def read_components(scheme: Scheme, table: Table) -> dict[tuple[str, str], Fraction]:
    """Read ``subject`` and a column per imported component, by its label or key; an empty cell says nothing.

    Raises:
        TallyFileError: naming the row or the column that cannot be used.
    """
    keys = keys_by_name(component for section in scheme.sections for component in section.scheme.components)
    subject = column_of(table.header, SUBJECT_HEADERS)
    for position, name in enumerate(table.header):
        if position != subject and name not in keys:
            usable = "、".join(dict.fromkeys(keys)) or "（本方案没有分项）"
            raise TallyFileError(f"第 1 行的「{name}」不是本方案的分项，可用的有：{usable}。")
    columns = _Columns.of(table, {name: (name,) for name in keys})
    found: dict[tuple[str, str], Fraction] = {}
    for row, subject_name in columns.named_rows(table):
        for name, key in keys.items():
            if columns.cell(row, name):
                found[key, subject_name] = _number(row, columns.cell(row, name))
    return found


def read_history(table: Table) -> dict[str, tuple[Period, ...]]:
    """Read earlier periods, in any order: ``subject``, ``period``, ``score``, ``tier``, ``flags`` (by spaces).

    Raises:
        TallyFileError: naming the row that cannot be used, or the period that cannot be placed in time.
    """
    columns = _Columns.of(
        table,
        {"period": ("period", "期"), "score": ("score", "得分"), "tier": ("tier", "档次"), "flags": ("flags", "提示")},
    )
    found: dict[str, list[Period]] = {}
    for row, name in columns.named_rows(table):
        score = columns.cell(row, "score")
        label = canonical_label(columns.cell(row, "period")) or f"第 {len(found.get(name, ())) + 1} 期"
        if any(period.label == label for period in found.get(name, ())):
            raise TallyFileError(f"第 {row.number} 行：「{name}」的“{label}”前面已有，同一期只能有一行。")
        found.setdefault(name, []).append(
            Period(
                label=label,
                score=_number(row, score) if score else None,
                tier=columns.cell(row, "tier") or None,
                flags=frozenset(columns.cell(row, "flags").split()),
            )
        )
    if problems := timeline_of(found, "").problems:
        raise TallyFileError(f"{'；'.join(problems)}。")
    return {name: tuple(periods) for name, periods in found.items()}


def read_decisions(scheme: Scheme, table: Table) -> tuple[Decision, ...]:
    """Read decisions: ``subject``, ``clause`` (label or key), ``reason``, ``amount``, ``matter``.

    Raises:
        TallyFileError: naming the row that cannot be used.
    """
    columns = _Columns.of(
        table,
        {
            "clause": ("clause", "条款"),
            "reason": ("reason", "理由"),
            "amount": ("amount", "分值"),
            "matter": ("matter", "事项"),
        },
    )
    clauses = keys_by_name(clause for section in scheme.sections for clause in section.scheme.clauses)
    found: list[Decision] = []
    for row, name in columns.named_rows(table):
        clause, amount = columns.cell(row, "clause"), columns.cell(row, "amount")
        if clause not in clauses:
            raise TallyFileError(f"第 {row.number} 行的条款「{clause}」不在本方案中，请改正。")
        found.append(
            Decision(
                subject=name,
                clause=clauses[clause],
                reason=columns.cell(row, "reason"),
                amount=_number(row, amount) if amount else None,
                matter=columns.cell(row, "matter"),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where such a file keeps what."""

    subject: int
    others: Mapping[str, int | None]

    @classmethod
    def of(cls, table: Table, titles: Mapping[str, tuple[str, ...]]) -> _Columns:
        subject = column_of(table.header, SUBJECT_HEADERS)
        if subject is None:
            raise TallyFileError("第 1 行缺少 subject 一列（考核对象的姓名）。")
        others = {name: column_of(table.header, title) for name, title in titles.items()}
        for position, name in enumerate(table.header):
            if position != subject and position not in others.values():
                raise TallyFileError(f"第 1 行的「{name}」无法识别，可用的列名有：{'、'.join(titles)}。")
        return cls(subject, others)

    def cell(self, row: Row, name: str) -> str:
        position = self.others[name]
        return "" if position is None else printable_name(row.cells[position], row.number)

    def named_rows(self, table: Table) -> Iterator[tuple[Row, str]]:
        for row in table.rows:
            name = printable_name(row.cells[self.subject], row.number)
            if not name:
                raise TallyFileError(f"第 {row.number} 行没有考核对象的姓名。")
            yield row, name


def _number(row: Row, text: str) -> Fraction:
    if not _NUMBER.fullmatch(text):
        raise TallyFileError(f"第 {row.number} 行的「{text}」不是数字，应写成 92 或 92.5。")
    return Fraction(text)
