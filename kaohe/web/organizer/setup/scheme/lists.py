"""The lists of a scheme's document as panels of a form: grades, dimensions, tiers, quotas, clauses and others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kaohe.tally.scheme.tiers import Effect, QuotaScope
from kaohe.tally.scheme_checks.entries import MOST_ENTRIES
from kaohe.tally.scheme_document.fields import Json
from kaohe.web.organizer.setup.scheme.document_paths import value_at
from kaohe.web.organizer.setup.scheme.fields import (
    CHOICE,
    DIMENSIONS,
    GRADES,
    LABEL,
    NUMBER,
    PLACES,
    WHOLE,
    Adjustable,
    AdjustList,
    AdjustPanel,
    AdjustRow,
    Scope,
    typed_text,
)

_TIERS = "tiers"
"""Stands for the tiers of the scheme, which a clause may name."""
_EFFECTS = {
    Effect.VETO: "一票否决",
    Effect.CAP: "最高只能定为",
    Effect.OUTRIGHT: "直接定为",
    Effect.EXEMPT: "不定档次",
    Effect.BONUS: "加分",
    Effect.DEDUCTION: "减分",
    Effect.FLAG: "只作标记",
}
_QUOTA_SCOPES = {QuotaScope.ALL: "全体", QuotaScope.CLASS: "每个类别", QuotaScope.UNIT: "每个单位"}


@dataclass(frozen=True, slots=True)
class _Column:
    """What an entry may hold. Without ``is_offered`` it is shown where it is there already."""

    key: str
    label: str
    kind: str
    is_optional: bool = False
    is_offered: bool = False
    options: tuple[tuple[str, str], ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    key: str
    family: str
    title: str
    hint: str
    columns: tuple[_Column, ...]
    word: str = ""
    """What one entry is called; empty where none may come or go."""
    fewest: int = 0
    is_weighed: bool = False


_VOTED_BANDS = _Kind(
    "bands",
    "bands",
    "档次",
    "由票数表决：前几等的票数合计须超过比率基数的百分之几；最后一档收下其余，不填",
    (
        _Column("label", "档次", LABEL),
        _Column("over", "票数超过（%）", NUMBER, is_optional=True, is_offered=True),
        _Column("grades", "合计前几等", WHOLE, is_optional=True, is_offered=True),
    ),
    word="档次",
    fewest=2,
)
"""In place of the tiers by scores, where shares of the votes decide."""


def _words(words: dict[Any, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), label) for value, label in words.items())


_KINDS = (
    _Kind(
        "grades",
        GRADES,
        "等次和分值",
        "从好到差排列",
        (_Column("label", "等次", LABEL), _Column("points", "分值", NUMBER)),
        word="等次",
        fewest=2,
    ),
    _Kind(
        "number",
        GRADES,
        "打分的范围",
        "",
        (_Column("min", "最低分", NUMBER), _Column("max", "最高分", NUMBER), _Column("step", "间隔", NUMBER)),
    ),
    _Kind(
        "dimensions",
        DIMENSIONS,
        "测评维度",
        "",
        (
            _Column("label", "维度", LABEL),
            _Column("weight", "权重（%）", NUMBER),
            _Column("number.max", "满分", NUMBER),
        ),
        word="维度",
        fewest=1,
        is_weighed=True,
    ),
    _Kind(
        "components",
        "components",
        "分项及占比",
        "最终得分由各分项加权",
        (_Column("label", "分项", LABEL), _Column("weight", "占比（%）", NUMBER), _Column("full", "满分", NUMBER)),
        is_weighed=True,
    ),
    _Kind(
        "bands",
        "bands",
        "档次",
        "从高到低排列，起点分含本数，最后一档不填起点分",
        (
            _Column("label", "档次", LABEL),
            _Column("from", "起点分", NUMBER, is_optional=True, is_offered=True),
            _Column("to", "止点分", NUMBER),
        ),
        word="档次",
        fewest=2,
    ),
    _Kind(
        "quotas",
        PLACES,
        "最高档的名额",
        "比例和人数填一项；比例占参加定档人数",
        (
            _Column("scope", "在谁当中", CHOICE, is_offered=True, options=_words(_QUOTA_SCOPES), default="all"),
            _Column("share", "不超过（%）", NUMBER, is_optional=True, is_offered=True),
            _Column("count", "不超过（人）", WHOLE, is_optional=True, is_offered=True),
            _Column("ceiling", "最高可调到（%）", NUMBER),
            _Column("fewest_share", "不少于（%）", NUMBER),
        ),
        word="名额限制",
    ),
    _Kind(
        "choose",
        PLACES,
        "差额票决",
        "",
        (
            _Column("seats", "每类名额", WHOLE),
            _Column("seats_share", "名额占候选人（%）", NUMBER),
            _Column("most", "每票最多选", WHOLE),
            _Column("over", "得票须超过（%）", NUMBER, is_optional=True, is_offered=True),
            _Column("elected", "当选的称作", LABEL),
            _Column("others", "其余的称作", LABEL),
        ),
    ),
    _Kind(
        "clauses",
        "clauses",
        "条款",
        "由人认定、写明理由后才起作用：否决、限档、直接定档、加减分",
        (
            _Column("label", "情形", LABEL),
            _Column("effect", "作用", CHOICE, is_offered=True, options=_words(_EFFECTS)),
            _Column("tier", "档次", CHOICE, is_optional=True, is_offered=True, options=((_TIERS, ""),)),
            _Column("points", "分数", NUMBER, is_optional=True, is_offered=True),
        ),
        word="条款",
    ),
)


def is_voted(table: Json) -> bool:
    """Whether shares of the votes decide about the tiers of a document, and not a score."""
    return any("over" in band for band in table.get("bands", []))


def may_be_voted(table: Json) -> bool:
    """Whether shares of the votes could decide: every mark is a grade, and nothing but votes makes the result."""
    scored = ("choose", "number", "components", "tier_by", "band_decimals")
    has_grades = bool(table.get("grades")) and not any("number" in each for each in table.get("dimensions", []))
    return has_grades and not any(key in table for key in scored)


def list_panels(scopes: Sequence[Scope]) -> Iterator[AdjustPanel]:
    """A panel for each list, one for all scopes that say it alike."""
    for kind in _KINDS:
        yield from _panels(kind, scopes)


def fresh_entry(key: str, siblings: Sequence[dict[str, Any]], own_key: str) -> dict[str, Any]:
    """An entry to be filled in, which asks for what its siblings hold."""
    kind = next(kind for kind in _KINDS if kind.key == key)
    entry: dict[str, Any] = {"key": own_key} if any(column.kind == LABEL for column in kind.columns) else {}
    like = siblings[-1] if siblings else {}
    for column in kind.columns:
        if column.is_offered:
            entry |= {column.key: column.options[0][0]} if column.options and not column.is_optional else {}
        elif column.kind == LABEL or column.key == "points" or (column.key == "weight" and column.key in like):
            entry[column.key] = ""
    return entry | {each: like[each] for each in ("number", "groups") if kind.key == "dimensions" and each in like}


def _panels(kind: _Kind, scopes: Sequence[Scope]) -> Iterator[AdjustPanel]:
    alike: dict[str, list[Scope]] = {}
    for scope in scopes:
        if scope.table.get(kind.key) or _is_offered(kind, scope):
            alike.setdefault(json.dumps([scope.table.get(kind.key), _is_offered(kind, scope)]), []).append(scope)
    for number, own in enumerate(alike.values(), start=1):
        panel = _panel(kind, own)
        if panel.rows or panel.lists:
            named = "、".join(scope.label for scope in own) if len(own) < len(scopes) else ""
            yield replace(panel, key=f"{kind.key}-{number}", title=f"{kind.title}（{named}）" if named else kind.title)


def _is_offered(kind: _Kind, scope: Scope) -> bool:
    """Whether entries may come and go: grades are two in a choice of names, and only what has tiers has quotas."""
    table = scope.table
    if "choose" in table or not kind.word:
        return False
    offered = {
        "quotas": table.get("bands"),
        "clauses": True,
        "bands": table.get("bands") or may_be_voted(table),
    }
    return bool(offered.get(kind.key, table.get(kind.key)))


def _panel(kind: _Kind, own: Sequence[Scope]) -> AdjustPanel:
    paths = tuple(f"{scope.path}{kind.key}" for scope in own)
    first = own[0].table
    kind = _VOTED_BANDS if kind.key == "bands" and is_voted(first) else kind
    value = first.get(kind.key, [])
    is_sum = kind.key == "dimensions" and first.get("combine") == "sum"
    is_offered = _is_offered(kind, own[0])
    tiers = tuple((band["key"], band["label"]) for band in first.get("bands", []))
    rows: tuple[AdjustRow, ...] = ()
    lists: tuple[AdjustList, ...] = ()
    if isinstance(value, list):
        rows = tuple(_rows(kind, value, paths, tiers, is_offered=is_offered))
        lists = tuple(_lists(kind, value, paths, has_weights=kind.is_weighed and not is_sum)) if is_offered else ()
        if kind.key == "bands" and may_be_voted(first):
            switch = "改为按得分定档" if is_voted(first) else "改为按票数过半定档"
            lists = tuple(replace(each, switch_label=switch) for each in lists)
    elif fields := tuple(_fields(kind, value, paths, tiers)):
        rows = (AdjustRow("", 0, fields),)
    hint = "数字为各项的满分，得分相加" if is_sum else kind.hint
    if kind.key == "dimensions" and len(value) == 1 and not {"number", "dimensions"} & value[0].keys():
        rows, hint = (), "现在只评一个总体等次，不分维度"
    weights = tuple(
        field.name
        for row in rows
        for field in row.fields
        if kind.is_weighed and row.depth == 0 and field.name.endswith(".weight")
    )
    return AdjustPanel("", kind.family, kind.title, hint, paths, rows, weights, lists)


def _rows(
    kind: _Kind,
    entries: Sequence[dict[str, Any]],
    paths: tuple[str, ...],
    tiers: tuple[tuple[str, str], ...],
    depth: int = 0,
    *,
    is_offered: bool,
) -> Iterator[AdjustRow]:
    may_go = is_offered and len(entries) > (kind.fewest if depth == 0 else 1)
    for place, entry in enumerate(entries):
        own = tuple(f"{path}[{place + 1}]" for path in paths)
        caption = "只提示" if entry.get("watched") else ""
        fields = tuple(_fields(kind, entry, own, tiers))
        yield AdjustRow(caption, depth, fields, paths if may_go else (), place)
        if "dimensions" in entry:
            inner = tuple(f"{path}.dimensions" for path in own)
            yield from _rows(kind, entry["dimensions"], inner, tiers, depth + 1, is_offered=is_offered)


def _fields(
    kind: _Kind, entry: dict[str, Any], own: tuple[str, ...], tiers: tuple[tuple[str, str], ...]
) -> Iterator[Adjustable]:
    for column in kind.columns:
        value = value_at(entry, column.key)
        if value is None and not column.is_offered:
            continue
        options = (("", "—"), *tiers) if column.options[:1] == ((_TIERS, ""),) else column.options
        paths = tuple(f"{path}.{column.key}" for path in own)
        text = typed_text(value, column.kind) or column.default
        # What a clause named may have been taken out of the list of tiers; then it names none, and that is refused.
        text = text if not options or text in dict(options) else ""
        yield Adjustable(paths, column.label, text, column.kind, column.is_optional, options)


def _lists(
    kind: _Kind, entries: Sequence[dict[str, Any]], paths: tuple[str, ...], within: str = "", *, has_weights: bool
) -> Iterator[AdjustList]:
    if len(entries) < MOST_ENTRIES:
        label = f"在“{within}”下增加一项" if within else f"增加{kind.word}"
        yield AdjustList(paths, label, has_weights and len(entries) > 1)
    for number, entry in enumerate(entries, start=1):
        if "dimensions" in entry:
            inner = tuple(f"{path}[{number}].dimensions" for path in paths)
            yield from _lists(kind, entry["dimensions"], inner, entry["label"] or str(number), has_weights=has_weights)
