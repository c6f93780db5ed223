"""The page of a meeting's scheme: three decisions on top, the rest folded with what it says now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kaohe.tally.scheme.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, Quorum, TieRule
from kaohe.tally.scores.bases import BASE_LABELS
from kaohe.web.organizer.setup.scheme.adjusting import setting_names
from kaohe.web.organizer.setup.scheme.fields import (
    CHOICE,
    DIMENSIONS,
    GRADES,
    LABEL,
    PLACES,
    Adjustable,
    AdjustList,
    AdjustPanel,
    AdjustRow,
    id_of,
    typed_lines,
)
from kaohe.web.organizer.setup.scheme.preview import SchemePreview
from kaohe.web.organizer.setup.scheme.reading import SchemeForm, weights_text
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame

_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "score_base": {str(base): f"除以{label}" for base, label in BASE_LABELS.items()},
    "rate_base": {str(base): f"除以{label}" for base, label in BASE_LABELS.items()},
    "abstention": {str(AbstentionRule.EXCLUDED): "不计分，也不进基数", str(AbstentionRule.ZERO): "按 0 分计入"},
    "invalid_rule": {str(InvalidRule.BALLOT): "整张票无效", str(InvalidRule.CELL): "只该项无效"},
    "tie_rule": {str(TieRule.NONE): "名次并列", str(TieRule.TOP_GRADES): "比较最高等次的票数"},
    "decimals": {str(number): f"{number} 位" for number in range(5)},
    "empty_group": {
        str(EmptyGroupRule.RENORMALISE): "其权重按比例分给其他票种",
        str(EmptyGroupRule.ZERO): "该票种按 0 分计",
    },
    "quorum": {
        "": "不要求",
        str(Quorum.HALF): "超过应到的 1/2",
        str(Quorum.TWO_THIRDS): "达到应到的 2/3",
        str(Quorum.FOUR_FIFTHS): "达到应到的 4/5",
    },
}
_FLAGS = {
    "abstention_allowed": ("可以选“弃权”", "不了解情况的人有话可选；不勾选时，每一项都必须评。"),
    "may_leave_out": ("可以不评某个考核对象", "不评自己，或只评自己有评分关系的人时勾选；开箱后各对象的票分开存放。"),
    "may_fill_rest": (
        "可以“其余都选”同一等次",
        "人数多时省去许多次点按，可以撤销；容易评得雷同，请慎用。打分和差额票决不能勾选。",
    ),
    "comments_wanted": ("征求意见建议", "每名考核对象下可填一条意见，计票后打乱汇总。"),
}
_RULE_LABELS = {
    "score_base": "得分",
    "rate_base": "各等次占比",
    "abstention": "弃权和漏选",
    "invalid_rule": "一项选了多个等次",
    "tie_rule": "得分相同",
    "decimals": "保留小数",
    "empty_group": "某个票种没有有效票",
    "quorum": "到会人数",
}


_TOP = (
    ("等次", "分几等，每一等折算多少分", GRADES),
    ("维度", "从哪几方面评，各占多少", DIMENSIONS),
    ("名额", "最高的等次或档次最多评给多少人", PLACES),
)
_SAID = 4


@dataclass(frozen=True, slots=True)
class TypedField:
    """One field as it stands in the form."""

    id: str
    name: str
    label: str
    text: str
    inputmode: str
    error: str
    options: tuple[Option, ...]
    """What may be chosen; none where something is typed."""
    is_first: bool
    """Whether the hand goes on here, in a row that was just added."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """Fields side by side; ``kind`` is the part of the style class that sets their widths."""

    caption: str
    kind: str
    depth: str
    fields: tuple[TypedField, ...]
    list_name: str
    """The list that the row may be taken out of; empty where it must stay."""
    place: str
    number: str


@dataclass(frozen=True, slots=True)
class TypedPanel:
    """A list of fields under one heading; ``said`` is what it says now, in a line."""

    key: str
    title: str
    hint: str
    said: str
    error: str
    is_open: bool
    rows: tuple[TypedRow, ...]
    lists: tuple[AdjustList, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One of the three things that an office decides first."""

    title: str
    hint: str
    panels: tuple[TypedPanel, ...]
    limit: TypedField | None


@dataclass(frozen=True, slots=True)
class Folded:
    """Settings that are seldom changed; ``said`` is what they say now."""

    said: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class TypedForm:
    """A scheme's form as it stands."""

    draft: str
    title: TypedField
    remarks: TypedField
    remarks_said: str
    decisions: tuple[Decision, ...]
    panels: tuple[TypedPanel, ...]
    settings: tuple[tuple[str, str, tuple[Option, ...], str], ...]
    """(name, label, options, error)."""
    flags: tuple[tuple[str, Option], ...]
    rules: Folded
    ballot_said: str
    has_other_settings: bool
    """Whether sections differ in settings that only the text shows."""
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemePage:
    """The settings, where they are wrong, and what they mean."""

    frame: MeetingFrame
    version: str
    base: str
    """The preset or own scheme that the form was filled from; empty for the meeting's own."""
    form: TypedForm
    asked: str
    computed: str
    """Both empty while the form means no scheme."""
    is_unsaved: bool
    """Whether what the form holds is not saved yet."""
    preview: SchemePreview | None
    refusal: Refusal | None


