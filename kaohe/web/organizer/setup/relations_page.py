"""What the page of who grades whom shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.errors import NotFound
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.domain.relations import divided_groups, small_forms, to_be_divided, unit_of
from kaohe.domain.rosters import RowProblem
from kaohe.operations.setup.preparing import load_meeting
from kaohe.tally.model import Subject
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.scheme import Relation, VoterGroup
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of

CELLS_AT_ONCE = 1_500
"""More cells than these are shown unit by unit."""
_WORDS = {
    Relation.ALL: "评全体考核对象",
    Relation.OWN_UNIT: "评本单位的人",
    Relation.OTHER_UNITS: "评其他单位的人",
    Relation.OWN_PEOPLE: "评名单上自己的人",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """What was typed where it was refused."""

    group: str = ""
    entitled: str = ""
    pasted: str = ""
    problems: Sequence[RowProblem] = ()


@dataclass(frozen=True, slots=True)
class DivisionBlock:
    """A voter group and how it is divided."""

    key: str
    label: str
    rule: str
    """What the scheme says of it; empty where it says nothing."""
    state: str
    is_divided: bool
    is_needed: bool
    proposes_others: bool
    is_by_list: bool
    entitled: str
    pasted: str
    problems: Sequence[RowProblem]


@dataclass(frozen=True, slots=True)
class PartColumn:
    """A column of the grid: a group of tickets."""

    number: str
    key: str
    label: str
    over: str
    """The voter group that it is a part of."""
    entitled: str
    is_small: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of the grid: a subject, with a box for every column."""

    key: str
    name: str
    unit_and_post: str
    boxes: Sequence[Option]


@dataclass(frozen=True, slots=True)
class RelationsPage:
    """The voter groups, and the grid of those that are divided."""

    frame: MeetingFrame
    version: str
    refusal: Refusal | None
    divisions: Sequence[DivisionBlock]
    columns: Sequence[PartColumn]
    rows: Sequence[GridRow]
    units: Sequence[Option]
    """The blocks of the grid by their addresses; empty where the grid is shown whole."""
    unit: str
    unconfirmed: str
    """How many small forms still wait to be confirmed as named; empty for none."""
    wall: str
    """What the wall can show of the divided forms; empty where nothing is divided."""


def relations_page(
    meeting_id: str, unit: str = "", refusal: Refusal | None = None, posted: Posted | None = None
) -> RelationsPage:
    """The page as the meeting stands; ``unit`` is the block of the grid, the first one where none is named.

    Raises:
        NotFound: there is no such block.
    """
    setup, this_round = load_meeting(meeting_id)
    parts = [group for group in setup.groups if group.part_of]
    shown, block = block_units(setup), grid_block(setup, unit)
    current = _block_of(shown, unit)
    needed = {group.key for group in to_be_divided(setup)}
    small = small_forms(setup)
    unconfirmed = [group for group in small if not group.is_named]
    may = {part.key: frozenset(part.may_grade) for part in parts}
    return RelationsPage(
        frame=frame_of(setup, this_round, "relations"),
        version=str(setup.version),
        refusal=refusal,
        divisions=tuple(_division(setup, group, needed, posted) for group in setup.full_scheme.groups),
        columns=tuple(_column(str(at), part, {group.key for group in small}) for at, part in enumerate(parts)),
        rows=tuple(
            GridRow(
                subject.key,
                subject.name,
                unit_and_post(subject),
                tuple(
                    Option(f"{part.key}:{subject.key}", f"{part.label} 评 {subject.name}", subject.key in may[part.key])
                    for part in parts
                ),
            )
            for subject in (block if parts else ())
        ),
        units=tuple(
            Option(
                url_for("organizer.relations", meeting_id=meeting_id, unit=name), name or "未写单位", name == current
            )
            for name in shown
        ),
        unit=current,
        unconfirmed=str(len(unconfirmed)) if unconfirmed else "",
        wall=_wall(this_round.batch_size) if parts else "",
    )


def grid_block(setup: MeetingSetup, unit: str) -> Sequence[Subject]:
    """The subjects whose rows one block of the grid holds: all, or those of a unit where there are too many.

    Raises:
        NotFound: there is no such unit among them.
    """
    units = block_units(setup)
    if not units:
        return setup.subjects
    wanted = _block_of(units, unit)
    return [subject for subject in setup.subjects if unit_of(subject) == wanted]


def _block_of(units: Sequence[str], wanted: str) -> str:
    if wanted and units and wanted not in units:
        raise NotFound
    return wanted if wanted in units else next(iter(units), "")


def block_units(setup: MeetingSetup) -> Sequence[str]:
    """The units that the grid is shown by; none where it can be shown whole."""
    parts = sum(1 for group in setup.groups if group.part_of)
    if parts * len(setup.subjects) <= CELLS_AT_ONCE:
        return ()
    return list(dict.fromkeys(unit_of(subject) for subject in setup.subjects))


def _division(setup: MeetingSetup, group: VoterGroup, needed: set[str], posted: Posted | None) -> DivisionBlock:
    count = sum(1 for each in setup.groups if each.part_of == group.key)
    own = posted if posted is not None and posted.group == group.key else Posted()
    return DivisionBlock(
        key=group.key,
        label=group.label,
        rule="" if group.relation is Relation.ALL else f"方案规定：{_WORDS[group.relation]}",
        state=f"已分为 {count} 组" if count else _WORDS[Relation.ALL],
        is_divided=group.key in divided_groups(setup),
        is_needed=group.key in needed,
        proposes_others=group.relation is Relation.OTHER_UNITS,
        is_by_list=group.relation is Relation.OWN_PEOPLE or bool(own.pasted),
        entitled=own.entitled,
        pasted=own.pasted,
        problems=own.problems,
    )


def _column(number: str, part: Group, small: set[str]) -> PartColumn:
    return PartColumn(
        number=number,
        key=part.key,
        label=part.label.removeprefix(f"{part.part_of_label}·"),
        over=part.part_of_label,
        entitled=str(part.entitled),
        is_small=part.key in small,
        is_named=part.is_named,
    )


def _wall(batch: int) -> str:
    return (
        f"各组的票分开放：一组不足 {2 * batch} 人的，投票期间大屏只显示进度，不显示其票数；"
        f"不足 {FEWEST_GROUP_BALLOTS} 人的，做不到无记名，须由主持人确认按记名测评进行。"
    )
