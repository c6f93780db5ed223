"""Forms of the console as somebody fills them who types whatever comes to mind."""

from __future__ import annotations

import random

from bs4 import BeautifulSoup, Tag

TYPED = (
    "",
    "1",
    "0",
    "-3",
    "12",
    "999999999999",
    "张三",
    "张三，李四\n王五",
    "优秀",
    "4 0 %",
    "1/3",
    "=1+1",
    "\u202e<b>",
    "a" * 3000,
    "2026-12-18",
    "\x00",
    "Ａ票",
)


def forms_of(page: BeautifulSoup) -> list[Tag]:
    """The forms of a page that do something."""
    return page.select("form[method=post]")


def target_of(chance: random.Random, form: Tag, page_url: str) -> str:
    """Where one of the form's buttons sends it: to the form's own address, or to the button's."""
    buttons = [str(button["formaction"]) for button in form.select("button[formaction]")]
    return chance.choice([*([str(form["action"])] if form.get("action") else []), *buttons] or [page_url])


def filled_oddly(chance: random.Random, form: Tag) -> dict[str, list[str]]:
    """The form as it stands, with some of its fields typed over, left out, or doubled."""
    fields: dict[str, list[str]] = {}
    for field in form.select("input[name], textarea[name], select[name], button[name]"):
        name = str(field["name"])
        if name == "csrf_token":
            fields[name] = [str(field["value"])]
            continue
        value = str(field.get("value") or field.get_text() or "")
        if field.name == "select":
            value = str(chance.choice(field.select("option")).get("value", ""))
        kind = chance.random()
        if kind < 0.35:
            value = chance.choice(TYPED)
        if kind < 0.95 and (field.name != "button" or chance.random() < 0.3):
            fields.setdefault(name, []).append(value)
    return fields
