"""The changes that ``make mutants`` plants are changes, and its tests are there."""

from __future__ import annotations

import ast

from plant_changes import NEAREST, ROOT, Choice, all_changes, changes_of, drawn_changes


def test_every_kind_of_change_is_planted_in_its_place() -> None:
    source = (
        "def f(a, b):\n    '''考核'''\n    if a < b and not b:\n        raise ValueError\n    g(a)\n    return a + 1\n"
    )
    planted = {
        source.encode()[: change.start].decode() + change.after + source.encode()[change.end :].decode()
        for change in changes_of("f.py", source, Choice((), ()))
    }
    assert planted == {
        source.replace("a < b", "(a <= b)"),
        source.replace("a < b and not b", "((a < b) or (not b))"),
        source.replace("not b", "(b)"),
        source.replace("raise ValueError", "pass"),
        source.replace("g(a)", "pass"),
        source.replace("return a + 1", "return None"),
        source.replace("a + 1", "(a - 1)"),
        source.replace("1", "2"),
    }


def test_what_is_looked_at_is_there_with_its_tests_and_can_be_changed_everywhere() -> None:
    assert all(
        (ROOT / path.partition("::")[0]).exists()
        for tests in NEAREST.values()
        for path in (*tests.nearest, *tests.wider)
    )
    changes = all_changes()
    assert set(changes) == set(NEAREST)
    for change in [change for place in changes.values() for change in place[::50]]:
        source = (ROOT / change.path).read_bytes()
        ast.parse(source[: change.start] + change.after.encode() + source[change.end :])


def test_a_seed_draws_the_same_changes_again_and_every_place_has_its_share() -> None:
    drawn = drawn_changes(1, 2 * len(NEAREST))
    assert drawn == drawn_changes(1, 2 * len(NEAREST)) != drawn_changes(2, 2 * len(NEAREST))
    assert [change.tests for change in drawn] == [*NEAREST.values()] * 2
