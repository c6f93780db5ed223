"""The unit's own schemes: listed, brought in as files, taken out as files, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import SCHEME_FILE_BYTES
from kaohe.domain.permissions import Act
from kaohe.operations.people.units import unit_names
from kaohe.operations.setup.own_schemes import (
    OwnScheme,
    delete_own_scheme,
    list_own_schemes,
    load_own_scheme,
    save_own_scheme,
)
from kaohe.operations.setup.scheme import OWN, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.setup.scheme.choices import ChoiceGroup, scheme_choices
from kaohe.web.organizer.setup.scheme.text import toml_file
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, UploadField
from kaohe.web.organizer.shell.meeting import day_text


@dataclass(frozen=True, slots=True)
class OwnSchemeLine:
    """One of the unit's own schemes."""

    id: str
    title: str
    saved: str
    """Of which unit, where there are several, by whom and when."""
    may_delete: bool
    """Those of the units above are theirs."""


@dataclass(frozen=True, slots=True)
class OwnSchemesPage:
    """The unit's own schemes, and all that a meeting can begin from."""

    own: tuple[OwnSchemeLine, ...]
    presets: tuple[ChoiceGroup, ...]
    text: str
    refusal: Refusal | None


class SchemeFileForm(DeskForm):
    """A scheme from elsewhere: its text, or its file."""

    text = StringField(default="")
    file = UploadField()

    def scheme_text(self) -> str:
        """The text of either.

        Raises:
            FieldInvalid: there is none, or the file is not UTF-8.
        """
        if self.file.data is not None:
            content = self.file.data.read(SCHEME_FILE_BYTES)
            try:
                return str(content, "utf-8-sig")
            except UnicodeDecodeError as error:
                raise FieldInvalid("方案文件不是 UTF-8 编码，请另存为 UTF-8 后重试。") from error
        text = str(self.text.data).replace("\r\n", "\n")
        if not text.strip():
            raise FieldInvalid("请选择方案文件（.toml），或粘贴方案全文。")
        return text


@organizer.get("/schemes", act=Act.WRITE_SCHEMES)
def own_schemes() -> ResponseReturnValue:
    """Show the schemes."""
    return _shown(_own_schemes_page())


@organizer.post("/schemes/import", act=Act.WRITE_SCHEMES, takes_file=True)
def import_own_scheme() -> ResponseReturnValue:
    """Bring a scheme in; it replaces one of the same title."""
    text = ""
    try:
        text = SchemeFileForm().scheme_text()
        save_own_scheme(this_account().name, text, this_account().unit_id)
    except SchemeError as error:
        return _shown(_own_schemes_page(FieldInvalid(f"没有保存。{error.message}"), text))
    except KaoheError as error:
        return _shown(_own_schemes_page(error, text))
    flash("已存为本单位方案，新建会议时可以选用。", "good")
    return redirect(url_for("organizer.own_schemes"), 303)


@organizer.post("/schemes/<scheme_id>/delete", act=Act.WRITE_SCHEMES)
def delete_scheme(scheme_id: str) -> ResponseReturnValue:
    """Delete a scheme; meetings that were made from it keep theirs."""
    try:
        delete_own_scheme(this_account().name, scheme_id, this_reach())
    except KaoheError as error:
        return _shown(_own_schemes_page(error))
    flash("已删除。用它建立的会议不受影响。", "good")
    return redirect(url_for("organizer.own_schemes"), 303)


def _of_unit(own: OwnScheme, names: Mapping[str, str]) -> str:
    if own.unit_id not in this_reach():
        return " · 上级单位的方案"
    return f" · {names[own.unit_id]}" if own.unit_id in names else ""


def _own_schemes_page(error: KaoheError | None = None, text: str = "") -> OwnSchemesPage:
    names = unit_names(this_reach())
    return OwnSchemesPage(
        own=tuple(
            OwnSchemeLine(
                own.id,
                own.title,
                f"{own.saved_by} 存于 {day_text(own.saved_at.astimezone().date())}{_of_unit(own, names)}",
                may_delete=own.unit_id in this_reach(),
            )
            for own in list_own_schemes(this_reach())
        ),
        presets=tuple(
            group
            for group in scheme_choices(url_of=lambda value: url_for("organizer.preset_file", preset_id=value))
            if not any(choice.value.startswith(OWN) for choice in group.choices)
        ),
        text=text,
        refusal=refusal_of(error) if error else None,
    )


def _shown(page: OwnSchemesPage) -> ResponseReturnValue:
    return render_template("organizer/setup/scheme/own_schemes.html", page=page), reply_code(page.refusal)


@organizer.get("/schemes/<scheme_id>.toml", act=Act.WRITE_SCHEMES)
def own_scheme_file(scheme_id: str) -> Response:
    """One of the unit's own schemes as a file, exactly as it was written."""
    return toml_file(load_own_scheme(scheme_id, this_reach()).document, "scheme")


@organizer.get("/schemes/preset/<preset_id>.toml", act=Act.WRITE_SCHEMES)
def preset_file(preset_id: str) -> Response:
    """A preset as a file."""
    scheme = meeting_preset(preset_id, this_reach())
    return toml_file(scheme_toml(scheme), scheme.key)
