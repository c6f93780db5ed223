"""A new meeting, another one like it, and what stands on top of its pages."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import KaoheError, NotFound
from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.meetings import title_of_next_year
from kaohe.domain.permissions import Act
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.preparing import change_basics, create_meeting, load_meeting, unit_of
from kaohe.schemes.catalogue import GENERAL
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.people.units import unit_options
from kaohe.web.organizer.setup.check_page import facts_of
from kaohe.web.organizer.setup.scheme.choices import ChoiceGroup, scheme_choices
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, after_saving, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import BasicsForm, CopyMeetingForm, NewMeetingForm, Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.parts import shown


@dataclass(frozen=True, slots=True)
class NewMeetingPage:
    """The form that makes a meeting."""

    form: NewMeetingForm
    owners: tuple[Option, ...]
    """The units that it may belong to; none where there is one only."""
    groups: tuple[ChoiceGroup, ...]
    sought: str
    refusal: Refusal | None
    token: str
    """Good for one meeting."""


@dataclass(frozen=True, slots=True)
class CopyPage:
    """The form that makes a meeting like another one."""

    meeting_id: str
    like: str
    form: CopyMeetingForm
    owners: tuple[Option, ...]
    taken: tuple[tuple[str, str], ...]
    """(what is taken over, in words)."""
    refusal: Refusal | None
    token: str


@dataclass(frozen=True, slots=True)
class BasicsPage:
    """Title, unit and day of a meeting."""

    frame: MeetingFrame
    form: BasicsForm
    owners: tuple[Option, ...]
    version: str
    refusal: Refusal | None


@organizer.route("/new", methods=["GET", "POST"], act=Act.CREATE_MEETING)
def new_meeting() -> ResponseReturnValue:
    """Make a meeting from a preset and go on to its scheme; ``sought`` are words that the presets shown must hold."""
    form, sought = NewMeetingForm(), request.args.get("sought", "")[:TITLE_LENGTH]
    chosen = form.preset.data or request.args.get("preset") or GENERAL.presets[0]
    refusal = None
    if request.method == "POST" and form.validate():
        try:
            meeting_id = create_meeting(
                this_account().name,
                title=form.title.data,
                unit=form.unit.data,
                held_on=form.held_on.data,
                preset_id=chosen,
                token=form.expected().token or None,
                unit_id=form.owner.data or this_account().unit_id,
                reach=this_reach(),
            )
            flash("测评会已建立。以下各步随时可以回来修改，每一步都会保存。", "good")
            return redirect(url_for("organizer.scheme", meeting_id=meeting_id), 303)
        except KaoheError as error:
            refusal = refusal_of(error)
    owners = unit_options(form.owner.data or this_account().unit_id)
    groups = scheme_choices(chosen, sought=sought)
    if request.method == "GET" and not any(choice.is_chosen for group in groups for choice in group.choices):
        raise NotFound
    page = NewMeetingPage(form, owners, groups, sought, refusal, secrets.token_urlsafe(16))
    return shown("organizer/setup/new_meeting.html", reply_code(refusal, form), parts=("presets",), page=page)


@organizer.get("/<meeting_id>/copy", act=Act.COPY_MEETING)
def copy(meeting_id: str) -> ResponseReturnValue:
    """Show the form of a meeting like this one, called as it may be called next year."""
    setup, _ = load_meeting(meeting_id)
    form = CopyMeetingForm(data={"title": title_of_next_year(setup.title), "unit": setup.unit})
    return _copy_shown(meeting_id, form)


@organizer.post("/<meeting_id>/copy", act=Act.COPY_MEETING)
def make_copy(meeting_id: str) -> ResponseReturnValue:
    """Make a meeting like this one and go on to its check list."""
    form = CopyMeetingForm()
    if not form.validate():
        return _copy_shown(meeting_id, form)
    try:
        made = copy_meeting(
            this_account().name,
            meeting_id,
            title=form.title.data,
            unit=form.unit.data,
            held_on=form.held_on.data,
            token=form.expected().token or secrets.token_hex(16),
            unit_id=form.owner.data or unit_of(meeting_id),
            reach=this_reach(),
        )
    except KaoheError as error:
        return _copy_shown(meeting_id, form, error)
    flash("测评会已照原样建立：方案、名单、票种和会场设置都已带来，票和钥匙要重新制作。请逐步核对。", "good")
    return redirect(url_for("organizer.check", meeting_id=made), 303)


def _copy_shown(meeting_id: str, form: CopyMeetingForm, error: KaoheError | None = None) -> ResponseReturnValue:
    setup, _ = load_meeting(meeting_id)
    page = CopyPage(
        meeting_id,
        setup.title,
        form,
        unit_options(form.owner.data or unit_of(meeting_id)),
        taken=tuple(facts_of(setup)),
        refusal=refusal_of(error) if error else None,
        token=secrets.token_urlsafe(16),
    )
    return render_template("organizer/setup/copy_meeting.html", page=page), reply_code(page.refusal, form)


@organizer.get("/<meeting_id>/basics", act=Act.PREPARE)
def basics(meeting_id: str) -> ResponseReturnValue:
    """Show title, unit and day."""
    setup, _ = load_meeting(meeting_id)
    form = BasicsForm(
        data={"version": str(setup.version), "title": setup.title, "unit": setup.unit, "held_on": setup.held_on}
    )
    return _basics_shown(_basics_page(meeting_id, form))


@organizer.post("/<meeting_id>/basics", act=Act.PREPARE)
def save_basics(meeting_id: str) -> ResponseReturnValue:
    """Change title, unit and day."""
    form = BasicsForm()
    if not form.validate():
        return _basics_shown(_basics_page(meeting_id, form))
    try:
        change_basics(
            this_account().name,
            meeting_id,
            form.expected().on_version(),
            title=form.title.data,
            unit=form.unit.data,
            held_on=form.held_on.data,
            unit_id=form.owner.data,
            reach=this_reach(),
        )
    except KaoheError as error:
        return _basics_shown(_basics_page(meeting_id, form, error))
    return after_saving(meeting_id, "basics", "scheme")


def _basics_page(meeting_id: str, form: BasicsForm, error: KaoheError | None = None) -> BasicsPage:
    setup, this_round = load_meeting(meeting_id)
    refusal = refusal_of(error, setup.version) if error else None
    owners = unit_options(form.owner.data or unit_of(meeting_id))
    return BasicsPage(frame_of(setup, this_round, "basics"), form, owners, form.version.data, refusal)


def _basics_shown(page: BasicsPage) -> ResponseReturnValue:
    return render_template("organizer/setup/basics.html", page=page), reply_code(page.refusal, page.form)
