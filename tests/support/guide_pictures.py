"""The pictures of the guides, taken while a journey walks the steps that they show: ``make screenshots`` keeps them."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from processes import ROOT

_FOLDER = os.environ.get("KAOHE_GUIDE_PICTURES", "")
_COLOURS = 96
_PICTURED = "held by the tellers"
"""The way through the journey of which pictures are taken."""
_SHOWN = ROOT / "docs" / "screenshots" / "guides.json"
"""By picture, the headings, buttons and labels of its page when it was taken."""
_WORDS = """() => [...document.querySelectorAll("h1, h2, h3, button, summary, legend, label, th")]
    .filter(part => part.checkVisibility()).map(part => part.innerText.trim())
    .filter(text => /^[\\u4e00-\\u9fff，。、：（）“”]+$/.test(text))"""
"""Without what has a figure, a code or an address in it: those are others in every run and on every machine."""


def guide_picture(page: Page, name: str) -> None:
    """Keep what ``page`` shows as ``name``.png, in few colours, where somebody asks for pictures.

    Where nobody does, the page must still have the words that its picture has.
    """
    if _PICTURED not in os.environ["PYTEST_CURRENT_TEST"]:
        return
    words = sorted(set(page.evaluate(_WORDS)))
    kept = json.loads(_SHOWN.read_text(encoding="utf-8")) if _SHOWN.exists() else {}
    if not _FOLDER:
        assert words == kept[name], f"{name}.png shows an older page: make screenshots"
        return
    _SHOWN.write_text(f"{json.dumps({**kept, name: words}, ensure_ascii=False, indent=1, sort_keys=True)}\n", "utf-8")
    page.wait_for_timeout(700)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if shown.width > 1280:
        shown = shown.resize((1280, shown.height * 1280 // shown.width))
    shown.quantize(_COLOURS).save(Path(_FOLDER) / f"{name}.png", optimize=True)
