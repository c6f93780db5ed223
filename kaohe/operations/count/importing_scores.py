"""Imports scores and earlier periods into a meeting, from a sheet or from another meeting's result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from kaohe.domain.errors import ComponentRefused, FieldInvalid, InputsDoubted
from kaohe.domain.inputs import own_component
from kaohe.domain.limits import PERIOD_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.count.sources import Answer, Matched, match_results, periods_from
from kaohe.operations.setup.input_checks import (
    component_of,
    periods_in_time,
    require_periods_used,
    require_scores_fit,
)
from kaohe.operations.setup.inputs import changing_inputs
from kaohe.reports.heading import printed_names
from kaohe.storage.database import Transaction
from kaohe.storage.inputs import (
    meetings_used,
    period_sources,
    remove_period,
    remove_scores,
    store_periods,
    store_scores,
    stored_inputs,
)
from kaohe.storage.meetings import list_meetings
from kaohe.storage.record import record
from kaohe.tally.model import Period, Subject
from kaohe.tally.periods import canonical_label
from kaohe.tally.scheme.refusals import ComponentError
from kaohe.tally.scheme_checks.composing import check_no_cycle


@dataclass(frozen=True, slots=True)
class Taken:
    """What could be taken from another meeting."""

    count: int
    not_found: Sequence[str]
    """The names of the subjects that it says nothing about."""


def import_scores(actor: str, meeting_id: str, component_key: str, scores: Mapping[str, Fraction]) -> None:
    """Take scores from a sheet, by subject key; replacing earlier ones of the same subjects.

    Raises:
        FieldInvalid: no score at all.
        ComponentRefused: the scheme imports no such component for one of them, or a score is out of its bounds.
        WrongState: the result is published.
    """
    with changing_inputs(meeting_id) as (session, setup):
        component = require_scores_fit(setup, component_key, scores)
        store_scores(session, meeting_id, component_key, scores)
        record(session, meeting_id, actor, "imported_scores", component=component.label, count=str(len(scores)))


def take_scores(actor: str, meeting_id: str, component_key: str, other_id: str, answer: Answer = Answer.NONE) -> Taken:
    """Take the scores of a component from another meeting's counted result, as its sheets print them.

    Subjects are matched by name, and by unit and post where a name stands twice. ``answer`` says whether people of one
    name whose unit or post differ are the same.

    Raises:
        InputsDoubted: there are such people, and nobody has answered.
        FieldInvalid: it is not counted, is not complete, or has none of these subjects.
        ComponentRefused: the meetings would use each other's scores in a circle, or a score is out of bounds.
        WrongState: the result is published.
    """
    other = _counted(other_id)
    with changing_inputs(meeting_id) as (session, setup):
        component = component_of(setup.full_scheme, component_key)
        _require_no_cycle(session, meeting_id, [other_id])
        asked = [
            subject
            for subject in setup.subjects
            if own_component(setup.full_scheme, subject, component_key) is not None
        ]
        found = match_results(meeting_id, asked, other)
        _require_answer(found.doubts, answer)
        scores = {
            key: Fraction(result.score.text) for key, result in found.by(answer).items() if result.score is not None
        }
        taken = _taken(asked, scores, other)
        require_scores_fit(setup, component_key, scores)
        store_scores(session, meeting_id, component_key, scores, other_id)
        record(session, meeting_id, actor, "took_scores", component=component.label, **_source(other, taken))
    return taken


def clear_scores(actor: str, meeting_id: str, component_key: str) -> None:
    """Remove every score of a component. Idempotent.

    Raises:
        WrongState: the result is published.
    """
    with changing_inputs(meeting_id) as (session, setup):
        label = component_of(setup.full_scheme, component_key).label
        if count := remove_scores(session, meeting_id, component_key):
            record(session, meeting_id, actor, "removed_scores", component=label, count=str(count))


def import_periods(
    actor: str, meeting_id: str, periods: Mapping[str, Sequence[Period]], answer: Answer = Answer.NONE
) -> None:
    """Take what earlier periods came to from a sheet, by subject key, in any order.

    They replace what was brought for the same subjects and periods.

    Raises:
        InputsDoubted: something else was there, and nobody has answered.
        FieldInvalid: nothing at all, the scheme does not look back, or a period cannot be placed in time.
        WrongState: the result is published.
    """
    if not any(periods.values()):
        raise FieldInvalid("没有读到各期结果：请每行写姓名、时段和得分或等次。")
    with changing_inputs(meeting_id) as (session, setup):
        require_periods_used(setup)
        before = stored_inputs(session, meeting_id).history
        _require_answer(tuple(_replaced(setup, before, periods)), answer)
        labels = dict.fromkeys(period.label for subject_periods in periods.values() for period in subject_periods)
        store_periods(session, meeting_id, periods, _order_with(setup, before, labels))
        count = sum(len(subject_periods) for subject_periods in periods.values())
        record(session, meeting_id, actor, "imported_periods", periods="、".join(labels), count=str(count))


def take_period(actor: str, meeting_id: str, label: str, other_id: str, answer: Answer = Answer.NONE) -> Taken:
    """Take a period from another meeting's counted result: score as printed, tier and flags.

    It takes its place in time; one of the same label is replaced there.

    Raises:
        What ``take_periods`` raises.
    """
    return take_periods(actor, meeting_id, [(label, other_id)], answer)[0]


def take_periods(
    actor: str, meeting_id: str, wanted: Sequence[tuple[str, str]], answer: Answer = Answer.NONE
) -> Sequence[Taken]:
    """Take several periods, each as (label, meeting), as ``take_period`` takes one: all of them, or none.

    Raises:
        InputsDoubted: something else was there, or people of one name differ, and nobody has answered.
        FieldInvalid, ComponentRefused, WrongState, MeetingUnknown: as for :func:`take_scores`; or nothing is wanted, a
            period cannot be placed in time, or the meeting was taken already as another period.
    """
    if not wanted:
        raise FieldInvalid("请至少选择一场会议。")
    counted = [
        (canonical_label(read_line(label, "时段名称", PERIOD_LENGTH, is_needed=True)), _counted(other_id))
        for label, other_id in wanted
    ]
    doubts: list[str] = []
    taken: list[Taken] = []
    with changing_inputs(meeting_id) as (session, setup):
        require_periods_used(setup)
        before = stored_inputs(session, meeting_id).history
        read = [
            _Read(label, other, match_results(meeting_id, setup.subjects, other), answer) for label, other in counted
        ]
        for each in read:
            doubts += _doubts_of(setup, before, each)
        _require_answer(doubts, answer)
        _require_no_cycle(session, meeting_id, [each.other.setup.id for each in read])
        order = _order_with(setup, before, [each.label for each in read])
        for each in read:
            _require_counted_once(session, setup, each.label, each.other)
            found = _taken(setup.subjects, each.periods, each.other)
            remove_period(session, meeting_id, each.label)
            store_periods(session, meeting_id, each.periods, order, each.other.setup.id)
            record(session, meeting_id, actor, "took_period", period=each.label, **_source(each.other, found))
            taken.append(found)
    return taken


def _require_counted_once(session: Transaction, setup: MeetingSetup, label: str, other: CountedRound) -> None:
    for used_as, source in period_sources(session, setup.id):
        if source == other.setup.id and used_as != label:
            raise FieldInvalid(f"“{other.setup.title}”已作为“{used_as}”取用过，一场会议只能计一次。")


@dataclass(frozen=True)
class _Read:
    """What another meeting's result says, to be taken as a period."""

    label: str
    other: CountedRound
    matched: Matched
    answer: Answer

    @cached_property
    def periods(self) -> Mapping[str, tuple[Period, ...]]:
        found = periods_from(self.label, self.matched.by(self.answer), self.other)
        return {key: (period,) for key, period in found.items()}


