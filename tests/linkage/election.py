"""One meeting of the game: a real server, voters with known tickets and marks, and somebody who copies every disk."""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from flask import Flask
from linkage.disks import Disks, WalRecorder
from linkage.evidence import FIXED_MARKS, OWN_MARKS, Content, Dump, Evidence, OnTheAir, Played, TicketUsed
from linkage.on_the_air import GRADES, Sealing, recorded
from scene import CHAIR, Scene, draft_meeting, prepare_meeting, version_of

from kaohe.config import Config
from kaohe.domain.ballots import BALLOT_PREFIXES
from kaohe.domain.envelopes import ticket_digest
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count import erasing, opening, stripping
from kaohe.operations.count.challenging import declare_challenges
from kaohe.operations.hall.casting import load_polling
from kaohe.operations.setup.issuing import PrintedTicket, issue_tickets, list_tickets
from kaohe.operations.setup.key import draw_up_key, prove_key
from kaohe.operations.setup.preparing import change_hall, load_meeting, stage_code
from kaohe.operations.setup.relations import divide_by_unit
from kaohe.storage.installation import these_secrets
from kaohe.tally.scheme.scheme import Relation

ROOT = Path(__file__).parents[2]
NO_LEAK = "none"
_MARKER_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PATIENCE_SECONDS = 120
_CHOSEN: set[int] = set()
"""What has been chosen in any meeting of this process. PostgreSQL's log keeps pieces of earlier meetings, and a ballot
of theirs that says the same as one of this meeting would pass for it."""


@dataclass(frozen=True)
class Plan:
    """How one meeting of the game is held."""

    voters: int = 40
    at_once: int = 1
    custody: Custody = Custody.TELLERS
    hall_view: HallView = HallView.TURNOUT
    nonce_from_choices: bool = False
    """Planted: phones that derive their nonce from what was chosen."""
    is_counted: bool = True
    challenges: int = 0
    """How many ballots of their own the tellers announce before the opening."""
    sealing: Sealing | None = None
    """How every second phone seals; all that is said in the hall's network is recorded then."""
    sections: int = 1
    """How many sections grade their own people only, each on a form of its own."""

    @property
    def batch(self) -> int:
        """By how many ballots two pictures of the hall may differ at least."""
        return 10 + self.challenges


