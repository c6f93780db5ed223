"""A phone's first view in a real browser behind a slow line: when can the voter grade, and does the submit work?"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from playwright.sync_api import Browser, sync_playwright

BITS_PER_SECOND = 1_600_000
ROUND_TRIP_MS = 150
_PATIENCE_MS = 60_000
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
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
_GRADE_ALL = """() => {
  const names = new Set();
  document.querySelectorAll("input[type=radio]").forEach((choice) => {
    if (!names.has(choice.name)) {
      names.add(choice.name);
      choice.click();
    }
  });
}"""


def first_views(slips: Sequence[str]) -> list[float]:
    """Seconds from opening each slip's address until the form answers, with nothing kept from before.

    Each phone then grades every item and casts, so that a form that only looks ready is not taken for one. The
    browser's emulation delays requests but not the connection's own handshake, so one round trip is added for it.

    Raises:
        RuntimeError: no browser on this machine, or the form does not work.
    """
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        try:
            return [_first_view(browser, slip) for slip in slips]
        finally:
            browser.close()


def _first_view(browser: Browser, slip: str) -> float:
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
    page.goto(slip)
    usable_ms: float = page.wait_for_function("() => window.usableAfter").json_value()
    page.evaluate(_GRADE_ALL)
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name="确认提交").click()
    page.get_by_role("heading", name="已收到").wait_for()
    context.close()
    return (usable_ms + ROUND_TRIP_MS) / 1000
