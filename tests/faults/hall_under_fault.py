"""A hall that something happens to: a real server, phones that do not give up, and a checker of what is in the box."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faults.failing_disk import FailingDisk

from bench.hall import ROOT, Hall, Running, free_port, open_hall, wait_until_answered
from bench.phones import Phone, Tally, burst, phones_of
from kaohe.domain.envelopes import envelope_digest, receipt

IS_LONG = os.environ.get("KAOHE_FAULTS") == "long"
PHONES_GIVE_UP_SECONDS = 900 if IS_LONG else 60

_LIVELY = """
import socket
from kaohe.server import http_server
from kaohe.live import watching
from kaohe.live import shown_ballots
watching.PACE_SECONDS, shown_ballots.TURNOUT_STEP_SECONDS = 0.05, 0.0
handle = http_server.Server.handle
def handle_narrow(self, sock, address):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    handle(self, sock, address)
http_server.Server.handle = handle_narrow
"""
PLANTS = {
    "": "",
    # The reply is given before the commit that holds the ballot.
    "ack_before_commit": """
from kaohe.storage import ballot_box
import gevent
commit = ballot_box.BallotBox._commit
def early(box, group):
    waiting = [ballot_box._Waiting(each.request) for each in group]
    for each in group:
        each.finish(each.request.envelope.digest)
    gevent.spawn_later(0.4, commit, box, waiting)
ballot_box.BallotBox._commit = early
""",
    # A ticket pays as often as it is shown, and nothing in the database stands against it.
    "no_guard": """
from kaohe.storage import ballot_box, redeeming
def unguarded(connection, requests):
    connection.exec_driver_sql("DROP INDEX IF EXISTS uq_envelopes_tag")
    blind(connection, requests)
    return [request.envelope.digest for request in requests]
def blind(connection, accepted):
    import secrets
    connection.execute(redeeming._SPEND, [
        {"of_round": r.round_id, "of_ticket": r.ticket_digest, "retry": r.retry_digest} for r in accepted])
    connection.execute(redeeming._STORE, [
        {"round_id": r.round_id, "id": secrets.token_bytes(16), "group_key": r.envelope.group_key,
         "tag": r.envelope.tag, "box": r.envelope.box} for r in accepted])
ballot_box.redeem = unguarded
""",
    # A commit that has failed is taken for one that has not.
    "blind_to_faults": """
from kaohe.storage import ballot_box
def trusting(box, group):
    for each in group:
        each.finish(each.request.envelope.digest)
ballot_box.BallotBox._turn_away = trusting
""",
    # Each ballot is committed alone, as if the others were not waiting.
    "one_by_one": """
from kaohe.storage import ballot_box
def take_one(box):
    with box._queueing:
        taken, box._queue = box._queue[:1], box._queue[1:]
    return taken
ballot_box.BallotBox._take = take_one
ballot_box.CROWD = 10**9
""",
    # Nobody is told that nothing can be stored.
    "silent_box": """
from kaohe.operations.server import health
from kaohe.web.organizer.shell import board_block
board_block.box_warning = lambda: ""
health._reasons = lambda: []
""",
    # Voting ends by the clock on the wall.
    "wall_clock": """
from datetime import timedelta
from kaohe.storage import redeeming
from kaohe.storage.clock import now
from kaohe.domain.errors import MeetingClosed
begun = now()
judge = redeeming._refusal
def timed(ticket, request, states):
    return judge(ticket, request, states) or (MeetingClosed() if abs(now() - begun) > timedelta(minutes=30) else None)
redeeming._refusal = timed
""",
    # As many connections as a pool of threads has.
    "few_connections": """
from gevent.pool import Pool
from kaohe.server import http_server
build = http_server.Server.__init__
def small(self, listener, application, **options):
    build(self, listener, application, **options)
    self.set_spawn(Pool(100))
http_server.Server.__init__ = small
""",
    # A retry is not known again.
    "no_retry": """
import secrets
from kaohe.operations.hall import casting
casting.retry_digest = lambda round_id, nonce: secrets.token_bytes(32)
""",
    # Not a bug: as patient with another program as a slow machine needs it.
    "patient": """
from kaohe.storage import database
database.LOCK_PATIENCE_SECONDS = 60.0
""",
    # Whoever finds the database locked gives up at once.
    "impatient": """
