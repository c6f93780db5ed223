"""One watcher serves all screens of a meeting, and only while there are any."""

from __future__ import annotations

import threading

import pytest
from scene import CHAIR, cast, hold_meeting
from stage_viewer import listening, wait_until

from kaohe.live.watching import watch_meeting
from kaohe.operations.chair.voting import close_meeting, pause_meeting
from kaohe.operations.setup.preparing import stage_code
from kaohe.storage.tables import db


@pytest.fixture
def scene(app):
    with app.app_context():
        yield hold_meeting()


@pytest.fixture
def url(scene):
    return f"/stage/{scene.meeting_id}/{stage_code(scene.meeting_id)}/live"


def watchers(scene) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"stage {scene.meeting_id}"]


def test_the_watcher_starts_with_the_first_screen_and_ends_with_the_last(app, scene, url):
    assert watchers(scene) == []
    with listening(app, url) as one:
        wait_until(lambda: one.newest)
        assert len(watchers(scene)) == 1
        with listening(app, url) as other:
            wait_until(lambda: other.newest)
            assert len(watchers(scene)) == 1
        assert len(watchers(scene)) == 1
    wait_until(lambda: watchers(scene) == [])
    with listening(app, url) as again:
        wait_until(lambda: again.newest)
    wait_until(lambda: watchers(scene) == [])


def test_twenty_screens_all_get_the_newest_picture(app, scene, url):
    streams = [listening(app, url) for _ in range(20)]
    viewers = [stream.__enter__() for stream in streams]
    try:
        for code in scene.all_codes:
            cast(scene.meeting_id, code, "excellent")
        close_meeting(CHAIR, scene.meeting_id)
        for viewer in viewers:
            wait_until(lambda viewer=viewer: viewer.newest and "投票已结束" in viewer.newest.text)
        assert len({viewer.newest for viewer in viewers}) == 1
        assert "收回 12" in viewers[0].newest.text
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_an_unchanged_meeting_sends_nothing_but_heartbeats(app, scene, url):
    with listening(app, url) as viewer:
        wait_until(lambda: viewer.heard.count(b": still here") >= 5)
        assert len(viewer.events) == 1


def test_a_screen_that_comes_back_is_not_sent_what_it_has(app, scene, url):
    with listening(app, url) as first:
        wait_until(lambda: first.newest)
    with listening(app, url, headers={"Last-Event-ID": first.newest.id}) as second:
        wait_until(lambda: second.heard.count(b": still here") >= 3)
        assert second.events == []
        pause_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: second.newest)
        assert "暂停" in second.newest.text
    with listening(app, f"{url}?seen={second.newest.id}") as third:
        wait_until(lambda: third.heard.count(b": still here") >= 3)
        assert third.events == []


def test_waiting_screens_hold_no_database_connection(app, scene, url):
    with listening(app, url) as viewer:
        wait_until(lambda: viewer.heard.count(b": still here") >= 2)
        wait_until(lambda: db.engine.pool.checkedout() == 0)  # type: ignore[attr-defined] # of the pools that lend connections


def test_a_fault_leaves_the_last_picture_on_the_wall_and_the_watcher_running(app, scene, url, caplog):
    calls: list[str] = []

    def render(snapshot) -> str:
        calls.append(snapshot.state_text)
        if "暂停" in snapshot.state_text:
            raise RuntimeError
        return f"<p>{snapshot.state_text}</p>"

    watch_meeting(scene.meeting_id, render)
    with listening(app, url) as viewer:
        wait_until(lambda: viewer.newest)
        pause_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: len(calls) >= 3)
        assert len(viewer.events) == 1
        close_meeting(CHAIR, scene.meeting_id)
        wait_until(lambda: "已结束" in viewer.newest.text)
    assert "RuntimeError" in caplog.text
    wait_until(lambda: f"stage {scene.meeting_id}" not in {thread.name for thread in threading.enumerate()})


def test_every_request_gets_the_same_watch(app, scene):
    render = str
    assert watch_meeting(scene.meeting_id, render) is watch_meeting(scene.meeting_id, render)
