"""A review is asked for, decided and answered, each on a day that can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kaohe.domain.errors import FieldInvalid, WrongState
from kaohe.domain.reviews import (
    Review,
    ReviewOutcome,
    last_day_to_ask,
    read_day,
    require_answerable,
    require_undecided,
)

ASKED = Review(1, "s1", date(2026, 12, 3), "请核对第三季度得分")
UPHELD = replace(ASKED, outcome=ReviewOutcome.UPHELD, decided_on=date(2026, 12, 7), reason="核对无误")
CHANGED = replace(UPHELD, outcome=ReviewOutcome.CHANGED)


def test_the_day_of_the_publication_is_not_counted() -> None:
    assert last_day_to_ask(date(2026, 12, 20), 15) == date(2027, 1, 4)
    assert last_day_to_ask(date(2026, 12, 20), None) is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "样子填写"), ("2026-12-32", "样子填写"), ("2026-11-30", "2026-12-01 至 2026-12-10"), ("2026-12-11", "至")],
)
def test_a_day_that_cannot_be_is_refused(typed: str, says: str) -> None:
    with pytest.raises(FieldInvalid, match=says):
        read_day(typed, "收到申请的日期", date(2026, 12, 1), date(2026, 12, 10))
    assert read_day("2026-12-10", "", date(2026, 12, 1), date(2026, 12, 10)) == date(2026, 12, 10)


def test_a_decision_may_be_entered_anew_until_something_has_come_of_it() -> None:
    require_undecided(ASKED)
    require_undecided(CHANGED)
    with pytest.raises(WrongState, match="已经答复"):
        require_undecided(replace(UPHELD, answered_on=date(2026, 12, 8)))
    with pytest.raises(WrongState, match="第 2 版"):
        require_undecided(replace(CHANGED, version=2))


def test_an_answer_follows_the_decision_and_the_correction_that_it_asks_for() -> None:
    assert require_answerable(UPHELD) == date(2026, 12, 7)
    assert require_answerable(replace(CHANGED, version=2)) == date(2026, 12, 7)
    answered = replace(UPHELD, answered_on=date(2026, 12, 8))
    for review, says in (
        (ASKED, "先登记复核的决定"),
        (CHANGED, "先在“更正结果”中公布更正"),
        (replace(UPHELD, outcome=ReviewOutcome.WITHDRAWN), "不用答复"),
        (answered, "已经答复"),
    ):
        with pytest.raises(WrongState, match=says):
            require_answerable(review)
    assert (ASKED.days_taken, answered.days_taken) == (None, 5)
