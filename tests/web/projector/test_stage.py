"""The screen's page, as it is fetched."""

from __future__ import annotations

import re
import secrets
from fractions import Fraction
from pathlib import Path

import pytest
from scene import CHAIR, NAMES, cast, hold_meeting, prepare_meeting
from stage_viewer import wait_until

from kaohe.domain.ballots import item_field
from kaohe.domain.meetings import Group, HallView
from kaohe.operations.chair.publishing import publish_result, reveal_next
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.preparing import stage_code
from kaohe.operations.setup.rehearsing import start_rehearsal
from kaohe.reports.ticket_slips import qr_svg_path

STAGE_CSS = Path(__file__).parents[3] / "static" / "css" / "stage.css"


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


@pytest.mark.parametrize("cast_count", [5, 60])
def test_a_batch_that_is_not_full_shows_a_sentence_in_the_place_of_rows(pages, cast_count, monkeypatch):
    monkeypatch.setattr("kaohe.live.shown_ballots.TURNOUT_STEP_SECONDS", 0.0)
    groups = (Group("a", "A票", Fraction(3, 5), 30), Group("b", "B票", Fraction(2, 5), 30))
    scene = hold_meeting(hall_view=HallView.BATCHED, groups=groups)
    pages.get(address(scene.meeting_id))
    for code in scene.all_codes[:cast_count]:
        cast(scene.meeting_id, code, "excellent")
    page = pages.get(address(scene.meeting_id))
    is_waiting = cast_count < len(scene.all_codes)
    assert ("收够一批票后开始显示" in page.text) is is_waiting
    assert bool(page.soup.select("[data-page^=rows] .row")) is not is_waiting
    assert not page.soup.select(".row__score"), "a weighted score is shown at the publication"


def test_a_shared_code_stands_below_its_qr_and_the_hall_is_not_told_how_to_cheat(pages):
    scene = prepare_meeting(shared_group="all")
    page = pages.get(address(scene.meeting_id))
    assert page.soup.select_one(".code__pool").text[4] == "-"
    assert page.soup.select_one(".caution").text == "一部手机领一张票，领满到会人数为止。"


def test_whoever_has_voted_finds_the_list_of_receipts_from_the_last_scene(pages):
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    wall = address(scene.meeting_id)
    shown = "[data-page=thanks] .to-scan"
    assert not pages.get(wall).soup.select(shown)
    publish_result(CHAIR, scene.meeting_id)
    told = pages.get(wall).soup.select_one(shown)
    url = told.select_one(".to-scan__hint").text
    assert url == f"http://192.168.8.8:8000/v/{scene.meeting_id}/1/receipts"
    assert told.select_one("svg.qr path")["d"] == qr_svg_path(url)[1]
    assert "回执清单" in pages.get(url.partition(":8000")[2]).soup.h1.text


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


def test_letters_keep_their_contrast_on_the_dark_ground():
    css = STAGE_CSS.read_text(encoding="utf-8")
    dark = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", re.search(r"\.is-dark \{([^}]+)\}", css)[1]))
    pairs = [(name, "paper") for name in ("ink", "ink-soft", "accent-deep", "festive", "good", "warn", "bad")]
    pairs += [("accent-deep", "accent-wash"), ("ink", "festive-wash"), ("festive", "festive-wash")]
    pairs += [(name, f"{name}-wash") for name in ("good", "warn", "bad")]
    for letters, ground in pairs:
        light, deep = sorted((_luminance(dark[letters]), _luminance(dark[ground])), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 4.5, (letters, ground)


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_vote_on_the_spot_keeps_its_candidates_on_the_wall_while_people_vote(pages):
    scene = hold_meeting()
    close_meeting(CHAIR, scene.meeting_id)
    spot_id = call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1)
    fields = [(item_field("s1", "overall"), "chosen")]
    for code in scene.all_codes[:3]:
        cast_ballot(spot_id, "1", ticket=code, nonce=secrets.token_hex(16), round_number="", fields=fields)
    page = pages.get(address(scene.meeting_id))
    assert page.soup.select_one("[data-first]")["data-first"] == "vote"
    assert page.soup.h1.text == "票决"
    vote = page.soup.select_one("[data-page=vote]").get_text()
    assert all(name in vote for name in NAMES[:2])
    assert "选 1 人" in vote
    assert page.soup.select_one("[data-page=vote] .strip strong").text == "3"
