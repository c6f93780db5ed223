"""The pictures of the guides, taken while a journey walks the steps that they show: ``make screenshots`` keeps them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

_FOLDER = os.environ.get("KAOHE_GUIDE_PICTURES", "")
_COLOURS = 96


def guide_picture(page: Page, name: str) -> None:
    """Keep what ``page`` shows as ``name``.png, in few colours; nothing unless somebody asks for pictures."""
    if not _FOLDER:
        return
    page.wait_for_timeout(700)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if shown.width > 1280:
        shown = shown.resize((1280, shown.height * 1280 // shown.width))
    shown.quantize(_COLOURS).save(Path(_FOLDER) / f"{name}.png", optimize=True)
