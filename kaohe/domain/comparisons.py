"""Compares what people came to in two periods (两期比较): who rose, who fell, and how many had full marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias

from kaohe.domain.published_results import FoundLine
from kaohe.tally.rounding import round_text

ALL_CLASSES: Final = "全部"
_SHARE_DECIMALS: Final = 2
_Key: TypeAlias = tuple[str, ...]


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

    Who is in the register is the same person under any name and in any unit. Others are the same where name and unit
    are, and nobody else in either period bears the name there; a namesake is never taken for somebody, and nobody is
    compared twice.
    """
    pairs = _pairs(before, after)
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


def _pairs(before: Sequence[FoundLine], after: Sequence[FoundLine]) -> Sequence[tuple[FoundLine, FoundLine]]:
    """Who is whom, in the order of ``after``, each at most once: by the register first, then by the name."""
    met: dict[int, FoundLine] = {}
    """Both of each pair, by their ids, each with the one before."""
    for key in (_person_there, _person):
        known = _once((each for each in before if id(each) not in met), key)
        for name, each in _once((each for each in after if id(each) not in met), key).items():
            if name in known:
                met[id(each)] = met[id(known[name])] = known[name]
    named = _once(before, _name)
    for name, each in _once(after, _name).items():
        other = named.get(name)
        if other is None or id(other) in met or id(each) in met:
            continue
        # Two who are both in the register, and not met by it, are two people.
        if not (each.person_id and other.person_id):
            met[id(each)] = met[id(other)] = other
    return [(met[id(each)], each) for each in after if id(each) in met]


def _once(found: Iterable[FoundLine], key: Callable[[FoundLine], _Key | None]) -> Mapping[_Key, FoundLine]:
    """The lines whose key no other one has, by key; a line without one is left out."""
    keyed = [(name, each) for each in found if (name := key(each)) is not None]
    counts = Counter(name for name, _ in keyed)
    return {name: each for name, each in keyed if counts[name] == 1}


def _person(found: FoundLine) -> _Key | None:
    return (found.person_id,) if found.person_id else None


def _person_there(found: FoundLine) -> _Key | None:
    """Somebody who stands on the lists of several units, in one of them."""
    return (found.person_id, found.line.unit or found.owner) if found.person_id else None


def _name(found: FoundLine) -> _Key:
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
