"""How long one picture of a hundred people keeps a slow machine under the wall from moving anything."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from phones import Hall
from playwright.sync_api import CDPSession, Page, expect
from scene import cast

from kaohe.domain.meetings import HallView
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next, show_scene
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.preparing import stage_code

SLOWED = 4
LIMIT_MS = 50
"""From there on people see a stutter."""
MARGIN = 1.5
"""A processor is not equally fast twice, and one picture in five may be unlucky."""
UNLUCKY = 4
REFERENCE_MS = 40
"""How long ``REFERENCE`` takes where the limit was set."""
REFERENCE = """() => {
    const rows = '<li class="row"><p><strong>name</strong></p><p>1</p></li>'.repeat(1500);
    return new DOMParser().parseFromString(rows, "text/html").isEqualNode(document);
}"""
COME_TO_REST = "() => Promise.all(document.getAnimations().map(one => one.finished))"


class Trace:
    """What the processor, slowed, does for a page; times are its own, so that nothing beside the page counts."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._events: list[dict[str, Any]] = []
        self._is_complete = False
        self._browser: CDPSession = page.context.new_cdp_session(page)
        self._browser.on("Tracing.dataCollected", lambda part: self._events.extend(part["value"]))
        self._browser.on("Tracing.tracingComplete", self._complete)

    def _complete(self, _: object) -> None:
        self._is_complete = True

    def begin(self) -> None:
        self._events.clear()
        self._is_complete = False
        self._browser.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        categories = {"includedCategories": ["toplevel", "devtools.timeline"]}
        self._browser.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": categories})

    def longest_ms(self, *, is_asked: bool = False) -> float:
        """The longest task of the page's own thread: what the page does, or what this test has asked for."""
        self._browser.send("Tracing.end")
        while not self._is_complete:
            self._page.wait_for_timeout(20)
        named = {(one["pid"], one["tid"]) for one in self._events if one["args"].get("name") == "CrRendererMain"}
        own = [one for one in self._events if (one["pid"], one["tid"]) in named]
        asked = [one["ts"] for one in own if "DevToolsSession" in str(one["args"])]
        tasks = [
            one.get("tdur", 0)
            for one in own
            if one["ph"] == "X"
            and one["name"].endswith("RunTask")
            and any(one["ts"] <= moment <= one["ts"] + one["dur"] for moment in asked) is is_asked
        ]
        return float(max(tasks)) / 1000


def test_no_picture_of_a_hundred_people_keeps_a_slow_machine_from_moving(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=tuple(f"欧阳子{number}" for number in range(100)), hall_view=HallView.INSTANT)
    meeting_id = hall.scene.meeting_id
    page = hall.phone(1920, 1080)
    with hall.server.app.app_context():
        page.goto(f"{hall.server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")
    trace = Trace(page)
    trace.begin()
    page.evaluate(REFERENCE)
    limit = LIMIT_MS * MARGIN * max(1.0, trace.longest_ms(is_asked=True) / REFERENCE_MS)

    def vote() -> None:
        with hall.server.app.app_context():
            cast(meeting_id, hall.scene.all_codes[0], *["excellent"] * 100)

    def publish() -> None:
        for act in (close_meeting, count_meeting, publish_result):
            hall.chair(act)

    def rank() -> None:
        with hall.server.app.app_context():
            show_scene(meeting_id, "ranking")

    took = {}
    for name, act, shown in (
        ("the first ballot", vote, "[data-page=rows-1] .row.is-shown"),
        ("the result is published", publish, ".row.is-veiled"),
        ("one is revealed", lambda: hall.chair(reveal_next), ".page--person"),
        ("all are revealed", lambda: hall.chair(reveal_all), "[data-page^=rows] .row.is-shown"),
        ("the ranking", rank, "[data-page=ranking-1]"),
    ):
        trace.begin()
        act()
        expect(page.locator(f"{shown}:visible").first).to_be_visible()
        page.evaluate(COME_TO_REST)
        took[name] = trace.longest_ms()
    # Where every picture is made anew, each takes two to ten times as long as the limit.
    assert median(took.values()) <= limit, took
    assert max(took.values()) <= UNLUCKY * limit, took
