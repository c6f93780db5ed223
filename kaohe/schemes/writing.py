"""A scheme written as a file (TOML) that :func:`kaohe.schemes.parse_scheme_text` reads back to the same scheme."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kaohe.domain.typed_numbers import number_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import SCHEME, scheme_document
from kaohe.tally.scheme_document.fields import NUMBER, PERCENT
from kaohe.tally.scheme_document.tables import TABLES

_BARE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_NUMBERS = frozenset(
    field.key for table in (SCHEME, *TABLES) for field in table.fields if field.kind in (NUMBER, PERCENT)
)
_NOT_TAKEN_OVER = frozenset({"key", "label", "kind", "groups"})


def scheme_toml(scheme: Scheme) -> str:
    """The scheme as TOML, one line for each setting and each entry of a list.

    What all sections say alike is written once for the whole.
    """
    document = dict(scheme_document(scheme))
    sections = [dict(section) for section in document.pop("sections", [])]
    if sections:
        _say_once(document, sections)
    lines = list(_table_lines(document))
    for section in sections:
        lines += ["", "[[sections]]", *_table_lines(section)]
    return "\n".join(lines) + "\n"


def _say_once(document: dict[str, Any], sections: list[dict[str, Any]]) -> None:
    """Move what every section says alike to the whole, from where they take it over."""
    for key in list(sections[0]):
        if key in _NOT_TAKEN_OVER or any(section.get(key) != sections[0][key] for section in sections):
            continue
        document[key] = sections[0][key]
        for section in sections:
            del section[key]
    # Groups that a section weighs as the whole does are taken over, too.
    whole = [{"key": group["key"], "weight": group["weight"]} for group in document["groups"]]
    for section in sections:
        if section.get("groups") == whole:
            del section["groups"]


def _table_lines(table: Mapping[str, Any]) -> Iterator[str]:
    # A list of tables at the end, or a setting below it would read as its part.
    for key, value in table.items():
        if isinstance(value, list) and value:
            yield f"{key} = ["
            yield from (f"  {_inline(key, entry, '  ')}," for entry in value)
            yield "]"
        else:
            yield f"{key} = {_inline(key, value)}"


def _inline(key: str, value: object, indent: str = "") -> str:
    """A value; a list of tables in it has a line for each of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = number_text(Fraction(value)) if key in _NUMBERS else value
        return text if key in _NUMBERS and _BARE_NUMBER.fullmatch(text) else _quoted(text)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_inline(name, part, indent)}" for name, part in value.items()) + " }"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        deeper = f"{indent}  "
        lines = "".join(f"{deeper}{_inline(key, part, deeper)},\n" for part in value)
        return f"[\n{lines}{indent}]"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(key, part) for part in value) + "]"
    return str(value)


def _quoted(text: str) -> str:
    """A basic string: what JSON escapes, TOML reads the same way, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
