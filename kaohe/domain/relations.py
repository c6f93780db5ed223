"""Who grades whom (评分关系): a voter group is divided into groups of tickets, each with the people it may grade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PARTS_AT_MOST
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.tally.model import Subject, SubjectKind, Turnout
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Relation, Scheme, VoterGroup
from kaohe.tally.scores.counting import PartForm
from kaohe.tally.scores.sectioning import section_of
from kaohe.tally.tallying import total_turnout

_SHOWN = 3
"""More names of the same kind are only counted."""


class ByUnit(StrEnum):
    """What a group that is divided by units may grade."""

    OWN_UNIT = Relation.OWN_UNIT.value
    OTHER_UNITS = Relation.OTHER_UNITS.value


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of a list that says who grades whom."""

    row: int
    """As the organizer counts the lines of the list."""
    grader: str
    """What the group of tickets is called: a leader, a department."""
    subject: Subject


def unit_of(subject: Subject) -> str:
    """The unit that a subject belongs to in a relation by units; a team is a unit of its own."""
    return subject.name if subject.kind is SubjectKind.TEAM else subject.unit


def graded_by(setup: MeetingSetup, group_key: str) -> tuple[Subject, ...]:
    """The subjects on whose form a voter group stands at all, whoever of it may grade them.

    Raises:
        SectionError: a subject belongs to no section.
    """
    scheme = setup.full_scheme
    return tuple(
        subject
        for subject in setup.subjects
        if group_key in {group.key for group in section_of(scheme, subject).scheme.groups}
    )


def divided_by_unit(setup: MeetingSetup, group_key: str, relation: Relation, entitled: int | None) -> tuple[Group, ...]:
    """The groups of a meeting with one of them divided by the units of those whom it grades.

    Each part has ``entitled`` voters; without a number, as many as its unit has people on the list.

    Raises:
        FieldInvalid: somebody has no unit, or somebody is left without a grader.
        SectionError: a subject belongs to no section.
    """
    subjects = graded_by(setup, group_key)
    homeless = [subject.name for subject in subjects if not unit_of(subject)]
    if homeless:
        raise FieldInvalid(f"{listed(homeless)}没有填写单位，不能按单位划分：请先补齐单位，或按名单划分。")
    people: dict[str, list[str]] = {}
    for subject in subjects:
        people.setdefault(unit_of(subject), []).append(subject.key)
    if relation is Relation.OTHER_UNITS:
        graded = {unit: [s.key for s in subjects if unit_of(s) != unit] for unit in people}
    else:
        graded = people
    return _divided(
        setup,
        group_key,
        [(unit, tuple(keys), len(people[unit]) if entitled is None else entitled) for unit, keys in graded.items()],
    )


def divided_by_list(setup: MeetingSetup, group_key: str, pairs: Sequence[Pair], entitled: int) -> tuple[Group, ...]:
    """The groups of a meeting with one of them divided as a list says: one line for each grader and subject.

    Raises:
        FieldInvalid: a line is there twice, names somebody whom the group does not grade, or somebody is left out.
        SectionError: a subject belongs to no section.
    """
    known = {subject.key for subject in graded_by(setup, group_key)}
    graded: dict[str, list[str]] = {}
    lines: dict[tuple[str, str], int] = {}
    for pair in pairs:
        line, key = (pair.grader, pair.subject.key), pair.subject.key
        if key not in known:
            raise FieldInvalid(f"第 {pair.row} 行：“{pair.subject.name}”不由本票种评价，请删去这一行。")
        if line in lines:
            raise FieldInvalid(f"第 {pair.row} 行与第 {lines[line]} 行重复：“{pair.grader}”评“{pair.subject.name}”。")
        lines[line] = pair.row
        graded.setdefault(pair.grader, []).append(key)
    return _divided(setup, group_key, [(name, tuple(keys), entitled) for name, keys in graded.items()])


