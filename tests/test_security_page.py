"""The page on security promises nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", PAGE))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 60
    assert named - written == set()


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
