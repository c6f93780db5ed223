"""Several meetings like one, from one list: each unit of the list gets a meeting of its own people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Optional

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import PEOPLE_AT_ONCE, TITLE_LENGTH
from kaohe.domain.meetings import title_of_next_year
from kaohe.domain.office_tables.account import Account
from kaohe.domain.permissions import Act
from kaohe.domain.relations import listed
from kaohe.domain.rosters import SubjectEntry, by_unit
from kaohe.operations.people.register import Doubt
from kaohe.operations.setup.copying import copy_for_units, doubts_of_units, units_met
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.setup.roster_reading import (
    Carried,
    RosterForm,
    RosterReading,
    person_question,
    roster_reading,
)
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DayField

_NAMES_SHOWN = 8


class SeveralForm(RosterForm):
    """The list, and what all of its meetings are called."""

    title = StringField(
        "会议名称",
        [InputRequired("请填写会议名称。")],
        render_kw={"maxlength": TITLE_LENGTH, "autocomplete": "off"},
    )
    held_on = DayField("会议日期", [Optional()])

    def people_by_unit(self) -> tuple[Account, Mapping[str, Sequence[SubjectEntry]]]:
        """What the list is read as, a fault for everybody of no unit, and the people of each unit.

        Raises:
            FieldInvalid, SpreadsheetRefusal: it cannot be read at all, or the meetings cannot be called so.
        """
        self.checked()
        account = self.account(at_most=PEOPLE_AT_ONCE)
        for person in account.people:
            if not person.entry.unit:
                account.fault(f"“{person.entry.name}”没有写单位，请写明是哪个单位的", person.place)
        said = self.people()
        entries = (
            replace(person.entry, person=said.get(person_question(at), "")) for at, person in enumerate(account.people)
        )
        return account, by_unit(entries)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A meeting that would be made."""

    unit: str
    count: str
    names: str
    """The first of them."""


@dataclass(frozen=True, slots=True)
class SeveralPage:
    """The form, or what a list would give; nothing is stored yet."""

    meeting_id: str
    like: str
    form: SeveralForm
    carried: Carried | None
    """What goes on from a preview; None before a list was read."""
    reading: RosterReading | None
    lines: tuple[UnitLine, ...]
    people: str
    again: str
    """The units that have a meeting of this name already; '' for none."""
    can_make: bool
    """Whether all of them can be made."""
    refusal: Refusal | None
    token: str
    """Good for making them once."""


@organizer.get("/<meeting_id>/several", act=Act.COPY_MEETING)
def several(meeting_id: str) -> ResponseReturnValue:
    """Show the form that makes several meetings like this one."""
    setup, _ = load_meeting(meeting_id)
    return _shown(meeting_id, SeveralForm(data={"title": title_of_next_year(setup.title)}))


@organizer.post("/<meeting_id>/several/preview", act=Act.COPY_MEETING, takes_file=True)
def preview_several(meeting_id: str) -> ResponseReturnValue:
    """Show which meetings a list would give; nothing is stored."""
    form = SeveralForm()
    try:
        return _previewed(meeting_id, form, *form.people_by_unit())
    except KaoheError as error:
        return _shown(meeting_id, form, error)


@organizer.post("/<meeting_id>/several", act=Act.COPY_MEETING, takes_file=True)
def make_several(meeting_id: str) -> ResponseReturnValue:
    """Make all of the meetings, if every row is in order; else show the list again with what is wrong."""
    form = SeveralForm()
    try:
        account, lists = form.people_by_unit()
        if not account.is_ready or _doubts(meeting_id, account, lists):
            return _previewed(meeting_id, form, account, lists)
        made = copy_for_units(
            this_account().name,
            meeting_id,
            lists,
            title=form.title.data,
            held_on=form.held_on.data,
            token=form.expected().token or secrets.token_hex(16),
            reach=this_reach(),
        )
    except KaoheError as error:
        return _shown(meeting_id, form, error)
    flash(f"已建立 {len(made)} 场测评会，每个单位一场。各场的应到人数要分别填写，票和钥匙要分别制作。", "good")
    return redirect(url_for("organizer.meetings", sought=form.title.data), 303)


def _doubts(meeting_id: str, account: Account, lists: Mapping[str, Sequence[SubjectEntry]]) -> Sequence[Doubt]:
    """Of whom it must be said who of the register they are, by their places in the whole list."""
    places: dict[str, list[int]] = {}
    for at, person in enumerate(account.people):
        places.setdefault(person.entry.unit, []).append(at)
    found = doubts_of_units(meeting_id, lists, this_reach()) if account.is_ready else {}
    return [replace(doubt, at=places[unit][doubt.at]) for unit, doubts in found.items() for doubt in doubts]


def _previewed(
    meeting_id: str, form: SeveralForm, account: Account, lists: Mapping[str, Sequence[SubjectEntry]]
) -> ResponseReturnValue:
    setup, _ = load_meeting(meeting_id)
    doubts = _doubts(meeting_id, account, lists)
    lines = (
        UnitLine(
            unit or "（没有写单位）",
            str(len(entries)),
            "、".join(entry.name for entry in entries[:_NAMES_SHOWN]) + ("等" if len(entries) > _NAMES_SHOWN else ""),
        )
        for unit, entries in lists.items()
    )
    again = units_met(form.title.data, lists, this_reach())
    page = SeveralPage(
        meeting_id,
        setup.title,
        form,
        carried=form.carried(),
        reading=roster_reading(account, form.carried(), doubts, has_sections=bool(setup.scheme.declared_sections)),
        lines=tuple(lines),
        people=str(len(account.people)),
        again=listed(again) if again else "",
        can_make=account.is_ready and not doubts,
        refusal=None,
        token=secrets.token_urlsafe(16),
    )
    code = 200 if page.can_make else FieldInvalid.http_code
    return render_template("organizer/setup/several.html", page=page), code


def _shown(meeting_id: str, form: SeveralForm, error: KaoheError | None = None) -> ResponseReturnValue:
    setup, _ = load_meeting(meeting_id)
    page = SeveralPage(
        meeting_id,
        setup.title,
        form,
        carried=None,
        reading=None,
        lines=(),
        people="",
        again="",
        can_make=False,
        refusal=refusal_of(error) if error else None,
        token="",
    )
    return render_template("organizer/setup/several.html", page=page), reply_code(page.refusal, form)
