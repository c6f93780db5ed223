"""Requests that no browser sends, over a socket to a running server: a plain answer to each, and no ticket burnt."""

from __future__ import annotations

import re
import socket

import pytest
from bs4 import BeautifulSoup
from processes import Kaohe

ONE_PERSON = """
title = "年度民主测评会"
preset = "si-deng"
subjects = ["张伟"]
[[groups]]
label = "全体"
entitled = 5
"""
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
SCRIPT = f"{FORM}X-Kaohe-Script: 1\r\n"


def request(
    method: str, path: str, headers: str = "", body: bytes = b"", *, host: str = "Host: localhost\r\n"
) -> bytes:
    length = (
        f"Content-Length: {len(body)}\r\n" if body and "Length" not in headers and "Transfer" not in headers else ""
    )
    head = f"{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{headers}{length}\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def ask(port: int, raw: bytes) -> tuple[int, str, str]:
    """Status, stable code of the refusal, and body of the first reply; 0 where the connection was closed on us."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(raw)
        # Whoever sends too little waits for us for ever; a reader that says so is not what is tried here.
        client.shutdown(socket.SHUT_WR)
        try:
            reply = b"".join(iter(lambda: client.recv(65536), b""))
        except ConnectionResetError:
            return 0, "", ""
    head, _, body = reply.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    code = re.search(rb"X-Kaohe-Error: (\w+)", head)
    return int(found[1]) if found else 0, code[1].decode() if code else "", body.decode(errors="replace")


ODD_BALLOTS = {
    "nothing": (FORM, b""),
    "one field": (FORM, b"ticket=TICKET"),
    "keys twice": (FORM, b"ticket=TICKET&ticket=X&nonce=1&nonce=2&round=1"),
    "NUL bytes": (FORM, b"ticket=%00&nonce=%00&i.s1.overall=%00\0"),
    "bidi and zero width": (FORM, "ticket=\u202eTICKET\u200b&nonce=x".encode()),
    "GBK": (FORM, "ticket=票码&nonce=优秀".encode("gbk")),
    "UTF-16": (FORM, "ticket=TICKET&nonce=1".encode("utf-16")),
    "UTF-7": ("Content-Type: application/x-www-form-urlencoded; charset=utf-7\r\n", b"ticket=+AFQ-"),
    "JSON": ("Content-Type: application/json\r\n", b'{"ticket":"TICKET","__proto__":{"a":1}}'),
    "no type": ("", b"ticket=TICKET"),
    "multipart without a boundary": ("Content-Type: multipart/form-data\r\n", b"--x\r\n"),
    "multipart cut short": (
        "Content-Type: multipart/form-data; boundary=x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="ticket"\r\n\r\nA',
    ),
    "ten thousand fields": (FORM, b"&".join(b"a%d=1" % number for number in range(10_000))),
    "formulas": (FORM, b"ticket=TICKET&nonce=%3D1%2B1&i.s1.overall=%3Dcmd&c.s1=%3D1%2B1"),
    "from another site": (f"{FORM}Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n", b"a=b"),
    "an unknown expectation": (f"{FORM}Expect: banana\r\n", b"a=b"),
    "the script's own, empty": (SCRIPT, b"&&&=&%"),
    "the script's own, NUL": (SCRIPT, b"ticket=%00&nonce=%00&round=%ff"),
}
TOO_LARGE = {
    "a large body": (FORM, b"a=" + b"x" * 200_000),
    "a large body of the script": (SCRIPT, b"a=" + b"x" * 200_000),
    "a length beyond everything": (f"{FORM}Content-Length: 99999999999999999999\r\n", b"a=b"),
}
BROKEN_FRAMES = {
    "a length below nothing": (f"{FORM}Content-Length: -5\r\n", b"a=b"),
    "a length in words": (f"{FORM}Content-Length: abc\r\n", b"a=b"),
    "a length with a sign": (f"{FORM}Content-Length: +3\r\n", b"a=b"),
    "a length in wide digits": (f"{FORM}Content-Length: \N{FULLWIDTH DIGIT THREE}\r\n", b"a=b"),
    "two lengths": (f"{FORM}Content-Length: 3\r\nContent-Length: 4\r\n", b"a=bc"),
    "length and chunks": (f"{FORM}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "an unknown coding": (f"{FORM}Transfer-Encoding: xchunked\r\n", b"a=b"),
    "a host twice": ("Host: evil.example\r\n", b""),
    "a vertical tab before the coding": (f"{FORM}Transfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n"),
    "a separator behind the coding": (f"{FORM}Transfer-Encoding: chunked\x1f\r\n", b"0\r\n\r\n"),
    "no colon": ("Broken header\r\n", b""),
    "a folded line": ("X-A: a\r\n b\r\n", b""),
    "three hundred lines": ("".join(f"X-{number}: a\r\n" for number in range(300)), b""),
}
NOWHERE = (
    "/static/../kaohe/config.py",
    "/static/%2e%2e/kaohe/config.py",
    "/static/..%2f..%2fetc/passwd",
    "/static/css/tokens.css%00.png",
    "//etc/passwd",
    "/documents/..%2f..%2f/1/..csv",
    "/v/'%20OR%201=1--/1",
    "/v/中文/1",
    "/v/%ff%fe/1",
    "/v/%ed%a0%80/1",
    "/v/%E2%80%AE/1",
    "http://evil.example/v/x/1",
)
ODD_METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "XYZZY", "G@T")


@pytest.fixture
def hall(kaohe: Kaohe) -> tuple[Kaohe, str, list[str]]:
    meeting_id = kaohe.meeting(ONE_PERSON)
    codes = kaohe.tickets(meeting_id)["全体"]
    kaohe.does("meeting", "open", meeting_id)
    return kaohe, meeting_id, codes


def test_no_odd_request_gets_anything_but_a_plain_answer(hall: tuple[Kaohe, str, list[str]]) -> None:
    kaohe, meeting_id, codes = hall
    ballot = f"/v/{meeting_id}/1"
    with kaohe.serving() as server:

        def answer(method: str, path: str, headers: str = "", body: bytes = b"") -> tuple[int, str, str]:
            return ask(kaohe.port, request(method, path, headers, body.replace(b"TICKET", codes[0].encode())))

        for name, (headers, body) in ODD_BALLOTS.items():
            status, code, page = answer("POST", ballot, headers, body)
            assert status in (400, 413, 422), (name, status)
            assert code, name
            assert BeautifulSoup(page, "html.parser").select_one("[data-error]"), name
        for name, (headers, body) in TOO_LARGE.items():
            status, code, _ = answer("POST", ballot, headers, body)
            # A reply may be lost with a connection that is closed on somebody who goes on sending.
            assert (status, code) in ((413, "body_too_large"), (0, "")), name
        for name, (headers, body) in BROKEN_FRAMES.items():
            # Refused before the application hears of it: an empty reply, and the connection is closed.
            assert answer("POST", ballot, headers, body)[::2] == (400, ""), name
        for path in NOWHERE:
            status, code, page = answer("GET", path)
            assert (status, code) in ((404, "not_found"), (404, "meeting_unknown")), path
            assert "没有找到" in page, path
        for method in ODD_METHODS:
            assert answer(method, ballot)[:2] == (405, "method_not_allowed"), method
        for method, status in (("HEAD", 200), ("OPTIONS", 200)):
            assert answer(method, ballot)[::2] == (status, ""), method
        for raw, statuses in (
            (b"\0\xff\xfe\r\n\r\n", (400,)),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
            (request("POST", ballot, f"{FORM}Transfer-Encoding: chunked\r\n", b"zz\r\nabc\r\n0\r\n\r\n"), (400,)),
            (request("GET", f"/v/{'a' * 20_000}"), (414,)),
            (request("GET", "/", host=""), (400,)),
            (request("GET", "/", host="Host: a\0b\r\n"), (400,)),
            (request("GET", "/desk/", f"Cookie: kaohe_desk={'a' * 65_000}\r\n"), (400, 0)),
            (request("POST", ballot, f"{FORM}Content-Length: {'0' * 4301}\r\n"), (400,)),
            (request("POST", ballot, f"{FORM}Content-Length: {'1' * 4301}\r\n"), (400,)),
            (
                request(
                    "POST",
                    ballot,
                    f"{FORM}Content-Length:\xa03\r\n".encode("latin-1").decode("utf-8", "surrogateescape"),
                    b"a=b",
                ),
                (400,),
            ),
            (request("GET", "/", "X-A: a\rb\r\n"), (400,)),
            (b"POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            (b"GET\x0b/ HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
            (b"GET /health\xa0HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
            (b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
            (request("GET", "/desk/", "Cookie: kaohe_desk=ÿþ;;;===\r\n"), (302,)),
            (request("GET", ballot, 'Accept-Encoding: gzip;q=banana,ÿ\r\nIf-None-Match: "ÿ", W/\r\n'), (200,)),
            (request("GET", "/admin/metrics", "Authorization: Bearer ÿþ\r\n"), (401,)),
            (request("GET", "/static/css/tokens.css", "Range: bytes=99999-1\r\n"), (200, 416)),
        ):
            assert ask(kaohe.port, raw)[0] in statuses, raw[:60]
        assert kaohe.get("/health").status == 200
        assert kaohe.show(meeting_id)["board"]["cast"] == 0
        assert kaohe.vote(meeting_id, codes[0], "excellent").status == 200
        assert "Traceback" not in server.printed
