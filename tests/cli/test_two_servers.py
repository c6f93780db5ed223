"""Two servers on one PostgreSQL database: what is cast at one moves the screens of the other, and all show the same."""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest
from bs4 import BeautifulSoup
from databases import PostgreSQLServer
from processes import Kaohe, Server
from scene import CHAIR, Scene, hold_meeting
from stage_viewer import SeenEvent, Viewer, wait_until

from bench.hall import free_port
from kaohe.config import Config
from kaohe.domain.meetings import Group, HallView
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.setup.preparing import stage_code
from kaohe.storage.secrets_file import load_secrets
from kaohe.storage.starting import close_database

LONG = 60.0
HUNDRED = (Group("all", "全体", Fraction(1), 100),)
COUNTED = re.compile(r"已计入 (\d+) 票 收回 (\d+) ")
MEETING = """
title = "年度民主测评会"
preset = "si-deng"
subjects = ["张伟", "李娜"]
[[groups]]
label = "全体"
entitled = 4
"""
NEVER_ASKS = """
import time
from kaohe.live import watching
watching.QUIET_PACE_SECONDS = 3600.0
rest = watching.Watch._rest
def say_and_rest(watch):
    is_quiet = watch._listener.is_connected and time.monotonic() >= watch._quiet_from
    print("the watch is quiet" if is_quiet else "the watch looks on", flush=True)
    return rest(watch)
watching.Watch._rest = say_and_rest
"""
"""A server that looks at its meetings only when it is notified, and says when it has come to that."""
NOTIFIES_NOBODY = """
from kaohe.storage import change_feed
change_feed._Notifier.notify = lambda self: None
"""
IS_DEAF = f"""
{NEVER_ASKS}
import psycopg
from kaohe.storage import change_feed
def refuse(engine, name):
    raise psycopg.OperationalError
change_feed.connection_apart = refuse
"""
REMEMBERS_ALONE = """
from kaohe.operations.count import sharing_screens
sharing_screens.has_one_server = lambda: True
"""


@dataclass
class Province:
    """One installation that two servers serve."""

    one: Kaohe
    other: Kaohe
    postgresql: PostgreSQLServer
    database: str
    scene: Scene
    stage: str
    votes: int = field(default=0)

    def cast(self, server: Kaohe, *grades: str) -> None:
        """The next voter votes at this server."""
        code = self.scene.all_codes[self.votes]
        self.votes += 1
        assert server.vote(self.scene.meeting_id, code, *grades).status == 200

    def chair(self, act) -> None:
        """Somebody acts from a third process, as the command line does."""
        app = create_app(Config(self.one.data, self.one.database_url))
        with app.app_context():
            act(CHAIR, self.scene.meeting_id)
            close_database()

    def listeners(self) -> set[int]:
        """The connections over which the servers hear of one another."""
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'kaohe listener' AND datname = "
        return {pid for (pid,) in self.postgresql.ask(f"{asked} '{self.database}'")}


@pytest.fixture
def province_of(tmp_path: Path, postgresql: PostgreSQLServer, migrated_postgresql: str) -> Iterator:
    made: list[Province] = []

    def make(hall_view: HallView) -> Province:
        name = postgresql.create_database(migrated_postgresql)
        public = f"http://127.0.0.1:{free_port()}"
        one = Kaohe(tmp_path / "data", free_port(), database_url=postgresql.url(name), public_url=public)
        one.does("meeting", "list")
        app = create_app(Config(one.data, one.database_url))
        with app.app_context():
            scene = hold_meeting(groups=HUNDRED, hall_view=hall_view, names=("张伟", "李娜"))
            stage = f"/stage/{scene.meeting_id}/{stage_code(scene.meeting_id)}/live"
            close_database()
        made.append(Province(one, replace(one, port=free_port()), postgresql, name, scene, stage))
        return made[-1]

    yield make
    for province in made:
        postgresql.drop_database(province.database)


