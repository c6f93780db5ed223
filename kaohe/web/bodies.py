"""How much of a request is read, and from whom: before anything else looks into its body.

A WSGI layer before the voter fast path and the application. Both are handed a body that is whole, or none: a form is
parsed by the protection against forged requests before a view says who may send it, and a body that was cut at a bound
would pass for a ballot.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from flask import Flask, request

from kaohe.domain.errors import BodyCut, BodyTooLarge, KaoheError
from kaohe.operations.hall.casting import has_ticket
from kaohe.operations.people.signing_in import find_visit
from kaohe.web.access import takes_file, this_sign_in
from kaohe.web.errors import render_refusal
from kaohe.web.security import IMPORT_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STRANGERS_BODY = 16 * 1024
"""From whoever has shown neither a sign-in nor a ticket."""
VOTER_BODY = 96 * 1024
"""The largest honest ballot: 300 subjects on five dimensions, with comments."""
SIGNED_IN_BODY = 2 * 1024 * 1024
_BEYOND_ANYBODY = 1 << 30
"""Refused before anything is read: nobody may send so much."""
FIELDS_AT_MOST = 4000
"""Of one form; 300 subjects on five dimensions, with comments, have half of it."""
_TICKET_WITHIN = 4096
_BALLOT_PATH = re.compile(r"/v/([^/]+)/[^/]+")
_TICKET = re.compile(rb"(?:^|&)ticket=([^&]{1,120})&")
_UNKNOWN_TICKET = "提交的内容较长，而票码不是本场会议的票，未予接收。请核对票码后重新提交。"


class BodyGate:
    """A WSGI application around the whole one, the voter fast path included."""

    def __init__(self, app: Flask, inner: WSGIApplication) -> None:
        """Stand before ``inner``, which serves ``app``."""
        self._app = app
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Read the body to its end and pass the request on, or refuse it."""
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        length: str = environ.get("CONTENT_LENGTH", "")
        if not length and not is_chunked:
            return self._inner(environ, start_response)
        try:
            body = self._read(environ, None if is_chunked else int(length))
        except (KaoheError, OSError) as error:
            # The server says by an OSError that a body breaks off or is no body.
            refusal = error if isinstance(error, KaoheError) else BodyCut()
            kept = render_refusal(self._app, environ, refusal)
            start_response(kept.status, list(kept.headers))
            return (kept.body,)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return self._inner(environ, start_response)

    def _read(self, environ: WSGIEnvironment, length: int | None) -> bytes:
        """The whole body; ``length`` is None where it is not said.

        Raises:
            BodyTooLarge: there is more than whoever sends it may send, or more fields than any form has.
            BodyCut: there is less than was said.
        """
        if length is not None and length >= _BEYOND_ANYBODY:
            raise BodyTooLarge
        source = environ["wsgi.input"]
        if length is not None and length <= STRANGERS_BODY:
            body: bytes = source.read(length)
        else:
            begun = source.read(STRANGERS_BODY + 1 if length is None else _TICKET_WITHIN)
            most = STRANGERS_BODY if len(begun) < _TICKET_WITHIN else self._most(environ, begun[:_TICKET_WITHIN])
            if (length or len(begun)) > most:
                raise BodyTooLarge
            body = begun + source.read((most + 1 if length is None else length) - len(begun))
            if len(body) > most:
                raise BodyTooLarge
        if length is not None and len(body) < length:
            raise BodyCut
        if body.count(b"&") >= FIELDS_AT_MOST and not _is_multipart(environ):
            raise BodyTooLarge
        return body

    def _most(self, environ: WSGIEnvironment, begun: bytes) -> int:
        """How many bytes whoever sends this may send."""
        ballot = _BALLOT_PATH.fullmatch(environ["PATH_INFO"])
        if ballot is not None:
            ticket = _TICKET.search(begun)
            with self._app.app_context():
                if ticket is None or not has_ticket(ballot[1], unquote_plus(ticket[1].decode("latin-1"))):
                    raise BodyTooLarge(_UNKNOWN_TICKET)
            return VOTER_BODY
        with self._app.request_context(environ):
            if find_visit(this_sign_in()) is None:
                return STRANGERS_BODY
            return IMPORT_BODY if takes_file(self._app, request.endpoint) else SIGNED_IN_BODY


def _is_multipart(environ: WSGIEnvironment) -> bool:
    kind: str = environ.get("CONTENT_TYPE", "")
    return kind.strip().lower().startswith("multipart/")
