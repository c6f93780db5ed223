"""A province that something happens to: a switch before two servers, on a primary with its synchronous standby."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from processes import Kaohe, Server
from replicated import ReplicatedPostgreSQL

from bench.hall import Hall, free_port, open_hall
from bench.phones import Phone, burst, phones_of
from kaohe.domain.envelopes import envelope_digest, receipt

PHONES_GIVE_UP_SECONDS = 300
_PRESENCE_SECONDS = 60
_FROZEN_SECONDS = 8
"""Longer than the servers wait before they give a silent database up."""
_AWAY_SECONDS = 8
"""Longer than a commit waits for its standby."""
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: *\d", re.IGNORECASE)


class Switch:
    """A proxy: takes each request to one server after the other, and to the next one where a server is dead.

    It may send a ballot twice, as nginx does with ``non_idempotent``. What it has passed on is kept in ``statuses``.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self.port = free_port()
        self.statuses: Counter[str] = Counter()
        self._ports = list(ports)

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._passing_on, "127.0.0.1", self.port, backlog=1000)

    async def _passing_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(await self._reply_to(await _message(reader)))
                await writer.drain()
        except (OSError, EOFError):
            writer.close()

    async def _reply_to(self, request: bytes) -> bytes:
        self._ports.append(self._ports.pop(0))
        for port in [*self._ports, *self._ports]:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(request)
                    reply = await _message(reader)
                finally:
                    writer.close()
            except (OSError, EOFError):
                continue
            head, _, body = reply.partition(b"\r\n\r\n")
            status = head[9:12].decode()
            is_known = status == "200" or (status == "503" and _RETRY.search(head))
            self.statuses[status if is_known else f"{status}: {body[:200]!r} to {request[:60]!r}"] += 1
            return reply
        self.statuses["502"] += 1
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@dataclass(frozen=True)
class Outcome:
    """What was promised to phones, beside what is in the box in the end."""

    voters: int
    certain: int
    """Phones that have seen the receipt of their ballot."""
    lost: int
    double: int
    errors: tuple[str, ...]
    """What a phone met that another try did not heal."""
    statuses: frozenset[str]
    """Every status that a server answered, and 502 where none did."""
    logged: tuple[str, ...]
    """What servers have written about faults of their own."""
    longest_reply: float
    """Seconds until a ballot was answered at all, with a receipt or with a word when to come back."""
    longest_wait: float
    """Seconds from a tap to its receipt, however often the phone had to come back by itself."""

    @property
    def is_healed(self) -> bool:
        """Whether nothing is lost or double, and no phone has met anything that another try did not heal.

        A phone was told to come back, and that was all: no fault, and no server that was not there for it.
        """
        is_whole = (self.lost, self.double, self.errors, self.logged) == (0, 0, (), ())
        return is_whole and self.certain == self.voters and self.statuses <= {"200", "503"}


@dataclass
class Province:
    """Everything that runs, and the phones that have voted so far."""

    database: ReplicatedPostgreSQL
    name: str
    hall: Hall
    kaohe: Sequence[Kaohe]
    switch: Switch
    servers: dict[int, tuple[ExitStack, Server]] = field(default_factory=dict)
    phones: list[Phone] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def start(self, number: int, plant: str = "") -> None:
        stack = ExitStack()
        self.servers[number] = stack, stack.enter_context(self.kaohe[number].serving(plant=plant))

    def kill(self, number: int) -> None:
        """The process ends at once; nothing of it runs on."""
        stack, server = self.servers.pop(number)
        stack.close()
        self.logged += [line for line in server.printed.splitlines() if "fault" in line or "Error" in line]

    def restart(self, number: int) -> None:
        """As for a new version: asked to stop, waited for, started again."""
        assert self.servers[number][1].stop() == 0
        self.kill(number)
        self.start(number)

    def vote(self, voters: int, seconds: float, attack: Callable[[Province, Voting], Awaitable[None]]) -> None:
        """So many more vote through the switch while ``attack`` runs, until each is certain or has given up."""
        first = len(self.phones)
        codes = self.hall.codes[first : first + voters]
        assert len(codes) == voters
        phones = phones_of(codes, self.hall.sealed_body, self.hall.path, seconds=seconds)

        async def all_at_once() -> None:
            async with await self.switch.serve():
                voting = asyncio.create_task(
                    burst(self.switch.port, self.hall.path, phones, give_up=PHONES_GIVE_UP_SECONDS)
                )
                await attack(self, Voting(phones))
                seen = await voting
                self.receipts.update(seen.posts.receipts)
                self.errors += seen.posts.errors
                self.replies += seen.posts.latencies
                self.waits += seen.taps.latencies

        self.phones += phones
        asyncio.run(all_at_once())

    def outcome(self) -> Outcome:
        with self.database.primary.connected(self.name) as connection:
            rows = connection.execute("SELECT tag, box FROM envelopes").fetchall()
            (spent,) = connection.execute("SELECT count(*) FROM tickets WHERE is_spent").fetchone() or (0,)
        stored = {receipt(envelope_digest(*row)) for row in rows}
        return Outcome(
            voters=len(self.phones),
            certain=sum(phone.is_certain for phone in self.phones),
            lost=len(self.receipts - stored),
            double=abs(len(rows) - len(stored)) + abs(len(rows) - spent) + max(0, len(rows) - len(self.phones)),
            errors=tuple(self.errors),
            statuses=frozenset(self.switch.statuses),
            logged=tuple(self.logged),
            longest_reply=max(self.replies, default=0.0),
            longest_wait=max(self.waits, default=0.0),
        )

    def wait_for_presence(self) -> None:
        """Return once each of the two servers shows the primary that it is there."""
        shown = "SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, 'kaohe server')"
        until = time.monotonic() + _PRESENCE_SECONDS
        while self.database.primary.ask(shown) != [(len(self.servers),)]:
            assert time.monotonic() < until, "a server is not present at the new primary"
            time.sleep(0.05)


