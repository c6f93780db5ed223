"""While somebody means harm, a phone's ballot is taken as fast as without him, and the server can be stopped.

A machine that does other things is slow by itself, so each bound is the promise (a second) or some times what a ballot
took before the attack began, whichever is more, and never more than ``BOUND_AT_MOST``.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked

from bench.hall import ROOT, new_nonce
from bench.phones import RECEIPT, post_request

PROMISED_SECONDS = 1.0
TIMES_THE_CONTROL = 3
BOUND_AT_MOST = 3.0
BALLOTS = 100 if IS_LONG else 12
BETWEEN_SECONDS = 0.1 if IS_LONG else 0.05
ATTACKERS = {"pipelining": 4}
FILES = 200
BEGUN_SECONDS = 3.0 if IS_LONG else 1.0
STOPPED_SECONDS = 5


def slowest(attacked: Attacked, codes: Sequence[str]) -> float:
    """How long the slowest ballot of these took, each on a connection of its own; too long where it was not taken."""
    took = []
    for code in codes:
        begun = time.monotonic()
        raw = post_request(attacked.hall.path, attacked.hall.body(code, new_nonce()))
        try:
            with socket.create_connection(("127.0.0.1", attacked.port), timeout=BOUND_AT_MOST + 1) as line:
                line.sendall(raw)
                page = b""
                while not RECEIPT.search(page):
                    piece = line.recv(65536)
                    if not piece:
                        return BOUND_AT_MOST + 1
                    page += piece
        except OSError:
            return BOUND_AT_MOST + 1
        took.append(time.monotonic() - begun)
        time.sleep(BETWEEN_SECONDS)
    return sorted(took)[int(0.99 * len(took))]


@contextmanager
def attackers(attacked: Attacked, attack: str, spare_code: str) -> Iterator[None]:
    command = [
        sys.executable,
        "-m",
        "faults.hostile_clients",
        attack,
        str(attacked.port),
        attacked.hall.path,
        spare_code,
    ]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    running = [
        subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(ATTACKERS.get(attack, 1))
    ]
    try:
        time.sleep(BEGUN_SECONDS)
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def under(folder: Path, plant: str, attacks: Sequence[str]) -> tuple[dict[str, float], float, float]:
    """(seconds of the slowest ballot by attack, what it may take, seconds from SIGTERM to the end under the first)."""
    attacked = Attacked.open(folder, BALLOTS * (len(attacks) + 1) + 1, plant)
    attacked.start(files_at_most=FILES)
    *codes, spare = attacked.hall.codes
    parts = [codes[first : first + BALLOTS] for first in range(0, len(codes), BALLOTS)]
    control = slowest(attacked, parts[0])
    seen = {}
    for attack, part in zip(attacks, parts[1:], strict=True):
        with attackers(attacked, attack, spare):
            seen[attack] = slowest(attacked, part)
    with attackers(attacked, attacks[0], spare):
        stopped = attacked.stop(patience=STOPPED_SECONDS)
    return seen, min(BOUND_AT_MOST, max(PROMISED_SECONDS, TIMES_THE_CONTROL * control)), stopped


ATTACKS = ("pipelining", "slow_lines")


def test_a_ballot_is_taken_within_a_second_whoever_means_harm_and_the_server_can_be_stopped(tmp_path: Path) -> None:
    seen, bound, stopped = under(tmp_path, "", ATTACKS)
    assert {attack: seconds for attack, seconds in seen.items() if seconds > bound} == {}
    assert stopped < STOPPED_SECONDS


def test_a_server_without_its_guards_is_caught_by_each_of_them(tmp_path: Path) -> None:
    seen, bound, stopped = under(tmp_path, "defenceless", ATTACKS)
    assert {attack: seconds for attack, seconds in seen.items() if seconds <= bound} == {}
    assert stopped >= STOPPED_SECONDS