def _doubts_of(setup: MeetingSetup, before: Mapping[str, Sequence[Period]], read: _Read) -> Sequence[str]:
    gone = {subject.key: () for subject in setup.subjects if subject.key not in read.periods}
    return [*read.matched.doubts, *_replaced(setup, before, {**read.periods, **gone}, read.label)]


def clear_period(actor: str, meeting_id: str, label: str) -> None:
    """Remove a period of every subject. Idempotent.

    Raises:
        WrongState: the result is published.
    """
    with changing_inputs(meeting_id) as (session, _):
        if count := remove_period(session, meeting_id, label):
            record(session, meeting_id, actor, "removed_period", period=label, count=str(count))


def _order_with(setup: MeetingSetup, before: Mapping[str, Sequence[Period]], labels: Iterable[str]) -> Sequence[str]:
    """The labels of the earlier periods and ``labels`` together, in the order of time.

    Raises:
        FieldInvalid: one cannot be placed, or two are the same time.
    """
    return periods_in_time(setup, [*(period.label for periods in before.values() for period in periods), *labels])


def _replaced(
    setup: MeetingSetup,
    before: Mapping[str, Sequence[Period]],
    periods: Mapping[str, Sequence[Period]],
    whole: str = "",
) -> Iterator[str]:
    """The periods that would be replaced, as old → new; ``whole`` names a period that is replaced for everybody."""
    names = printed_names(setup.subjects)
    for key, brought in periods.items():
        after = {period.label: period for period in brought}
        for old in before.get(key, ()):
            new = after.get(old.label)
            if new != old and (new is not None or old.label == whole):
                yield f"{names.get(key, key)}“{old.label}”：{_said(old)} → {_said(new)}"


