"""While somebody means harm, a phone's ballot is taken as fast as without him, and the server can be stopped.

A machine that does other things is slow by itself. So what a ballot waits for is measured in what the server's one
thread computes meanwhile: a second of it is a second on a machine of its own. Only a ballot that is not taken at all is
found by the clock on the wall.
"""

from __future__ import annotations

import math
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked
from faults.hostile_clients import ATTACKS, draw_request

from bench.hall import ROOT, new_nonce, wait_until_answered
from bench.phones import RECEIPT, post_request

PROMISED_SECONDS = 1.0
GIVE_UP_SECONDS = 20
"""What a busy machine may take; a ballot that the server computes too long for is given up at once."""
STARVED_SECONDS = 5
"""After so long a ballot that a planted bug keeps from the server is given up."""
BALLOTS = 100 if IS_LONG else 8
BETWEEN_SECONDS = 0.1 if IS_LONG else 0.05
BEFORE_SECONDS = 1.0
ATTACKERS = {"pipelining": 4}
ANOTHER_ADDRESS, THE_PHONES_ADDRESS = "127.0.0.2", "127.0.0.1"
FILES = 200
SUBJECTS = 300
DRAWABLE = 150
STOPPED_SECONDS = 8
_DRAWN = re.compile(rb'data-ticket="([^"]+)"')
_WHOLE = re.compile(rb"\r\ncontent-length: *(\d+)\r\n.*?\r\n\r\n(.*)", re.DOTALL | re.IGNORECASE)


def computed_by_the_one_thread(attacked: Attacked) -> float:
    """How long the thread that serves everybody has computed; passwords are checked in another one."""
    assert attacked.running is not None
    pid = attacked.running.process.pid
    fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(attacked: Attacked, raw: bytes, wanted: re.Pattern[bytes]) -> tuple[float, bytes]:
    """(Seconds that the server computed until this stood in its answer, what was found); infinite where it never did.

    It asks once: a phone would try again, but the promise is that it need not.
    """
    patience = STARVED_SECONDS if attacked.plant else GIVE_UP_SECONDS
    begun, until = computed_by_the_one_thread(attacked), time.monotonic() + patience
    with suppress(OSError), socket.create_connection(("127.0.0.1", attacked.port), timeout=patience) as line:
        line.sendall(raw)
        line.settimeout(0.2)
        page = b""
        while time.monotonic() < until:
            found = wanted.search(page)
            took = computed_by_the_one_thread(attacked) - begun
            if found is not None:
                return took, found[1]
            if took > PROMISED_SECONDS or is_whole(page):
                break
            with suppress(TimeoutError):
                piece = line.recv(65536)
                if not piece:
                    break
                page += piece
    return math.inf, b""


def is_whole(page: bytes) -> bool:
    """Whether an answer has come to its end."""
    found = _WHOLE.search(page)
    return found is not None and len(found[2]) >= int(found[1])


def slowest(attacked: Attacked, codes: Sequence[str]) -> float:
    """Seconds that the server computed while the slowest of these waited; the first that is too slow ends it."""
    took = []
    for code in codes:
        body = attacked.hall.body(code, new_nonce())
        took.append(ask(attacked, post_request(attacked.hall.path, body), RECEIPT)[0])
        if took[-1] > PROMISED_SECONDS:
            break
        time.sleep(BETWEEN_SECONDS)
    return max(took)


def draw(attacked: Attacked) -> str:
    """The ticket of a phone that goes on asking while tickets are handed out no faster than people come in."""
    wanted = draw_request(attacked.hall.path, shared_code(attacked))
    until = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < until:
        code = ask(attacked, wanted, _DRAWN)[1]
        if code:
            return code.decode()
        time.sleep(0.5)
    return ""


def shared_code(attacked: Attacked) -> str:
    with sqlite3.connect(attacked.hall.data / "kaohe.sqlite3") as database:
        return str(database.execute("SELECT pool_code FROM rounds").fetchone()[0])


@contextmanager
def attackers(attacked: Attacked, attack: str, source: str, spare_code: str) -> Iterator[None]:
    """Let them attack from an address while the block runs."""
    command = [sys.executable, "-m", "faults.hostile_clients", attack, str(attacked.port), source]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    running = [
        subprocess.Popen(
            [*command, attacked.hall.path, spare_code, shared_code(attacked)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(ATTACKERS.get(attack, 1))
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
        time.sleep(BEFORE_SECONDS)
        yield
    finally:
        for process in running:
            process.kill()
            process.communicate()


def under(
    folder: Path, plant: str, attacks: Sequence[tuple[str, str]]
) -> tuple[Attacked, dict[tuple[str, str], float]]:
    """(the hall, what the slowest ballot waited for by attack and the address it came from).

    After the shared code was drained a phone draws its ticket: that is the ballot which waits there.
    """
    attacked = Attacked.open(folder, BALLOTS * (len(attacks) + 1) + 1, plant, subjects=SUBJECTS, drawable=DRAWABLE)
    attacked.start(files_at_most=FILES)
    assert attacked.running is not None
    *codes, spare = attacked.hall.codes
    parts = [codes[first : first + BALLOTS] for first in range(0, len(codes), BALLOTS)]
    assert slowest(attacked, parts[0]) < PROMISED_SECONDS, "without an attack"
    seen = {}
    for (attack, source), part in zip(attacks, parts[1:], strict=True):
        wait_until_answered(attacked.running, "/health")
        with attackers(attacked, attack, source, spare):
            seen[attack, source] = slowest(attacked, part)
        if attack == "draining" and seen[attack, source] <= PROMISED_SECONDS:
            code = draw(attacked)
            seen[attack, source] = slowest(attacked, [code]) if code else math.inf
    return attacked, seen


def test_a_ballot_is_taken_within_a_second_whoever_means_harm_and_the_server_can_be_stopped(tmp_path: Path) -> None:
    attacks = [(attack, ANOTHER_ADDRESS) for attack in ATTACKS]
    attacks += [(attack, THE_PHONES_ADDRESS) for attack in ("slow_lines", "big_forms")]
    attacked, seen = under(tmp_path, "", attacks)
    assert {attack: seconds for attack, seconds in seen.items() if seconds > PROMISED_SECONDS} == {}
    with attackers(attacked, "pipelining", ANOTHER_ADDRESS, attacked.hall.codes[-1]):
        assert attacked.stop(patience=STOPPED_SECONDS) < STOPPED_SECONDS


def test_a_server_without_its_guards_is_caught_by_each_of_them(tmp_path: Path) -> None:
    _, seen = under(tmp_path, "defenceless", [(attack, ANOTHER_ADDRESS) for attack in ATTACKS])
    assert {attack: seconds for attack, seconds in seen.items() if seconds <= PROMISED_SECONDS} == {}
