"""The ceiling: kaohe's own server answering one constant page to the same POST.

``application``: through the whole application (routing, bounds, headers), with the casting view replaced by one that
reads the body and answers. ``bare``: the server alone, around one function: no program on it can be faster.
"""
# ruff: noqa: E402 - gevent patches the standard library before anything else is imported

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, request

from kaohe.config import Config
from kaohe.factory import create_app
from kaohe.server.http_server import Server, listen
from kaohe.web.access import Audience, audience
from kaohe.web.security import HEADERS

PAGE = b"<!doctype html><title>constant</title>".ljust(1300, b".")


@audience(Audience.VOTER)
def constant(meeting_id: str, style_key: str) -> Response:
    """Read what was posted and answer."""
    del meeting_id, style_key
    request.get_data()
    return Response(PAGE, mimetype="text/html")


def bare(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """The same without an application."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *HEADERS.items()]
    start_response("200 OK", [*headers, ("Content-Length", str(len(PAGE)))])
    return (PAGE,)


if __name__ == "__main__":
    served: Any = bare
    if sys.argv[1] == "application":
        served = create_app(Config.from_environment())
        served.view_functions["voter.cast"] = constant
        served.wsgi_app = type(served).wsgi_app.__get__(served)
    Server(listen("127.0.0.1", int(os.environ["PORT"])), served).run_until_stopped()
