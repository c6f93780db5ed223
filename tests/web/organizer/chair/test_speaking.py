"""The page for the draw and the speaker's clock."""

from __future__ import annotations

import pytest
from scene import prepare_meeting

from kaohe.live.speeches import began_text, milliseconds
from kaohe.operations.hall.speaking import load_speaking


@pytest.fixture
def meeting_id(app):
    with app.app_context():
        yield prepare_meeting().meeting_id


def press(client, meeting_id: str, act: str, **fields: str):
    page = client.get(f"/desk/{meeting_id}/speaking")
    token = page.soup.select_one("input[name=csrf_token]")["value"]
    return client.post(f"/desk/{meeting_id}/speaking/{act}", {"csrf_token": token, **fields})


def test_the_chair_draws_and_starts_and_stops_the_clock(signed_in, meeting_id):
    press(signed_in, meeting_id, "draw", version="0")
    page = signed_in.get(f"/desk/{meeting_id}/speaking")
    drawn = [subject.name for subject in load_speaking(meeting_id).order]
    assert [line.get_text(strip=True) for line in page.soup.select(".speaker-number")] == ["1", "2", "3"]
    for name, line in zip(drawn, page.soup.select(".speaker-name"), strict=True):
        assert line.get_text().strip().startswith(name)
    first = page.soup.select_one("form:has(input[name=subject]) button.button-primary")
    assert first["aria-label"] == f"为{drawn[0]}开始计时"
    press(signed_in, meeting_id, "begin", subject=load_speaking(meeting_id).order[0].key)
    page = signed_in.get(f"/desk/{meeting_id}/speaking")
    assert page.soup.select_one(".speaker-now .speaker-number").get_text() == "1"
    assert not page.soup.select("form[action$=draw]")
    began = load_speaking(meeting_id).started_at
    clock = page.soup.select_one(".speaker-now .speaker-clock")
    assert " ".join(clock.get_text().split()) == f"限时 5 分钟 {began_text(began)} 开始"
    assert (clock["data-started"], clock["data-limit"]) == (milliseconds(began), "300000")
    press(signed_in, meeting_id, "end", subject=load_speaking(meeting_id).order[0].key)
    assert load_speaking(meeting_id).started_at is None


def test_an_act_answers_htmx_with_the_panel_alone_in_which_its_button_has_kept_its_name(signed_in, meeting_id):
    page = signed_in.swap(signed_in.get(f"/desk/{meeting_id}/speaking"), "form[action$=draw]")
    assert not page.soup.select("h1, nav")
    assert "已保存" in page.soup.select_one("#messages[hx-swap-oob]").text
    first = load_speaking(meeting_id).order[0].key
    page = signed_in.swap(page, "form:has(.button-primary)")
    assert page.soup.select_one(f"button#clock-{first}").text == "结束"
    page = signed_in.swap(page, "form[action$=end]")
    assert page.soup.select_one(f"button#clock-{first}").text == "开始计时"
    refused = signed_in.swap(page, "form[action$=limit]", status=422, minutes="五")
    assert refused.soup.select_one("#main [data-error=field_invalid]")


def test_a_limit_that_is_no_number_is_refused_in_place(signed_in, meeting_id):
    page = signed_in.get(f"/desk/{meeting_id}/speaking")
    token = page.soup.select_one("input[name=csrf_token]")["value"]
    for typed in ("", "五", "0", "999"):
        url = f"/desk/{meeting_id}/speaking/limit"
        refused = signed_in.post(url, {"csrf_token": token, "minutes": typed}, status=422)
        assert refused.soup.select_one("[data-error=field_invalid]")
    assert load_speaking(meeting_id).limit.total_seconds() == 300


def test_the_projector_can_be_given_back_to_the_vote(signed_in, meeting_id):
    press(signed_in, meeting_id, "draw", version="0")
    press(signed_in, meeting_id, "screen", shown="0")
    assert not load_speaking(meeting_id).is_shown
    assert len(load_speaking(meeting_id).order) == 3
