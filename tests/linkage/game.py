"""The linkage game: meetings are held, the attackers try them, and the referee compares with chance."""

from __future__ import annotations

import random
import secrets
import sqlite3
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from databases import PostgreSQLServer
from linkage.attackers import (
    DIRECT,
    addresses_kept,
    boxes_left,
    envelopes_of_tickets,
    features,
    guess_by,
    named_by_the_note,
    orders,
    phones_in_logs,
    readable,
    steps_on_screen,
)
from linkage.disks import Disks, PostgreSQLDisks, sqlite_tables
from linkage.election import NO_LEAK, Plan, hold, serving, with_port
from linkage.evidence import Dump, Played, TableRow
from linkage.scoring import (
    MATCHES_IN_TWENTY,
    MATCHES_PER_MEETING,
    concordance,
    concordance_deviation,
    learned_auc,
    matches,
    poisson_above,
    share,
)

from bench.hall import free_port
from kaohe.config import Config, sqlite_url
from kaohe.domain.meetings import Custody, HallView
from kaohe.factory import create_app
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database

FULL_MEETINGS = 20
SMALLEST_STEP = 10


@contextmanager
def installation(
    postgresql: PostgreSQLServer | None, leak: str = NO_LEAK
) -> Iterator[Callable[[Plan, random.Random], Played]]:
    """A fresh installation with a running server; what it yields holds one meeting there."""
    with tempfile.TemporaryDirectory(prefix="kaohe-linkage-") as folder:
        data = Path(folder, "data")
        data.mkdir()
        name = postgresql.create_database() if postgresql is not None else ""
        url = postgresql.url(name) if postgresql is not None else sqlite_url(data)
        config = with_port(Config(data, url, is_testing=True), free_port())
        app = create_app(config)
        with app.app_context():
            migrate_database()
        log = Path(folder, "server.log")
        pages = None if postgresql is None else PostgreSQLDisks(url, postgresql.folder, postgresql.binaries)
        disks = Disks(data, (log,), pages)
        try:
            with serving(config, log, leak) as port:
                yield lambda plan, chance: hold(app, plan, port, disks, chance)
        finally:
            with app.app_context():
                close_database()
        if postgresql is not None:
            postgresql.drop_database(name)


def standard_plan(number: int, voters: int, at_once: int = 1) -> Plan:
    """Meetings take turns: the tellers hold the key, or the server does and the hall sees a live tally.

    In every tenth meeting, the fifth first, two sections grade their own people only.
    """
    if number % 2:
        return Plan(voters, at_once, Custody.SERVER, HallView.BATCHED, challenges=number % 4 - 1)
    return Plan(voters, at_once, sections=2 if number % 10 == 4 else 1)


@dataclass(frozen=True)
class Score:
    """One attack over a series of meetings."""

    total: int
    most: int
    concordance: float | None
    """The mean over the series; None for attacks that give no order."""
    orders: int
    """How many meetings gave the order: a column that says one thing in a meeting orders nothing there."""
    middle_deviation: float
    """The median distance of a meeting's concordance from one half, in standard deviations."""


@dataclass(frozen=True)
class Report:
    """What the attackers reached in a series."""

    voters: int
    meetings: int
    scores: Mapping[str, Score]
    readable: int
    addresses: int
    phones: int
    smallest_step: int
    steps_below_batch: int
    """How many steps were smaller than ten and the challenges of their meeting."""
    named_by_the_note: int
    auc: float
    boxes_left: Mapping[str, int]
    envelopes_found: float
    """The share of tickets whose envelope was found: by necessity high, and worth nothing without the key."""

    @property
    def breaches(self) -> frozenset[str]:
        """The attacks that did better than chance, by name; empty for a product that holds."""
        found = {name for name, score in self.scores.items() if self._is_breach(score)}
        if self.readable:
            found.add("contents in the clear")
        if self.addresses or self.phones:
            found.add("phones' addresses kept")
        if self.smallest_step < SMALLEST_STEP or self.steps_below_batch:
            found.add("the screen moved by fewer than k ballots")
        if self.named_by_the_note:
            found.add("which ballots the hall was shown")
        if not 0.5 - self._auc_room < self.auc < 0.5 + self._auc_room:
            found.add("learned matcher")
        if any(count for place, count in self.boxes_left.items() if place != "pg_wal"):
            found.add("sealed ballots left after the opening")
        return frozenset(found)

    @property
    def is_full(self) -> bool:
        return self.meetings == FULL_MEETINGS

    @property
    def _auc_room(self) -> float:
        return 0.03 if self.is_full else 0.25

    def _is_breach(self, score: Score) -> bool:
        if self.is_full:
            room = 3 * concordance_deviation(self.voters, score.orders) if score.orders else 0
            is_ordered = score.concordance is not None and abs(score.concordance - 0.5) > room
            return score.total > MATCHES_IN_TWENTY or score.most > MATCHES_PER_MEETING or is_ordered
        # So few that the figures of a long series would fail on correct code.
        return score.total > poisson_above(self.meetings, 1e-8) or score.middle_deviation > 3


