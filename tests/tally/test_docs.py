from __future__ import annotations

import re
from pathlib import Path

from kaohe.schemes import parse_scheme_text
from kaohe.tally.scheme_document.document import scheme_document

HOUSE = Path(__file__).parents[2]
FORMAT = (HOUSE / "docs" / "scheme-format.md").read_text(encoding="utf-8")
RULES = (HOUSE / "docs" / "tally-rules.md").read_text(encoding="utf-8")
EXAMPLE = parse_scheme_text(re.search(r"```toml\n(.*?)```", FORMAT, re.DOTALL)[1])


def test_the_example_in_the_documentation_is_a_scheme():
    assert EXAMPLE.title == "中层干部年度测评"
    assert [group.label for group in EXAMPLE.groups] == ["A票", "B票"]


def test_every_setting_is_documented():
    for key in (*scheme_document(EXAMPLE), "top_grade_limit"):
        assert f"| `{key}` |" in FORMAT


def test_the_rules_name_only_cases_that_exist():
    cases = [path.stem for path in (HOUSE / "tests" / "tally" / "cases").glob("*.toml")]
    named = re.findall(r"`([a-z0-9]+[a-z0-9-]*)…?`", " ".join(re.findall(r"Cases?: (.*?)\.\n", RULES, re.DOTALL)))
    assert len(named) > 15
    for name in named:
        assert any(case.startswith(name) for case in cases), name