@contextmanager
def watching(server: Kaohe, stage: str) -> Iterator[Viewer]:
    """A screen that hangs on this server."""
    viewer, gone = Viewer(), threading.Event()
    reply = urllib.request.urlopen(server.url + stage, timeout=LONG)

    def listen() -> None:
        event = b""
        with suppress(OSError, ValueError, AttributeError):
            while not gone.is_set():
                line = reply.readline()
                event += line
                if line == b"\n":
                    viewer.take(event)
                    event = b""
                elif not line:
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        wait_until(lambda: viewer.newest, LONG)
        yield viewer
    finally:
        gone.set()


def numbers_on(viewer: Viewer) -> tuple[int, int]:
    """(ballots in the tally, ballots in the box)."""
    found = COUNTED.search(viewer.newest.text)
    assert found, viewer.newest.text
    return int(found[1]), int(found[2])


def wait_until_quiet(server: Server) -> None:
    """The polling that follows a notification is over: now a screen moves for the next one or not at all."""
    wait_until(lambda: server.printed.rstrip().endswith("the watch is quiet"), LONG)


def test_a_ballot_at_one_server_moves_the_screen_of_the_other(province_of) -> None:
    province = province_of(HallView.TURNOUT)
    one, other = province.one, province.other
    with one.serving(), other.serving(plant=NEVER_ASKS) as heard, watching(other, province.stage) as screen:
        for number in range(1, 4):
            wait_until_quiet(heard)
            province.cast(one, "excellent")
            wait_until(lambda number=number: f"收回 {number} " in screen.newest.text, LONG)
        wait_until_quiet(heard)
        province.chair(close_meeting)
        wait_until(lambda: "投票已结束" in screen.newest.text, LONG)


def test_a_server_that_rings_for_nobody_is_found_out(province_of) -> None:
    province = province_of(HallView.TURNOUT)
    with (
        province.one.serving(plant=NOTIFIES_NOBODY),
        province.other.serving(plant=NEVER_ASKS) as heard,
        watching(province.other, province.stage) as screen,
    ):
        wait_until_quiet(heard)
        province.cast(province.one, "excellent")
        time.sleep(3)
        assert "收回 0 " in screen.newest.text


def test_a_listener_that_is_cut_off_hears_again(province_of) -> None:
    province = province_of(HallView.TURNOUT)
    one, other = province.one, province.other
    with one.serving(), other.serving(plant=NEVER_ASKS) as heard, watching(other, province.stage) as screen:
        for number in range(1, 3):
            wait_until(lambda: len(province.listeners()) == 1, LONG)
            before = province.listeners()
            province.postgresql.ask(f"SELECT pg_terminate_backend({next(iter(before))})")
            wait_until(lambda before=before: province.listeners() - before, LONG)
            wait_until_quiet(heard)
            province.cast(one, "excellent")
            wait_until(lambda number=number: f"收回 {number} " in screen.newest.text, LONG)


def test_a_server_that_cannot_listen_looks_by_itself(province_of) -> None:
    province = province_of(HallView.TURNOUT)
    one, other = province.one, province.other
    with one.serving(), other.serving(plant=IS_DEAF), watching(other, province.stage) as screen:
        assert province.listeners() == set()
        province.cast(one, "excellent")
        wait_until(lambda: "收回 1 " in screen.newest.text, LONG)


def votes(event: SeenEvent) -> list[int]:
    """The numbers beside the bars."""
    rows = BeautifulSoup(event.block, "html.parser").select(".row.is-shown")
    return [int(strong.text) for row in rows for strong in row.select(".columns strong")]


def while_open(viewer: Viewer) -> list[SeenEvent]:
    """The pictures of the tally: from the close to the publication a screen shows none."""
    return [event for event in viewer.events if "投票已结束" not in event.text]


def vote_in_two_places(province: Province, count: int) -> None:
    """Voters of two minds, every other one at the other server."""
    for number in range(count):
        grades = ("excellent", "incompetent") if province.votes % 3 else ("incompetent", "competent")
        province.cast((province.one, province.other)[number % 2], *grades)


