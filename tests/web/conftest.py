"""Clients for the pages: a stranger's, and an organizer's who is signed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import opened_link
from flask import Flask
from page_client import PageClient
from scene import CHAIR, PUBLIC_URL

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.people.sign_in_links import make_sign_in_link
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database
from kaohe.web.security import CONSOLE_PATHS

PASSWORD = "correct horse 电池"


@pytest.fixture
def pages(app: Flask) -> PageClient:
    return PageClient(app)


@pytest.fixture(scope="session")
def signed_in_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An installation where the chair has signed in with a one-time link, and the chair's cookie."""
    folder = tmp_path_factory.mktemp("chair")
    app = create_app(Config(folder, sqlite_url(folder), public_url=PUBLIC_URL, is_testing=True))
    with app.app_context():
        migrate_database()
        token = make_sign_in_link("测试")
    client = PageClient(app)
    client.submit(opened_link(client, token), name=CHAIR, password=PASSWORD, password_again=PASSWORD)
    with app.app_context():
        close_database()
    cookie = client.http.get_cookie("kaohe_desk", path=CONSOLE_PATHS[0])
    assert cookie is not None
    return folder, cookie.value


@pytest.fixture
def database_template(request: pytest.FixtureRequest, migrated_sqlite: Path) -> Path:
    """The folder that a test copies: with the chair signed in where the test asks for `signed_in`."""
    if "signed_in" in request.fixturenames:
        template: tuple[Path, str] = request.getfixturevalue("signed_in_template")
        return template[0]
    return migrated_sqlite.parent


@pytest.fixture
def signed_in(app: Flask, signed_in_template: tuple[Path, str]) -> PageClient:
    """The pages as the chair sees them, having used a one-time link."""
    client = PageClient(app)
    for path in CONSOLE_PATHS:
        client.http.set_cookie("kaohe_desk", signed_in_template[1], path=path)
    return client
