"""The scheme of a meeting (考核方案): a preset to begin with, then every setting of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.preparing import change_scheme, meeting_preset, meeting_presets
from kaohe.tally.refusals import SchemeError
from kaohe.tally.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, PercentBase, TieRule
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.blueprint import organizer
from kaohe.web.organizer.frame import MeetingFrame, frame_of, this_meeting
from kaohe.web.organizer.options import Option
from kaohe.web.organizer.refusing import Refusal, after_saving, posted_version, refusal_of, reply_code
from kaohe.web.organizer.scheme_form import (
    SchemeForm,
    form_of,
    posted_form,
    read_scheme,
    sentence_of,
    weights_text,
)
from kaohe.web.organizer.scheme_preview import SchemePreview, preset_hint, preview_of

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
    "empty_group": {
        str(EmptyGroupRule.RENORMALISE): "其权重按比例分给其他票种",
        str(EmptyGroupRule.ZERO): "该票种按 0 分计",
    },
    "tie_rule": {str(TieRule.NONE): "名次并列", str(TieRule.TOP_GRADES): "比较最高等次的票数"},
    "invalid_rule": {str(InvalidRule.BALLOT): "整张票无效", str(InvalidRule.CELL): "只该项无效"},
    "decimals": {str(number): f"{number} 位" for number in range(5)},
}
_FLAGS = {
    "abstention_allowed": ("可以选“弃权”", "不了解情况的人有话可选；不勾选时，每一项都必须评等次。"),
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
class PresetLink:
    """A preset that the form can be filled from."""

    title: str
    hint: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SchemePage:
    """The settings, where they are wrong, and what they mean."""

    frame: MeetingFrame
    version: str
    presets: tuple[PresetLink, ...]
    is_unsaved: bool
    """Whether a preset has been filled in that is not saved yet."""
    form: SchemeForm
    rule_labels: Mapping[str, str]
    options: Mapping[str, tuple[Option, ...]]
    abstention_allowed: Option
    comments_wanted: Option
    weights: str
    errors: Mapping[str, str]
    """Sentences by place in the document, such as ``grades[3].points``."""
    preview: SchemePreview | None
    refusal: Refusal | None


@organizer.route("/<meeting_id>/scheme", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def scheme(meeting_id: str) -> Response | tuple[str, int]:
    """Show the settings, fill them from a preset, show what changed ones would mean, or save them."""
    setup, held = this_meeting(meeting_id)
    wanted = request.args.get("preset")
    form = form_of(meeting_preset(wanted) if wanted else setup.scheme)
    errors: dict[str, str] = {}
    refusal = None
    is_looking = request.form.get("act") == "preview"
    if request.method == "POST":
        form = posted_form(request.form)
        try:
            typed = read_scheme(form)
            if not is_looking:
                change_scheme(this_account().name, meeting_id, posted_version(), typed)
                return after_saving(meeting_id, "scheme", "subjects")
        except SchemeError as error:
            errors[error.key_path] = sentence_of(error)
            refusal = refusal_of(FieldInvalid(f"方案没有保存：{sentence_of(error)}"))
        except KaoheError as error:
            refusal = refusal_of(error, setup.version)
    preview = None if errors else preview_of(read_scheme(form), setup.subjects)
    page = SchemePage(
        frame=frame_of(setup, held, "scheme"),
        version=request.form.get("version", str(setup.version)),
        presets=_preset_links(meeting_id, form.key),
        is_unsaved=wanted is not None or is_looking,
        form=form,
        rule_labels=_RULE_LABELS,
        options={name: _options(name, form.settings[name]) for name in _SETTINGS},
        abstention_allowed=_flag(form, "abstention_allowed"),
        comments_wanted=_flag(form, "comments_wanted"),
        weights=weights_text(form.dimensions),
        errors=errors,
        preview=preview,
        refusal=None if is_looking else refusal,
    )
    return render_template("organizer/scheme.html", page=page), 200 if is_looking else reply_code(refusal)


def _preset_links(meeting_id: str, chosen: str) -> tuple[PresetLink, ...]:
    return tuple(
        PresetLink(
            preset.title,
            preset_hint(preset),
            url_for("organizer.scheme", meeting_id=meeting_id, preset=preset.key),
            is_chosen=preset.key == chosen,
        )
        for preset in meeting_presets()
    )


def _options(name: str, chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, label, is_chosen=value == chosen) for value, label in _SETTINGS[name].items())


def _flag(form: SchemeForm, name: str) -> Option:
    label, hint = _FLAGS[name]
    return Option("1", label, bool(form.settings[name]), hint)
