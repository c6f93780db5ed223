"""Who is who in another meeting's result, and whether what was taken from it still stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Final

from kaohe.domain.errors import InputsMissing, KaoheError
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.people import fit
from kaohe.domain.units import EVERYWHERE, Reach
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.people.register import people_in
from kaohe.operations.setup.checking import Finding, check_meeting
from kaohe.storage.database import Transaction, reading
from kaohe.storage.inputs import period_sources, scores_taken, sources_of
from kaohe.storage.installation import recently_used
from kaohe.storage.meetings import list_meetings, load_setup
from kaohe.storage.people import all_people
from kaohe.storage.published_results import people_of_meetings
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.record import latest_acts
from kaohe.storage.rounds import current_round, round_setup
from kaohe.tally.model import Period, Subject, SubjectResult
from kaohe.tally.periods import NOT_ASSESSED, label_of_meeting, timeline
from kaohe.tally.scheme.tiers import Effect

_REMEMBERED: Final = 256


class Answer(StrEnum):
    """What people say about the doubts that a meeting's result raises."""

    NONE = ""
    SAME = "same"
    """It replaces what was there, and everybody of that name is the same person."""
    OTHERS = "others"
    """It replaces what was there; whose unit or post differ are other people and are left out."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What another meeting's result says of each subject, by its key in this one; who it does not know is not there."""

    sure: Mapping[str, SubjectResult]
    doubtful: Mapping[str, SubjectResult]
    """Of the same name, and the only one of it, but of another unit or post, or of one who has moved on."""
    doubts: tuple[str, ...]

    def by(self, answer: Answer) -> Mapping[str, SubjectResult]:
        """Who is taken, once the doubts are answered."""
        return self.sure if answer is Answer.OTHERS else {**self.sure, **self.doubtful}


@dataclass(frozen=True, slots=True)
class KnownPeople:
    """Who of the register the subjects of two meetings are, by their keys, as far as it is known."""

    here: Mapping[str, str]
    there: Mapping[str, str]

    def may_be_one(self, here: Subject, there: Subject) -> bool:
        """Whether two subjects of one name are not known to be two people."""
        ours, theirs = self.here.get(here.key), self.there.get(there.key)
        return ours is None or theirs is None or ours == theirs


def match_results(meeting_id: str, subjects: Sequence[Subject], other: CountedRound) -> Matched:
    """Find the subjects of a meeting in another one.

    Who is in the register is found there under any name and in any unit, and nobody else is taken for them. Others are
    found by name, and by unit and post where a name stands twice; it is doubtful of somebody whom the register has
    elsewhere by now, since the one who is here may have come after.
    """
    with reading() as session:
        known = KnownPeople(people_in(session, meeting_id), people_in(session, other.setup.id))
        some_are_unknown = known.there and len(known.here) < len(subjects)
        register = {each.id: each for each in all_people(session)} if some_are_unknown else {}
    sure, doubtful, doubts = {}, {}, []
    names = Counter(subject.name for subject in subjects)
    named: dict[str, list[SubjectResult]] = {}
    for each in other.result.subjects:
        named.setdefault(each.subject.name, []).append(each)
    people = {known.there[each.subject.key]: each for each in other.result.subjects if each.subject.key in known.there}
    for subject in subjects:
        person = known.here.get(subject.key)
        if person in people:
            sure[subject.key] = people[person]
            continue
        there = [each for each in named.get(subject.name, ()) if known.may_be_one(subject, each.subject)]
        equal = [each for each in there if (each.subject.unit, each.subject.post) == (subject.unit, subject.post)]
        if len(equal) == 1:
            there_now = None if person else register.get(known.there.get(equal[0].subject.key, ""))
            if there_now is None or fit((there_now,), subject.name, subject.unit, "").sure:
                sure[subject.key] = equal[0]
                continue
            doubtful[subject.key] = equal[0]
            doubts.append(f"{subject.name}：本场为“{_place(subject)}”，那一场的人在人员库中现为{there_now.told}")
        elif len(there) == names[subject.name] == 1:
            doubtful[subject.key] = there[0]
            doubts.append(f"{subject.name}：本场为“{_place(subject)}”，那一场为“{_place(there[0].subject)}”")
    return Matched(sure, doubtful, tuple(doubts))


def _place(subject: Subject) -> str:
    return " ".join(part for part in (subject.unit, subject.post) if part) or "没有写单位和职务"


def periods_from(label: str, found: Mapping[str, SubjectResult], other: CountedRound) -> dict[str, Period]:
    """What a counted meeting says of subjects, as an earlier period; who was exempt there is 未定等次."""
    exempt = {
        clause.key
        for section in other.setup.full_scheme.sections
        for clause in section.scheme.clauses
        if clause.effect is Effect.EXEMPT
    }
    left_out = {each.subject for each in other.inputs.decisions if each.clause in exempt}
    return {key: _period_of(label, result, is_left_out=result.subject.key in left_out) for key, result in found.items()}


def _period_of(label: str, found: SubjectResult, *, is_left_out: bool) -> Period:
    flags = frozenset(flag.key for flag in found.flags)
    if is_left_out:
        return Period(label, None, NOT_ASSESSED, flags)
    return Period(label, Fraction(found.score.text) if found.score else None, found.tier_label or None, flags)


