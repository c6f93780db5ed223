"""Making two records one: of a person, chosen and compared before it is done; of a unit and the one that it joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Optional

from kaohe.domain.errors import KaoheError, PersonUnknown
from kaohe.domain.limits import REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.people import Person
from kaohe.domain.permissions import Act
from kaohe.operations.people import merging, register
from kaohe.web.access import this_reach
from kaohe.web.organizer.people.register import history_of
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DayField, DeskForm
from kaohe.web.organizer.shell.meeting import day_text
from kaohe.web.organizer.shell.parts import shown

_OFFERED_AT_MOST = 50


class MergeForm(DeskForm):
    """What is made one with what, and why; a unit also from which day on."""

    other = StringField(default="")
    day = DayField("合并日期", [Optional()])
    reason = StringField(
        "理由（记入操作记录）", default="", render_kw={"maxlength": REASON_LENGTH, "autocomplete": "off"}
    )


@dataclass(frozen=True, slots=True)
class RecordCard:
    """One record, or what two of them come to."""

    title: str
    told: str
    history: Sequence[tuple[str, str]]
    """(since when, what): the latest first."""
    meetings: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfferedRecord:
    """A record that may be the same person."""

    told: str
    url: str


@dataclass(frozen=True, slots=True)
class ChosenRecord:
    """The other record, and what would become of both."""

    id: str
    cards: Sequence[RecordCard]
    swapped_url: str
    """Where the other one would be kept."""
    stopped: str
    """Why the two cannot be one person; '' if they can."""


@dataclass(frozen=True, slots=True)
class MergePage:
    """A record, and either those that may be the same person or the one that was chosen."""

    person_id: str
    told: str
    sought: str
    offered: Sequence[OfferedRecord]
    chosen: ChosenRecord | None
    form: MergeForm
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class UnitMergePage:
    """What would become of a unit."""

    unit_id: str
    unit: str
    into_id: str
    into: str
    day: str
    day_text: str
    below_text: str
    """The names of its units; '' for none."""
    people_text: str
    """Who of the register moves with it; '' for nobody."""
    form: MergeForm
    refusal: Refusal | None


@organizer.get("/people/<person_id>/merge", act=Act.MERGE_PEOPLE)
def merge_with(person_id: str) -> ResponseReturnValue:
    """Offer the records that hold every word of ``sought``, or compare with the one that ``other`` names."""
    return _shown(person_id, request.args.get("other", ""))


@organizer.post("/people/<person_id>/merge", act=Act.MERGE_PEOPLE)
def merge_people(person_id: str) -> ResponseReturnValue:
    """Make another record one with this one, which is kept."""
    form = MergeForm()
    other = form.other.data
    return acted(
        lambda actor: merging.merge_people(actor, person_id, other, form.reason.data, this_reach()),
        "两条记录已合并，以前的情况和会议都归到一人名下。",
        back=url_for("organizer.people", open=person_id, _anchor=f"person-{person_id}"),
        refused=lambda refusal: _shown(person_id, other, refusal=refusal, form=form),
    )


@organizer.post("/people/<person_id>/apart", act=Act.MERGE_PEOPLE)
def take_apart(person_id: str) -> ResponseReturnValue:
    """Let a record that was merged stand by itself again."""
    form = MergeForm()
    return acted(
        lambda actor: merging.take_apart(actor, person_id, form.reason.data, this_reach()),
        "已撤销合并，两条记录各自独立。",
        back=url_for("organizer.people", open=person_id, _anchor=f"person-{person_id}"),
        refused=lambda refusal: _shown(person_id, "", refusal=refusal),
    )


@organizer.get("/units/<unit_id>/merge", act=Act.MANAGE_UNITS)
def preview_unit_merge(unit_id: str) -> ResponseReturnValue:
    """Show what would become of a unit that joins the one that ``other`` names, from ``day`` on."""
    return _unit_shown(unit_id, MergeForm(request.args, meta={"csrf": False}))


@organizer.post("/units/<unit_id>/merge", act=Act.MANAGE_UNITS)
def merge_unit(unit_id: str) -> ResponseReturnValue:
    """Let a unit become part of another one."""
    form = MergeForm()

    def act(actor: str) -> str:
        form.checked()
        into = form.other.data
        count = merging.merge_unit(actor, unit_id, into, form.day.data, form.reason.data, this_reach())
        return f"单位已并入，人员库中 {count} 人随之变动。" if count else "单位已并入。"

    return acted(act, back=url_for("organizer.units"), refused=lambda refusal: _unit_shown(unit_id, form, refusal))


def _shown(
    person_id: str, other: str, *, refusal: Refusal | None = None, form: MergeForm | None = None
) -> ResponseReturnValue:
    reach = this_reach()
    everybody = register.list_people(reach=this_reach())
    person = next((each for each in everybody if person_id in each.ids and each.unit_id in reach), None)
    if person is None:
        raise PersonUnknown
    sought = request.args.get("sought", person.now.name)[:TITLE_LENGTH]
    found = [] if other else [each for each in register.list_people(sought, this_reach()) if each.unit_id in reach]
    page = MergePage(
        person_id=person.id,
        told=person.told,
        sought=sought,
        offered=tuple(
            OfferedRecord(each.told, url_for("organizer.merge_with", person_id=person.id, other=each.id))
            for each in found[:_OFFERED_AT_MOST]
            if each.id != person.id
        ),
        chosen=_chosen(person.id, other) if other else None,
        form=form or MergeForm(formdata=None),
        refusal=refusal,
    )
    return shown("organizer/people/merging.html", reply_code(refusal), page=page)


def _chosen(person_id: str, other: str) -> ChosenRecord:
    preview = merging.preview_merge(person_id, other, this_reach())
    kept, merged = preview.meetings_of_kept, preview.meetings_of_merged
    together = [*kept, *merged]
    return ChosenRecord(
        preview.merged.id,
        (
            _card("保留的记录", preview.kept, kept),
            _card("并入的记录", preview.merged, merged),
            _card("合并以后", preview.together, together),
        ),
        url_for("organizer.merge_with", person_id=preview.merged.id, other=preview.kept.id),
        preview.refusal,
    )


def _card(title: str, person: Person, meetings: Sequence[str]) -> RecordCard:
    return RecordCard(title, person.told, history_of(person), meetings)


def _unit_shown(unit_id: str, form: MergeForm, refusal: Refusal | None = None) -> ResponseReturnValue:
    try:
        form.checked()
        planned = merging.preview_unit_merge(unit_id, form.other.data, form.day.data, this_reach())
    except KaoheError as error:
        page = UnitMergePage(unit_id, "", "", "", "", "", "", "", form, refusal or refusal_of(error))
        return shown("organizer/people/merge_unit.html", reply_code(page.refusal), page=page)
    page = UnitMergePage(
        unit_id=unit_id,
        unit=planned.unit.name,
        into_id=planned.into.id,
        into=planned.into.name,
        day=planned.day.isoformat(),
        day_text=day_text(planned.day),
        below_text="、".join(unit.name for unit in planned.below),
        people_text=f"{len(planned.people)} 人：{'、'.join(person.told for person, _ in planned.people)}"
        if planned.people
        else "",
        form=form,
        refusal=refusal,
    )
    return shown("organizer/people/merge_unit.html", reply_code(refusal), page=page)
