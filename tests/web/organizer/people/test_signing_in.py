"""Signing in: the one-time link, name and password, the lock, and where one is led afterwards."""

from __future__ import annotations

import pytest
from desk import PASSWORD, make_account, opened_link, sign_in_as
from flask import Flask
from page_client import PageClient

from kaohe.operations.people.sign_in_links import first_sign_in_url, make_sign_in_link
from kaohe.web.organizer.people.signing_in import local_path


@pytest.fixture
def token(app: Flask) -> str:
    with app.app_context():
        return make_sign_in_link("测试")


def test_the_first_organizer_makes_an_account_with_the_printed_link(app, pages, token):
    page = opened_link(pages, token)
    page = pages.submit(page, name="王主持", password=PASSWORD, password_again=PASSWORD)
    assert page.response.request.path == "/desk/"
    assert "王主持" in page.text
    assert "新建测评会" in page.text


def test_the_secret_of_a_link_is_behind_the_sign_that_is_never_sent_and_in_no_address_after_it(app, pages, token):
    with app.app_context():
        address, sign, secret = first_sign_in_url(token).partition("#")
    assert (address.endswith("/desk/first"), sign, secret) == (True, "#", token)
    page = opened_link(pages, token)
    assert page.response.request.path == "/desk/first"
    assert page.form("/first")["action"] == "/desk/first"
    assert token not in page.response.request.url
    assert "Location" not in page.response.headers
    assert pages.get(f"/desk/first/{token}", status=404).error == "not_found"


def test_without_scripts_the_whole_link_or_what_is_behind_the_sign_is_pasted(app, pages, token):
    with app.app_context():
        link = first_sign_in_url(token)
    for pasted in (link, token, f" {token} "):
        assert opened_link(pages, pasted).soup.select_one("#name")
    for pasted in ("", "#", link + "x"):
        assert opened_link(pages, pasted, status=410).error == "link_used"


def test_a_used_link_makes_no_second_account(app, pages, token):
    first = opened_link(pages, token)
    pages.submit(first, name="王主持", password=PASSWORD, password_again=PASSWORD)
    assert opened_link(PageClient(app), token, status=410).error == "link_used"


@pytest.mark.parametrize(
    ("name", "password", "again", "code"),
    [
        ("王主持", "12345678", "12345678", "password_weak"),
        ("王主持", PASSWORD, "something else", "field_invalid"),
        ("李组织", PASSWORD, PASSWORD, "name_taken"),
    ],
)
def test_a_refused_account_leaves_the_link_good_and_keeps_the_name(app, pages, token, name, password, again, code):
    make_account(app, "李组织")
    page = opened_link(pages, token)
    status = 409 if code == "name_taken" else 422
    refused = pages.submit(page, status=status, name=name, password=password, password_again=again)
    assert refused.error == code
    assert refused.soup.select_one("#name")["value"] == name
    assert opened_link(pages, token).error is None


def test_a_password_that_was_refused_is_not_written_into_the_page(app, pages, token):
    page = opened_link(pages, token)
    refused = pages.submit(page, status=422, name="王主持", password="geheim1", password_again="geheim1")
    assert "geheim1" not in str(refused.soup)


def test_an_empty_form_says_at_each_field_what_is_missing(pages):
    page = pages.get("/desk/sign-in")
    refused = pages.submit(page, status=422)
    assert "请输入姓名。" in refused.text
    assert "请输入密码。" in refused.text


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(app, pages):
    make_account(app, "王主持")
    page = pages.get("/desk/sign-in")
    wrong_password = pages.submit(page, status=401, name="王主持", password="wrong")
    wrong_name = pages.submit(page, status=401, name="无此人", password="wrong")
    sentences = [p.soup.select_one("[data-error]").get_text() for p in (wrong_password, wrong_name)]
    assert sentences[0] == sentences[1]
    assert wrong_name.error == "sign_in_failed"


def test_five_failures_lock_the_account_even_for_the_right_password(app, pages):
    make_account(app, "王主持")
    page = pages.get("/desk/sign-in")
    for _ in range(5):
        pages.submit(page, status=401, name="王主持", password="wrong")
    locked = pages.submit(page, status=429, name="王主持", password=PASSWORD)
    assert locked.error == "locked_out"
    assert "15 分钟" in locked.text


def test_a_stranger_is_led_to_the_sign_in_and_then_to_the_page_asked_for(app, pages):
    make_account(app, "王主持")
    page = pages.get("/desk/new?preset=si-deng&sought=%E5%9B%9B%20+%ff", follow_redirects=True)
    assert page.response.request.path == "/desk/sign-in"
    page = pages.submit(page, name="王主持", password=PASSWORD)
    assert page.response.request.path == "/desk/new"
    assert page.response.request.query_string == b"preset=si-deng&sought=%E5%9B%9B%20+%ff"


def test_nobody_is_led_away_from_this_server_after_signing_in(app, pages):
    make_account(app, "王主持")
    page = pages.get("/desk/sign-in?next=https://example.com/")
    page = pages.submit(page, name="王主持", password=PASSWORD, next="//example.com/desk")
    assert page.response.request.path == "/desk/"


@pytest.mark.parametrize("wanted", ["https://a.cn/", "//a.cn", "/\\a.cn", "desk", "javascript:alert(1)", "/a\n/b", ""])
def test_only_a_path_of_this_server_is_taken_as_a_way_back(wanted):
    assert local_path(wanted) == ""
    assert local_path("/desk/abc/hall?x=1") == "/desk/abc/hall?x=1"


def test_signing_out_ends_the_sign_in_on_the_server_too(app):
    make_account(app, "王主持")
    client = sign_in_as(app, "王主持")
    with client.http.session_transaction("/desk/") as session:
        kept = dict(session)
    client.submit(client.get("/desk/"), "/sign-out")
    with client.http.session_transaction("/desk/") as session:
        session.update(kept)
    assert client.http.get("/desk/").status_code == 302


def test_two_organizers_are_signed_in_at_once(app):
    make_account(app, "王主持")
    make_account(app, "李组织")
    wang, li = sign_in_as(app, "王主持"), sign_in_as(app, "李组织")
    assert "王主持" in wang.get("/desk/").text
    assert "李组织" in li.get("/desk/").text
    wang.submit(wang.get("/desk/"), "/sign-out")
    assert "李组织" in li.get("/desk/").text


def test_a_form_without_its_token_is_refused_and_signs_nobody_in(app, pages):
    make_account(app, "王主持")
    refused = pages.post("/desk/sign-in", {"name": "王主持", "password": PASSWORD}, status=400)
    assert refused.error == "page_expired"
    assert pages.http.get("/desk/").status_code == 302


@pytest.mark.parametrize("path", ["/desk/", "/desk/new", "/desk/accounts", "/desk/abc/basics", "/desk/abc/hall"])
def test_the_console_shows_nothing_to_strangers(pages, path):
    reply = pages.http.get(path)
    assert reply.status_code == 302
    assert "/desk/sign-in" in reply.headers["Location"]
