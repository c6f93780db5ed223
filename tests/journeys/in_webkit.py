"""The voter's journey in WebKit, the engine of every browser on an iPhone: `make webkit`.

The long form of the journeys: it needs WebKitGTK with its driver and a screen that is none, which a machine that only
runs the tests has not. Driven over plain WebDriver.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from phones import Hall

PATIENCE = 60.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_BROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))


class WebKit:
    """One window of WebKit."""

    def __init__(self, port: int, browser: Path) -> None:
        """Open the window through the driver that listens at ``port``."""
        self._driver = f"http://127.0.0.1:{port}/session"
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        session = self._send("POST", "", wanted)
        self._driver += f"/{session['sessionId']}"
        self._send("POST", "/window/rect", {"width": 390, "height": 800})

    def close(self) -> None:
        self._send("DELETE", "")

    def open(self, url: str) -> None:
        self._send("POST", "/url", {"url": url})

    def url(self) -> str:
        return str(self._send("GET", "/url"))

    def run(self, script: str, *args: object) -> Any:
        return self._send("POST", "/execute/sync", {"script": script, "args": args})

    def see(self, text: str) -> None:
        """Wait until the page shows this text."""
        end = time.monotonic() + PATIENCE
        while text not in self.run("return document.body ? document.body.innerText : ''"):
            assert time.monotonic() < end, (text, self.run("return document.body.innerText"))
            time.sleep(0.1)

    def click(self, selector: str, at: int = 0) -> None:
        """Click as a finger does, once it can be clicked."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self._send("POST", "/elements", {"using": "css selector", "value": selector})
            self.run(
                "document.querySelectorAll(arguments[0])[arguments[1]].scrollIntoView({block: 'center'})", selector, at
            )
            try:
                self._send("POST", f"/element/{found[at][_ELEMENT]}/click", {})
            except (IndexError, urllib.error.HTTPError):
                assert time.monotonic() < end, selector
                time.sleep(0.1)
            else:
                return

    def type(self, selector: str, text: str, at: int = 0) -> None:
        found = self._send("POST", "/elements", {"using": "css selector", "value": selector})
        self._send("POST", f"/element/{found[at][_ELEMENT]}/value", {"text": text})

    def _send(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return json.load(reply)["value"]


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """The name of a screen that nobody looks at."""
    reading, writing = os.pipe()
    program = shutil.which("Xvfb")
    assert program, "no Xvfb on this machine: sh tests/install_system.sh webkit"
    command = [program, "-displayfd", str(writing), "-screen", "0", "500x900x24", "-nolisten", "tcp"]
    running = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    running.terminate()
    running.wait()


@pytest.fixture
def webkit(screen: str, tmp_path: Path) -> Iterator[WebKit]:
    """WebKit with nothing kept from before."""
    program, browser = shutil.which("WebKitWebDriver"), next(iter(_BROWSERS), None)
    assert program, "no WebKitWebDriver on this machine: sh tests/install_system.sh webkit"
    assert browser
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {**os.environ, "DISPLAY": screen, "HOME": str(tmp_path), "GDK_BACKEND": "x11"}
    running = subprocess.Popen([program, f"--port={port}"], env=own)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
    window = WebKit(port, browser)
    yield window
    window.close()
    running.terminate()
    running.wait()


def test_a_ballot_of_grades_is_sealed_and_cast_in_webkit(webkit: WebKit, hall_of: Callable[..., Hall]) -> None:
    hall = hall_of()
    webkit.open(hall.slip())
    webkit.see("票码已读取")
    assert webkit.url() == hall.slip()
    assert webkit.run("return document.documentElement.scrollWidth <= innerWidth")
    for number in (1, 2, 3):
        webkit.click(f"#s{number} .choices label:nth-child(2) span")
    webkit.see("已评 3/4")
    webkit.click("#actions button[type=submit]")
    webkit.see("还没有评完")
    webkit.click("#s4 .choices .abstain span")
    webkit.run("location.reload()")
    webkit.see("填好了，去核对")
    webkit.click("#actions button[type=submit]")
    webkit.see("称职 3 · 弃权 1")
    webkit.run("""const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) { window.posted = body; return send.call(this, body); };""")
    webkit.click("#review .primary")
    webkit.see("您的票已收入票箱")
    assert "&box=" in webkit.run("return window.posted")
    assert webkit.url() == hall.url
    assert hall.cast_count() == 1
    assert sorted(hall.opened().values()) == ["abstain", "competent", "competent", "competent"]
    webkit.run("location.reload()")
    webkit.see("本页已收到一张票")


def test_a_ballot_of_numbers_is_cast_in_webkit(webkit: WebKit, form_of: Callable[..., Hall]) -> None:
    hall = form_of("jiandu-pingshi")
    webkit.open(hall.slip())
    webkit.see("票码已读取")
    for at in range(5):
        webkit.type("#s1 .number > input", "9", at)
    for at in range(5):
        webkit.click("#s2 .number > input + .step", at)
    webkit.see("填好了，去核对")
    webkit.click("#actions button[type=submit]")
    webkit.see("合计 45 分")
    webkit.click("#review .primary")
    webkit.see("您的票已收入票箱")
    assert hall.cast_count() == 1
