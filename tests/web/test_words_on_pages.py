"""Pages speak as offices do: in Latin letters stand names of programs, files and keys that a clerk knows."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kaohe.storage.clock import hour_text, moment_text

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
KNOWN = frozenset(
    "A4 CSV Excel JPEG PDF PNG PageDown PageUp PgDn PgUp WPS WebP Word csv docx http ods txt xls xlsx".split()  # noqa: SIM905 - one line of words
)
OF_ADMINISTRATORS = frozenset(("TOTP", "secrets", "json"))
"""The standard that an app for second factors names itself by, and the file that a backup must not lie beside."""
HAN = re.compile("[\u4e00-\u9fff]")
_CODE = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
_TEXTS_IN_CODE = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NOT_READ = re.compile(r"\{#.*?#\}|<(script|style|svg|code)\b.*?</\1>", re.DOTALL)
_SPOKEN = re.compile(r"\b(?:aria-label|placeholder|title|alt)=\"([^\"]*)\"")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")


def words(template: str) -> set[str]:
    """What stands in Latin letters within the Chinese texts of a template."""
    read = _NOT_READ.sub(" ", template.replace("\\t", " "))
    texts = ["".join(pair) for code in _CODE.findall(read) for pair in _TEXTS_IN_CODE.findall(code)]
    plain = _CODE.sub(" ", read)
    texts += [*_SPOKEN.findall(plain), *re.split(r"<[^>]*>|\n", plain)]
    return {word for text in texts if HAN.search(text) for word in _WORD.findall(text)}


def test_no_page_speaks_as_developers_do() -> None:
    templates = list(TEMPLATES.rglob("*.html"))
    found = {(path.name, word) for path in templates for word in words(path.read_text(encoding="utf-8")) - KNOWN}
    assert {each for each in found if each[1] not in OF_ADMINISTRATORS} == set()
    assert {name for name, word in found if word in OF_ADMINISTRATORS} == {"own_account.html", "installation.html"}


@pytest.mark.parametrize(
    "template",
    [
        "<p>请粘贴 TOML 全文</p>",
        '{{ notice("KAOHE_URL 不正确", "bad") }}',
        "<input placeholder=\"{{ '令牌 token' }}\">",
        '<a aria-label="返回 JSON">x</a>',
    ],
)
def test_a_developers_word_is_found_wherever_it_is_read(template: str) -> None:
    assert words(template) - KNOWN - OF_ADMINISTRATORS


def test_a_time_of_day_is_said_with_its_zone_wherever_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 29, 6, 3, tzinfo=UTC)
    for zone, said in (("Asia/Shanghai", "北京时间 14:03"), ("Asia/Urumqi", "UTC+06:00 12:03")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert hour_text(moment) == said
        zone_said, hour = said.split(" ")
        assert moment_text(moment) == f"2026-11-29 {hour}（{zone_said}）"
    monkeypatch.undo()
    time.tzset()
    # A column says it in its head, a list of notes at the first of them.
    for path in (ROOT / "kaohe").rglob("*.py"):
        written = path.read_text(encoding="utf-8")
        assert "%H:%M" not in written or "zone_text(" in written, path
