"""Values in a scheme document by the path that refusals name, such as ``sections[2].grades[1].points``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(r"([A-Za-z0-9_-]+)(?:\[([0-9]+)\])?")


def value_at(document: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - a document holds texts, numbers, lists
    """The value at ``path``; None where there is nothing."""
    found: Any = document
    for name, index in _steps(path):
        found = found.get(name) if isinstance(found, dict) else None
        if index is not None:
            found = found[index] if isinstance(found, list) and index < len(found) else None
    return found


def set_at(document: dict[str, Any], path: str, value: object) -> None:
    """Put ``value`` at ``path``, whose surroundings must be there; None takes it away."""
    *around, last = path.split(".")
    table = value_at(document, ".".join(around)) if around else document
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value


def _steps(path: str) -> Iterator[tuple[str, int | None]]:
    for name, index in _STEP.findall(path):
        yield name, int(index) - 1 if index else None
