"""The chair's page: each state's buttons, each act, each refusal."""

from __future__ import annotations

import time

import pytest
from holding import closed, counted, numbers, opened, prepared, press, published
from scene import CHAIR, THREE_GROUPS, cast, hand_out_paper

from kaohe.domain.meetings import Custody
from kaohe.operations.chair import voting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.issuing import draw_ticket
from kaohe.operations.setup.key import draw_up_key
from kaohe.operations.setup.preparing import change_hall, load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets
from kaohe.reports.heading import Heading, header_lines

ACTS = ("open", "pause", "resume", "close", "count", "publish", "reveal", "reveal-all")


def buttons(page):
    """The chair's acts that the page offers."""
    offered = {form["action"].rpartition("/")[2] for form in page.soup.select("[data-state] form")}
    return offered | {"void" for _ in page.soup.select('a[href$="/void"]')}


def asks_twice(page, act):
    form = page.form(f"/{act}")
    asked = form.find_parent(attrs={"popover": True})
    return asked is not None and bool(page.soup.select(f'button[popovertarget="{asked["id"]}"]'))


def chair_of(signed_in, scene):
    return signed_in.get(f"/desk/{scene.meeting_id}/chair")


def test_a_draft_that_lacks_something_leads_to_the_check_list(app, signed_in):
    scene = prepared(app, custody=Custody.TELLERS)
    with app.app_context():
        draw_up_key(CHAIR, scene.meeting_id)
    page = chair_of(signed_in, scene)
    assert buttons(page) == set()
    assert "监票人的钥匙还没有试开通过" in page.text
    assert page.soup.select_one('[data-state="draft"] a[href$="/check"]')


@pytest.mark.parametrize(
    ("make", "state", "expected"),
    [
        (prepared, "draft", {"open"}),
        (opened, "open", {"pause", "close", "void"}),
        (closed, "closed", {"count", "void"}),
        (counted, "counted", {"publish", "void"}),
        (published, "published", {"reveal", "reveal-all", "void"}),
    ],
)
def test_each_state_offers_the_acts_that_fit_it_and_no_others(app, signed_in, make, state, expected):
    page = chair_of(signed_in, make(app))
    assert page.soup.select_one(f'[data-state="{state}"]')
    assert buttons(page) == expected


def test_what_cannot_be_taken_back_asks_once_more(app, signed_in):
    assert asks_twice(chair_of(signed_in, prepared(app)), "open")
    page = chair_of(signed_in, opened(app))
    assert asks_twice(page, "close")
    assert not asks_twice(page, "pause")
    assert asks_twice(chair_of(signed_in, closed(app)), "count")
    assert asks_twice(chair_of(signed_in, counted(app)), "publish")
    assert asks_twice(chair_of(signed_in, published(app)), "reveal-all")


@pytest.mark.parametrize(
    ("make", "fitting"),
    [
        (prepared, {"open"}),
        (opened, {"pause", "resume", "close"}),
        (closed, {"close", "count"}),
        (counted, {"close", "publish"}),
        (published, {"close", "reveal", "reveal-all"}),
    ],
)
def test_every_act_out_of_turn_is_refused_on_the_page_and_changes_nothing(app, signed_in, make, fitting):
    scene = make(app)
    page = chair_of(signed_in, scene)
    before = page.soup.select_one("[data-state]")["data-state"]
    for act in ACTS:
        if act not in fitting:
            refused = press(signed_in, page, f"/desk/{scene.meeting_id}/{act}", status=409, version="1")
            assert refused.error == "wrong_state", act
            assert refused.soup.select_one(f'[data-state="{before}"]'), act


def test_a_meeting_is_held_from_opening_to_the_last_reveal(app, signed_in):
    scene = prepared(app)
    page = signed_in.submit(chair_of(signed_in, scene), "/open")
    assert page.soup.select_one('[data-state="open"]')
    with app.app_context():
        for code in scene.all_codes[:5]:
            cast(scene.meeting_id, code, "excellent")
    page = signed_in.submit(page, "/pause")
    assert page.soup.select_one('[data-state="paused"]')
    assert buttons(page) == {"resume", "close", "void"}
    page = signed_in.submit(page, "/resume")
    page = signed_in.submit(page, "/close")
    assert "共收回 5 张" in page.text
    page = signed_in.submit(page, "/count")
    assert "共计 5 张" in page.text
    assert numbers(page, "#board") == {
        "entitled": "12",
        "present": "—",
        "issued": "12",
        "cast": "5",
        "valid": "5",
        "invalid": "0",
    }
    page = signed_in.submit(page, "/publish", without_present="1")
    assert numbers(page, "[data-state]") == {"revealed": "已揭晓 0 / 3"}
    page = signed_in.submit(page, "/reveal")
    assert numbers(page, "[data-state]") == {"revealed": "已揭晓 1 / 3"}
    page = signed_in.submit(page, "/reveal-all")
    assert numbers(page, "[data-state]") == {"revealed": "已揭晓 3 / 3"}
    assert buttons(page) == {"void"}


