"""The scheme of a meeting (考核方案): chosen, looked at, adjusted in a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.setup.scheme import change_scheme, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, PercentBase, Scheme, TieRule
from kaohe.web.access import Audience, audience, this_account, this_reach
from kaohe.web.organizer.setup.scheme.adjusting import LABEL, LIMIT, Adjustable, AdjustPanel, AdjustRow, setting_names
from kaohe.web.organizer.setup.scheme.choices import ChoiceGroup, scheme_choices
from kaohe.web.organizer.setup.scheme.preview import SchemePreview, preview_of
from kaohe.web.organizer.setup.scheme.reading import SchemeForm, form_of, posted_form, read_scheme, weights_text
from kaohe.web.organizer.setup.scheme.text import as_held, keep_as_own
from kaohe.web.organizer.setup.scheme.words import asked_line, computed_line
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting

_BASES = {
    PercentBase.VALID: "有效票",
    PercentBase.CAST: "收回票数",
    PercentBase.ISSUED: "发出票数",
    PercentBase.PRESENT: "实到人数",
    PercentBase.ENTITLED: "应到人数",
}
_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "score_base": {str(base): f"除以{label}" for base, label in _BASES.items()},
    "rate_base": {str(base): f"除以{label}" for base, label in _BASES.items()},
    "abstention": {str(AbstentionRule.EXCLUDED): "不计分，也不进基数", str(AbstentionRule.ZERO): "按 0 分计入"},
    "invalid_rule": {str(InvalidRule.BALLOT): "整张票无效", str(InvalidRule.CELL): "只该项无效"},
    "tie_rule": {str(TieRule.NONE): "名次并列", str(TieRule.TOP_GRADES): "比较最高等次的票数"},
    "decimals": {str(number): f"{number} 位" for number in range(5)},
    "empty_group": {
        str(EmptyGroupRule.RENORMALISE): "其权重按比例分给其他票种",
        str(EmptyGroupRule.ZERO): "该票种按 0 分计",
    },
}
_FLAGS = {
    "abstention_allowed": ("可以选“弃权”", "不了解情况的人有话可选；不勾选时，每一项都必须评。"),
    "may_leave_out": ("可以不评某个考核对象", "不评自己，或只评自己有评分关系的人时勾选；开箱后各对象的票分开存放。"),
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
}


@dataclass(frozen=True, slots=True)
class TypedField:
    """One field as it stands in the form."""

    id: str
    name: str
    label: str
    text: str
    inputmode: str
    error: str


@dataclass(frozen=True, slots=True)
class TypedRow:
    """Fields side by side; ``kind`` is the part of the style class that sets their widths."""

    caption: str
    kind: str
    depth: str
    fields: tuple[TypedField, ...]


@dataclass(frozen=True, slots=True)
class TypedPanel:
    """A list of fields under one heading."""

    key: str
    title: str
    hint: str
    error: str
    rows: tuple[TypedRow, ...]


@dataclass(frozen=True, slots=True)
class SchemePage:
    """The settings, where they are wrong, and what they mean."""

    frame: MeetingFrame
    version: str
    base: str
    """The preset or own scheme that the form was filled from; empty for the meeting's own."""
    title: str
    title_field: TypedField
    asked: str
    computed: str
    is_unsaved: bool
    """Whether what the form holds is not saved yet."""
    panels: tuple[TypedPanel, ...]
    settings: tuple[tuple[str, str, tuple[Option, ...], str], ...]
    """(name, label, options, error)."""
    flags: tuple[tuple[str, Option], ...]
    limit: TypedField | None
    has_other_settings: bool
    """Whether sections differ in settings that only the text shows."""
    errors: tuple[str, ...]
    preview: SchemePreview | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class SchemeChoosingPage:
    """Every scheme that the meeting could be held by."""

    frame: MeetingFrame
    groups: tuple[ChoiceGroup, ...]


class AdjustForm(DeskForm):
    """What the settings start from. The settings themselves depend on it, so ``posted_form`` reads them."""

    preset = StringField(default="")


@organizer.get("/<meeting_id>/scheme")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def scheme(meeting_id: str) -> ResponseReturnValue:
    """Show the settings of the meeting's scheme, or of the one ``preset`` asks for."""
    wanted = request.args.get("preset", "")
    return _shown(_scheme_page(meeting_id, form_of(_base(meeting_id, wanted)), wanted, is_typed=False))


@organizer.post("/<meeting_id>/scheme/preview")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def preview_scheme(meeting_id: str) -> ResponseReturnValue:
    """Show what the settings would mean as they are typed; nothing is stored, and faults stand at their fields."""
    wanted = AdjustForm().preset.data
    base = _base(meeting_id, wanted)
    try:
        form = posted_form(base, request.form)
    except FieldInvalid:
        form = form_of(base)
    return _shown(replace(_scheme_page(meeting_id, form, wanted), is_unsaved=True))


@organizer.post("/<meeting_id>/scheme")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def save_scheme(meeting_id: str) -> ResponseReturnValue:
    """Store the settings as the meeting's scheme."""
    return _saved(meeting_id)


