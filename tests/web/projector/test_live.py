"""What goes over the wire while a hall votes."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from scene import CHAIR, NAMES, cast, hold_meeting
from stage_viewer import SeenEvent, listening, wait_until

from kaohe.domain.meetings import Group, HallView
from kaohe.operations.chair.publishing import publish_result, reveal_next
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.preparing import stage_code

SEVENTY = (Group("all", "全体", Fraction(1), 70),)


@pytest.fixture(autouse=True)
def installed(app):
    with app.app_context():
        yield


def address(meeting_id: str) -> str:
    return f"/stage/{meeting_id}/{stage_code(meeting_id)}"


def counted(event: SeenEvent) -> tuple[int, int]:
    found = re.search(r"已计入 (\d+) 票 收回 (\d+) / 应到", event.text)
    return int(found[1]), int(found[2])


def votes(event: SeenEvent) -> list[int]:
    rows = BeautifulSoup(event.block, "html.parser").select(".row.is-shown")
    return [int(strong.text) for row in rows for strong in row.select(".columns strong")]


def test_a_batched_view_never_moves_by_fewer_than_ten_ballots_over_the_wire(app):
    scene = hold_meeting(groups=SEVENTY, hall_view=HallView.BATCHED)
    with listening(app, f"{address(scene.meeting_id)}/live") as viewer:
        wait_until(lambda: viewer.newest)
        for number, code in enumerate(scene.all_codes[:60]):
            grades = ("excellent", "competent", "abstain")[number % 3], "competent", "incompetent"
            cast(scene.meeting_id, code, *grades)
            if number % 7 == 0:
                wait_until(lambda number=number: counted(viewer.newest)[1] == number + 1)
        wait_until(lambda: counted(viewer.newest)[1] == 60)
        pictures = list(viewer.events)
        close_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: "投票已结束" in viewer.newest.text)
    assert "已计入" not in viewer.newest.text
    shown = [counted(event)[0] for event in pictures]
    assert shown[0] == 0
    assert shown[-1] == 50
    assert all(after - before == 0 or after - before >= 10 for before, after in pairwise(shown))
    for event in pictures:
        in_picture, in_box = counted(event)
        assert in_picture == 0 or in_picture <= in_box - 10
        assert sum(votes(event)) == 3 * in_picture
    for before, after in pairwise(pictures):
        if counted(before)[0] == counted(after)[0]:
            assert votes(before) == votes(after)


def test_in_turnout_mode_no_byte_tells_of_a_result_before_it_is_revealed(app, pages):
    scene = hold_meeting(hall_view=HallView.TURNOUT)
    url = address(scene.meeting_id)
    sent: list[str] = []

    def fetch() -> None:
        sent.extend(pages.http.get(f"{url}{suffix}").get_data(as_text=True) for suffix in ("", "/now"))

    with listening(app, f"{url}/live") as viewer:
        for number, code in enumerate(scene.all_codes[:11]):
            second = "competent" if number < 4 else "basically_competent"
            cast(scene.meeting_id, code, "excellent" if number < 7 else "competent", second, "competent")
            fetch()
        close_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: viewer.newest and "等待计票" in viewer.newest.text)
        fetch()
        count_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: "等待公布" in viewer.newest.text)
        fetch()
        before_publishing = [*sent, viewer.heard.decode()]
        result = load_counted(scene.meeting_id).result
        scores = [subject.score.text for subject in result.subjects]
        rates = [share.rate.text for subject in result.subjects for share in subject.shares]
        for text in before_publishing:
            for word in (*NAMES, *scores, *rates, "优秀", "称职", "得分", "名次"):
                assert word not in text
        publish_result(CHAIR, scene.meeting_id)
        wait_until(lambda: "已公布 0 / 3" in viewer.newest.text)
        reveal_next(CHAIR, scene.meeting_id)
        wait_until(lambda: "已公布 1 / 3" in viewer.newest.text)
    veiled, revealed = viewer.events[-2:]
    assert not any(score in veiled.text for score in scores)
    assert not any(rate in veiled.text for rate in rates)
    assert scores[0] in revealed.text
    assert not any(score in revealed.text for score in scores[1:])
    assert {rect["width"] for rect in BeautifulSoup(veiled.block, "html.parser").select(".bar rect")} == {"0"}


def test_the_stream_is_one_that_proxies_pass_on_and_nobody_keeps(app):
    scene = hold_meeting()
    with listening(app, f"{address(scene.meeting_id)}/live") as viewer:
        wait_until(lambda: viewer.newest)
    assert viewer.headers["Content-Type"].startswith("text/event-stream")
    assert viewer.headers["Cache-Control"] == "no-store"
    assert viewer.headers["X-Accel-Buffering"] == "no"
    assert viewer.heard.startswith(b"retry: ")


def test_the_name_of_a_picture_depends_on_nothing_but_the_picture(app, pages):
    scene = hold_meeting()
    digest = pages.get(address(scene.meeting_id)).soup.select_one("#stage")["data-digest"]
    with listening(app, f"{address(scene.meeting_id)}/live") as viewer:
        wait_until(lambda: viewer.newest)
    assert viewer.newest.id == digest
    app.extensions.pop("kaohe_watches")
    assert pages.get(address(scene.meeting_id)).soup.select_one("#stage")["data-digest"] == digest