def test_the_tellers_type_their_key_before_the_box_opens(app, signed_in):
    scene = closed(app, [["excellent"]] * 4, custody=Custody.TELLERS)
    page = chair_of(signed_in, scene)
    for typed, code in [("", "key_missing"), ("ABCD", "key_wrong"), (prepared_key(app), "key_wrong")]:
        refused = signed_in.submit(page, "/count", status=422, key=typed)
        assert refused.error == code
        assert refused.soup.select_one('[data-state="closed"]')
    page = signed_in.submit(page, "/count", key=scene.key_text.lower().replace("-", " "))
    assert page.soup.select_one('[data-state="counted"]')


def prepared_key(app):
    """A key that is whole and right, of another meeting's box."""
    return prepared(app, custody=Custody.TELLERS).key_text


def test_no_key_is_asked_for_where_the_server_holds_it(app, signed_in):
    assert not chair_of(signed_in, closed(app)).soup.select("#key")


def said(page, **typed):
    """The fields of the grid as the page brought them, with what is typed by group and name, such as a_present."""
    form = page.form("/numbers")
    fields = {field["name"]: field.get("value", "") for field in form.select("input")}
    rows = [row["data-group"] for row in form.select("[data-group]")]
    for name, text in typed.items():
        group, _, number = name.partition("_")
        fields[f"rows-{rows.index(group)}-{number}"] = text
    return fields


def test_the_numbers_of_all_groups_are_saved_together_and_none_is_lost(app, signed_in):
    scene = opened(app, groups=THREE_GROUPS)
    url = f"/desk/{scene.meeting_id}/numbers"
    page = chair_of(signed_in, scene)
    typed = said(page, a_present="6", b_present="12", b_left_over="1", c_present="30", c_left_over="1", c_paper="2")
    after = signed_in.post(url, typed)
    assert numbers(after, "#board") == {"entitled": "50", "present": "48", "issued": "50", "cast": "0"}
    after = signed_in.post(url, said(after, c_present=""))
    assert numbers(after, "#board")["present"] == "—"


