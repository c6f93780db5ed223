"""A scheme as a plain document (TOML, JSON) and back. The format: docs/scheme-format.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from kaohe.tally.refusals import SchemeError
from kaohe.tally.scheme import (
    EVERYONE,
    AbstentionRule,
    Dimension,
    EmptyGroupRule,
    Grade,
    InvalidRule,
    PercentBase,
    Scheme,
    TieRule,
    VoterGroup,
)
from kaohe.tally.scheme_checks import MOST_ENTRIES, check_scheme

FORMAT = 1

_Entry = TypeVar("_Entry")
_Choice = TypeVar("_Choice", bound=StrEnum)
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")
_NUMBERS_BELOW = 10**12
_REQUIRED = ("format", "key", "title", "grades", "dimensions")
_OPTIONAL = (
    "groups",
    "score_base",
    "rate_base",
    "abstention_allowed",
    "abstention",
    "empty_group",
    "tie_rule",
    "invalid_rule",
    "top_grade_limit",
    "decimals",
    "comments_wanted",
)


def parse_scheme(document: Mapping[str, object]) -> Scheme:
    """Read a scheme document strictly: nothing unknown, nothing guessed, every number exact.

    Weights are in per cent and sum to 100. Settings that are left out have the defaults of :class:`Scheme`.

    Raises:
        SchemeError: at the first fault, with its place and what is expected there.
    """
    reader = _Reader(document, "")
    reader.check_keys(_REQUIRED, _OPTIONAL)
    if reader.integer("format") != FORMAT:
        raise SchemeError("format", f"只认识格式 {FORMAT}，请写 format = {FORMAT}。")
    scheme = Scheme(
        key=reader.text("key"),
        title=reader.text("title"),
        grades=reader.entries("grades", _grade),
        dimensions=reader.entries("dimensions", _dimension),
        groups=reader.entries("groups", _group) if "groups" in document else (EVERYONE,),
        score_base=reader.choice("score_base", PercentBase.VALID),
        rate_base=reader.choice("rate_base", PercentBase.VALID),
        abstention_allowed=reader.flag("abstention_allowed", default=True),
        abstention=reader.choice("abstention", AbstentionRule.EXCLUDED),
        empty_group=reader.choice("empty_group", EmptyGroupRule.RENORMALISE),
        tie_rule=reader.choice("tie_rule", TieRule.NONE),
        invalid_rule=reader.choice("invalid_rule", InvalidRule.BALLOT),
        top_grade_limit=None if document.get("top_grade_limit") is None else reader.integer("top_grade_limit"),
        decimals=reader.integer("decimals") if "decimals" in document else 2,
        comments_wanted=reader.flag("comments_wanted", default=False),
    )
    check_scheme(scheme)
    return scheme


def scheme_document(scheme: Scheme) -> dict[str, object]:
    """Write a scheme as a document that JSON and TOML can hold; :func:`parse_scheme` reads the same scheme back.

    Points and weights are strings, as fractions where no decimal says the same. A limit of None is left out.
    """
    document: dict[str, object] = {
        "format": FORMAT,
        "key": scheme.key,
        "title": scheme.title,
        "grades": [{"key": grade.key, "label": grade.label, "points": str(grade.points)} for grade in scheme.grades],
        "dimensions": [_weighted_document(dimension) for dimension in scheme.dimensions],
        "groups": [_weighted_document(group) for group in scheme.groups],
        "score_base": scheme.score_base.value,
        "rate_base": scheme.rate_base.value,
        "abstention_allowed": scheme.abstention_allowed,
        "abstention": scheme.abstention.value,
        "empty_group": scheme.empty_group.value,
        "tie_rule": scheme.tie_rule.value,
        "invalid_rule": scheme.invalid_rule.value,
        "decimals": scheme.decimals,
        "comments_wanted": scheme.comments_wanted,
    }
    if scheme.top_grade_limit is not None:
        document["top_grade_limit"] = scheme.top_grade_limit
    return document


def _weighted_document(entry: Dimension | VoterGroup) -> dict[str, str]:
    return {"key": entry.key, "label": entry.label, "weight": str(entry.weight * 100)}


def _grade(reader: _Reader) -> Grade:
    reader.check_keys(("key", "label", "points"), ())
    return Grade(reader.text("key"), reader.text("label"), reader.number("points"))


def _dimension(reader: _Reader) -> Dimension:
    reader.check_keys(("key", "label", "weight"), ())
    return Dimension(reader.text("key"), reader.text("label"), reader.number("weight") / 100)


def _group(reader: _Reader) -> VoterGroup:
    reader.check_keys(("key", "label", "weight"), ())
    return VoterGroup(reader.text("key"), reader.text("label"), reader.number("weight") / 100)


class _Reader:
    """Reads one table of the document and knows where it stands."""

    def __init__(self, table: Mapping[str, object], place: str) -> None:
        self._table = table
        self._place = place

    def path(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in self._table:
            if key not in required and key not in optional:
                raise SchemeError(self.path(str(key)), f"没有这一项；可用的有 {'、'.join((*required, *optional))}。")
        for key in required:
            if key not in self._table:
                raise SchemeError(self.path(key), "缺少这一项，请补上。")

    def text(self, key: str) -> str:
        value = self._table[key]
        if not isinstance(value, str):
            raise SchemeError(self.path(key), "应为文字（加引号）。")
        return value

    def number(self, key: str) -> Fraction:
        value = self._table[key]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBERS_BELOW:
            return Fraction(value)
        if isinstance(value, (float, str, Decimal)):
            # The shortest text of a float is the number that was typed, and a Fraction of that text is exact.
            written = str(value)
            if _NUMBER.fullmatch(written) and not _divides_by_zero(written):
                return Fraction(written)
        raise SchemeError(self.path(key), '应为数字，如 95、92.5，或加引号的分数，如 "100/3"。')

    def integer(self, key: str) -> int:
        value = self._table[key]
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise SchemeError(self.path(key), "应为整数。")

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            raise SchemeError(self.path(key), "应为 true 或 false。")
        return value

    def choice(self, key: str, default: _Choice) -> _Choice:
        value = self._table.get(key, default.value)
        choices = {choice.value: choice for choice in type(default)}
        if not isinstance(value, str) or value not in choices:
            raise SchemeError(self.path(key), f"应为 {'、'.join(choices)} 之一。")
        return choices[value]

    def entries(self, key: str, read: Callable[[_Reader], _Entry]) -> tuple[_Entry, ...]:
        value = self._table[key]
        if not isinstance(value, (list, tuple)):
            raise SchemeError(self.path(key), f"应为列表，每项写成 [[{key}]]。")
        if len(value) > MOST_ENTRIES:
            raise SchemeError(self.path(key), f"最多 {MOST_ENTRIES} 项，现有 {len(value)} 项。")
        entries: list[_Entry] = []
        for number, entry in enumerate(value, start=1):
            place = f"{self.path(key)}[{number}]"
            if not isinstance(entry, Mapping):
                raise SchemeError(place, f"应为一组设置，写成 [[{key}]]。")
            entries.append(read(_Reader(entry, place)))
        return tuple(entries)


def _divides_by_zero(written: str) -> bool:
    _, slash, below = written.partition("/")
    return bool(slash) and not int(below)
