"""Builds the years of many units (汇总年度): made of their published quarters, computed, and published.

Only meetings without a vote pass here: nobody opens, counts or publishes ballots by way of a year.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from kaohe.domain.errors import FieldInvalid, InputsDoubted, KaoheError, WorkStopped, WrongState
from kaohe.domain.inputs import names_text, needs_of
from kaohe.domain.limits import UNITS_AT_ONCE
from kaohe.domain.meetings import MeetingState, Shelf
from kaohe.domain.people import Person
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.unit_years import UnitYear, labels_in_time, unit_years
from kaohe.domain.units import EVERYWHERE, Reach
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.apart import Tell, do_apart, works_apart
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.importing_scores import take_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.ruling import require_another_than_ruled
from kaohe.operations.people.register import people_in
from kaohe.operations.people.units import unit_names
from kaohe.operations.setup.own_schemes import list_own_schemes, read_scheme_text
from kaohe.operations.setup.preparing import (
    draw_up,
    list_meetings,
    load_meeting,
    meeting_id_by,
    store_new_meeting,
)
from kaohe.operations.setup.scheme import OWN, meeting_preset, meeting_presets
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.database import reading, transaction
from kaohe.storage.meetings import MeetingLine
from kaohe.storage.people import all_people
from kaohe.storage.record import wait_for_turn
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Scheme

PUBLISHED: Final = (MeetingState.PUBLISHED, MeetingState.PURGED)
_PARTLY: Final = "这一步中途停止，可能只办完了一部分单位。请在本页查看各单位到了哪一步，再办理其余的。"
_BY_HAND: Final = "请在年度会议的“其他成绩与认定”中核对后"


@dataclass(frozen=True, slots=True)
class Built:
    """What an act on many units came to: what was done for one stays done, whatever became of the others."""

    done: Sequence[str]
    """The names of the units for which it was done."""
    refused: Sequence[tuple[str, str]]
    """The others, each with the sentence that says why not."""
    noted: Sequence[tuple[str, str]] = ()
    """What is to be looked at in those that were done."""


def year_schemes(reach: Reach = EVERYWHERE) -> Mapping[str, str]:
    """The titles of the presets and own schemes that make a year of its periods alone, by what names them."""
    own = [(f"{OWN}{each.id}", read_scheme_text(each.document)) for each in list_own_schemes(reach)]
    every = [*((scheme.key, scheme) for scheme in meeting_presets()), *own]
    return {key: scheme.title for key, scheme in every if _makes_a_year(scheme)}


def make_years(
    actor: str, year: int, scheme: str, wanted: Collection[str], reach: Reach = EVERYWHERE, *, token: str
) -> Built:
    """Make the year of each unit, with the people of its last published period, and take all of its published periods.

    Of several published meetings of one period the first is taken, and what is to be looked at says so.
    ``wanted`` are the ``key`` of units' years. Who is in the register has in the year the name, unit and post that the
    register says now. With the same ``token`` each is made once.

    Raises:
        FieldInvalid: no unit or too many, or a scheme that does not make a year of its periods alone.
        PresetUnknown, OwnSchemeUnknown: no such scheme.
    """
    if not scheme or not _makes_a_year(preset := meeting_preset(scheme, reach)):
        raise FieldInvalid("请选择由各期结果汇总、不投票的年度方案。")

    with reading() as session:
        people = {person.id: person for person in all_people(session)}

    def make(unit: UnitYear[MeetingLine]) -> str:
        results = {label: [one for one in held if one.state in PUBLISHED] for label, held in unit.parts.items()}
        published = {label: found[0] for label, found in results.items() if found}
        if not published:
            raise WrongState("还没有已公布的时段。")
        labels = labels_in_time([replace(unit, parts={label: results[label] for label in published})])
        last = published[labels[-1]]
        title = f"{year}年度考核"
        meeting_id = meeting_id_by(token, title, last.unit, str(None), scheme, unit.unit_id)
        drawn_up = draw_up(meeting_id, title, last.unit, None, preset)
        with transaction() as session:
            wait_for_turn(session, None)
            # Another page may have made it meanwhile. Pressed twice with one token, it is the one that was asked for.
            (now,) = _units(year, [unit.key], reach)
            if now.whole is not None and now.is_made and now.whole.id != meeting_id:
                raise WrongState(f"已有“{now.whole.title}”。")
            store_new_meeting(session, actor, drawn_up, unit.unit_id, reach, preset=scheme)
        setup, _ = load_meeting(meeting_id)
        if not setup.subjects:
            change_subjects(actor, meeting_id, setup.version, _entries(last.id, setup.scheme, people))
        try:
            taken = take_periods(actor, meeting_id, [(label, published[label].id) for label in labels])
        except InputsDoubted as error:
            raise WrongState(f"年度已新建，各期还没有取用：{names_text(error.doubts)}。{_BY_HAND}取用。") from error
        lacking = [
            f"“{label}”缺 {len(each.not_found)} 个：{names_text(each.not_found)}"
            for label, each in zip(labels, taken, strict=True)
            if each.not_found
        ]
        lacking += [
            f"“{label}”有 {len(results[label])} 场已公布，只取用了“{published[label].title}”"
            for label in labels
            if len(results[label]) > 1
        ]
        return f"{'；'.join(lacking)}。{_BY_HAND}再汇总。" if lacking else ""

    return _for_each(year, wanted, reach, make)


def compute_years(actor: str, year: int, wanted: Collection[str], reach: Reach = EVERYWHERE) -> Built:
    """Settle and compute the years of these units, as they have been made.

    Raises:
        FieldInvalid: no unit or too many.
    """

    def compute(unit: UnitYear[MeetingLine]) -> str:
        whole = _computed(unit)
        if whole.state is MeetingState.DRAFT:
            open_meeting(actor, whole.id)
        count_meeting(actor, whole.id)
        return ""

    return _for_each(year, wanted, reach, compute)


def publish_years(actor: str, year: int, wanted: Collection[str], reach: Reach = EVERYWHERE) -> Built:
    """Publish the computed years of these units. Whoever alone ruled about tiers in one of them does not publish it.

    Raises:
        FieldInvalid: no unit or too many.
    """

    def publish(unit: UnitYear[MeetingLine]) -> str:
        whole = _computed(unit)
        with reading() as session:
            setup, _ = load_meeting(whole.id)
            require_another_than_ruled(session, replace(setup, two_people=True), actor)
        publish_result(actor, whole.id)
        return ""

    return _for_each(year, wanted, reach, publish)


_STEPS: Final[Mapping[str, Callable[..., Built]]] = {
    "make": make_years,
    "compute": compute_years,
    "publish": publish_years,
}


def build_years(step: str, reach: Reach, **said: Any) -> Built:  # noqa: ANN401 - what the step's own function takes
    """Make, compute or publish years, in a fresh process where the server has said so: ``step`` names the function.

    Raises:
        What that function raises; WorkStopped: the process has ended before it was done for every unit.
    """
    if not works_apart():
        return _STEPS[step](**said, reach=reach)
    within = None if reach.within is None else sorted(reach.within)
    try:
        made = do_apart("years", {"step": step, "within": within, "above": [*reach.above], "said": said})
    except WorkStopped as error:
        raise WorkStopped(_PARTLY) from error
    return Built(**json.loads(made))


def years_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The step, in the fresh process."""
    reach = Reach(None if asked["within"] is None else frozenset(asked["within"]), asked["above"])
    return json.dumps(asdict(_STEPS[asked["step"]](**asked["said"], reach=reach))).encode()


