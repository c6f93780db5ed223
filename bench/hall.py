"""A hall for measuring: a meeting with its tickets on a data folder of its own, and a server as users start it."""

from __future__ import annotations

import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, urlencode

from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import BallotReader
from kaohe.domain.envelopes import envelope_tag, retry_digest
from kaohe.domain.meetings import Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.sealing import Sealer
from kaohe.factory import create_app
from kaohe.operations.chair import voting
from kaohe.operations.hall.open_rounds import open_round
from kaohe.operations.setup import issuing, preparing
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database

ROOT = Path(__file__).resolve().parent.parent
ACTOR = "测量"
GRADES = ("excellent", "competent", "basically_competent", "incompetent")
_PATIENCE_SECONDS = 180
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Hall:
    """One open meeting in a data folder."""

    data: Path
    meeting_id: str
    stage_code: str
    codes: tuple[str, ...]
    subject_keys: tuple[str, ...]
    dimension_keys: tuple[str, ...]
    reader: BallotReader
    sealer: Sealer

    @property
    def path(self) -> str:
        """Where phones get and cast their ballots."""
        return f"/v/{self.meeting_id}/1"

    def body(self, ticket: str, nonce: str) -> bytes:
        """What a phone posts that does not seal: every item with a grade of its own choice."""
        fields = {"ticket": ticket, "nonce": nonce, "round": "1", **self._marks()}
        return urlencode(fields, quote_via=quote).encode()

    def sealed_body(self, ticket: str, nonce: str) -> bytes:
        """What a phone's script posts: such a ballot, sealed for the round."""
        binding, retry = self.sealer.binding, retry_digest(self.sealer.binding.round_id, nonce)
        tag = envelope_tag(binding.round_id, nonce)
        box = self.sealer.seal(self.reader.read(list(self._marks().items())), tag)
        fields = {
            "ticket": ticket,
            "round": "1",
            "form": binding.form_digest,
            "key": binding.key_id,
            "tag": tag.hex(),
            "retry": retry.hex(),
            "box": urlsafe_b64encode(box).decode().rstrip("="),
        }
        return urlencode(fields).encode()

    def _marks(self) -> dict[str, str]:
        choices = secrets.token_bytes(len(self.subject_keys) * len(self.dimension_keys))
        names = (f"i.{s}.{d}" for s in self.subject_keys for d in self.dimension_keys)
        return {name: GRADES[byte % len(GRADES)] for name, byte in zip(names, choices, strict=True)}


def open_hall(
    data: Path,
    *,
    voters: int,
    subjects: int = 30,
    preset: str = "si-deng",
    drawable: int = 0,
    database_url: str = "",
) -> Hall:
    """Make a meeting through the operations and open it. The folder may not hold a database yet.

    So many tickets more as ``drawable`` says can be drawn by the shared code. The database is SQLite in the folder
    unless ``database_url`` names another.
    """
    (hall,) = open_halls(
        data, 1, voters=voters, subjects=subjects, preset=preset, drawable=drawable, database_url=database_url
    )
    return hall


def open_halls(
    data: Path,
    count: int,
    *,
    voters: int,
    subjects: int = 30,
    preset: str = "si-deng",
    drawable: int = 0,
    database_url: str = "",
) -> list[Hall]:
    """As many meetings, all open at once in one database. The folder may not hold one yet."""
    app = create_app(Config(data, database_url or sqlite_url(data), public_url="http://127.0.0.1"))
    with app.app_context():
        migrate_database()
        halls = [_open_hall(data, voters, subjects, preset, drawable) for _ in range(count)]
        close_database()
    return halls


def _open_hall(data: Path, voters: int, subjects: int, preset: str, drawable: int) -> Hall:
    meeting_id = preparing.create_meeting(ACTOR, title="年度测评会", unit="测量", held_on=None, preset_id=preset)
    entries = [SubjectEntry(f"对象{number}", "", "") for number in range(1, subjects + 1)]
    change_subjects(ACTOR, meeting_id, _version(meeting_id), entries)
    change_groups(ACTOR, meeting_id, _version(meeting_id), (Group("all", "全体", Fraction(1), max(voters, drawable)),))
    setup = preparing.load_meeting(meeting_id)[0]
    preparing.change_hall(
        ACTOR,
        meeting_id,
        setup.version,
        hall_view=HallView.TURNOUT,
        custody=setup.custody,
        shared_group="all" if drawable else None,
        ballot_list_wanted=False,
    )
    issuing.issue_tickets(ACTOR, meeting_id, "all", voters, 0)
    codes = tuple(ticket.code for ticket in issuing.list_tickets(meeting_id))
    voting.open_meeting(ACTOR, meeting_id)
    opened = open_round(meeting_id, "1")
    assert opened is not None
    return Hall(
        data,
        meeting_id,
        preparing.stage_code(meeting_id),
        codes,
        tuple(subject.key for subject in setup.subjects),
        tuple(dimension.key for dimension in setup.scheme.dimensions),
        opened.reader,
        opened.sealer,
    )


def _version(meeting_id: str) -> int:
    return preparing.load_meeting(meeting_id)[0].version


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    started: float = field(default_factory=time.monotonic)

    def memory_kb(self) -> int:
        """How much memory the process holds now (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def cpu_seconds(self) -> float:
        """How long the process has computed, in user and system mode."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    arguments: Sequence[str], data: Path, *, answers: str = "/health", port: int | None = None
) -> Iterator[Running]:
    """Run ``python <arguments>`` with a free PORT until the block ends; begins once ``answers`` is answered."""
    port = port or free_port()
    environment = {
        **os.environ,
        "KAOHE_DATA": str(data),
        "PORT": str(port),
        "KAOHE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(ROOT),
    }
    log = data / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT
        )
    running = Running(process, port, log)
    try:
        wait_until_answered(running, answers)
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answered(running: Running, path: str) -> None:
    """Return once the server answers there.

    Raises:
        RuntimeError: it ended, or is silent for three minutes.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if running.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the server does not answer: {running.log.read_text(errors='replace')}")


def free_port() -> int:
    """A port of the loopback address that nobody uses, below those that the system gives to outgoing connections."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def allow_many_files() -> int:
    """As many open files as the system gives to this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def new_nonce() -> str:
    """What a phone makes once for its ballot."""
    return secrets.token_hex(16)


@contextmanager
def new_hall(voters: int, subjects: int = 30, preset: str = "si-deng") -> Iterator[Hall]:
    """An open meeting in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        yield open_hall(Path(folder), voters=voters, subjects=subjects, preset=preset)
