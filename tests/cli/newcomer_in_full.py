"""A newcomer follows 部署手册 line by line to two servers behind a proxy; a meeting is held, and one server dies.

The lines are the document's own. What this machine decides takes another place: folders, ports, the name, and the
PostgreSQL, which is one of the tests' own; role and database are made in it as the guide says. ``make ways`` runs it;
it needs nginx and a package index.
"""

from __future__ import annotations

import http.client
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from certificates import write_certificate
from databases import PostgreSQLServer
from processes import ROOT, TWO_SUBJECTS

from bench.hall import free_port

NAME = "kaohe.example.cn"
GIVEN = "apt-get"
"""What begins the line that brings PostgreSQL and nginx, which are here."""


def lines_of_the_guide() -> list[str]:
    guide = (ROOT / "docs" / "deployment.zh-CN.md").read_text(encoding="utf-8")
    section = guide.split("\n### 不用容器\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip() for line in section.splitlines() if line.startswith("    ")]


@dataclass(frozen=True)
class Installed:
    """What the newcomer has got."""

    folder: Path
    port: int
    environment: dict[str, str]

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """A reply through the proxy, as a phone gets it that knows the name."""
        context = ssl.create_default_context(cafile=str(self.folder / "kaohe.pem"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), 30), server_hostname=NAME
        )
        body = urlencode(fields) if fields else None
        headers = {"Host": NAME} | ({"Content-Type": "application/x-www-form-urlencoded"} if fields else {})
        connection.request("POST" if fields else "GET", path, body, headers)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply.status, text

    def kaohe(self, *arguments: str) -> str:
        program = str(self.folder / "opt" / "bin" / "kaohe")
        return subprocess.run(
            [program, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout

    def vote(self, meeting_id: str, code: str) -> int:
        page = BeautifulSoup(self.ask(f"/v/{meeting_id}/1")[1], "html.parser")
        fields = {str(each["name"]): str(each.get("value", "")) for each in page.select("form input[type=hidden]")}
        fields |= {str(each["name"]): "excellent" for each in page.select("form input[type=radio]")}
        return self.ask(f"/v/{meeting_id}/1", {**fields, "ticket": code, "nonce": secrets.token_urlsafe(16)})[0]


def _in_place(line: str, places: dict[str, str]) -> str:
    for written, meant in places.items():
        line = line.replace(written, meant)
    return line


@pytest.fixture
def installed(tmp_path: Path, postgresql: PostgreSQLServer) -> Iterator[Installed]:
    chain, key = write_certificate(tmp_path, NAME)
    chain.rename(tmp_path / "kaohe.pem")
    key.rename(tmp_path / "kaohe.key")
    first, second, secure, plain = (free_port() for _ in range(4))
    (tmp_path / "ssl").mkdir()
    as_postgres = f"env PGHOST={postgresql.folder} PGUSER=postgres {postgresql.binaries}/"
    conf, told = f"{tmp_path}/nginx.conf", f"pid {tmp_path}/nginx.pid;"
    here = f"s|/etc/ssl/|{tmp_path}/ssl/|; /\\[::\\]/d; s/listen 443/listen {secure}/; s/listen 80;/listen {plain};/"
    places = {
        "python3 ": f"{sys.executable} ",
        "/opt/kaohe": f"{tmp_path}/opt",
        "/srv/kaohe": f"{tmp_path}/data",
        "/etc/ssl/": f"{tmp_path}/ssl/",
        "/etc/nginx/": f"{tmp_path}/",
        "kaohe.pem kaohe.key": f"{tmp_path}/kaohe.pem {tmp_path}/kaohe.key",
        # It asks for the password twice, here on its input, as there is no terminal.
        "runuser -u postgres -- createuser": f"printf '口令\\n口令\\n' | {as_postgres}createuser",
        "runuser -u postgres -- ": as_postgres,
        "@127.0.0.1/kaohe": f"@/kaohe?host={postgresql.folder}",
        "8001": str(first),
        "8002": str(second),
        "nginx -t": f"sed -i '{here}' {conf}; nginx -t -c {conf} -g '{told}'",
        "nginx -s reload": f"nginx -c {conf} -g '{told}'",
        f"curl https://{NAME}": f"curl --silent --show-error --retry 60 --retry-delay 1 --retry-all-errors --fail"
        f" --cacert {tmp_path}/kaohe.pem --connect-to {NAME}:443:127.0.0.1:{secure} https://{NAME}",
    }
    script = [_in_place(line, places) for line in lines_of_the_guide() if not line.startswith(GIVEN)]
    (tmp_path / "newcomer.sh").write_text("set -e\n" + "\n".join(script) + "\nwait\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAOHE_", "PYTHONPATH"))}
    log = (tmp_path / "newcomer.log").open("w+")
    running = subprocess.Popen(
        ["bash", str(tmp_path / "newcomer.sh")], cwd=ROOT, env=kept, stdout=log, stderr=log, start_new_session=True
    )
    exported = dict(
        pair.split("=", 1)
        for line in script
        if line.startswith("export ")
        for pair in line.removeprefix("export ").replace("'", "").split(" ")
    )
    try:
        until = time.monotonic() + 900
        while "/desk/first#" not in (tmp_path / "newcomer.log").read_text():
            assert running.poll() is None, (tmp_path / "newcomer.log").read_text()
            assert time.monotonic() < until, (tmp_path / "newcomer.log").read_text()
            time.sleep(0.5)
        yield Installed(tmp_path, secure, {**kept, **exported, "PYTHONUTF8": "1"})
    finally:
        pid = tmp_path / "nginx.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(60)
        log.close()


def test_a_newcomer_who_follows_the_guide_gets_two_servers_behind_a_proxy(installed: Installed) -> None:
    said = (installed.folder / "newcomer.log").read_text(encoding="utf-8")
    assert re.search(r"^ok$", said, re.MULTILINE)
    assert f"https://{NAME}/desk/first#" in said
    assert installed.ask("/ready") == (200, "ok\n")

    (installed.folder / "meeting.toml").write_text(TWO_SUBJECTS, encoding="utf-8")
    meeting_id = installed.kaohe("meeting", "create", "meeting.toml").strip()
    codes = [line.split(",")[1] for line in installed.kaohe("tickets", meeting_id, "--csv").splitlines()[1:]]
    installed.kaohe("meeting", "open", meeting_id)
    assert installed.vote(meeting_id, codes[0]) == 200

    listed = subprocess.run(
        ["pgrep", "-f", f"{installed.folder}/opt/bin/kaohe serve"], capture_output=True, text=True, check=True
    )
    servers = [int(pid) for pid in listed.stdout.split()]
    assert len(servers) == 2
    os.kill(servers[0], signal.SIGKILL)
    assert [installed.vote(meeting_id, code) for code in codes[1:4]] == [200, 200, 200]
    assert "收回 4 张" in installed.kaohe("meeting", "close", meeting_id)