@dataclass(frozen=True)
class Voting:
    """What those who attack see of the voting."""

    phones: Sequence[Phone]

    async def until(self, share: float) -> None:
        """Wait until this share of the phones are certain."""
        while sum(phone.is_certain for phone in self.phones) < share * len(self.phones):  # noqa: ASYNC110 - phones note it, they tell nobody
            await asyncio.sleep(0.01)


@contextmanager
def province(folder: Path, voters: int, plant: str = "") -> Iterator[Province]:
    """A meeting with so many tickets is open on two servers."""
    database = ReplicatedPostgreSQL.start()
    try:
        name = database.primary.create_database()
        hall = open_hall(folder, voters=voters, subjects=3, database_url=database.url(name))
        ports = [free_port(), free_port()]
        switch = Switch(ports)
        one = Kaohe(folder, ports[0], database_url=database.url(name), public_url=f"http://127.0.0.1:{switch.port}")
        made = Province(database, name, hall, [one, replace(one, port=ports[1])], switch)
        try:
            made.start(0, plant)
            made.start(1, plant)
            yield made
        finally:
            for number in list(made.servers):
                made.kill(number)
    finally:
        database.stop()


def require_healed(under_fault: Province) -> None:
    """The servers end, and no phone has met anything that another try did not heal; nothing is lost or double."""
    for number in list(under_fault.servers):
        under_fault.kill(number)
    outcome = under_fault.outcome()
    assert outcome.is_healed, outcome


async def fail_over(under_fault: Province, voting: Voting) -> None:
    """The primary dies, its standby takes its place, and the dead one comes back as the standby."""
    await voting.until(0.3)
    await asyncio.to_thread(under_fault.database.fail_over)
    await asyncio.to_thread(under_fault.database.bring_standby)
    await asyncio.to_thread(under_fault.wait_for_presence)


async def freeze_primary(under_fault: Province, voting: Voting) -> None:
    """The primary stands still and says nothing; its standby takes its place, and only then somebody ends it."""
    await voting.until(0.3)
    database = under_fault.database
    database.primary.freeze()
    await asyncio.sleep(_FROZEN_SECONDS)
    await asyncio.to_thread(database.take_over)
    await asyncio.sleep(_FROZEN_SECONDS)
    database.standby.kill()
    await asyncio.to_thread(database.bring_standby)
    await asyncio.to_thread(under_fault.wait_for_presence)


async def kill(under_fault: Province, voting: Voting) -> None:
    """One of the servers, the other one every time, is killed and started again."""
    await voting.until(0.3)
    number = next(iter(under_fault.servers))
    await asyncio.to_thread(under_fault.kill, number)
    await asyncio.to_thread(under_fault.start, number)


async def restart_both(under_fault: Province, voting: Voting) -> None:
    """As for a new version: one after the other."""
    await voting.until(0.1)
    await asyncio.to_thread(under_fault.restart, 0)
    await asyncio.to_thread(under_fault.restart, 1)


async def lose_standby(under_fault: Province, voting: Voting) -> None:
    """The standby is away for a while."""
    await voting.until(0.3)
    await asyncio.to_thread(under_fault.database.standby.go_away)
    await asyncio.sleep(_AWAY_SECONDS)
    await asyncio.to_thread(under_fault.database.standby.come_back)


async def lose_both(under_fault: Province, _voting: Voting) -> None:
    """The standby is away, people have voted for a while, and the primary dies: the standby knows nothing of it."""
    await asyncio.sleep(5)
    under_fault.database.primary.go_away()
    under_fault.database.standby.come_back()
    under_fault.database.take_over()
    await asyncio.to_thread(under_fault.database.bring_standby)
