"""The page from which a vote on the spot is called and announced."""

from __future__ import annotations

import pytest
from scene import prepare_meeting

from kaohe.operations.chair.spot_votes import list_spot_votes
from kaohe.operations.hall.boards import load_board


@pytest.fixture
def scene(app):
    with app.app_context():
        yield prepare_meeting(names=("发改局", "教育局", "财政局"))


def call(client, url: str, *keys: str, status: int = 200, **fields: str):
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    return client.post(
        url, {"csrf_token": token, "title": "特优票决", "seats": "", "subject": list(keys), **fields}, status=status
    )


def press(client, url: str, act: str):
    form = client.get(url).soup.select_one(f"form[action$={act}]")
    return client.post(form["action"], {"csrf_token": form.select_one("[name=csrf_token]")["value"]})


def test_a_vote_is_called_announced_and_left_from_one_page(signed_in, pages, scene):
    url = f"/desk/{scene.meeting_id}/spot"
    call(signed_in, url, "s1", "s2")
    spot_id = list_spot_votes(scene.meeting_id)[0].meeting_id
    page = signed_in.get(url)
    assert "特优票决" in page.soup.select_one(".spot-title").get_text()
    assert not page.soup.select("form[action$=spot]")
    reply = pages.http.get(f"/v/{scene.meeting_id}/1", headers={"Accept-Encoding": "gzip"})
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/v/{spot_id}/1")
    press(signed_in, url, "announce")
    assert load_board(spot_id).round.state == "published"
    press(signed_in, url, "dismiss")
    assert pages.http.get(f"/v/{scene.meeting_id}/1").status_code == 200
    assert signed_in.get(url).soup.select("form[action$=spot]")


def test_what_cannot_be_voted_on_is_refused_with_the_choices_kept(signed_in, scene):
    url = f"/desk/{scene.meeting_id}/spot"
    page = call(signed_in, url, "s1", "s2", seats="2", status=422)
    assert page.soup.select_one("[data-error=no_competition]")
    assert [box["value"] for box in page.soup.select("input[name=subject][checked]")] == ["s1", "s2"]
    assert page.soup.select_one("[name=seats]")["value"] == "2"
    assert call(signed_in, url, seats="1", status=422).soup.select_one("[data-error=field_invalid]")
    assert call(signed_in, url, "s1", "s2", seats="一", status=422).soup.select_one("[data-error=field_invalid]")
    assert list_spot_votes(scene.meeting_id) == []


def test_a_vote_of_another_meeting_cannot_be_ended_from_here(signed_in, scene):
    url = f"/desk/{scene.meeting_id}/spot"
    other = prepare_meeting(names=("甲", "乙", "丙"))
    call(signed_in, f"/desk/{other.meeting_id}/spot", "s1", "s2")
    spot_id = list_spot_votes(other.meeting_id)[0].meeting_id
    token = signed_in.get(url).soup.select_one("input[name=csrf_token]")["value"]
    signed_in.post(f"{url}/{spot_id}/announce", {"csrf_token": token}, status=409)
    assert load_board(spot_id).round.state == "open"


def test_the_words_of_the_result_are_typed_with_the_question(signed_in, scene):
    url = f"/desk/{scene.meeting_id}/spot"
    form = signed_in.get(url).soup
    assert [form.select_one(f"[name={name}]")["value"] for name in ("elected", "others")] == ["当选", "未当选"]
    refused = call(signed_in, url, "s1", "s2", elected="推荐", others="推荐", status=422)
    assert refused.soup.select_one("[data-error=field_invalid]")
    call(signed_in, url, "s1", "s2", elected="推荐", others="不推荐")
    choose = load_board(list_spot_votes(scene.meeting_id)[0].meeting_id).setup.scheme.choose
    assert (choose.elected, choose.others) == ("推荐", "不推荐")
