"""Files that a browser saves under a Chinese name."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Response

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "toml": "application/toml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""By the ending of a file's name."""


def attached(content: bytes | str, name: str) -> Response:
    """A file to be saved as ``name``; what reads nothing but ASCII gets a plain name (RFC 5987)."""
    ending = name.rpartition(".")[2]
    response = Response(content, content_type=MEDIA_TYPES[ending])
    encoded = quote(name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename=\"kaohe.{ending}\"; filename*=UTF-8''{encoded}"
    return response
