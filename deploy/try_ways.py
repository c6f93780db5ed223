"""Holds a small meeting in each way in which kaohe is installed, as somebody would who has nothing but its source.

From a wheel that ``pip`` installs into an environment, and from ``make run``; each in a folder with a blank and Chinese
in its name, without git, and, where root runs this, as an ordinary user. Needs a package index, and the standard
library alone: ``make ways``.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_CARRIED = ("kaohe", "templates", "static", "migrations", "docs", "deploy")
_FILES = ("Makefile", "pyproject.toml", "requirements.lock", "README.md", "LICENSE")
_NOBODY = 65534
_MEETING = """
title = "年度民主测评会"
preset = "si-deng"
subjects = ["张伟", "李娜"]
[[groups]]
label = "全体"
entitled = 3
"""
_PATIENCE_SECONDS = 600
_browser = urllib.request.build_opener()


@dataclass(frozen=True)
class Way:
    """A source folder without git, and a user who may do nothing elsewhere."""

    folder: Path
    port: int
    python: str

    def run(self, *command: str) -> str:
        """What a command prints; anything but success ends all of it."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
            timeout=_PATIENCE_SECONDS, **_ordinary(),
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[str]:
        """A server whose words are read as it says them."""
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
            **_ordinary(),
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this shell but the way to a package index."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
        home = self.folder.parent
        return {
            **kept,
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "PORT": str(self.port),
            "KAOHE_URL": f"http://127.0.0.1:{self.port}",
            "KAOHE_DISK_FLOOR_MB": "1",
        }


def main() -> int:
    """0 where a meeting was held in both ways."""
    for name, install in (("wheel", _from_wheel), ("make", _from_make)):
        with tempfile.TemporaryDirectory(prefix="kaohe-ways-") as scratch:
            began = time.monotonic()
            way = _unpacked(Path(scratch))
            program, server = install(way)
            seconds = time.monotonic() - began
            try:
                _hold(way, program)
            finally:
                os.killpg(server.pid, signal.SIGINT)
                server.wait(60)
            print(f"{name}: started after {seconds:.0f} s; a meeting was held, counted and filed", flush=True)
    return 0


def _unpacked(scratch: Path) -> Way:
    folder = scratch / "我的 文档" / "考核"
    folder.mkdir(parents=True)
    for name in _CARRIED:
        shutil.copytree(_ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy2(_ROOT / name, folder / name)
    if os.geteuid() == 0:
        scratch.chmod(0o755)
        for path in (scratch, *scratch.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        # Root's own interpreter may lie where nobody else may look.
        return Way(folder, probe.getsockname()[1], "/usr/bin/python3" if os.geteuid() == 0 else sys.executable)


def _from_wheel(way: Way) -> tuple[str, subprocess.Popen[str]]:
    way.run(way.python, "-m", "venv", "../environment")
    pip = ("../environment/bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    way.run(*pip, "wheel", "--no-deps", "--wheel-dir", "..", ".")
    (wheel,) = way.folder.parent.glob("kaohe-*.whl")
    way.run(*pip, "install", str(wheel))
    # From here on nothing of the source is there.
    shutil.rmtree(way.folder)
    way.folder.mkdir()
    if os.geteuid() == 0:
        os.chown(way.folder, _NOBODY, _NOBODY)
    program = "../environment/bin/kaohe"
    return program, _listening(way.start(program, "serve"))


def _from_make(way: Way) -> tuple[str, subprocess.Popen[str]]:
    return ".venv/bin/kaohe", _listening(way.start("make", "run", f"PYTHON={way.python}"))


def _listening(server: subprocess.Popen[str]) -> subprocess.Popen[str]:
    said = []
    for line in server.stdout or ():
        said.append(line)
        if "服务器已启动" in line:
            return server
    sys.exit(f"it did not start:\n{''.join(said)}")


def _hold(way: Way, program: str) -> None:
    """A meeting from its file to its sheets: two of three people vote, and the sheets are there."""
    file = way.folder / "会议.toml"
    file.write_text(_MEETING, encoding="utf-8")
    meeting_id = way.run(program, "meeting", "create", file.name).strip()
    codes = [line.split(",")[1] for line in way.run(program, "tickets", meeting_id, "--csv").splitlines()[1:]]
    way.run(program, "meeting", "open", meeting_id)
    for code in codes[:2]:
        _vote(f"http://127.0.0.1:{way.port}/v/{meeting_id}/1", code)
    way.run(program, "meeting", "numbers", meeting_id, "--group", "全体", "--present", "3")
    for act in ("close", "count", "publish"):
        way.run(program, "meeting", act, meeting_id)
    filed = way.run(program, "documents", meeting_id, "--out", "归档").splitlines()
    if not {".xlsx", ".docx"} <= {Path(name).suffix for name in filed}:
        sys.exit(f"no sheets: {filed}")


class _Form(HTMLParser):
    """The hidden fields of a page and the names of what is chosen on it."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name")
        if tag == "input" and name and found.get("type") == "hidden":
            self.fields[name] = found.get("value") or ""
        elif tag == "input" and name and found.get("type") == "radio":
            self.fields[name] = "excellent"


def _vote(address: str, code: str) -> None:
    form = _Form()
    form.feed(_browser.open(address, timeout=60).read().decode())
    fields = {**form.fields, "ticket": code, "nonce": secrets.token_urlsafe(16)}
    page = _browser.open(address, urllib.parse.urlencode(fields).encode(), timeout=60).read().decode()
    if not re.search("data-receipt", page):
        sys.exit("a ballot got no receipt")


def _ordinary() -> dict[str, object]:
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


if __name__ == "__main__":
    sys.exit(main())