def assess(series: Sequence[Played], chance: random.Random) -> Report:
    """Let every attacker try every meeting of a series."""
    guesses: dict[str, list[int]] = defaultdict(list)
    positions: dict[str, list[float]] = defaultdict(list)
    voters = len(series[0].truth)
    linked = []
    for played in series:
        evidence = played.evidence
        envelopes = envelopes_of_tickets(evidence)
        linked.append(len(envelopes) / voters)
        for name, attack in DIRECT.items():
            guesses[name].append(matches(played, attack(evidence, envelopes)))
        for order in orders(evidence):
            guesses[order.name].append(matches(played, guess_by(order)))
            positions[order.name].append(concordance(played, order))
    deviation = concordance_deviation(voters, 1)
    return Report(
        voters=voters,
        meetings=len(series),
        scores={
            name: Score(
                total=sum(found),
                most=max(found),
                concordance=statistics.mean(positions[name]) if name in positions else None,
                orders=len(positions.get(name, ())),
                middle_deviation=statistics.median(abs(each - 0.5) / deviation for each in positions[name])
                if name in positions
                else 0,
            )
            for name, found in guesses.items()
        },
        readable=sum(sum(readable(played.evidence).values()) for played in series),
        addresses=sum(addresses_kept(played.evidence) for played in series),
        phones=sum(len(phones_in_logs(played.evidence)) for played in series),
        smallest_step=min(step for played in series for step in steps_on_screen(played.evidence)),
        steps_below_batch=sum(step < played.batch for played in series for step in steps_on_screen(played.evidence)),
        named_by_the_note=sum(named_by_the_note(played.evidence) for played in series),
        auc=learned_from(series, chance),
        boxes_left=_added(boxes_left(played.evidence) for played in series),
        envelopes_found=statistics.mean(linked),
    )


def learned_from(series: Sequence[Played], chance: random.Random) -> float:
    """U6: how well the learned matcher tells true pairs from others; one half is chance."""
    found = [{order.name: order for order in orders(played.evidence)} for played in series]
    common = [name for name in found[0] if all(name in each for each in found) and name.startswith("opened")]
    return learned_auc(
        [
            (played, features(played.evidence, [each[name] for name in common]))
            for played, each in zip(series, found, strict=True)
        ],
        chance,
    )


def _added(parts: Iterator[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for part in parts:
        for place, count in part.items():
            total[place] += count
    return {place: count for place, count in total.items() if count}


# The planted leaks. Four are real servers with a hole, one is a hall of careless phones, two are tables as people
# usually build them, filled with the ballots of a real meeting. What comes back is the share of voters that was linked.


def best_order(played: Played, *, kind: str) -> float:
    """The share of voters that the best order of one kind links."""
    return max(share(played, guess_by(order)) for order in orders(played.evidence) if kind in order.name)


def with_rowid(played: Played) -> Played:
    """An ordinary table under a random key."""
    return _planted(
        played,
        "CREATE TABLE ballots (round_id TEXT, id BLOB, group_key TEXT, marks BLOB, PRIMARY KEY (round_id, id))",
        lambda place: (),
    )


def with_created_at(played: Played) -> Played:
    """A column that everybody adds without thinking."""
    return _planted(
        played,
        "CREATE TABLE ballots (round_id TEXT, id BLOB, group_key TEXT, marks BLOB, created_at REAL,"
        " PRIMARY KEY (round_id, id)) WITHOUT ROWID",
        lambda place: (played.evidence.tickets[place].posted_at,),
    )


def in_heap_order(played: Played) -> Played:
    """The same leak on PostgreSQL: rows lie where they were inserted, each with its transaction."""
    rows = [
        TableRow(
            {"id": secrets.token_bytes(16), "marks": played.evidence.contents[number].marks},
            {"xmin": (1000 + place,), "ctid": (place // 60, place % 60)},
        )
        for place, number in enumerate(played.truth)
    ]
    chance = random.Random(len(rows))
    chance.shuffle(rows)
    return _with_opened(played, Dump({}, 8192, {"ballots": rows}))


def _planted(played: Played, table: str, more: Callable[[int], tuple[object, ...]]) -> Played:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "planted.sqlite3")
        connection = sqlite3.connect(path)
        connection.execute(table)
        for place, number in enumerate(played.truth):
            values = ("r", secrets.token_bytes(16), "all", played.evidence.contents[number].marks, *more(place))
            connection.execute(f"INSERT INTO ballots VALUES ({', '.join('?' * len(values))})", values)
        connection.commit()
        connection.close()
        content = path.read_bytes()
    return _with_opened(played, Dump({"kaohe.sqlite3": content}, 4096, sqlite_tables(content, only=("ballots",))))


def _with_opened(played: Played, dump: Dump) -> Played:
    dumps = {**played.evidence.dumps, "opened": dump}
    dumps.pop("before_erasing", None)
    return replace(played, evidence=replace(played.evidence, dumps=dumps))


def linked_by_log(played: Played) -> float:
    """The share of tickets whose phone the log names in the right place."""
    guess = phones_in_logs(played.evidence)
    return sum(place == ticket for place, ticket in guess.items()) / len(played.truth)


def linked_directly(played: Played, attack: str) -> float:
    """The share of tickets whose content one of the direct attacks tells."""
    return share(played, DIRECT[attack](played.evidence, envelopes_of_tickets(played.evidence)))
