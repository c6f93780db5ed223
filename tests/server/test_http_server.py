"""The server itself, around a small application that tells what it sees of a connection."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest
from processes import ServerAround

APPLICATION = """
from gevent import monkey
monkey.patch_all()
import socket, sys, gevent
from kaohe.server.http_server import Connection, Server, listen

class Watched(Connection):
    def get_environ(self):
        return {**super().get_environ(), "watched": self.socket}

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/event-stream; charset=utf-8")])
        return stream()
    if path == "/read":
        environ["wsgi.input"].read()
    if path == "/fault":
        raise ValueError("what a voter sent")
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/nodelay":
        return [str(environ["watched"].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)).encode()]
    if path in ("/page", "/tap"):
        for _ in range(3 if path == "/tap" else 0):
            gevent.sleep(0)  # As a ballot waits for its group.
        answered.append(path)
        return [str(len(answered)).encode()]
    if path == "/group":
        inside.append(path)
        gevent.sleep(0.02)
        return [str(inside.pop() and len(inside) + 1).encode()]
    if path == "/slow":
        return slowly()
    return [repr(sorted(name for name in environ if name.startswith("REMOTE"))).encode()]

answered = []
inside = []

def slowly():
    yield b"begun, "
    gevent.sleep(1)
    yield b"done"

def stream():
    while True:
        yield b"data: turnout\\n\\n"
        gevent.sleep(0.05)

server = Server(listen("0.0.0.0", int(sys.argv[1])), application)
server.handler_class = Watched
print("listening", flush=True)
server.run_until_stopped()
print("stopped", flush=True)
"""


class Running(ServerAround):
    @contextmanager
    def reply(self, path: str) -> Iterator[http.client.HTTPResponse]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as reply:
                yield reply

    def stop(self) -> tuple[float, str]:
        """How many seconds it took, and what was printed."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        printed, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return time.monotonic() - asked, printed


@pytest.fixture
def running() -> Iterator[Running]:
    with Running(APPLICATION) as server:
        yield server


def test_replies_are_sent_at_once(running: Running) -> None:
    with running.reply("/nodelay") as reply:
        assert int(reply.read()) != 0


def test_the_application_does_not_learn_who_asks(running: Running) -> None:
    with running.reply("/") as reply:
        assert reply.read() == b"[]"


def test_a_live_screen_does_not_hold_up_a_stop(running: Running) -> None:
    with running.reply("/stream") as stream:
        assert stream.readline() == b"data: turnout\n"
        seconds, printed = running.stop()
    assert seconds < 8
    assert printed == "stopped\n"


def test_a_slow_reply_is_finished_before_the_stop(running: Running) -> None:
    with running.reply("/slow") as reply:
        assert reply.read(7) == b"begun, "
        running.stop()
        assert reply.read() == b"done"


def test_a_fault_is_told_by_its_kind_only(running: Running) -> None:
    with running.reply("/fault") as reply:
        assert reply.status == 500
    assert running.stop()[1] == "fault while answering: ValueError\nstopped\n"


def test_a_client_that_vanishes_before_its_body_is_whole_is_no_fault(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as line:
        line.sendall(b"POST /read HTTP/1.1\r\nHost: kaohe\r\nContent-Length: 70000\r\n\r\nbegun")
    with running.reply("/nodelay") as reply:
        assert reply.status == 200
    assert running.stop()[1] == "stopped\n"


def test_who_is_in_already_is_heard_before_a_crowd_of_newcomers(running: Running) -> None:
    page, tap = (b"GET /%b HTTP/1.1\r\nHost: kaohe\r\n\r\n" % name for name in (b"page", b"tap"))
    with ExitStack() as lines:

        def connect() -> socket.socket:
            return lines.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=60))

        voter = connect()
        voter.sendall(page)
        assert place(voter) == 1

        running.process.send_signal(signal.SIGSTOP)
        newcomers = [connect() for _ in range(600)]
        for newcomer in newcomers:
            newcomer.sendall(page)
        voter.sendall(tap)
        running.process.send_signal(signal.SIGCONT)

        assert place(voter) < 200
        assert max(place(newcomer) for newcomer in newcomers) == 602


