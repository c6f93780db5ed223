"""A scheme as a whole text (TOML): typed, checked with the fault beside its line, saved, kept and exported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Response as FlaskResponse
from flask import flash, render_template, request
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.permissions import Act
from kaohe.domain.voter_groups import groups_under, with_groups
from kaohe.operations.setup.own_schemes import load_own_scheme, read_scheme_text, save_own_scheme
from kaohe.operations.setup.preparing import OWN, change_scheme, meeting_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.setup.scheme.preview import SchemePreview, preview_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting
from kaohe.web.organizer.shell.posted import posted_version

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
    """The text, the place of its fault, and what it means."""

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


@organizer.route("/<meeting_id>/scheme/text", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def scheme_text(meeting_id: str) -> Response | tuple[str, int]:
    """Show the scheme as a text; a posted one is looked at, saved, or kept as the unit's own."""
    setup, held = this_meeting(meeting_id)
    wanted = request.args.get("preset", "")
    text = _text_of(wanted) if wanted else scheme_toml(setup.scheme)
    act = request.form.get("act", "save")
    refusal: Refusal | None = None
    fault_lines: tuple[TextLine, ...] = ()
    scheme: Scheme | None = None
    if request.method == "POST":
        text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        scheme = read_scheme_text(text)
        if request.method == "POST" and act in ("save", "keep"):
            change_scheme(this_account().name, meeting_id, posted_version(), scheme)
            if act == "keep":
                save_own_scheme(this_account().name, text)
                flash(f"已存为本单位方案“{scheme.title}”，新建会议时可以选用。", "good")
            return after_saving(meeting_id, "scheme_text", "scheme")
    except SchemeError as error:
        fault_lines = _fault_lines(text, error)
        refusal = refusal_of(FieldInvalid(f"没有保存。{error.message}"))
    except KaoheError as error:
        refusal = refusal_of(error, setup.version)
    page = SchemeTextPage(
        frame=frame_of(setup, held, "scheme"),
        version=request.form.get("version", str(setup.version)),
        text=text,
        rows=str(min(max(text.count("\n") + 2, 16), 40)),
        fault_lines=fault_lines,
        preview=preview_of(as_held(setup, scheme), setup.subjects) if scheme else None,
        title=scheme.title if scheme else "",
        is_unsaved=bool(wanted) or request.method == "POST",
        refusal=refusal,
    )
    return render_template("organizer/setup/scheme/text.html", page=page), reply_code(refusal)


@organizer.get("/<meeting_id>/scheme.toml")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def scheme_file(meeting_id: str) -> Response:
    """The meeting's scheme as a file, with the voter groups as the meeting has them."""
    setup, _ = this_meeting(meeting_id)
    return toml_file(scheme_toml(setup.full_scheme), setup.scheme.key)


def as_held(setup: MeetingSetup, scheme: Scheme) -> Scheme:
    """A scheme with the voter groups that the meeting would have under it."""
    return with_groups(scheme, groups_under(scheme, setup.scheme, setup.groups))


def toml_file(text: str, name: str) -> Response:
    """A scheme to be saved by the browser."""
    reply = FlaskResponse(text, mimetype="application/toml")
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return reply


def _text_of(choice: str) -> str:
    if choice.startswith(OWN):
        return load_own_scheme(choice.removeprefix(OWN)).document
    return scheme_toml(meeting_preset(choice))


def _fault_lines(text: str, error: SchemeError) -> tuple[TextLine, ...]:
    found = _LINE.search(error.message)
    if found is None:
        return ()
    lines, number = text.split("\n"), int(found[1])
    first, last = max(number - _AROUND, 1), min(number + _AROUND, len(lines))
    return tuple(
        TextLine(str(at), lines[at - 1], error.expected if at == number else "") for at in range(first, last + 1)
    )
