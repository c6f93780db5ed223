"""What is left after the count (the end of ``make linkage``): the raw device, ten times, and the server's memory.

A row for each disk says in how many blocks a selection and a ticket stand together, and how many sealed ballots and
keys are left; planted is what the program once did. The memory of a server is searched for ballots that stand beside
the code of their ticket: what a crash, swap or hibernation would put on a disk. It is measured and no more where the
server seals for phones without scripts; where phones seal there is nothing to be found, whoever keeps the key. Planted
is a server that keeps what it was sent.
"""

from __future__ import annotations

import http.cookiejar
import random
import re
import secrets
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from linkage.raw_device import DEVICES, boxes_on, key_of, opened_on, selections_beside_tickets
from linkage.scoring import PLANTED_AT_LEAST
from processes import Kaohe
from scene import CHAIR, filled, sealed_fields

from bench.hall import free_port
from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import BallotReader
from kaohe.domain.meetings import Custody, HallView
from kaohe.factory import create_app
from kaohe.operations.hall.casting import load_polling
from kaohe.operations.setup.key import draw_up_key, prove_key
from kaohe.operations.setup.preparing import stage_code
from kaohe.storage.starting import close_database

MEETINGS, DEVICE_VOTERS = 10, 40
MEMORY_VOTERS, SUBJECTS = 100, 12
GRADES = ("excellent", "competent", "basically_competent", "incompetent")
MEETING = """
title = "年度民主测评会"
preset = "si-deng"
hall_view = "{hall_view}"
custody = "{custody}"
subjects = [{subjects}]
[[groups]]
label = "全体"
entitled = {voters}
"""
KEEPS_WHAT_IT_WAS_SENT = """
from kaohe.web.bodies import BodyGate
kept, read = [], BodyGate._read
def keep(*asked):
    kept.append(read(*asked))
    return kept[-1]
BodyGate._read = keep
"""
BESIDE = 8192
"""How near a ticket's code a ballot counts as standing beside it, in bytes: two pages."""


def main() -> int:
    """0 where ten meetings on each disk leave nothing, what is planted is found, and phones that seal leave nothing."""
    return int(_devices_fail() | _memory_fails())


def _devices_fail() -> bool:
    has_failed = False
    _say("| disk (SQLite) | meetings | selections beside a ticket | sealed ballots left | keys left |")
    _say("|---|---|---|---|---|")
    for kind, hold in DEVICES.items():
        beside = boxes = keys = 0
        for _ in range(MEETINGS):
            with tempfile.TemporaryDirectory(prefix="kaohe-device-") as folder:
                device = hold(Path(folder), DEVICE_VOTERS, "none")
                beside += selections_beside_tickets(device)
                boxes += len(boxes_on(device))
                keys += key_of(device) is not None
        has_failed |= bool(beside or boxes or keys)
        _say(f"| {kind} | {MEETINGS} | {beside} | {boxes} | {keys} |")
        with tempfile.TemporaryDirectory(prefix="kaohe-device-") as folder:
            device = hold(Path(folder), DEVICE_VOTERS, "today")
            key, beside = key_of(device), selections_beside_tickets(device)
            opened = opened_on(device, key)
        has_failed |= opened < PLANTED_AT_LEAST * DEVICE_VOTERS or not beside
        _say(f"| {kind}, planted | 1 | {beside} | {opened} opened of {DEVICE_VOTERS} | {int(key is not None)} |")
    return has_failed


def _memory_fails() -> bool:
    _say("| memory of the server | ballots beside their ticket's code, of all | after voting | after the count |")
    _say("|---|---|---|---|")
    has_failed = False
    for who, custody in (("the servers", Custody.SERVER), ("the tellers", Custody.TELLERS)):
        voting, counted = _ballots_in_memory(custody, is_sealed=True)
        has_failed |= bool(voting or counted)
        # The tellers' key is typed in a hall; what is in memory before that is what it protects.
        after = counted if custody is Custody.SERVER else "–"
        _say(f"| phones seal, {who} keep the key | of {MEMORY_VOTERS} | {voting} | {after} |")
    voting, counted = _ballots_in_memory(Custody.SERVER, is_sealed=False)
    _say(f"| the server seals (no scripts) | of {MEMORY_VOTERS} | {voting} | {counted} |")
    voting, counted = _ballots_in_memory(Custody.SERVER, is_sealed=False, plant=KEEPS_WHAT_IT_WAS_SENT)
    has_failed |= voting < PLANTED_AT_LEAST * MEMORY_VOTERS
    _say(f"| planted: it keeps what it was sent | of {MEMORY_VOTERS} | {voting} | {counted} |")
    return has_failed