def both_screens_after_batches(province: Province, plant: str) -> tuple[Viewer, Viewer]:
    """What a screen of each server has shown, the second of which was switched on in the middle of the voting."""
    one, other = province.one, province.other
    with one.serving(plant=plant), other.serving(plant=plant), watching(one, province.stage) as first:
        vote_in_two_places(province, 23)
        wait_until(lambda: numbers_on(first) == (10, 23), LONG)
        with watching(other, province.stage) as second:
            vote_in_two_places(province, 30)
            wait_until(lambda: numbers_on(first)[1] == numbers_on(second)[1] == 53, LONG)
            province.chair(close_meeting)
            wait_until(lambda: all("投票已结束" in each.newest.text for each in (first, second)), LONG)
    return first, second


def test_two_servers_show_the_same_batches(province_of) -> None:
    province = province_of(HallView.BATCHED)
    first, second = both_screens_after_batches(province, NEVER_ASKS)
    assert first.newest == second.newest
    assert votes(first.newest) == []
    assert while_open(first)[-1] == while_open(second)[-1]
    tallies: dict[int, list[int]] = {}
    for event in [*while_open(first), *while_open(second)]:
        found = COUNTED.search(event.text)
        assert found
        assert int(found[1]) % 10 == 0
        # Whoever counts as many ballots counts the same ones.
        assert tallies.setdefault(int(found[1]), votes(event)) == votes(event)
    assert max(tallies) == 40
    assert tallies[40] != tallies[10]


def test_servers_that_remember_alone_are_found_out(province_of) -> None:
    province = province_of(HallView.BATCHED)
    first, second = both_screens_after_batches(province, REMEMBERS_ALONE)
    assert while_open(first)[-1].block != while_open(second)[-1].block


def test_nobody_who_has_the_database_alone_reads_what_was_shown_and_the_stripping_deletes_it(province_of) -> None:
    province = province_of(HallView.BATCHED)
    both_screens_after_batches(province, NEVER_ASKS)
    asked = f"host={province.postgresql.folder}"
    with psycopg.connect(f"postgresql://postgres@/{province.database}?{asked}", autocommit=True) as connection:
        (note,) = connection.execute("SELECT note FROM screens").fetchone()
        names = [name for (name,) in connection.execute("SELECT id FROM envelopes")]
        assert len(names) == 53
        assert len(note) > 40 * 16
        assert not [name for name in names if name in note or name.hex().encode() in note]
        province.one.does("meeting", "count", province.scene.meeting_id)
        assert connection.execute("SELECT count(*) FROM screens").fetchone() == (0,)
        assert connection.execute("SELECT pg_relation_size('screens')").fetchone() == (0,)


def test_voting_begins_only_where_every_connected_server_keeps_the_keys_in_one_folder(
    tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    name = postgresql.create_database()
    shared = {"KAOHE_KEYS": str(tmp_path / "keys")}
    one = Kaohe(tmp_path / "data", free_port(), database_url=postgresql.url(name), settings=shared)
    meeting_id = one.meeting(MEETING)
    one.tickets(meeting_id)
    elsewhere = replace(one, port=free_port(), settings={"KAOHE_KEYS": str(tmp_path / "elsewhere")})
    with one.serving():
        with elsewhere.serving() as started:
            assert "有正在运行的服务器读不到同一个钥匙目录" in started.printed
            for server in (one, elsewhere):
                assert "有正在运行的服务器读不到同一个钥匙目录" in server.refuses("meeting", "open", meeting_id)
        assert "有正在运行的服务器读不到同一个钥匙目录" in elsewhere.refuses("meeting", "open", meeting_id)
        one.does("meeting", "open", meeting_id)
    postgresql.drop_database(name)


def test_servers_that_start_at_the_same_moment_on_an_empty_database_both_start(
    tmp_path: Path, postgresql: PostgreSQLServer
) -> None:
    name = postgresql.create_database()
    made = Kaohe(tmp_path / "data", free_port(), database_url=postgresql.url(name)).apart
    load_secrets(made.data)
    with ThreadPoolExecutor(4) as starts:
        answers = list(starts.map(lambda _: made.run("meeting", "list"), range(4)))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 4
    postgresql.drop_database(name)
