from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.scheme.scheme import VoterGroup

SCHEME = replace(
    load_preset("si-deng"),
    groups=(VoterGroup("a", "班子", Fraction(1, 2)), VoterGroup("b", "职工", Fraction(1, 2))),
)
SUBJECTS = (Subject("s1", "张伟"), Subject("s2", "李娜"))


def _warnings(small: int) -> str:
    cells = {
        ("a", "s1", "overall"): GradeCounts((0, 0, 0, 0), abstention=small),
        ("a", "s2", "overall"): GradeCounts((small, 0, 0, 0)),
        ("b", "s1", "overall"): GradeCounts((9, 0, 0, 0)),
        ("b", "s2", "overall"): GradeCounts((9, 0, 0, 0)),
    }
    return "".join(tally(Count(SCHEME, SUBJECTS, cells, {"a": Turnout(small), "b": Turnout(9)})).warnings)


def test_a_group_that_gave_somebody_no_grade_is_named_with_the_subject() -> None:
    assert "班子" in _warnings(5)
    assert "张伟" in _warnings(5)


def test_of_a_group_that_is_too_small_the_warning_names_no_subject() -> None:
    assert "班子" in _warnings(4)
    assert "张伟" not in _warnings(4)
