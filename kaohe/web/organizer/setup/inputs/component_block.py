"""An imported component on the page of other scores and decisions."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.inputs import own_component
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.inputs import MeetingInputs
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.components import Component
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.organizer.setup.subject_rows import words_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list

_LACKING = "待补"
"""What stands in place of a score that is missing, so that it can be sought."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One subject's score of one component; empty where it is missing."""

    name: str
    unit_and_post: str
    score: str


@dataclass(frozen=True, slots=True)
class ComponentBlock:
    """An imported component and its scores so far."""

    key: str
    label: str
    rule: str
    """What it weighs and its full marks."""
    lines: tuple[ScoreLine, ...]
    """Of a long list those of one page."""
    part: ListPart
    count: str
    sources: str
    is_whole: bool


def component_block(standing: MeetingInputs, component: Component) -> ComponentBlock:
    """A component that is brought from elsewhere, with its scores so far."""
    scheme = standing.setup.full_scheme
    own = [subject for subject in standing.setup.subjects if own_component(scheme, subject, component.key)]
    scores = [standing.inputs.imported.get((component.key, subject.key)) for subject in own]
    there = [score for score in scores if score is not None]
    shown, part = part_of_list(
        list(zip(own, scores, strict=True)),
        lambda line: f"{words_of(line[0])} {_LACKING if line[1] is None else ''}",
        "organizer.inputs",
        name=f"scores-{component.key}",
        meeting_id=standing.setup.id,
    )
    return ComponentBlock(
        key=component.key,
        label=_component_label(scheme, component.key),
        rule=_component_rule(scheme, component.key),
        lines=tuple(
            ScoreLine(subject.name, unit_and_post(subject), "" if score is None else number_text(score))
            for subject, score in shown
        ),
        part=part,
        count=f"{len(there)} / {len(own)}",
        sources="、".join(
            f"取自“{title}”" if title else "导入" for title in standing.sources.get(component.key, ()) if there
        ),
        is_whole=len(there) == len(own),
    )


def _component_label(scheme: Scheme, key: str) -> str:
    """The name of a component; several where the sections call it differently."""
    labels = [
        component.label
        for section in scheme.sections
        for component in section.scheme.components
        if component.key == key
    ]
    return " / ".join(dict.fromkeys(labels))


def _component_rule(scheme: Scheme, key: str) -> str:
    found = [
        (section.label if scheme.declared_sections else "", component)
        for section in scheme.sections
        for component in section.scheme.components
        if component.key == key
    ]
    shares = dict.fromkeys(f"{label}占 {percent_text(each.weight)}" for label, each in found)
    return f"{'，'.join(shares)}；满分 {number_text(found[0][1].full)}"
