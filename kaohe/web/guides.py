"""The guides (手册) of ``docs/``, served by the program itself, to be read and printed without an internet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from flask import Blueprint, Response, render_template, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from kaohe.config import program_folder
from kaohe.domain.errors import NotFound
from kaohe.web.access import Audience, audience

guides = Blueprint("guides", __name__, url_prefix="/guides")

_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "organizer": ("holding-a-meeting", "组织者：从建会到归档，每一步在哪一页。"),
    "chair": ("chair", "主持人：会前打印一页，放在手边。"),
    "tellers": ("tellers", "监票人：钥匙、抽查、纸质票和事后核对。"),
    "voters": ("voters", "投票人：怎样投票，可以打印张贴或随票发放。"),
    "privacy": ("privacy", "投票人和考核对象：处理哪些个人信息，保存多久，有哪些权利。"),
    "deployment": ("deployment", "信息技术人员：安装、网络、备份、多台服务器、监控。"),
    "approval": ("approval", "审批、测评人员：等级保护对照表、密码应用、无障碍、物料清单。"),
}
"""By the name in the address: the file of ``docs/``, and for whom it is."""
_PICTURES: Final = PurePosixPath("screenshots/guides")
_LINKED: Final = {f"{file}.zh-CN.md": name for name, (file, _) in _FILES.items()}


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide, ready to be shown."""

    name: str
    title: str
    purpose: str
    body: Markup
    """Everything below the title."""


@guides.get("/")
@audience(Audience.PUBLIC)
def all_guides() -> str:
    """Every guide, and for whom it is."""
    return render_template("guides/list.html", guides=[_guide(name) for name in _FILES])


@guides.get("/<name>")
@audience(Audience.PUBLIC)
def guide(name: str) -> str:
    """One guide, to be read or printed."""
    if name not in _FILES:
        raise NotFound
    return render_template("guides/guide.html", guide=_guide(name), others=[_guide(each) for each in _FILES])


@guides.get("/pictures/<name>")
@audience(Audience.PUBLIC)
def picture(name: str) -> Response:
    """A picture of a guide."""
    if name not in _picture_names():
        raise NotFound
    return Response((_docs() / _PICTURES / name).read_bytes(), content_type="image/png")


def _docs() -> Path:
    return program_folder() / "docs"


@cache
def _picture_names() -> frozenset[str]:
    return frozenset(path.name for path in (_docs() / _PICTURES).glob("*.png"))


@cache
def _guide(name: str) -> Guide:
    file, purpose = _FILES[name]
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse((_docs() / f"{file}.zh-CN.md").read_text(encoding="utf-8"))
    # The first paragraph may be nothing but the way to another language.
    title, below = tokens[1].content, tokens[6 if tokens[4].content.startswith("[English]") else 3 :]
    for position, token in enumerate(below):
        if token.type == "heading_open":
            token.attrSet("id", below[position + 1].content)
        if token.children:
            _lead_within(token.children)
            _close_lines(token.children)
    return Guide(name, title, purpose, Markup(reader.renderer.render(below, reader.options, {})))  # noqa: S704 - raw HTML is escaped by the reader


def _lead_within(children: Sequence[Token]) -> None:
    """Let links and pictures lead to what this server has; what it has not is a word without a link."""
    is_led = True
    for token in children:
        if token.type == "link_open":
            target, _, section = str(token.attrGet("href")).partition("#")
            name = _LINKED.get(target, "")
            is_led = bool(name)
            anchor = f"#{section}" if section else ""
            token.attrSet("href", f"{_address('guide', name)}{anchor}" if name else "")
        elif token.type == "image":
            token.attrSet("src", _address("picture", PurePosixPath(str(token.attrGet("src"))).name))
            token.attrSet("loading", "lazy")
        if token.type in ("link_open", "link_close") and not is_led:
            token.tag, token.attrs = "span", {}
            is_led = token.type == "link_close"


def _close_lines(children: Sequence[Token]) -> None:
    """A line of Chinese goes on in the next one without a space."""
    for before, token, after in zip(children, children[1:], children[2:], strict=False):
        if token.type == "softbreak" and not (before.content[-1:].isascii() and after.content[:1].isascii()):
            token.type = "text"


def _address(view: str, name: str) -> str:
    return url_for(f"guides.{view}", name=name)
