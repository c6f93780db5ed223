"""The list of meetings, a new meeting, and its basics."""

from __future__ import annotations

from datetime import date

import pytest
from desk import make_account, new_meeting, setup_of, sign_in_as
from holding import opened
from scene import hold_meeting

from kaohe.domain.meetings import title_of_next_year
from kaohe.domain.permissions import Role
from kaohe.operations.setup.preparing import create_meeting


def test_a_console_without_meetings_invites_to_make_one(signed_in):
    page = signed_in.get("/desk/")
    assert "还没有测评会" in page.text
    assert page.soup.select_one('#main a[href="/desk/new"]')


def test_a_new_meeting_is_made_from_a_preset_and_leads_on_to_its_scheme(app, signed_in):
    page = signed_in.get("/desk/new")
    page = signed_in.submit(
        page, "/desk/new", title="2026 年度测评", unit="统计局", held_on="2026-12-18", preset="de-neng-qin-ji-lian"
    )
    meeting_id = page.response.request.path.split("/")[2]
    assert page.response.request.path == f"/desk/{meeting_id}/scheme"
    setup = setup_of(app, meeting_id)
    assert (setup.title, setup.unit, setup.held_on) == ("2026 年度测评", "统计局", date(2026, 12, 18))
    assert setup.scheme.key == "de-neng-qin-ji-lian"


def test_a_page_that_is_sent_twice_makes_one_meeting_and_another_title_another_one(signed_in):
    page = signed_in.get("/desk/new")
    first, again, other = (
        signed_in.submit(page, "/desk/new", title=title, unit="统计局").response.request.path
        for title in ("年度测评", "年度测评", "专项测评")
    )
    assert first == again != other
    assert (
        len({first, signed_in.submit(signed_in.get("/desk/new"), "/desk/new", title="年度测评").response.request.path})
        == 2
    )


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"title": ""}, 422, "请填写会议名称。"),
        ({"title": "名" * 61}, 422, "会议名称过长"),
        ({"title": "会", "held_on": "2026-13-40"}, 422, "日期应写成"),
        ({"title": "会", "preset": "nope"}, 404, "没有名为"),
        ({"title": "会\u200b议"}, 422, "看不见的字符"),
    ],
)
def test_a_refused_meeting_is_not_made_and_what_was_typed_stays(signed_in, typed, status, sentence):
    page = signed_in.get("/desk/new")
    refused = signed_in.submit(page, "/desk/new", status=status, **{"unit": "统计局", **typed})
    assert sentence in refused.text
    assert refused.soup.select_one("#unit")["value"] == "统计局"
    assert refused.soup.select_one("#title")["value"] == typed["title"]
    assert "还没有测评会" in signed_in.get("/desk/").text


def test_the_list_says_of_each_meeting_where_it_stands_and_what_comes_next(app, signed_in):
    draft = new_meeting(app)
    with app.app_context():
        held = hold_meeting().meeting_id
    page = signed_in.get("/desk/")
    lines = [line.get_text(" ", strip=True) for line in page.soup.select(".meetings-line")]
    assert "正在投票" in lines[0]
    assert "主持会议" in lines[0]
    assert "尚未开始" in lines[1]
    assert page.soup.select_one(f'a[href="/desk/{held}/chair"]')
    assert page.soup.select_one(f'a[href="/desk/{draft}/check"]')


def test_a_long_list_is_searched_as_typed_and_by_its_button(app, signed_in):
    for _ in range(8):
        new_meeting(app)
    assert not signed_in.get("/desk/").soup.select("[role=search]")
    with app.app_context():
        create_meeting("测试", title="中层竞聘", unit="Forest 局", held_on=date(2026, 12, 18), preset_id="si-deng")
    page = signed_in.get("/desk/")
    assert len(page.soup.select(".meetings-line")) == 9
    part = signed_in.swap(page, "[role=search]", sought="forest 12月")
    assert [line.text for line in part.soup.select(".meetings-title")] == ["中层竞聘"]
    assert not part.soup.select("h1, [role=search]")
    whole = signed_in.get("/desk/?sought=竞聘")
    assert [line.text for line in whole.soup.select(".meetings-title")] == ["中层竞聘"]
    assert whole.soup.select_one("#sought")["value"] == "竞聘"
    assert "没有找到符合的测评会" in signed_in.get("/desk/?sought=没有这场").text


def test_basics_are_changed_and_saved(app, signed_in):
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/basics"
    page = signed_in.submit(signed_in.get(url), url, title="改名测评会", held_on="2027-01-05")
    assert page.response.request.path == f"/desk/{meeting_id}/scheme"
    assert "已保存" in page.text
    assert setup_of(app, meeting_id).title == "改名测评会"
    assert setup_of(app, meeting_id).unit == "统计局"


def test_saving_may_stay_on_the_step(app, signed_in):
    url = f"/desk/{new_meeting(app)}/basics"
    page = signed_in.submit(signed_in.get(url), url, then="stay")
    assert page.response.request.path == url


def test_the_second_of_two_organizers_overwrites_nothing_and_loses_nothing(app, signed_in):
    make_account(app, "李组织")
    other = sign_in_as(app, "李组织")
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/basics"
    mine, theirs = signed_in.get(url), other.get(url)
    other.submit(theirs, url, title="李组织的名称")
    refused = signed_in.submit(mine, url, status=409, title="王主持的名称")
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one("#title")["value"] == "王主持的名称"
    assert setup_of(app, meeting_id).title == "李组织的名称"
    again = signed_in.submit(refused, url, status=409)
    assert again.error == "edited_meanwhile"
    assert setup_of(app, meeting_id).title == "李组织的名称"


