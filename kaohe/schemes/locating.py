"""Finds the line of a key in a scheme file, which the TOML reader of the standard library does not report."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STEP = re.compile(r"([A-Za-z0-9_-]+)(?:\[([0-9]+)\])?")
_LEXEME = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*|[\[\]{},]|[^\s\[\]{},"\'#]+')
"""A text, a comment, a bracket or comma, or anything else without a space in it."""
_OPENING, _CLOSING = "[{", "]}"


def line_of(text: str, key_path: str) -> int:
    """Return the line, counted from 1, of a key path such as ``bands[2].from``.

    Of a key that is missing it is the line of the nearest thing around it that is there.
    """
    start, end = 0, len(text)
    headers = ""
    for name, number in _STEP.findall(key_path):
        headers = f"{headers}.{name}" if headers else name
        found = _table(text, start, end, headers, int(number or 1)) or _entry(text, start, end, name, number)
        if found is None:
            break
        start, end = found
    return text.count("\n", 0, start) + 1


def _table(text: str, start: int, end: int, headers: str, number: int) -> tuple[int, int] | None:
    """Find the ``number``-th ``[[headers]]`` (or ``[headers]``) and everything that belongs to it."""
    found = [
        match
        for match in re.finditer(r"^[ \t]*\[\[?([\w.-]+)\]?\]", text, re.MULTILINE)
        if start <= match.start() < end
    ]
    matching = [match for match in found if match[1] == headers]
    if len(matching) < number:
        return None
    begun = matching[number - 1]
    after = [
        match.start() for match in found if match.start() > begun.start() and not match[1].startswith(f"{headers}.")
    ]
    return begun.start(), min(after, default=end)


def _entry(text: str, start: int, end: int, name: str, number: str) -> tuple[int, int] | None:
    """Find ``name = …`` in a stretch, and of a list in it the ``number``-th element."""
    # The key stands at the beginning of a line, or behind a bracket or a comma of an inline table.
    written = re.compile(rf"(?:^|[{{,\n])[ \t]*({re.escape(name)})[ \t]*=[ \t]*", re.MULTILINE)
    own_depth = 1 if text.startswith("{", start) else 0
    matches = (
        match for match in written.finditer(text, start, end) if _depth(text, start, match.start(1)) == own_depth
    )
    match = next(matches, None)
    if match is None:
        return None
    if not number:
        return match.start(1), end
    elements = list(_elements(text, match.end(), end))
    wanted = int(number)
    return elements[wanted - 1] if len(elements) >= wanted else (match.start(1), end)


def _lexemes(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    return (match for match in _LEXEME.finditer(text, start, end) if not match[0].startswith("#"))


def _depth(text: str, start: int, end: int) -> int:
    """Count the brackets that are open at ``end``."""
    return sum((lexeme[0] in _OPENING) - (lexeme[0] in _CLOSING) for lexeme in _lexemes(text, start, end))


def _elements(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the elements of the list that opens at ``start``."""
    depth = 0
    begun: int | None = None
    for match in _lexemes(text, start, end):
        lexeme = match[0]
        if depth == 1 and begun is None and lexeme not in ",]":
            begun = match.start()
        depth += (lexeme in _OPENING) - (lexeme in _CLOSING)
        if begun is not None and (depth == 0 or (depth == 1 and lexeme == ",")):
            yield begun, match.start()
            begun = None
        if depth == 0:
            return
