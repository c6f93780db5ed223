"""docs/adr/0023: an explanation is worded in one place, and those that are not yet become fewer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

TALLY = Path(__file__).parents[2] / "kaohe" / "tally"
WORDING = ("notes/", "scores/explaining.py", "scores/cell_explaining.py")
"""The parts whose only work is to word what others have computed."""
REFUSING = ("scheme/", "scheme_checks/", "scheme_document/")
"""The parts that say what is wrong with a scheme; a refusal's sentence stands where the fault is found."""
READING = ("periods.py",)
"""The part that reads labels of periods as offices write them; its words are what is read, and explain nothing."""
HAN = re.compile(r"[\u4e00-\u9fff]")
AT_MOST = {"awards": 59, "scores": 61, "": 3}
"""How many pieces of text each folder holds beside its arithmetic; whoever takes some out lowers the number."""


def test_no_further_sentence_is_worded_beside_the_arithmetic():
    found: Counter[str] = Counter()
    for path in TALLY.rglob("*.py"):
        name = path.relative_to(TALLY).as_posix()
        if not name.startswith((*WORDING, *REFUSING, *READING)):
            found[name.rpartition("/")[0]] += sentences(path.read_text(encoding="utf-8"))
    assert found.keys() == AT_MOST.keys()
    for folder, count in found.items():
        assert count <= AT_MOST[folder], folder


def sentences(source):
    """How many pieces of Chinese text stand outside of refusals and docstrings."""
    tree = ast.parse(source)
    apart = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for each in ast.walk(node)
    }
    return sum(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(HAN.search(node.value))
        for node in ast.walk(tree)
        if id(node) not in apart
    )


def test_a_sentence_in_an_algorithm_is_found_and_a_refusal_is_not():
    assert sentences('def f(steps, n):\n    """定档."""\n    steps.append(f"定为{n}档")') == 2
    assert sentences('def f(n):\n    raise ValueError(f"第 {n} 行有误。")') == 0
