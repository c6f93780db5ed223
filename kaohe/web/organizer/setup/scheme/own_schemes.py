"""The unit's own schemes: listed, brought in as files, taken out as files, deleted."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import SCHEME_FILE_BYTES
from kaohe.domain.permissions import Act
from kaohe.operations.setup.own_schemes import delete_own_scheme, list_own_schemes, load_own_scheme, save_own_scheme
from kaohe.operations.setup.preparing import OWN, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.setup.scheme.choices import ChoiceGroup, scheme_choices
from kaohe.web.organizer.setup.scheme.text import toml_file
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.meeting import day_text

_NO_TEXT = "请选择方案文件（.toml），或粘贴方案全文。"


@dataclass(frozen=True, slots=True)
class OwnSchemeLine:
    """One of the unit's own schemes."""

    id: str
    title: str
    saved: str
    """By whom and when."""


@dataclass(frozen=True, slots=True)
class OwnSchemesPage:
    """The unit's own schemes, and all that a meeting can begin from."""

    own: tuple[OwnSchemeLine, ...]
    presets: tuple[ChoiceGroup, ...]
    text: str
    refusal: Refusal | None


@organizer.route("/schemes", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.WRITE_SCHEMES)
def own_schemes() -> Response | tuple[str, int]:
    """Show the schemes; a posted button brings one in or deletes one."""
    refusal, text = None, ""
    if request.method == "POST":
        act, _, scheme_id = request.form.get("act", "").partition(":")
        try:
            if act == "delete":
                delete_own_scheme(this_account().name, scheme_id)
                flash("已删除。用它建立的会议不受影响。", "good")
            else:
                text = _posted_text()
                save_own_scheme(this_account().name, text)
                flash("已存为本单位方案，新建会议时可以选用。", "good")
            return redirect(url_for("organizer.own_schemes"), 303)
        except SchemeError as error:
            refusal = refusal_of(FieldInvalid(f"没有保存。{error.message}"))
        except KaoheError as error:
            refusal = refusal_of(error)
    page = OwnSchemesPage(
        own=tuple(
            OwnSchemeLine(own.id, own.title, f"{own.saved_by} 存于 {day_text(own.saved_at.astimezone().date())}")
            for own in list_own_schemes()
        ),
        presets=tuple(
            group
            for group in scheme_choices(url_of=lambda value: url_for("organizer.preset_file", preset_id=value))
            if not any(choice.value.startswith(OWN) for choice in group.choices)
        ),
        text=text,
        refusal=refusal,
    )
    return render_template("organizer/setup/scheme/own_schemes.html", page=page), reply_code(refusal)


@organizer.get("/schemes/<scheme_id>.toml")
@audience(Audience.ORGANIZER, act=Act.WRITE_SCHEMES)
def own_scheme_file(scheme_id: str) -> Response:
    """One of the unit's own schemes as a file, exactly as it was written."""
    return toml_file(load_own_scheme(scheme_id).document, "scheme")


@organizer.get("/schemes/preset/<preset_id>.toml")
@audience(Audience.ORGANIZER, act=Act.WRITE_SCHEMES)
def preset_file(preset_id: str) -> Response:
    """A preset as a file."""
    scheme = meeting_preset(preset_id)
    return toml_file(scheme_toml(scheme), scheme.key)


def _posted_text() -> str:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        content: bytes = upload.read(SCHEME_FILE_BYTES)
        upload.close()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FieldInvalid("方案文件不是 UTF-8 编码，请另存为 UTF-8 后重试。") from error
    text = request.form.get("text", "").replace("\r\n", "\n")
    if not text.strip():
        raise FieldInvalid(_NO_TEXT)
    return text
