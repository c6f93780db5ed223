"""A meeting for each of the evaluation systems, set up from its preset, and ballots for it with a count of their own.

Voters vote by role: where a preset says that a group grades its own people only, each part of it votes on them alone.

Everything is read off the scheme here, not asked of the code under test: which cells a group fills, what it may write
there, and what its ballots add up to.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction

from scene import CHAIR, draw_relations, put_scheme

from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.schemes import list_presets
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension, Relation, Scheme, Section, VoterGroup

COMPUTED = (
    "beian-pingshi-niandu",
    "jiguan-xiaoneng-niandu",
    "jixiao-pingshi-niandu",
    "tongjiju-jixiao-niandu",
    "xiang-pingshi-niandu",
    "zhen-pingshi-niandu",
)
"""Years that are made of quarters; nobody votes on them."""
VOTED = tuple(preset.key for preset in list_presets() if preset.key not in COMPUTED)
TICKETS, BALLOTS = 8, 6
"""Of each voter group."""
FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)} | {ord("."): "\uff0e"}
"""As a Chinese keyboard may write a number."""

Fields = dict[str, str]


@dataclass(frozen=True)
class System:
    """One held meeting and its tickets' addresses, by group key."""

    setup: MeetingSetup
    urls: dict[str, list[str]]

    @property
    def meeting_id(self) -> str:
        return self.setup.id

    @property
    def scheme(self) -> Scheme:
        return self.setup.full_scheme

    def ticket(self, group_key: str, number: int) -> tuple[str, str]:
        """(path of the form, ticket code) as a phone reads them off a slip."""
        path, _, code = self.urls[group_key][number].rpartition(".")[0].partition("#")
        return "/v/" + path.split("/v/", 1)[1], code


