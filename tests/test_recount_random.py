"""On a thousand random meetings the recount says what the tally says, to the last character."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from random_meetings import RandomMeeting, random_meeting, texts_after_the_purge

from kaohe import recount

MEETINGS, PILE, TENTH = 1000, 50, 10
LOOKED_AT = range(0, MEETINGS, 3)
DEFAULTS = {
    ("groups", "relation"): "all",
    ("components", "measure"): "score",
    ("quotas", "scope"): "all",
    ("quotas", "rounding"): "floor",
    ("quotas", "tie"): "leave_out",
}


@dataclass(frozen=True)
class Seen:
    """What was seen of one random meeting, so that each is held once."""

    differences: Sequence[str]
    """Between the recount of its ballots and its tally."""
    differences_after_the_purge: Sequence[str]
    """Between the recount of the counts that a purge keeps and its tally; of every tenth meeting."""
    refusals: int
    features: frozenset[tuple[str, ...]]


@cache
def seen(seed: int) -> Seen:
    meeting = random_meeting(seed)
    return Seen(
        differences=tuple(recount.compare(meeting.files)),
        differences_after_the_purge=() if seed % TENTH else tuple(recount.compare(texts_after_the_purge(meeting))),
        refusals=meeting.refusals,
        features=frozenset(features(meeting)),
    )


@pytest.mark.parametrize("first", range(0, MEETINGS, PILE))
def test_the_recount_of_random_meetings_is_their_tally(first: int) -> None:
    for seed in range(first, first + PILE):
        assert seen(seed).differences == (), seed


def test_the_recount_from_the_counts_that_a_purge_keeps_is_the_same_tally() -> None:
    for seed in range(0, MEETINGS, TENTH):
        assert seen(seed).differences_after_the_purge == (), seed


def test_few_random_meetings_are_refused_before_one_is_held() -> None:
    assert sum(seen(seed).refusals for seed in range(60)) < 60


def features(meeting: RandomMeeting) -> Iterator[tuple[str, ...]]:
    document = json.loads(meeting.files["scheme.json"])
    for form in document.get("sections", [document]):
        yield from said("", form)
    yield from outcomes(meeting)


def said(place: str, document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    defaults = {name: value for (where, name), value in DEFAULTS.items() if where == place}
    for name, value in {**defaults, **document}.items():
        yield place, name
        if isinstance(value, str | bool):
            yield place, name, str(value)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from said(name, inner)


def outcomes(meeting: RandomMeeting) -> Iterator[tuple[str, ...]]:
    result, ballots = json.loads(meeting.files["result.json"]), meeting.files["ballots.csv"]
    yield from (("ballot", mark) for mark in ("abstain", "invalid", "not_asked", "ticked") if mark in ballots)
    if any(each.invalid for each in meeting.count.turnout.values()):
        yield "ballot", "void"
        if '"may_leave_out": true' in meeting.files["scheme.json"]:
            yield "ballot", "void in pieces"
    if any(each.cast == 0 for each in meeting.count.turnout.values()):
        yield "group", "empty"
    if result["parts"]:
        yield ("sections",)
    if meeting.count.graders:
        yield ("divided",)
    for sentence in result["findings"]:
        yield "finding", sentence.partition("：")[0].rpartition("】")[2][-2:]
    for row in result["subjects"]:
        yield "score", "none" if row["score"] is None else ("below zero" if row["score"].startswith("-") else "there")
        yield "rank", "none" if row["rank"] is None else ("tied" if row["tied"] else "alone")
        yield "tier", row["tier"] or "none"
        yield from (("flag", flag["key"].rstrip("0123456789")) for flag in row["flags"])
        yield from (("component", "banded") for part in row["components"].values() if part["band"])
        yield from (("numbers", "given") for item in row["items"].values() if item["numbers"])
        yield from (("upper_rate", "there") for _ in [row["upper_rate"]] if row["upper_rate"] is not None)
        for name in ("bonus", "deduction"):
            if (row[name] or "0").strip("0.") != "":
                yield name, "given"


def wanted() -> Iterator[tuple[str, ...]]:
    """Every key and every value that the recount knows, and every way in which a meeting can come out."""
    # Whether a subject may be left out is written into the scheme beside the form's other settings.
    yield from (("", name) for name in recount.DEFAULTS)
    # The first value of a setting is its default, which a scheme document may leave out.
    yield from (("", name, value) for name, values in recount.CHOICES.items() for value in values[1:])
    yield from ((place, name) for place, names in recount.KNOWN_INSIDE.items() for name in names)
    yield from ((*at, value) for at, values in recount.KNOWN_VALUES.items() for value in values)
    yield from (("ballot", kind) for kind in ("abstain", "invalid", "not_asked", "ticked", "void", "void in pieces"))
    yield from (("score", kind) for kind in ("none", "below zero", "there"))
    yield from (("rank", kind) for kind in ("none", "tied", "alone"))
    yield from (("tier", kind) for kind in ("t0", "t1", "t2", "t3", "elected", "others", "none"))
    yield from (("flag", kind) for kind in ("f", "once", "p", "note", "veto", "out"))
    yield from (("flag", kind) for kind in ("quota_full", "quota_tie", "seat_tie"))
    yield from (("finding", kind) for kind in ("名额", "满票"))
    yield from ((kind, "given") for kind in ("bonus", "deduction", "numbers"))
    yield from (("component", "banded"), ("group", "empty"), ("upper_rate", "there"), ("sections",), ("divided",))


def test_every_rule_that_the_recount_knows_and_every_outcome_is_among_them() -> None:
    occurring = {feature for seed in LOOKED_AT for feature in seen(seed).features}
    assert sorted(set(wanted()) - occurring) == []
