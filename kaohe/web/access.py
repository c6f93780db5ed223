"""Who may see which page. A route that does not say who it is for, or what it does, stops the start."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from typing import TypeVar

from flask import Flask, Response, before_render_template, current_app, g, request, session

from kaohe.domain.errors import SignInNeeded
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act, may, require_may
from kaohe.operations.people.password_turns import CALLER_KEY, Caller
from kaohe.operations.people.signing_in import Visit, find_visit, note_visit
from kaohe.operations.setup.preparing import state_of
from kaohe.storage.accounts import Account
from kaohe.storage.installation import this_config
from kaohe.storage.read_views import end_read_view, one_read_view

SIGN_IN_KEY = "sign_in"
HALF_SIGN_IN_KEY = "half_sign_in"
"""Where the browser keeps a sign-in whose second factor is still to come."""
_HAS_SIGNED_IN = "has_signed_in"


class Audience(StrEnum):
    """The people a page is made for."""

    PUBLIC = "public"
    """Anybody who can reach the server."""
    VOTER = "voter"
    """Whoever holds a ticket; the ticket itself is checked by the ballot box."""
    SCREEN = "screen"
    """Whoever has the projector's secret address."""
    ORGANIZER = "organizer"
    """Someone signed in to the console, whose roles cover the route's act."""
    WATCHER = "watcher"
    """A program that watches over the server and holds the token of the settings, or someone as for the console."""


SIGNED_IN = (Audience.ORGANIZER, Audience.WATCHER)
"""Whose routes are judged by the roles of an account."""

View = TypeVar("View", bound=Callable[..., object])


def audience(allowed: Audience, *, act: Act | None = None, takes_file: bool = False) -> Callable[[View], View]:
    """Declare who a view is for and, on the console, which act it is; put it directly above the function.

    The act is judged by the state of the meeting that the address names in ``meeting_id``. Only a view that takes a
    file is sent more than a form needs.
    """

    def declare(view: View) -> View:
        view.__audience__ = allowed  # type: ignore[attr-defined] # functions take attributes; Callable does not say so
        view.__act__ = act  # type: ignore[attr-defined] # likewise
        view.__takes_file__ = takes_file  # type: ignore[attr-defined] # likewise
        return view

    return declare


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """The audience that a route declared; files under static/ are for everybody."""
    if endpoint == "static":
        return Audience.PUBLIC
    found: Audience | None = getattr(app.view_functions[endpoint], "__audience__", None)
    return found


def act_of(app: Flask, endpoint: str) -> Act | None:
    """The act that a route of the console declared; None for what is not of the console."""
    found: Act | None = getattr(app.view_functions[endpoint], "__act__", None)
    return found


def takes_file(app: Flask, endpoint: str | None) -> bool:
    """Whether a file may be sent to this route."""
    return endpoint is not None and getattr(app.view_functions[endpoint], "__takes_file__", False)


def require_audiences(app: Flask) -> None:
    """Let ``app`` start only if every route has declared who it is for, and every route of the console its act.

    Raises:
        RuntimeError: naming the routes that have not, and what to write above them.
    """
    endpoints = sorted({rule.endpoint for rule in app.url_map.iter_rules()})
    missing = [endpoint for endpoint in endpoints if audience_of(app, endpoint) is None]
    if missing:
        raise RuntimeError(
            f"routes without an audience: {', '.join(missing)}. Write directly above the function"
            " @audience(Audience.PUBLIC), VOTER or SCREEN, or for the console"
            " @audience(Audience.ORGANIZER, act=Act.…)"
        )
    actless = [
        endpoint for endpoint in endpoints if audience_of(app, endpoint) in SIGNED_IN and not act_of(app, endpoint)
    ]
    if actless:
        raise RuntimeError(
            f"routes of the console without an act: {', '.join(actless)}. Write directly above the function"
            " @audience(Audience.ORGANIZER, act=Act.…) with one of"
            f" {', '.join(act.name for act in Act)} (from kaohe.domain.permissions import Act);"
            " a new act is one name and one line of the table in kaohe/domain/permissions.py,"
            " printed again by docs/write_permissions.py"
        )


