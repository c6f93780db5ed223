"""The server of one hall: gevent's pywsgi, made ready for thousands of phones and for their privacy."""

from __future__ import annotations

import errno
import gc
import logging
import math
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from gevent.threadpool import ThreadPool

from kaohe.domain.errors import KaoheError
from kaohe.operations.people.credentials import set_password_executor
from kaohe.server.client_lines import ClientLines
from kaohe.server.connection import HEADERS_SECONDS, PATIENCE_SECONDS, Connection
from kaohe.server.tls import ServedCertificate

_LOG = logging.getLogger("kaohe")
BACKLOG = 4096
"""How many connections may wait to be accepted; the system may allow fewer."""
FINISHING_SECONDS = 10
"""How long a stop waits for requests that are being answered."""
_NEWCOMERS_AT_ONCE = 32
"""Accept at most this many new connections per loop turn, so that clients already connected are served first.

Under overload a voter who taps 提交 is answered before another page is sent: an unanswered tap is alarming, a page that
takes a second longer is not.
"""
_AHEAD_AT_ONCE = 32
"""Answer at most this many clients per loop turn that have sent their next request already.

On a busy machine, or behind a proxy that keeps its connections, the next request is often there as soon as the reply
has left. One at a time would give each of their ballots a commit of its own.
"""
_GOODBYES_AT_ONCE = 16
"""Clients who get no more than a refusal, and are listened to until they have read it; on others the line is closed."""
_WAKING_SECONDS = 0.1
"""How long gevent may run callbacks of stored ballots before it polls the network again; its own 5 ms would leave
hundreds of them waiting behind new requests."""
_COLLECT_AFTER = 20_000
"""How many new containers trigger the garbage collector; a request's objects are freed without it."""
_FILES_WANTED = 65_536


class PortTaken(KaoheError):
    """The port is in use or may not be used."""

    http_code = 500


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
        certificate: ServedCertificate | None = None,
    ) -> None:
        """``listener`` listens already; connections made since then are answered first.

        ``files_at_most`` is how many files the system allows, and ``proxies`` are the addresses that speak for many.
        With a ``certificate`` it speaks HTTPS and nothing else.
        """
        # A name of its own, because the address 0.0.0.0 would be looked up in the network.
        names = {"SERVER_NAME": "kaohe", "SERVER_PORT": str(listener.getsockname()[1])}
        # A handshake is made where the connection is known already, so that it is counted and its time is bounded.
        tls = {"ssl_context": certificate.context, "do_handshake_on_connect": False} if certificate else {}
        super().__init__(listener, application, spawn=Pool(), log=None, environ=names, **tls)
        self._certificate = certificate
        self.working: set[object] = set()
        self.is_stopping = False
        self.lines = ClientLines(files_at_most, proxies)
        self.goodbyes = BoundedSemaphore(_GOODBYES_AT_ONCE)
        self.turn_of_those_ahead = BoundedSemaphore(_AHEAD_AT_ONCE)
        """Held for one turn of the loop by a client that has sent more than was answered."""

    def handle(self, sock: Any, address: object) -> None:  # noqa: ANN401 - gevent ships no types
        """Serve one connection. The application never learns an address, so it cannot keep it."""
        with suppress(OSError):
            # With Nagle's algorithm a phone that keeps its connection would wait 40 ms for each reply.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(PATIENCE_SECONDS)
            line = self.handler_class(sock, None, self)
            caller = self.lines.caller_of(address)
            line.caller = caller.hex()
            if not self.lines.join(line, caller):
                line.turn_away()
                return
            try:
                if self.ssl_enabled:
                    line.overdue_at = time.monotonic() + HEADERS_SECONDS
                    sock.do_handshake()
                    line.overdue_at = math.inf
                line.handle()
            finally:
                self.lines.leave(line)

    def wrap_socket_and_handle(self, client_socket: Any, address: object) -> None:  # noqa: ANN401 - as above
        """Serve one connection over TLS. Who is gone before it has begun is no fault, and leaves nothing in the log."""
        with suppress(OSError):
            super().wrap_socket_and_handle(client_socket, address)

    def _watch(self) -> None:
        while True:
            gevent.sleep(1)
            self.lines.cut_overdue()
            if self._certificate is not None:
                self._certificate.look_again()

    def run_until_stopped(
        self,
        stopping: Callable[[int], object] = lambda _: None,
        *,
        drain_seconds: int = 0,
        draining: Callable[[], object] = lambda: None,
    ) -> int:
        """Serve until SIGTERM or SIGINT; return when every request that had begun is answered.

        After the signal it serves on for ``drain_seconds``, or until another signal comes, so that a proxy that has
        heard from ``draining`` sends nobody here any more. ``stopping`` hears how many are being answered then: ballots
        in the queue are among them. Idle connections and live streams are cut; what takes longer than
        ``FINISHING_SECONDS`` is cut too, and the number of those is returned.
        """
        asked_to_stop = Event()
        handlers = [gevent.signal_handler(number, asked_to_stop.set) for number in (signal.SIGTERM, signal.SIGINT)]
        # What is loaded by now stays for good; scanning it for garbage took a seventh of the time of a cast.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
        sys.setswitchinterval(_WAKING_SECONDS)
        self.start()
        watch = gevent.spawn(self._watch)
        asked_to_stop.wait()
        if drain_seconds:
            draining()
            asked_to_stop.clear()
            asked_to_stop.wait(drain_seconds)
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


def note_faults_beside_requests() -> None:
    """Write a fault of any other task to the log by its kind alone: what gevent and Python print may quote a voter."""

    def noted(kind: type[BaseException]) -> None:
        _LOG.error("fault beside the requests: %s", kind.__name__, extra={"event": "fault"})

    gevent.get_hub().print_exception = lambda _context, kind, _value, _trace: noted(kind)
    threading.excepthook = lambda thread: None if issubclass(thread.exc_type, SystemExit) else noted(thread.exc_type)


def check_passwords_in_a_thread() -> None:
    """Check passwords one at a time in a thread of their own, while everybody else is served."""
    set_password_executor(ThreadPool(1).apply)


def listen(address: str, port: int) -> socket.socket:
    """Listen on an address of this machine; ``0.0.0.0`` is all of IPv4, ``::`` all of both.

    Raises:
        PortTaken: another program listens there, or the system does not allow it.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener: socket.socket = WSGIServer.get_listener((address, port), BACKLOG, family)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise PortTaken(f"本机没有 {address} 这个地址，请检查 KAOHE_LISTEN。") from error
        is_taken = error.errno == errno.EADDRINUSE
        why = "已被另一个程序占用" if is_taken else "不允许使用"
        other = port + 1 if 1024 <= port < 65_535 else 8000  # noqa: PLR2004 - ports that everybody may use
        raise PortTaken(
            f"端口 {port} {why}。kaohe 已在运行的，请直接使用它；否则请用环境变量 PORT 换一个端口，例如 PORT={other}。"
        ) from error
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
