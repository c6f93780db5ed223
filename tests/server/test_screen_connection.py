"""Live screens on the server itself: each gets every picture, and a slow one gets the newest and holds nobody up."""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from processes import ServerAround

APPLICATION = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from kaohe.server.http_server import Server, listen
from kaohe.live.fanout import Channel, encode_event

class Stream:
    def __init__(self, seen):
        self.seen = seen
    def carry(self, line, until_gone):
        channel.join(line, self.seen)
        until_gone()
        channel.leave(line)
        left.append(line)

channel = Channel()
left = []

def application(environ, start_response):
    path, _, size = environ["PATH_INFO"][1:].partition("/")
    if path == "stream":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return Stream(environ["QUERY_STRING"] or None)
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "left":
        return [str(len(left)).encode()]
    if path == "beat":
        channel.beat()
    else:
        channel.publish(encode_event("stage", path, "x" * int(size)))
    return [b"done"]

server = Server(listen("0.0.0.0", int(sys.argv[1])), application)
print("listening", flush=True)
server.run_until_stopped()
print("stopped", flush=True)
"""


class Hall(ServerAround):
    def ask(self, path: str) -> str:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    @contextmanager
    def screen(self, seen: str = "") -> Iterator[http.client.HTTPResponse]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            # A small window, so that a screen that does not read is soon behind.
            connection.sock = socket.socket()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sock.settimeout(60)
            connection.sock.connect(("127.0.0.1", self.port))
            connection.request("GET", f"/stream?{seen}")
            with connection.getresponse() as reply:
                assert reply.readline().startswith(b"retry: ")
                reply.readline()
                yield reply


@pytest.fixture
def hall() -> Iterator[Hall]:
    with Hall(APPLICATION) as hall:
        yield hall


def next_picture(reply: http.client.HTTPResponse) -> str:
    """The id of the next whole event."""
    found = ""
    while True:
        line = reply.readline()
        assert line, "the stream has ended"
        if line.startswith(b"id: "):
            found = line[4:].strip().decode()
        if line == b"\n" and found:
            return found


def test_every_screen_gets_every_picture_and_none_that_it_has_seen(hall: Hall) -> None:
    hall.ask("/one/10")
    with hall.screen() as first, hall.screen("one") as second:
        hall.ask("/two/10")
        assert [next_picture(first), next_picture(first)] == ["one", "two"]
        assert next_picture(second) == "two"


def test_a_screen_that_does_not_read_gets_the_newest_picture_and_holds_nobody_up(hall: Hall) -> None:
    with hall.screen() as slow, hall.screen() as quick:
        for number in range(40):
            hall.ask(f"/{number}/300000")
            assert next_picture(quick) == str(number)
        hall.ask("/beat")
        got = [next_picture(slow)]
        while got[-1] != "39":
            got.append(next_picture(slow))
    assert len(got) < 40
    assert got == sorted(got, key=int)


def test_a_heartbeat_is_heard_where_nothing_else_is(hall: Hall) -> None:
    with hall.screen() as reply:
        hall.ask("/beat")
        assert reply.readline() == b": still here\n"


def test_a_screen_that_goes_away_is_forgotten(hall: Hall) -> None:
    with hall.screen():
        assert hall.ask("/left") == "0"
    until = time.monotonic() + 30
    while hall.ask("/left") != "1":
        assert time.monotonic() < until
    assert re.fullmatch("done", hall.ask("/three/10"))
