"""Results as offices have them: any scheme, so many people with real names and posts, every number somebody's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from kaohe.domain.meetings import Custody, HallView, MeetingSetup
from kaohe.domain.voter_groups import Group
from kaohe.reports.heading import Heading
from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Period, Result, Subject, SubjectKind, Turnout
from kaohe.tally.scheme.components import Component
from kaohe.tally.scheme.scheme import Dimension, Scheme, Section, VoterGroup

HEADING = Heading("青山区统计局", "2026年度领导干部民主测评", date(2026, 12, 18), record_head="5f3c9a" * 10)

RARE = ("\U00020bb7田芳", "龑䶮", "陆㛃", "阿卜杜热西提·买买提江", "欧阳子涵", "司马相如")
FAMILIES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    ("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "洋", "艳萍"),
)
UNITS = ("办公室", "人事教育科", "农村统计科", "工业和能源统计科", "社会经济调查中心")
SHORT_POSTS = ("主任", "科长", "副科长", "一级科员", "四级主任科员")
LONG_POST = (
    "党组成员、副局长、一级调研员，兼任社会经济调查中心主任、机关党委专职副书记、工会主席，负责第三次全国农业普查工作"
)


def people(count: int, sections: Sequence[Section], *, long_posts: bool = False) -> tuple[Subject, ...]:
    """So many subjects in all, shared out over the sections; names, units and posts of an office."""
    made = []
    for number in range(count):
        section = sections[number % len(sections)] if sections else None
        kind = (section.kind if section else None) or SubjectKind.PERSON
        name = _name(number)
        made.append(
            Subject(
                key=f"s{number}",
                name=name if kind is SubjectKind.PERSON else f"{UNITS[number % 5]}{number // 5 or ''}",
                unit=UNITS[number % 5],
                post=LONG_POST if long_posts and number % 4 == 0 else SHORT_POSTS[number % 5],
                kind=kind,
                section=section.key if section else "",
            )
        )
    return tuple(made)


def _name(number: int) -> str:
    if number < len(RARE):
        return RARE[number]
    number -= len(RARE)
    return FAMILIES[number % 20] + GIVEN[number // 20 % 10] + ("" if number < 200 else "甲乙丙"[number // 200 - 1])


def office_result(
    scheme: str | Scheme, count: int, *, groups: int = 0, long_posts: bool = False, seed: int = 1
) -> Result:
    """The result of a meeting by the scheme, about ``count`` subjects; with ``groups`` the voters are in so many."""
    chance = random.Random(seed)
    scheme = load_preset(scheme) if isinstance(scheme, str) else scheme
    if groups:
        own = tuple(VoterGroup(f"g{n}", f"{'ABCDEFGH'[n]}票", Fraction(1, groups)) for n in range(groups))
        scheme = replace(scheme, groups=own)
    subjects = people(count, scheme.declared_sections, long_posts=long_posts)
    turnout = {
        group.key: Turnout(cast=24, entitled=26, present=25, issued=25, printed=30)
        for section in scheme.sections
        for group in section.scheme.groups
    }
    drawn = Drawn()
    for subject in subjects:
        form = next(s.scheme for s in scheme.sections if not scheme.declared_sections or s.key == subject.section)
        drawn.draw(chance, form, subject.key, count)
    counted = Count(
        scheme, subjects, drawn.cells, turnout, answers=drawn.answers, imported=drawn.imported, history=drawn.history
    )
    return tally(counted)


def office_setup(result: Result) -> MeetingSetup:
    """The meeting that a result is of, as it was called together."""
    parts = result.section_results or (result,)
    voters = {group.key: group for section in result.scheme.sections for group in section.scheme.groups}
    return MeetingSetup(
        id="m",
        title=HEADING.title,
        unit=HEADING.unit,
        held_on=HEADING.held_on,
        scheme=result.scheme,
        subjects=tuple(row.subject for part in parts for row in part.subjects),
        groups=tuple(Group(each.key, each.label, each.weight, 26) for each in voters.values()),
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )


@dataclass
class Drawn:
    """What was counted and brought in, by the keys of :class:`Count`."""

    cells: dict[tuple[str, str, str], GradeCounts] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], tuple[int, ...]] = field(default_factory=dict)
    imported: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    history: dict[str, tuple[Period, ...]] = field(default_factory=dict)

    def draw(self, chance: random.Random, form: Scheme, subject: str, subject_count: int) -> None:
        """Everything about one subject."""
        for dimension in form.dimensions:
            for group in form.fillers(dimension):
                self.cells[group.key, subject, dimension.key] = _cell(chance, form, dimension, subject_count)
        for question in form.questions:
            for group in form.groups:
                self.answers[group.key, subject, question.key] = _answer(chance, len(question.options))
        for component in form.components:
            if component.source in ("imported", "meeting"):
                self.imported[component.key, subject] = Fraction(chance.randint(700, 1000), 10)
            if component.source == "periods":
                self.history[subject] = tuple(_periods(chance, component))


def _cell(chance: random.Random, form: Scheme, dimension: Dimension, subjects: int) -> GradeCounts:
    scale = form.scale_of(dimension)
    if form.choose is not None:
        most = form.choose.most or form.choose.seats_for(subjects)
        votes = chance.randint(0, min(23, max(1, 23 * most // subjects)))
        return GradeCounts((votes, 23 - votes), abstention=1)
    if scale is None:
        places = len(form.grades)
        drawn = [min(places - 1, int(chance.expovariate(1.2))) for _ in range(23)]
        return GradeCounts(tuple(drawn.count(place) for place in range(places)), abstention=1)
    steps = int((scale.high - scale.low) / scale.step)
    drawn_numbers = [scale.high - scale.step * chance.randint(0, min(steps, 3)) for _ in range(24)]
    return GradeCounts(
        (0,) * len(form.grades), numbers=tuple((n, drawn_numbers.count(n)) for n in sorted(set(drawn_numbers)))
    )


def _answer(chance: random.Random, options: int) -> tuple[int, ...]:
    left = 24
    counts = []
    for _ in range(options):
        counts.append(chance.randint(0, left))
        left -= counts[-1]
    return tuple(counts)


def _periods(chance: random.Random, component: Component) -> Iterator[Period]:
    tiers = [each.tier for each in component.points] or [component.tier or "好", "较好"]
    for quarter in "一二三四"[: component.periods]:
        score = Fraction(chance.randint(600, 1000), 10)
        yield Period(f"第{quarter}季度", score, tiers[0] if score > 90 else tiers[1])
