"""The texts of the archive: exact where the result prints, and nothing that the votes do not say."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.inputs import CountInputs
from kaohe.domain.typed_numbers import number_text
from kaohe.reports.archive_texts import ballots_text, counts_text, inputs_text, result_document
from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Decision, Period, Ruling, Subject, SubjectKind
from kaohe.tally.scores.counting import count_marks


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(-3), "-3"),
        (Fraction("92.5"), "92.5"),
        (Fraction("-0.05"), "-0.05"),
        (Fraction(100, 3), "100/3"),
        (Fraction(1, 10**12), "0.000000000001"),
        (Fraction(1, 10**13), "1/10000000000000"),
    ],
)
def test_a_number_is_written_without_any_rounding(number: Fraction, text: str) -> None:
    assert number_text(number) == text
    assert Fraction(text) == number


def test_what_was_brought_in_is_written_exactly() -> None:
    inputs = CountInputs(
        {("goals", "a"): Fraction(92), ("goals", "b"): Fraction(265, 3)},
        {"a": (Period("一季度", Fraction("91.5"), "好", frozenset({"last", "first"})), Period("二季度"))},
        (Decision("a", "bonus", "表彰", Fraction(3), "抗洪"), Decision("b", "veto", "事故")),
    )
    document = json.loads(inputs_text(inputs))

    assert "rulings" not in document
    ruled = replace(inputs, rulings=(Ruling("审定", "a", "excellent", "研究", "2026-12-28", "纪要"),))
    assert json.loads(inputs_text(ruled))["rulings"] == [
        {
            "step": "审定",
            "subject": "a",
            "tier": "excellent",
            "reason": "研究",
            "decided_on": "2026-12-28",
            "minute": "纪要",
        }
    ]
    assert document["imported"] == {"goals": {"a": "92", "b": "265/3"}}
    assert document["history"] == {
        "a": [
            {"label": "一季度", "score": "91.5", "tier": "好", "flags": ["first", "last"]},
            {"label": "二季度", "score": None, "tier": None, "flags": []},
        ]
    }
    assert document["decisions"] == [
        {"subject": "a", "clause": "bonus", "reason": "表彰", "amount": "3", "matter": "抗洪"},
        {"subject": "b", "clause": "veto", "reason": "事故", "amount": None, "matter": ""},
    ]


def test_sections_stand_side_by_side_and_each_group_has_only_its_own_cells() -> None:
    scheme = load_preset("jingzheng-shanggang")
    subjects = (Subject("a", "甲"), Subject("b", "乙"))
    ballots = [
        ("panel", {("a", "speech"): "90", ("b", "speech"): "90.0"}),
        ("panel", {("a", "speech"): "88", ("b", "speech"): "abstain"}),
        ("staff", {("a", "evaluation"): "excellent", ("b", "evaluation"): "invalid"}),
    ]

    rows = list(csv.reader(io.StringIO(ballots_text(scheme, subjects, ballots))))
    counts = list(csv.reader(io.StringIO(counts_text(scheme, subjects, count_marks(scheme, subjects, ballots).cells))))

    assert rows[0] == ["ballot", "group", "a|speech", "a|evaluation", "b|speech", "b|evaluation"]
    assert rows[1] == ["1", "panel", "90", "", "90.0", ""]
    assert counts[1] == ["panel", "a", "speech", "0", "0", "0", "0", "88*1 90*1", "0", "0", "0"]
    assert [row[:3] for row in counts[3:]] == [["staff", "a", "evaluation"], ["staff", "b", "evaluation"]]


def test_a_result_of_several_sections_says_which_subject_is_in_which() -> None:
    scheme = load_preset("ganbu-zonghe")
    subjects = (Subject("bureau", "水务局", kind=SubjectKind.TEAM), Subject("head", "张局长", section="head"))
    counted = count_marks(scheme, subjects, [("all", {("bureau", "politics"): "good", ("head", "style"): "excellent"})])
    imported = {("goals", subject.key): Fraction(90) for subject in subjects}

    document = result_document(
        tally(Count(scheme, subjects, counted.cells, counted.turnout, answers=counted.answers, imported=imported))
    )

    assert [(part["section"], part["subjects"]) for part in document["parts"]] == [  # type: ignore[attr-defined] # a JSON document
        ("team", ["bureau"]),
        ("head", ["head"]),
        ("member", []),
    ]
    bureau = document["subjects"][0]
    assert bureau["components"] == {"goals": {"score": "90.00", "band": ""}, "votes": {"score": None, "band": ""}}
    assert bureau["tier"] == "reached"
    assert bureau["answers"]["reverse"]["style"] == {"count": "0", "rate": "0.00"}
