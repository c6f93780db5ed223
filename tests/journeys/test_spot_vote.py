"""A slip of the meeting leads to the vote on the spot, in a real browser."""

from __future__ import annotations

from phones import Hall, receipt
from playwright.sync_api import expect
from scene import CHAIR

from kaohe.operations.chair.spot_votes import announce_spot_vote, call_spot_vote
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.results import load_counted


def test_the_same_slip_votes_on_the_spot_and_the_hall_sees_the_result(hall: Hall) -> None:
    hall.chair(close_meeting)
    with hall.server.app.app_context():
        spot_id = call_spot_vote(CHAIR, hall.scene.meeting_id, title="特优票决", subject_keys=("s1", "s2"), seats=None)
    page = hall.phone(320, 640)
    page.goto(hall.slip())
    expect(page.get_by_role("heading", name="特优票决")).to_be_visible()
    page.locator("#s2 label").first.click()
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name="确认提交").click()
    assert len(receipt(page)) == 14
    with hall.server.app.app_context():
        announce_spot_vote(CHAIR, hall.scene.meeting_id, spot_id)
        subjects = load_counted(spot_id).result.subjects
    assert [each.tier_label for each in subjects] == ["未当选", "当选"]
