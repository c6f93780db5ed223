"""A screen for tests: listens to the stream of pictures as a browser does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from flask import Flask


@dataclass(frozen=True)
class SeenEvent:
    id: str
    block: str

    @property
    def text(self) -> str:
        return " ".join(BeautifulSoup(self.block, "html.parser").get_text(" ").split())


@dataclass
class Viewer:
    """What one screen has received."""

    events: list[SeenEvent] = field(default_factory=list)
    heard: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> SeenEvent | None:
        return self.events[-1] if self.events else None

    def take(self, chunk: bytes) -> None:
        self.heard += chunk
        lines = chunk.decode().splitlines()
        if "event: stage" in lines:
            event_id = next(line.removeprefix("id: ") for line in lines if line.startswith("id: "))
            block = "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))
            self.events.append(SeenEvent(event_id, block))


@contextmanager
def listening(app: Flask, url: str, *, headers: dict[str, str] | None = None) -> Iterator[Viewer]:
    """A viewer that listens in a thread of its own until the block ends. Heartbeats must be frequent."""
    viewer, gone, answered = Viewer(), threading.Event(), threading.Event()

    def listen() -> None:
        response = app.test_client().get(url, headers=headers, buffered=False)
        viewer.headers = dict(response.headers)
        answered.set()
        for chunk in response.response:
            viewer.take(chunk)
            if gone.is_set():
                break
        response.close()

    thread = threading.Thread(target=listen)
    thread.start()
    assert answered.wait(10)
    try:
        yield viewer
    finally:
        gone.set()
        thread.join(10)
        assert not thread.is_alive()


def wait_until(is_so: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