def typed_form(form: SchemeForm, errors: Mapping[str, str], hand_at: str = "") -> TypedForm:
    """Lay a form out, with the sentence of each fault by its path. ``hand_at`` names where the hand goes."""

    def panels_of(*families: str) -> tuple[TypedPanel, ...]:
        found = [panel for panel in form.adjusting.panels if panel.family in families]
        return tuple(_panel(panel, form, errors, hand_at) for panel in found)

    limit = _field(form.adjusting.limit, form, errors) if form.adjusting.limit else None
    top = [
        Decision(title, hint, panels_of(family), limit if family == PLACES else None) for title, hint, family in _TOP
    ]
    shown = {family for *_, family in _TOP}
    settings = tuple(
        (name, _RULE_LABELS[name], _options(name, form.settings[name]), errors.get(name, ""))
        for name in _SETTINGS
        if name in form.settings
    )
    flags = tuple((name, _flag(form, name)) for name in _FLAGS if name in form.settings)
    return TypedForm(
        draft=form.draft,
        title=_field(form.adjusting.title, form, errors),
        remarks=_field(form.adjusting.remarks, form, errors),
        remarks_said=f"{len(remarks)} 条" if (remarks := typed_lines(form.texts["remarks"])) else "没有",
        decisions=tuple(decision for decision in top if decision.panels or decision.limit),
        panels=panels_of(*(panel.family for panel in form.adjusting.panels if panel.family not in shown)),
        settings=settings,
        flags=flags,
        rules=Folded(
            "；".join(f"{label}{_chosen(options)}" for _, label, options, _ in settings),
            any(error for *_, error in settings),
        ),
        ballot_said="；".join(flag.label for _, flag in flags if flag.is_chosen) or "每一项都必须评，不收意见",
        has_other_settings=len(form.settings) < len(setting_names(form.document)),
        errors=tuple(errors.values()),
    )


def _panel(panel: AdjustPanel, form: SchemeForm, errors: Mapping[str, str], hand_at: str) -> TypedPanel:
    total = f"权重合计 {weights_text(panel.weights, form.texts)}" if panel.weights else ""
    rows = tuple(_row(row, form, errors, hand_at) for row in panel.rows)
    error = next((errors[path] for path in panel.paths if path in errors), "")
    return TypedPanel(
        panel.key,
        panel.title,
        total or panel.hint,
        "、".join(_said(rows)) or "没有",
        error,
        is_open=bool(error) or any(field.error or field.is_first for row in rows for field in row.fields),
        rows=rows,
        lists=panel.lists,
    )


def _said(rows: tuple[TypedRow, ...]) -> Iterator[str]:
    for row in rows[:_SAID]:
        first = row.fields[0]
        yield row.caption or (first.text if first.inputmode == "text" else f"{first.label} {first.text}")
    if len(rows) > _SAID:
        yield f"共 {len(rows)} 项"


def _row(row: AdjustRow, form: SchemeForm, errors: Mapping[str, str], hand_at: str) -> TypedRow:
    return TypedRow(
        row.caption,
        _kind_of(row),
        str(row.depth),
        tuple(_field(field, form, errors, hand_at) for field in row.fields),
        row.lists[0] if row.lists else "",
        str(row.place),
        str(row.place + 1),
    )


def _kind_of(row: AdjustRow) -> str:
    if row.caption:
        return "captioned"
    return str(len(row.fields)) if row.fields[0].kind == LABEL else "even"


def _field(field: Adjustable, form: SchemeForm, errors: Mapping[str, str], hand_at: str = "") -> TypedField:
    inputmode = "text" if field.kind in (LABEL, CHOICE) else "numeric" if field.name.endswith("_limit") else "decimal"
    text = form.texts[field.name]
    return TypedField(
        id_of(field.name),
        field.name,
        field.label,
        text,
        inputmode,
        errors.get(field.name, ""),
        tuple(Option(value, label, is_chosen=value == text) for value, label in field.options),
        is_first=field.name == hand_at,
    )


def _options(name: str, chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, is_chosen=value == chosen) for value, label in _SETTINGS[name].items())


def _chosen(options: tuple[Option, ...]) -> str:
    return next((option.label for option in options if option.is_chosen), "未选")


def _flag(form: SchemeForm, name: str) -> Option:
    label, hint = _FLAGS[name]
    return Option("1", label, bool(form.settings[name]), hint)
