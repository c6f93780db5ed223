"""The page to print of any sheets, as Chromium puts it on paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from flask import Flask, render_template
from playwright.sync_api import Page

from kaohe.reports.sheet import Sheet
from kaohe.web.documents.leaves import leaves_of
from kaohe.web.documents.pages import Link, PrintPage

STATIC = Path(__file__).parents[2] / "static"


def printed_html(app: Flask, sheets: Sequence[Sheet]) -> str:
    """The page as the server sends it, with its styles inside."""
    with app.test_request_context():
        page = PrintPage("打印", Link("返回", "/"), [], [], leaves_of(sheets), fields=(), kept={}, advice=[])
        text = render_template("documents/print_sheets.html", page=page)
    return re.sub(r'<link rel="stylesheet" href="/static/([^"?]+)[^"]*">', _inlined, text)


def _inlined(link: re.Match[str]) -> str:
    return f"<style>{(STATIC / link[1]).read_text(encoding='utf-8')}</style>"


def print_to_pdf(page: Page, html: str, target: Path) -> Path:
    """The PDF that a person would save from the browser."""
    page.set_content(html)
    page.pdf(path=target, prefer_css_page_size=True)
    return target
