"""The check list and the trial vote, as an organizer meets them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from fractions import Fraction

import pytest
from desk import sign_in_as
from holding import opened, prepared, press
from scene import CHAIR, THREE_GROUPS, cast

from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.factory import create_app
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.setup.key import draw_up_key
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.rehearsing import trial_tickets
from kaohe.storage.tables import db


def findings(page, kind):
    return [tag["data-finding"] for tag in page.soup.select(f".finding-{kind}[data-finding]")]


@pytest.fixture
def bare(app):
    with app.app_context():
        return create_meeting(CHAIR, title="年度测评会", unit="", held_on=None, preset_id="si-deng")


def test_everything_that_is_missing_is_listed_at_once_what_blocks_first(signed_in, bare):
    page = signed_in.get(f"/desk/{bare}/check")
    assert findings(page, "blocking") == ["no_subjects", "no_entitled", "no_tickets"]
    assert findings(page, "advice") == ["no_unit", "defaults_unseen", "defaults_unseen", "not_rehearsed"]
    kinds = [tag["class"][1] for tag in page.soup.select(".finding")]
    assert kinds == sorted(kinds, key=lambda kind: kind != "finding-blocking")


def test_each_finding_leads_to_the_step_where_it_is_mended(signed_in, bare):
    page = signed_in.get(f"/desk/{bare}/check")
    links = {tag["data-finding"]: tag.select_one("a") for tag in page.soup.select("[data-finding]")}
    steps = {code: link["href"].rpartition("/")[2] for code, link in links.items() if link}
    assert steps == {
        "no_subjects": "subjects",
        "no_entitled": "voters",
        "no_tickets": "tickets",
        "no_unit": "basics",
        "defaults_unseen": "hall",
    }


def test_a_rehearsal_is_begun_and_wiped_in_its_place_or_on_a_whole_page_without_scripts(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/check")
    part = signed_in.swap(page, "form[action$='/rehearsal']")
    assert part.soup.select("#checks .trial")
    assert part.soup.select_one("nav#steps[hx-swap-oob] [aria-current=step]") is not None
    whole = signed_in.submit(signed_in.get(f"/desk/{scene.meeting_id}/check"), "/rehearsal/wipe")
    assert whole.soup.h1 is not None
    assert "试投的票和数据已全部清除" in whole.text


def test_opening_from_the_check_list_says_that_nobody_has_said_who_is_present(app, signed_in):
    scene = prepared(app)
    opening = f"form[action='/desk/{scene.meeting_id}/open']"
    assert "实到人数还没有登记" in signed_in.get(f"/desk/{scene.meeting_id}/check").soup.select_one(opening).text
    with app.app_context():
        record_numbers(CHAIR, scene.meeting_id, "all", present=11, left_over=0)
    assert "实到人数" not in signed_in.get(f"/desk/{scene.meeting_id}/check").soup.select_one(opening).text


def test_nobody_can_open_while_something_blocks(signed_in, bare):
    page = signed_in.get(f"/desk/{bare}/check")
    assert not page.soup.select('form[action$="/open"]')
    refused = press(signed_in, page, f"/desk/{bare}/open", status=409)
    assert refused.error == "not_ready"
    assert "还没有录入考核对象。" in refused.text


def test_a_meeting_that_lacks_nothing_is_opened_from_here(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/check")
    assert findings(page, "blocking") == []
    chair = signed_in.submit(page, "/open")
    assert chair.response.request.path == f"/desk/{scene.meeting_id}/chair"
    assert chair.soup.select_one('[data-state="open"]')


def test_a_key_that_no_teller_has_tried_blocks(app, signed_in, bare):
    scene = prepared(app, custody=Custody.TELLERS)
    with app.app_context():
        draw_up_key(CHAIR, scene.meeting_id)
    assert findings(signed_in.get(f"/desk/{scene.meeting_id}/check"), "blocking") == ["key_not_proven"]


def test_slips_with_an_old_address_block_until_they_are_printed_again(app, config, signed_in):
    scene = prepared(app)
    moved = create_app(replace(config, public_url="http://10.0.0.5:8000"))
    try:
        with moved.app_context():
            assert [f.code for f in list_findings(scene.meeting_id) if f.is_blocking] == ["address_changed"]
        moved_desk = sign_in_as(moved, CHAIR)
        moved_desk.submit(moved_desk.get(f"/desk/{scene.meeting_id}/tickets"), "/slips")
        with moved.app_context():
            assert [f.code for f in list_findings(scene.meeting_id) if f.is_blocking] == []
    finally:
        with moved.app_context():
            db.engine.dispose()


def test_the_page_says_what_is_about_to_be_held(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS, hall_view=HallView.TURNOUT)
    text = signed_in.get(f"/desk/{scene.meeting_id}/check").text
    assert "A票（权重 40%）应到 6 人" in text
    assert "只显示进度" in text
    assert f"http://192.168.8.8:8000/v/{scene.meeting_id}/1" in text


def test_a_trial_vote_is_scanned_cast_and_wiped_by_one_click(app, signed_in):
    scene = prepared(app)
    url = f"/desk/{scene.meeting_id}/check"
    page = signed_in.submit(signed_in.get(url), "/rehearsal")
    trials = page.soup.select(".trial")
    assert len(trials) == 3
    assert all(tag.select_one("svg path")["d"].startswith("M") for tag in trials)
    address, _, fragment = trials[0].select_one("a")["href"].partition("#")
    code = fragment.partition(".")[0]
    assert address == f"http://192.168.8.8:8000/v/{scene.meeting_id}/1"
    with app.app_context():
        assert code in {ticket.code for ticket in trial_tickets(scene.meeting_id)}
        cast(scene.meeting_id, code, "excellent", nonce=secrets.token_hex(16))

    page = signed_in.submit(signed_in.get(url), "/rehearsal/wipe")
    assert "已全部清除" in page.text
    assert not page.soup.select(".trial")
    assert "not_rehearsed" not in findings(page, "advice")
    with app.app_context():
        assert load_board(scene.meeting_id).cast == 0


def test_the_rehearsal_offers_the_projector(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/check")
    stage = next(tag["href"] for tag in page.soup.select("#rehearsal a") if tag["href"].startswith("/stage/"))
    assert signed_in.http.get(stage).status_code == 200


def test_a_trial_needs_somebody_to_evaluate(signed_in, bare):
    page = signed_in.get(f"/desk/{bare}/check")
    assert not page.soup.select('form[action$="/rehearsal"]')
    assert press(signed_in, page, f"/desk/{bare}/rehearsal", status=409).error == "not_ready"


def test_once_the_meeting_is_open_there_is_nothing_to_rehearse(app, signed_in):
    scene = opened(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/check")
    assert not page.soup.select("#rehearsal, form[action$='/open']")
    assert press(signed_in, page, f"/desk/{scene.meeting_id}/rehearsal", status=409).error == "wrong_state"


def test_a_group_of_one_is_named_but_does_not_block(app, signed_in):
    scene = prepared(app, groups=(Group("a", "A票", Fraction(1, 2), 1), Group("b", "B票", Fraction(1, 2), 9)))
    page = signed_in.get(f"/desk/{scene.meeting_id}/check")
    assert "group_of_one" in findings(page, "advice")
    assert page.soup.select('form[action$="/open"]')


def test_an_unknown_meeting_is_refused(signed_in):
    assert signed_in.get("/desk/nowhere/check", status=404).error == "meeting_unknown"


def test_only_signed_in_people_see_the_list(app, pages):
    scene = prepared(app)
    assert pages.http.get(f"/desk/{scene.meeting_id}/check").status_code == 302