@dataclass(frozen=True, slots=True)
class OfferedPeriod:
    """A counted meeting whose title says which part of the year it is."""

    label: str
    meeting_id: str
    title: str
    is_taken: bool
    """Whether it stands among the periods already, by this label."""


def offered_periods(meeting_id: str, reach: Reach = EVERYWHERE) -> Sequence[OfferedPeriod]:
    """The counted meetings of the same unit that are a part of the year which a meeting's title names, in time.

    They belong to units within ``reach``.

    Of several that say the same part, the one that is taken stands, else the latest.
    """
    with reading() as session:
        setup = round_setup(session, current_round(session, meeting_id))
        taken = set(period_sources(session, meeting_id))
        offered: dict[str, OfferedPeriod] = {}
        for line in list_meetings(session):
            label = label_of_meeting(line.title, setup.title, line.held_on)
            if not label or not line.state.is_counted or line.id == meeting_id or line.unit != setup.unit:
                continue
            if line.unit_id not in reach:
                continue
            one = OfferedPeriod(label, line.id, line.title, (label, line.id) in taken)
            offered[label] = one if one.is_taken else offered.get(label, one)
    return [offered[label] for label in timeline(offered, setup.title).labels]


def stale_inputs(meeting_id: str) -> tuple[str, ...]:
    """What was taken from another meeting whose result is void or another one now, a sentence each."""
    with reading() as session:
        return _known_stale(session, meeting_id)


def list_findings(meeting_id: str) -> Sequence[Finding]:
    """The check list of a meeting, blocking findings first, with what was taken and does not stand any more.

    Without a vote such a source keeps the result from being computed.
    """
    with reading() as session:
        setup = load_setup(session, meeting_id)
        is_blocking = not takes_ballots(setup.full_scheme)
        stale = [
            Finding("inputs_stale", f"{sentence}。", "inputs", is_blocking=is_blocking)
            for sentence in _known_stale(session, meeting_id)
        ]
        found = [*check_meeting(session, meeting_id), *stale]
    return sorted(found, key=lambda finding: not finding.is_blocking)


def require_fresh_inputs(session: Transaction, setup: MeetingSetup, act: str = "公布") -> None:
    """Let ``act`` be done only if every source still says what was taken from it.

    Raises:
        InputsMissing: naming what is stale.
    """
    if stale := _stale(session, setup.id):
        raise InputsMissing(f"暂不能{act}：{'；'.join(stale)}。请先在“其他成绩与认定”中处理。")


def _known_stale(session: Transaction, meeting_id: str) -> tuple[str, ...]:
    """What ``_stale`` says, remembered until something is done to the meeting, to a source, or to people.

    Counting the sources anew takes seconds where they have thousands of people, and every page of the meeting asks.
    """
    if not (sources := sources_of(session, meeting_id)):
        return ()
    links = people_of_meetings(session, meeting_id, *sorted(sources))
    seen = (latest_acts(session, meeting_id, *sources), hash(frozenset(links.items())))
    memory = recently_used("stale inputs", _REMEMBERED)
    known: tuple[object, tuple[str, ...]] | None = memory.recall(meeting_id)
    if known is None or known[0] != seen:
        known = (seen, _stale(session, meeting_id))
        memory.keep(meeting_id, known)
    return known[1]


@cached_in_transaction
def _stale(session: Transaction, meeting_id: str) -> tuple[str, ...]:
    return tuple(_differences(session, round_setup(session, current_round(session, meeting_id))))


def _differences(session: Transaction, setup: MeetingSetup) -> Iterator[str]:
    sections = setup.full_scheme.sections
    labels = {component.key: component.label for each in sections for component in each.scheme.components}
    of_periods, of_scores = period_sources(session, setup.id), scores_taken(session, setup.id)
    if not of_periods and not of_scores:
        return
    titles = {line.id: line.title for line in list_meetings(session)}
    for (label, source), periods in of_periods.items():
        if source in titles:
            read = partial(periods_from, label)
            yield from _difference(setup, label, titles[source], _counted_now(source), periods, read)
    for (component, source), scores in of_scores.items():
        if source in titles and component in labels:
            yield from _difference(setup, labels[component], titles[source], _counted_now(source), scores, _scores_of)


def _counted_now(source: str) -> CountedRound | None:
    try:
        other = load_counted(source)
    except KaoheError:
        return None
    return None if other.missing else other


def _scores_of(found: Mapping[str, SubjectResult], _: CountedRound) -> Mapping[str, Fraction | None]:
    return {key: None if result.score is None else Fraction(result.score.text) for key, result in found.items()}


def _difference(
    setup: MeetingSetup,
    label: str,
    title: str,
    other: CountedRound | None,
    taken: Mapping[str, object],
    read: Callable[[Mapping[str, SubjectResult], CountedRound], Mapping[str, object]],
) -> Iterator[str]:
    if other is None:
        yield f"“{label}”取自“{title}”，那一场已经作废或还没有重新计票，请重新取用或删除"
        return
    now = read(match_results(setup.id, setup.subjects, other).by(Answer.SAME), other)
    changed = [
        subject.full_name
        for subject in setup.subjects
        if subject.key in taken and (subject.key not in now or now[subject.key] != taken[subject.key])
    ]
    if changed:
        yield f"“{label}”取自“{title}”，那一场的结果后来有变动（{'、'.join(changed)}），请重新取用"
