"""Many halls on one server: what a ballot costs among hundreds of open meetings, and a made-up code among a million."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.hall import Hall, new_nonce, open_halls, serving
from bench.phones import get_request, post_request, post_through
from kaohe.domain.ticket_codes import new_ticket_code

SERVE = ("-m", "kaohe", "serve")
_LINES = 32
_WARMING = 1
"""Ballots of each meeting that are not measured: the first one reads the round."""


def cost_of_ballots(meetings: int, ballots: int) -> tuple[float, float]:
    """Milliseconds of the server's processor for a ballot, and for a page with its ballot.

    ``ballots`` are spread evenly over the meetings, so that one after the other belongs to another meeting.
    """
    each = max(2, ballots // 2 // meetings) + _WARMING
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        halls = open_halls(Path(folder), meetings, voters=2 * each)
        with serving(SERVE, Path(folder)) as server:
            asyncio.run(_send(server.port, _votes(halls, 0, _WARMING, has_pages=True)))
            before = server.cpu_seconds()
            sent = asyncio.run(_send(server.port, _votes(halls, _WARMING, each, has_pages=False)))
            between = server.cpu_seconds()
            with_pages = asyncio.run(_send(server.port, _votes(halls, each, 2 * each, has_pages=True))) // 2
            after = server.cpu_seconds()
    return 1000 * (between - before) / sent, 1000 * (after - between) / with_pages


def _votes(halls: Sequence[Hall], first: int, last: int, *, has_pages: bool) -> list[bytes]:
    votes = []
    for number in range(first, last):
        for hall in halls:
            votes += [get_request(hall.path)] if has_pages else []
            votes.append(post_request(hall.path, hall.sealed_body(hall.codes[number], new_nonce())))
    return votes


async def _send(port: int, requests: Sequence[bytes], good: int = 200) -> int:
    done = await post_through(port, requests, _LINES, good=good)
    if done.errors:
        raise RuntimeError(f"{len(done.errors)} refused, the first: {done.errors[0]}")
    return len(requests)


def cost_of_forged_codes(tickets: int, tries: int) -> float:
    """Milliseconds of the server's processor for a ballot with a well-formed code that nobody ever made."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        (hall,) = open_halls(data, 1, voters=100)
        with sqlite3.connect(data / "kaohe.sqlite3") as connection:
            connection.executemany(
                "INSERT INTO tickets (round_id, digest, group_key, is_spent, is_void, is_drawn)"
                " VALUES (?, ?, 'all', 0, 0, 0)",
                ((f"of-another-year-{number % 3000}", secrets.token_bytes(32)) for number in range(tickets)),
            )
        connection.close()
        with serving(SERVE, data) as server:
            asyncio.run(_send(server.port, [post_request(hall.path, hall.sealed_body(hall.codes[0], new_nonce()))]))
            forged = [post_request(hall.path, hall.sealed_body(new_ticket_code(), new_nonce())) for _ in range(tries)]
            before = server.cpu_seconds()
            asyncio.run(_send(server.port, forged, good=404))
            return 1000 * (server.cpu_seconds() - before) / tries
