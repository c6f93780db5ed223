"""Every refusal becomes a plain page in the look of its audience; nothing becomes a traceback."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from kaohe.domain.errors import (
    AskedTooOften,
    BallotBoxBusy,
    BodyTooLarge,
    DrawsTooFast,
    FormsBusy,
    KaoheError,
    NotFound,
    SignInNeeded,
    TicketOtherForm,
    TokenNeeded,
)
from kaohe.storage.storage_faults import CannotStore, DatabaseAway, storage_fault_of, without_values
from kaohe.web.access import Audience, audience_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LOG = logging.getLogger("kaohe")
_SECRET = frozenset({Audience.VOTER, Audience.SCREEN})
"""Whose addresses and bodies hold what belongs to voters or opens the wall."""
RETRY_AFTER_SECONDS = "2"
"""When a phone or a browser may try again what could not be stored."""
_ASK_AGAIN_SECONDS = "4"
"""When a page that could not be shown is asked for again; nothing that was typed is lost by that."""


class PageExpired(KaoheError):
    """The form's CSRF token has run out or is missing."""

    text = "页面停留过久，为安全起见请刷新页面后重新操作。"


class MethodNotAllowed(KaoheError):
    """The page does not take this kind of request."""

    http_code = 405
    text = "这个网址不接受这样的请求，请从页面上的按钮操作。"


class InternalFault(KaoheError):
    """A fault of the program's own."""

    code = "internal"
    http_code = 500
    text = "系统出了问题，您的操作没有生效。请稍后重试；如仍不行，请告诉会务人员。"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The page of a refusal."""

    code: str
    http_code: int
    message: str
    layout: str
    """Which audience's layout carries it."""
    again_path: str
    """Where a voter goes on."""
    form_key: str
    """The form (票样) that stands there, where it is another than the one that was asked for; else ''."""
    again_seconds: str
    """After which the page asks again by itself, where what it waits for comes back; else ''."""


def add_error_pages(app: Flask) -> None:
    """Let every exception end as a refusal with a stable code."""
    app.register_error_handler(KaoheError, show_refusal)
    app.register_error_handler(CSRFError, lambda _: show_refusal(PageExpired()))
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(Exception, _show_fault)


def error_page(refusal: KaoheError) -> ErrorPage:
    """The page of a refusal, in the layout of whoever asked."""
    path = request.path
    layout = "voter" if path.startswith("/v/") else "desk" if path.startswith("/desk") else "plain"
    form_key = refusal.style_key if isinstance(refusal, TicketOtherForm) else ""
    # Of a voter the way back is always the form, whatever was asked beside it.
    again_path = "/".join([*path.split("/")[:3], form_key]) if form_key else path
    if layout == "voter" and not form_key:
        again_path = "/".join(path.split("/")[:4])
    is_away = isinstance(refusal, DatabaseAway)
    message = DatabaseAway.for_voters if is_away and layout == "voter" else refusal.message
    again_seconds = _ASK_AGAIN_SECONDS if is_away and request.method == "GET" else ""
    return ErrorPage(refusal.code, refusal.http_code, message, layout, again_path, form_key, again_seconds)


def show_refusal(refusal: KaoheError) -> AnyResponse:
    """The reply of a refusal; within a request."""
    if isinstance(refusal, SignInNeeded) and request.method == "GET" and not _is_program():
        return redirect(url_for("organizer.sign_in", next=request.full_path.removesuffix("?")))
    if request.path.startswith("/api/"):
        return _for_systems(refusal)
    page = error_page(refusal)
    template = "errors/voter_refusal.html" if page.layout == "voter" else "errors/refusal.html"
    response = make_response(render_template(template, page=page), refusal.http_code)
    response.headers["X-Kaohe-Error"] = refusal.code
    if isinstance(refusal, (BallotBoxBusy, CannotStore, DrawsTooFast, FormsBusy)):
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _for_systems(refusal: KaoheError) -> Response:
    """A refusal as the document of the interface describes it."""
    response = jsonify({"error": refusal.code, "message": refusal.message})
    response.status_code = refusal.http_code
    if isinstance(refusal, AskedTooOften):
        response.headers["Retry-After"] = "60"
    if isinstance(refusal, TokenNeeded):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@dataclass(frozen=True, slots=True)
class CachedReply:
    """A whole reply, to be sent many times."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def render_refusal(app: Flask, environ: WSGIEnvironment, refusal: KaoheError) -> CachedReply:
    """The reply of a refusal to the request of ``environ``, for WSGI layers that answer before the application."""
    with app.request_context(environ):
        reply = app.process_response(app.make_response(show_refusal(refusal)))
    return CachedReply(reply.status, list(reply.headers), reply.get_data())


def _is_program() -> bool:
    """Whether a page to sign in on would be of no use to whoever asks."""
    return "HX-Request" in request.headers or "Authorization" in request.headers


def _show_http(error: HTTPException) -> AnyResponse:
    if isinstance(error, RequestEntityTooLarge):
        return show_refusal(BodyTooLarge())
    if isinstance(error, InternalServerError):
        return _show_fault(error)
    if error.code == 405:  # noqa: PLR2004 - HTTP's own number
        refused = show_refusal(MethodNotAllowed())
        # HTTP asks for it with this code (RFC 9110, 15.5.6).
        refused.headers["Allow"] = error.get_response(request.environ).headers.get("Allow", "GET")
        return refused
    if error.code is not None and 300 <= error.code < 400:  # noqa: PLR2004 - HTTP's redirects
        return error.get_response(request.environ)
    if error.code == 404:  # noqa: PLR2004 - HTTP's own number
        return show_refusal(NotFound())
    refusal = KaoheError()
    refusal.http_code = error.code or 400
    return show_refusal(refusal)


def _show_fault(error: Exception) -> Response | AnyResponse:
    audience = audience_of(current_app, request.endpoint) if request.endpoint else None
    return show_refusal(noted_fault(request.endpoint, error, is_secret=audience in _SECRET))


def noted_fault(endpoint: str | None, error: Exception, *, is_secret: bool) -> KaoheError:
    """What is shown of a fault whose route and class are written to the log.

    A database that is away is no fault of the program's: it is said where it is met, and fills no log.
    Nothing else is written where ``is_secret``: the exception's text and its path could hold what a voter sent.
    Elsewhere the trace is written too, but not what the database says, which quotes what was to be stored.
    """
    away = None if isinstance(error, OSError) else storage_fault_of(error)
    if away is not None:
        return DatabaseAway(away)
    trace = None if is_secret else without_values(error)
    _LOG.error("fault in %s: %s", endpoint, type(error).__name__, exc_info=trace, extra={"event": "fault"})
    return InternalFault()
