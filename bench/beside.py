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
from fractions import Fraction
from pathlib import Path

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

            return _longest_wait(draw, lambda: _ask(server, hall.path))


def wait_beside_count(ballots: int, filling_mb: int) -> float:
    """Seconds that a ballot waits at worst while another meeting of so many tickets is counted and its traces wiped.

    The database has grown by ``filling_mb`` of other meetings before.
    """
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        voting, counted = open_halls(data, 2, voters=max(ballots, 3000), subjects=5)
        _fill(data, filling_mb)
        codes = iter(voting.codes)
        with serving(SERVE, data) as server:
            for code in counted.codes[:ballots]:
                _cast(server, counted, code)
            app = create_app(Config(data, sqlite_url(data), public_url="http://127.0.0.1"))
            with app.app_context():
                close_meeting(ACTOR, counted.meeting_id)
                close_database()
            environment = {**os.environ, "KAOHE_DATA": str(data), "PYTHONPATH": str(ROOT)}
            # As the server does itself where it is asked to by the console: in a process of its own.
            command = [sys.executable, "-m", "kaohe", "meeting", "count", counted.meeting_id]
            return _longest_wait(
                lambda: subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL),
                lambda: _cast(server, voting, next(codes)),
            )


def _longest_wait(work: Callable[[], object], ask: Callable[[], object]) -> float:
    ask()
    failed: list[BaseException] = []

    def done() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by whoever waits for it
            failed.append(error)

    working, waits = threading.Thread(target=done), []
    working.start()
    while working.is_alive():
        begun = time.perf_counter()
        ask()
        waits.append(time.perf_counter() - begun)
        time.sleep(0.005)
    if failed:
        raise failed[0]
    return max(waits)


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


def _fill(data: Path, megabytes: int) -> None:
    with sqlite3.connect(data / "kaohe.sqlite3") as connection:
        connection.executemany(
            "INSERT INTO envelopes (round_id, id, group_key, tag, box) VALUES ('of-another-year', ?, 'all', ?, ?)",
            (
                (secrets.token_bytes(16), secrets.token_bytes(32), secrets.token_bytes(10_000))
                for _ in range(100 * megabytes)
            ),
        )
    connection.close()


def _cast(server: Running, hall: Hall, code: str) -> None:
    _ask(server, hall.path, hall.sealed_body(code, new_nonce()), {"X-Kaohe-Script": "1"})


def _ask(server: Running, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", body, headers or {})
    with urllib.request.urlopen(request, timeout=600) as reply:
        return bytes(reply.read())
