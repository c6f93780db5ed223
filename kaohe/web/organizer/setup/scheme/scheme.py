"""The scheme of a meeting (考核方案): chosen, looked at, adjusted in a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.permissions import Act
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.scheme import change_scheme, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme_document.document import scheme_document
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.setup.scheme.choices import ChoiceGroup, scheme_choices
from kaohe.web.organizer.setup.scheme.fields import Document
from kaohe.web.organizer.setup.scheme.preview import preview_of
from kaohe.web.organizer.setup.scheme.reading import SchemeForm, drafted, form_of, posted_form, read_scheme
from kaohe.web.organizer.setup.scheme.reshaping import add_row, remove_row, spread_weights, switch_tiers
from kaohe.web.organizer.setup.scheme.scheme_page import SchemePage, typed_form
from kaohe.web.organizer.setup.scheme.text import as_held, keep_as_own
from kaohe.web.organizer.setup.scheme.words import asked_line, computed_line
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.parts import shown


@dataclass(frozen=True, slots=True)
class SchemeChoosingPage:
    """Every scheme that the meeting could be held by."""

    frame: MeetingFrame
    groups: tuple[ChoiceGroup, ...]
    sought: str


class AdjustForm(DeskForm):
    """What the settings start from. The settings themselves depend on it, so ``posted_form`` reads them."""

    preset = StringField(default="")


@organizer.get("/<meeting_id>/scheme", act=Act.PREPARE)
def scheme(meeting_id: str) -> ResponseReturnValue:
    """Show the settings of the meeting's scheme, or of the one ``preset`` asks for."""
    wanted = request.args.get("preset", "")
    return _shown(_page(meeting_id, form_of(_base(meeting_id, wanted)), wanted, is_unsaved=bool(wanted)))


@organizer.post("/<meeting_id>/scheme/preview", act=Act.PREPARE)
def preview_scheme(meeting_id: str) -> ResponseReturnValue:
    """Show what the settings would mean as they are typed; nothing is stored, and faults stand at their fields."""
    wanted = AdjustForm().preset.data
    try:
        form = posted_form(request.form)
    except FieldInvalid:
        form = form_of(_base(meeting_id, wanted))
    return _shown(_page(meeting_id, form, wanted, is_unsaved=True))


@organizer.post("/<meeting_id>/scheme/rows/<list_name>/add", act=Act.PREPARE)
def add_scheme_row(meeting_id: str, list_name: str) -> ResponseReturnValue:
    """Add a row to a list in the form; nothing is stored."""
    return _reshaped(meeting_id, lambda document: add_row(document, list_name))


@organizer.post("/<meeting_id>/scheme/rows/<list_name>/<int:row>/remove", act=Act.PREPARE)
def remove_scheme_row(meeting_id: str, list_name: str, row: int) -> ResponseReturnValue:
    """Take a row out of a list in the form; nothing is stored."""
    return _reshaped(meeting_id, lambda document: remove_row(document, list_name, row))


@organizer.post("/<meeting_id>/scheme/rows/<list_name>/spread", act=Act.PREPARE)
def spread_scheme_weights(meeting_id: str, list_name: str) -> ResponseReturnValue:
    """Give the rows of a list in the form equal weights; nothing is stored."""
    return _reshaped(meeting_id, lambda document: spread_weights(document, list_name))


@organizer.post("/<meeting_id>/scheme/rows/<list_name>/switch", act=Act.PREPARE)
def switch_scheme_tiers(meeting_id: str, list_name: str) -> ResponseReturnValue:
    """Let votes decide about the tiers in the form instead of a score, or the reverse; nothing is stored."""
    return _reshaped(meeting_id, lambda document: switch_tiers(document, list_name))