def _makes_a_year(scheme: Scheme) -> bool:
    return needs_of(scheme).needs_periods and not takes_ballots(scheme)


def _for_each(year: int, wanted: Collection[str], reach: Reach, act: Callable[[UnitYear[MeetingLine]], str]) -> Built:
    """Do it for each unit; ``act`` says what is to be looked at afterwards, '' for nothing."""
    if not 1 <= len(wanted) <= UNITS_AT_ONCE:
        raise FieldInvalid(f"请选择 1 到 {UNITS_AT_ONCE} 个单位。")
    units = _units(year, wanted, reach)
    done, refused, noted = [], [], []
    for unit in units:
        try:
            sentence = act(unit)
        except KaoheError as error:
            refused.append((unit.name, error.message))
        else:
            done.append(unit.name)
            noted += [(unit.name, sentence)] if sentence else []
    return Built(done, refused, noted)


def _units(year: int, wanted: Collection[str], reach: Reach) -> Sequence[UnitYear[MeetingLine]]:
    with reading():
        lines = [line for line in list_meetings(reach, [Shelf.CURRENT, Shelf.ARCHIVED]) if line.spot_of is None]
        return [unit for unit in unit_years(lines, year, unit_names(reach)) if unit.key in wanted]


def _computed(unit: UnitYear[MeetingLine]) -> MeetingLine:
    if unit.whole is None:
        raise WrongState("还没有年度会议，请先新建。")
    if unit.whole.takes_ballots:
        raise WrongState("年度会议要投票，请由组织者主持。")
    return unit.whole


def _entries(meeting_id: str, scheme: Scheme, people: Mapping[str, Person]) -> Sequence[SubjectEntry]:
    """The people of a meeting as the list of another one, who are in the register as they are there now."""
    setup, _ = load_meeting(meeting_id)
    with reading() as session:
        known = people_in(session, meeting_id)
    sections = {section.key for section in scheme.declared_sections}
    return [_entry(subject, people.get(known.get(subject.key, "")), sections) for subject in setup.subjects]


def _entry(subject: Subject, person: Person | None, sections: Collection[str]) -> SubjectEntry:
    entry = SubjectEntry(
        subject.name,
        subject.unit,
        subject.post,
        subject.class_label,
        subject.kind,
        subject.section if subject.section in sections else "",
    )
    if person is None:
        return entry
    now = person.now
    return replace(entry, name=now.name, unit=now.unit or entry.unit, post=now.post or entry.post, person=person.id)
