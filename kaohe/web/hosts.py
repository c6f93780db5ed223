"""Answers only requests for this server's own names.

A page from elsewhere whose name was pointed at this machine (DNS rebinding) would otherwise count as the console's own
origin in an organizer's browser. The gate stands before everything else, the voter fast path included.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import EnvironBuilder

from kaohe.config import Config
from kaohe.domain.errors import HostUnknown
from kaohe.network import own_addresses
from kaohe.storage.rounds import printed_urls
from kaohe.web.errors import CachedReply, render_refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}?))\.?(?::[0-9]{1,5})?")
_LOOK_AGAIN_SECONDS = 2.0
"""An unknown name makes the gate read the network addresses again, but no more often than this."""
_REMEMBERED_AT_MOST = 256


class HostGate:
    """A WSGI application around the whole one, the voter fast path included."""

    def __init__(self, app: Flask, inner: WSGIApplication, config: Config) -> None:
        """Stand before ``inner``, which serves ``app``; assign the result to ``app.wsgi_app``."""
        self._app = app
        self._inner = inner
        own_name = socket.gethostname().lower()
        self._fixed = frozenset(
            {"localhost", own_name, f"{own_name}.local", name_in_url(config.public_url), *config.hosts}
        )
        self._names: frozenset[str] = self._fixed
        self._looked_at = float("-inf")
        self._good: set[str] = set()
        """Host headers, verbatim, that were found to be ours: all that the hot path looks up."""
        self._refusals: dict[bool, CachedReply] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass on requests for this server, refuse all others."""
        host = environ.get("HTTP_HOST")
        if host in self._good or self._is_ours(host, environ):
            return self._inner(environ, start_response)
        kept = self._refusal(is_voter=environ.get("PATH_INFO", "").startswith("/v/"))
        start_response(kept.status, list(kept.headers))
        return (kept.body,)

    def _is_ours(self, host: str | None, environ: WSGIEnvironment) -> bool:
        if host is None:
            # Only programs of HTTP/1.0 name no host; no browser leaves it out.
            return environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        name = host_name(host)
        if name is None:
            return False
        if name not in self._names:
            self._look_again()
        if name not in self._names:
            return False
        if len(self._good) >= _REMEMBERED_AT_MOST:
            self._good.clear()
        self._good.add(host)
        return True

    def _look_again(self) -> None:
        """The machine may have been given another address since, and slips may carry one that was set before."""
        moment = time.monotonic()
        if moment - self._looked_at < _LOOK_AGAIN_SECONDS:
            return
        self._looked_at = moment
        with self._app.app_context():
            printed = {name_in_url(url) for url in printed_urls()}
        self._names = self._fixed | printed | own_addresses() - {""}
        self._good.clear()

    def _refusal(self, *, is_voter: bool) -> CachedReply:
        kept = self._refusals.get(is_voter)
        if kept is None:
            environ = EnvironBuilder("/v/" if is_voter else "/", base_url="http://localhost/").get_environ()
            kept = self._refusals[is_voter] = render_refusal(self._app, environ, HostUnknown())
        return kept


def host_name(host: str) -> str | None:
    """The name or address in a Host header, lower case, without port, brackets and final dot; None if malformed."""
    found = _HOST.fullmatch(host)
    return None if found is None else (found[1] or found[2]).lower()


def name_in_url(url: str) -> str:
    """The host name in a configured address, without a final dot; '' where it has none."""
    return (urlsplit(url).hostname or "").rstrip(".")
