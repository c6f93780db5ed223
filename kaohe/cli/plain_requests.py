"""The plain request: what a phone sends when a hall votes, read in one look instead of line by line.

A request is plain where nothing about it can be read two ways: GET or POST, a path without escapes, each header once,
a length in digits or no body, no wish about the connection but to keep it. Every other one is left to the library's
own reader, which sees the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BODY_AT_MOST = 65_536
"""A longer body is read as the application asks for it, not before."""
_REQUEST = re.compile(
    rb"(GET|POST) (/[!$&-;=@-Z_a-z~]*)(?:\?([!$&-;=?-Z_a-z~%]*))? HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+)\r\n"
)
"""Names with an underscore are not plain: they would pass for ones with a hyphen."""
_LINES_AT_MOST = 64
_UNUSUAL = frozenset({"TRANSFER_ENCODING", "EXPECT", "UPGRADE"})
_MEANT_FOR_THE_SERVER = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """One request as its bytes say it."""

    head_bytes: int
    body_bytes: int
    environ: dict[str, str]
    """What WSGI wants to know of it, but for the server's own part and the body."""


def read_plain_request(begun: bytes) -> PlainRequest | None:
    """The plain request that ``begun`` begins with; None where there is none, or not yet all of its headers.

    The body may still be missing, whole or in part.
    """
    found = _REQUEST.match(begun)
    if found is None:
        return None
    method, path, query, lines = found.groups(b"")
    environ = {
        "REQUEST_METHOD": method.decode(),
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode(),
        "QUERY_STRING": query.decode(),
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    given = lines.decode("latin-1").split("\r\n")
    given.pop()
    if len(given) > _LINES_AT_MOST:
        return None
    usual = len(environ)
    for line in given:
        name, _, value = line.partition(":")
        key = name.upper().replace("-", "_")
        if key in _UNUSUAL:
            return None
        environ[key if key in _MEANT_FOR_THE_SERVER else f"HTTP_{key}"] = value.strip()
    if len(environ) != usual + len(given) or environ.get("HTTP_CONNECTION", "keep-alive").lower() != "keep-alive":
        return None
    length = environ.get("CONTENT_LENGTH", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > BODY_AT_MOST:
        return None
    return PlainRequest(found.end(), int(length), environ)
