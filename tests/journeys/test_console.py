"""The console on a small phone and on a desk: nothing pokes out of its place, and nothing moves under the finger."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from accessibility import problems
from phones import Hall
from playwright.sync_api import Dialog, Locator, Page, expect
from scene import CHAIR, THREE_GROUPS, cast
from sqlalchemy import text

from kaohe.domain.limits import COMMENT_LENGTH, REASON_LENGTH
from kaohe.domain.meetings import Group
from kaohe.domain.permissions import Role
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.preparing import create_meeting
from kaohe.storage.tables import db
from kaohe.tally.model import Decision
from kaohe.web.organizer.shell.lists import LINES_OF_A_PAGE

APART = ("/desk/", "/desk/new", "/desk/accounts", "/desk/server")
"""Pages of the console that belong to no meeting."""
OUT_OF_PLACE = """() => {
    const found = [];
    for (const one of document.querySelectorAll("#main *, .step *")) {
        const place = one.closest(".step, .panel, #main");
        if (!one.offsetParent || one.closest(".table-scroll, .visually-hidden, .default-button") || place === one)
            continue;
        const own = one.getBoundingClientRect(), around = place.getBoundingClientRect();
        if (own.width > 1 && (own.left < around.left - 0.5 || own.right > around.right + 0.5))
            found.push(one.tagName + " " + one.textContent.trim().slice(0, 20));
    }
    return found;
}"""


def test_everything_stays_in_its_place_on_a_small_phone_and_axe_finds_nothing_wrong(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(preset="xiang-pingshi", groups=THREE_GROUPS, begins=False, two_people=True)
    page = console_of(hall, 320, 640)
    steps = ["basics", "scheme", "subjects", "material", "voters", "relations", "inputs", "hall", "tickets", "check"]
    of_the_meeting = [
        f"/desk/{hall.scene.meeting_id}/{step}" for step in (*steps, "chair", "events", "copy", "several")
    ]
    for step in (*of_the_meeting, *APART, "/guides/", "/guides/deployment", "/guides/voters"):
        page.goto(f"{hall.server.url}{step}")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, step
        assert page.evaluate(OUT_OF_PLACE) == [], step
        assert problems(page) == [], step


def test_the_numbers_of_the_groups_are_seen_without_scrolling(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(groups=THREE_GROUPS)
    page = console_of(hall, 320, 640)
    for step in ("chair", "tickets"):
        page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/{step}")
        hidden = "tables => tables.filter(one => one.scrollWidth > one.clientWidth).length"
        assert page.locator(".table-scroll").evaluate_all(hidden) == 0, step


def test_numbers_of_thousands_do_not_run_into_each_other(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(groups=(Group("all", "全体", Fraction(1), 12_400),))
    hall.chair(close_meeting)
    hall.chair(count_meeting)
    page = console_of(hall, 390, 844)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    for width, in_a_row in ((320, 3), (390, 3), (700, 4), (1280, 5), (1920, 5)):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.locator(".tile dd").evaluate_all(cut) == []
        tops = page.locator(".tile").evaluate_all("all => all.map(one => one.offsetTop)")
        assert tops.count(tops[0]) >= in_a_row, width


def test_a_button_that_asks_once_more_stays_where_it_is(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    others = [page.get_by_role("button", name="暂停收票"), page.get_by_role("button", name="结束投票", exact=True)]
    others.append(page.get_by_role("heading", name="票数"))
    before = [each.bounding_box() for each in others]
    page.get_by_role("button", name="结束投票", exact=True).click()
    expect(page.get_by_role("button", name="确认结束投票")).to_be_in_viewport()
    # Whoever cannot press a button yet, as it has just been put there, scrolls and tries again; that moves nothing.
    page.evaluate("window.scrollTo(0, 0)")
    assert [each.bounding_box() for each in others] == before


def test_settings_show_what_they_mean_as_they_are_typed_and_are_stored_by_their_own_button_alone(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    url = f"{hall.server.url}/desk/{hall.scene.meeting_id}/scheme"
    page.goto(url)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    points = page.locator('[name="grades[1].points"]')
    before = page.locator(".working-score strong").inner_text()
    points.fill("95")
    points.blur()
    expect(page.locator(".working-score strong")).not_to_have_text(before)
    points.fill("96")
    points.blur()
    page.wait_for_timeout(600)
    assert posted == [f"{url}/preview"] * 2
    # The button is pressed while a preview is due: it must not go where the button points.
    points.fill("97")
    page.get_by_role("button", name="保存并存为本单位方案").click()
    expect(page.locator(".notice-good").first).to_contain_text("已存为本单位方案")
    assert posted.count(f"{url}/keep") == 1


def test_rows_come_move_and_go_without_a_new_page(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    url = f"{hall.server.url}/desk/{hall.scene.meeting_id}"
    page.goto(f"{url}/subjects")
    page.evaluate("document.body.dataset.here = 'yes'")
    names = page.locator(".subject-name")
    first, second = names.nth(0).inner_text(), names.nth(1).inner_text()
    page.get_by_role("button", name=f"下移{first}").click()
    expect(names.nth(0)).to_have_text(second)
    page.get_by_role("link", name=f"修改{second}").click()
    page.locator("#edited-post").fill("调研员")
    page.locator("#edited-post").press("Enter")
    expect(page.locator("#subject-1")).to_contain_text("调研员")
    expect(page.get_by_role("link", name=f"修改{second}")).to_be_focused()
    before = names.all_inner_texts()
    for taken in (first, before[-1]):
        page.get_by_role("button", name=f"删除{taken}").press("Enter")
        expect(page.get_by_role("button", name=f"删除{taken}")).to_have_count(0)
        # The focus is where the hand was: on × of the row that has come up, or of the one that is the last now.
        left = [name for name in before if name != taken]
        label = f"删除{left[min(before.index(taken), len(left) - 1)]}"
        expect(page.get_by_role("button", name=label)).to_be_focused()
        page.get_by_role("button", name="撤销").press("Enter")
        expect(page.get_by_role("button", name=f"删除{taken}")).to_have_count(1)
        assert names.all_inner_texts() == before
    assert page.locator("body[data-here=yes]").count() == 1
    page.get_by_label("从 Excel 或 WPS 复制后粘贴").fill("姓名\t归口\n王伟\t机关")
    page.get_by_role("button", name="预览名单").click()
    page.evaluate("document.body.dataset.here = 'yes'")
    column = page.get_by_label("B 列（归口）")
    column.focus()
    column.select_option("读作类别")
    expect(page.locator("thead")).to_contain_text("类别")
    expect(column).to_be_focused()
    assert page.locator("body[data-here=yes]").count() == 1
    page.goto(f"{url}/voters")
    page.evaluate("document.body.dataset.here = 'yes'")
    page.get_by_role("button", name="增加一个票种").click()
    expect(page.locator(".group")).to_have_count(2)
    page.locator("#groups-1-label").fill("B票")
    page.get_by_role("button", name="增加一个票种").click()
    expect(page.locator(".group")).to_have_count(3)
    page.get_by_role("button", name="删除第 3 个票种").press("Enter")
    expect(page.get_by_role("button", name="删除第 2 个票种")).to_be_focused()
    page.get_by_role("button", name="删除第 1 个票种").press("Enter")
    expect(page.locator(".group")).to_have_count(1)
    expect(page.get_by_role("button", name="增加一个票种")).to_be_focused()
    expect(page.locator("#groups-0-label")).to_have_value("B票")
    assert page.locator("body[data-here=yes]").count() == 1


def test_tickets_and_the_check_list_change_in_their_place_and_the_step_is_ready_at_once(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False, groups=THREE_GROUPS)
    page = console_of(hall, 1280, 800)
    url = f"{hall.server.url}/desk/{hall.scene.meeting_id}"
    page.goto(f"{url}/tickets")
    page.evaluate("document.body.dataset.here = 'yes'")
    done = page.locator(".step-done", has_text="制票")
    expect(done).to_have_count(1)
    page.locator("summary", has_text="再制一些").press("Enter")
    make = page.get_by_role("button", name="制票", exact=True)
    page.get_by_role("button", name="全部收回“B票”").press("Enter")
    page.get_by_role("button", name="确认收回").press("Enter")
    expect(done).to_have_count(0)
    expect(make.nth(1)).to_be_focused()
    make.nth(1).press("Enter")
    expect(done).to_have_count(1)
    expect(page.locator("[data-group=b] [data-number=printed]")).to_have_text("15")
    expect(make.nth(1)).to_be_focused()
    assert page.locator("body[data-here=yes]").count() == 1
    page.goto(f"{url}/check")
    page.evaluate("document.body.dataset.here = 'yes'")
    page.get_by_role("button", name="开始试投").press("Enter")
    expect(page.get_by_role("button", name="试投完毕，全部清除")).to_be_focused()
    page.get_by_role("button", name="试投完毕，全部清除").press("Enter")
    expect(page.get_by_role("button", name="开始试投")).to_be_focused()
    expect(page.locator("[data-finding=not_rehearsed]")).to_have_count(0)
    wall = page.get_by_role("link", name="打开大屏看看")
    with page.context.expect_page() as opened:
        wall.click()
    # The second press comes to the window that there is.
    with opened.value.expect_event("load"):
        opened.value.wait_for_load_state()
        wall.click()
    assert page.context.pages == [page, opened.value]
    assert page.locator("body[data-here=yes]").count() == 1


def test_an_act_on_a_panel_loads_no_page_and_keeps_the_focus_on_its_button(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/speaking")
    page.evaluate("window.isFirstPage = true")
    page.get_by_role("button", name="抽签").press("Enter")
    expect(page.get_by_role("button", name="重新抽签")).to_be_focused()
    expect(page.get_by_text("已保存，大屏随即更新。")).to_have_count(1)
    clock = page.locator(".speaker button").first
    clock.press("Enter")
    expect(clock).to_have_text("结束")
    expect(clock).to_be_focused()
    clock.press("Enter")
    expect(clock).to_have_text("开始计时")
    page.get_by_label("每人限时（分钟）").fill("五")
    page.get_by_label("每人限时（分钟）").press("Enter")
    expect(page.locator("[data-error=field_invalid]")).to_be_visible()
    assert page.evaluate("window.isFirstPage")
    assert page.url.endswith("/speaking")


def test_the_list_of_meetings_narrows_while_somebody_types(hall: Hall, console_of: Callable[..., Page]) -> None:
    with hall.server.app.app_context():
        for number in range(1, 10):
            create_meeting(CHAIR, title=f"第{number}场", unit="统计局", held_on=None, preset_id="si-deng")
    page = console_of(hall, 320, 640)
    page.goto(f"{hall.server.url}/desk/")
    sought = page.get_by_role("searchbox", name="查找测评会")
    sought.press_sequentially("第7")
    expect(page.locator(".meetings-title")).to_have_text(["第7场"])
    expect(sought).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.reload()
    expect(page.locator(".meetings-title")).to_have_text(["第7场"])
    expect(sought).to_have_value("第7")


def test_what_was_typed_is_asked_for_before_it_is_left_and_given_back_after_a_sign_in_that_had_ended(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/subjects")
    roster = page.get_by_label("从 Excel 或 WPS 复制后粘贴")
    roster.click()
    roster.press_sequentially("周静，办公室")
    page.get_by_role("link", name="下一步：票种与人数").click()
    expect(roster).to_have_value("周静，办公室")
    assert asked == ["beforeunload"]
    with hall.server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM sign_ins"))
    page.get_by_role("button", name="预览名单").click()
    assert "周静" not in page.content()
    page.get_by_role("link", name="去登录").click()
    page.get_by_label("姓名").fill(CHAIR)
    page.get_by_label("密码").fill("一把好用的长密码")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("刚才填写的内容还在下面")).to_be_visible()
    expect(roster).to_have_value("周静，办公室")
    page.get_by_role("button", name="预览名单").click()
    expect(page.get_by_role("rowheader", name="周静")).to_be_visible()
    assert page.evaluate("window.sessionStorage.getItem('kaohe-typed')") is None
    assert asked == ["beforeunload"]


def _pressed_after_the_sign_in_has_ended(hall: Hall, page: Page, button: Locator) -> None:
    with hall.server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM sign_ins"))
    button.click()
    expect(page.get_by_role("link", name="去登录")).to_be_visible()


def _signed_in_again(page: Page, name: str) -> None:
    page.get_by_role("link", name="去登录").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("密码").fill("一把好用的长密码")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_of_forms_that_are_alike_the_one_that_was_typed_in_is_given_back(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False, groups=THREE_GROUPS)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/tickets")
    page.get_by_role("heading", name="再制一些").click()
    counts = page.locator("[name=count]")
    before = [each.input_value() for each in counts.all()]
    counts.nth(2).fill("7")
    _pressed_after_the_sign_in_has_ended(hall, page, page.get_by_role("button", name="制票", exact=True).nth(2))
    _signed_in_again(page, CHAIR)
    expect(page.get_by_text("刚才填写的内容还在下面")).to_be_visible()
    assert [each.input_value() for each in counts.all()] == [*before[:2], "7"]


def test_no_code_or_key_is_kept_and_nobody_else_finds_what_was_typed(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page = console_of(hall, 1280, 800)
    with hall.server.app.app_context():
        create_account(make_sign_in_link("测试"), "李组织", "一把好用的长密码")
    kept = "window.sessionStorage.getItem('kaohe-typed')"
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/tickets")
    page.locator("#ticket").fill(hall.scene.all_codes[0])
    page.locator("#reason").fill("票被撕破")
    _pressed_after_the_sign_in_has_ended(hall, page, page.get_by_role("button", name="作废并换发新票"))
    said = page.evaluate(kept)
    assert "票被撕破" in said
    assert hall.scene.all_codes[0] not in said
    _signed_in_again(page, "李组织")
    expect(page.locator("#reason")).to_have_value("")
    assert page.evaluate(kept) is None


def test_a_sign_in_that_ended_over_a_preview_without_steps_leads_back_to_the_page_of_its_form(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/several")
    roster = page.get_by_label("从 Excel 或 WPS 复制后粘贴")
    roster.fill("单位\t姓名\n统计局\t周静")
    page.get_by_role("button", name="预览").click()
    make = page.get_by_role("button", name="建立 1 场测评会")
    expect(make).to_be_visible()
    with hall.server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM sign_ins"))
    make.click()
    page.get_by_role("link", name="去登录").click()
    page.get_by_label("姓名").fill(CHAIR)
    page.get_by_label("密码").fill("一把好用的长密码")
    page.get_by_role("button", name="登录").click()
    expect(roster).to_have_value("单位\t姓名\n统计局\t周静")


def test_an_invitation_is_copied_by_a_button(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = console_of(hall, 390, 844, Role.ADMINISTRATOR)
    page.context.grant_permissions(["clipboard-read"])
    page.goto(f"{hall.server.url}/desk/accounts")
    page.get_by_role("checkbox", name="组织者").last.check()
    page.get_by_role("button", name="生成邀请链接").click()
    copying = page.get_by_role("button", name="复制链接")
    copying.click()
    expect(page.get_by_text("已复制", exact=True)).to_be_visible()
    expect(copying).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#link").input_value()
    assert problems(page) == []


def test_a_question_about_the_longest_comment_is_answered_on_a_small_phone(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(comments_wanted=True)
    with hall.server.app.app_context():
        for number, code in enumerate(hall.scene.all_codes[:10]):
            said = {"s1": "好" * COMMENT_LENGTH} if number < 3 else {}
            cast(hall.scene.meeting_id, code, "excellent", comments=said)
        close_meeting(CHAIR, hall.scene.meeting_id)
        count_meeting(CHAIR, hall.scene.meeting_id, hall.scene.key_text)
    page = console_of(hall, 320, 568)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/comments")
    page.get_by_role("button", name="审核编号").first.click()
    asked = page.locator(".confirm-box:popover-open")
    expect(asked).to_be_visible()
    box = asked.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < box["y"] + box["height"] <= 568
    asked.get_by_role("button", name="保存").click()
    expect(page.get_by_text("2 条尚未审核").first).to_be_visible()


def test_a_search_among_comments_leaves_none_of_them_in_the_browser(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(comments_wanted=True, groups=(Group("all", "全体", Fraction(1), LINES_OF_A_PAGE + 1),))
    with hall.server.app.app_context():
        for code in hall.scene.all_codes:
            cast(hall.scene.meeting_id, code, "excellent", comments={"s1": "作风漂浮"})
        close_meeting(CHAIR, hall.scene.meeting_id)
        count_meeting(CHAIR, hall.scene.meeting_id, hall.scene.key_text)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/comments")
    page.locator("#comments-sought").fill("没有这个词")
    expect(page.get_by_text("找到 0 个")).to_be_visible()
    page.locator("#comments-sought").fill("作风")
    expect(page.get_by_text(f"找到 {LINES_OF_A_PAGE + 1} 个")).to_be_visible()
    stored = "JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)])"
    assert "作风" not in page.evaluate(stored)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_a_question_that_was_refused_stands_open_again_with_what_was_typed(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], width: int, height: int
) -> None:
    hall = hall_of(preset="diwei-pingshi", begins=False)
    with hall.server.app.app_context():
        for subject in ("s1", "s2"):
            decide(CHAIR, hall.scene.meeting_id, Decision(subject, "probation", "试用期"))
    page = console_of(hall, width, height)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/inputs")
    asked, too_long = page.locator(".confirm-box:popover-open"), "误" * (REASON_LENGTH + 1)
    reason, begin = asked.get_by_role("textbox"), page.get_by_role("button", name="撤销对李娜的认定")
    begin.click()
    reason.fill(too_long)
    leaving: list[str] = []

    def stay(dialog: Dialog) -> None:
        leaving.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("history.back()")
    expect(reason).to_have_value(too_long)
    reason.press("Enter")
    expect(asked.get_by_role("alert")).to_contain_text(f"请不超过 {REASON_LENGTH} 个字")
    page.reload()
    expect(reason).to_have_value(too_long)
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    begin.click()
    expect(reason).to_have_value(too_long)
    reason.fill("误登")
    reason.press("Enter")
    expect(page.get_by_text("已撤销这条认定")).to_be_visible()
    page.reload()
    expect(page.locator(".decision")).to_have_count(1)
    with hall.server.app.app_context():
        acts = [each for each in list_record_entries(hall.scene.meeting_id) if each.act == "withdrew_decision"]
    assert [each.detail["reason"] for each in acts] == ["误登"]
    assert leaving == ["beforeunload"]


def test_a_form_that_was_refused_holds_what_was_typed_but_no_code(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/tickets")
    kept = "window.sessionStorage.getItem('kaohe-typed')"
    page.locator("#ticket").fill("AAAA-BBBB")
    page.locator("#reason").fill("票被撕破")
    page.get_by_role("button", name="只作废").click()
    expect(page.locator('#main [role="alert"]')).to_be_visible()
    expect(page.locator("#reason")).to_have_value("票被撕破")
    assert "AAAA" not in page.evaluate(kept)
    page.locator("#reason").fill("票找不到了")
    page.locator("#ticket").fill(hall.scene.all_codes[0])
    page.locator("[name=csrf_token]").evaluate_all("all => all.forEach(each => { each.value = 'old'; })")
    page.get_by_role("button", name="作废并换发新票").click()
    page.get_by_role("link", name="返回刚才的页面").click()
    expect(page.get_by_text("刚才填写的内容还在下面")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("票找不到了")
    expect(page.locator("#ticket")).to_have_value("")
    page.locator("#ticket").fill(hall.scene.all_codes[0])
    page.get_by_role("button", name="作废并换发新票").click()
    expect(page.locator("[data-reissued]")).to_be_visible()
    assert page.evaluate(kept) is None
