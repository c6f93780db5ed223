"""One client's connection: gevent's handler of requests, made strict, impatient and silent."""

from __future__ import annotations

import logging
import math
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent.pywsgi import Input, WSGIHandler
from gevent.socket import socket as Socket  # noqa: N812 - a class
from gevent.ssl import SSLWantReadError

from kaohe.operations.people.password_turns import CALLER_KEY
from kaohe.server.request_headers import CONTROL, RequestHeaders
from kaohe.server.screen_connection import ScreenConnection

_LOG = logging.getLogger("kaohe")
PATIENCE_SECONDS = 60
"""How long a connection may be silent before it is closed."""
HEADERS_SECONDS = 10
"""How long the head of a request may take from its first byte on."""
BODY_SECONDS = 20
"""How long a body may take."""
AWAY_SECONDS = 1
"""How long a client that is turned away may take to read why."""
SIGN_IN_PATH = "/desk/sign-in"
"""The one route that learns who asks, by a number of this process, so that strangers take turns there."""
_ONE_PACKET = 16_384
_TURN_SECONDS = 0.001
"""Longer than nothing, so that the network is polled and everybody who waits there comes first."""
_PIECE = 65_536
_PIECES_PASSED_OVER = 512
"""How much of a body that nobody wants is still taken, so that its sender reads why: 32 MB."""
_ODD_BLANK = re.compile(r"[^\S ]")
_BAD_REQUEST = ("400", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
_NO_ROOM_TEXT = "现在连接的人较多，请稍等几秒，再打开一次。已填的内容还在手机上。".encode()
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\nCache-Control: no-store\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b" % (len(_NO_ROOM_TEXT), _NO_ROOM_TEXT)
)


class Body(Input):  # type: ignore[misc] # gevent ships no types
    """The body of one request, which has to come within ``BODY_SECONDS``."""

    line: Connection
    _due: float | None = None

    def read(self, length: int | None = None) -> bytes:
        """Read as much, waiting for it until the time is over; the connection is closed then."""
        self._due = self._due or time.monotonic() + BODY_SECONDS
        self.line.overdue_at = self._due
        try:
            data: bytes = super().read(length)
        finally:
            self.line.overdue_at = math.inf
        return data

    def _discard(self) -> None:
        """Read nothing of what the application did not want: it may have no end."""

    def is_left(self) -> bool:
        """Whether there is more of this body than was read."""
        if self.chunked_input:
            return bool(self.chunk_length != 0)
        return bool(self.position < (self.content_length or 0))


