"""The ballot page is the same for every voter of a style: rendered once, kept compressed, sent from memory."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import brotli
from flask import Response, current_app, request

_EXTENSION = "kaohe_kept_pages"
_SLOTS = 64
"""How many meetings' pages are kept; a hall has one."""


QUICKLY, THOROUGHLY = 5, 9
"""How hard brotli tries: a page is made while phones wait for it, a file once."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One content in memory, packed in both ways that browsers take."""

    zipped: bytes
    brotlied: bytes
    """A quarter smaller, where a browser takes it: over HTTPS and on the server's own machine."""


def pack(content: bytes, effort: int) -> Packed:
    """The content packed."""
    return Packed(gzip.compress(content, 9, mtime=0), brotli.compress(content, quality=effort))


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One page in memory."""

    content: Packed
    etag: str
    """Of the content, whatever it is packed in; so it is sent as a weak one."""

    def reply(self, *, takes_brotli: bool) -> tuple[list[tuple[str, str]], bytes]:
        """(headers, body) for a browser that takes gzip, and brotli too where it says so."""
        coding, body = ("br", self.content.brotlied) if takes_brotli else ("gzip", self.content.zipped)
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", coding),
            ("Content-Length", str(len(body))),
            ("ETag", f'W/"{self.etag}"'),
            ("Cache-Control", "no-cache"),
            ("Vary", "Accept-Encoding"),
        ]
        return headers, body


class PageShelf:
    """One page per slot, replaced as soon as its key changes."""

    def __init__(self) -> None:
        """An empty shelf."""
        self._slots: dict[Hashable, tuple[Hashable, KeptPage]] = {}

    def held(self, slot: Hashable, key: Hashable) -> KeptPage | None:
        """The page in the slot, if it is the one that was made for ``key``."""
        held = self._slots.get(slot)
        return held[1] if held is not None and held[0] == key else None

    def page(self, slot: Hashable, key: Hashable, render: Callable[[], str]) -> KeptPage:
        """The page that was made for ``key``, made now if the slot holds another one.

        Two requests at once may both render; they make the same page, and one of the two stays.
        """
        found = self.held(slot, key)
        if found is not None:
            return found
        body = render().encode()
        made = KeptPage(pack(body, QUICKLY), hashlib.sha256(body).hexdigest()[:20])
        if len(self._slots) >= _SLOTS:
            self._slots.clear()
        self._slots[slot] = (key, made)
        return made


def this_shelf() -> PageShelf:
    """The shelf of the application that serves this request."""
    shelf: PageShelf = current_app.extensions.setdefault(_EXTENSION, PageShelf())
    return shelf


def send_kept(page: KeptPage) -> Response:
    """The page as this client takes it: nothing if it has it already, else compressed if it can."""
    response = Response(status=304) if request.if_none_match.contains_weak(page.etag) else packed(page.content)
    response.set_etag(page.etag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def packed(content: Packed, mimetype: str = "text/html") -> Response:
    """A reply that is sent as it lies in memory, or unpacked for the rare client that wants it so."""
    takes = request.accept_encodings
    if takes["br"] > 0 and takes["br"] >= takes["gzip"]:
        return Response(content.brotlied, mimetype=mimetype, headers={"Content-Encoding": "br"})
    if takes["gzip"] > 0:
        return Response(content.zipped, mimetype=mimetype, headers={"Content-Encoding": "gzip"})
    return Response(gzip.decompress(content.zipped), mimetype=mimetype)
