"""Reads the sums done by hand in ``tests/tally/cases``; docs/tally-rules.md says how such a file is written."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

from kaohe.schemes import load_preset
from kaohe.tally.model import Count, Decision, GradeCounts, Period, Ruling, Subject, SubjectKind, Turnout
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document
from kaohe.tally.scores.counting import count_marks
from kaohe.tally.scores.sectioning import section_of

CASES = sorted((Path(__file__).parents[1] / "tally" / "cases").glob("*.toml"))


def scheme_of(case):
    document = scheme_document(load_preset(case["scheme"]["preset"]))
    settings = {key: value for key, value in case["scheme"].items() if key not in ("preset", "points")}
    document.update(settings)
    for grade, points in zip(document.get("grades", ()), case["scheme"].get("points", []), strict=False):
        grade["points"] = points
    return parse_scheme(document)


def subjects_of(case):
    named = dict.fromkeys(case.get("subjects", []))
    named |= dict.fromkeys(vote["subject"] for vote in case.get("votes", []))
    named |= dict.fromkeys(name for ballot in case.get("ballots", []) for name in ballot["marks"])
    return tuple(
        Subject(
            key=name,
            name=name,
            unit=case.get("units", {}).get(name, ""),
            class_label=case.get("classes", {}).get(name, ""),
            kind=SubjectKind(case.get("kinds", {}).get(name, "person")),
            section=case.get("sections", {}).get(name, ""),
        )
        for name in named
    )


def cells_of(case, scheme, subjects):
    """``item = "*"`` stands for every dimension that the group fills, ``group = "*"`` for every group."""
    sections = {subject.key: section_of(scheme, subject).scheme for subject in subjects}
    cells = {}
    for vote in case.get("votes", []):
        form = sections[vote["subject"]]
        numbers = Counter(Fraction(str(number)) for number in vote.get("numbers", []))
        counts = GradeCounts(
            tuple(vote.get("grades", (0,) * len(form.grades))),
            vote.get("abstention", 0),
            vote.get("skipped", 0),
            vote.get("invalid", 0),
            tuple(sorted(numbers.items())),
        )
        for dimension in form.dimensions:
            for group in form.fillers(dimension):
                only = form.groups[0].key if len(form.groups) == 1 else "all"
                if vote.get("group", only) in ("*", group.key) and vote.get("item", "overall") in ("*", dimension.key):
                    cells[group.key, vote["subject"], dimension.key] = counts
    return cells


def ballots_in(case):
    return [
        ("all", {(name, "overall"): mark for name, mark in ballot["marks"].items()})
        for ballot in case["ballots"]
        for _ in range(ballot["times"])
    ]


def count_of(case, scheme):
    subjects = subjects_of(case)
    more = {
        "title": case.get("title", ""),
        "imported": {
            (component, name): Fraction(str(score))
            for component, scores in case.get("imported", {}).items()
            for name, score in scores.items()
        },
        "history": {
            each["subject"]: tuple(
                Period(
                    label=period.get("label", f"第 {number} 期"),
                    score=Fraction(str(period["score"])) if "score" in period else None,
                    tier=period.get("tier"),
                    flags=frozenset(period.get("flags", [])),
                )
                for number, period in enumerate(each["periods"], start=1)
            )
            for each in case.get("history", [])
        },
        "decisions": tuple(
            Decision(**{key: Fraction(str(value)) if key == "amount" else value for key, value in decision.items()})
            for decision in case.get("decisions", [])
        ),
        "rulings": tuple(
            Ruling(**{"subject": "", "tier": "", "step": "审定"} | each) for each in case.get("rulings", [])
        ),
        "answers": {
            (each.get("group", "all"), each["subject"], each["question"]): tuple(each["votes"])
            for each in case.get("answers", [])
        },
        "asked": {(each["group"], each["subject"]): each["ballots"] for each in case.get("asked", [])},
    }
    if "ballots" in case:
        counted = count_marks(scheme, subjects, ballots_in(case))
        return Count(scheme, subjects, counted.cells, counted.turnout, **more)
    cells = cells_of(case, scheme, subjects)
    turnout = {group: Turnout(cast=counts.cast) for (group, _, _), counts in cells.items()}
    turnout |= {group: Turnout(**numbers) for group, numbers in case.get("turnout", {}).items()}
    return Count(scheme, subjects, cells, turnout, **more)


def printed(figure):
    return "none" if figure is None else figure.text


def found(row):
    return {
        "subject": row.subject.name,
        "score": printed(row.score),
        "rates": [printed(share.rate) for share in row.shares],
        "upper_rate": printed(row.upper_rate),
        "rank": row.rank or 0,
        "tied": row.tied,
        "group_scores": [printed(score) for score in row.group_scores.values()],
        "item_scores": [printed(item.score) for item in row.items],
        "counts": list(row.counts.grades),
        "others": [row.counts.abstention, row.counts.skipped, row.counts.invalid],
        "explain": list(row.explain),
        "votes_score": printed(row.votes_score),
        "components": [f"{printed(each.score)} {each.band_label}".strip() for each in row.components],
        "bonus": printed(row.bonus),
        "deduction": printed(row.deduction),
        "tier": row.tier_label or "none",
        "flags": [flag.label for flag in row.flags],
        "recommended": row.recommended_label or "none",
        "rulings": [f"{one.step} {one.tier_label or 'none'}" for one in row.rulings],
        "answers": [[f"{share.count} {printed(share.rate)}" for share in answer.shares] for answer in row.answers],
    }
