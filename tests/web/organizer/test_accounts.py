"""Inviting another organizer, and one's own password."""

from __future__ import annotations

import pytest
from desk import PASSWORD, sign_in_as
from page_client import PageClient

NEW = "neues Passwort 9"


def test_an_invited_organizer_makes_an_account_of_their_own(app, signed_in):
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite")
    link = page.soup.select_one("#link")["value"]
    guest = PageClient(app)
    path = "/desk/first/" + link.rsplit("/", 1)[1]
    page = guest.submit(guest.get(path), name="李组织", password=PASSWORD, password_again=PASSWORD)
    assert "李组织" in page.text
    assert [line.text.strip() for line in guest.get("/desk/accounts").soup.select(".people li")] == [
        "李组织（您）", "王主持",
    ]  # fmt: skip


def test_an_invitation_is_shown_once(signed_in):
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite")
    token = page.soup.select_one("#link")["value"].rsplit("/", 1)[1]
    assert token not in str(signed_in.get("/desk/accounts").soup)


def test_a_changed_password_ends_every_sign_in_of_the_account(app, signed_in):
    elsewhere = sign_in_as(app, "王主持")
    page = signed_in.submit(
        signed_in.get("/desk/accounts"),
        "/desk/accounts/password",
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
        signed_in.get("/desk/accounts"),
        "/desk/accounts/password",
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
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/password", status=422)
    assert "请输入原密码。" in page.text
