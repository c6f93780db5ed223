"""Cache of compressed pages: every voter of a ballot style gets the same page, so it is rendered once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import Response, current_app, request

from kaohe.storage.installation import RecentlyUsed

_EXTENSION = "kaohe_page_cache"
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is no page; a page's own governs it, and a third of a packet is saved three times."""
_SLOTS = 1024
"""How many meetings' pages are kept, of a few kilobytes each; a hall has one, a province some hundreds."""


@dataclass(frozen=True, slots=True)
class CachedPage:
    """One page in memory."""

    zipped: bytes
    etag: str
    """Of the content, compressed or not; so it is sent as a weak one."""

    def zipped_headers(self) -> list[tuple[str, str]]:
        """The headers that go with the compressed body."""
        return [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(self.zipped))),
            ("ETag", f'W/"{self.etag}"'),
            ("Cache-Control", "no-cache"),
            ("Vary", "Accept-Encoding"),
        ]


class PageCache:
    """One page per slot, replaced as soon as its key changes."""

    def __init__(self) -> None:
        """An empty cache."""
        self._slots: RecentlyUsed[Hashable, tuple[Hashable, CachedPage]] = RecentlyUsed(_SLOTS)

    def get(self, slot: Hashable, key: Hashable) -> CachedPage | None:
        """The page in the slot, if it is the one that was made for ``key``."""
        cached = self._slots.recall(slot)
        return cached[1] if cached is not None and cached[0] == key else None

    def page(self, slot: Hashable, key: Hashable, render: Callable[[], str]) -> CachedPage:
        """The page that was made for ``key``, made now if the slot holds another one.

        Two requests at once may both render; they make the same page, and one of the two stays.
        """
        found = self.get(slot, key)
        if found is not None:
            return found
        body = render().encode()
        made = CachedPage(zipped(body), hashlib.sha256(body).hexdigest()[:20])
        self._slots.keep(slot, (key, made))
        return made


def current_page_cache() -> PageCache:
    """The cache of the application that serves this request."""
    cache: PageCache = current_app.extensions.setdefault(_EXTENSION, PageCache())
    return cache


def send_cached(page: CachedPage, mimetype: str = "text/html") -> Response:
    """The page as this client takes it: nothing if it has it already, else compressed if it can."""
    response = (
        Response(status=304) if request.if_none_match.contains_weak(page.etag) else send_zipped(page.zipped, mimetype)
    )
    response.set_etag(page.etag, weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    return response


def zipped(content: bytes) -> bytes:
    """``content`` compressed with gzip: equal for equal content."""
    return gzip.compress(content, 9, mtime=0)


def send_zipped(content: bytes, mimetype: str = "text/html") -> Response:
    """A reply whose compressed ``content`` is sent as it is, or decompressed for the rare client that takes no gzip."""
    is_zipped = request.accept_encodings["gzip"] > 0
    response = Response(content if is_zipped else gzip.decompress(content), mimetype=mimetype)
    if is_zipped:
        response.headers["Content-Encoding"] = "gzip"
    if mimetype != "text/html":
        response.headers["Content-Security-Policy"] = _NO_PAGE
    return response
