"""What a phone waits for while the office prints, or counts, another meeting on the same server."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs

from bench.hall import ACTOR, ROOT, Hall, Running, new_nonce, open_halls, serving
from kaohe.config import Config, sqlite_url
from kaohe.domain.meetings import Group
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.starting import close_database
from kaohe.web.access import SIGN_IN_KEY
from kaohe.web.security import ConsoleSessions

SERVE = ("-m", "kaohe", "serve")
_FEWEST_BYTES = 10_000
"""A page that refuses is shorter than slips."""


@dataclass(frozen=True)
class Older:
    """What a database holds of other meetings."""

    meetings: int
    ballots: int
    """Of each of them, sealed."""
    tickets: int
    """Of meetings that are over."""


def wait_beside_slips(tickets: int) -> float:
    """Seconds that a phone waits at worst for its page while slips and codes of so many tickets are drawn."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        (hall,) = open_halls(data, 1, voters=1)
        meeting_id, cookie = _meeting_to_print(data, tickets)
        with serving(SERVE, data) as server:

            def draw() -> None:
                for path in (f"/desk/{meeting_id}/slips?printing=bench&part=1", f"/desk/{meeting_id}/tickets.csv"):
                    if len(_ask(server, path, headers={"Cookie": cookie})) < _FEWEST_BYTES:
                        raise RuntimeError(f"{path} was not drawn")

            return _longest_wait(draw, lambda: _ask(server, hall.path))[1]


@dataclass(frozen=True)
class CountSeen:
    """A count and the wiping after it, as other halls meet them."""

    took: float
    """Seconds of the whole command."""
    longest: float
    """Seconds from a tap to its receipt at worst, the phone's coming back by itself included."""
    turned_away: int
    """How often a phone was told to come back."""
    database_mb: float


def count_beside(ballots: int, older: Older) -> CountSeen:
    """Count another meeting of so many ballots and wipe its traces while phones vote, in a database with older ones."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        voting, counted = open_halls(data, 2, voters=max(ballots, 3000))
        _fill(data, counted, older)
        codes = iter(voting.codes)
        turned_away = 0
        with serving(SERVE, data) as server:

            def cast_by_phone() -> None:
                nonlocal turned_away
                body = voting.sealed_body(next(codes), new_nonce())
                while not _is_cast(server, voting, body):
                    turned_away += 1

            for code in counted.codes[:ballots]:
                _is_cast(server, counted, counted.sealed_body(code, new_nonce()))
            app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
            with app.app_context():
                close_meeting(ACTOR, counted.meeting_id)
                close_database()
            environment = {**os.environ, "KAOHE_DATA": str(data), "PYTHONPATH": str(ROOT)}
            # As the server does itself where it is asked to by the console: in a process of its own.
            command = [sys.executable, "-m", "kaohe", "meeting", "count", counted.meeting_id]
            size = (data / "kaohe.sqlite3").stat().st_size / 1e6
            took, longest = _longest_wait(
                lambda: subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL),
                cast_by_phone,
            )
            return CountSeen(took, longest, turned_away, size)


def _longest_wait(work: Callable[[], object], ask: Callable[[], object]) -> tuple[float, float]:
    """How long the work took, and the longest that somebody who asked meanwhile has waited."""
    ask()
    failed: list[BaseException] = []

    def done() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by whoever waits for it
            failed.append(error)

    working, waits, started = threading.Thread(target=done), [], time.perf_counter()
    working.start()
    while working.is_alive():
        begun = time.perf_counter()
        ask()
        waits.append(time.perf_counter() - begun)
        time.sleep(0.005)
    if failed:
        raise failed[0]
    return time.perf_counter() - started, max(waits)


def _meeting_to_print(data: Path, tickets: int) -> tuple[str, str]:
    app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
    with app.app_context():
        secret = create_account(make_sign_in_link(ACTOR), ACTOR, secrets.token_hex(16))
        meeting_id = create_meeting(ACTOR, title="年度测评会", unit="测量", held_on=None, preset_id="si-deng")
        change_groups(ACTOR, meeting_id, 1, (Group("all", "全体", Fraction(1), tickets),))
        issue_tickets(ACTOR, meeting_id, "all", tickets, 0)
        close_database()
    signer = ConsoleSessions().get_signing_serializer(app)
    if signer is None:
        raise RuntimeError("the application has no secret")
    return meeting_id, f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({SIGN_IN_KEY: secret})}"


def _fill(data: Path, hall: Hall, older: Older) -> None:
    """Rows as a server leaves them: sealed ballots as long as the hall's, and tickets that were used."""
    box = len(parse_qs(hall.sealed_body(hall.codes[0], new_nonce()).decode())["box"][0]) * 3 // 4
    with sqlite3.connect(data / "kaohe.sqlite3") as connection:
        connection.executemany(
            "INSERT INTO envelopes (round_id, id, group_key, tag, box) VALUES (?, ?, 'all', ?, ?)",
            (
                (f"older-{number % older.meetings}", *(secrets.token_bytes(length) for length in (16, 32, box)))
                for number in range(older.meetings * older.ballots)
            ),
        )
        connection.executemany(
            "INSERT INTO tickets (round_id, digest, group_key, is_spent, is_void, is_drawn, retry_digest, wrapped_code)"
            " VALUES (?, ?, 'all', 1, 0, 0, ?, ?)",
            (
                (f"older-{number % 3000}", *(secrets.token_bytes(length) for length in (32, 32, 60)))
                for number in range(older.tickets)
            ),
        )
    connection.close()


def _is_cast(server: Running, hall: Hall, body: bytes) -> bool:
    """Whether the ballot is acknowledged; else the time that the phone was told to wait is over."""
    try:
        _ask(server, hall.path, body, {"X-Kaohe-Script": "1"})
    except HTTPError as refusal:
        if refusal.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        time.sleep(float(refusal.headers["Retry-After"]))
        return False
    return True


def _ask(server: Running, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", body, headers or {})
    with urllib.request.urlopen(request, timeout=600) as reply:
        return bytes(reply.read())
