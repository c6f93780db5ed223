"""The phone's style sheets and script: compressed in memory, and kept by the phone until they change.

Their addresses carry a digest of their content, so a phone asks for each of them once.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, current_app, request, url_for

from kaohe.web.voter.rendering import packed

_MIMETYPES = {"css/tokens.css": "text/css", "css/voter.css": "text/css", "js/ballot.js": "text/javascript"}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """One file in memory."""

    zipped: bytes
    version: str


def phone_file_url(name: str) -> str:
    """The address of one of the phone's files, with the version of its content."""
    return url_for("static", filename=name, v=_read(str(current_app.static_folder), name).version)


def send_phone_file() -> Response | None:
    """Run before every request: answer for the phone's files, and leave every other request alone.

    An address with another version than the present one is left to the plain static route, which lets nobody keep
    the file for long.
    """
    name = (request.view_args or {}).get("filename", "")
    if request.endpoint != "static" or name not in _MIMETYPES:
        return None
    file = _read(str(current_app.static_folder), name)
    if request.args.get("v") != file.version:
        return None
    response = packed(file.zipped, _MIMETYPES[name])
    response.headers["Cache-Control"] = _FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def _read(folder: str, name: str) -> PhoneFile:
    content = (Path(folder) / name).read_bytes()
    return PhoneFile(gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:12])