@contextmanager
def serving(config: Config, log: Path, leak: str = NO_LEAK) -> Iterator[int]:
    """The port of a running server; ``leak`` plants one in it."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KAOHE_", "PORT"))},
        "KAOHE_DATA": str(config.data),
        "KAOHE_DATABASE_URL": config.database_url,
        "KAOHE_URL": config.public_url,
        "PORT": str(config.port),
        "PYTHONUTF8": "1",
        "PYTHONPATH": str(ROOT),
    }
    program = ["-m", "kaohe"] if leak == NO_LEAK else [str(Path(__file__).with_name("leaky_server.py")), leak]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", *program, "serve"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=ROOT,
        )
    try:
        until = time.monotonic() + _PATIENCE_SECONDS
        while "服务器已启动" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < until, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield config.port
    finally:
        process.kill()
        process.wait()


def hold(app: Flask, plan: Plan, port: int, disks: Disks, chance: random.Random) -> Played:
    """Hold one meeting against the server on ``port`` and collect what lies about."""
    with app.app_context():
        return _Election(plan, port, disks, chance).hold()


class _Election:
    def __init__(self, plan: Plan, port: int, disks: Disks, chance: random.Random) -> None:
        self.plan, self.port, self.disks, self.chance = plan, port, disks, chance
        self.dumps: dict[str, Dump] = {}

    def hold(self) -> Played:
        plan = self.plan
        scene = _divided(plan) if plan.sections > 1 else _whole(plan)
        declare_challenges(CHAIR, scene.meeting_id, plan.challenges)
        codes = list_tickets(scene.meeting_id)
        open_meeting(CHAIR, scene.meeting_id)
        self.chance.shuffle(codes)
        contents = _contents(plan.voters, self.chance)
        pepper = these_secrets().pepper
        round_id = load_polling(scene.meeting_id, "1").style.round_id
        with (
            self._recorded() as air,
            WalRecorder.of(self.disks) as wal,
            _screen(self.port, scene.meeting_id) as stream,
        ):
            forms = {str(key): _form(self.port, scene.meeting_id, str(key)) for key in range(1, plan.sections + 1)}
            half = plan.voters // 2
            ballots = list(zip(codes, contents, range(plan.voters), strict=True))
            tickets = self._post(forms, ballots[:half], pepper)
            self.dumps["voting"] = self._dump(round_id, has_secrets=plan.custody is Custody.TELLERS)
            tickets += self._post(forms, ballots[half:], pepper)
            if plan.hall_view is not HallView.TURNOUT:
                time.sleep(2.5)
            wal.stop()
            close_meeting(CHAIR, scene.meeting_id)
            self.dumps["closed"] = self._dump(round_id, has_secrets=plan.custody is Custody.TELLERS)
            if plan.is_counted:
                self._count(scene.meeting_id, round_id, scene.key_text)
        # The truth is kept apart: what the attackers get is in an order of its own.
        order = sorted(range(plan.voters), key=lambda _: self.chance.random())
        place = {voter: number for number, voter in enumerate(order)}
        by_time = sorted(range(plan.voters), key=lambda voter: tickets[voter].posted_at)
        evidence = Evidence(
            round_id=round_id,
            tickets=tuple(tickets[voter] for voter in by_time),
            contents=tuple(contents[voter] for voter in order),
            dumps=self.dumps,
            wal=tuple(wal.images),
            wal_commits=tuple(wal.commits),
            stream=tuple(stream),
            air=tuple(air),
        )
        return Played(evidence, tuple(place[voter] for voter in by_time), plan.batch)

    @contextmanager
    def _recorded(self) -> Iterator[list[OnTheAir]]:
        if self.plan.sealing is None:
            yield []
            return
        with recorded(self.port) as (self.port, heard):
            yield heard

    def _count(self, meeting_id: str, round_id: str, key_text: str | None) -> None:
        stripping.strip_box(CHAIR, meeting_id)
        self.dumps["stripped"] = self._dump(round_id, has_secrets=self.plan.custody is Custody.TELLERS)
        really_erase = erasing.erase_traces

        def copy_first(*tables: str) -> None:
            # The disk as a power cut at this moment would leave it.
            self.dumps["before_erasing"] = self._dump(round_id, has_secrets=True)
            really_erase(*tables)

        erasing.erase_traces = copy_first
        try:
            opening.count_meeting(CHAIR, meeting_id, key_text)
        finally:
            erasing.erase_traces = really_erase
        self.dumps["opened"] = self._dump(round_id, has_secrets=True)

    def _dump(self, round_id: str, *, has_secrets: bool) -> Dump:
        return self.disks.dump(round_id, has_secrets=has_secrets)

    def _post(
        self, forms: Mapping[str, _Form], ballots: Sequence[tuple[PrintedTicket, Content, int]], pepper: bytes
    ) -> list[TicketUsed]:
        filled = {}
        for ticket, content, number in ballots:
            form = forms[ticket.url.partition("#")[0].rpartition("/")[2]]
            nonce = secrets.token_hex(16)
            if self.plan.nonce_from_choices:
                nonce = hashlib.sha256(content.marks).hexdigest()
            fields = form.filled(content, ticket=ticket.code, nonce=nonce)
            if self.plan.sealing is not None and number % 2:
                _, _, meeting_id, style_key = form.action.split("/")
                marks = [(name, value) for name, value in fields.items() if name.startswith(BALLOT_PREFIXES)]
                sealed = self.plan.sealing(meeting_id, style_key, marks, nonce)
                fields = {"ticket": ticket.code, "round": fields["round"], **sealed}
            filled[number] = form.action, fields

        def one(ballot: tuple[PrintedTicket, Content, int]) -> TicketUsed:
            ticket, _, number = ballot
            action, fields = filled[number]
            address = f"127.77.{number // 200}.{number % 200 + 1}"
            if self.plan.sealing is not None:
                # What a phone asks for before it votes; of those that seal the last as well.
                for path in (action, f"{action}/seal.js")[: 1 + number % 2]:
                    self._ask(address, "GET", path)
            posted_at = time.time()
            self._ask(address, "POST", action, fields)
            return TicketUsed(ticket_digest(pepper, ticket.code), address, posted_at)

        if self.plan.at_once == 1:
            return [one(ballot) for ballot in ballots]
        with ThreadPoolExecutor(self.plan.at_once) as hall:
            return list(hall.map(one, ballots))

    def _ask(self, address: str, method: str, path: str, fields: Mapping[str, str] | None = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, 60, source_address=(address, 0))
        body = None if fields is None else urlencode(fields)
        connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        reply = connection.getresponse()
        said = reply.read()
        connection.close()
        assert reply.status == 200, said.decode()


@dataclass(frozen=True)
class _Form:
    """The form that every phone gets, or every phone of a section."""

    action: str
    hidden: dict[str, str]
    items: tuple[str, ...]
    comments: tuple[str, ...]

    def filled(self, content: Content, *, ticket: str, nonce: str) -> dict[str, str]:
        marks = {item: GRADES[mark] for item, mark in zip(self.items, content.marks, strict=True)}
        comment = {self.comments[content.marks[-1]]: content.comment}
        return {**self.hidden, **marks, **comment, "ticket": ticket, "nonce": nonce}


def _whole(plan: Plan) -> Scene:
    return prepare_meeting(
        names=tuple(f"对象{number}" for number in range(len(FIXED_MARKS) + OWN_MARKS)),
        groups=(Group("all", "全体", Fraction(1), plan.voters),),
        hall_view=plan.hall_view,
        custody=plan.custody,
        comments_wanted=True,
    )


def _divided(plan: Plan) -> Scene:
    """As many people on the form of each section as on the one form of an undivided meeting; equal sections."""
    sections = [f"{number}科" for number in range(1, plan.sections + 1)]
    people = range(len(FIXED_MARKS) + OWN_MARKS)
    subjects = [SubjectEntry(f"{section}对象{number}", section) for section in sections for number in people]
    meeting_id = draft_meeting("si-deng", subjects, comments_wanted=True)
    each = plan.voters // plan.sections
    divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), "all", Relation.OWN_UNIT, each)
    change_hall(
        CHAIR,
        meeting_id,
        version_of(meeting_id),
        hall_view=plan.hall_view,
        custody=plan.custody,
        shared_group=None,
        ballot_list_wanted=False,
    )
    for group in load_meeting(meeting_id)[0].groups:
        issue_tickets(CHAIR, meeting_id, group.key, each, 0)
    key_text = draw_up_key(CHAIR, meeting_id)
    prove_key(CHAIR, meeting_id, key_text)
    return Scene(meeting_id, {}, key_text)


def _form(port: int, meeting_id: str, style_key: str) -> _Form:
    connection = http.client.HTTPConnection("127.0.0.1", port, 60)
    connection.request("GET", f"/v/{meeting_id}/{style_key}")
    page = BeautifulSoup(connection.getresponse().read(), "html.parser")
    connection.close()
    (form,) = page.select("form")
    return _Form(
        action=str(form.get("action") or f"/v/{meeting_id}/{style_key}"),
        hidden={str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")},
        items=tuple(dict.fromkeys(str(radio["name"]) for radio in form.select("input[type=radio]"))),
        comments=tuple(str(field["name"]) for field in form.select("textarea")),
    )


def _contents(count: int, chance: random.Random) -> list[Content]:
    """Ballots no two of which are alike, also in different meetings, with comments of different lengths."""
    own: list[int] = []
    while len(own) < count:
        number = chance.randrange(4**OWN_MARKS)
        if number not in _CHOSEN:
            _CHOSEN.add(number)
            own.append(number)
    lengths = chance.sample(range(250), count) if count <= 250 else [chance.randrange(250) for _ in range(count)]
    contents = []
    for number, length in zip(own, lengths, strict=True):
        marks = bytes(number // 4**place % 4 for place in range(OWN_MARKS))
        marker = "MK" + "".join(chance.choices(_MARKER_LETTERS, k=10))
        contents.append(Content(FIXED_MARKS + marks, marker + "好" * length))
    return contents


@contextmanager
def _screen(port: int, meeting_id: str) -> Iterator[list[tuple[float, bytes]]]:
    """A projector that notes when each picture came."""
    heard: list[tuple[float, bytes]] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, 60)
    connection.request("GET", f"/stage/{meeting_id}/{stage_code(meeting_id)}/live")
    reply = connection.getresponse()
    gone = threading.Event()

    def listen() -> None:
        block = b""
        while not gone.is_set():
            try:
                line = reply.readline()
            except (OSError, AttributeError, ValueError):
                return
            if not line:
                return
            block += line
            if line == b"\n":
                heard.append((time.time(), block))
                block = b""

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        gone.set()
        if connection.sock is not None:
            connection.sock.close()


def with_port(config: Config, port: int) -> Config:
    return replace(config, port=port, public_url=f"http://127.0.0.1:{port}")
