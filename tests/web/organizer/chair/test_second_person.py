"""Two people at the console: the chair proposes, the teller sees it at once and confirms; and what others see."""

from __future__ import annotations

from desk import make_account, sign_in_as
from holding import numbers, opened, prepared, press
from scene import CHAIR, cast

from kaohe.domain.meetings import Custody, MeetingState
from kaohe.domain.permissions import Role
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.setup.key import draw_up_key, draw_up_shares
from kaohe.operations.setup.preparing import load_meeting

TELLER = "李监票"
BALLOTS = [("excellent",) * 3] * 3


def _state(app, scene) -> MeetingState:
    with app.app_context():
        return load_meeting(scene.meeting_id)[1].state


def _held_by_two(app, **settings):
    make_account(app, TELLER, roles=[Role.TELLER])
    return opened(app, BALLOTS, two_people=True, **settings)


def test_the_chair_proposes_and_the_teller_confirms_without_reloading(app, signed_in):
    scene = _held_by_two(app)
    chair_url = f"/desk/{scene.meeting_id}/chair"
    teller = sign_in_as(app, TELLER)
    waiting = teller.get(chair_url)
    poll = waiting.soup.select_one("#second")["hx-get"]
    assert teller.poll(poll, status=204).text == ""

    page = signed_in.get(chair_url)
    assert not page.soup.select(f'form[action="/desk/{scene.meeting_id}/close"]')
    page = press(signed_in, page, f"/desk/{scene.meeting_id}/proposals/close")
    assert "等待另一人登录自己的账号确认" in page.text
    assert not page.soup.select('form[action$="/confirm"]')

    block = teller.poll(poll)
    assert "王主持于" in block.text
    page = teller.submit(block, "/confirm")
    assert "投票结束，共收回 3 张" in page.text
    assert _state(app, scene) is MeetingState.CLOSED
    assert signed_in.poll(signed_in.get(chair_url).soup.select_one("#second")["hx-get"], status=204)
    moved = signed_in.poll(poll, status=204)
    assert moved.response.headers["HX-Refresh"] == "true"
    events = signed_in.get(f"/desk/{scene.meeting_id}/events").text
    assert "提出“结束投票”，等待另一人确认" in events
    assert "结束投票，收回 3 张；由王主持提出，本人确认" in events


def test_nobody_confirms_the_own_proposal_or_skips_the_other_person(app, signed_in):
    scene = _held_by_two(app)
    chair_url = f"/desk/{scene.meeting_id}/chair"
    page = signed_in.get(chair_url)
    assert press(signed_in, page, f"/desk/{scene.meeting_id}/close", status=409).error == "second_person_needed"
    press(signed_in, page, f"/desk/{scene.meeting_id}/proposals/close")
    page = signed_in.get(chair_url)
    confirm = str(page.form("/withdraw")["action"]).replace("/withdraw", "/confirm")
    refused = press(signed_in, page, confirm, status=409)
    assert refused.error == "second_person_same"
    assert _state(app, scene) is MeetingState.OPEN


def test_a_proposal_that_is_withdrawn_cannot_be_confirmed_from_a_page_that_still_shows_it(app, signed_in):
    scene = _held_by_two(app)
    teller = sign_in_as(app, TELLER)
    chair_url = f"/desk/{scene.meeting_id}/chair"
    page = press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/close")
    seen = teller.get(chair_url)
    assert "提议已撤回" in signed_in.submit(page, "/withdraw").text
    assert teller.submit(seen, "/confirm", status=409).error == "proposal_gone"
    assert _state(app, scene) is MeetingState.OPEN


def test_a_slip_is_replaced_by_two_and_shown_once_to_the_one_who_confirms(app, signed_in):
    scene = _held_by_two(app)
    url, old = f"/desk/{scene.meeting_id}/tickets", scene.all_codes[11]
    page = signed_in.get(url)
    assert not page.form("/tickets/reissue").select("[name=ticket]")
    assert signed_in.submit(page, "/tickets/reissue", status=422, reason=" ").error == "field_invalid"
    assert "已提出换发" in signed_in.submit(page, "/tickets/reissue", reason="票被撕破").text

    teller = sign_in_as(app, TELLER)
    waiting = teller.get(f"/desk/{scene.meeting_id}/chair")
    assert "原因：票被撕破" in waiting.text
    confirm = str(waiting.form("/reissue")["action"])
    assert press(teller, waiting, confirm.replace("/reissue", "/confirm"), status=422).error == "field_invalid"
    assert press(teller, waiting, confirm, status=409, ticket=scene.all_codes[0]).error == "ticket_used"
    new = teller.submit(waiting, "/reissue", ticket=old).soup.select_one("[data-reissued]").text
    with app.app_context():
        assert cast(scene.meeting_id, new.replace("-", ""), "competent")
    assert "票被撕破；由王主持提出，本人确认" in signed_in.get(f"/desk/{scene.meeting_id}/events").text


