"""What axe, the checker of accessible pages, finds wrong with a page in a real browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe()


def problems(page: Page) -> list[str]:
    """A line for each rule that the page breaks now: the rule and the first element that breaks it."""
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in _AXE.run(page).response["violations"]]