@dataclass
class OwnCount:
    """What the ballots add up to, counted by hand."""

    cast: Counter[str] = field(default_factory=Counter)
    """By group of tickets."""
    marks: dict[tuple[str, str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By (voter group, subject, dimension): grades, ``abstain``, and numbers as plain decimals."""
    answers: dict[tuple[str, str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By (group, subject, question): options ticked or chosen."""
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (group, subject): on how many ballots the subject was not left out."""


def prepare_system(
    preset: str, hall_view: HallView = HallView.INSTANT, *, tickets: int = TICKETS, is_divided: bool = True
) -> System:
    """A meeting from the preset with a few subjects for every section and tickets for every group, not open yet.

    Unless it is divided, everybody in a group grades everybody on the form, whatever the preset says.
    """
    meeting_id = create_meeting(CHAIR, title="考核测评会", unit="青山区统计局", held_on=None, preset_id=preset)
    if not is_divided:
        put_scheme(meeting_id, _whole(load_meeting(meeting_id)[0].scheme))

    def setup() -> MeetingSetup:
        return load_meeting(meeting_id)[0]

    entries = [entry for section in setup().full_scheme.sections for entry in _entries(section)]
    change_subjects(CHAIR, meeting_id, setup().version, entries)
    draw_relations(meeting_id, tickets)
    change_groups(CHAIR, meeting_id, setup().version, [replace(g, entitled=tickets) for g in setup().groups])
    change_hall(
        CHAIR,
        meeting_id,
        setup().version,
        hall_view=hall_view,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
    )
    urls: dict[str, list[str]] = {}
    for group in setup().groups:
        issue_tickets(CHAIR, meeting_id, group.key, tickets, 0)
        urls[group.key] = [ticket.url for ticket in list_tickets(meeting_id, group.key)]
    return System(setup(), urls)


def _whole(scheme: Scheme) -> Scheme:
    groups = tuple(replace(group, relation=Relation.ALL) for group in scheme.groups)
    parts = tuple(replace(part, scheme=_whole(part.scheme)) for part in scheme.declared_sections)
    return replace(scheme, groups=groups, declared_sections=parts)


def hold_system(preset: str, hall_view: HallView = HallView.INSTANT, *, is_divided: bool = True) -> System:
    system = prepare_system(preset, hall_view, is_divided=is_divided)
    open_meeting(CHAIR, system.meeting_id)
    return system


def cast_on(system: System, group_key: str, number: int, count: OwnCount) -> str:
    """Cast one ballot by the operation itself and return its receipt."""
    path, code = system.ticket(group_key, number)
    fields = fill(system, group_key, number, count)
    return cast_ballot(
        system.meeting_id,
        path.rsplit("/", 1)[1],
        ticket=code,
        nonce=f"{group_key:_<30.30}{number:04}",
        round_number="",
        fields=fields.items(),
    ).receipt


def cast_everything(system: System) -> OwnCount:
    """Every ballot of every group, and what they add up to."""
    count = OwnCount()
    for group in system.setup.groups:
        for number in range(BALLOTS):
            cast_on(system, group.key, number, count)
    return count


def _entries(section: Section) -> list[SubjectEntry]:
    """Four subjects of the section's kind, two in each of two classes, so that every post has a competition.

    One of the first class is of another unit, so that what goes by units does not go by classes.
    """
    kind = section.kind or SubjectKind.PERSON
    name = section.label[:8]
    return [
        SubjectEntry(
            f"{name}{'甲乙丙丁'[number]}", "二处" if number else "一处", "", f"第{number // 2 + 1}组", kind, section.key
        )
        for number in range(4)
    ]


def section_for(scheme: Scheme, subject: Subject) -> Scheme:
    """The scheme of a subject's section; the entries above name theirs."""
    return next((part.scheme for part in scheme.declared_sections if part.key == subject.section), scheme)


def filled_by(system: System, group: Group, subject: Subject) -> list[Dimension]:
    """The dimensions of a subject that a group of tickets is asked about."""
    rules = section_for(system.scheme, subject)
    if group.counted_as not in [each.key for each in rules.groups] or not may_grade(system, group, subject):
        return []
    return [each for each in rules.dimensions if not each.groups or group.counted_as in each.groups]


def may_grade(system: System, group: Group, subject: Subject) -> bool:
    """Whether a group of tickets may grade a subject, told by its name and the rule of the scheme."""
    relation = next(each.relation for each in system.setup.scheme.groups if each.key == group.counted_as)
    name = group.label.removeprefix(f"{group.part_of_label}·")
    unit = subject.name if subject.kind is SubjectKind.TEAM else subject.unit
    if relation is Relation.OWN_PEOPLE:
        graded = [each for each in system.setup.subjects if filled_section(system, group, each)]
        return name == ("陈副局长", "王副局长")[(graded.index(subject) + 1) % 2]
    return {Relation.ALL: True, Relation.OWN_UNIT: unit == name, Relation.OTHER_UNITS: unit != name}[relation]


def filled_section(system: System, group: Group, subject: Subject) -> bool:
    """Whether a group of tickets fills the section of a subject at all."""
    return group.counted_as in [each.key for each in section_for(system.scheme, subject).groups]


def field_names(system: System, group: Group) -> set[str]:
    """Every field of evaluation that the group's form must have, comments aside."""
    found = set()
    for subject in system.setup.subjects:
        dimensions, rules = filled_by(system, group, subject), section_for(system.scheme, subject)
        if not dimensions:
            continue
        found |= {f"i.{subject.key}.{each.key}" for each in dimensions}
        found |= {f"q.{subject.key}.{item}" for item in rules.question_items}
        found |= {f"n.{subject.key}"} if rules.may_leave_out else set()
    return found


def fill(system: System, group_key: str, number: int, count: OwnCount) -> Fields:
    """The fields of one whole ballot, different from ballot to ballot, and counted by hand."""
    chance = random.Random(f"{system.scheme.key} {group_key} {number}")
    fields: Fields = {}
    count.cast[group_key] += 1
    group = next(each for each in system.setup.groups if each.key == group_key)
    counted_as = group.counted_as
    picks: Counter[str] = Counter()
    for place, subject in enumerate(system.setup.subjects):
        dimensions, rules = filled_by(system, group, subject), section_for(system.scheme, subject)
        if not dimensions:
            continue
        if rules.may_leave_out and place % BALLOTS == number:
            fields[f"n.{subject.key}"] = "not_asked"
            continue
        count.asked[counted_as, subject.key] += 1
        for dimension in dimensions:
            mark = _mark(rules, dimension, chance, may_abstain=number == place)
            if rules.choose is not None:
                mark = _pick(rules, subject, picks, chance)
            count.marks[counted_as, subject.key, dimension.key][mark] += 1
            if rules.choose is None or mark == rules.grades[0].key:
                # A pick is a tick: whoever is not picked is not posted at all.
                is_typed = rules.scale_of(dimension) is not None and number == 1
                fields[f"i.{subject.key}.{dimension.key}"] = mark.translate(FULL_WIDTH) if is_typed else mark
        _answer(rules, counted_as, subject, chance, fields, count)
    return fields


def _mark(rules: Scheme, dimension: Dimension, chance: random.Random, *, may_abstain: bool) -> str:
    if may_abstain and rules.abstention_allowed:
        return "abstain"
    scale = dimension.number or rules.number
    return _number(scale, chance) if scale else chance.choice([grade.key for grade in rules.grades])


def _number(scale: NumberScale, chance: random.Random) -> str:
    assert scale.step == 1
    return str(chance.choice([int(scale.low), int(scale.high), chance.randint(int(scale.low), int(scale.high))]))


def _pick(rules: Scheme, subject: Subject, picks: Counter[str], chance: random.Random) -> str:
    """At most one of each class, which is as many as there are seats."""
    wants = chance.random() < 0.6 and not picks[subject.class_label]
    picks[subject.class_label] += wants
    return rules.grades[0 if wants else -1].key


def _answer(
    rules: Scheme, group_key: str, subject: Subject, chance: random.Random, fields: Fields, count: OwnCount
) -> None:
    for question in rules.questions:
        options = [option.key for option in question.options]
        chosen = [key for key in options if chance.random() < 0.4]
        if str(question.kind) == "choice":
            chosen = chosen[:1]
            fields |= {f"q.{subject.key}.{question.key}": key for key in chosen}
        else:
            fields |= {f"q.{subject.key}.{question.key}.{key}": "ticked" for key in chosen}
        count.answers[group_key, subject.key, question.key].update(chosen)


def votes_score(system: System, subject: Subject, count: OwnCount) -> str:
    """The score of the votes alone, worked out the long way and printed with half up."""
    rules = section_for(system.scheme, subject)
    parts = []
    for dimension in rules.dimensions:
        fillers = [group for group in rules.groups if not dimension.groups or group.key in dimension.groups]
        parts.append((dimension.weight, _weighed(rules, dimension, subject, fillers, count)))
    is_sum = str(rules.combine) == "sum"
    exact = sum((score if is_sum else weight * score for weight, score in parts), Fraction(0))
    scaled = exact * 10**rules.decimals + Fraction(1, 2)
    digits = str(scaled.numerator // scaled.denominator).rjust(rules.decimals + 1, "0")
    return f"{digits[: -rules.decimals]}.{digits[-rules.decimals :]}" if rules.decimals else digits


def _weighed(
    rules: Scheme, dimension: Dimension, subject: Subject, fillers: list[VoterGroup], count: OwnCount
) -> Fraction:
    if str(rules.score_by) == "votes":
        picked = sum(count.marks[g.key, subject.key, dimension.key][rules.grades[0].key] for g in fillers)
        return Fraction(picked)
    cells = [(group.weight, count.marks[group.key, subject.key, dimension.key]) for group in fillers]
    known = [(weight, _cell_score(rules, dimension, marks)) for weight, marks in cells if set(marks) - {"abstain"}]
    return sum((w * s for w, s in known), Fraction(0)) / sum((w for w, _ in known), Fraction(0))


def _cell_score(rules: Scheme, dimension: Dimension, marks: Counter[str]) -> Fraction:
    if str(rules.score_by) == "rate":
        counted = sum(marks[grade.key] for grade in rules.grades[: rules.rate_grades])
        return Fraction(100 * counted, TICKETS if str(rules.score_base) == "entitled" else sum(marks.values()))
    points = {grade.key: grade.points for grade in rules.grades}
    is_number = (dimension.number or rules.number) is not None
    given = {mark: votes for mark, votes in marks.items() if mark != "abstain"}
    worth = sum((votes * (Fraction(mark) if is_number else points[mark]) for mark, votes in given.items()), Fraction(0))
    return worth / sum(given.values())
