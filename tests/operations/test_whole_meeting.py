from __future__ import annotations

import pytest
from scene import CHAIR, cast, hold_meeting

from kaohe.domain.meetings import Custody
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import load_board


@pytest.mark.parametrize("custody", list(Custody))
def test_a_meeting_goes_from_opening_to_a_published_score(custody: Custody) -> None:
    scene = hold_meeting(custody=custody)
    for code, grade in zip(scene.all_codes, ["excellent"] * 4 + ["competent"] * 2, strict=False):
        cast(scene.meeting_id, code, grade)

    assert load_board(scene.meeting_id).cast == 6
    assert close_meeting(CHAIR, scene.meeting_id) == 6
    assert count_meeting(CHAIR, scene.meeting_id, scene.key_text) == 6
    publish_result(CHAIR, scene.meeting_id)

    score = load_counted(scene.meeting_id).result.subjects[0].score
    assert score is not None
    assert score.text == "93.33"
