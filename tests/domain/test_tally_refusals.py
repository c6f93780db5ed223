"""The tally's refusals reach people under stable codes, in the tally's own sentences."""

from __future__ import annotations

import pytest

from kaohe.domain.tally_refusals import as_refusal
from kaohe.tally.scheme.refusals import (
    CompetitionError,
    ComponentError,
    ConservationError,
    DecisionError,
    MissingBaseError,
    SectionError,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ComponentError, "bad_component"),
        (DecisionError, "bad_decision"),
        (CompetitionError, "no_competition"),
        (SectionError, "bad_section"),
        (ConservationError, "count_broken"),
        (MissingBaseError, "count_broken"),
    ],
)
def test_each_refusal_keeps_its_sentence(error, code: str) -> None:
    refusal = as_refusal(error("「张三」缺少得分。"))
    assert (refusal.code, refusal.message) == (code, "「张三」缺少得分。")
