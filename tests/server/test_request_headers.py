from __future__ import annotations

import io

import pytest

from kaohe.server.request_headers import RequestHeaders


def read(text: bytes) -> RequestHeaders:
    return RequestHeaders(io.BytesIO(text))


def test_names_have_no_case_and_values_no_spaces_around_them() -> None:
    headers = read(b"Host: kaohe\r\nCONTENT-Length:  12 \r\nAccept: a\r\naccept: b\r\n\r\nbody")

    assert headers.status == ""
    assert headers.get("content-length") == headers.getheader("Content-Length") == "12"
    assert list(headers.for_environment()) == [("HTTP_HOST", "kaohe"), ("HTTP_ACCEPT", "a"), ("HTTP_ACCEPT", "b")]


def test_a_name_that_would_pass_for_another_one_is_left_out() -> None:
    assert list(read(b"X_Kaohe_Script: 1\r\n\r\n").for_environment()) == []


@pytest.mark.parametrize(
    "bad",
    [
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        b"Content-Length: +3\r\n\r\n",
        b"Content-Length: -3\r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n",
        b"Content-Length: 3, 3\r\n\r\n",
        b"Content-Length:\r\n\r\n",
        "Content-Length: \N{FULLWIDTH DIGIT THREE}\r\n\r\n".encode(),
        b"Host: a\r\n folded\r\n\r\n",
        b"Content-Length : 1\r\n\r\n",
        b"no colon\r\n\r\n",
        b": no name\r\n\r\n",
        b"Name\x00: 1\r\n\r\n",
        b"Value: a\x00b\r\n\r\n",
        b"Value: a\rb\r\n\r\n",
        b"Value: a\x7f\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n",
        b"Transfer-Encoding: chunked\x1f\r\n\r\n",
        b"Transfer-Encoding:\xa0chunked\r\n\r\n",
        b"Transfer-Encoding:\x85chunked\r\n\r\n",
        b"Content-Length:\xa05\r\n\r\n",
        b"Content-Length: " + b"0" * 4301 + b"\r\n\r\n",
        b"Long: " + b"x" * 33_000 + b"\r\n\r\n",
        b"".join(b"H%d: %b\r\n" % (number, b"x" * 1000) for number in range(40)) + b"\r\n",
        b"".join(b"H%d: 1\r\n" % number for number in range(101)) + b"\r\n",
    ],
)
def test_what_two_readers_could_read_differently_is_refused(bad: bytes) -> None:
    assert read(bad).status != ""
