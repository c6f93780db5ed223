"""What is warned of says only what is so."""

from __future__ import annotations

from kaohe.schemes import parse_scheme_text
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.tallying import tally

SCHEME = """
format = 1
key = "own"
title = "自定方案"
grades = [{ key = "excellent", label = "优秀", points = 100 }, { key = "competent", label = "称职", points = 80 }]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
groups = [{ key = "all", label = "全体", weight = 100 }]
bands = [{ key = "excellent", label = "优秀", from = 90 }, { key = "competent", label = "称职" }]
"""


def warned(quota: str, people: int) -> tuple[str, ...]:
    subjects = tuple(Subject(str(number), f"人{number}") for number in range(people))
    cells = {
        ("all", subject.key, "overall"): GradeCounts((20 - place, place)) for place, subject in enumerate(subjects)
    }
    scheme = parse_scheme_text(f"{SCHEME}quotas = [{quota}]\n")
    return tally(Count(scheme, subjects, cells, {"all": Turnout(cast=20)})).warnings


def test_a_number_of_places_that_a_unit_has_chosen_is_not_called_a_rounded_share() -> None:
    assert warned("{ count = 1, fewest_share = 20 }", 5) == ()
    assert warned("{ count = 1, fewest_share = 20 }", 6) == ("全体的优秀有 1 个，不到参加定档 6 个的 20%。",)
    (of_a_share,) = warned("{ share = 30, fewest_share = 20 }", 3)
    assert "按比例取整，优秀名额 0 个" in of_a_share
