"""The server of one hall: gevent's pywsgi, made ready for thousands of phones and for their privacy."""

from __future__ import annotations

import errno
import gc
import math
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool
from gevent.pywsgi import Input, WSGIHandler, WSGIServer
from gevent.threadpool import ThreadPool

from kaohe.domain.errors import KaoheError
from kaohe.operations.people.credentials import set_password_executor
from kaohe.server.client_lines import ClientLines
from kaohe.server.request_headers import CONTROL, RequestHeaders
from kaohe.server.screen_connection import ScreenConnection

BACKLOG = 4096
"""How many connections may wait to be accepted; the system may allow fewer."""
PATIENCE_SECONDS = 60
"""How long a connection may be silent before it is closed."""
HEADERS_SECONDS = 10
"""How long the head of a request may take from its first byte on."""
BODY_SECONDS = 20
"""How long a body may take."""
FINISHING_SECONDS = 10
"""How long a stop waits for requests that are being answered."""
_NEWCOMERS_AT_ONCE = 32
"""Accept at most this many new connections per loop turn, so that clients already connected are served first.

Under overload a voter who taps 提交 is answered before another page is sent: an unanswered tap is alarming, a page that
takes a second longer is not.
"""
_WAKING_SECONDS = 0.1
"""How long gevent may run callbacks of stored ballots before it polls the network again; its own 5 ms would leave
hundreds of them waiting behind new requests."""
_COLLECT_AFTER = 20_000
"""How many new containers trigger the garbage collector; a request's objects are freed without it."""
_FILES_WANTED = 65_536
_ONE_PACKET = 16_384
_TURN_SECONDS = 0.001
"""Longer than nothing, so that the network is polled and everybody who waits there comes first."""
_PIECE = 65_536
_PIECES_PASSED_OVER = 512
"""How much of a body that nobody wants is still taken, so that its sender reads why: 32 MB."""
_ODD_BLANK = re.compile(r"[^\S ]")
_BAD_REQUEST = ("400", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


class PortTaken(KaoheError):
    """The port is in use or may not be used."""

    http_code = 500


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
    overdue_at = math.inf
    _has_answered = False

    def cut(self) -> None:
        """Close the connection under whoever reads from it."""
        self.overdue_at = math.inf
        sock = self.__dict__.get("socket")
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

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
        finally:
            self.socket.settimeout(PATIENCE_SECONDS)

    def read_requestline(self) -> str:
        """Wait for the next request, and read its first line."""
        self.rfile.peek(1)
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
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            for _ in range(_PIECES_PASSED_OVER):
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

    def log_error(self, msg: str, *args: object) -> None:
        """Log nothing about client errors: pywsgi's message would hold their address and their request."""

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        del ex
        return _BAD_REQUEST

    def _log_error(self, kind: type[BaseException], value: BaseException, _trace: object) -> None:
        # gevent raises an OSError without a number where a client vanishes before its body is whole: no fault of ours.
        is_client_gone = isinstance(value, OSError) and value.errno is None
        # The message and the environment could hold what a voter sent.
        if not issubclass(kind, gevent.GreenletExit) and not is_client_gone:
            self.server.error_log.write(f"fault while answering: {kind.__name__}\n")


class Server(WSGIServer):  # type: ignore[misc] # gevent ships no types
    """Serves one application until it is told to stop, and then finishes what it has begun."""

    handler_class = Connection
    max_accept = _NEWCOMERS_AT_ONCE

    def __init__(
        self,
        listener: socket.socket,
        application: Callable[..., object],
        *,
        files_at_most: int | None = None,
        proxies: Collection[str] = (),
    ) -> None:
        """``listener`` listens already; connections made since then are answered first.

        ``files_at_most`` is how many files the system allows, and ``proxies`` are the addresses that speak for many.
        """
        # A name of its own, because the address 0.0.0.0 would be looked up in the network.
        names = {"SERVER_NAME": "kaohe", "SERVER_PORT": str(listener.getsockname()[1])}
        super().__init__(listener, application, spawn=Pool(), log=None, environ=names)
        self.working: set[object] = set()
        self.is_stopping = False
        self.lines = ClientLines(files_at_most, proxies)
        self.turn_of_those_ahead = BoundedSemaphore(1)
        """Held for one turn of the loop by a client that has sent more than was answered: one of all of them a turn."""

    def handle(self, sock: socket.socket, address: object) -> None:
        """Serve one connection. The application never learns the address of a phone, so it cannot keep it."""
        with suppress(OSError):
            # With Nagle's algorithm a phone that keeps its connection would wait 40 ms for each reply.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(PATIENCE_SECONDS)
            line = self.handler_class(sock, None, self)
            if not self.lines.join(line, self.lines.caller_of(address)):
                return
            try:
                line.handle()
            finally:
                self.lines.leave(line)

    def _cut_overdue_lines(self) -> None:
        while True:
            gevent.sleep(1)
            self.lines.cut_overdue()

    def run_until_stopped(self, stopping: Callable[[int], object] = lambda _: None) -> int:
        """Serve until SIGTERM or SIGINT; return when every request that had begun is answered.

        ``stopping`` hears how many are being answered when the signal comes: ballots in the queue are among them.
        Idle connections and live streams are cut; what takes longer than ``FINISHING_SECONDS`` is cut too, and
        the number of those is returned.
        """
        asked_to_stop = Event()
        handlers = [gevent.signal_handler(number, asked_to_stop.set) for number in (signal.SIGTERM, signal.SIGINT)]
        # What is loaded by now stays for good; scanning it for garbage took a seventh of the time of a cast.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
        sys.setswitchinterval(_WAKING_SECONDS)
        self.start()
        watch = gevent.spawn(self._cut_overdue_lines)
        asked_to_stop.wait()
        self.is_stopping = True
        self.close()
        stopping(len(self.working))
        with gevent.Timeout(FINISHING_SECONDS, exception=False):
            while self.working:
                gevent.sleep(0.02)
        cut = len(self.working)
        watch.kill()
        self.pool.kill(timeout=1)
        for handler in handlers:
            handler.cancel()
        return cut


def check_passwords_in_a_thread() -> None:
    """Check passwords one at a time in a thread of their own, while everybody else is served."""
    set_password_executor(ThreadPool(1).apply)


def listen(port: int) -> socket.socket:
    """Listen on all addresses of this machine.

    Raises:
        PortTaken: another program listens there, or the system does not allow the port.
    """
    try:
        listener: socket.socket = WSGIServer.get_listener(("0.0.0.0", port), BACKLOG, socket.AF_INET)  # noqa: S104 - phones must reach it
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        why = "已被另一个程序占用（也许 kaohe 已在运行）" if is_taken else "不允许使用"
        other = port + 1 if port < 65_535 else 8000  # noqa: PLR2004 - the last port
        raise PortTaken(f"端口 {port} {why}，请换一个端口再启动，例如：PORT={other} make run。") from error
    return listener


def allow_many_connections() -> int | None:
    """Ask the system for as many open files as it gives, since every phone is one; None where it sets no limit."""
    try:
        import resource  # noqa: PLC0415 - not there on Windows, which has no such limit
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if allowed == resource.RLIM_INFINITY else allowed
