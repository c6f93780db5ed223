"""Finished counts, tallied: the results that the sheets of these tests are made from."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction

from case_files import CASES, count_of, scheme_of

from kaohe.reports.heading import Heading
from kaohe.reports.sheet import Sheet
from kaohe.reports.sheets import result_sheets
from kaohe.schemes import load_preset
from kaohe.tally.model import Count, GradeCounts, Result, Subject, SubjectKind, Turnout
from kaohe.tally.scheme.scheme import VoterGroup
from kaohe.tally.tallying import tally

HEADING = Heading("XX县财政局", "2026年度领导干部民主测评", held_on=date(2026, 1, 9))

GROUPS = (
    VoterGroup("a", "局领导", Fraction(2, 5)),
    VoterGroup("b", "中层干部", Fraction(3, 10)),
    VoterGroup("c", "一般干部", Fraction(3, 10)),
)

SUBJECTS = (
    Subject("s1", "张三", "办公室", "主任"),
    Subject("s2", "欧阳\U00020bb7\U0002b820", "国库科", "科长"),
    Subject("s3", "阿依古丽·买买提", "人事科", "副科长"),
)


def result_of(name: str) -> Result:
    """The result of a sum done by hand, by the name of its file."""
    case = tomllib.loads(next(path for path in CASES if path.stem == name).read_text(encoding="utf-8"))
    return tally(count_of(case, scheme_of(case)))


def sheets_of(result: Result, heading: Heading = HEADING) -> dict[str, Sheet]:
    """The sheets of a result by their keys, in filing order."""
    return {filed.key: filed.sheet for filed in result_sheets(result, heading)}


def overall_result() -> Result:
    """Twenty-eight ballots of one group; two rows tie, one has an abstention and a skipped cell."""
    return tally(
        Count(
            scheme=load_preset("si-deng"),
            subjects=SUBJECTS,
            cells={
                ("all", "s1", "overall"): GradeCounts((25, 3, 0, 0)),
                ("all", "s2", "overall"): GradeCounts((20, 4, 1, 1), abstention=1, skipped=1),
                ("all", "s3", "overall"): GradeCounts((25, 3, 0, 0)),
            },
            turnout={"all": Turnout(cast=28, entitled=31, present=29, issued=29)},
        )
    )


def grouped_result(*group_cast: int) -> Result:
    """Three groups with so many ballots each; all give the best grade to the first, the next to the others."""
    return tally(
        Count(
            scheme=replace(load_preset("si-deng"), groups=GROUPS),
            subjects=SUBJECTS,
            cells={
                (group.key, subject.key, "overall"): GradeCounts(
                    (cast, 0, 0, 0) if subject.key == "s1" else (0, cast, 0, 0)
                )
                for group, cast in zip(GROUPS, group_cast, strict=True)
                for subject in SUBJECTS
            },
            turnout={group.key: Turnout(cast=cast) for group, cast in zip(GROUPS, group_cast, strict=True)},
        )
    )


def five_sided_result() -> Result:
    """德能勤绩廉 of one team and two people in two classes, eleven ballots, one of them invalid."""
    scheme = load_preset("de-neng-qin-ji-lian")
    subjects = (
        Subject("t", "局领导班子", class_label="班子", kind=SubjectKind.TEAM),
        Subject("p1", "张三", post="科长", class_label="正科"),
        Subject("p2", "李四", post="副科长", class_label="正科"),
    )
    grades = {"t": (8, 1, 1, 0), "p1": (5, 5, 0, 0), "p2": (3, 3, 3, 1)}
    return tally(
        Count(
            scheme=scheme,
            subjects=subjects,
            cells={
                ("all", subject.key, dimension.key): GradeCounts(
                    tuple(grades[subject.key][place:] + grades[subject.key][:place]), invalid=1
                )
                for subject in subjects
                for place, dimension in ((index % 2, each) for index, each in enumerate(scheme.dimensions))
            },
            turnout={"all": Turnout(cast=11, invalid=1)},
        )
    )
