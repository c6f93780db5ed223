"""The screen's page, as it is fetched."""

from __future__ import annotations

import pytest
from scene import CHAIR, NAMES, cast, hold_meeting, prepare_meeting
from stage_viewer import wait_until

from kaohe.domain.meetings import HallView
from kaohe.operations.chair.publishing import publish_result, reveal_next
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.preparing import stage_code
from kaohe.operations.setup.rehearsing import start_rehearsal


def address(meeting_id: str) -> str:
    return f"/stage/{meeting_id}/{stage_code(meeting_id)}"


@pytest.fixture(autouse=True)
def installed(app):
    with app.app_context():
        yield


def test_the_waiting_screen_shows_the_way_to_vote_and_no_subject(pages):
    scene = prepare_meeting()
    page = pages.get(address(scene.meeting_id))
    assert page.soup.h1.text == "年度民主测评会"
    assert "投票尚未开始" in page.text
    assert f"http://192.168.8.8:8000/v/{scene.meeting_id}/1" in page.text
    assert page.soup.select_one("svg.qr path")["d"].startswith("M")
    assert not any(name in page.text for name in NAMES)


def test_a_shared_code_stands_below_its_qr_with_what_it_cannot_prevent(pages):
    scene = prepare_meeting(shared_group="all")
    page = pages.get(address(scene.meeting_id))
    assert page.soup.select_one(".code__pool").text[4] == "-"
    assert "不能防止" in page.soup.select_one(".caution").text


def test_a_rehearsal_is_marked(pages):
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    assert "演练" in pages.get(address(scene.meeting_id)).soup.select_one(".rehearsal").text


def test_a_live_tally_shows_counts_shares_score_and_rank(pages):
    scene = hold_meeting(hall_view=HallView.INSTANT)
    for code in scene.all_codes[:3]:
        cast(scene.meeting_id, code, "excellent", "competent", "competent")
    page = pages.get(address(scene.meeting_id))
    first, second, _ = page.soup.select(".row.is-shown")
    assert "张伟" in first.text
    assert "3 100.00%" in " ".join(first.get_text(" ").split())
    assert first.select_one(".row__score").text == "100.00"
    assert second.select_one(".row__rank").get_text(" ").split() == ["并列", "2"]
    assert [rect["width"] for rect in first.select("rect")] == ["10000", "0", "0", "0", "0"]
    assert "每收到一票即更新，旁人可能看出" in page.text


def test_the_reveal_shows_the_texts_of_the_result(pages):
    scene = hold_meeting()
    for number, code in enumerate(scene.all_codes):
        cast(scene.meeting_id, code, "excellent", "competent", "incompetent" if number % 3 else "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    reveal_next(CHAIR, scene.meeting_id)
    page = pages.get(address(scene.meeting_id))
    (shown,) = page.soup.select(".row.is-shown")
    expected = load_counted(scene.meeting_id).result.subjects[0]
    assert shown.select_one(".row__score").text == expected.score.text
    assert [strong.text for strong in shown.select(".columns strong")][:4] == [str(s.count) for s in expected.shares]
    assert [span.text for span in shown.select(".columns span")] == [
        f"{s.rate.text}%" for s in expected.shares if s.count
    ]
    assert len(page.soup.select(".row.is-veiled")) == 2


@pytest.mark.parametrize("suffix", ["", "/live", "/now"])
@pytest.mark.parametrize("code", ["falsch", "错误", "x" * 16])
def test_a_wrong_code_shows_nothing(pages, suffix, code):
    scene = prepare_meeting()
    page = pages.get(f"/stage/{scene.meeting_id}/{code}{suffix}", status=404)
    assert page.error == "meeting_unknown"
    assert "青山区" not in page.text


def test_an_unknown_meeting_answers_as_a_wrong_code_does(pages):
    scene = prepare_meeting()
    wrong = pages.get(f"/stage/{scene.meeting_id}/wrong", status=404)
    unknown = pages.get("/stage/zzzzzzzz/wrong", status=404)
    assert wrong.text == unknown.text


def test_the_block_alone_is_sent_once_and_then_only_when_it_has_changed(pages):
    scene = prepare_meeting()
    whole = pages.get(address(scene.meeting_id))
    first = pages.get(f"{address(scene.meeting_id)}/now")
    assert first.response.headers["ETag"].strip('"') == whole.soup.select_one("#stage")["data-digest"]
    assert first.response.headers["Cache-Control"] == "no-cache"
    tag = {"If-None-Match": first.response.headers["ETag"]}
    same = pages.http.get(f"{address(scene.meeting_id)}/now", headers=tag)
    assert (same.status_code, same.data) == (304, b"")
    open_meeting(CHAIR, scene.meeting_id)
    wait_until(lambda: pages.http.get(f"{address(scene.meeting_id)}/now", headers=tag).status_code == 200)
    assert "正在投票" in pages.get(f"{address(scene.meeting_id)}/now", headers=tag).text


def test_the_block_is_the_same_in_the_page_alone_and_on_the_wire(pages):
    scene = hold_meeting()
    block = pages.get(f"{address(scene.meeting_id)}/now").response.get_data(as_text=True)
    whole = pages.get(address(scene.meeting_id)).response.get_data(as_text=True)
    assert " ".join(block.split()) in " ".join(whole.split())
