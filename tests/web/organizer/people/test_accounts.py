"""An administrator looks after accounts, and everybody after the own one."""

from __future__ import annotations

import pyotp
import pytest
from bs4 import BeautifulSoup
from desk import PASSWORD, make_account, opened_link, sign_in_as, turn_on_second_factor
from page_client import Page, PageClient

from kaohe.domain.permissions import Role
from kaohe.reports.ticket_slips import qr_svg_path

NEW = "neues Passwort 9"


def test_an_invited_organizer_makes_an_account_of_their_own(app, signed_in):
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite")
    link = page.soup.select_one("#link")["value"]
    guest = PageClient(app)
    page = guest.submit(opened_link(guest, link), name="李组织", password=PASSWORD, password_again=PASSWORD)
    assert "李组织" in page.text
    assert guest.get("/desk/accounts", status=403).error == "not_allowed"
    cards = signed_in.get("/desk/accounts").soup.select("[data-account]")
    assert [(card["data-account"], card.select_one(".account-roles").text) for card in cards] == [
        ("李组织", "组织者"), ("王主持", "组织者、管理员"),
    ]  # fmt: skip


def test_an_invitation_is_shown_once(signed_in):
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite")
    link = page.soup.select_one("#link")["value"]
    assert page.soup.select_one(".link-code path")["d"] == qr_svg_path(link)[1]
    again = signed_in.get("/desk/accounts")
    assert link.rpartition("#")[2] not in str(again.soup)
    assert not again.soup.select(".link-code")


def test_a_changed_password_ends_every_sign_in_of_the_account(app, signed_in):
    elsewhere = sign_in_as(app, "王主持")
    page = signed_in.submit(
        signed_in.get("/desk/account"),
        "/desk/account/password",
        old_password=PASSWORD,
        password=NEW,
        password_again=NEW,
    )
    assert page.response.request.path == "/desk/sign-in"
    assert "请用新密码登录" in page.text
    assert elsewhere.http.get("/desk/").status_code == 302
    assert "王主持" in sign_in_as(app, "王主持", NEW).get("/desk/").text


@pytest.mark.parametrize(
    ("old", "new", "again", "status", "code"),
    [
        ("wrong", NEW, NEW, 401, "sign_in_failed"),
        (PASSWORD, "12345678", "12345678", 422, "password_weak"),
        (PASSWORD, NEW, NEW + "x", 422, "field_invalid"),
    ],
)
def test_a_refused_password_leaves_the_old_one_and_the_sign_in(app, signed_in, old, new, again, status, code):
    page = signed_in.submit(
        signed_in.get("/desk/account"),
        "/desk/account/password",
        status=status,
        old_password=old,
        password=new,
        password_again=again,
    )
    assert page.error == code
    assert new not in str(page.soup)
    assert signed_in.get("/desk/").response.status_code == 200
    assert "王主持" in sign_in_as(app, "王主持").get("/desk/").text


def test_an_empty_password_form_says_what_is_missing(signed_in):
    page = signed_in.submit(signed_in.get("/desk/account"), "/desk/account/password", status=422)
    assert "请输入原密码。" in page.text


def test_the_roles_ticked_are_the_roles_given_and_hold_from_the_next_request_on(app, signed_in):
    make_account(app, "李人事", roles=[Role.HR])
    li = sign_in_as(app, "李人事")
    assert li.get("/desk/new", status=403).error == "not_allowed"
    _on_the_card_of(signed_in, "李人事", "roles", role=["hr", "organizer"])
    assert "新建" in li.get("/desk/new").text
    _on_the_card_of(signed_in, "李人事", "roles", role=["hr"])
    assert li.get("/desk/new", status=403).error == "not_allowed"


def test_the_last_administrator_can_neither_be_locked_nor_lose_the_role(app, signed_in):
    make_account(app, "李管理", roles=[Role.ADMINISTRATOR])
    _on_the_card_of(signed_in, "王主持", "roles", role=["organizer"])
    li = sign_in_as(app, "李管理")
    assert _on_the_card_of(li, "李管理", "lock", status=409).error == "last_administrator"
    assert _on_the_card_of(li, "李管理", "roles", status=409, role=["teller"]).error == "last_administrator"
    assert "李管理" in li.get("/desk/accounts").text