from kaohe.storage import database
database.LOCK_PATIENCE_SECONDS = 0.0
""",
    # Waiting for another program is left to SQLite, which stops everything else meanwhile.
    "waits_in_sqlite": """
from kaohe.storage import database
def begin(connection, patience_seconds):
    connection.execute("PRAGMA busy_timeout=60000")
    connection.execute("BEGIN IMMEDIATE")
database._begin_writing = begin
""",
    # A stop waits for nothing.
    "hasty_stop": """
from kaohe.server import http_server
http_server.FINISHING_SECONDS = 0
""",
    # A screen that comes back is sent nothing before the next change.
    "silent_return": """
from kaohe.live import fanout
def join(channel, line, seen):
    line.push(b"retry: 1000\\n\\n")
    channel._lines.add(line)
fanout.Channel.join = join
""",
    # Not a bug: a hall where much happens, seen through little buffers.
    "lively": _LIVELY,
    # Whoever sends a picture waits for the screen to take it.
    "waits_for_screens": _LIVELY
    + """
from kaohe.server import screen_connection
def push(line, message):
    line._socket.sendall(screen_connection._chunk(message) if line._is_chunked else message)
screen_connection.ScreenConnection.push = push
""",
    # Nothing is left out, however slow a screen is.
    "keeps_every_picture": _LIVELY
    + """
from kaohe.server import screen_connection
def push(line, message):
    line.__dict__.setdefault("kept", []).append(screen_connection._chunk(message))
    if not line.__dict__.get("is_sending"):
        line.__dict__["is_sending"] = True
        screen_connection.gevent.spawn(send, line)
def send(line):
    while line.kept:
        line._socket.sendall(line.kept.pop(0))
    line.__dict__["is_sending"] = False
screen_connection.ScreenConnection.push = push
""",
    # Every guard against clients that mean harm is off.
    "defenceless": """
import io
from gevent.pywsgi import Input
from kaohe.server import client_lines, connection
connection.Connection._is_ahead = lambda line: False
connection.Body.read, connection.Body._discard = Input.read, Input._discard
connection.Body.is_left = lambda body: False
client_lines.ClientLines.join = lambda lines, line, caller: lines.__dict__ and (
    lines._lines.setdefault(line, caller), lines._callers.setdefault(caller, client_lines._Caller()),
    setattr(lines._callers[caller], "count", lines._callers[caller].count + 1), lines.wait(line), True)[-1]
client_lines.ClientLines.cut_overdue = lambda lines: None
from contextlib import nullcontext
from kaohe.operations.people import password_turns
from kaohe.operations.setup import issuing
from kaohe.server import hall_server
from kaohe.web import bodies
from kaohe.web.voter import routes
def read_whole(gate, environ, start_response):
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read())
    return gate._inner(environ, start_response)
bodies.BodyGate.__call__ = read_whole
routes._rendering_again = lambda *_: nullcontext()
password_turns.PasswordTurns.turn = lambda *_: nullcontext()
hall_server.check_passwords_in_a_thread = lambda: None
issuing._require_pace = lambda round_id: None
""",
    # Nobody looks whether another version has taken the database over.
    "any_revision": """
from kaohe.storage import database
database.require_this_revision = lambda connection: None
""",
    # The box does not look whether voting is still open.
    "deaf_to_the_close": """
from kaohe.storage import redeeming
redeeming.require_collecting = lambda *_, **__: None
""",
}
_START = """
from gevent import monkey
monkey.patch_all()
import sys
sys.argv = ["kaohe", "serve"]
{plant}
from kaohe.cli import main
main()
"""

_LOOKS = 600


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come about, a minute and a half at most."""
    for _ in range(_LOOKS):
        if holds():
            return
        time.sleep(0.15)
    raise AssertionError("it did not come about")


STARTED: list[subprocess.Popen[bytes]] = []
"""Every server that a test has started, so that none outlives it."""


@dataclass(frozen=True)
class Outcome:
    """What the checker found."""

    acknowledged: int
    lost: int
    double: int
    phantom: int
    errors: tuple[str, ...]
    seconds: float

    @property
    def faults(self) -> tuple[int, int, int]:
        """(lost, double, phantom): all that must be nothing."""
        return self.lost, self.double, self.phantom