def _reshaped(meeting_id: str, reshape: Callable[[Document], str | None]) -> ResponseReturnValue:
    """The form with other rows, and what was typed kept; the hand goes to the field that ``reshape`` names."""
    wanted = AdjustForm().preset.data
    try:
        document = drafted(posted_form(request.form))
    except KaoheError as error:
        return _shown(_page(meeting_id, form_of(_base(meeting_id, wanted)), wanted, error))
    try:
        hand_at = reshape(document)
    except KaoheError as error:
        return _shown(_page(meeting_id, form_of(document), wanted, error))
    return _shown(_page(meeting_id, form_of(document), wanted, hand_at=hand_at or "", is_unsaved=True))


@organizer.post("/<meeting_id>/scheme", act=Act.PREPARE)
def save_scheme(meeting_id: str) -> ResponseReturnValue:
    """Store the settings as the meeting's scheme."""
    return _saved(meeting_id)


@organizer.post("/<meeting_id>/scheme/keep", act=Act.PREPARE)
def keep_scheme(meeting_id: str) -> ResponseReturnValue:
    """Store the settings as the meeting's scheme, and as one of the unit's own."""
    return _saved(meeting_id, is_kept=True)


def _saved(meeting_id: str, *, is_kept: bool = False) -> ResponseReturnValue:
    expecting = AdjustForm()
    wanted = expecting.preset.data
    try:
        form = posted_form(request.form)
    except KaoheError as error:
        return _shown(_page(meeting_id, form_of(_base(meeting_id, wanted)), wanted, error))
    try:
        meant = read_scheme(form)
        change_scheme(this_account().name, meeting_id, expecting.expected().on_version(), meant)
        if is_kept:
            keep_as_own(scheme_toml(meant), meant)
    except SchemeError as error:
        return _shown(_page(meeting_id, form, wanted, FieldInvalid(f"方案没有保存：{error.expected}")))
    except KaoheError as error:
        return _shown(_page(meeting_id, form, wanted, error))
    return after_saving(meeting_id, "scheme", "scheme" if is_kept else "subjects")


def _base(meeting_id: str, wanted: str) -> Document:
    scheme = meeting_preset(wanted, this_reach()) if wanted else load_meeting(meeting_id)[0].scheme
    return scheme_document(scheme)


def _page(
    meeting_id: str,
    form: SchemeForm,
    wanted: str,
    error: KaoheError | None = None,
    *,
    hand_at: str = "",
    is_unsaved: bool = False,
) -> SchemePage:
    """The settings as they stand in ``form``, with what they mean or what is wrong with them.

    A row that was just added is not blamed for being empty.
    """
    setup, this_round = load_meeting(meeting_id)
    meant, errors = None, {}
    try:
        meant = read_scheme(form)
    except SchemeError as fault:
        errors = {} if hand_at else {fault.key_path: fault.expected}
    return SchemePage(
        frame=frame_of(setup, this_round, "scheme"),
        version=AdjustForm().version.data or str(setup.version),
        base=wanted,
        form=typed_form(form, errors, hand_at),
        asked=asked_line(meant) if meant else "",
        computed=computed_line(meant) if meant else "",
        is_unsaved=is_unsaved or bool(wanted),
        preview=preview_of(as_held(setup, meant), setup.subjects) if meant else None,
        refusal=refusal_of(error, setup.version) if error else None,
    )


def _shown(page: SchemePage) -> ResponseReturnValue:
    return render_template("organizer/setup/scheme/scheme.html", page=page), reply_code(page.refusal)


@organizer.get("/<meeting_id>/scheme/choose", act=Act.PREPARE)
def choose_scheme(meeting_id: str) -> ResponseReturnValue:
    """Show the schemes that the meeting could be held by and that hold every word of ``sought``."""
    setup, this_round = load_meeting(meeting_id)
    sought = request.args.get("sought", "")[:TITLE_LENGTH]
    groups = scheme_choices(
        setup.scheme.key, lambda value: url_for("organizer.scheme", meeting_id=meeting_id, preset=value), sought
    )
    page = SchemeChoosingPage(frame_of(setup, this_round, "scheme"), groups, sought)
    return shown("organizer/setup/scheme/choose.html", parts=("presets",), page=page)
