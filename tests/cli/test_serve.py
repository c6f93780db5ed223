"""``kaohe serve`` as a real process: votes over plain HTTP, a stop that loses nothing, and nobody's traces."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from databases import PostgreSQLServer
from processes import TWO_SUBJECTS, Kaohe, Server

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.people.sign_in_links import create_account
from kaohe.storage.starting import close_database

NONCE = "a-nonce-of-the-phone"


def test_a_ballot_outlives_the_server(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    codes = kaohe.tickets(meeting_id)["全体"]
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server:
        first = kaohe.vote(meeting_id, codes[0], "excellent", nonce=NONCE)
        assert first.status == 200
        assert server.stop() == 0
    with kaohe.serving() as server:
        again = kaohe.vote(meeting_id, codes[0], "excellent", nonce=NONCE)
        assert (again.status, again.receipt) == (200, first.receipt)
        other = kaohe.vote(meeting_id, codes[0], "incompetent")
        assert (other.status, other.error) == (409, "ticket_used")
        assert kaohe.show(meeting_id)["board"]["cast"] == 1
        assert server.stop() == 0


def test_what_commands_do_is_seen_by_the_running_server(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    codes = kaohe.tickets(meeting_id)["全体"]
    with kaohe.serving():
        assert not kaohe.get(f"/v/{meeting_id}/1").soup.select("input[type=radio]")
        kaohe.does("meeting", "open", meeting_id)
        page = kaohe.get(f"/v/{meeting_id}/1")
        kaohe.does("meeting", "pause", meeting_id)
        refused = kaohe.vote(meeting_id, codes[0], "excellent")
        assert (refused.status, refused.error) == (409, "meeting_paused")
        kaohe.does("meeting", "resume", meeting_id)
        assert kaohe.vote(meeting_id, codes[0], "excellent").status == 200
        kaohe.does("meeting", "close", meeting_id)
        (form,) = page.soup.select("form")
        late = kaohe.post(form["action"], {"ticket": codes[1], "nonce": NONCE, **_marks(page.soup)})
        assert (late.status, late.error) == (409, "meeting_closed")
        assert kaohe.show(meeting_id)["board"]["cast"] == 1


def test_the_links_that_are_printed_lead_somewhere(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server:
        first_sign_in, projector = re.findall(r"https?://\S+", server.printed)
        assert first_sign_in.startswith(f"{kaohe.url}/desk/first#")
        assert projector.startswith(f"{kaohe.url}/stage/{meeting_id}/")
        for url in (first_sign_in, projector):
            assert kaohe.get(url.removeprefix(kaohe.url).partition("#")[0]).status == 200


def test_the_server_writes_nothing_about_those_who_ask_it(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server:
        before = server.printed
        assert kaohe.vote(meeting_id, code, "excellent", nonce=NONCE).status == 200
        kaohe.vote(meeting_id, code, "excellent")
        kaohe.get("/nowhere")
        for nonsense in (
            b"NONSENSE\r\n\r\n",
            b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
            b"GET /" + b"x" * 9000,
        ):
            with socket.create_connection(("127.0.0.1", kaohe.port)) as client:
                client.sendall(nonsense + b"\r\n\r\n")
                assert client.recv(100).startswith((b"HTTP/1.1 400", b"HTTP/1.1 414"))
        assert server.stop() == 0
        assert server.printed.removeprefix(before).strip() == "服务器已停止，数据已保存。"


def test_a_request_that_has_begun_is_answered_before_the_server_stops(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server:
        body = urlencode({"ticket": code, "nonce": NONCE, **_marks(kaohe.get(f"/v/{meeting_id}/1").soup)}).encode()
        head = (
            f"POST /v/{meeting_id}/1 HTTP/1.1\r\nHost: localhost\r\n"
            f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", kaohe.port), timeout=60) as phone:
            phone.sendall(head.encode())
            assert phone.recv(100).startswith(b"HTTP/1.1 100")
            server.ask_to_stop()
            _wait_until_refused(kaohe, server)
            phone.sendall(body)
            reply = b"".join(iter(lambda: phone.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 200")
        assert b"data-receipt" in reply
        assert server.process.wait(60) == 0
    assert kaohe.show(meeting_id)["board"]["cast"] == 1


def test_idle_connections_and_live_screens_do_not_hold_up_a_stop(kaohe: Kaohe) -> None:
    with kaohe.serving() as server:
        idle = http.client.HTTPConnection("127.0.0.1", kaohe.port)
        idle.request("GET", "/health")
        assert idle.getresponse().read() == b"ok\n"
        with socket.create_connection(("127.0.0.1", kaohe.port)) as half:
            half.sendall(b"GET /health HTTP/1.1\r\n")
            asked = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - asked < 8
        idle.close()


def test_no_example_is_made_unless_it_is_asked_for(kaohe: Kaohe) -> None:
    with kaohe.serving():
        assert kaohe.run("meeting", "list", "--json").json == []


def test_no_example_is_made_beside_a_meeting(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    with kaohe.serving("--example"):
        assert [line["id"] for line in kaohe.run("meeting", "list", "--json").json] == [meeting_id]


def test_the_sign_in_link_is_printed_only_until_somebody_has_an_account(kaohe: Kaohe) -> None:
    with kaohe.serving() as server:
        (link,) = re.findall(r"https?://\S+", server.printed)
        with create_app(Config(kaohe.data, sqlite_url(kaohe.data))).app_context():
            create_account(link.rpartition("#")[2], "王主持", "correct horse 电池")
            close_database()
        assert server.stop() == 0
    with kaohe.serving() as server:
        assert re.findall(r"https?://\S+", server.printed) == [f"{kaohe.url}/desk"]


def test_the_same_server_works_on_postgresql(kaohe: Kaohe, postgresql: PostgreSQLServer) -> None:
    name = postgresql.create_database()
    kaohe = replace(kaohe, database_url=postgresql.url(name))
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    codes = kaohe.tickets(meeting_id)["全体"]
    kaohe.does("meeting", "open", meeting_id)
    with kaohe.serving() as server, ThreadPoolExecutor(5) as phones:
        replies = list(phones.map(lambda code: kaohe.vote(meeting_id, code, "excellent").status, codes))
        assert replies == [200] * 5
        assert server.stop() == 0
    assert kaohe.show(meeting_id)["board"]["cast"] == 5
    postgresql.drop_database(name)


def _marks(soup: BeautifulSoup) -> dict[str, str]:
    return {radio["name"]: "excellent" for radio in soup.select("input[type=radio]")}


def _wait_until_refused(kaohe: Kaohe, server: Server) -> None:
    """Until nobody new is let in; the request that has begun keeps the process alive."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", kaohe.port)).close()
        except ConnectionRefusedError:
            assert server.process.poll() is None
            return
        except ConnectionResetError:
            continue  # caught by the close between its knock and its entry: neither let in nor refused
        time.sleep(0.05)
    raise AssertionError("the server still lets clients in")


