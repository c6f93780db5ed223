from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.keeping import KeptCounts, KeptTickets, counts_text, purge_day, read_counts, require_keep_months
from kaohe.tally.model import GradeCounts, Turnout
from kaohe.tally.scores.counting import CountedMarks


@pytest.mark.parametrize(
    ("published_on", "months", "day"),
    [
        (date(2026, 12, 18), 6, date(2027, 6, 18)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 1, 1), 120, date(2036, 1, 1)),
    ],
)
def test_months_are_months_of_the_calendar(published_on: date, months: int, day: date) -> None:
    assert purge_day(published_on, months) == day


def test_counts_come_back_as_they_were_written() -> None:
    counted = CountedMarks(
        cells={("a", "s1", "overall"): GradeCounts((3, 2), 1, 0, 4, ((Fraction(17, 2), 3), (Fraction(9), 1)))},
        turnout={"a": Turnout(cast=10, invalid=4)},
        asked={("a", "s1"): 9},
        answers={("a", "s1", "q"): (1, 0, 2)},
        void={("a", "s1"): 3},
    )
    for kept in (KeptCounts(counted, {"a": KeptTickets(12, 1, 10, 2)}), KeptCounts(None, {})):
        assert read_counts(counts_text(kept)) == kept


@pytest.mark.parametrize("months", [0, 6, 120])
def test_ballots_can_be_kept_from_not_at_all_to_ten_years(months: int) -> None:
    assert require_keep_months(months) == months


@pytest.mark.parametrize("months", [None, -1, 121])
def test_any_other_time_of_keeping_is_refused_with_the_bounds(months: int | None) -> None:
    with pytest.raises(FieldInvalid, match="保存期应为 0 到 120 个月。"):
        require_keep_months(months)
