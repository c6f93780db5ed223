"""A phone's first view in a real browser behind a slow line: when can the voter grade, and does the submit work?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.chromium import start_chromium

BITS_PER_SECOND = 1_600_000
ROUND_TRIP_MS = 150
SLOWER = 6
"""How many times slower the processor of an old phone is."""
TAPS = 8
_PATIENCE_MS = 60_000
# The script marks the page with the last of its steps; from then on choices are counted and the buttons answer.
_WATCH = """
const watch = new MutationObserver(() => {
  if (document.querySelector("main.scripted input[type=radio]")) {
    window.usableAfter = performance.now();
    watch.disconnect();
  }
});
watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
"""
# A task that a frame puts in the queue runs once the frame is painted.
_TIME_TAPS = """() => {
  window.painted = [];
  document.addEventListener("click", (event) => {
    if (event.target.type === "radio") { return; }
    const begun = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.painted.push(performance.now() - begun);
      channel.port2.postMessage(null);
    });
  }, true);
}"""
_GRADE_ALL = """() => {
  const names = new Set();
  document.querySelectorAll("input[type=radio]").forEach((choice) => {
    if (!names.has(choice.name)) {
      names.add(choice.name);
      choice.click();
    }
  });
}"""


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        try:
            yield browser
        finally:
            browser.close()


def first_views(slips: Sequence[str]) -> list[float]:
    """Seconds from opening each slip's address until the form answers, with nothing kept from before.

    Each phone then grades every item and casts, so that a form that only looks ready is not taken for one. The
    browser's emulation delays requests but not the connection's own handshake, so one round trip is added for it.

    Raises:
        RuntimeError: no browser on this machine, or the form does not work.
    """
    with _chromium() as browser:
        return [_first_view(browser, slip) for slip in slips]


def slow_phone(slip: str) -> tuple[float, float]:
    """Seconds until the form answers at a processor slowed six times, and from a tap to its picture: half of some taps.

    Raises:
        RuntimeError: no browser on this machine.
    """
    with _chromium() as browser:
        page, devtools = _phone(browser)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(slip)
        usable_ms: float = page.wait_for_function("() => window.usableAfter").json_value()
        page.wait_for_selector(".settled")
        page.evaluate(_TIME_TAPS)
        for number in range(TAPS):
            page.locator(".choices label:first-child").nth(number).tap()
            page.wait_for_function("number => window.painted.length > number", arg=number)
        painted_ms: list[float] = page.evaluate("window.painted")
        return (usable_ms + ROUND_TRIP_MS) / 1000, median(painted_ms) / 1000


def _first_view(browser: Browser, slip: str) -> float:
    page, _ = _phone(browser)
    page.goto(slip)
    usable_ms: float = page.wait_for_function("() => window.usableAfter").json_value()
    page.evaluate(_GRADE_ALL)
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name="确认提交").click()
    page.get_by_role("heading", name="已收到").wait_for()
    page.context.close()
    return (usable_ms + ROUND_TRIP_MS) / 1000


def _phone(browser: Browser) -> tuple[Page, CDPSession]:
    """A phone behind a slow line with nothing kept from before."""
    context = browser.new_context(viewport={"width": 390, "height": 760}, has_touch=True)
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    bytes_per_second = BITS_PER_SECOND / 8
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": bytes_per_second,
            "uploadThroughput": bytes_per_second,
        },
    )
    page.add_init_script(_WATCH)
    return page, devtools