class Connection(WSGIHandler):  # type: ignore[misc] # gevent ships no types
    """One client's connection. It writes no log: a line per request would be an order of ballots."""

    wsgi_input: Any
    caller = ""
    overdue_at = math.inf
    _has_answered = False

    def cut(self) -> None:
        """Close the connection under whoever reads from it."""
        self.overdue_at = math.inf
        sock = self.__dict__.get("socket")
        if sock is not None:
            with suppress(OSError):
                # As every socket does it: one that is encrypted would also forget its session under whoever reads.
                Socket.shutdown(sock, socket.SHUT_RDWR)

    def turn_away(self) -> None:
        """Say that there is no room, and take what the client has sent: with that unread it would see a reset."""
        with self._a_goodbye() as is_free, gevent.Timeout(AWAY_SECONDS, exception=False), suppress(OSError):
            if is_free:
                self.socket.sendall(_NO_ROOM)
                self.socket.shutdown(socket.SHUT_WR)
                while self.socket.recv(_PIECE):
                    pass

    @contextmanager
    def _a_goodbye(self) -> Iterator[bool]:
        """Whether this client is one of the few whose last words are listened to; a crowd of them would hold files."""
        is_free: bool = self.server.goodbyes.acquire(blocking=False)
        try:
            yield is_free
        finally:
            if is_free:
                self.server.goodbyes.release()

    def handle_one_request(self) -> object:
        """Read and answer one request; True where the client may send another one on this line.

        A client that has sent its next request already stands behind everybody else: its requests never wait for the
        network, so it would be answered without end and the others never.
        """
        try:
            if self._has_answered and self._is_ahead():
                with self.server.turn_of_those_ahead:
                    gevent.sleep(_TURN_SECONDS)
            return super().handle_one_request()
        except OSError:
            return None
        finally:
            self.overdue_at = math.inf

    def _is_ahead(self) -> bool:
        self.socket.settimeout(0.0)
        try:
            return bool(self.rfile.peek(1))
        except SSLWantReadError:
            return False
        finally:
            self.socket.settimeout(PATIENCE_SECONDS)

    def read_requestline(self) -> str:
        """Wait for the next request, and read its first line."""
        if self.rfile.peek(1) and self._has_answered:
            self.server.lines.arrive(self)
        self.overdue_at = time.monotonic() + HEADERS_SECONDS
        line: str = super().read_requestline()
        return line

    def read_request(self, raw_requestline: str) -> bool:
        """Read the head of a request.

        Raises:
            ValueError: somebody else might read it differently.
        """
        line = raw_requestline.removesuffix("\n").removesuffix("\r")
        if CONTROL.search(line) or _ODD_BLANK.search(line):
            raise ValueError
        is_good: bool = super().read_request(raw_requestline)
        self.overdue_at = math.inf
        if self.request_version != "HTTP/1.1" and self.headers.get("transfer-encoding") is not None:
            raise ValueError
        return is_good

    def get_environ(self) -> dict[str, Any]:
        """What the application is told of the request."""
        environ: dict[str, Any] = super().get_environ()
        if environ["PATH_INFO"] == SIGN_IN_PATH:
            environ[CALLER_KEY] = self.caller
        if self.content_length or "HTTP_TRANSFER_ENCODING" in environ:
            body = Body(
                self.rfile,
                self.content_length,
                socket=self.wsgi_input.socket,
                chunked_input=self.wsgi_input.chunked_input,
            )
            body.line = self
            self.wsgi_input = environ["wsgi.input"] = body
        return environ

    def MessageClass(self, source: Any, *_: object) -> RequestHeaders:  # noqa: ANN401, N802 - gevent's own name
        """Read the headers; called once for each request."""
        return RequestHeaders(source)

    def _headers(self) -> Iterator[tuple[str, str]]:
        headers: RequestHeaders = self.headers
        return headers.for_environment()

    def handle_one_response(self) -> None:
        """Answer one request, known to the server as work that a stop waits for."""
        worker = gevent.getcurrent()
        self.server.working.add(worker)
        self.server.lines.work(self)
        try:
            super().handle_one_response()
        finally:
            self.server.working.discard(worker)
            self.server.lines.wait(self)
            self._has_answered = True
            if self.server.is_stopping:
                self.close_connection = True
        if isinstance(self.wsgi_input, Body) and self.wsgi_input.is_left():
            self.close_connection = True
            self._pass_over()

    def _pass_over(self) -> None:
        """Take some of what is still sent: a connection closed on somebody who sends loses the reply."""
        self.overdue_at = time.monotonic() + BODY_SECONDS
        with self._a_goodbye() as is_free, suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            for _ in range(_PIECES_PASSED_OVER if is_free else 0):
                with self.server.turn_of_those_ahead:
                    gevent.sleep(_TURN_SECONDS)
                if not self.socket.recv(_PIECE):
                    break

    def start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: Any = None,  # noqa: ANN401 - PEP 3333
    ) -> Callable[[bytes], None]:
        """Begin the reply; a live screen's stream has no end, so a stop does not wait for it."""
        if any(name.lower() == "content-type" and value.startswith("text/event-stream") for name, value in headers):
            self.server.working.discard(gevent.getcurrent())
        write: Callable[[bytes], None] = super().start_response(status, headers, exc_info)
        return write

    def process_result(self) -> None:
        """Send the body; a live screen's stream goes over a ``ScreenConnection``, to which pictures are pushed."""
        carry = getattr(self.result, "carry", None)
        if carry is None:
            super().process_result()
            return
        self.write(b"")
        self.close_connection = True
        carry(ScreenConnection(self.socket, is_chunked=self.response_use_chunked), self._wait_until_gone)

    def _wait_until_gone(self) -> None:
        self.socket.settimeout(None)
        with suppress(OSError):
            while self.socket.recv(_ONE_PACKET):
                pass

    def _write_with_headers(self, data: bytes) -> None:
        self.headers_sent = True
        self.finalize_headers()
        lines = b"".join(b"%b: %b\r\n" % pair for pair in self.response_headers)
        head = b"HTTP/1.1 %b\r\n%b\r\n" % (self.status, lines)
        if self.response_use_chunked or len(data) > _ONE_PACKET:
            self._sendall(head)
            self._write(data)
        else:
            # One packet instead of the library's two.
            self._sendall(head + data)

    def log_request(self) -> None:
        """No access log."""

    def handle_error(self, kind: type[BaseException], value: BaseException, trace: object) -> None:
        """Answer a fault; what a stop has cut gets no reply, so that the phone or a proxy sends it again."""
        if issubclass(kind, gevent.GreenletExit):
            self.close_connection = True
            return
        super().handle_error(kind, value, trace)

    def log_error(self, msg: str, *args: object) -> None:
        """Log nothing about client errors: pywsgi's message would hold their address and their request."""

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        del ex
        return _BAD_REQUEST

    def _log_error(self, kind: type[BaseException], value: BaseException, _trace: object) -> None:
        # gevent raises an OSError without a number where a client vanishes before its body is whole, and TLS has errors
        # of its own for that; neither is a fault of this server.
        is_client_gone = isinstance(value, ssl.SSLError) or (isinstance(value, OSError) and value.errno is None)
        # The message and the environment could hold what a voter sent.
        if not issubclass(kind, gevent.GreenletExit) and not is_client_gone:
            _LOG.error("fault while answering: %s", kind.__name__, extra={"event": "fault"})