def _ballots_in_memory(custody: Custody, *, is_sealed: bool, plant: str = "") -> tuple[int, int]:
    """How many ballots stand beside their ticket's code in the server that took them, then and after the count.

    The hall sees all that the custody allows, so that what is cast is counted for the wall meanwhile. Where the tellers
    keep the key nothing is counted.
    """
    hall_view = HallView.BATCHED if custody is Custody.SERVER else HallView.TURNOUT
    with tempfile.TemporaryDirectory(prefix="kaohe-memory-") as folder:
        kaohe = Kaohe(Path(folder) / "data", free_port())
        subjects = ", ".join(f'"对象{number}"' for number in range(SUBJECTS))
        meeting_id = kaohe.meeting(
            MEETING.format(subjects=subjects, voters=MEMORY_VOTERS, hall_view=hall_view, custody=custody)
        )
        codes = [code.replace("-", "") for code in kaohe.tickets(meeting_id)["全体"]]
        app = create_app(Config(kaohe.data, sqlite_url(kaohe.data), public_url=kaohe.url, is_testing=True))
        with app.app_context():
            wall = f"{kaohe.url}/stage/{meeting_id}/{stage_code(meeting_id)}/live"
            if custody is Custody.TELLERS:
                prove_key(CHAIR, meeting_id, draw_up_key(CHAIR, meeting_id))
        kaohe.does("meeting", "open", meeting_id)
        chance = random.Random()
        with kaohe.serving(plant=plant) as server, app.app_context():
            with urllib.request.urlopen(wall):
                ballots = {code: _cast(kaohe, meeting_id, code, chance, is_sealed=is_sealed) for code in codes}
                voting = _beside(server.process.pid, ballots)
            counted = 0
            if custody is Custody.SERVER:
                kaohe.does("meeting", "close", meeting_id)
                _count_on_the_console(kaohe, meeting_id)
                counted = _beside(server.process.pid, ballots)
            close_database()
    return voting, counted


def _cast(kaohe: Kaohe, meeting_id: str, code: str, chance: random.Random, *, is_sealed: bool) -> list[bytes]:
    """Vote over HTTP; returns the choices as they may stand in memory."""
    fields = filled(meeting_id, *(chance.choice(GRADES) for _ in range(SUBJECTS)))
    style, nonce = load_polling(meeting_id, "1").style, secrets.token_hex(16)
    plain = BallotReader(style).read(fields)
    posted = dict(fields, nonce=nonce)
    if is_sealed:
        posted = sealed_fields(meeting_id, "1", fields, nonce)
    reply = kaohe.post(f"/v/{meeting_id}/1", {"ticket": code, **posted})
    assert reply.status == 200, reply.soup
    return [urlencode(fields).encode(), plain]


def _count_on_the_console(kaohe: Kaohe, meeting_id: str) -> None:
    """Count as the chair does, so that the server itself, or what it starts, opens the box."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def submitted(path: str, **fields: str) -> BeautifulSoup:
        with browser.open(kaohe.url + path) as page:
            token = BeautifulSoup(page.read(), "html.parser").select_one("input[name=csrf_token]")["value"]
        posted = urlencode({"csrf_token": token, **fields}).encode()
        with browser.open(kaohe.url + fields.pop("to", path), posted) as page:
            return BeautifulSoup(page.read(), "html.parser")

    secret = kaohe.does("sign-in-link").strip().partition("#")[2]
    word = secrets.token_urlsafe(12)
    submitted("/desk/first", link=secret, name="王主持", password=word, password_again=word)
    done = submitted(f"/desk/{meeting_id}/chair", to=f"/desk/{meeting_id}/count")
    assert "开箱完成" in done.text, done.text


def _beside(process: int, ballots: Mapping[str, list[bytes]]) -> int:
    """Of how many ballots the choices stand near the code of their ticket in the memory of a process."""
    found = set()
    for part in _memory(process):
        for code, choices in ballots.items():
            for at in re.finditer(code.encode(), part):
                near = part[max(0, at.start() - BESIDE) : at.end() + BESIDE]
                if any(choice in near for choice in choices):
                    found.add(code)
    return len(found)


def _memory(process: int) -> Iterator[bytes]:
    """Everything that a process has written in its memory, part by part."""
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            place, rights, *_ = line.split()
            start, end = (int(each, 16) for each in place.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                try:
                    yield memory.read(end - start)
                except OSError:
                    # What the kernel keeps for itself.
                    continue


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
