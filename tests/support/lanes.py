"""The two ways on which a ballot reaches the box: the fast path, and the application behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from phone import Hall
from werkzeug.test import TestResponse

from kaohe.web.voter.fast_path import VoterFastPath
from kaohe.web.voter.routes import SCRIPT_HEADER

SCRIPT = {SCRIPT_HEADER: "1"}


def send(hall: Hall, body: dict[str, object], **options: object) -> TestResponse:
    """Post as a phone's script does."""
    return hall.pages.http.post(hall.url, data=body, headers=SCRIPT, **options)


def beside(hall: Hall, app: Flask, body: dict[str, object]) -> tuple[TestResponse, TestResponse]:
    """What the fast path answers, and what the application answers without it."""
    through = send(hall, body)
    with without_lane(app):
        return through, send(hall, body)


def without_receipt(page: TestResponse) -> str:
    code, signed = "[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", r"KAOHE1\.[\w.-]+"
    return re.sub(f"{signed}|{code}", "", page.get_data(as_text=True))


@contextmanager
def without_lane(app: Flask) -> Iterator[None]:
    """Let every request go to the application itself."""
    with_fast_path = app.wsgi_app
    fast_path = with_fast_path._inner._inner  # type: ignore[attr-defined] # noqa: SLF001 - what stands behind the gates of hosts and bodies
    assert isinstance(fast_path, VoterFastPath)
    app.wsgi_app = fast_path._inner  # noqa: SLF001 - what stands behind the fast path
    try:
        yield
    finally:
        app.wsgi_app = with_fast_path
