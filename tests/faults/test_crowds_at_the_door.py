"""R7 and the instant of the close: slow clients, many closes against many ballots, one ticket posted twenty times."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from faults.hall_under_fault import Attacked

from bench.hall import allow_many_files, new_nonce
from bench.phones import Line, Reply, connect, post_request
from bench.slow_clients import hold_slowly, trickle
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.server.connection import HEADERS_SECONDS
from kaohe.storage.starting import close_database

SLOW = 2000
HONEST = 200
AT_ONCE = 50
PASSWORD = "correct horse 电池"
FILES = 4096


async def vote_once(attacked: Attacked, code: str) -> str | None:
    line = await connect(attacked.port)
    try:
        reply = await line.ask(post_request(attacked.hall.path, attacked.hall.body(code, new_nonce())))
    finally:
        line.close()
    return reply.receipt


def with_slow_clients(
    folder: Path, plant: str, slow: int, honest: int, seconds: float, over: float = 0
) -> tuple[int, int]:
    """(honest voters served within so many seconds, slow connections still held once their time is over)."""
    assert allow_many_files() >= FILES
    attacked = Attacked.open(folder, honest, plant)
    attacked.start()

    async def run() -> tuple[int, int]:
        held = await hold_slowly(attacked.port, slow)
        ended = asyncio.Event()
        trickling = asyncio.create_task(trickle(held, ended))
        await asyncio.sleep(1.5)
        votes = [asyncio.create_task(vote_once(attacked, code)) for code in attacked.hall.codes]
        done, waiting = await asyncio.wait(votes, timeout=seconds)
        for vote in waiting:
            vote.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(over)
        still = sum(not writer.transport.is_closing() for writer in held)
        ended.set()
        await trickling
        for writer in held:
            writer.transport.abort()
        await asyncio.sleep(0)
        return len({vote.result() for vote in done} - {None}), still

    return asyncio.run(run())


def test_two_thousand_slow_clients_keep_nobody_from_voting(tmp_path: Path) -> None:
    served, still = with_slow_clients(tmp_path, "", SLOW, HONEST, seconds=120, over=HEADERS_SECONDS + 3)
    assert served == HONEST
    assert still == 0, "none of them is kept for longer than the head of a request may take"


def test_a_server_with_a_small_pool_of_connections_is_caught(tmp_path: Path) -> None:
    served, _ = with_slow_clients(tmp_path, "few_connections", 150, 20, seconds=5)
    assert served == 0


def _chair_request(method: str, path: str, cookie: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
    if body:
        head += "Content-Type: application/x-www-form-urlencoded\r\n"
    return head.encode() + b"\r\n" + body


def _cookie_of(reply: Reply) -> str:
    jar = SimpleCookie()
    for line in reply.head.decode().split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "set-cookie":
            jar.load(value.strip())
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def closes_against_casts(folder: Path, plant: str) -> tuple[list[str], Counter[int], int, int]:
    """(numbers that the closes reported, statuses of the ballots, receipts among them, envelopes in the box)."""
    attacked = Attacked.open(folder, AT_ONCE + 1, plant)
    _make_account(attacked)
    attacked.start()
    hall = attacked.hall
    address = f"/desk/{hall.meeting_id}"

    async def run() -> tuple[list[str], list[Reply], list[Reply]]:
        line = await connect(attacked.port)
        page = await line.ask(_chair_request("GET", "/desk/sign-in", ""))
        fields = {"csrf_token": _token(page), "name": "王主持", "password": PASSWORD}
        cookie = _cookie_of(page)
        done = await line.ask(_chair_request("POST", "/desk/sign-in", cookie, urlencode(fields).encode()))
        cookie = _cookie_of(done)
        chair = await line.ask(_chair_request("GET", f"{address}/chair", cookie))
        cookie = _cookie_of(chair) or cookie
        close = _chair_request("POST", f"{address}/close", cookie, urlencode({"csrf_token": _token(chair)}).encode())
        first, *votes = [post_request(hall.path, hall.body(code, new_nonce())) for code in hall.codes]
        assert (await line.ask(first)).receipt, "the server has its hands on the round"
        lines: list[Line] = await asyncio.gather(*(connect(attacked.port) for _ in range(2 * AT_ONCE)))
        # Half of the ballots before the first close, the others between the closes: all within one breath.
        order = [*range(0, AT_ONCE, 2), *range(1, 2 * AT_ONCE, 2), *range(AT_ONCE, 2 * AT_ONCE, 2)]
        asked = {place: lines[place].ask(close if place % 2 else votes[place // 2]) for place in order}
        replies = await asyncio.gather(*(asked[place] for place in range(2 * AT_ONCE)))
        reported = []
        for reply in replies[1::2]:
            told = await line.ask(_chair_request("GET", f"{address}/chair", _cookie_of(reply)))
            reported += re.findall(r"投票结束，共收回 (\d+) 张", told.body.decode())
        late = [await line.ask(vote) for vote, reply in zip(votes, replies[::2], strict=True) if reply.status != 200]
        for each in [*lines, line]:
            each.close()
        return reported, replies[::2], late

    reported, ballots, late = asyncio.run(run())
    statuses = Counter(reply.status for reply in late)
    acknowledged = sum(reply.receipt is not None for reply in ballots)
    stored = attacked.stored()
    attacked.kill()
    return reported, statuses, acknowledged, stored


def _make_account(attacked: Attacked) -> None:
    data = attacked.hall.data
    with create_app(Config(data, sqlite_url(data))).app_context():
        create_account(make_sign_in_link("测试"), "王主持", PASSWORD)
        close_database()


def _token(page: Reply) -> str:
    (first, *_) = BeautifulSoup(page.body, "html.parser").select("input[name=csrf_token]")
    return str(first["value"])


def test_fifty_closes_against_fifty_ballots_all_report_what_was_acknowledged_and_nothing_comes_after(
    tmp_path: Path,
) -> None:
    reported, late, acknowledged, stored = closes_against_casts(tmp_path, "")
    assert len(reported) == AT_ONCE
    assert set(reported) == {str(stored)}
    assert stored == acknowledged + 1
    assert set(late) <= {409}


def test_a_box_that_is_deaf_to_the_close_is_caught(tmp_path: Path) -> None:
    reported, late, acknowledged, stored = closes_against_casts(tmp_path, "deaf_to_the_close")
    assert late[200] or set(reported) != {str(stored)} or stored != acknowledged + 1


def one_ticket_twenty_times(folder: Path, plant: str) -> tuple[set[str | None], Counter[int], int]:
    attacked = Attacked.open(folder, 2, plant)
    attacked.start()
    hall = attacked.hall
    request = post_request(hall.path, hall.body(hall.codes[0], new_nonce()))

    async def run() -> list[Reply]:
        lines = await asyncio.gather(*(connect(attacked.port) for _ in range(20)))
        replies = await asyncio.gather(*(line.ask(request) for line in lines))
        for line in lines:
            line.close()
        return list(replies)

    replies = asyncio.run(run())
    stored = attacked.stored()
    attacked.kill()
    return {reply.receipt for reply in replies}, Counter(reply.status for reply in replies), stored


def test_one_ticket_posted_twenty_times_at_once_is_one_ballot_and_twenty_successes(tmp_path: Path) -> None:
    receipts, statuses, stored = one_ticket_twenty_times(tmp_path, "")
    assert statuses == {200: 20}
    assert len(receipts) == 1
    assert None not in receipts
    assert stored == 1


def test_a_server_that_does_not_know_a_retry_again_is_caught(tmp_path: Path) -> None:
    receipts, statuses, _ = one_ticket_twenty_times(tmp_path, "no_retry")
    assert statuses != {200: 20}
    assert None in receipts
