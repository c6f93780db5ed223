"""Who may see which page. A route that does not say who it is for, or what it does, stops the start."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, before_render_template, current_app, g, request, session

from kaohe.domain.errors import KaoheError, SignInNeeded
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act, may, require_may
from kaohe.domain.units import TOP, Reach
from kaohe.operations.people.api_tokens import holder_of, note_request
from kaohe.operations.people.password_turns import CALLER_KEY, Caller
from kaohe.operations.people.reaching import reach_of, require_account_within, require_unit_within, state_within
from kaohe.operations.people.signing_in import Visit, find_visit, note_visit
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
    SYSTEM = "system"
    """A personnel system that holds a token made on the console, for the units that it was made for."""
    WATCHER = "watcher"
    """A program that watches over the server and holds the token of the settings, or someone as for the console."""


PLACES = frozenset({"meeting_id", "account_id", "unit_id"})
"""What an address of the console may name that belongs to a unit; it is looked for within the reach of whoever asks."""
WITHIN_A_PLACE = frozenset(
    {
        "round_number",
        "row",
        "list_name",
        "sheet",
        "component_key",
        "decision_id",
        "proposal_id",
        "spot_id",
        "person_id",
        "scheme_id",
        "preset_id",
        "token_id",
        "ending",
    }
)
"""What it may name beside: something of the meeting that it names too, or what the operation itself judges."""
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

    A route of the console names nothing in its address of which it is not known to which unit it belongs.

    Raises:
        RuntimeError: naming the routes that have not, and what to write above them.
    """
    endpoints = sorted({rule.endpoint for rule in app.url_map.iter_rules()})
    missing = [endpoint for endpoint in endpoints if audience_of(app, endpoint) is None]
    if missing:
        raise RuntimeError(
            f"routes without an audience: {', '.join(missing)}. Write directly above the function"
            " @audience(Audience.PUBLIC), VOTER or SCREEN, or for the console"
            ' @audience(Audience.ORGANIZER, act=Act.…), which @organizer.get("/…", act=Act.…) does by itself'
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
    placeless = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if audience_of(app, rule.endpoint) in SIGNED_IN and rule.arguments - PLACES - WITHIN_A_PLACE
    ]
    if placeless:
        raise RuntimeError(
            f"addresses of the console that name something of no known unit: {', '.join(placeless)}."
            " Add the name to PLACES of kaohe/web/access.py, and judge it there, or to WITHIN_A_PLACE"
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
    if wanted is Audience.SYSTEM:
        g.read_view = ExitStack()
        g.read_view.enter_context(one_read_view(is_read_only=True))
        holder = holder_of(_bearer())
        note_request(holder.token_id)
        g.reach = holder.reach
        return
    if wanted not in SIGNED_IN or (wanted is Audience.WATCHER and _holds_token()):
        return
    g.read_view = ExitStack()
    g.read_view.enter_context(one_read_view(is_read_only=request.method in ("GET", "HEAD")))
    _judge(request.endpoint)


def _judge(endpoint: str) -> None:
    visit = find_visit(this_sign_in())
    if visit is None:
        raise SignInNeeded
    g.account, g.visit, g.reach = visit.account, visit, reach_of(visit.account)
    act = act_of(current_app, endpoint)
    assert act is not None  # noqa: S101 - the start was refused otherwise
    try:
        state = _state_of_place(request.view_args or {})
    except KaoheError:
        # Whoever may never do this is told so, whether the place is there or not.
        _require(act)
        raise
    _require(act, state)


def _state_of_place(place: Mapping[str, Any]) -> MeetingState | None:
    """The state of the meeting that an address names; None where it names none.

    Raises:
        MeetingUnknown, AccountUnknown, UnitUnknown: it names something that is not there, or belongs to a unit out of
            reach, which nobody can tell from each other.
    """
    reach: Reach = g.reach
    if "account_id" in place:
        require_account_within(reach, place["account_id"])
    if "unit_id" in place:
        require_unit_within(reach, place["unit_id"])
    return state_within(reach, place["meeting_id"], place.get("round_number")) if "meeting_id" in place else None


def _require(act: Act, state: MeetingState | None = None) -> None:
    require_may(this_account().roles, act, state, is_at_the_top=this_account().unit_id == TOP)


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
    return bool(token) and hmac.compare_digest(_bearer().encode(), token.encode())


def _bearer() -> str:
    """The token that a program sends, or ''."""
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def this_account() -> Account:
    """The person who is signed in; only within an organizer's page."""
    account: Account = g.account
    return account


def may_now(act: Act, state: MeetingState | None = None) -> bool:
    """Whether the person who is signed in may do this; only within an organizer's page."""
    return may(this_account().roles, act, state, is_at_the_top=this_account().unit_id == TOP)


def this_reach() -> Reach:
    """The units in which the roles of whoever is signed in count, or those that a system's token was made for."""
    reach: Reach = g.reach
    return reach


def within_reach(meeting_id: str) -> str:
    """A meeting that a form names, once it is known to be within the reach of the person who is signed in.

    Raises:
        MeetingUnknown: it is not, or there is no such meeting.
    """
    state_within(this_reach(), meeting_id)
    return meeting_id


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
