"""The register of people: searched as one types, added to, and changes noted; what was before stays to be seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Optional

from kaohe.domain.limits import CELL_LENGTH, POST_LENGTH, TITLE_LENGTH
from kaohe.domain.people import EMPLOYMENT_LABELS, Employment, Person, Spell
from kaohe.domain.permissions import Act
from kaohe.operations.people import register
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.people.units import unit_options
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import ChoiceField, DayField, DeskForm, Option
from kaohe.web.organizer.shell.lists import Paging, paging
from kaohe.web.organizer.shell.meeting import day_text
from kaohe.web.organizer.shell.parts import shown

_PEOPLE_OF_A_PAGE = 100


class SpellForm(DeskForm):
    """Name, unit, post and standing from a day on."""

    name = StringField("姓名", default="", render_kw={"maxlength": CELL_LENGTH, "autocomplete": "off"})
    unit = StringField("单位", default="", render_kw={"maxlength": CELL_LENGTH, "autocomplete": "off"})
    post = StringField("职务", default="", render_kw={"maxlength": POST_LENGTH, "autocomplete": "off"})
    standing = ChoiceField("状态", Employment, "请选择状态。", default=Employment.IN_OFFICE)
    since = DayField("自何日起（可不填）", [Optional()])
    owner = StringField("登记在", default="")

    def spell(self) -> Spell:
        """What was typed, its white space folded.

        Raises:
            FieldInvalid: the standing or the day is none.
        """
        self.checked()
        name, unit, post = (" ".join(field.data.split()) for field in (self.name, self.unit, self.post))
        return Spell(name, unit, post, self.standing.data, self.since.data)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person: now, and what has been."""

    id: str
    name: str
    unit: str
    post: str
    place: str
    standing: str
    """Empty for 在职."""
    is_open: bool
    is_kept_here: bool
    """Whether changes are noted here, and not by the unit whose record this person's was merged into."""
    history: Sequence[tuple[str, str]]
    """(since when, what): the latest first."""
    standings: Sequence[Option]
    merged: Sequence[tuple[str, str]]
    """(id, who): the records within reach that were merged into this one."""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The people whom the search finds, and the form for one more."""

    sought: str
    cards: Sequence[PersonCard]
    count_text: str
    paging: Paging
    form: SpellForm
    standings: Sequence[Option]
    owners: Sequence[Option]
    token: str
    """Good for one person."""
    refusal: Refusal | None


@organizer.get("/people", act=Act.REGISTER_PEOPLE)
def people() -> ResponseReturnValue:
    """Show those whose names, units or posts hold every word of ``sought``; ``open`` names one that is unfolded."""
    return _shown(request.args.get("open", ""))


@organizer.post("/people/add", act=Act.REGISTER_PEOPLE)
def add_person() -> ResponseReturnValue:
    """Register somebody."""
    form = SpellForm()

    def act(actor: str) -> None:
        owner = form.owner.data or this_account().unit_id
        register.add_person(actor, form.spell(), owner, this_reach(), token=form.expected().token)

    return acted(
        act,
        "已登记。",
        back=url_for("organizer.people", sought=form.name.data[:TITLE_LENGTH]),
        refused=lambda refusal: _shown(refusal=refusal, form=form),
    )


@organizer.post("/people/<person_id>/change", act=Act.REGISTER_PEOPLE)
def change_person(person_id: str) -> ResponseReturnValue:
    """Note what has changed about somebody."""
    form = SpellForm()
    return acted(
        lambda actor: register.note_change(actor, person_id, form.spell(), this_reach()),
        "变动已登记，以前的情况保留。",
        back=url_for("organizer.people", sought=form.name.data[:TITLE_LENGTH], open=person_id),
        refused=lambda refusal: _shown(person_id, refusal=refusal),
    )


@organizer.post("/<meeting_id>/people/register", act=Act.PREPARE)
def register_subjects(meeting_id: str) -> ResponseReturnValue:
    """Register those of a meeting's subjects who are not in the register yet."""

    def act(actor: str) -> str:
        count = register.register_subjects(actor, meeting_id)
        return f"已登记 {count} 人。" if count else "本场的考核对象都已登记。"

    return acted(act, back=url_for("organizer.people"), refused=lambda refusal: _shown(refusal=refusal))


def _shown(opened: str = "", *, refusal: Refusal | None = None, form: SpellForm | None = None) -> ResponseReturnValue:
    sought = request.args.get("sought", "")[:TITLE_LENGTH]
    found = register.list_people(sought, this_reach())
    at = next((at for at, person in enumerate(found) if person.id == opened), 0)
    pages = paging("organizer.people", len(found), _PEOPLE_OF_A_PAGE, at, sought=sought)
    page = PeoplePage(
        sought=sought,
        cards=tuple(_card(person, is_open=person.id == opened) for person in found[pages.start : pages.end]),
        count_text=f"共 {len(found)} 人",
        paging=pages,
        form=form or SpellForm(formdata=None),
        standings=_standings(Employment.IN_OFFICE),
        owners=unit_options(this_account().unit_id),
        token=secrets.token_urlsafe(16),
        refusal=refusal,
    )
    return shown("organizer/people/register.html", reply_code(refusal), parts=("people",), page=page)


def _card(person: Person, *, is_open: bool) -> PersonCard:
    now = person.now
    return PersonCard(
        id=person.id,
        name=now.name,
        unit=now.unit,
        post=now.post,
        place=now.place or "未写单位和职务",
        standing="" if now.standing is Employment.IN_OFFICE else EMPLOYMENT_LABELS[now.standing],
        is_open=is_open,
        is_kept_here=person.unit_id in this_reach(),
        history=history_of(person),
        standings=_standings(now.standing),
        merged=tuple((each.id, each.told) for each in person.merged if each.unit_id in this_reach()),
    )


def history_of(person: Person) -> Sequence[tuple[str, str]]:
    """All that has been of somebody, the latest first: since when, and what."""
    return tuple((day_text(spell.since), _words(spell)) for spell in reversed(person.spells))


def _words(spell: Spell) -> str:
    return " · ".join(part for part in (spell.name, spell.place, EMPLOYMENT_LABELS[spell.standing]) if part)


def _standings(chosen: Employment) -> tuple[Option, ...]:
    return tuple(Option(standing, label, standing is chosen) for standing, label in EMPLOYMENT_LABELS.items())