def test_an_account_needs_a_role(app, signed_in):
    assert _on_the_card_of(signed_in, "王主持", "roles", status=422, role=[]).error == "field_invalid"
    refused = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite", status=422, role=[])
    assert refused.error == "field_invalid"
    assert _on_the_card_of(signed_in, "王主持", "roles", status=422, role=["king"]).error == "field_invalid"


def test_a_locked_account_is_out_at_once_and_stays_out(app, signed_in):
    make_account(app, "李监票", roles=[Role.TELLER])
    li = sign_in_as(app, "李监票")
    _on_the_card_of(signed_in, "李监票", "lock")
    assert li.http.get("/desk/").status_code == 302
    page = li.submit(li.get("/desk/sign-in"), status=403, name="李监票", password=PASSWORD)
    assert page.error == "account_closed"
    _on_the_card_of(signed_in, "李监票", "unlock")
    assert "李监票" in sign_in_as(app, "李监票").get("/desk/").text


def test_a_password_is_set_anew_by_a_link_that_works_once(app, signed_in):
    make_account(app, "李监票", roles=[Role.TELLER])
    li = sign_in_as(app, "李监票")
    page = _on_the_card_of(signed_in, "李监票", "password-link")
    link = page.soup.select_one("#link")["value"]
    guest = PageClient(app)
    assert "账号“李监票”" in opened_link(guest, link).text
    page = guest.submit(opened_link(guest, link), status=422, password=NEW, password_again="x")
    page = guest.submit(opened_link(guest, link), password=NEW, password_again=NEW)
    assert page.response.request.path == "/desk/sign-in"
    assert li.http.get("/desk/").status_code == 302
    assert opened_link(guest, link, status=410).error == "link_used"
    assert "李监票" in sign_in_as(app, "李监票", NEW).get("/desk/").text


def test_sign_ins_are_listed_and_ended_by_their_owner_and_by_an_administrator(app, signed_in):
    make_account(app, "李监票", roles=[Role.TELLER])
    here, there = sign_in_as(app, "李监票"), sign_in_as(app, "李监票")
    page = here.get("/desk/account")
    others = page.soup.select(".sign-ins button")
    assert len(others) == 2
    here.submit(_only_first_form(page, ".sign-ins form"), sign_in=others[0]["value"])
    here.submit(_only_first_form(page, ".sign-ins form"), sign_in=others[1]["value"])
    assert there.http.get("/desk/").status_code == 302
    assert here.get("/desk/account").soup.select(".sign-ins button") == []
    _on_the_card_of(signed_in, "李监票", "sign-ins/end-all")
    assert here.http.get("/desk/").status_code == 302


def test_with_htmx_a_sign_in_that_is_ended_leaves_the_list_and_nothing_else_is_sent(app, signed_in):
    sign_in_as(app, "王主持")
    page = signed_in.get("/desk/account")
    handle = page.soup.select_one("#sign-ins button")["value"]
    rest = signed_in.swap(page, "#sign-ins form", sign_in=handle)
    assert len(rest.soup.select("#sign-ins li")) == len(page.soup.select("#sign-ins li")) - 1
    assert not rest.soup.select("h1")


def test_with_htmx_a_locked_account_stays_unfolded_and_its_button_keeps_its_name(app, signed_in):
    make_account(app, "李监票", roles=[Role.TELLER])
    page = signed_in.get("/desk/accounts")
    card = page.soup.select_one("[data-account=李监票]")["id"]
    assert not page.soup.select("details[open]")
    page = signed_in.swap(page, f"#{card} form[action$='/lock']")
    assert page.soup.select_one(f"#{card} details[open] button[id^=lock-]").text == "恢复使用"
    assert "停用“李监票”" in page.text
    page = signed_in.swap(page, f"#{card} form[action$=unlock]")
    page = signed_in.swap(page, f"#{card} form[action$=password-link]")
    assert "/first#" in page.soup.select_one("#accounts #link")["value"]