def test_slips_for_latecomers_are_made_by_two_and_shown_once_to_the_one_who_confirms(app, signed_in):
    scene = _held_by_two(app)
    with app.app_context():
        record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=0)
    url = f"/desk/{scene.meeting_id}/attendance"
    page = signed_in.submit(signed_in.get(url), "/late", people="2", reason="到会人数多于通知人数")
    assert "已提出另制新票" in page.text
    assert "“全体”迟到 2 人" in page.text

    teller = sign_in_as(app, TELLER)
    waiting = teller.get(f"/desk/{scene.meeting_id}/chair")
    assert "原因：到会人数多于通知人数" in waiting.text
    confirm = str(waiting.form("/late-slips")["action"])
    assert press(teller, waiting, confirm.replace("/late-slips", "/confirm"), status=422).error == "field_invalid"
    shown = [[code.text for code in press(teller, waiting, confirm).soup.select("[data-reissued]")] for _ in range(2)]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 2
    with app.app_context():
        assert cast(scene.meeting_id, shown[0][0].replace("-", ""), "competent")
    events = signed_in.get(f"/desk/{scene.meeting_id}/events").text
    assert "提出“为迟到的人另制新票”：“全体”迟到 2 人，等待另一人确认，原因：到会人数多于通知人数" in events
    assert "投票中另制新票 2 张，原因：到会人数多于通知人数；由王主持提出，本人确认" in events


