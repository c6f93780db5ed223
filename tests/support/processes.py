"""kaohe as a script meets it: real processes on a data folder of their own, and a client with nothing but HTTP."""

from __future__ import annotations

import io
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup

from bench.hall import free_port
from kaohe.cli import main

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 180
_PLANTED = """
from gevent import monkey
monkey.patch_all()
{plant}
from kaohe.cli import main
main()
"""
TWO_SUBJECTS = """
title = "年度民主测评会"
preset = "si-deng"
subjects = ["张伟", "李娜"]
[[groups]]
label = "全体"
entitled = 5
"""


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Reply:
    """What the server answered to a plain client."""

    status: int
    soup: BeautifulSoup

    @property
    def receipt(self) -> str:
        return str(self.soup.select_one("[data-receipt]")["data-receipt"])

    @property
    def error(self) -> str:
        return str(self.soup.select_one("[data-error]")["data-error"])


@dataclass(frozen=True)
class Kaohe:
    """One installation: a data folder and a port."""

    data: Path
    port: int
    is_apart: bool = False
    database_url: str = ""
    """Another database than the one in the data folder, where there is one."""
    public_url: str = ""
    """What people type where that is not the server itself, but a proxy before it."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the environment."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def apart(self) -> Kaohe:
        """The same installation, each command in a process of its own, as a shell starts it."""
        return replace(self, is_apart=True)

    def run(self, *arguments: str, typed: str = "", **environment: str) -> Answer:
        """Any outcome of ``kaohe …``."""
        run = _run_apart if self.is_apart else _run_here
        answer = run(arguments, typed, self._environment(environment))
        assert "Traceback" not in answer.err, answer.err
        return answer

    def does(self, *arguments: str, typed: str = "", **environment: str) -> str:
        """What ``kaohe …`` prints when it does what it was asked."""
        answer = self.run(*arguments, typed=typed, **environment)
        assert answer.code == 0, answer.err
        return answer.out

    def refuses(self, *arguments: str, typed: str = "", **environment: str) -> str:
        """The one sentence with which ``kaohe …`` refuses."""
        answer = self.run(*arguments, typed=typed, **environment)
        assert answer.code == 2, answer
        lines = answer.err.splitlines()
        assert len(lines) == 1
        assert lines[0].startswith("错误：")
        assert lines[0].endswith("。")
        return lines[0].removeprefix("错误：")

    @contextmanager
    def serving(self, *arguments: str, plant: str = "") -> Iterator[Server]:
        """A running ``kaohe serve``, stopped by force if the test has not stopped it.

        ``plant`` is code that runs in it before it begins: a bug to be found, or another pace.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        serve = ("serve", *arguments)
        log = self.data.parent / f"server-{secrets.token_hex(4)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-u", *(("-c", _PLANTED.format(plant=plant)) if plant else ("-m", "kaohe")), *serve],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment({}),
                cwd=ROOT,
            )
        try:
            self._wait_for(process, log)
            yield Server(process, log)
        finally:
            process.kill()
            process.wait()

    def meeting(self, text: str, **files: bytes) -> str:
        """The id of a meeting made from a file with this text."""
        path = self.data.parent / "meeting.toml"
        path.write_text(text, encoding="utf-8")
        for name, content in files.items():
            (path.parent / name.replace("_", ".")).write_bytes(content)
        return self.does("meeting", "create", str(path)).strip()

    def tickets(self, meeting_id: str) -> dict[str, list[str]]:
        """The codes of a meeting's tickets by group, from the CSV."""
        codes: dict[str, list[str]] = {}
        header, *lines = self.does("tickets", meeting_id, "--csv").splitlines()
        assert header == "票种,票码,网址"
        for line in lines:
            group, code, _url = line.split(",")
            codes.setdefault(group, []).append(code)
        return codes

    def show(self, meeting_id: str) -> Any:
        return json.loads(self.does("meeting", "show", meeting_id, "--json"))

    def vote(self, meeting_id: str, ticket: str, *grades: str, nonce: str | None = None) -> Reply:
        """Get the page, fill its one form and post it: one grade for every item, or a grade for each."""
        page = self.get(f"/v/{meeting_id}/1")
        (form,) = page.soup.select("form")
        fields = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
        items = list(dict.fromkeys(radio["name"] for radio in form.select("input[type=radio]")))
        marks = dict(zip(items, grades if len(grades) > 1 else list(grades) * len(items), strict=True))
        filled = {**fields, **marks, "ticket": ticket, "nonce": nonce or secrets.token_urlsafe(16)}
        return self.post(urljoin(f"/v/{meeting_id}/1", form["action"]), filled)

    def get(self, path: str) -> Reply:
        return _ask(urllib.request.Request(self.url + path))

    def post(self, path: str, fields: Mapping[str, str]) -> Reply:
        return _ask(urllib.request.Request(self.url + path, urlencode(fields).encode()))

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAOHE_", "PORT"))}
        own = {
            "KAOHE_DATA": str(self.data),
            "PORT": str(self.port),
            "KAOHE_URL": self.public_url or self.url,
            "PYTHONUTF8": "1",
        }
        if self.database_url:
            own["KAOHE_DATABASE_URL"] = self.database_url
        return {**kept, **own, **self.settings, **more}

    def _wait_for(self, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until and process.poll() is None:
            if "服务器已启动" in log.read_text(encoding="utf-8"):
                return
            time.sleep(0.05)
        raise AssertionError(log.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Server:
    """A ``kaohe serve`` that is running."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        self.ask_to_stop()
        return self.process.wait(_PATIENCE_SECONDS)


def _run_apart(arguments: Sequence[str], typed: str, environment: Mapping[str, str]) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "kaohe", *arguments],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=ROOT,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def _run_here(arguments: Sequence[str], typed: str, environment: Mapping[str, str]) -> Answer:
    """The same without a new process, which takes a second to load everything."""
    assert arguments[:1] != ("serve",), "the server changes the standard library of its process"
    here = sys.argv, sys.stdin, sys.stdout, sys.stderr, dict(os.environ)
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    sys.argv, sys.stdin, sys.stdout, sys.stderr = ["kaohe", *arguments], io.StringIO(typed), out, err
    os.environ.clear()
    os.environ.update(environment)
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = here[:4]
        os.environ.clear()
        os.environ.update(here[4])
    out.flush()
    err.flush()
    return Answer(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())


def _ask(request: urllib.request.Request) -> Reply:
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as reply:
            return Reply(reply.status, BeautifulSoup(reply.read(), "html.parser"))
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, BeautifulSoup(error.read(), "html.parser"))


class ServerAround:
    """The server in a process of its own, around a small application that says ``listening`` when it is there."""

    def __init__(self, application: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", application, str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listening\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
