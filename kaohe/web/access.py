"""Who may see which page. A route without an audience stops the start."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask, current_app, g, request, session

from kaohe.domain.errors import SignInNeeded
from kaohe.operations.signing_in import who
from kaohe.storage.accounts import Account
from kaohe.storage.installation import this_config

SIGN_IN_KEY = "sign_in"


class Audience(StrEnum):
    """The people a page is made for."""

    PUBLIC = "public"
    """Anybody who can reach the server."""
    VOTER = "voter"
    """Whoever holds a ticket; the ticket itself is checked by the ballot box."""
    SCREEN = "screen"
    """Whoever has the projector's secret address."""
    ORGANIZER = "organizer"
    """Someone signed in to the console."""
    WATCHER = "watcher"
    """A program that watches over the server and holds the token of the settings, or someone signed in."""


View = TypeVar("View", bound=Callable[..., object])


def audience(allowed: Audience) -> Callable[[View], View]:
    """Declare who a view is for; put it directly above the function."""

    def declare(view: View) -> View:
        view.__audience__ = allowed  # type: ignore[attr-defined] # functions take attributes; Callable does not say so
        return view

    return declare


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """The audience that a route declared; files under static/ are for everybody."""
    if endpoint == "static":
        return Audience.PUBLIC
    found: Audience | None = getattr(app.view_functions[endpoint], "__audience__", None)
    return found


def require_audiences(app: Flask) -> None:
    """Let ``app`` start only if every route has declared who it is for.

    Raises:
        RuntimeError: naming the routes that have not.
    """
    missing = sorted(rule.endpoint for rule in app.url_map.iter_rules() if audience_of(app, rule.endpoint) is None)
    if missing:
        raise RuntimeError(f"routes without an audience: {', '.join(missing)}")


def require_sign_in() -> None:
    """Run before every request: only signed-in people reach an organizer's page."""
    if request.endpoint is None:
        return
    wanted = audience_of(current_app, request.endpoint)
    if wanted not in (Audience.ORGANIZER, Audience.WATCHER) or (wanted is Audience.WATCHER and _holds_token()):
        return
    account = who(session.get(SIGN_IN_KEY, ""))
    if account is None:
        raise SignInNeeded
    g.account = account


def _holds_token() -> bool:
    token = this_config().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def this_account() -> Account:
    """The person who is signed in; only within an organizer's page."""
    account: Account = g.account
    return account


def remember_sign_in(secret: str) -> None:
    """Give the browser a fresh session that holds nothing but this sign-in."""
    session.clear()
    session[SIGN_IN_KEY] = secret


def forget_sign_in() -> str:
    """Empty the browser's session and return the sign-in it held, or ''."""
    secret: str = session.get(SIGN_IN_KEY, "")
    session.clear()
    return secret
