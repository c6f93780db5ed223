"""The short way of reading a request says the same as the library's long way, or says nothing."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaohe.cli import server
from kaohe.cli.plain_requests import BODY_AT_MOST, read_plain_request

HEAD = b"POST /v/m/1 HTTP/1.1\r\nHost: kaohe\r\nContent-Length: 4\r\n"
GET = b"GET /v/m/1 HTTP/1.1\r\nHost: kaohe\r\n"


class Asked(server.Connection):
    """A connection whose requests are looked at and not answered."""

    environ: dict[str, Any]

    def __init__(self, sent: bytes) -> None:
        served = SimpleNamespace(
            environ={"SERVER_NAME": "kaohe", "wsgi.version": (1, 0)},
            get_environ=lambda: {"SERVER_NAME": "kaohe", "wsgi.version": (1, 0)},
            application=None,
        )
        super().__init__(None, None, served, io.BufferedReader(io.BytesIO(sent)))  # type: ignore[arg-type] # no raw file

    def handle_one_response(self) -> None:
        self.body = self.environ.pop("wsgi.input").read()


class AskedAtLength(Asked):
    handle_one_request = server.WSGIHandler.handle_one_request


def told(connection: Asked) -> tuple[object, ...]:
    answer = connection.handle_one_request()
    return answer, connection.environ, connection.body, connection.request_version, connection.rfile.read()


def names() -> st.SearchStrategy[str]:
    usual = ["Accept", "Accept-Encoding", "Cookie", "User-Agent", "X-Kaohe-Script", "Content-Type", "Referer", "DNT"]
    return st.sampled_from(usual) | st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True)


@given(
    st.sampled_from(["GET", "POST"]),
    st.from_regex(r"/[A-Za-z0-9/._~!$&'()*+,;=:@-]{0,30}(\?[A-Za-z0-9/._~%=&?-]{0,20})?", fullmatch=True),
    st.dictionaries(names(), st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]))),
    st.binary(max_size=60),
    st.binary(max_size=20),
)
def test_both_ways_tell_the_application_the_same(
    method: str, target: str, headers: dict[str, str], body: bytes, following: bytes
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() not in _JUDGED)
    length = f"Content-Length: {len(body)}\r\n" if method == "POST" else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: kaohe\r\n{lines}{length}\r\n".encode("latin-1")
    sent = head + (body if method == "POST" else b"") + following

    if read_plain_request(sent) is not None:
        assert told(Asked(sent)) == told(AskedAtLength(sent))


_JUDGED = {"host", "content-length", "transfer-encoding", "expect", "upgrade", "connection"}


def test_what_a_phone_sends_is_read_the_short_way() -> None:
    phone = (
        "POST /v/AB12CD34/1 HTTP/1.1\r\nHost: 192.168.1.5:8000\r\nConnection: keep-alive\r\nContent-Length: 12\r\n"
        "User-Agent: Mozilla/5.0 (Linux; Android 9; 中) Mobile\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Accept: */*\r\nX-Kaohe-Script: 1\r\nOrigin: http://192.168.1.5:8000\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
    ).encode()

    plain = read_plain_request(phone + b"ticket=")

    assert plain is not None
    assert (plain.head_bytes, plain.body_bytes) == (len(phone), 12)
    assert plain.environ["HTTP_HOST"] == "192.168.1.5:8000"
    assert plain.environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        GET,
        GET.replace(b"GET", b"HEAD") + b"\r\n",
        GET.replace(b"GET", b"get") + b"\r\n",
        GET.replace(b"1.1", b"1.0") + b"\r\n",
        GET.replace(b"/v/m/1", b"/v/%6d/1") + b"\r\n",
        GET.replace(b"/v/m/1", b"http://kaohe/v/m/1") + b"\r\n",
        GET.replace(b"/v", b"  /v") + b"\r\n",
        GET.replace(b"\r\n", b"\n") + b"\n",
        GET + b"Connection: close\r\n\r\n",
        GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        GET + b"Accept: a\r\naccept: b\r\n\r\n",
        GET + b"X_Kaohe_Script: 1\r\n\r\n",
        GET + b" folded: 1\r\n\r\n",
        GET + b"Name : 1\r\n\r\n",
        GET + b"Name: a\x00b\r\n\r\n",
        GET + b"Name: a\rb\r\n\r\n",
        GET + b"no colon\r\n\r\n",
        GET + b"".join(b"H%d: 1\r\n" % number for number in range(64)) + b"\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Expect: 100-continue\r\n\r\n",
        HEAD + b"Content-Length: 5\r\n\r\n",
        HEAD.replace(b": 4", b": -4") + b"\r\n",
        HEAD.replace(b": 4", b": +4") + b"\r\n",
        HEAD.replace(b": 4", b": 4, 4") + b"\r\n",
        HEAD.replace(b": 4", b": \xb2") + b"\r\n",
        HEAD.replace(b": 4", b": %d" % (BODY_AT_MOST + 1)) + b"\r\n",
    ],
)
def test_what_could_be_read_two_ways_is_left_to_the_library(sent: bytes) -> None:
    assert read_plain_request(sent + b"body") is None


def test_a_request_that_breaks_off_is_not_answered() -> None:
    broken = Asked(HEAD + b"\r\nbod")

    assert broken.handle_one_request() is None
    assert not hasattr(broken, "body")
