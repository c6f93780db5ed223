"""Bundles the phone's style sheet and scripts, each from several files, and caches them compressed until they change.

Every request costs a phone in a crowded hall dearly, while small files read better; so a folder is sent as one file,
without the comments and the indentation that only readers of the source want.
The address carries a digest of the content, so a phone asks for each of them once.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_letters
from urllib.parse import quote

from flask import Response, current_app, request, url_for

from kaohe.web.voter.page_cache import send_zipped, zipped

STYLE = "css/phone.css"
SCRIPT = "js/phone.js"
MORE_SCRIPT = "js/phone-more.js"
"""For pages that ask for more than grades; its address stands before the other script's."""
MATERIAL_SCRIPT = "js/phone-material.js"
"""For forms with something to read about their subjects."""
ABSTAIN_SCRIPT = "js/phone-abstain.js"
"""For forms that offer 弃权 on a whole person at one tap; its address stands before the other script's."""
AT_ONCE_SCRIPT = "js/phone-at-once.js"
"""Takes the place of ``ABSTAIN_SCRIPT`` in forms that also offer one grade for everybody who is left."""
SEAL_SCRIPT = "js/phone-seal.js"
"""What seals a ballot on the phone; sent together with what it seals for (``routes.seal``)."""
CHECK_SCRIPT = "js/phone-check.js"
"""What looks for the phone's envelope in the list, for whoever asks after casting."""
_FILES = {
    STYLE: (
        "css/tokens.css",
        *(f"css/phone/{name}.css" for name in ("base", "buttons", "form", "cells", "whole", "review", "scripted")),
        "css/phone/widths.css",
    ),
    SCRIPT: tuple(
        f"js/phone/{name}.js"
        for name in (
            *("tools", "digest", "asking", "form", "drafts", "progress"),
            *("review", "marks", "casting", "tickets", "ballot", "start"),
        )
    ),
    MORE_SCRIPT: ("js/phone-more/numbers.js", "js/phone-more/choices.js"),
    MATERIAL_SCRIPT: ("js/phone-material/opening.js",),
    ABSTAIN_SCRIPT: tuple(f"js/phone-at-once/{name}.js" for name in ("giving", "abstaining")),
    AT_ONCE_SCRIPT: tuple(f"js/phone-at-once/{name}.js" for name in ("giving", "abstaining", "filling")),
    CHECK_SCRIPT: ("js/phone-check/checking.js",),
    SEAL_SCRIPT: (
        "vendor/stablelib-2.0.1.phone.js",
        *(f"js/phone-seal/{name}.js" for name in ("hpke", "encoding", "sealing")),
    ),
}
_MIMETYPES = {"css": "text/css", "js": "text/javascript"}
_COMMENT = re.compile(r"^[ ]*/\*.*?\*/[ ]*\n|[ ]/\*[^\n]*?\*/", re.MULTILINE | re.DOTALL)
"""A comment on lines of its own, or behind a blank; no text of the scripts goes over several lines or holds one."""
_INDENT = re.compile(r"^\s+|(?<=[;{,])\n", re.MULTILINE)
"""What only lays out the source. Any other line keeps its end, which may be all that parts two statements."""
_BLANK = re.compile(r"""('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<=[;,{}()=&|?:<>]) +| +(?=[;,{}()=&|?:<>])""")
"""A script's text, which stays as it is, or blanks beside signs that part words by themselves."""
_BLANK_OF_STYLE = re.compile(r"""("[^"]*")|(?<=[:,{}>]) +| +(?=[{>])|;(?=\})|\n""")
"""A style sheet's text, which stays as it is, or what only lays it out: a blank before ``:`` or behind ``)`` counts."""
_NAME = re.compile(
    r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?<=[=(,:?&|!])/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\\[])+/[gim]*"""
    r"""|(?<=[{,])\w+:|\.\w+|\b([A-Za-z]\w*)"""
)
"""A text, a pattern, what belongs to an object, or (the group) any other name."""
_DECLARED = re.compile(r"\bvar (\w+)|\bfunction ?(\w*)\(([\w,]*)\)")
_RESERVED = ("do", "if", "in")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """One file in memory."""

    zipped: bytes
    version: str


def phone_file_url(name: str) -> str:
    """The address of one of the phone's files, with the version of its content."""
    return url_for("static", filename=name, v=_read(str(current_app.static_folder), name).version)


def phone_icon() -> str:
    """The address of the icon with the icon in it: one request less than a file of two hundred bytes."""
    drawing = (Path(str(current_app.static_folder)) / "icon.svg").read_text(encoding="utf-8").strip()
    return "data:image/svg+xml," + quote(drawing.replace('"', "'"), safe=" =:/'")


def phone_file_text(name: str) -> str:
    """One of the phone's files, for an address of another kind."""
    return gzip.decompress(_read(str(current_app.static_folder), name).zipped).decode()


def send_phone_file() -> Response | None:
    """Run before every request: answer for the phone's files, and leave every other request alone.

    An address with another version than the present one gets the present content, and may not be kept.
    """
    name = (request.view_args or {}).get("filename", "")
    if request.endpoint != "static" or name not in _FILES:
        return None
    file = _read(str(current_app.static_folder), name)
    response = send_zipped(file.zipped, _MIMETYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = _FOREVER if request.args.get("v") == file.version else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def _read(folder: str, name: str) -> PhoneFile:
    vendored, ours = (_text(folder, name, is_vendored=is_vendored) for is_vendored in (True, False))
    content = vendored + (short_names(ours) if name.endswith(".js") else ours)
    return PhoneFile(zipped(content.encode()), hashlib.sha256(content.encode()).hexdigest()[:12])


def _text(folder: str, name: str, *, is_vendored: bool) -> str:
    parts = [part for part in _FILES[name] if part.startswith("vendor/") is is_vendored]
    text = "".join((Path(folder) / part).read_text(encoding="utf-8") + "\n" for part in parts)
    blank = _BLANK if name.endswith(".js") else _BLANK_OF_STYLE
    return blank.sub(lambda found: found[1] or "", _INDENT.sub("", _COMMENT.sub("", text)))


def short_names(script: str) -> str:
    """A script of ours with a letter or two for each name that it declares, the same letters wherever the name stands.

    Nothing that belongs to an object is renamed, and no text. A name that is declared somewhere must not stand for one
    of the browser's own elsewhere in the same script.
    """
    declared = {name for found in _DECLARED.findall(script) for part in found for name in part.split(",")}
    names = Counter(found[1] for found in _NAME.finditer(script) if found[1])
    letters = (first + second for first in ("", *ascii_letters) for second in ascii_letters)
    free = (name for name in letters if name not in names and name not in _RESERVED)
    short = {name: next(free) for name, _ in names.most_common() if name in declared}
    return _NAME.sub(lambda found: short.get(found[1], found[0]), script)
