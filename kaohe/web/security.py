"""Headers that every reply carries, and what never reaches a voter's request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONSOLE_PATHS = ("/desk", "/documents", "/admin")
"""Where an account is asked for; every other page is for voters, screens and anybody."""
_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


class ConsoleSessions(SecureCookieSessionInterface):
    """Keeps the console's cookie away from voters' pages: a browser sends it to the paths that know an account only.

    Whoever chairs and votes in one browser would send name and ballot together over a hall's plain network otherwise.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set or delete the cookie as Flask does, once for each of the console's paths."""
        before = response.headers.getlist("Set-Cookie")
        super().save_session(app, session, response)
        path = f"; Path={CONSOLE_PATHS[0]}"
        for cookie in response.headers.getlist("Set-Cookie")[len(before) :]:
            if path in cookie:
                for other in CONSOLE_PATHS[1:]:
                    response.headers.add("Set-Cookie", cookie.replace(path, f"; Path={other}"))


def policy(*changed: str) -> str:
    """The content security policy of every reply, with some directives in the place of those of the same name."""
    names = {directive.partition(" ")[0] for directive in changed}
    return "; ".join((*(kept for kept in _DIRECTIVES if kept.partition(" ")[0] not in names), *changed))


HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""A browser asks for this name over HTTPS alone for a year. Other names of the domain are not ours to speak for."""
IMPORT_BODY = 10 * 1024 * 1024 + 64 * 1024
"""The largest body of all: a file, and the fields beside it."""


def add_security(app: Flask) -> None:
    """Bound every body (``BodyGate`` bounds most of them further) and put the headers on every reply."""
    app.config["MAX_CONTENT_LENGTH"] = IMPORT_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * 1024 * 1024
    app.config["MAX_FORM_PARTS"] = 4000
    app.after_request(_put_headers)


class StrictTransport:
    """A WSGI application around the whole one, the voter fast path included: every reply says that HTTPS is kept to.

    Only for an installation whose address begins with https://. Browsers pass over the header on a plain connection and
    for addresses without a name, so the hall's own network is reached as before.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        """Stand before ``inner``; assign the result to ``app.wsgi_app``."""
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass everything on and add one header to the reply."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - as WSGI has it
            return start_response(status, [*headers, HTTPS_ONLY], *rest)

        return self._inner(environ, start)


def _put_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
