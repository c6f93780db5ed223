"""Compares what people came to in two periods (两期比较): who rose, who fell, and how many had full marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias

from kaohe.domain.published_results import FoundLine
from kaohe.tally.rounding import round_text

ALL_CLASSES: Final = "全部"
_SHARE_DECIMALS: Final = 2
_Name: TypeAlias = tuple[str, str]


class Change(StrEnum):
    """What became of somebody from one period to the next."""

    ROSE = "rose"
    FELL = "fell"
    SAME = "same"
    UNKNOWN = "unknown"
    """One of them gave neither a score nor a tier to hold beside the other's."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One subject in both periods."""

    before: FoundLine
    after: FoundLine
    difference: str
    """By how many points the score rose, or fell with a minus; '' where one of them has no score."""
    change: Change


@dataclass(frozen=True, slots=True)
class ClassCompared:
    """A class in both periods, by what it was called in the later one."""

    label: str
    count: int
    by_change: Mapping[Change, int]
    full_before: str
    """How many of those with votes by grade had full marks (满票), and their share; '' where there are none to tell."""
    full_after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods side by side."""

    rows: tuple[Compared, ...]
    """Who rose most first, who fell most after them, and those without two scores last."""
    classes: tuple[ClassCompared, ...]
    """All classes together first, then each, where there are several."""
    only_before: tuple[FoundLine, ...]
    only_after: tuple[FoundLine, ...]


def compare(before: Sequence[FoundLine], after: Sequence[FoundLine]) -> Comparison:
    """Hold two periods beside each other.

    Who is in the register is the same person under any name and in any unit; of several results in one period the
    first stands. Others are the same where name and unit are, and nobody else in either period bears the name there; a
    namesake is never taken for somebody.
    """
    before, after = _one_each(before), _one_each(after)
    pairs = list(_pairs(before, after))
    rows = sorted((_compared(*pair) for pair in pairs), key=_by_difference)
    met = {id(each) for pair in pairs for each in pair}
    labels = list(dict.fromkeys(row.after.line.class_label for row in rows))
    classes = [_class(ALL_CLASSES, rows)]
    if len(labels) > 1:
        classes += [
            _class(label or "未分类", [row for row in rows if row.after.line.class_label == label])
            for label in sorted(labels)
        ]
    return Comparison(
        tuple(rows),
        tuple(classes),
        tuple(each for each in before if id(each) not in met),
        tuple(each for each in after if id(each) not in met),
    )


def _pairs(before: Sequence[FoundLine], after: Sequence[FoundLine]) -> Iterator[tuple[FoundLine, FoundLine]]:
    known = {each.person_id: each for each in before if each.person_id}
    met = known.keys() & {each.person_id for each in after}
    names_before, names_after = _once(before), _once(after)
    for each in after:
        if each.person_id in known:
            yield known[each.person_id], each
            continue
        other = names_before.get(_name(each))
        if other is None or _name(each) not in names_after or other.person_id in met:
            continue
        # Two who are both in the register, and not met by it, are two people.
        if not (each.person_id and other.person_id):
            yield other, each


def _one_each(found: Iterable[FoundLine]) -> Sequence[FoundLine]:
    """The lines without any further one of somebody in the register."""
    first: dict[str | int, FoundLine] = {}
    for each in found:
        first.setdefault(each.person_id or id(each), each)
    return tuple(first.values())


def _once(found: Iterable[FoundLine]) -> Mapping[_Name, FoundLine]:
    """Those whose name nobody else bears in their unit."""
    listed = list(found)
    counts = Counter(map(_name, listed))
    return {_name(each): each for each in listed if counts[_name(each)] == 1}


def _name(found: FoundLine) -> _Name:
    return found.line.name, found.line.unit or found.owner


def _compared(before: FoundLine, after: FoundLine) -> Compared:
    one, other = before.line, after.line
    if one.score and other.score:
        risen = Fraction(other.score) - Fraction(one.score)
        decimals = max(len(text.partition(".")[2]) for text in (one.score, other.score))
        return Compared(before, after, round_text(risen, decimals), _change(risen))
    if one.tier and one.tier == other.tier:
        # Under another scheme the same tier may stand in another place.
        return Compared(before, after, "", Change.SAME)
    if one.tier_index is not None and other.tier_index is not None:
        return Compared(before, after, "", _change(Fraction(one.tier_index - other.tier_index)))
    return Compared(before, after, "", Change.UNKNOWN)


def _change(risen: Fraction) -> Change:
    if risen == 0:
        return Change.SAME
    return Change.ROSE if risen > 0 else Change.FELL


def _by_difference(row: Compared) -> tuple[bool, Fraction]:
    return not row.difference, -Fraction(row.difference or 0)


def _class(label: str, rows: Sequence[Compared]) -> ClassCompared:
    return ClassCompared(
        label,
        len(rows),
        Counter(row.change for row in rows),
        _full_text(row.before for row in rows),
        _full_text(row.after for row in rows),
    )


def _full_text(found: Iterable[FoundLine]) -> str:
    told = [each.line.has_full_marks for each in found if each.line.has_full_marks is not None]
    if not told:
        return ""
    share = round_text(Fraction(100 * sum(told), len(told)), _SHARE_DECIMALS)
    return f"{sum(told)} / {len(told)}（{share}%）"
