"""Headers that every reply carries, and what never reaches a voter's request."""

from __future__ import annotations

from flask import Flask, Response, request

from kaohe.domain.errors import BodyTooLarge

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(_DIRECTIVES),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
VOTER_BODY = 96 * 1024
"""The largest honest ballot: 300 subjects on five dimensions, with comments."""
IMPORT_BODY = 10 * 1024 * 1024 + 64 * 1024


def add_security(app: Flask) -> None:
    """Bound every body and put the headers on every reply."""
    app.config["MAX_CONTENT_LENGTH"] = IMPORT_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * 1024 * 1024
    app.config["MAX_FORM_PARTS"] = 4000
    app.before_request(_bound_voter_bodies)
    app.after_request(_put_headers)


def _bound_voter_bodies() -> None:
    if request.blueprint == "voter":
        if (request.content_length or 0) > VOTER_BODY:
            raise BodyTooLarge
        request.max_content_length = VOTER_BODY


def _put_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
