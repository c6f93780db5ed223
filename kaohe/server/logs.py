"""What a running server writes to its standard error: one event a line, with its time and zone, and never a voter.

For people a line reads ``2026-03-01T09:30:00+08:00 ERROR fault: …``; with ``KAOHE_LOG=json`` each is one JSON object
with ``time``, ``level``, ``event`` and ``text``, and ``trace`` where there is one, and says starts and stops as well.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final, TextIO

from kaohe.config import LogFormat

_OWN: Final = "kaohe"


def write_log(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Write every event from now on to ``stream``, the standard error by default. Idempotent.

    Of a library's own message nothing is written but whose it was: it could quote what a voter sent.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines() if log_format is LogFormat.TEXT else _Objects())
    level = logging.WARNING if log_format is LogFormat.TEXT else logging.INFO
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OWN).setLevel(level)
    # What could not be written would be written by other means, with the exception that is being handled, which could
    # quote what a voter sent.
    logging.raiseExceptions = False


def _parts(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, str]:
    is_own = record.name.partition(".")[0] == _OWN
    parts = {
        "time": datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="seconds"),
        "level": record.levelname,
        "event": str(getattr(record, "event", "fault")) if is_own else "library",
        "text": record.getMessage() if is_own else f"a message of the library {record.name}, left out here",
    }
    if is_own and record.exc_info:
        parts["trace"] = formatter.formatException(record.exc_info)
    return parts


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        parts = _parts(record, self)
        line = f"{parts['time']} {parts['level']} {parts['event']}: {parts['text']}"
        return f"{line}\n{parts['trace']}" if "trace" in parts else line


class _Objects(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_parts(record, self), ensure_ascii=False)