def _said(period: Period | None) -> str:
    if period is None:
        return "没有"
    score = "" if period.score is None else number_text(period.score)
    flags = f"标记 {len(period.flags)} 个" if period.flags else ""
    return " ".join(part for part in (score, period.tier or "", flags) if part) or "没有得分"


def _require_answer(doubts: Sequence[str], answer: Answer) -> None:
    if doubts and answer is Answer.NONE:
        raise InputsDoubted(doubts)


def _taken(asked: Sequence[Subject], found: Mapping[str, object], other: CountedRound) -> Taken:
    """How many were found, and who was not.

    Raises:
        FieldInvalid: nobody was.
    """
    if not found:
        raise FieldInvalid(f"“{other.setup.title}”的结果里没有本场的考核对象，没有取到任何得分。")
    return Taken(len(found), tuple(subject.full_name for subject in asked if subject.key not in found))


def _source(other: CountedRound, taken: Taken) -> dict[str, str]:
    """From which meeting something was taken and how much, for the record of acts."""
    return {"source": other.setup.title, "source_id": other.setup.id, "count": str(taken.count)}


def _counted(meeting_id: str) -> CountedRound:
    other = load_counted(meeting_id)
    if other.missing:
        raise FieldInvalid(f"“{other.setup.title}”自己还缺其他成绩，结果不完整，请先在那场会议中补齐。")
    return other


def _require_no_cycle(session: Transaction, meeting_id: str, other_ids: Collection[str]) -> None:
    """Let one meeting use others' scores only if none of them depends on it, directly or through others.

    Raises:
        ComponentRefused: naming the circle by the titles of its meetings.
    """
    names = {line.id: f"“{line.title}”（{line.id}）" for line in list_meetings(session)}
    uses = {key: set(sources) for key, sources in meetings_used(session).items()}
    uses.setdefault(meeting_id, set()).update(other_ids)
    named = {
        names.get(key, key): sorted(names.get(source, source) for source in sources) for key, sources in uses.items()
    }
    try:
        check_no_cycle(named)
    except ComponentError as error:
        raise ComponentRefused(error.message) from error
