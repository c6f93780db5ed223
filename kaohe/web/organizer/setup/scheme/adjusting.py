"""What of a scheme can be adjusted in a form: every label, weight, point and edge, by its path in the document.

A scheme of several sections shows once what its sections say alike, and the answer goes to all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaohe.web.organizer.setup.scheme.fields import (
    GROUPS,
    LABEL,
    LINES,
    NUMBER,
    WHOLE,
    Adjustable,
    AdjustPanel,
    AdjustRow,
    Document,
    Scope,
    typed_text,
)
from kaohe.web.organizer.setup.scheme.lists import list_panels

SETTINGS = ("score_base", "rate_base", "abstention", "invalid_rule", "tie_rule", "decimals", "empty_group", "quorum")
OF_THE_WHOLE = ("quorum",)
"""What a scheme of several sections says once for all, and may leave out."""
_SETTINGS_WITHOUT_BALLOTS = ("tie_rule", "decimals")
FLAGS = ("abstention_allowed", "may_leave_out", "may_fill_rest", "comments_wanted")
LIMIT = "top_grade_limit"
_POINT_LIMITS = (("bonus_limit", "加分合计不超过"), ("deduction_limit", "减分合计不超过"))


@dataclass(frozen=True, slots=True)
class Adjusting:
    """Everything that can be adjusted in one scheme."""

    title: Adjustable
    remarks: Adjustable
    panels: tuple[AdjustPanel, ...]
    settings: Mapping[str, tuple[str, ...]]
    """By name of a setting: its paths; only those that all sections have alike."""
    limit: Adjustable | None

    @property
    def fields(self) -> tuple[Adjustable, ...]:
        """Every typed value."""
        typed = (field for panel in self.panels for row in panel.rows for field in row.fields)
        return (self.title, self.remarks, *typed, *([self.limit] if self.limit else []))


def adjusting_of(document: Document) -> Adjusting:
    """What can be adjusted in a scheme's document, even one with rows that are still to be filled in."""
    scopes = _scopes(document)
    panels = list(list_panels(scopes))
    if _sections_weigh_groups(document, scopes):
        ballot = sum(panel.key.startswith(("grades", "dimensions", "number")) for panel in panels)
        panels.insert(ballot, _group_weights(document, scopes))
    panels += _point_limits(scopes)
    title = Adjustable(("title",), "方案名称", document["title"], LABEL)
    remarks = Adjustable(("remarks",), "说明", typed_text(document.get("remarks"), LINES), LINES, is_optional=True)
    limit = _limit(scopes) if _takes_ballots(scopes) else None
    return Adjusting(title, remarks, tuple(panels), dict(_settings(setting_names(document), document, scopes)), limit)


def setting_names(document: Document) -> tuple[str, ...]:
    """The settings that mean something in a scheme: without ballots, nothing about ballots is asked."""
    return (*SETTINGS, *FLAGS) if _takes_ballots(_scopes(document)) else _SETTINGS_WITHOUT_BALLOTS


def _scopes(document: Document) -> list[Scope]:
    sections = document.get("sections", [])
    scopes = [Scope(f"sections[{n}].", section["label"], section) for n, section in enumerate(sections, 1)]
    return scopes or [Scope("", "", document)]


def _takes_ballots(scopes: Sequence[Scope]) -> bool:
    """A scheme without dimensions only puts together what comes from elsewhere."""
    return any(scope.table.get("dimensions") for scope in scopes)


def _sections_weigh_groups(document: Document, scopes: Sequence[Scope]) -> bool:
    def weights(table: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(group["key"], group["weight"]) for group in table["groups"]]

    return any(weights(scope.table) != weights(document) for scope in scopes)


def _settings(
    names: Sequence[str], document: dict[str, Any], scopes: Sequence[Scope]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in names:
        if name in OF_THE_WHOLE:
            yield name, (name,)
        elif len({json.dumps(scope.table.get(name)) for scope in scopes}) == 1:
            paths = [f"{scope.path}{name}" for scope in scopes]
            yield name, tuple(dict.fromkeys([*paths, *([name] if name in document else [])]))


def _limit(scopes: Sequence[Scope]) -> Adjustable | None:
    values = {scope.table.get(LIMIT) for scope in scopes}
    if len(values) > 1 or any("choose" in scope.table or not scope.table.get("grades") for scope in scopes):
        return None
    paths = tuple(f"{scope.path}{LIMIT}" for scope in scopes)
    return Adjustable(paths, "每张票最多评几个最高等次", typed_text(next(iter(values)), WHOLE), WHOLE, is_optional=True)


def _point_limits(scopes: Sequence[Scope]) -> Iterator[AdjustPanel]:
    """The most points that decisions may give and take, in each section by itself where they differ."""
    alike: dict[str, list[Scope]] = {}
    for scope in scopes:
        limits = [scope.table.get(key) for key, _ in _POINT_LIMITS]
        if any(limits):
            alike.setdefault(json.dumps(limits), []).append(scope)
    for number, own in enumerate(alike.values(), start=1):
        fields = tuple(
            Adjustable(
                tuple(f"{scope.path}{key}" for scope in own), label, typed_text(own[0].table[key], NUMBER), NUMBER
            )
            for key, label in _POINT_LIMITS
            if own[0].table.get(key) is not None
        )
        named = f"（{'、'.join(scope.label for scope in own)}）" if len(own) < len(scopes) else ""
        paths = tuple(field.name for field in fields)
        yield AdjustPanel(
            f"limits-{number}", "limits", f"加减分的上限{named}", "分", paths, (AdjustRow("", 0, fields),)
        )


def _group_weights(document: dict[str, Any], scopes: Sequence[Scope]) -> AdjustPanel:
    labels = {group["key"]: group["label"] for group in document["groups"]}
    rows = tuple(
        AdjustRow(
            f"{scope.label}：{labels[group['key']]}",
            0,
            (
                Adjustable(
                    (f"{scope.path}groups[{n}].weight",), "权重（%）", typed_text(group["weight"], NUMBER), NUMBER
                ),
            ),
        )
        for scope in scopes
        for n, group in enumerate(scope.table["groups"], start=1)
    )
    paths = tuple(f"{scope.path}groups" for scope in scopes)
    return AdjustPanel("groups", GROUPS, "各分表的票种权重", "每张分表合计 100%", paths, rows)