def test_a_page_that_is_not_fresh_overwrites_no_group_that_it_does_not_change(app, signed_in):
    scene = opened(app, groups=THREE_GROUPS)
    url = f"/desk/{scene.meeting_id}/numbers"
    page = chair_of(signed_in, scene)
    signed_in.post(url, said(page, a_present="6"))
    signed_in.post(url, said(page, b_present="12"))
    with app.app_context():
        assert [group.present for group in load_board(scene.meeting_id).groups] == [6, 12, None]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"all_present": "-1"}, "实到人数应为不小于 0 的整数"),
        ({"all_present": "many"}, "实到人数应为不小于 0 的整数"),
        ({"all_present": "99999"}, "实到人数应为 0 到 20000"),
        ({"all_left_over": "13"}, "未发出的票数应为 0 到 12"),
        ({"all_left_over": "1e3"}, "未发出的票数应为不小于 0 的整数"),
        ({"all_paper": "七"}, "纸质票发出数应为不小于 0 的整数"),
        ({"all_paper": "20001"}, "纸质票发出数应为 0 到 20000"),
        ({"all_present": "1", "all_group": "x"}, "没有这个票种"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_place_with_what_was_typed(app, signed_in, typed, sentence):
    scene = opened(app)
    fields = said(chair_of(signed_in, scene), **typed)
    refused = signed_in.post(f"/desk/{scene.meeting_id}/numbers", fields, status=422)
    assert refused.error == "field_invalid"
    assert sentence in refused.text
    assert numbers(refused, "#board")["present"] == "—"
    if "all_group" not in typed:
        assert said(refused) == {**fields, "csrf_token": said(refused)["csrf_token"]}


def test_paper_cannot_be_handed_out_any_more_once_it_was_counted(app, signed_in):
    scene = counted(app)
    page = chair_of(signed_in, scene)
    assert not page.soup.select('input[name$="-paper"]:not([type=hidden])')
    fields = said(page, all_paper="3")
    assert signed_in.post(f"/desk/{scene.meeting_id}/numbers", fields, status=409).error == "wrong_state"


def test_after_publishing_the_numbers_stand(app, signed_in):
    scene = counted(app, [["excellent"]] * 3)
    fields = said(chair_of(signed_in, scene), all_present="3")
    with app.app_context():
        publish_result(CHAIR, scene.meeting_id)
    assert not chair_of(signed_in, scene).soup.select('form[action$="/numbers"]')
    assert signed_in.post(f"/desk/{scene.meeting_id}/numbers", fields, status=409).error == "wrong_state"


def test_the_board_warns_where_the_numbers_cannot_be_true(app, signed_in):
    scene = opened(app, [["excellent"]] * 3)
    url = f"/desk/{scene.meeting_id}/numbers"
    page = signed_in.post(url, said(chair_of(signed_in, scene), all_present="2", all_left_over="10"))
    assert [tag.get_text() for tag in page.soup.select(".board-warnings li")] == [
        "“全体”收回 3 张，多于发出 2 张：请核对未发出的票数；如属实，本轮应作废重投。",
        "“全体”收回 3 张，多于实到 2 人：请核对实到人数；如属实，本轮应作废重投。",
    ]
    assert page.soup.select_one('.tile-wrong[data-number="cast"]')


@pytest.mark.parametrize(("make", "act"), [(prepared, "open"), (opened, "close"), (counted, "publish")])
def test_who_is_present_is_asked_for_at_opening_close_and_publication(app, signed_in, make, act):
    scene = make(app)
    page = chair_of(signed_in, scene)
    assert "实到人数还没有登记" in page.form(f"/{act}").get_text()
    page = signed_in.post(f"/desk/{scene.meeting_id}/numbers", said(page, all_present="10"))
    assert "实到" not in page.form(f"/{act}").get_text()


def test_no_result_is_published_without_an_answer_about_who_was_present(app, signed_in):
    scene = counted(app, [["excellent"]] * 5)
    page = chair_of(signed_in, scene)
    refused = signed_in.submit(page, "/publish", status=409)
    assert refused.error == "present_missing"
    assert refused.soup.select_one('[data-state="counted"]')
    page = signed_in.submit(page, "/publish", without_present="1")
    assert page.soup.select_one('[data-state="published"]')
    with app.app_context():
        assert "实到 未登记" in header_lines(load_counted(scene.meeting_id).result, Heading("", ""))[1]


def test_paper_that_nobody_typed_is_answered_for_before_the_count_and_once(app, signed_in):
    scene = opened(app, [["excellent"]] * 3)
    with app.app_context():
        hand_out_paper(scene.meeting_id, "all", 2)
        voting.close_meeting(CHAIR, scene.meeting_id)
    page = chair_of(signed_in, scene)
    assert page.soup.select_one("[data-paper-missing='2']")
    assert not page.soup.select('form[action$="/count"]')
    refused = press(signed_in, page, f"/desk/{scene.meeting_id}/count", status=409)
    assert refused.error == "paper_missing"
    after = signed_in.submit(page, "/paper/not-returned")
    signed_in.submit(page, "/paper/not-returned")
    with app.app_context():
        acts = [entry.act for entry in list_record_entries(scene.meeting_id)]
    assert acts.count("paper_not_returned") == 1
    assert "共计 3 张" in signed_in.submit(after, "/count").text


def test_the_board_asks_for_itself_while_ballots_come_in_and_then_stops(app, signed_in):
    scene = opened(app)
    page = chair_of(signed_in, scene)
    board = page.soup.select_one("#board")
    assert board["hx-trigger"] == "every 3s"
    url = board["hx-get"]
    signed_in.poll(url, status=204)
    with app.app_context():
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    block = signed_in.poll(url)
    assert numbers(block, "#board")["cast"] == "1"
    assert not block.soup.select("form, input"), "a refreshed block must not touch what somebody types"
    signed_in.poll(block.soup.select_one("#board")["hx-get"], status=204)
    with app.app_context():
        voting.close_meeting(CHAIR, scene.meeting_id)
    assert signed_in.poll(url, status=204).response.headers["HX-Refresh"] == "true"
    assert signed_in.get(url, follow_redirects=True).response.request.path == f"/desk/{scene.meeting_id}/chair"
    assert not chair_of(signed_in, scene).soup.select_one("#board").has_attr("hx-get")


def test_a_shared_code_moves_the_board_before_the_opening_already(app, signed_in):
    scene = prepared(app, shared_group="all")
    page = chair_of(signed_in, scene)
    url = page.soup.select_one("#board")["hx-get"]
    with app.app_context():
        draw_ticket(scene.meeting_id, load_meeting(scene.meeting_id)[1].pool_code, "n" * 20)
    assert numbers(signed_in.poll(url), "#board")["issued"] == "1"
    assert not page.soup.select('input[name$="-left_over"]:not([type=hidden])'), "a shared code has no slips"
    page = signed_in.post(f"/desk/{scene.meeting_id}/numbers", said(page, all_present="5"))
    assert numbers(page, "#board")["present"] == "5"


def test_slips_beside_the_shared_code_are_not_said_to_have_been_drawn(app, signed_in):
    scene = prepared(app)
    with app.app_context():
        setup = load_meeting(scene.meeting_id)[0]
        change_hall(
            CHAIR,
            scene.meeting_id,
            setup.version,
            hall_view=setup.hall_view,
            custody=setup.custody,
            shared_group="all",
            ballot_list_wanted=False,
        )
        voting.open_meeting(CHAIR, scene.meeting_id)
        drawn = draw_ticket(scene.meeting_id, load_meeting(scene.meeting_id)[1].pool_code, "n" * 20)
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
    assert chair_of(signed_in, scene).soup.select_one("[data-drawn]").text == "会场码已领 1 张，已投 0 张"
    with app.app_context():
        cast(scene.meeting_id, drawn, "excellent")
    assert chair_of(signed_in, scene).soup.select_one("[data-drawn]").text == "会场码已领 1 张，已投 1 张"


def test_the_shared_code_is_exchanged_with_one_click_and_the_board_says_what_was_drawn_and_cast(app, signed_in):
    scene = opened(app, shared_group="all")
    with app.app_context():
        former = load_meeting(scene.meeting_id)[1].pool_code
        for number in range(3):
            draw_ticket(scene.meeting_id, former, f"{number}" * 20)
    page = chair_of(signed_in, scene)
    assert page.soup.select_one("[data-drawn]").text == "会场码已领 3 张，已投 0 张"
    page = signed_in.submit(page, "/shared-code/renew")
    assert "3 张票已作废" in page.text
    assert page.soup.select_one("[data-drawn]").text == "会场码已领 0 张，已投 0 张"
    with app.app_context():
        assert load_meeting(scene.meeting_id)[1].pool_code not in (None, former)


def test_the_page_leads_to_projector_and_phones(app, signed_in):
    scene = opened(app, shared_group="all")
    page = chair_of(signed_in, scene)
    stage = page.soup.select_one('a[target^="wall-"][href^="/stage/"]')
    assert signed_in.http.get(stage["href"]).status_code == 200
    assert f"http://192.168.8.8:8000/v/{scene.meeting_id}/1" in page.text
    assert page.soup.select('a[href$="/poster"]')


def test_a_rehearsal_that_still_stands_is_named_before_opening_and_wiped_by_it(app, signed_in):
    scene = prepared(app)
    with app.app_context():
        start_rehearsal(CHAIR, scene.meeting_id)
    page = chair_of(signed_in, scene)
    assert "试投的数据会一并清除" in page.text
    signed_in.submit(page, "/open")
    with app.app_context():
        assert trial_tickets(scene.meeting_id) == []


def test_a_round_is_voided_with_a_reason_and_held_again(app, signed_in):
    scene = opened(app, [["excellent"]] * 4)
    form = signed_in.get(f"/desk/{scene.meeting_id}/void")
    assert numbers(form, "#main")["cast"] == "4"
    page = signed_in.submit(form, "/void", reason="收回多于发出")
    assert page.response.request.path == f"/desk/{scene.meeting_id}/chair"
    assert page.soup.select_one('[data-state="draft"]')
    assert "第 1 轮已作废：收回 4 张；原因：收回多于发出" in page.text
    page = signed_in.submit(page, "/open")
    with app.app_context():
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
        assert load_board(scene.meeting_id).cast == 1


def test_a_round_is_not_voided_without_a_reason(app, signed_in):
    scene = opened(app)
    form = signed_in.get(f"/desk/{scene.meeting_id}/void")
    for reason in ("", "  ", "因" * 201):
        refused = signed_in.submit(form, "/void", status=422, reason=reason)
        assert refused.error == "field_invalid"
        assert refused.soup.select_one("#reason").text.strip() == reason.strip()
    assert chair_of(signed_in, scene).soup.select_one('[data-state="open"]')


def test_a_draft_cannot_be_voided(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/void")
    assert signed_in.submit(page, "/void", status=409, reason="试一试").error == "wrong_state"


def test_acts_need_the_pages_token(app, signed_in):
    scene = opened(app)
    reply = signed_in.http.post(f"/desk/{scene.meeting_id}/close")
    assert reply.status_code == 400
    assert chair_of(signed_in, scene).soup.select_one('[data-state="open"]')


def test_a_get_never_acts(app, signed_in):
    scene = opened(app)
    for act in ACTS:
        assert signed_in.http.get(f"/desk/{scene.meeting_id}/{act}").status_code == 405


def test_an_unknown_meeting_is_refused(signed_in):
    for path in ("chair", "board", "void", "result", "events"):
        assert signed_in.get(f"/desk/nowhere/{path}", status=404).error == "meeting_unknown"


def test_the_head_of_the_record_is_read_out_from_the_opening_on(app, signed_in):
    assert not chair_of(signed_in, prepared(app)).soup.select("[data-record-head]")
    scene = opened(app)
    (shown,) = chair_of(signed_in, scene).soup.select("[data-record-head]")

    with app.app_context():
        head = record_head(scene.meeting_id)
    assert head
    assert shown.get_text() == head.text
    assert "截至开始投票" in chair_of(signed_in, scene).soup.get_text()


def test_the_button_names_who_is_revealed_next_and_whom_it_takes_back(app, signed_in):
    scene = published(app)
    page = chair_of(signed_in, scene)
    with app.app_context():
        names = [subject.name for subject in load_board(scene.meeting_id).setup.subjects]
    assert page.form("/reveal").get_text(strip=True) == f"揭晓第 1 位：{names[0]}"
    after = signed_in.submit(page, "/reveal")
    assert after.form("/reveal").get_text(strip=True) == f"揭晓第 2 位：{names[1]}"
    # The page of another tab, or a second press, asks for the first one again.
    again = signed_in.submit(page, "/reveal")
    assert again.form("/reveal").get_text(strip=True) == f"揭晓第 2 位：{names[1]}"
    assert after.form("/take-reveal-back").get_text(strip=True) == f"撤回第 1 位：{names[0]}"
    back = signed_in.submit(after, "/take-reveal-back")
    assert back.form("/reveal").get_text(strip=True) == f"揭晓第 1 位：{names[0]}"
    assert "take-reveal-back" not in buttons(back)


def test_nobody_is_told_to_go_on_revealing_where_all_are_revealed(app, signed_in):
    page = chair_of(signed_in, published(app))
    advice = page.soup.select_one(".now-advice").get_text()
    after = signed_in.submit(page, "/reveal-all")
    assert (advice, after.soup.select_one(".now-advice").get_text()) == (
        "大屏按您的操作逐个揭晓。",
        "结果已全部揭晓。下一步：取归档文件，打印签字。",
    )


def test_the_chair_chooses_the_order_of_the_reveal_until_somebody_is_revealed(app, signed_in):
    scene = published(app)
    page = chair_of(signed_in, scene)
    order = f"/desk/{scene.meeting_id}/reveal-order"
    token = page.form("/reveal-order").select_one("[name=csrf_token]")["value"]

    def choose(kind, top=""):
        reply = signed_in.http.post(order, data={"csrf_token": token, "kind": kind, "top": top})
        return reply.status_code, chair_of(signed_in, scene).soup.select("[id^=order-][aria-pressed=true]")

    assert [each["id"] for each in choose("backwards")[1]] == ["order-backwards"]
    for kind, top in (("sideways", ""), ("top", ""), ("top", "many"), ("top", "0")):
        code, pressed = choose(kind, top)
        assert code in (400, 422)
        assert [each["id"] for each in pressed] == ["order-backwards"]
    assert [each["id"] for each in choose("listed")[1]] == ["order-listed"]
    after = signed_in.submit(chair_of(signed_in, scene), "/reveal")
    assert not after.soup.select("[id^=order-]")
    assert "选定大屏揭晓顺序：从后往前" in signed_in.get(f"/desk/{scene.meeting_id}/events").soup.get_text()


def test_a_press_that_does_not_say_whom_it_expects_reveals_nobody(app, signed_in):
    scene = published(app)
    refused = press(signed_in, chair_of(signed_in, scene), f"/desk/{scene.meeting_id}/reveal", status=422)
    assert refused.error == "field_invalid"
    assert refused.form("/reveal").get_text(strip=True).startswith("揭晓第 1 位")


def test_the_line_always_answers_and_fetches_the_page_anew_where_the_state_has_changed(app, signed_in):
    scene = opened(app)
    page = chair_of(signed_in, scene)
    url = page.soup.select_one("#line")["hx-get"]
    for _ in range(2):
        block = signed_in.poll(url)
        assert "刚刚开始投票" in block.text
        assert block.soup.select_one("#outstanding[hx-swap-oob]").text == "还有 12 张没有交"
    with app.app_context():
        voting.close_meeting(CHAIR, scene.meeting_id)
    assert signed_in.poll(url, status=204).response.headers["HX-Refresh"] == "true"
    closed_page = chair_of(signed_in, scene)
    assert "刚刚开始投票" not in closed_page.text
    assert not signed_in.poll(closed_page.soup.select_one("#line")["hx-get"]).soup.select("#outstanding")


def test_an_act_answers_its_part_alone_and_what_was_done_beside_it(app, signed_in):
    page = chair_of(signed_in, opened(app))
    part = signed_in.swap(page, 'form[action$="/pause"]')
    assert part.soup.select_one('#chair [data-state="paused"]')
    assert part.soup.select_one("#messages[hx-swap-oob]").get_text(strip=True) == "已暂停收票。"
    assert not part.soup.select("html, .chair-aside")
    # The line comes along in the new state: the old one would fetch the page anew and close a question that is open.
    assert "-paused" in part.soup.select_one("#line")["hx-get"]


def test_only_the_chairs_page_frames_the_wall_and_only_this_server_frames_its_mirror(app, signed_in):
    page = chair_of(signed_in, opened(app))
    assert "frame-src 'self'" in page.response.headers["Content-Security-Policy"]
    mirror = signed_in.get(page.soup.select_one(".mirror-screen")["src"])
    assert "frame-ancestors 'self'" in mirror.response.headers["Content-Security-Policy"]
    assert not mirror.soup.select("[sse-connect]"), "a mirror must not hold one of the browser's few connections"
    ask = mirror.soup.select_one("#lost")
    assert ask["hx-trigger"] == "every 2s"
    again = signed_in.http.get(ask["hx-get"])
    assert b"sse-connect" not in again.data


def test_the_chair_steps_the_wall_through_the_scenes_that_the_state_has(app, signed_in):
    scene = prepared(app)
    page = chair_of(signed_in, scene)
    assert [button.text for button in page.soup.select(".scenes button")] == ["欢迎", "怎样投"]
    wall = page.soup.select_one('a[target^="wall-"][href^="/stage/"]')["href"]
    page = signed_in.submit(page, "/scene", scene="welcome")
    assert page.soup.select_one('.scenes [aria-pressed="true"]').text == "欢迎"
    time.sleep(1.1)
    assert signed_in.get(wall).soup.select_one("[data-first]")["data-first"] == "welcome"
    refused = signed_in.submit(page, "/scene", scene="ranking", status=422)
    assert refused.error == "field_invalid"
    page = signed_in.submit(page, "/open")
    assert page.soup.select_one('.scenes [aria-pressed="true"]').text == "怎样投"


def test_a_reveal_brings_one_person_to_the_wall_and_the_last_one_offers_the_ranking(app, signed_in):
    scene = published(app, [["excellent"]] * 5)
    page = chair_of(signed_in, scene)
    assert [button.text for button in page.soup.select(".scenes button")] == ["逐位列表", "唱票", "致谢"]
    page = signed_in.submit(page, "/reveal")
    assert page.soup.select_one('.scenes [aria-pressed="true"]').text == "单人结果"
    page = signed_in.submit(page, "/scene", scene="list")
    page = signed_in.submit(page, "/reveal")
    assert page.soup.select_one('.scenes [aria-pressed="true"]').text == "单人结果"
    page = signed_in.submit(page, "/reveal-all")
    assert page.soup.select_one('.scenes [aria-pressed="true"]').text == "逐位列表"
    assert "名次" in [button.text for button in page.soup.select(".scenes button")]
