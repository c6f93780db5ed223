"""One watcher per meeting polls the database; all screens of the meeting share its pictures."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask, current_app

from kaohe.live.fanout import HEARTBEAT_SECONDS, Channel, Line, encode_event
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.shown_ballots import TURNOUT_STEP_SECONDS
from kaohe.live.snapshots import Snapshot
from kaohe.operations.server.health import wall_warning
from kaohe.storage.change_feed import ChangeListener, supports_notifications
from kaohe.storage.storage_faults import storage_fault_of


class SharedListener:
    """Listens while at least one watcher has joined; never wakes anybody where the database cannot notify."""

    def __init__(self) -> None:
        """Not connected until somebody joins."""
        self._joining = threading.Lock()
        self._wakers: set[Callable[[], None]] = set()
        self._listener: ChangeListener | None = None

    @property
    def is_connected(self) -> bool:
        """Whether every change is heard of at this moment, so that nobody need poll."""
        listener = self._listener
        return listener is not None and listener.is_connected

    def join(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` at every change from now on. Needs an application context."""
        with self._joining:
            self._wakers.add(wake)
            if self._listener is None and supports_notifications():
                self._listener = ChangeListener(self._wake_all)

    def leave(self, wake: Callable[[], None]) -> None:
        """Stop calling ``wake``; idempotent. The last one to leave closes the connection."""
        with self._joining:
            self._wakers.discard(wake)
            if not self._wakers and self._listener is not None:
                self._listener.stop()
                self._listener = None

    def _wake_all(self) -> None:
        for wake in tuple(self._wakers):
            wake()


_LOG = logging.getLogger("kaohe")
_EXTENSION = "kaohe_watches"
_LISTENER = "kaohe_shared_listener"
EVENT_NAME = "stage"
_TROUBLE = "服务器连不上数据库，画面暂时停在这里；恢复后自动继续，已收到的票都在票箱里"
PACE_SECONDS = 1.0
"""The database is asked at most so often for each meeting, however many screens there are."""
QUIET_PACE_SECONDS = 5.0
"""How often it is asked while every change is announced: only a lost notification waits so long."""

