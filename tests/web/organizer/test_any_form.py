"""Somebody clicks about on the console and types whatever comes to mind: no page breaks, in no state of a meeting."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from holding import closed, counted, opened, prepared, published
from page_client import PageClient
from scene import Scene

STEPS = 130
_TYPED = (
    "",
    "1",
    "0",
    "-3",
    "12",
    "999999999999",
    "张三",
    "张三，李四\n王五",
    "优秀",
    "4 0 %",
    "1/3",
    "=1+1",
    "\u202e<b>",
    "a" * 3000,
    "2026-12-18",
    "\x00",
    "Ａ票",
)
_MAKERS: dict[str, Callable[..., Scene]] = {
    "draft": prepared,
    "open": opened,
    "closed": closed,
    "counted": counted,
    "published": published,
}
_LEFT_ALONE = ("/desk/sign-out", "/desk/account")
"""Forms that could take the walker's own sign-in or roles away; the matrix of roles visits them one by one."""


@pytest.mark.parametrize("state", _MAKERS)
def test_no_walk_over_the_console_ends_in_a_fault(app: Flask, signed_in: PageClient, state: str) -> None:
    scene = _MAKERS[state](app)
    chance = random.Random(f"walk {state}")
    start = f"/desk/{scene.meeting_id}/chair"
    page = signed_in.http.get(start)
    seen: Counter[int] = Counter()
    visited = set()
    for _ in range(STEPS):
        assert page.status_code < 500, page.request.path
        seen[page.status_code] += 1
        visited.add(page.request.path)
        soup = BeautifulSoup(page.get_data(as_text=True), "html.parser") if page.mimetype == "text/html" else None
        forms = (
            [form for form in soup.select("form[method=post]") if not _is_left_alone(form, page.request.path)]
            if soup
            else []
        )
        links = _links(soup) if soup else []
        if forms and chance.random() < 0.6:
            form = chance.choice(forms)
            target = str(form.get("action") or page.request.path)
            page = signed_in.http.post(target, data=_filled(chance, form), follow_redirects=True)
        elif links and chance.random() < 0.8:
            page = signed_in.http.get(chance.choice(links), follow_redirects=True)
        else:
            page = signed_in.http.get(start, follow_redirects=True)
    assert len(visited) > 12
    assert seen[200] > STEPS // 4


def _links(soup: BeautifulSoup) -> list[str]:
    found = [str(link["href"]) for link in soup.select("a[href]")]
    return [each for each in found if each.startswith(("/desk", "/documents"))]


def _is_left_alone(form: Tag, path: str) -> bool:
    return str(form.get("action") or path).startswith(_LEFT_ALONE)


def _filled(chance: random.Random, form: Tag) -> dict[str, list[str]]:
    """The form as it stands, with some of its fields typed over, left out, or doubled."""
    fields: dict[str, list[str]] = {}
    for field in form.select("input[name], textarea[name], select[name], button[name]"):
        name = str(field["name"])
        if name == "csrf_token":
            fields[name] = [str(field["value"])]
            continue
        value = str(field.get("value") or field.get_text() or "")
        if field.name == "select":
            value = str(chance.choice(field.select("option")).get("value", ""))
        kind = chance.random()
        if kind < 0.35:
            value = chance.choice(_TYPED)
        if kind < 0.95 and (field.name != "button" or chance.random() < 0.3):
            fields.setdefault(name, []).append(value)
    return fields
