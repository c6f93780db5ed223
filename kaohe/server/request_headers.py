"""A strict and light parser of request headers; the library's own one is made for mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

_BYTES = 32_768
"""Of all headers of a request together."""
_LINES = 100
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Characters that no header has, a return without its line feed among them."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,20}")
"""Python would also read ``+3``, ``1_0`` and full-width digits as numbers."""
_ONCE = frozenset({"content-length", "transfer-encoding", "host"})
"""Two of these let a proxy and a server see two different requests."""
_MEANT_FOR_THE_SERVER = frozenset({"content-type", "content-length"})


class _Readable(Protocol):
    def readline(self, size: int) -> bytes: ...


class RequestHeaders:
    """What gevent's server asks of the headers of one request."""

    def __init__(self, source: _Readable) -> None:
        """Read until the empty line; ``status`` says what is wrong with them, or ''."""
        self.status = ""
        self._pairs: list[tuple[str, str]] = []
        self._values: dict[str, str] = {}
        left = _BYTES
        while not self.status:
            line = source.readline(left + 1)
            left -= len(line)
            if left < 0:
                self.status = "too much"
                return
            if line in (b"\r\n", b"\n", b""):
                self._judge_length()
                return
            self._take(line)

    def _judge_length(self) -> None:
        """Refuse a body whose end a proxy before us might see elsewhere: the rest would pass for a request."""
        length, coding = self._values.get("content-length"), self._values.get("transfer-encoding")
        if length is not None and (coding is not None or not _LENGTH.fullmatch(length)):
            self.status = "no length"
        elif coding is not None and coding.lower() != "chunked":
            self.status = "unknown coding"

    def _take(self, line: bytes) -> None:
        text, colon, value = line.decode("latin-1").removesuffix("\n").removesuffix("\r").partition(":")
        name = text.lower()
        if len(self._pairs) >= _LINES:
            self.status = "too much"
        elif not colon or not _NAME.fullmatch(name):
            self.status = "no header"
        elif CONTROL.search(value):
            self.status = "no text"
        elif name in _ONCE and name in self._values:
            self.status = "said twice"
        else:
            # Python's own strip takes what only Unicode calls a blank, and a proxy would see another value.
            value = value.strip(" \t")
            self._pairs.append((name, value))
            self._values.setdefault(name, value)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value under this name, whatever its case."""
        return self._values.get(name.lower(), default)

    getheader = get

    def __delitem__(self, name: str) -> None:
        """Remove the header of this name."""
        del self._values[name.lower()]

    @property
    def typeheader(self) -> str | None:
        """The type of the body, if one is said."""
        return self._values.get("content-type")

    @property
    def headers(self) -> Iterator[str]:
        """Every header as a line."""
        return (f"{name}: {value}\r\n" for name, value in self._pairs)

    def for_environment(self) -> Iterator[tuple[str, str]]:
        """(name, value) as the application's environment has them.

        A name with an underscore is left out: it would pass for one with a hyphen.
        """
        for name, value in self._pairs:
            if name not in _MEANT_FOR_THE_SERVER and "_" not in name:
                yield "HTTP_" + name.replace("-", "_").upper(), value