Render = Callable[[Snapshot], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A snapshot as every screen gets it."""

    snapshot: Snapshot
    digest: str
    """Names the picture; the same picture has the same digest, whenever and wherever it was taken."""


class Watch:
    """Everything that the screens of one meeting share within this process."""

    def __init__(self, app: Flask, meeting_id: str, render: Render) -> None:
        """A watch without viewers; nothing runs."""
        self._pace_seconds = PACE_SECONDS
        self._quiet_pace_seconds = QUIET_PACE_SECONDS
        self._app = app
        self._meeting_id = meeting_id
        self._render = render
        self._screen = MeetingScreen(meeting_id)
        self._heartbeat_seconds = HEARTBEAT_SECONDS
        self._channel = Channel(HEARTBEAT_SECONDS)
        self._looking = threading.Lock()
        self._picture: Picture | None = None
        self._looked_at = 0.0
        self._counting_viewers = threading.Lock()
        self.viewer_count = 0
        self._watcher: threading.Thread | None = None
        self._listener: SharedListener = app.extensions.setdefault(_LISTENER, SharedListener())
        self._woken = threading.Event()
        self._has_changed = False
        self._quiet_from = 0.0

    def picture(self) -> Picture:
        """The newest picture, not older than ``PACE_SECONDS``. Needs an application context.

        Raises:
            KaoheError: the meeting cannot be shown; see ``MeetingScreen.snapshot``.
        """
        with self._looking:
            if self._picture is None or time.monotonic() - self._looked_at >= self._pace_seconds:
                snapshot = _with_trouble(self._screen.snapshot(), wall_warning())
                self._looked_at = time.monotonic()
                if self._picture is None or self._picture.snapshot != snapshot:
                    self._show(snapshot)
            assert self._picture is not None  # noqa: S101 - set just above; said for the type checker
            return self._picture

    def stream(self, seen: str | None) -> Stream:
        """Server-sent events for one viewer until it disconnects: each picture newer than ``seen``, a digest."""
        return Stream(self, seen)

    @contextmanager
    def viewer(self) -> Iterator[Channel]:
        """The channel of pictures; the meeting is watched as long as anybody views."""
        self._join()
        try:
            yield self._channel
        finally:
            self._leave()

    def _show(self, snapshot: Snapshot) -> None:
        block = self._render(snapshot)
        digest = hashlib.sha256(block.encode()).hexdigest()[:20]
        self._picture = Picture(snapshot, digest)
        self._channel.publish(encode_event(EVENT_NAME, digest, block))

    def _say_trouble(self) -> None:
        """Let the wall say that its picture stands still; the next one that can be taken says so no more."""
        with self._looking, self._app.app_context():
            if self._picture is not None and not self._picture.snapshot.heading.trouble_text:
                self._show(_with_trouble(self._picture.snapshot, _TROUBLE))

    def _join(self) -> None:
        with self._counting_viewers:
            self.viewer_count += 1
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._keep_watch, name=f"stage {self._meeting_id}", daemon=True)
                with self._app.app_context():
                    self._listener.join(self._on_change)
                self._watcher.start()

    def _leave(self) -> None:
        with self._counting_viewers:
            self.viewer_count -= 1
            if self.viewer_count == 0:
                self._woken.set()

    def _on_change(self) -> None:
        # A change held back by a step (收回 moves every two seconds) is announced once, so poll until the step is over.
        self._quiet_from = time.monotonic() + TURNOUT_STEP_SECONDS + self._pace_seconds
        self._has_changed = True
        self._woken.set()

    def _keep_watch(self) -> None:
        beaten_at = time.monotonic()
        while True:
            if time.monotonic() - beaten_at >= self._heartbeat_seconds:
                self._channel.beat()
                beaten_at = time.monotonic()
            try:
                with self._app.app_context():
                    self.picture()
            except Exception as error:  # noqa: BLE001 - the last picture stays on the wall, whatever went wrong
                if storage_fault_of(error) is None:
                    _LOG.warning(
                        "the stage of a meeting could not be refreshed: %s",
                        type(error).__name__,
                        extra={"event": "stage_stands_still"},
                    )
                else:
                    self._say_trouble()
            if not self._rest():
                return

    def _rest(self) -> bool:
        """Wait until the next poll is due; False once there are no viewers."""
        is_quiet = self._listener.is_connected and time.monotonic() >= self._quiet_from
        until = time.monotonic() + (self._quiet_pace_seconds if is_quiet else self._pace_seconds)
        while True:
            self._woken.wait(max(0.0, until - time.monotonic()))
            with self._counting_viewers:
                self._woken.clear()
                if self.viewer_count == 0:
                    self._listener.leave(self._on_change)
                    self._watcher = None
                    return False
            if self._has_changed:
                self._has_changed = False
                until = min(until, self._looked_at + self._pace_seconds)
            if time.monotonic() >= until:
                return True


class Stream:
    """One viewer's events: a body that any WSGI server can send piece by piece.

    A server that serves thousands may give the viewer's connection itself to ``carry`` instead.
    """

    def __init__(self, watch: Watch, seen: str | None) -> None:
        """Nothing is watched until the first piece is asked for."""
        self._watch = watch
        self._seen = seen
        self._pieces = self._listen()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        return self

    def __next__(self) -> bytes:
        """The next piece, as soon as there is one."""
        return next(self._pieces)

    def close(self) -> None:
        """The viewer has disconnected."""
        self._pieces.close()

    def carry(self, line: Line, until_gone: Callable[[], None]) -> None:
        """Push every event to ``line`` until ``until_gone``, which waits for the viewer to disconnect, returns."""
        with self._watch.viewer() as channel:
            channel.join(line, self._seen)
            try:
                until_gone()
            finally:
                channel.leave(line)

    def _listen(self) -> Generator[bytes, None, None]:
        with self._watch.viewer() as channel:
            yield from channel.listen(self._seen)


def screen_count() -> int:
    """How many screens of halls hang on this server."""
    watches: dict[str, Watch] = current_app.extensions.get(_EXTENSION, {})
    return sum(watch.viewer_count for watch in watches.values())


def watch_meeting(meeting_id: str, render: Render) -> Watch:
    """The watch of a meeting, the same one for every request to this process.

    It outlives its viewers, because it remembers what may be counted on the screen.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    watches: dict[str, Watch] = app.extensions.setdefault(_EXTENSION, {})
    # setdefault is one step, so that two first viewers get the same watch.
    return watches.get(meeting_id) or watches.setdefault(meeting_id, Watch(app, meeting_id, render))


def _with_trouble(snapshot: Snapshot, text: str) -> Snapshot:
    return replace(snapshot, heading=replace(snapshot.heading, trouble_text=text)) if text else snapshot
