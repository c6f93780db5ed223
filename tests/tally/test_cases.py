"""Every case file in ``cases/`` is a sum done by hand; docs/tally-rules.md says how to add one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from case_files import CASES, count_of, found, scheme_of

from kaohe.schemes import list_presets
from kaohe.tally import tally
from kaohe.tally.scheme.refusals import TallyError

DOCS = Path(__file__).parents[2] / "docs"
SYSTEMS = (DOCS / "systems.md").read_text(encoding="utf-8")
SOURCES = (DOCS / "sources.md").read_text(encoding="utf-8")
RULES = (DOCS / "tally-rules.md").read_text(encoding="utf-8")
EXPECTATIONS = {
    "subject",
    "score",
    "rates",
    "upper_rate",
    "rank",
    "tied",
    "group_scores",
    "item_scores",
    "counts",
    "others",
    "explain",
    "votes_score",
    "components",
    "bonus",
    "deduction",
    "tier",
    "flags",
    "answers",
    "recommended",
    "rulings",
}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_comes_out_as_it_was_worked_out_by_hand(path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    scheme = scheme_of(case)
    count = count_of(case, scheme)
    if "refused" in case:
        with pytest.raises(TallyError) as refusal:
            tally(count)
        assert refusal.value.code == case["refused"]["code"]
        assert case["refused"]["says"] in refusal.value.message
        return
    result = tally(count)
    assert case["expected"]
    for expected, row in zip(case["expected"], result.subjects, strict=True):
        assert expected.keys() <= EXPECTATIONS
        assert expected == {key: value for key, value in found(row).items() if key in expected}
    if "warnings" in case:
        assert case["warnings"] == list(result.warnings)
    if "findings" in case:
        assert case["findings"] == list(result.findings)


# What the worked examples of docs/systems.md come to, copied from there and not from the cases.
WORKED = {
    "W1": [
        ["89.29", "10.71", "0.00"], ["92.86", "7.14", "0.00"], ["71.43", "28.57", "0.00"], ["71.43", "25.00", "3.57"],
        ["82.14", "17.86", "0.00"],
    ],
    "W3": [["49.2"], ["88.8"]],
    "W4": [["93.33"]],
    "W7": [["94.55"], ["92.55"]],
    "W9": [["72.9"], ["77.0"], ["77.4"]],
    "W11": [["89.05"]],
    "T1": [["88.13"]],
    "T2": [["96.00", "95.00", "88.00"], ["93.30"]],
    "T3": [["95.57"], ["66.90"]],
    "T6": [["33.33", "33.33", "33.33"]],
    "T8": [["62.67"]],
}  # fmt: skip


def cases_of(example):
    documents = [tomllib.loads(path.read_text(encoding="utf-8")) for path in CASES]
    return [each for each in documents if re.search(rf"\b{example}\b", each["source"])]


@pytest.mark.parametrize("example", WORKED)
def test_the_worked_examples_come_out_as_the_document_says(example):
    (row,) = re.findall(rf"^\| {example} \|.*$", SYSTEMS, re.MULTILINE)
    assert all(number in row for numbers in WORKED[example] for number in numbers)
    # Each case is held to these expectations by the test above.
    expected = [row for case in cases_of(example) for row in case["expected"]]
    stated = [
        value if isinstance(value, list) else [value]
        for row in expected
        for value in (row.get(key) for key in ("score", "rates", "upper_rate", "group_scores"))
        if value is not None
    ]
    for numbers in WORKED[example]:
        assert any(numbers == each[: len(numbers)] for each in stated), numbers


def test_the_worked_example_with_more_ballots_than_people_has_no_sheet():
    (case,) = cases_of("W5b")
    assert case["refused"]["code"] == "not_conserved"
    assert "expected" not in case


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_begins_with_its_sum_worked_by_hand_and_says_where_it_comes_from(path):
    text = path.read_text(encoding="utf-8")
    case = tomllib.loads(text)
    comment = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    assert text.startswith("# ")
    # Every printed score stands in the comment, as whoever worked it out wrote it down.
    for score in {row["score"] for row in case.get("expected", []) if row.get("score", "none") != "none"}:
        whole, _, decimals = score.partition(".")
        shown = (
            f"{re.escape(whole)}[.]{decimals.rstrip('0')}0*"
            if decimals.strip("0")
            else rf"{re.escape(whole)}(?:[.]0+)?"
        )
        assert re.search(rf"(?<![0-9.]){shown}(?![0-9])", comment.replace("\N{MINUS SIGN}", "-")), score
    for source in case["source"].split("; "):
        assert is_found(source), source


def anchor_of(source):
    """The heading of docs/sources.md, or the row of its last table, that says where a source comes from."""
    if found := re.fullmatch(r"preset [a-z-]+(?: \(([PS]\d\d)\))?", source):
        return f"\n## {found[1] or 'General presets'}\n"
    if re.fullmatch(r"worked example [WT]\d+b?", source):
        return "\n## Worked examples\n"
    return f"\n| {source.removeprefix('docs/tally-rules.md, ')} | "


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_source_of_a_case_is_told_in_the_list_of_documents(path):
    for source in tomllib.loads(path.read_text(encoding="utf-8"))["source"].split("; "):
        assert anchor_of(source) in SOURCES, source


def test_every_system_and_every_heading_of_the_rules_has_its_document():
    rows = re.findall(r"^\| ([PS]\d\d) \|", SYSTEMS, re.MULTILINE)
    assert re.findall(r"^## ([PS]\d\d)$", SOURCES, re.MULTILINE) == list(dict.fromkeys(rows))
    for heading in re.findall(r"^## (.*?) \(`(?:scores|awards|rounding|periods)", RULES, re.MULTILINE):
        assert f"\n| {heading} | " in SOURCES, heading


def is_found(source):
    """Whether what a case names as its source stands in this repository."""
    if found := re.fullmatch(r"preset ([a-z-]+)(?: \(([PS]\d\d)\))?", source):
        key, number = found.groups()
        return key in {preset.key for preset in list_presets()} and (
            number is None or f"| {number} | [`{key}`]" in SYSTEMS
        )
    if found := re.fullmatch(r"worked example ([WT]\d+b?)", source):
        return f"\n| {found[1]} | " in SYSTEMS
    heading = source.removeprefix("docs/tally-rules.md, ")
    return heading != source and re.search(rf"^## {re.escape(heading)}(?: \(.*\))?$", RULES, re.MULTILINE) is not None