@organizer.post("/<meeting_id>/scheme/keep")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def keep_scheme(meeting_id: str) -> ResponseReturnValue:
    """Store the settings as the meeting's scheme, and as one of the unit's own."""
    return _saved(meeting_id, is_kept=True)


def _saved(meeting_id: str, *, is_kept: bool = False) -> ResponseReturnValue:
    expecting = AdjustForm()
    wanted = expecting.preset.data
    base = _base(meeting_id, wanted)
    form = form_of(base)
    try:
        form = posted_form(base, request.form)
        meant = read_scheme(form)
        change_scheme(this_account().name, meeting_id, expecting.expected().on_version(), meant)
        if is_kept:
            keep_as_own(scheme_toml(meant), meant)
    except SchemeError as error:
        return _shown(_scheme_page(meeting_id, form, wanted, FieldInvalid(f"方案没有保存：{error.expected}")))
    except KaoheError as error:
        return _shown(_scheme_page(meeting_id, form, wanted, error))
    return after_saving(meeting_id, "scheme", "scheme" if is_kept else "subjects")


def _base(meeting_id: str, wanted: str) -> Scheme:
    return meeting_preset(wanted, this_reach()) if wanted else this_meeting(meeting_id)[0].scheme


def _scheme_page(
    meeting_id: str, form: SchemeForm, wanted: str, error: KaoheError | None = None, *, is_typed: bool = True
) -> SchemePage:
    """The settings as they stand in ``form``, with what they mean, or where ``is_typed`` what is wrong with them."""
    setup, this_round = this_meeting(meeting_id)
    meant, errors = form.base, {}
    try:
        meant = read_scheme(form) if is_typed else form.base
    except SchemeError as fault:
        errors[fault.key_path] = fault.expected
    return SchemePage(
        frame=frame_of(setup, this_round, "scheme"),
        version=AdjustForm().version.data or str(setup.version),
        base=wanted,
        title=meant.title,
        title_field=_field(form.adjusting.title, form, errors),
        asked=asked_line(meant),
        computed=computed_line(meant),
        is_unsaved=bool(wanted),
        panels=tuple(_panel(panel, form, errors) for panel in form.adjusting.panels),
        settings=tuple(
            (name, _RULE_LABELS[name], _options(name, form.settings[name]), errors.get(name, ""))
            for name in _SETTINGS
            if name in form.settings
        ),
        flags=tuple((name, _flag(form, name)) for name in _FLAGS if name in form.settings),
        limit=_field(form.adjusting.limit, form, errors) if form.adjusting.limit else None,
        has_other_settings=len(form.settings) < len(setting_names(form.base)),
        errors=tuple(errors.values()),
        preview=None if errors else preview_of(as_held(setup, meant), setup.subjects),
        refusal=refusal_of(error, setup.version) if error else None,
    )


def _shown(page: SchemePage) -> ResponseReturnValue:
    return render_template("organizer/setup/scheme/scheme.html", page=page), reply_code(page.refusal)


@organizer.get("/<meeting_id>/scheme/choose")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def choose_scheme(meeting_id: str) -> str:
    """Show every scheme that the meeting could be held by, with what it asks and computes."""
    setup, this_round = this_meeting(meeting_id)
    groups = scheme_choices(
        setup.scheme.key, lambda value: url_for("organizer.scheme", meeting_id=meeting_id, preset=value)
    )
    page = SchemeChoosingPage(frame_of(setup, this_round, "scheme"), groups)
    return render_template("organizer/setup/scheme/choose.html", page=page)


def _panel(panel: AdjustPanel, form: SchemeForm, errors: Mapping[str, str]) -> TypedPanel:
    total = f"权重合计 {weights_text(panel.weights, form.texts)}" if panel.weights else ""
    return TypedPanel(
        panel.key,
        panel.title,
        total or panel.hint,
        next((errors[path] for path in panel.paths if path in errors), ""),
        tuple(
            TypedRow(
                row.caption,
                _kind_of(row),
                str(row.depth),
                tuple(_field(field, form, errors) for field in row.fields),
            )
            for row in panel.rows
        ),
    )


def _kind_of(row: AdjustRow) -> str:
    if row.caption:
        return "captioned"
    return str(len(row.fields)) if row.fields[0].kind == LABEL else "even"


def _field(field: Adjustable, form: SchemeForm, errors: Mapping[str, str]) -> TypedField:
    inputmode = "text" if field.kind == LABEL else "numeric" if field.name.endswith(LIMIT) else "decimal"
    identifier = field.name.replace("[", "-").replace("]", "").replace(".", "-")
    return TypedField(
        identifier, field.name, field.label, form.texts[field.name], inputmode, errors.get(field.name, "")
    )


def _options(name: str, chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, is_chosen=value == chosen) for value, label in _SETTINGS[name].items())


def _flag(form: SchemeForm, name: str) -> Option:
    label, hint = _FLAGS[name]
    return Option("1", label, bool(form.settings[name]), hint)
