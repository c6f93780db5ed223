"""Somebody clicks about on the console and types whatever comes to mind: no page breaks, in no state of a meeting."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from holding import closed, counted, opened, prepared, published
from odd_forms import filled_oddly, forms_of, target_of
from page_client import PageClient
from scene import Scene

STEPS = 130
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
        soup = BeautifulSoup(page.get_data(as_text=True) if page.mimetype == "text/html" else "", "html.parser")
        forms = [form for form in forms_of(soup) if not _is_left_alone(form, page.request.path)]
        links = _links(soup)
        if forms and chance.random() < 0.6:
            form = chance.choice(forms)
            target = target_of(chance, form, page.request.path)
            page = signed_in.http.post(target, data=filled_oddly(chance, form), follow_redirects=True)
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