@dataclass
class Attacked:
    """A hall with a server that can be killed and started again under the same address."""

    hall: Hall
    plant: str = ""
    disk: FailingDisk | None = None
    port: int = field(default_factory=free_port)
    starts: int = 0
    running: Running | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        voters: int,
        plant: str = "",
        *,
        subjects: int = 5,
        has_failing_disk: bool = False,
        drawable: int = 0,
    ) -> Attacked:
        folder.mkdir(parents=True, exist_ok=True)
        hall = open_hall(folder, voters=voters, subjects=subjects, drawable=drawable)
        return cls(hall, plant, FailingDisk(folder) if has_failing_disk else None)

    def start(self, *, files_at_most: int | None = None) -> None:
        """Start the server as users do, or with the planted bug in it; the system may allow it few files."""

        def allow_few_files() -> None:
            if files_at_most:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files_at_most, files_at_most))

        command = ["-c", _START.format(plant=PLANTS[self.plant])] if self.plant else ["-m", "kaohe", "serve"]
        environment = {
            **(self.disk.environment() if self.disk else os.environ),
            "KAOHE_DATA": str(self.hall.data),
            "PORT": str(self.port),
            "KAOHE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONPATH": str(ROOT),
        }
        log = self.hall.data / "server.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, *command],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=ROOT,
                preexec_fn=allow_few_files,  # noqa: PLW1509 - nothing runs beside the test that a fork could lock
            )
        self.running = Running(process, self.port, log)
        STARTED.append(process)
        self.starts += 1
        wait_until_answered(self.running, "/health")

    def kill(self) -> None:
        """End the server as a power button does: nothing of it runs on."""
        assert self.running is not None
        self.running.process.kill()
        self.running.process.wait()

    def stop(self, patience: float) -> float:
        """Send SIGTERM; how many seconds the server took to end, at most ``patience``, after which it is killed."""
        assert self.running is not None
        begun = time.monotonic()
        self.running.process.send_signal(signal.SIGTERM)
        try:
            self.running.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - begun

    def pause(self, seconds: float) -> None:
        """Stop the process and let it go on, as a closed lid does."""
        assert self.running is not None
        self.running.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.running.process.send_signal(signal.SIGCONT)

    def failing_disk(self) -> FailingDisk:
        """The disk of a server that was opened with one."""
        assert self.disk is not None
        return self.disk

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page, whatever they are."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def stored(self) -> int:
        """How many envelopes can be seen in the database at this moment."""
        with sqlite3.connect(self.hall.data / "kaohe.sqlite3", timeout=20) as connection:
            return int(connection.execute("SELECT count(*) FROM envelopes").fetchone()[0])

    def vote(
        self, seconds: float, attack: Callable[[], Awaitable[None]], codes: Sequence[str] | None = None
    ) -> tuple[list[Phone], Tally]:
        """All phones vote while ``attack`` runs."""
        phones = phones_of(codes or self.hall.codes, self.hall.body, self.hall.path, seconds=seconds)

        async def both() -> Tally:
            votes = asyncio.create_task(burst(self.port, self.hall.path, phones, give_up=PHONES_GIVE_UP_SECONDS))
            await attack()
            return (await votes).posts

        return phones, asyncio.run(both())

    def check(self, phones: Sequence[Phone], posts: Tally) -> Outcome:
        """Compare what was acknowledged with what is in the box; the server is stopped for it."""
        if self.running is not None and self.running.process.poll() is None:
            self.kill()
        with sqlite3.connect(self.hall.data / "kaohe.sqlite3") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            stored = [receipt(envelope_digest(*each)) for each in connection.execute("SELECT tag, box FROM envelopes")]
            spent = connection.execute("SELECT count(*) FROM tickets WHERE is_spent").fetchone()[0]
        acknowledged = set(posts.receipts)
        return Outcome(
            acknowledged=len(acknowledged),
            lost=len(acknowledged - set(stored)),
            double=len(stored) - len(set(stored)) + abs(len(stored) - spent),
            phantom=max(0, len(set(stored)) - len(phones)),
            errors=tuple(posts.errors),
            seconds=posts.seconds,
        )