def test_voiding_is_proposed_with_its_reason_and_confirmed_with_it(app, signed_in):
    scene = _held_by_two(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/void")
    assert signed_in.submit(page, "/void", status=422, reason=" ").error == "field_invalid"
    page = signed_in.submit(page, "/void", reason="发错了票")
    assert "已提出本轮作废" in page.text
    teller = sign_in_as(app, TELLER)
    page = teller.get(f"/desk/{scene.meeting_id}/chair")
    assert "原因：发错了票" in page.text
    assert "新一轮已建好" in teller.submit(page, "/confirm").text


def test_the_tellers_key_is_typed_by_whoever_confirms_the_count(app, signed_in):
    scene = _held_by_two(app, custody=Custody.TELLERS)
    teller = sign_in_as(app, TELLER)
    chair_url = f"/desk/{scene.meeting_id}/chair"
    press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/close")
    teller.submit(teller.get(chair_url), "/confirm")
    press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/count")
    page = teller.submit(teller.get(chair_url), "/confirm", status=422, key="")
    assert page.error == "key_missing"
    assert "开箱完成，共计 3 张" in teller.submit(page, "/confirm", key=scene.key_text).text


def test_each_teller_types_one_of_the_split_sheets_when_confirming_the_count(app, signed_in):
    make_account(app, TELLER, roles=[Role.TELLER])
    make_account(app, "赵监票", roles=[Role.TELLER])
    scene = prepared(app, custody=Custody.TELLERS, two_people=True)
    with app.app_context():
        shares = [share.text for share in draw_up_shares(CHAIR, scene.meeting_id)]
    tellers = [sign_in_as(app, name) for name in (TELLER, "赵监票")]
    chair_url = f"/desk/{scene.meeting_id}/chair"
    for teller, share in zip(tellers, shares[:2], strict=True):
        page = teller.submit(teller.get(chair_url), "/key/prove", key=share)
    assert "这两张合起来能打开票箱" in page.text
    with app.app_context():
        open_meeting(CHAIR, scene.meeting_id)
    press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/close")
    tellers[0].submit(tellers[0].get(chair_url), "/confirm")
    press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/count")
    page = tellers[0].submit(tellers[0].get(chair_url), "/confirm", key=shares[0])
    assert "请由另一位监票人输入另一张" in page.text
    page = tellers[1].get(chair_url)
    assert "第 1 张已输入" in page.text
    assert "开箱完成，共计 0 张" in tellers[1].submit(page, "/confirm", key=shares[2]).text


def test_the_purge_is_proposed_with_its_reason_and_an_administrator_confirms_it(app, signed_in):
    make_account(app, TELLER, roles=[Role.TELLER])
    make_account(app, "赵管理", roles=[Role.ADMINISTRATOR])
    scene = opened(app, BALLOTS, two_people=True)
    teller, admin = sign_in_as(app, TELLER), sign_in_as(app, "赵管理")
    chair_url, keeping_url = (f"/desk/{scene.meeting_id}/{place}" for place in ("chair", "keeping"))
    for act in ("close", "count"):
        press(signed_in, signed_in.get(chair_url), f"/desk/{scene.meeting_id}/proposals/{act}")
        teller.submit(teller.get(chair_url), "/confirm")
    assert admin.get(keeping_url, status=403).error == "not_allowed"
    signed_in.submit(signed_in.get(chair_url), "/publish", without_present="1")

    page = signed_in.get(keeping_url)
    assert signed_in.submit(page, "/purge", status=409, archived="yes", reason="").error == "purge_too_early"
    page = signed_in.submit(page, "/purge", archived="yes", reason="考核办书面同意")
    assert "已提出清除选票" in page.text
    page = admin.get(keeping_url)
    assert "原因：考核办书面同意" in page.text
    page = admin.submit(page, "/confirm")
    assert "已清除 3 张选票" in page.text
    assert (
        "提前清除，原因：考核办书面同意；由王主持提出，本人确认"
        in signed_in.get(f"/desk/{scene.meeting_id}/events").text
    )


def test_the_choice_is_made_in_the_hall_step_and_shown_before_the_start(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/hall")
    signed_in.submit(page, "/hall", two_people="1")
    assert signed_in.get(f"/desk/{scene.meeting_id}/hall").fields("/hall")["two_people"] == "1"
    checks = signed_in.get(f"/desk/{scene.meeting_id}/check").text
    assert "能操作的账号不足两个" in checks
    make_account(app, TELLER, roles=[Role.TELLER])
    checks = signed_in.get(f"/desk/{scene.meeting_id}/check").text
    assert "能操作的账号不足两个" not in checks
    assert "须两人操作" in checks


def test_a_teller_sees_the_numbers_proves_the_key_and_finds_no_way_to_the_setup(app):
    make_account(app, CHAIR)
    make_account(app, TELLER, roles=[Role.TELLER])
    scene = prepared(app, custody=Custody.TELLERS)
    with app.app_context():
        key = draw_up_key(CHAIR, scene.meeting_id)
    teller = sign_in_as(app, TELLER)
    page = teller.get("/desk/")
    assert "新建测评会" not in page.text
    page = teller.get(page.soup.select_one(".meetings-title")["href"])
    assert numbers(page, "#board")["entitled"] == "12"
    assert [step["href"] for step in page.soup.select(".steps a")] == [f"/desk/{scene.meeting_id}/chair"]
    assert teller.submit(page, "/key/prove", status=422, key="AAAA").error == "key_wrong"
    assert "试开通过" in teller.submit(page, "/key/prove", key=key).text
    assert teller.get(f"/desk/{scene.meeting_id}/hall", status=403).error == "not_allowed"


def test_the_list_leads_hr_to_the_inputs_of_a_meeting_and_nowhere_else_before_the_count(app, signed_in):
    make_account(app, "陈人事", roles=[Role.HR])
    hr = sign_in_as(app, "陈人事")
    scene = opened(app)
    page = hr.get("/desk/")
    assert {link["href"] for link in page.soup.select(f"a[href*='{scene.meeting_id}']")} == {
        f"/desk/{scene.meeting_id}/inputs"
    }
    assert hr.get(f"/desk/{scene.meeting_id}/result", status=403).error == "not_allowed"


def test_an_administrator_who_is_nothing_else_is_led_to_the_server(app, signed_in):
    make_account(app, "赵管理", roles=[Role.ADMINISTRATOR])
    admin = sign_in_as(app, "赵管理")
    assert admin.get("/", follow_redirects=True).response.request.path == "/desk/server"
