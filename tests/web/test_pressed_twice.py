"""Whatever is pressed twice on the console happens once: the same form, posted again, finds its work done.

A double click posts the form of one page twice, hidden fields and all. Every form of every page, in every state of a
meeting, is filled in and posted twice; the second time must leave the database as the first one did. The short form
runs with all tests; ``make bad-input`` goes through every state.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from holding import closed, counted, opened, prepared, published
from odd_forms import forms_of
from page_client import PageClient
from role_visits import url_of
from scene import Scene, draft_meeting, put_scheme

from kaohe.domain.rosters import SubjectEntry
from kaohe.schemes import load_preset, parse_scheme_text
from kaohe.schemes.writing import scheme_toml
from kaohe.storage.tables import db
from kaohe.web.access import Audience, audience_of

OWN_SCHEME = """
format = 1
key = "own"
title = "自定方案"
grades = [{ key = "good", label = "好", points = 100 }, { key = "poor", label = "差", points = 0 }]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
bonus_limit = 5
clauses = [{ key = "bonus", label = "表彰加分", effect = "bonus" }]
"""


MAKERS: Mapping[str, Callable[[Flask], Scene]] = {
    "draft": prepared,
    "open": opened,
    "closed": closed,
    "counted": counted,
    "published": published,
}


def _meeting_in(app: Flask, state: str) -> str:
    """A meeting in this state; a new one has a scheme that asks for scores and decisions, and no ticket yet."""
    if state in MAKERS:
        return MAKERS[state](app).meeting_id
    with app.app_context():
        meeting_id = draft_meeting("si-deng", [SubjectEntry("张伟", "办公室"), SubjectEntry("李娜", "财务科")])
        put_scheme(meeting_id, parse_scheme_text(OWN_SCHEME))
        return meeting_id


APART = frozenset({"sign_ins"})
"""What notes that somebody was here."""
# These end the walker's own sign-in or the meeting's state; that one act of the chair follows another is for its pages.
_LEFT_ALONE = re.compile(
    r"/desk/(sign-|account/(password|sign-ins)|accounts/\w+/(roles|unit|sign-ins|lock|factor|password-link)"
    r"|\w+/(wipe|close|void|publish|count|open|archive|delete|purge)$)"
)
# A secret that nobody has proved yet is drawn anew, and a printing is noted each time that it is begun.
_NOTED_EACH_TIME = re.compile(r"/desk/account/second-factor|/desk/\w+/slips|/documents/\w+/material")
_WORDS = {"number": "3", "numeric": "3", "decimal": "3", "date": "2026-12-18", "password": "一把好用的长密码"}
_TYPED = {
    "seats": "1",
    "text": scheme_toml(load_preset("guji-xiaoneng")),
    "pasted": "张伟\t3",
    "count": "3",
    "reason": "年内获表彰",
}


def _state(app: Flask) -> dict[str, list[str]]:
    with app.app_context(), db.engine.connect() as connection:
        tables = [table for table in db.metadata.sorted_tables if table.name not in APART]
        return {table.name: sorted(map(repr, connection.execute(table.select()))) for table in tables}


def _filled(form: Tag) -> dict[str, list[str]]:
    """A form as somebody sends it who has typed into every empty field and ticked every box."""
    fields: dict[str, list[str]] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind, value = str(field["name"]), str(field.get("type", "text")), str(field.get("value") or "")
        if kind == "file" or (kind == "radio" and name in fields and not field.has_attr("checked")):
            continue
        if field.name == "select":
            options = field.select("option[selected]") + field.select("option")
            value = next(filter(None, (str(option.get("value", option.text)) for option in options)), "")
        elif kind not in ("hidden", "radio", "checkbox"):
            written = field.text.strip() if field.name == "textarea" else value
            word = _WORDS.get(kind) or _WORDS.get(str(field.get("inputmode")), "试一试")
            value = _TYPED.get(name) or written or ("1" if name.startswith("i.") else word)
        fields[name] = [*([] if kind == "radio" else fields.get(name, [])), value]
    return fields


def _acts(page: BeautifulSoup, at: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for form in forms_of(page):
        own = str(form.get("action") or at).partition("#")[0]
        for button in form.select("button:not([type=button])"):
            named = {str(button["name"]): [str(button.get("value", ""))]} if button.get("name") else {}
            yield str(button.get("formaction") or own), {**_filled(form), **named}


@pytest.mark.parametrize("state", ("new", *MAKERS) if os.environ.get("KAOHE_BAD_INPUT") == "long" else ("new", "open"))
def test_what_is_posted_twice_happens_once(app: Flask, signed_in: PageClient, state: str) -> None:
    meeting_id = _meeting_in(app, state)
    twice_done, taken = [], 0
    tried: set[tuple[str, tuple[str, ...]]] = set()
    for rule in app.url_map.iter_rules():
        if audience_of(app, rule.endpoint) is not Audience.ORGANIZER or "GET" not in (rule.methods or ()):
            continue
        url, at, is_over = url_of(app, rule, meeting_id, "x"), 0, False
        while not is_over:
            shown = signed_in.http.get(url, follow_redirects=True)
            soup = BeautifulSoup(shown.get_data(as_text=True) if shown.mimetype == "text/html" else "", "html.parser")
            is_over = True
            for target, fields in list(_acts(soup, shown.request.path))[at:]:
                at, known = at + 1, len(tried)
                tried.add((re.sub(r"/\d+/", "/0/", target), tuple(sorted(fields))))
                if len(tried) == known or _LEFT_ALONE.match(target) or _NOTED_EACH_TIME.match(target):
                    continue
                before = _state(app)
                first = signed_in.http.post(target, data=fields)
                once = _state(app)
                second = signed_in.http.post(target, data=fields)
                assert max(first.status_code, second.status_code) < 500, target
                taken += once != before
                twice_done += [target] if _state(app) != once else []
                # What has been done may have changed the page.
                is_over = False
                break
    assert twice_done == []
    assert taken > 8, "most forms must be filled in well enough to be taken"
