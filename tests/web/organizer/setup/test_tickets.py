"""Tickets on the console: made, printed in parts, voided, replaced, drawn by a shared code."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from holding import closed, counted, opened, prepared, press
from scene import CHAIR, EVERYONE, PUBLIC_URL, THREE_GROUPS, cast

from kaohe.domain.meetings import Group
from kaohe.domain.ticket_codes import grouped
from kaohe.network import Card, CardKind
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.issuing import draw_ticket, issue_tickets
from kaohe.operations.setup.preparing import change_wireless, create_meeting, load_meeting
from kaohe.operations.setup.printing import CHECK_CODE
from kaohe.operations.setup.voters import change_groups
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.storage.installation import change_public_url, install, these_secrets, this_config
from kaohe.web.organizer.setup.reaching import reaching


def row(page, group):
    cells = page.soup.select(f'tr[data-group="{group}"] [data-number]')
    return {cell["data-number"]: cell.get_text(strip=True) for cell in cells}


@pytest.fixture
def empty(app):
    """A meeting with voters and no tickets yet."""
    with app.app_context():
        meeting_id = create_meeting(CHAIR, title="年度测评会", unit="统计局", held_on=None, preset_id="si-deng")
        change_groups(CHAIR, meeting_id, load_meeting(meeting_id)[0].version, EVERYONE)
        return meeting_id


def test_the_form_proposes_one_ticket_for_everybody_and_some_spares(signed_in, empty):
    page = signed_in.get(f"/desk/{empty}/tickets")
    fields = page.fields("/tickets")
    assert (fields["count"], fields["spares"]) == ("12", "2")
    page = signed_in.submit(page, "/tickets")
    assert row(page, "all") == {"printed": "14", "left_over": "2", "issued": "12", "voided": "0"}
    fields = page.fields("/tickets")
    assert (fields["count"], fields["spares"]) == ("0", "0")


def test_tickets_are_made_in_their_place_and_the_hand_stays_at_its_group(signed_in, empty):
    part = signed_in.swap(signed_in.get(f"/desk/{empty}/tickets"), "form[action$='/tickets']")
    assert row(part, "all")["printed"] == "14"
    assert part.soup.select_one("#issue-all").has_attr("autofocus")
    assert part.soup.select_one("#messages[hx-swap-oob]").get_text(strip=True) == "已制票，可以打印了。"
    steps = {step.select_one(".step-label").text for step in part.soup.select("nav#steps[hx-swap-oob] .step-done")}
    assert "制票" in steps
    refused = signed_in.swap(part, "form[action$='/tickets']", status=422, count="x")
    assert refused.soup.select_one("#main .notice") is not None


def test_a_form_that_is_sent_twice_makes_its_tickets_once(signed_in, empty):
    page = signed_in.get(f"/desk/{empty}/tickets")
    for _ in range(2):
        after = signed_in.submit(page, "/tickets")
        assert row(after, "all")["printed"] == "14"
    other = signed_in.submit(page, "/tickets", status=409, count="3")
    assert other.error == "edited_meanwhile"
    assert row(other, "all")["printed"] == "14"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"count": "-3"}, "要制作的票数应为不小于 0 的整数"),
        ({"count": "十"}, "要制作的票数应为不小于 0 的整数"),
        ({"count": "3.5"}, "要制作的票数应为不小于 0 的整数"),
        ({"count": "5", "spares": "x"}, "备用票数应为不小于 0 的整数"),
        ({"count": "0", "spares": "0"}, "至少 1 张"),
        ({"count": "20001"}, "最多制作 20000 张"),
        ({"count": "5", "group": "nobody"}, "没有这个票种"),
    ],
)
def test_bad_numbers_are_refused_in_place_and_make_no_ticket(signed_in, empty, typed, sentence):
    page = signed_in.get(f"/desk/{empty}/tickets")
    refused = press(
        signed_in,
        page,
        f"/desk/{empty}/tickets",
        status=422,
        **{"version": "0", "group": "all", "count": "", "spares": "", **typed},
    )
    assert refused.error == "field_invalid"
    assert sentence in refused.text
    assert row(refused, "all")["printed"] == "0"


def test_full_width_digits_are_digits(signed_in, empty):
    page = signed_in.get(f"/desk/{empty}/tickets")
    page = press(signed_in, page, f"/desk/{empty}/tickets", version="0", group="all", count="\uff11\uff12", spares="")
    assert row(page, "all")["printed"] == "12"


def test_no_new_tickets_once_voting_has_begun(app, signed_in):
    scene = opened(app)
    url = f"/desk/{scene.meeting_id}/tickets"
    page = signed_in.get(url)
    assert not page.soup.select('input[name="count"]')
    refused = press(signed_in, page, url, status=409, version="12", group="all", count="5", spares="0")
    assert refused.error == "wrong_state"
    assert row(refused, "all")["printed"] == "12"


def test_too_many_tickets_are_taken_back_at_once_and_made_anew(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS, spares=2)
    url, back = f"/desk/{scene.meeting_id}/tickets", f"/desk/{scene.meeting_id}/tickets/take-back"
    page = signed_in.get(url)
    before = row(page, "b")
    taken = press(signed_in, page, back, group="b", version=before["printed"])
    assert f"已收回 {before['printed']} 张票" in taken.text
    assert row(taken, "b") == {"printed": "0", "left_over": "0", "issued": "0", "voided": before["printed"]}
    assert row(taken, "a") == row(page, "a")
    # A second press, or a page of before, changes nothing more.
    again = press(signed_in, page, back, group="b", version=before["printed"])
    assert "没有可以收回的票" in again.text
    assert page.soup.select("#take-back-b")
    assert not again.soup.select("#take-back-b")
    code = scene.codes["B票"][0]
    refused = press(signed_in, again, f"{url}/void", status=410, ticket=code)
    assert refused.error == "ticket_void"
    press(signed_in, again, url, group="b", count="3", spares="0", version=before["printed"])
    stale = press(signed_in, page, back, status=409, group="b", version=before["printed"])
    assert stale.error == "edited_meanwhile"
    assert row(stale, "b")["printed"] == "3"
    with app.app_context():
        open_meeting(CHAIR, scene.meeting_id)
    assert press(signed_in, page, back, status=409, group="b", version="5").error == "wrong_state"


def test_a_lost_ticket_is_replaced_and_the_new_slip_shows_at_once(app, signed_in):
    scene = opened(app)
    url = f"/desk/{scene.meeting_id}/tickets"
    old = scene.all_codes[0]
    page = signed_in.submit(signed_in.get(url), "/tickets/reissue", ticket=grouped(old).lower(), reason="票被撕破")
    new = page.soup.select_one("[data-reissued]").get_text(strip=True)
    assert new != grouped(old)
    assert page.soup.select_one(".reissued svg path")
    assert row(page, "all") == {"printed": "12", "left_over": "0", "issued": "12", "voided": "1"}
    with app.app_context():
        assert cast(scene.meeting_id, new, "competent")
    assert new not in signed_in.get(url).text


def test_a_voided_ticket_is_counted_as_void_and_cannot_be_voided_again(app, signed_in):
    scene = prepared(app)
    url = f"/desk/{scene.meeting_id}/tickets"
    page = press(signed_in, signed_in.get(url), f"{url}/void", ticket=scene.all_codes[0])
    assert row(page, "all") == {"printed": "11", "left_over": "0", "issued": "11", "voided": "1"}
    again = press(signed_in, page, f"{url}/void", status=410, ticket=scene.all_codes[0])
    assert again.error == "ticket_void"


@pytest.mark.parametrize("act", ["void", "reissue"])
def test_refused_codes_change_nothing_and_stay_in_the_field(app, signed_in, act):
    scene, other = opened(app, [["excellent"]]), prepared(app)
    url = f"/desk/{scene.meeting_id}/tickets"
    spent, foreign = scene.all_codes[0], other.all_codes[0]
    for typed, status, code in [
        ("", 400, "ticket_mistyped"),
        ("ABCD-EFGH", 400, "ticket_mistyped"),
        ("1111-1111-1111-1112", 400, "ticket_mistyped"),
        (spent, 409, "ticket_used"),
        (foreign, 403, "ticket_foreign"),
    ]:
        refused = press(signed_in, signed_in.get(url), f"{url}/{act}", status=status, ticket=typed, reason="票被撕破")
        assert refused.error == code
        assert refused.soup.select_one("#ticket")["value"] == typed
        assert row(refused, "all") == {"printed": "12", "left_over": "0", "issued": "12", "voided": "0"}


def test_a_slip_holds_all_that_a_voter_needs_and_nothing_that_tells_it_apart(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS)
    page = signed_in.submit(signed_in.get(f"/desk/{scene.meeting_id}/tickets"), "/slips")
    slips = page.soup.select(".slip")
    assert len(slips) == 50
    for slip in slips:
        code = slip.select_one(".slip-code").get_text(strip=True)
        assert code.replace("-", "") in scene.codes[slip.select_one(".slip-group-name").text]
        assert slip.select_one("svg path")["d"]
        slip.select_one(".slip-code").decompose()
        slip.select_one("svg").decompose()
        assert [step.text for step in slip.select(".slip-how li")] == [
            "连会场 Wi-Fi，不能上网也“保持连接”，关移动数据",
            "用手机自带相机扫码",
            "微信打不开：点 ··· →“在浏览器打开”",
            "扫不了码：浏览器打开下面网址，输入票码",
        ]
    marks = {slip.select_one(".slip-group").get_text(" ", strip=True) for slip in slips}
    assert marks == {"● A票", "▲ B票", "■ C票"}
    rest = {slip.get_text(" ", strip=True) for slip in slips}
    assert len(rest) == 3, "besides code and QR only the group differs"
    assert all("年度民主测评会" in text and "青山区统计局" in text and "扫码" in text for text in rest)


def test_before_printing_the_page_says_whose_the_address_is_and_lets_a_phone_try_it(app, signed_in):
    scene = prepared(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/tickets")
    panel = page.soup.select_one("#reaching")
    assert "192.168.8.8 现在不是这台电脑的地址" in panel.select_one(".notice").text
    assert "http://192.168.8.8:8000" in panel.text
    address = f"http://192.168.8.8:8000/v/{scene.meeting_id}/1/check#{CHECK_CODE}"
    assert panel.a["href"] == address
    assert panel.select_one("svg.qr path")["d"] == qr_svg_path(address)[1]
    shown = signed_in.http.get(f"/v/{scene.meeting_id}/1/check")
    assert CHECK_CODE in shown.get_data(as_text=True)
    back = signed_in.http.post(f"/v/{scene.meeting_id}/1/check", data={"code": CHECK_CODE + "<script>"})
    assert (back.get_data(as_text=True), back.mimetype) == (CHECK_CODE, "text/plain")
    with app.app_context():
        open_meeting(CHAIR, scene.meeting_id)
    assert not signed_in.get(f"/desk/{scene.meeting_id}/tickets").soup.select("#reaching")


@pytest.mark.parametrize(
    ("url", "card_text", "warning"),
    [
        ("http://192.168.3.20:8000", "无线网卡“WLAN”", ""),
        ("http://172.17.0.1:8000", "虚拟网卡“docker0”", "虚拟网卡的地址"),
        ("http://192.168.3.99:8000", "", "本机：192.168.3.20）"),
        ("http://localhost:8000", "", "本机自己的地址"),
        ("https://ceping.example.gov.cn", "", ""),
    ],
)
def test_an_address_that_phones_will_hardly_reach_is_told(app, empty, monkeypatch, url, card_text, warning):
    cards = [
        Card("WLAN", "192.168.3.20", CardKind.WIRELESS, is_up=True, is_on_route=True),
        Card("docker0", "172.17.0.1", CardKind.VIRTUAL, is_up=True, is_on_route=False),
    ]
    monkeypatch.setattr("kaohe.web.organizer.setup.reaching.list_cards", lambda: cards)
    with app.app_context():
        config = replace(this_config(), public_url=url)
        monkeypatch.setattr("kaohe.web.organizer.setup.reaching.this_config", lambda: config)
        found = reaching(empty)
    assert (found.address, found.card_text) == (url, card_text)
    assert warning in found.warning
    assert bool(warning) == bool(found.warning)


def test_the_network_card_is_chosen_beside_the_code_and_all_that_is_printed_follows(app, signed_in, monkeypatch):
    cards = [
        Card("WLAN", "192.168.3.20", CardKind.WIRELESS, is_up=True, is_on_route=True),
        Card("Ethernet 2", "10.9.8.7", CardKind.WIRED, is_up=False, is_on_route=False),
    ]
    for module in ("config", "operations.setup.printing", "web.organizer.setup.reaching"):
        monkeypatch.setattr(f"kaohe.{module}.list_cards", lambda: cards)
    scene = prepared(app)
    at, url = f"/desk/{scene.meeting_id}/tickets", "/desk/server/card"
    assert not signed_in.get(at).soup.select(f"form[action='{url}']"), "the address was said at the start"
    with app.app_context():
        config = replace(this_config(), follows_card=True)
        install(app, config, these_secrets())

    page = signed_in.get(at)
    assert page.soup.select_one("#reaching .notice") is not None
    check = f"/desk/{scene.meeting_id}/check"
    (gone,) = signed_in.get(check).soup.select("[data-finding=address_gone]")
    assert "http://192.168.8.8:8000 已经不是这台电脑的地址" in gone.text
    assert [field["value"] for field in page.soup.select("#reaching [name=address]")] == ["192.168.3.20", "10.9.8.7"]
    assert "有线网卡“Ethernet 2”，没有接通" in page.text
    page = signed_in.submit(page, url, address="192.168.3.20")
    assert page.response.request.path == at
    assert "手机现在从 http://192.168.3.20:8000 进入" in page.text
    assert "由本机的无线网卡“WLAN”提供" in page.text
    assert not page.soup.select("#reaching .notice")
    assert page.soup.select_one("#print-asked dd").text == "http://192.168.3.20:8000"
    assert (config.data / "address").read_text() == "192.168.3.20\n"

    assert signed_in.get(check).soup.select(".finding-blocking[data-finding=address_changed]")
    assert not signed_in.get(check).soup.select("[data-finding=address_gone]")
    slips = signed_in.submit(page, "/slips")
    assert f"http://192.168.3.20:8000/v/{scene.meeting_id}" in slips.text
    assert not signed_in.get(check).soup.select("[data-finding=address_changed]")

    refused = signed_in.submit(signed_in.get("/desk/server"), url, status=422, address="192.168.8.8")
    assert "这台电脑现在没有这个地址" in refused.text
    with app.app_context():
        assert this_config().public_url == "http://192.168.3.20:8000"
        open_meeting(CHAIR, scene.meeting_id)
    board = f"/desk/{scene.meeting_id}/chair"
    assert "已经不是这台电脑的地址" not in signed_in.get(board).text
    cards.pop(0)
    assert "票上的网址已经不是这台电脑的地址，手机打不开" in signed_in.get(board).text


def test_an_address_that_leads_every_phone_to_itself_is_named_where_the_settings_say_it(app, signed_in):
    scene = prepared(app)
    for address in ("https://localhost:8443", "https://127.0.0.1", "http://[::1]:8000"):
        with app.app_context():
            change_public_url(address)
        notice = signed_in.get(f"/desk/{scene.meeting_id}/tickets").soup.select_one("#reaching .notice")
        assert "请管理员改正网址，重新启动服务器，再打印" in notice.text
        (found,) = signed_in.get(f"/desk/{scene.meeting_id}/check").soup.select("[data-finding=loopback]")
        assert f"网址 {address} 是服务器自己的地址" in found.text


def test_before_slips_are_printed_it_is_asked_with_the_address_and_the_groups_whether_a_phone_was_tried(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS)
    asked = signed_in.get(f"/desk/{scene.meeting_id}/tickets").soup.select_one("#print-asked")
    assert [each.text for each in asked.select("dd")] == [PUBLIC_URL, "A票 6 张、B票 13 张、C票 31 张"]
    assert "用手机扫上面的码试过了吗？" in asked.text
    assert asked.select_one("form")["action"].endswith("/slips")


def test_each_group_begins_on_a_page_of_its_own(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/slips", follow_redirects=True)
    groups = [{tag.get_text() for tag in sheet.select(".slip-group-name")} for sheet in page.soup.select(".slip-page")]
    assert groups == [{"A票"}, {"B票"}, {"B票"}, {"C票"}, {"C票"}, {"C票"}, {"C票"}]


def test_every_printing_has_an_order_of_its_own(app, signed_in):
    scene = prepared(app, groups=(Group("all", "全体", Fraction(1), 40),))
    url = f"/desk/{scene.meeting_id}/slips"

    def order(address):
        page = signed_in.get(address, follow_redirects=True)
        return [tag.get_text() for tag in page.soup.select(".slip-code")], page.response.request.full_path

    first, address = order(url)
    assert order(address)[0] == first
    second, _ = order(url)
    assert second != first
    assert sorted(second) == sorted(first)


def test_more_than_a_thousand_slips_come_in_parts_that_do_not_overlap_and_leave_nothing_out(app, signed_in):
    scene = prepared(app, groups=(Group("all", "全体", Fraction(1), 1040),))
    first = signed_in.http.get(f"/desk/{scene.meeting_id}/slips", follow_redirects=True)
    parts = [tag["href"] for tag in BeautifulSoup(first.data, "html.parser").select(".parts a")]
    found = []
    for part, slips in zip(parts, (500, 500, 40), strict=True):
        text = signed_in.http.get(part).text
        codes = [code.replace("-", "") for code in re.findall(r'class="slip-code[^>]*>\s*([0-9A-Z-]+)', text)]
        assert len(codes) == slips
        assert text.count('class="slip-page') == slips // 10
        found += codes
    assert len(found) == len(set(found))
    assert set(found) == set(scene.all_codes)


@pytest.mark.parametrize("part", ["0", "2", "-1", "99999"])
def test_a_part_that_does_not_exist_is_refused(app, signed_in, part):
    scene = prepared(app)
    assert signed_in.get(f"/desk/{scene.meeting_id}/slips?printing=x&part={part}", status=404).error == "not_found"


def test_the_csv_holds_every_ticket_and_says_nothing_of_order(app, signed_in):
    scene = prepared(app, groups=THREE_GROUPS)
    reply = signed_in.http.get(f"/desk/{scene.meeting_id}/tickets.csv")
    assert reply.data.startswith("\ufeff票种,票码,网址\r\n".encode())
    rows = list(csv.DictReader(StringIO(reply.data.decode("utf-8-sig"))))
    assert {(r["票种"], r["票码"].replace("-", "")) for r in rows} == {
        (label, code) for label, codes in scene.codes.items() for code in codes
    }
    assert all("#" + r["票码"].replace("-", "") + "." in r["网址"] for r in rows)
    assert unquote(reply.headers["Content-Disposition"].rpartition("''")[2]) == "年度民主测评会票码.csv"


@pytest.mark.parametrize("hold", [opened, closed, counted])
def test_once_voting_has_begun_no_page_and_no_file_holds_a_code(app, signed_in, hold):
    scene = hold(app)
    url = f"/desk/{scene.meeting_id}"
    page = signed_in.get(f"{url}/tickets")
    assert "票码已经清除" in page.text
    assert not page.soup.select('a[href$="/tickets.csv"], form[action$="/slips"]')
    for refused in (
        signed_in.get(f"{url}/slips?printing=0123456789abcdef&part=1", status=409),
        signed_in.get(f"{url}/tickets.csv", status=409),
        press(signed_in, page, f"{url}/slips", status=409),
    ):
        assert refused.error == "codes_sealed"
        assert "换发" in refused.text


def test_the_shared_code_has_a_poster_that_says_what_it_cannot_prevent(app, signed_in):
    scene = prepared(app, shared_group="all")
    tickets = signed_in.get(f"/desk/{scene.meeting_id}/tickets")
    assert tickets.soup.select('a[href$="/poster"]')
    page = signed_in.get(f"/desk/{scene.meeting_id}/poster")
    with app.app_context():
        pool_code = load_meeting(scene.meeting_id)[1].pool_code
        assert draw_ticket(scene.meeting_id, pool_code, "n" * 20)
    assert grouped(pool_code) in page.text
    assert "防不住" in page.text
    assert page.soup.select_one("svg path")["d"]
    assert row(signed_in.get(f"/desk/{scene.meeting_id}/tickets"), "all")["issued"] == "1"


def test_the_poster_leads_into_the_halls_network_first_where_somebody_has_said_one(app, signed_in):
    scene = prepared(app, shared_group="all")
    poster = f"/desk/{scene.meeting_id}/poster"
    (lone,) = signed_in.get(poster).soup.select("svg.qr path")
    with app.app_context():
        change_wireless("王主持", scene.meeting_id, "会场", "12345678")
    page = signed_in.get(poster)
    network, code = page.soup.select("svg.qr path")
    assert code["d"] == lone["d"] != network["d"]
    assert "名称 会场 密码 12345678" in page.text
    assert "用手机自带的相机扫" in page.text


def test_a_meeting_without_a_shared_code_has_no_poster(app, signed_in):
    scene = prepared(app)
    assert not signed_in.get(f"/desk/{scene.meeting_id}/tickets").soup.select('a[href$="/poster"]')
    assert signed_in.get(f"/desk/{scene.meeting_id}/poster", status=409).error == "wrong_state"


def test_more_tickets_may_be_made_before_opening(app, signed_in):
    scene = prepared(app)
    with app.app_context():
        issue_tickets(CHAIR, scene.meeting_id, "all", 3, 1)
    page = signed_in.get(f"/desk/{scene.meeting_id}/tickets")
    assert row(page, "all") == {"printed": "16", "left_over": "1", "issued": "15", "voided": "0"}


def test_the_page_says_what_becomes_of_slips_when_a_vote_is_held_again(app, signed_in):
    with app.app_context():
        scene = opened(app)
        void_round(CHAIR, scene.meeting_id, "收回多于发出")
    url = f"/desk/{scene.meeting_id}/tickets"
    page = signed_in.get(url)
    assert "上一轮发出的票继续有效，不必重印；票码在上一轮开始时已经清除，丢失的请再制。" in page.text
    assert "没有要打印的票" not in page.text
    more = press(signed_in, page, url, version="12", group="all", count="1", spares="0")
    assert "共 1 张" in more.text
    assert "上一轮发出的票继续有效" in more.text
