"""A voter with nothing but plain HTTP: gets the page, fills the one form on it, posts it (docs/scripting.md)."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

from kaohe.domain.ballots import BALLOT_PREFIXES
from kaohe.domain.errors import KaoheError

_TIMEOUT_SECONDS = 15
_RECEIPT = re.compile(r'data-receipt="([^"]+)"')
_ERROR = re.compile(r'data-error="([^"]+)"[^>]*>([^<]*)')


class ServerSilent(KaoheError):
    """Nobody answers at the address, or somebody else does."""

    http_code = 502


class BallotRefused(KaoheError):
    """The server did not take the ballot; ``code`` and ``message`` are the server's own."""

    def __init__(self, code: str, message: str) -> None:
        """Take what stands on the page."""
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Form:
    """The one form of a page: where it goes, what it holds, and what may be chosen, ticked or written there."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """The marks that each row of buttons offers."""
    ticks: dict[str, str] = field(default_factory=dict)
    """What each box posts where it is ticked; one that is not posts nothing."""


class PlainVoter:
    """Casts ballots at one server over one connection that is kept open."""

    def __init__(self, base_url: str) -> None:
        """``base_url`` is the server's address, such as ``http://127.0.0.1:8000``.

        Raises:
            ServerSilent: it is not a web address.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ServerSilent(f"网址 {base_url} 不正确，请写成 http://127.0.0.1:8000 的样子。")
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            self._connection = make(parts.hostname, parts.port, timeout=_TIMEOUT_SECONDS)
        except ValueError as error:
            raise ServerSilent(f"网址 {base_url} 中的端口不正确，请核对后重试。") from error
        self._base_url = base_url.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def require_server(self) -> None:
        """Let it pass only if kaohe answers there.

        Raises:
            ServerSilent: it does not.
        """
        status, body = self._request("GET", "/health")
        if status != http.client.OK or body.strip() != "ok":
            raise self._silent()

    def get_form(self, path: str) -> Form:
        """The form of a ballot page.

        Raises:
            BallotRefused: the page holds none, because the meeting does not take ballots now.
            ServerSilent: no answer.
        """
        status, body = self._request("GET", path)
        if status != http.client.OK:
            raise _refusal(body)
        reader = _FormReader()
        reader.feed(body)
        form = reader.form
        if form is None or not any(
            name.startswith(BALLOT_PREFIXES) for name in (*form.fields, *form.choices, *form.ticks)
        ):
            raise BallotRefused("no_form", "这场会议现在不收票，请先开始投票。")
        return form

    def cast(self, path: str, form: Form, ticket: str, marks: Mapping[str, str]) -> str:
        """Cast one ballot on the form got at ``path`` and return its receipt. ``marks`` are by field name.

        Raises:
            BallotRefused: the server refused it, and why.
            ServerSilent: no answer.
        """
        filled = {**form.fields, **marks, "ticket": ticket, "nonce": secrets.token_urlsafe(16)}
        status, body = self._request("POST", urljoin(path, form.action), urlencode(filled))
        found = _RECEIPT.search(body)
        if status != http.client.OK or found is None:
            raise _refusal(body)
        return found[1]

    def _request(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        # A second try is safe: the same ticket with the same nonce counts once. The first one fails where the server
        # has closed a connection that was idle for long.
        for is_last in (False, True):
            try:
                self._connection.request(method, path, body, headers)
                reply = self._connection.getresponse()
                return reply.status, reply.read().decode("utf-8", errors="replace")
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if is_last:
                    raise self._silent() from error
        raise self._silent()

    def _silent(self) -> ServerSilent:
        return ServerSilent(f"{self._base_url} 没有应答，请先用 kaohe serve 启动服务器，或用 --url 指明网址。")


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form = Form(action=given.get("action", ""))
        elif self.form is not None and given.get("name"):
            if tag == "input" and given.get("type") == "radio":
                self.form.choices.setdefault(given["name"], []).append(given.get("value", ""))
            elif tag == "input" and given.get("type") == "checkbox":
                self.form.ticks[given["name"]] = given.get("value", "on")
            elif tag == "input":
                self.form.fields[given["name"]] = given.get("value", "")
            elif tag == "textarea":
                self.form.fields[given["name"]] = ""


def _refusal(body: str) -> BallotRefused:
    found = _ERROR.search(body)
    if found is None:
        return BallotRefused("refused", "服务器没有收下这张票，也没有说明原因；请看服务器窗口里的提示。")
    return BallotRefused(found[1], found[2].strip())