def undivided(setup: MeetingSetup, group_key: str) -> tuple[Group, ...]:
    """The groups of a meeting with one of them whole again: everybody in it may grade everybody."""
    parts = [group for group in setup.groups if group.counted_as == group_key]
    whole = Group(group_key, parts[0].counted_label, parts[0].weight, sum(part.entitled for part in parts))
    return _replaced(setup, group_key, [whole])


def corrected(setup: MeetingSetup, marks: Mapping[str, frozenset[str]], among: Sequence[Subject]) -> tuple[Group, ...]:
    """The groups with other cells of the grid: by part, whom of ``among`` it may grade. All else stays as it is.

    Raises:
        FieldInvalid: a ballot that had a subject would have none, or somebody of ``among`` would have no grader.
    """
    shown = {subject.key for subject in among}
    order = [subject.key for subject in setup.subjects]

    def changed(group: Group) -> Group:
        if not group.part_of or group.key not in marks:
            return group
        kept = (set(group.may_grade) - shown) | (marks[group.key] & shown)
        return replace(group, may_grade=tuple(key for key in order if key in kept))

    pairs = [(group, changed(group)) for group in setup.groups]
    filled = [after for before, after in pairs if before.part_of and not set(order).isdisjoint(before.may_grade)]
    groups = tuple(after for _, after in pairs)
    _require_sound(replace(setup, groups=groups), filled, among)
    return groups


def relation_faults(setup: MeetingSetup) -> Iterator[str]:
    """What keeps a divided meeting from being voted on, a sentence each; none where nothing is divided."""
    if setup.is_divided:
        yield from _faults(setup, [group for group in setup.groups if group.part_of], setup.subjects)


def _require_sound(setup: MeetingSetup, parts: Iterable[Group], among: Iterable[Subject]) -> None:
    """Refuse to leave one of the parts without a subject, or one of the subjects without a grader.

    What is broken elsewhere is mended by another act; refusing this one for it would leave no way out where somebody
    has joined or left whom two divided groups grade.
    """
    for sentence in _faults(setup, parts, among):
        raise FieldInvalid(sentence)


def _faults(setup: MeetingSetup, parts: Iterable[Group], among: Iterable[Subject]) -> Iterator[str]:
    known = {subject.key for subject in setup.subjects}
    empty = [group.label for group in parts if known.isdisjoint(group.may_grade)]
    if empty:
        yield f"{listed(empty)}没有可评的考核对象，票上会是空的：请在评分关系中给它勾选考核对象。"
    graders = graders_of(setup)
    alone = [subject.name for subject in among if not graders[subject.key]]
    if alone:
        yield f"{listed(alone)}没有人评：请在评分关系中补上评价人。"


def half_graded(setup: MeetingSetup) -> Iterator[str]:
    """Who is graded by some voter groups of the form, but by nobody of a divided one, a sentence for each such group.

    The weight of that group falls to the others then.
    """
    graders = graders_of(setup)
    for key, label in divided_groups(setup).items():
        missed = [each.name for each in graded_by(setup, key) if key not in {g.counted_as for g in graders[each.key]}]
        if missed:
            yield f"{listed(missed)}没有“{label}”评：其得分只由其他票种合成。"


def graders_of(setup: MeetingSetup) -> Mapping[str, Sequence[Group]]:
    """The groups of tickets that may grade each subject, by its key; none where it belongs to no section."""
    found: dict[str, list[Group]] = {subject.key: [] for subject in setup.subjects}
    scheme = setup.full_scheme
    may = {group.key: frozenset(group.may_grade) for group in setup.groups}
    for subject in setup.subjects:
        try:
            filling = {group.key for group in section_of(scheme, subject).scheme.groups}
        except SectionError:
            continue
        found[subject.key] = [
            group
            for group in setup.groups
            if group.counted_as in filling and (not group.part_of or subject.key in may[group.key])
        ]
    return found


def divided_groups(setup: MeetingSetup) -> dict[str, str]:
    """The label of every voter group that is divided, by its key."""
    return {group.part_of: group.part_of_label for group in setup.groups if group.part_of}


