"""A year without a vote in the console: made, filled with its quarters, settled, computed, published, taken home."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from scene import CHAIR, version_of

from kaohe.domain.bundles import check_bundle
from kaohe.domain.rosters import SubjectEntry
from kaohe.live.watching import PACE_SECONDS
from kaohe.operations.archive.purging import list_kept, load_keeping
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting, stage_code
from kaohe.operations.setup.subjects import change_subjects
from kaohe.tally.model import SubjectKind

SENTENCE = "本场不投票"
PASTED = "".join(
    f"{name}\t第{quarter}季度\t{score}\n"
    for name, scores in {"张伟": (93, 95, 90, 88), "李娜": (80, 81, 82, 85)}.items()
    for quarter, score in zip("一二三四", scores, strict=True)
)


@pytest.fixture
def year(app, signed_in):
    """Made by hand from the list of presets, with two people on it."""
    page = signed_in.get("/desk/new?preset=zhen-pingshi-niandu")
    fields = page.fields("/desk/new")
    signed_in.post("/desk/new", {**fields, "title": "2026年度公务员考核", "unit": "青山镇"})
    with app.app_context():
        (line,) = list_meetings()
        entries = tuple(SubjectEntry(name, "", "", "", SubjectKind.PERSON, "") for name in ("张伟", "李娜"))
        change_subjects(CHAIR, line.id, version_of(line.id), entries)
    return line.id


def acted(client, page, action):
    """Press the button of the one form that posts there."""
    return client.submit(page, action)


def steps(page):
    return [each.get_text(strip=True) for each in page.soup.select(".step-label")]


def bring(client, year):
    url = f"/desk/{year}/inputs"
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    fields = {"csrf_token": token, "pasted": PASTED}
    client.post(f"{url}/periods", fields, content_type="multipart/form-data")


def stage(app, client, year):
    with app.app_context():
        code = stage_code(year)
    return client.get(f"/stage/{year}/{code}")


def told(client, year):
    """What a phone reads there; it never gets a form."""
    reply = client.get(f"/v/{year}/1")
    assert reply.status_code < 500
    soup = BeautifulSoup(reply.text, "html.parser")
    assert not soup.select("[name^='i.'], [name=nonce]")
    return soup.get_text(strip=True)


def test_the_way_leads_past_voters_and_tickets(signed_in, year):
    page = signed_in.get(f"/desk/{year}/subjects")
    assert steps(page)[:4] == ["基本信息", "考核方案", "考核对象", "其他成绩与认定"]
    assert not {"票种与人数", "制票", "检查与试投"} & set(steps(page))
    assert page.soup.select_one(".page-head a")["href"].endswith("/inputs")


def test_the_check_list_asks_for_the_quarters_and_for_nothing_else(signed_in, year):
    page = signed_in.get(f"/desk/{year}/check")
    assert SENTENCE in page.text
    assert [each["data-finding"] for each in page.soup.select(".finding-blocking")] == ["inputs_missing"]
    assert not page.soup.select("#rehearsal")
    assert "扫码" not in page.soup.select_one("#main").get_text()
    bring(signed_in, year)
    page = signed_in.get(f"/desk/{year}/check")
    assert not page.soup.select(".finding-blocking")
    assert "可以汇总了" in page.text


def test_where_nobody_votes_there_are_no_ballots_to_keep_or_purge(app, signed_in, year):
    bring(signed_in, year)
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    page = acted(signed_in, acted(signed_in, page, "/count"), "/publish")
    assert page.soup.select(f"a[href='/desk/{year}/result']")
    assert not page.soup.select(f"a[href='/desk/{year}/keeping']")


def test_a_year_goes_all_the_way_to_its_sheets(app, signed_in, year):
    bring(signed_in, year)
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    assert "已定稿" in page.text
    assert SENTENCE in page.text
    assert not page.soup.select("#board, [data-number=cast]")
    page = acted(signed_in, page, "/count")
    assert "已汇总" in page.text
    assert "截至汇总成绩" in page.text
    page = acted(signed_in, page, "/publish")
    page = acted(signed_in, page, "/reveal-all")
    result = signed_in.get(f"/desk/{year}/result")
    main = result.soup.select_one("#main").get_text()
    assert "91.50" in main
    assert "开箱" not in main
    assert "收回" not in main
    files = {link["data-file"]: link["href"] for link in result.soup.select("a[data-file]")}
    printed = signed_in.get(files["print"]).text
    assert "91.50" in printed
    assert "收回票" not in printed
    assert "截至汇总成绩" in printed
    assert "开箱" not in printed
    check_bundle(signed_in.get(files["bundle"]).response.get_data())
    record = signed_in.get(f"/desk/{year}/events").text
    assert "第 1 轮不投票" in record
    assert "汇总成绩：没有选票" in record
    assert "未记" not in record


def test_the_projector_asks_nobody_to_vote_and_then_reveals(app, signed_in, year):
    before = stage(app, signed_in, year)
    assert SENTENCE in before.text
    assert not before.soup.select(".qr")
    bring(signed_in, year)
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    page = acted(signed_in, page, "/count")
    assert "91.50" not in stage(app, signed_in, year).text
    page = acted(signed_in, page, "/publish")
    acted(signed_in, page, "/reveal-all")
    # A picture may be shown for so long before the meeting is looked at again.
    time.sleep(PACE_SECONDS)
    after = stage(app, signed_in, year)
    assert "91.50" in after.text
    assert SENTENCE in after.text


def test_a_phone_that_finds_its_way_there_is_told_politely(app, signed_in, year):
    client = app.test_client(use_cookies=False)
    assert told(client, year)
    bring(signed_in, year)
    acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    assert told(client, year)


def words(page):
    return " ".join(page.soup.select_one("#main").get_text(" ").split()).replace("没有选票", "")


OF_A_VOTE = ("开箱", "结束投票", "关闭", "重投", "票数", "收回", "扫码", "手机", "钥匙", "回执", "选票", "开放投票")
"""What nobody may read where nobody votes, apart from being told so."""


def test_no_step_of_such_a_year_speaks_of_a_vote(signed_in, year):
    for step in ("basics", "subjects", "hall", "check", "chair", "events"):
        found = words(signed_in.get(f"/desk/{year}/{step}"))
        assert not [word for word in OF_A_VOTE if word in found], step


def test_no_page_after_the_settling_speaks_of_a_vote(signed_in, year):
    bring(signed_in, year)
    page = signed_in.submit(signed_in.get(f"/desk/{year}/hall"), "/hall")
    assert page.soup.h1.get_text(strip=True) == "检查", "the way leads on past the tickets"
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    listed = signed_in.get("/desk/")
    assert "去汇总" in listed.text
    assert "投票已结束" not in listed.text
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/count")
    acted(signed_in, page, "/publish")
    for step in ("chair", "result", "events", "void", "hall"):
        found = words(signed_in.get(f"/desk/{year}/{step}"))
        assert not [word for word in OF_A_VOTE if word in found], step
    assert "保存至" not in signed_in.get(f"/desk/{year}/events").text


def test_two_people_are_asked_for_the_acts_that_there_are(app, signed_in, year):
    page = signed_in.get(f"/desk/{year}/hall")
    signed_in.submit(page, "/hall", two_people="1")
    assert "汇总、更正、作废须两人操作" in signed_in.get(f"/desk/{year}/check").text
    assert "汇总、更正、作废，由一人提出、另一人确认" in words(signed_in.get(f"/desk/{year}/chair"))


def test_the_scheme_asks_for_no_rules_about_ballots_and_keeps_those_it_has(app, signed_in, year):
    with app.app_context():
        before = load_meeting(year)[0].scheme
    page = signed_in.get(f"/desk/{year}/scheme")
    asked = {field["name"] for field in page.soup.select("#step-form select")}
    assert {name for name in asked if not name.startswith("clauses[")} == {"tie_rule", "decimals"}
    assert not page.soup.select("#ballot-title, [name=abstention_allowed]")
    signed_in.submit(page, "/scheme", decimals="3")
    with app.app_context():
        assert load_meeting(year)[0].scheme == replace(before, decimals=3)


def test_there_is_nothing_to_destroy_afterwards(app, signed_in, year):
    bring(signed_in, year)
    page = acted(signed_in, signed_in.get(f"/desk/{year}/chair"), "/open")
    page = acted(signed_in, page, "/count")
    page = acted(signed_in, page, "/publish")
    assert not page.soup.select("a[href$='/keeping']")
    keeping = signed_in.get(f"/desk/{year}/keeping")
    assert not keeping.soup.select("#main form")
    with app.app_context():
        assert list_kept() == []
        assert load_keeping(year).purge_on is None


def test_what_needs_ballots_is_refused_in_place(signed_in, year):
    page = signed_in.get(f"/desk/{year}/tickets")
    fields = page.fields("/tickets")
    refused = signed_in.post(f"/desk/{year}/tickets", {**fields, "count": "3"}, status=409)
    assert refused.error == "no_ballots_here"
    assert SENTENCE in refused.text


def test_the_second_preset_of_that_kind_is_made_too(app, signed_in):
    with app.app_context():
        meeting_id = create_meeting(CHAIR, title="年度", unit="", held_on=None, preset_id="beian-pingshi-niandu")
    for step in ("scheme", "inputs", "hall", "check", "chair", "paper", "voters", "tickets", "blank-ballot"):
        signed_in.get(f"/desk/{meeting_id}/{step}")
