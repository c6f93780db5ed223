"""The page on security promises nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


APPROVAL = (ROOT / "docs" / "approval.zh-CN.md").read_text(encoding="utf-8")


GUIDES = (ROOT / "docs" / "guides.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [PAGE, APPROVAL, GUIDES], ids=["security", "approval", "guides"])
def test_every_test_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", page))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert named - written == set()


def test_every_control_of_the_classified_protection_has_a_test_and_says_what_is_left_to_others() -> None:
    section = APPROVAL.split("\n## 一、", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line.startswith("| 8.1")]
    assert len(rows) > 20
    for clause, done, held_by, left in rows:
        assert done, clause
        assert re.fullmatch(r"(`test_\w+`、?)+", held_by), clause
        assert left, clause
    clauses = {number for row in rows for number in re.findall(r"8\.1\.\d\.\d+", row[0])}
    assert {f"8.1.4.{number}" for number in range(1, 12)} <= clauses


def test_every_threat_has_a_test_or_a_stated_limit() -> None:
    threats = _rows("Threats")
    assert len(threats) >= 12
    for attacker, _, held_by, left in threats:
        assert "`test_" in held_by or "Limit:" in left, attacker


def test_every_area_of_the_standard_has_a_test_or_an_explained_deviation() -> None:
    areas = _rows("OWASP ASVS 5.0, level 2")
    assert len(areas) >= 15
    for area, _, held_by, deviation in areas:
        assert "`test_" in held_by or "Limit:" in deviation, area
        assert deviation, area


def test_every_finding_of_the_adversary_has_a_test_but_the_one_that_has_an_adr() -> None:
    findings = _rows("The adversary's findings")
    assert [int(finding.split()[0]) for finding, *_ in findings] == list(range(1, 22))
    assert [finding.split()[0] for finding, held_by, _ in findings if "`test_" not in held_by] == ["12"]
