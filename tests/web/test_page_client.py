"""The client that looks at every page finds what it looks for."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from page_client import PageClient, check_page

WHOLE = (
    '<!doctype html><html lang="zh-CN"><head><title>考核</title></head><body><h1>考核</h1>'
    '<form method="post" action="/desk/sign-in"><input type="hidden" name="csrf_token" value="t">'
    '<label for="n">姓名</label><input id="n" name="name"><label>口令 <input name="password"></label>'
    '<button>登录</button></form><a href="/desk/sign-in">登录</a><img src="/static/logo.svg" alt="">'
    '<p>手机打开 <a href="http://192.168.8.8:8000/v/c5943ern/1">地址</a></p></body></html>'
)


def problems(app: Flask, source: str, *, is_whole: bool = True) -> list[str]:
    return check_page(app, BeautifulSoup(source, "html.parser"), is_whole=is_whole)


def test_a_careful_page_passes(app: Flask) -> None:
    assert problems(app, WHOLE) == []


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        (' lang="zh-CN"', "", "html without lang"),
        ("<title>考核</title>", "<title> </title>", "no title"),
        ("<h1>考核</h1>", "", "0 h1 headings"),
        ("<h1>考核</h1>", "<h1>考核</h1><h1>考核</h1>", "2 h1 headings"),
        ("<p>", '<p id="n">', "id 'n' stands 2 times"),
        ('<label for="n">姓名</label>', "", "field without a label"),
        ("<label>口令 <input", "口令 <label></label><input", "field without a label"),
        ("<p>", '<select name="s"></select><p>', "field without a label"),
        ("<p>", '<textarea name="t"></textarea><p>', "field without a label"),
        (' alt=""', "", "image without alt"),
        ("<button>登录</button>", "<button> </button>", "nothing to read on"),
        ('<a href="/desk/sign-in">登录</a>', '<a href="/desk/sign-in"></a>', "nothing to read on"),
        (' method="post"', "", "form without a method"),
        (' value="t"', "", "form without CSRF token"),
        ("<p>", '<p onclick="x()">', "inline handler onclick"),
        ("<p>", '<p hx-on:click="x()">', "inline handler hx-on"),
        ("<p>", '<p style="color:red">', "inline style on p"),
        ("<p>", "<style>p{}</style><p>", "inline style sheet"),
        ("<p>", "<script>x()</script><p>", "inline script"),
        ('src="/static', 'src="https://elsewhere.example', "outside address"),
        ("http://192.168.8.8:8000/", "http://elsewhere.example/", "outside address"),
        ("<p>", '<p hx-get="/nowhere">', "GET /nowhere leads nowhere"),
        ("<p>", '<p hx-post="/privacy">', "POST /privacy leads nowhere"),
        ("<p>", '<p sse-connect="/nowhere">', "GET /nowhere leads nowhere"),
        ('action="/desk/sign-in"', 'action="/desk/nowhere"', "POST /desk/nowhere leads nowhere"),
        ("<h1>", '<script src="/static/js/desk.js"></script><div id="main"><h1>', "the browser keeps password"),
        ("<form ", '<form hx-target="#rows" ', "hx-target #rows is nowhere"),
        ("<form ", '<form hx-select="#rows" ', "hx-select #rows is nowhere"),
        ("<form ", '<form hx-target="closest li" ', "hx-target closest li names no id"),
        ("<p>", '<p hx-get="/desk/sign-in">', "p does nothing without scripts"),
        ("<form ", '<form hx-boost="true"><a href="/desk/sign-in">登录</a></form><form ', "link out of a part"),
    ],
)
def test_each_fault_is_named(app: Flask, good: str, bad: str, complaint: str) -> None:
    assert good in WHOLE
    assert any(problem.startswith(complaint) for problem in problems(app, WHOLE.replace(good, bad, 1)))


def test_an_answer_to_htmx_that_holds_another_part_is_caught(signed_in: PageClient) -> None:
    with pytest.raises(AssertionError, match="holds no #people"):
        signed_in.get("/desk/sign-in", headers={"HX-Request": "true", "HX-Target": "people"})


def test_a_part_that_asks_for_itself_and_a_form_of_htmx_pass(app: Flask) -> None:
    parts = '<p id="n2" hx-get="/desk/sign-in" hx-trigger="every 3s"></p><form hx-target="#n2" hx-get="/desk/sign-in" '
    assert problems(app, WHOLE.replace("<form ", parts, 1)) == []


def test_a_piece_of_a_page_needs_no_frame(app: Flask) -> None:
    assert problems(app, "<p>已计入 12</p>", is_whole=False) == []
    assert problems(app, '<p><img src="/static/logo.svg"></p>', is_whole=False) != []
