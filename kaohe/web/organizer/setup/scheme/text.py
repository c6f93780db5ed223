"""A scheme as a whole text (TOML): typed, checked with the fault beside its line, saved, kept and exported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.permissions import Act
from kaohe.domain.voter_groups import groups_under, with_groups
from kaohe.operations.setup.own_schemes import load_own_scheme, read_scheme_text, save_own_scheme
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.scheme import OWN, change_scheme, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import this_account, this_reach
from kaohe.web.attachments import attached
from kaohe.web.organizer.setup.scheme.preview import SchemePreview, preview_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of

_LINE = re.compile(r"第 (\d+) 行")
_AROUND = 2


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of the text, and what is wrong with it."""

    number: str
    text: str
    fault: str


@dataclass(frozen=True, slots=True)
class SchemeTextPage:
    """The text, the position of its fault, and what it means."""

    frame: MeetingFrame
    version: str
    text: str
    rows: str
    fault_lines: tuple[TextLine, ...]
    """The lines around the fault; empty where there is none or it has no line."""
    preview: SchemePreview | None
    title: str
    is_unsaved: bool
    refusal: Refusal | None


class SchemeTextForm(DeskForm):
    """A scheme as a whole text."""

    text = StringField(default="")

    @property
    def typed(self) -> str:
        """The text, its lines ended alike."""
        return str(self.text.data).replace("\r\n", "\n")


@organizer.get("/<meeting_id>/scheme/text", act=Act.PREPARE)
def scheme_text(meeting_id: str) -> ResponseReturnValue:
    """Show the meeting's scheme as a text, or the one ``preset`` asks for."""
    wanted = request.args.get("preset", "")
    text = _text_of(wanted) if wanted else scheme_toml(load_meeting(meeting_id)[0].scheme)
    return _shown(_text_page(meeting_id, text, is_unsaved=bool(wanted)))


@organizer.post("/<meeting_id>/scheme/text/preview", act=Act.PREPARE)
def preview_scheme_text(meeting_id: str) -> ResponseReturnValue:
    """Show what a typed text means, or where it is wrong; nothing is stored."""
    return _shown(_text_page(meeting_id, SchemeTextForm().typed))


@organizer.post("/<meeting_id>/scheme/text", act=Act.PREPARE)
def save_scheme_text(meeting_id: str) -> ResponseReturnValue:
    """Store a typed text as the meeting's scheme."""
    return _saved(meeting_id)


@organizer.post("/<meeting_id>/scheme/text/keep", act=Act.PREPARE)
def keep_scheme_text(meeting_id: str) -> ResponseReturnValue:
    """Store a typed text as the meeting's scheme, and as one of the unit's own."""
    return _saved(meeting_id, is_kept=True)


def _saved(meeting_id: str, *, is_kept: bool = False) -> ResponseReturnValue:
    form = SchemeTextForm()
    try:
        scheme = read_scheme_text(form.typed)
        change_scheme(this_account().name, meeting_id, form.expected().on_version(), scheme)
        if is_kept:
            keep_as_own(form.typed, scheme)
    except KaoheError as error:
        return _shown(_text_page(meeting_id, form.typed, error))
    except SchemeError:
        return _shown(_text_page(meeting_id, form.typed))
    return after_saving(meeting_id, "scheme_text", "scheme")


def keep_as_own(text: str, scheme: Scheme) -> None:
    """Store a scheme as one of the unit's own, and say so on the next page.

    Raises:
        SchemeError, FieldInvalid: as the operation does.
    """
    save_own_scheme(this_account().name, text, this_account().unit_id)
    flash(f"已存为本单位方案“{scheme.title}”，新建会议时可以选用。", "good")


def _text_page(
    meeting_id: str, text: str, error: KaoheError | None = None, *, is_unsaved: bool = True
) -> SchemeTextPage:
    """The text with what it means; where it is no scheme, with the position of its fault."""
    setup, this_round = load_meeting(meeting_id)
    refusal = refusal_of(error, setup.version) if error else None
    fault_lines: tuple[TextLine, ...] = ()
    scheme: Scheme | None = None
    try:
        scheme = read_scheme_text(text)
    except SchemeError as fault:
        fault_lines = _fault_lines(text, fault)
        refusal = refusal_of(FieldInvalid(f"没有保存。{fault.message}"))
    except KaoheError as fault:
        refusal = refusal_of(fault)
    return SchemeTextPage(
        frame=frame_of(setup, this_round, "scheme"),
        version=SchemeTextForm().version.data or str(setup.version),
        text=text,
        rows=str(min(max(text.count("\n") + 2, 16), 40)),
        fault_lines=fault_lines,
        preview=preview_of(as_held(setup, scheme), setup.subjects) if scheme else None,
        title=scheme.title if scheme else "",
        is_unsaved=is_unsaved,
        refusal=refusal,
    )


def _shown(page: SchemeTextPage) -> ResponseReturnValue:
    return render_template("organizer/setup/scheme/text.html", page=page), reply_code(page.refusal)


@organizer.get("/<meeting_id>/scheme.toml", act=Act.PREPARE)
def scheme_file(meeting_id: str) -> Response:
    """The meeting's scheme as a file, with the voter groups as the meeting has them."""
    setup, _ = load_meeting(meeting_id)
    return toml_file(scheme_toml(setup.full_scheme), setup.scheme.key)


def as_held(setup: MeetingSetup, scheme: Scheme) -> Scheme:
    """A scheme with the voter groups that the meeting would have under it."""
    return with_groups(scheme, groups_under(scheme, setup.scheme, setup.groups))


def toml_file(text: str, name: str) -> Response:
    """A scheme to be saved by the browser."""
    return attached(text, f"{name}.toml")


def _text_of(choice: str) -> str:
    if choice.startswith(OWN):
        return load_own_scheme(choice.removeprefix(OWN), this_reach()).document
    return scheme_toml(meeting_preset(choice, this_reach()))


def _fault_lines(text: str, error: SchemeError) -> tuple[TextLine, ...]:
    found = _LINE.search(error.message)
    if found is None:
        return ()
    lines, number = text.split("\n"), int(found[1])
    first, last = max(number - _AROUND, 1), min(number + _AROUND, len(lines))
    return tuple(
        TextLine(str(at), lines[at - 1], error.expected if at == number else "") for at in range(first, last + 1)
    )