def divides_voters(scheme: Scheme) -> bool:
    """Whether a scheme says of some voter group that it grades its own people only."""
    return any(group.relation is not Relation.ALL for group in scheme.groups)


def to_be_divided(setup: MeetingSetup) -> Sequence[VoterGroup]:
    """The voter groups whose scheme says that they grade their own people only, and that are not divided yet."""
    divided = divided_groups(setup)
    return [
        group
        for group in setup.full_scheme.groups
        if group.relation is not Relation.ALL and group.key not in divided and setup.subjects
    ]


def small_forms(setup: MeetingSetup) -> Sequence[Group]:
    """The parts that too few people hold for a secret vote (记名)."""
    return [group for group in setup.groups if group.part_of and group.entitled < FEWEST_GROUP_BALLOTS]


def part_forms(setup: MeetingSetup) -> Mapping[str, PartForm]:
    """How the ballots of the parts are counted, by the key of the part."""
    return {group.key: PartForm(group.part_of, frozenset(group.may_grade)) for group in setup.groups if group.part_of}


def turnout_of_voter_groups(
    setup: MeetingSetup, parts: Mapping[str, Turnout]
) -> tuple[dict[str, Turnout], dict[tuple[str, str], Turnout]]:
    """Add up the numbers of the groups of tickets.

    Returns those of the voter groups; and by (voter group, subject) those of the parts that may grade the subject, for
    voter groups that are divided.
    """
    by_group: dict[str, list[Turnout]] = {}
    about: dict[tuple[str, str], list[Turnout]] = {
        (key, subject.key): [] for key in divided_groups(setup) for subject in setup.subjects
    }
    for group in setup.groups:
        by_group.setdefault(group.counted_as, []).append(parts[group.key])
        for subject_key in group.may_grade:
            about[group.part_of, subject_key].append(parts[group.key])
    together = {key: total_turnout(numbers) for key, numbers in by_group.items()}
    return together, {key: total_turnout(numbers) for key, numbers in about.items()}


def _divided(
    setup: MeetingSetup, group_key: str, parts: Sequence[tuple[str, tuple[str, ...], int]]
) -> tuple[Group, ...]:
    if not parts:
        raise FieldInvalid("没有划分出一个评分组：请先录入考核对象，并写明谁评谁。")
    if len(parts) > PARTS_AT_MOST:
        raise FieldInvalid(f"一个票种最多分成 {PARTS_AT_MOST} 组，现在要分 {len(parts)} 组。")
    label, weight = next((g.counted_label, g.weight) for g in setup.groups if g.counted_as == group_key)
    taken = {group.key for group in setup.groups if group.counted_as != group_key}
    keys = (key for number in range(1, 10_000) if (key := f"{group_key[:32]}-{number}") not in taken)
    order = [subject.key for subject in setup.subjects]
    drawn = [
        Group(
            key=next(keys),
            label=f"{label}·{name}",
            weight=weight,
            entitled=entitled,
            part_of=group_key,
            part_of_label=label,
            may_grade=tuple(key for key in order if key in set(graded)),
        )
        for name, graded, entitled in parts
    ]
    groups = _replaced(setup, group_key, drawn)
    _require_sound(replace(setup, groups=groups), drawn, graded_by(setup, group_key))
    return groups


def _replaced(setup: MeetingSetup, group_key: str, parts: Sequence[Group]) -> tuple[Group, ...]:
    at = next(number for number, group in enumerate(setup.groups) if group.counted_as == group_key)
    others = [group for group in setup.groups if group.counted_as != group_key]
    return (*others[:at], *parts, *others[at:])


def listed(names: Sequence[str]) -> str:
    """Names in quotation marks; of more than a few the first ones and how many they are."""
    more = f"等 {len(names)} 个" if len(names) > _SHOWN else ""
    return f"“{'”、“'.join(names[:_SHOWN])}”{more}"