PASSWORDS = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from kaohe.server.http_server import check_passwords_in_a_thread
from kaohe.operations.people.credentials import hash_password, is_password

if sys.argv[1] == "apart":
    check_passwords_in_a_thread()
turns = 0

def phone():
    global turns
    while True:
        gevent.sleep(0)
        turns += 1

hashed = hash_password("一把好用的长密码")
phones = gevent.spawn(phone)
gevent.sleep(0)
before = turns
right = is_password(hashed, "一把好用的长密码"), is_password(hashed, "另一把"), is_password(None, "另一把")
print(turns - before, *right)
"""


@pytest.mark.parametrize("how", ["apart", "in the server's own thread"])
def test_the_hall_is_served_while_somebody_guesses_at_passwords(how: str) -> None:
    """Checked in the server's own thread, as the control shows, nobody else has a turn before the guess is judged."""
    done = subprocess.run([sys.executable, "-c", PASSWORDS, how], capture_output=True, text=True, check=True)
    turns, *right = done.stdout.split()

    assert right == ["True", "False", "False"]
    assert (int(turns) > 0) is (how == "apart")


MEMORY = """
import ctypes, resource
from kaohe.cli.application import application
dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
before = dumpable()
with application():
    print(before, dumpable(), *resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_a_crash_leaves_no_picture_of_the_memory(tmp_path: Path) -> None:
    environment = {**os.environ, "KAOHE_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", MEMORY], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["1", "0", "0", "0"]
