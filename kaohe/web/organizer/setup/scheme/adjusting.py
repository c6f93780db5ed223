"""What of a scheme can be adjusted in a form: every label, weight, point and edge, by its path in the document.

A scheme of several sections shows once what its sections say alike, and the answer goes to all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kaohe.domain.typed_numbers import number_text
from kaohe.domain.voter_groups import GroupsRule, groups_rule
from kaohe.domain.voting_mode import takes_ballots
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import scheme_document
from kaohe.web.organizer.setup.scheme.document_paths import value_at

LABEL, NUMBER, WHOLE = "label", "number", "whole"
SETTINGS = ("score_base", "rate_base", "abstention", "invalid_rule", "tie_rule", "decimals", "empty_group")
_SETTINGS_WITHOUT_BALLOTS = ("tie_rule", "decimals")
FLAGS = ("abstention_allowed", "may_leave_out", "comments_wanted")
LIMIT = "top_grade_limit"


@dataclass(frozen=True, slots=True)
class Adjustable:
    """One value that may be typed anew. Its name in the form is its first path in the document."""

    paths: tuple[str, ...]
    label: str
    text: str
    kind: str
    is_optional: bool = False

    @property
    def name(self) -> str:
        """The path that stands for all of them."""
        return self.paths[0]


@dataclass(frozen=True, slots=True)
class AdjustRow:
    """Values side by side. ``caption`` stands before them where the first of them is not a label."""

    caption: str
    depth: int
    fields: tuple[Adjustable, ...]


@dataclass(frozen=True, slots=True)
class AdjustPanel:
    """A list of the document, or several settings that belong together."""

    key: str
    title: str
    hint: str
    paths: tuple[str, ...]
    """Where a fault of the whole list is named."""
    rows: tuple[AdjustRow, ...]
    weights: tuple[str, ...] = ()
    """The names of the weights that sum to 100."""


@dataclass(frozen=True, slots=True)
class Adjusting:
    """Everything that can be adjusted in one scheme."""

    title: Adjustable
    panels: tuple[AdjustPanel, ...]
    settings: Mapping[str, tuple[str, ...]]
    """By name of a setting: its paths; only those that all sections have alike."""
    limit: Adjustable | None

    @property
    def fields(self) -> tuple[Adjustable, ...]:
        """Every typed value."""
        typed = (field for panel in self.panels for row in panel.rows for field in row.fields)
        return (self.title, *typed, *([self.limit] if self.limit else []))


@dataclass(frozen=True, slots=True)
class _Scope:
    """The document, or one of its sections."""

    path: str
    label: str
    table: dict[str, Any]


def adjusting_of(scheme: Scheme) -> Adjusting:
    """What can be adjusted in ``scheme``."""
    document = scheme_document(scheme)
    sections = document.get("sections", [])
    scopes = [_Scope(f"sections[{n}].", section["label"], section) for n, section in enumerate(sections, 1)]
    scopes = scopes or [_Scope("", "", document)]
    panels = [panel for kind in _KINDS for panel in _panels(kind, scopes)]
    if groups_rule(scheme) is GroupsRule.NAMED:
        ballot = sum(panel.key.startswith(("grades", "dimensions", "number")) for panel in panels)
        panels.insert(ballot, _group_weights(document, scopes))
    panels += _point_limits(scopes)
    title = Adjustable(("title",), "方案名称", scheme.title, LABEL)
    limit = _limit(scopes) if takes_ballots(scheme) else None
    return Adjusting(title, tuple(panels), dict(_settings(setting_names(scheme), document, scopes)), limit)


def setting_names(scheme: Scheme) -> tuple[str, ...]:
    """The settings that mean something in ``scheme``: without ballots, nothing about ballots is asked."""
    return (*SETTINGS, *FLAGS) if takes_ballots(scheme) else _SETTINGS_WITHOUT_BALLOTS


def _settings(
    names: Sequence[str], document: dict[str, Any], scopes: Sequence[_Scope]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        if len({json.dumps(scope.table.get(name)) for scope in scopes}) == 1:
            paths = [f"{scope.path}{name}" for scope in scopes]
            yield name, tuple(dict.fromkeys([*paths, *([name] if name in document else [])]))


def _limit(scopes: Sequence[_Scope]) -> Adjustable | None:
    values = {scope.table.get(LIMIT) for scope in scopes}
    if len(values) > 1 or any("choose" in scope.table or not scope.table.get("grades") for scope in scopes):
        return None
    paths = tuple(f"{scope.path}{LIMIT}" for scope in scopes)
    return Adjustable(paths, "每张票最多评几个最高等次", _text(next(iter(values))), WHOLE, is_optional=True)


@dataclass(frozen=True, slots=True)
class _Kind:
    key: str
    title: str
    hint: str
    columns: tuple[tuple[str, str, str], ...]
    """(key, label, kind) of what an entry may hold; only what is there is shown."""
    is_weighed: bool = False


_KINDS = (
    _Kind("grades", "等次和分值", "从好到差排列", (("label", "等次", LABEL), ("points", "分值", NUMBER))),
    _Kind(
        "dimensions",
        "测评维度",
        "",
        (("label", "维度", LABEL), ("weight", "权重（%）", NUMBER), ("number.max", "满分", NUMBER)),
        is_weighed=True,
    ),
    _Kind("number", "打分的范围", "", (("min", "最低分", NUMBER), ("max", "最高分", NUMBER), ("step", "间隔", NUMBER))),
    _Kind(
        "components",
        "分项及占比",
        "最终得分由各分项加权",
        (("label", "分项", LABEL), ("weight", "占比（%）", NUMBER), ("full", "满分", NUMBER)),
        is_weighed=True,
    ),
    _Kind(
        "bands",
        "档次",
        "起点分含本数",
        (("label", "档次", LABEL), ("from", "起点分", NUMBER), ("to", "止点分", NUMBER)),
    ),
    _Kind(
        "quotas",
        "最高档的名额",
        "占参加定档人数的百分数",
        (
            ("share", "不超过（%）", NUMBER),
            ("count", "不超过（人）", WHOLE),
            ("ceiling", "最高可调到（%）", NUMBER),
            ("fewest_share", "不少于（%）", NUMBER),
        ),
    ),
    _Kind(
        "choose",
        "差额票决",
        "",
        (
            ("seats", "每类名额", WHOLE),
            ("seats_share", "名额占候选人（%）", NUMBER),
            ("most", "每票最多选", WHOLE),
            ("elected", "当选的称作", LABEL),
            ("others", "其余的称作", LABEL),
        ),
    ),
)
_POINT_LIMITS = (("bonus_limit", "加分合计不超过"), ("deduction_limit", "减分合计不超过"))
_SCOPE_LABELS = {"all": "全体", "class": "每个类别", "unit": "每个单位"}


def _panels(kind: _Kind, scopes: Sequence[_Scope]) -> Iterator[AdjustPanel]:
    alike: dict[str, list[_Scope]] = {}
    for scope in scopes:
        if scope.table.get(kind.key):
            alike.setdefault(json.dumps(scope.table[kind.key]), []).append(scope)
    for number, own in enumerate(alike.values(), start=1):
        paths = tuple(f"{scope.path}{kind.key}" for scope in own)
        value = own[0].table[kind.key]
        rows = tuple(_rows(kind, value, paths)) if isinstance(value, list) else _single_row(kind, value, paths)
        is_sum = kind.key == "dimensions" and own[0].table.get("combine") == "sum"
        is_overall = kind.key == "dimensions" and len(rows) == 1 and not rows[0].fields[2:]
        if not rows or (is_overall and len(value) == 1 and "number" not in value[0]):
            continue
        named = "、".join(scope.label for scope in own) if len(own) < len(scopes) else ""
        yield AdjustPanel(
            key=f"{kind.key}-{number}",
            title=f"{kind.title}（{named}）" if named else kind.title,
            hint="数字为各项的满分，得分相加" if is_sum else kind.hint,
            paths=paths,
            rows=rows,
            weights=tuple(
                field.name
                for row in rows
                for field in row.fields
                if kind.is_weighed and row.depth == 0 and field.name.endswith(".weight")
            ),
        )


def _rows(
    kind: _Kind, entries: Sequence[dict[str, Any]], paths: tuple[str, ...], depth: int = 0
) -> Iterator[AdjustRow]:
    for number, entry in enumerate(entries, start=1):
        own = tuple(f"{path}[{number}]" for path in paths)
        fields = tuple(
            Adjustable(tuple(f"{path}.{key}" for path in own), label, _text(value_at(entry, key)), what)
            for key, label, what in kind.columns
            if value_at(entry, key) is not None
        )
        caption = _SCOPE_LABELS[entry.get("scope", "all")] if kind.key == "quotas" else ""
        yield AdjustRow(caption, depth, fields)
        if "dimensions" in entry:
            inner = tuple(f"{path}.dimensions" for path in own)
            yield from _rows(kind, entry["dimensions"], inner, depth + 1)


def _single_row(kind: _Kind, table: dict[str, Any], paths: tuple[str, ...]) -> tuple[AdjustRow, ...]:
    fields = tuple(
        Adjustable(tuple(f"{path}.{key}" for path in paths), label, _text(table[key]), what)
        for key, label, what in kind.columns
        if table.get(key) is not None
    )
    return (AdjustRow("", 0, fields),) if fields else ()


def _point_limits(scopes: Sequence[_Scope]) -> Iterator[AdjustPanel]:
    """The most points that decisions may give and take, in each section by itself where they differ."""
    alike: dict[str, list[_Scope]] = {}
    for scope in scopes:
        limits = [scope.table.get(key) for key, _ in _POINT_LIMITS]
        if any(limits):
            alike.setdefault(json.dumps(limits), []).append(scope)
    for number, own in enumerate(alike.values(), start=1):
        fields = tuple(
            Adjustable(tuple(f"{scope.path}{key}" for scope in own), label, _text(own[0].table[key]), NUMBER)
            for key, label in _POINT_LIMITS
            if own[0].table.get(key) is not None
        )
        named = f"（{'、'.join(scope.label for scope in own)}）" if len(own) < len(scopes) else ""
        paths = tuple(field.name for field in fields)
        yield AdjustPanel(f"limits-{number}", f"加减分的上限{named}", "分", paths, (AdjustRow("", 0, fields),))


def _group_weights(document: dict[str, Any], scopes: Sequence[_Scope]) -> AdjustPanel:
    labels = {group["key"]: group["label"] for group in document["groups"]}
    rows = tuple(
        AdjustRow(
            f"{scope.label}：{labels[group['key']]}",
            0,
            (Adjustable((f"{scope.path}groups[{n}].weight",), "权重（%）", _text(group["weight"]), NUMBER),),
        )
        for scope in scopes
        for n, group in enumerate(scope.table["groups"], start=1)
    )
    paths = tuple(f"{scope.path}groups" for scope in scopes)
    return AdjustPanel("groups", "各分表的票种权重", "每张分表合计 100%", paths, rows)


def _text(value: object) -> str:
    """A value of the document as people type it."""
    if value is None:
        return ""
    try:
        return number_text(Fraction(str(value)))
    except ValueError:
        return str(value)