def test_with_htmx_an_administrator_who_gives_up_the_role_is_led_away(app, signed_in):
    make_account(app, "赵管理", roles=[Role.ADMINISTRATOR])
    page = signed_in.get("/desk/accounts")
    form = "[data-account=王主持] form[action$=roles]"
    left = signed_in.swap(page, form, status=204, role=["organizer"])
    assert left.response.headers["HX-Redirect"] == "/desk/"
    assert "角色已保存" in signed_in.get("/desk/").text


def test_what_was_done_with_accounts_is_on_record(app, signed_in):
    make_account(app, "李监票", roles=[Role.TELLER])
    _on_the_card_of(signed_in, "李监票", "roles", role=["teller", "hr"])
    _on_the_card_of(signed_in, "李监票", "lock")
    text = signed_in.get("/desk/accounts").text
    assert "王主持 停用“李监票”" in text
    assert "王主持 把“李监票”的角色由监票人改为监票人、人事" in text


def test_a_second_factor_is_set_up_by_scanning_and_then_asked_for_after_the_password(app, signed_in):
    page = signed_in.submit(signed_in.get("/desk/account"), "/desk/account/second-factor")
    assert page.soup.select_one("svg.factor-qr path")["d"].startswith("M")
    secret = "".join(page.soup.select_one("[data-secret]").text.split())
    refused = signed_in.submit(page, "/second-factor/confirm", status=401, code="000000")
    assert refused.error == "code_wrong"
    page = signed_in.submit(page, "/second-factor/confirm", code=pyotp.TOTP(secret).now())
    codes = [each.text for each in page.soup.select("[data-codes] li")]
    assert len(set(codes)) == 10
    assert secret not in str(signed_in.get("/desk/account").soup)

    elsewhere = PageClient(app)
    page = elsewhere.submit(elsewhere.get("/desk/sign-in?next=/desk/account"), name="王主持", password=PASSWORD)
    assert page.response.request.path == "/desk/sign-in/code"
    assert elsewhere.http.get("/desk/").status_code == 302
    assert elsewhere.submit(page, status=401, code="123456").error == "code_wrong"
    page = elsewhere.submit(page, code=codes[0])
    assert page.response.request.path == "/desk/account"
    assert "剩余恢复码 9 个" in page.text


def test_without_a_right_password_there_is_no_page_for_the_code(app, signed_in):
    stranger = PageClient(app)
    page = stranger.get("/desk/sign-in/code", follow_redirects=True)
    assert page.response.request.path == "/desk/sign-in"


def test_a_second_factor_is_turned_off_with_the_password_or_by_an_administrator(app, signed_in):
    _, codes = turn_on_second_factor(signed_in)
    page = signed_in.get("/desk/account")
    refused = signed_in.post(
        "/desk/account/second-factor/off", {**page.fields("/second-factor/codes"), "password": "wrong"}, status=401
    )
    assert refused.error == "sign_in_failed"
    page = signed_in.submit(page, "/second-factor/codes", password=PASSWORD)
    fresh = [each.text for each in page.soup.select("[data-codes] li")]
    assert set(fresh).isdisjoint(codes)
    page = _on_the_card_of(signed_in, "王主持", "second-factor/reset")
    assert page.response.request.path == "/desk/sign-in"
    again = sign_in_as(app, "王主持")
    assert "未开启" in again.get("/desk/account").text
    assert "重置“王主持”的两步验证" in again.get("/desk/accounts").text


def _on_the_card_of(client, name, act, *, status=200, **fields):
    page = client.get("/desk/accounts")
    card = page.soup.select_one(f'[data-account="{name}"]')
    form = next(form for form in card.select("form") if form["action"].endswith(f"/{act}") and not form.select("li"))
    token = form.select_one("input[name=csrf_token]")["value"]
    return client.post(form["action"], {"csrf_token": token, **fields}, status=status)


def _only_first_form(page, selector):
    """The page as if it held that one form, so that it can be submitted."""
    kept = page.soup.select(selector)[0]
    return Page(page.response, BeautifulSoup(str(kept), "html.parser"))