def place(asked: socket.socket) -> int:
    """As which of all requests this one was answered."""
    return int(asked.recv(1000).rpartition(b"\n")[2])


def test_a_line_that_sends_ahead_stands_behind_everybody_else(running: Running) -> None:
    with ExitStack() as lines:
        pages = b"GET /page HTTP/1.1\r\nHost: kaohe\r\n\r\n" * 2000
        for _ in range(4):
            greedy = lines.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=60))
            greedy.settimeout(0.0)
            with suppress(BlockingIOError):
                greedy.send(pages)
        with running.reply("/tap") as reply:
            assert int(reply.read()) < 500
    seconds, _ = running.stop()
    assert seconds < 8


def test_ballots_that_are_there_before_the_last_reply_has_left_still_come_in_groups(running: Running) -> None:
    ahead = b"GET /group HTTP/1.1\r\nHost: kaohe\r\n\r\n" * 3 + b"GET /group HTTP/1.0\r\nHost: kaohe\r\n\r\n"
    with ExitStack() as opened:
        lines = [
            opened.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=60)) for _ in range(24)
        ]
        for line in lines:
            line.sendall(ahead)
        last = [b"".join(iter(lambda line=line: line.recv(65536), b"")).rpartition(b"\n")[2] for line in lines]
    assert max(map(int, last)) >= 20


def test_a_client_that_sends_two_requests_at_once_is_answered_both(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as line:
        line.sendall(b"GET /page HTTP/1.1\r\nHost: kaohe\r\n\r\n" * 2 + b"GET /page HTTP/1.0\r\nHost: kaohe\r\n\r\n")
        replies = b"".join(iter(lambda: line.recv(65536), b""))
    assert replies.count(b"HTTP/1.1 200 OK") == 3
    assert replies.endswith(b"3")


def test_a_body_without_an_end_is_not_read_on_once_its_request_is_answered(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as line:
        line.sendall(b"POST /nodelay HTTP/1.1\r\nHost: kaohe\r\nContent-Length: 99999999999999999999\r\n\r\nbegun")
        reply = b"".join(iter(lambda: line.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 200 OK")
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            line.sendall(bytes(200_000_000))
    with running.reply("/page") as page:
        assert page.status == 200


def test_a_head_that_does_not_become_whole_is_closed_and_a_body_too(running: Running) -> None:
    with ExitStack() as lines:
        head, body = (
            lines.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=60)) for _ in range(2)
        )
        head.sendall(b"GET /page HTTP/1.1\r\nHost: ka")
        body.sendall(b"POST /read HTTP/1.1\r\nHost: kaohe\r\nContent-Length: 70\r\n\r\nbegun")
        begun = time.monotonic()
        head.sendall(b"ohe")
        assert head.recv(1000) == b""
        assert 9 < time.monotonic() - begun < 20
        assert body.recv(1000) == b""
        assert 19 < time.monotonic() - begun < 40


def test_a_client_for_whom_there_is_no_room_reads_why_though_it_has_sent_all_it_wanted() -> None:
    with (
        Running(APPLICATION.replace("application)\nserver.", "application, files_at_most=8)\nserver.")) as server,
        ExitStack() as lines,
    ):
        address = ("127.0.0.1", server.port)
        busy = [lines.enter_context(socket.create_connection(address, timeout=60)) for _ in range(3)]
        for line in busy:
            line.sendall(b"GET /slow HTTP/1.1\r\nHost: kaohe\r\nConnection: close\r\n\r\n")
            assert line.recv(5) == b"HTTP/"
        with socket.create_connection(address, timeout=60) as line:
            line.sendall(b"POST /read HTTP/1.1\r\nHost: kaohe\r\nContent-Length: 60000\r\n\r\n" + bytes(60_000))
            reply = b"".join(iter(lambda: line.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 503 ")
        assert "请稍等几秒" in reply.decode()
        for line in busy:
            assert b"done" in b"".join(iter(lambda line=line: line.recv(65536), b""))
        with server.reply("/page") as page:
            assert page.status == 200
