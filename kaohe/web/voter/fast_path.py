"""Fast path for the two hottest requests: a phone gets the ballot page, and its script posts a whole ballot.

A WSGI layer before the application that answers with the same bytes: the page from the cache, and the receipt of the
same cast operation that the view calls. Every other request goes on to the application untouched. Refusals are cached
too: when a hall taps too late, thousands get the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from kaohe.domain.errors import KaoheError
from kaohe.operations.hall.casting import active_polling_key
from kaohe.storage.installation import RecentlyUsed
from kaohe.web.errors import CachedReply, noted_fault, render_refusal
from kaohe.web.security import HEADERS
from kaohe.web.voter.answers import ReceiptAnswer, cast_posted, receipt_answer
from kaohe.web.voter.forms import read_ballot_body
from kaohe.web.voter.page_cache import current_page_cache

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REHEARSAL_ROUND = "0"
"""What a page of a rehearsal posts as its round; read from the field, since no reply is hotter than a receipt."""
_BALLOT_PATH = re.compile(r"/v/([^/]+)/([^/]+)")
_FORM = "application/x-www-form-urlencoded"
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?![.\d]))")
_REPLIES_AT_MOST = 1024
"""Of each kind: refusals and receipts, without what differs between voters."""


class VoterFastPath:
    """A WSGI application around the whole one."""

    def __init__(self, app: Flask) -> None:
        """Stand before ``app``; assign the result to ``app.wsgi_app``."""
        self._app = app
        self._inner: WSGIApplication = app.wsgi_app
        self._answers: RecentlyUsed[tuple[str, str, bool, bool], ReceiptAnswer] = RecentlyUsed(_REPLIES_AT_MOST)
        self._refusals: RecentlyUsed[tuple[str, type[KaoheError], str], CachedReply] = RecentlyUsed(_REPLIES_AT_MOST)
        self._headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *HEADERS.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the page, cast the ballot, or let the application answer."""
        method = environ["REQUEST_METHOD"]
        if method == "GET" and environ["PATH_INFO"].startswith("/v/"):
            return self._page(environ, start_response)
        if method == "POST" and _is_ballot(environ):
            return self._cast(environ, start_response)
        return self._inner(environ, start_response)

    def _page(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = _BALLOT_PATH.fullmatch(environ["PATH_INFO"])
        accepted: str = environ.get("HTTP_ACCEPT_ENCODING", "")
        if path is None or "HTTP_IF_NONE_MATCH" in environ or not _TAKES_GZIP.search(accepted):
            return self._inner(environ, start_response)
        try:
            with self._app.app_context():
                key = active_polling_key(path[1])
                page = None if key is None else current_page_cache().get(path.groups(), key)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the words of a page
            return self._refuse(environ, start_response, noted_fault("voter.ballot", error, is_secret=True))
        if page is None:
            return self._inner(environ, start_response)
        start_response("200 OK", [*page.zipped_headers(), *HEADERS.items()])
        return (page.zipped,)

    def _cast(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The gate of bodies has read it whole, within its bounds.
        body: bytes = environ["wsgi.input"].getvalue()
        posted = read_ballot_body(body)
        if posted is None or posted.wants_back or not (posted.nonce or posted.envelope):
            return self._inner(environ, start_response)
        _, _, meeting_id, style_key = environ["PATH_INFO"].split("/")
        try:
            with self._app.app_context():
                cast = cast_posted(meeting_id, style_key, posted)
            is_rehearsal = posted.round_number == REHEARSAL_ROUND
            answer = self._answer(environ, meeting_id, style_key, is_rehearsal=is_rehearsal, is_same=cast.is_same)
        except KaoheError as refusal:
            return self._refuse(environ, start_response, refusal)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text could hold the ballot
            return self._refuse(environ, start_response, noted_fault("voter.cast", error, is_secret=True))
        page = answer.body(cast)
        start_response("200 OK", [*self._headers, ("Content-Length", str(len(page)))])
        return (page,)

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse, refusal: KaoheError) -> Iterable[bytes]:
        key = (f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}", type(refusal), refusal.message)
        kept = self._refusals.recall(key)
        if kept is None:
            kept = render_refusal(self._app, environ, refusal)
            self._refusals.keep(key, kept)
        start_response(kept.status, list(kept.headers))
        return (kept.body,)

    def _answer(
        self, environ: WSGIEnvironment, meeting_id: str, style_key: str, *, is_rehearsal: bool, is_same: bool
    ) -> ReceiptAnswer:
        key = (meeting_id, style_key, is_rehearsal, is_same)
        found = self._answers.recall(key)
        if found is None:
            with self._app.request_context(environ):
                found = receipt_answer(meeting_id, style_key, is_rehearsal=is_rehearsal, is_same=is_same)
            self._answers.keep(key, found)
        return found


def _is_ballot(environ: WSGIEnvironment) -> bool:
    """Whether this request holds a ballot as a phone's script sends it."""
    path: str = environ["PATH_INFO"]
    return (
        "HTTP_X_KAOHE_SCRIPT" in environ
        and bool(environ.get("CONTENT_LENGTH"))
        and environ.get("CONTENT_TYPE", "").partition(";")[0] == _FORM
        and path.isascii()
        and _BALLOT_PATH.fullmatch(path) is not None
    )
