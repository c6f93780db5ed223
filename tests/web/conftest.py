"""Clients for the pages: a stranger's, and an organizer's who is signed in."""

from __future__ import annotations

import pytest
from flask import Flask
from page_client import PageClient
from scene import CHAIR

from kaohe.operations.sign_in_links import make_sign_in_link

PASSWORD = "correct horse 电池"


@pytest.fixture
def pages(app: Flask) -> PageClient:
    return PageClient(app)


@pytest.fixture
def signed_in(app: Flask) -> PageClient:
    """The pages as the chair sees them, having used a one-time link."""
    with app.app_context():
        token = make_sign_in_link("测试")
    client = PageClient(app)
    page = client.get(f"/desk/first/{token}")
    fields = page.fields(None if len(page.soup.select("form")) == 1 else f"/desk/first/{token}")
    names = {name: (CHAIR if name == "name" else PASSWORD) for name in fields if name == "name" or "password" in name}
    client.post(f"/desk/first/{token}", {**fields, **names})
    return client