def add_access(app: Flask) -> None:
    """Judge every request by the audience and the act of its route, and make every page one read view of the database.

    A GET of the console is one read transaction from the sign-in on, in which nothing can be written. Any other request
    reads anew after each of its changes. Before a template is rendered the transaction ends, whatever the view does.
    """
    app.before_request(require_sign_in)
    before_render_template.connect(_end_before_rendering, app)
    app.after_request(_note_visit)
    app.teardown_request(_close_read_view)


def require_sign_in() -> None:
    """Run before every request: an organizer's page is reached by signed-in people whose roles cover its act."""
    if request.endpoint is None:
        return
    wanted = audience_of(current_app, request.endpoint)
    if wanted not in SIGNED_IN or (wanted is Audience.WATCHER and _holds_token()):
        return
    g.read_view = ExitStack()
    g.read_view.enter_context(one_read_view(is_read_only=request.method in ("GET", "HEAD")))
    _judge(request.endpoint)


def _judge(endpoint: str) -> None:
    visit = find_visit(this_sign_in())
    if visit is None:
        raise SignInNeeded
    g.account, g.visit = visit.account, visit
    act = act_of(current_app, endpoint)
    assert act is not None  # noqa: S101 - the start was refused otherwise
    place = request.view_args or {}
    meeting_id = place.get("meeting_id")
    require_may(g.account.roles, act, state_of(meeting_id, place.get("round_number")) if meeting_id else None)


def _end_before_rendering(_app: Flask, **_: object) -> None:
    end_read_view()


def _note_visit(response: Response) -> Response:
    end_read_view()
    visit: Visit | None = g.pop("visit", None)
    if visit is not None and visit.is_to_note:
        note_visit(this_sign_in())
    return response


def _close_read_view(_error: BaseException | None) -> None:
    read_view: ExitStack | None = g.pop("read_view", None)
    if read_view is not None:
        read_view.close()


def _holds_token() -> bool:
    token = this_config().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def this_account() -> Account:
    """The person who is signed in; only within an organizer's page."""
    account: Account = g.account
    return account


def may_now(act: Act, state: MeetingState | None = None) -> bool:
    """Whether the person who is signed in may do this; only within an organizer's page."""
    return may(this_account().roles, act, state)


def this_sign_in() -> str:
    """The secret of the browser's sign-in, or ''."""
    secret: str = session.get(SIGN_IN_KEY, "")
    return secret


def remember_sign_in(secret: str) -> None:
    """Give the browser a fresh session that holds nothing but this sign-in, and that there has been one."""
    session.clear()
    session[SIGN_IN_KEY] = secret
    session[_HAS_SIGNED_IN] = True


def forget_sign_in() -> str:
    """Empty the browser's session, but for that somebody has signed in; return the sign-in it held, or ''."""
    secret, has_signed_in = this_sign_in(), _HAS_SIGNED_IN in session
    session.clear()
    if has_signed_in:
        session[_HAS_SIGNED_IN] = True
    return secret


def remember_half_sign_in(secret: str) -> None:
    """Give the browser a fresh session that holds nothing but a sign-in that waits for its code."""
    session.clear()
    session[_HAS_SIGNED_IN] = True
    session[HALF_SIGN_IN_KEY] = secret


def this_caller() -> Caller:
    """Who asks to be signed in, as far as the server says."""
    return Caller(request.environ.get(CALLER_KEY, ""), is_known=_HAS_SIGNED_IN in session)


def this_half_sign_in() -> str:
    """The sign-in that waits for its code, or ''."""
    secret: str = session.get(HALF_SIGN_IN_KEY, "")
    return secret