def test_what_was_typed_can_be_saved_all_the_same_once_that_is_chosen(app, signed_in):
    make_account(app, "李组织")
    other = sign_in_as(app, "李组织")
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/basics"
    mine = signed_in.get(url)
    other.submit(other.get(url), url, title="李组织的名称")
    refused = signed_in.submit(mine, url, status=409, title="王主持的名称")
    button = refused.soup.select_one('button[name="latest_version"]')
    assert button["form"] == "step-form"
    signed_in.submit(refused, url, latest_version=button["value"])
    assert setup_of(app, meeting_id).title == "王主持的名称"


def test_an_open_meeting_shows_its_basics_and_takes_no_change(app, signed_in):
    with app.app_context():
        meeting_id = hold_meeting().meeting_id
    url = f"/desk/{meeting_id}/basics"
    page = signed_in.get(url)
    assert "设置已经固定" in page.text
    assert not page.soup.select("#step-form button")
    refused = signed_in.submit(page, url, status=409, title="改名")
    assert refused.error == "wrong_state"
    assert setup_of(app, meeting_id).title == "年度民主测评会"


def done_steps(page):
    return [step.select_one(".step-label").text for step in page.soup.select(".step-done")]


@pytest.mark.parametrize("step", ["basics", "scheme", "subjects", "voters", "hall"])
def test_an_unknown_meeting_is_refused_in_words_for_an_organizer(signed_in, step):
    page = signed_in.get(f"/desk/nowhere/{step}", status=404)
    assert page.error == "meeting_unknown"
    assert "返回列表" in page.text


def test_a_form_without_its_version_changes_nothing(app, signed_in):
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/basics"
    refused = signed_in.submit(signed_in.get(url), url, status=422, title="改名", version="x")
    assert refused.error == "field_invalid"
    assert setup_of(app, meeting_id).title == "年度测评会"


def test_the_steps_show_what_is_ready_and_what_is_not(app, signed_in):
    meeting_id = new_meeting(app)
    page = signed_in.get(f"/desk/{meeting_id}/basics")
    assert page.soup.select_one('[aria-current="step"] .step-label').text == "基本信息"
    assert done_steps(page) == ["基本信息"]


def test_a_step_that_is_as_a_new_meeting_has_it_is_ready_once_somebody_has_looked_at_it_and_saved(app, signed_in):
    meeting_id = new_meeting(app)
    for step, label in (("scheme", "考核方案"), ("hall", "会场与钥匙")):
        page = signed_in.get(f"/desk/{meeting_id}/{step}")
        assert label not in done_steps(page)
        assert f"“{label}”还是新建时的样子" in signed_in.get(f"/desk/{meeting_id}/check").text
        page = signed_in.submit(page, f"/{step}")
        assert label in done_steps(page)
    assert not signed_in.get(f"/desk/{meeting_id}/check").soup.select("[data-finding=defaults_unseen]")


def test_a_copy_asks_for_no_look_at_what_was_decided_before(app, signed_in):
    scene = hold_meeting_in(app)
    copied = signed_in.submit(signed_in.get(f"/desk/{scene.meeting_id}/copy"), "/copy", held_on="2027-01-08")
    assert {"考核方案", "会场与钥匙"} <= set(done_steps(copied))
    assert not copied.soup.select("[data-finding=defaults_unseen]")


def test_a_teller_is_told_to_watch_and_not_to_chair(app):
    scene = opened(app)
    make_account(app, "王主持")
    make_account(app, "李监票", roles=(Role.TELLER,))
    teller = sign_in_as(app, "李监票")
    assert teller.get("/desk/").soup.select_one(".meetings-line .button").get_text() == "监票"
    for page in ("chair", "paper", "challenges"):
        assert "主持会议" not in teller.get(f"/desk/{scene.meeting_id}/{page}").text


def test_a_meeting_of_last_year_is_made_again_from_its_line_in_the_list(app, signed_in):
    scene = hold_meeting_in(app)
    line = signed_in.get("/desk/")
    (link,) = line.soup.select(".meetings-more a")
    page = signed_in.get(link["href"])
    assert page.soup.select_one("[name=title]")["value"] == title_of_next_year(setup_of(app, scene.meeting_id).title)
    assert "3 个" in page.text

    made = signed_in.submit(page, link["href"], held_on="2027-01-08")
    meeting_id = made.response.request.path.split("/")[2]
    assert made.response.request.path == f"/desk/{meeting_id}/check"
    assert "已照原样建立" in made.text
    assert setup_of(app, meeting_id).subjects == setup_of(app, scene.meeting_id).subjects
    again = signed_in.submit(page, link["href"], held_on="2027-01-08")
    assert again.response.request.path == made.response.request.path

    refused = signed_in.submit(page, link["href"], status=422, title="")
    assert "请填写会议名称。" in refused.text
    refused = signed_in.submit(page, link["href"], status=422, title="会\u200b议", unit="统计局")
    assert "看不见的字符" in refused.text
    assert refused.soup.select_one("[name=unit]")["value"] == "统计局"


def hold_meeting_in(app):
    with app.app_context():
        return hold_meeting()
