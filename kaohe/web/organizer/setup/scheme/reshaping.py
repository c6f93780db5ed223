"""Rows that come into a scheme's document and go out of it while it is being edited; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaohe.domain.errors import FieldInvalid
from kaohe.web.organizer.setup.scheme.adjusting import adjusting_of
from kaohe.web.organizer.setup.scheme.document_paths import set_at, value_at
from kaohe.web.organizer.setup.scheme.fields import AdjustList, Document
from kaohe.web.organizer.setup.scheme.lists import fresh_entry, is_voted
from kaohe.web.organizer.shell.forms import INCOMPLETE


def add_row(document: Document, list_name: str) -> str:
    """Add a row to be filled in. Returns the name of its first field.

    Raises:
        FieldInvalid: the document has no such list, or no room in it.
    """
    wanted = _list(document, list_name)
    place = 0
    for path in wanted.paths:
        entries = value_at(document, path) or []
        kind = path.split(".")[-1]
        entry = fresh_entry(kind, entries, _new_key(document, kind.rstrip("s")))
        place = len(entries)
        if kind == "bands" and entries and "from" not in entries[-1]:
            place -= 1
        set_at(document, path, [*entries[:place], entry, *entries[place:]])
    row = f"{list_name}[{place + 1}]."
    return next(field.name for field in adjusting_of(document).fields if field.name.startswith(row))


def remove_row(document: Document, list_name: str, place: int) -> None:
    """Take the row at ``place``, counted from 0, out of a list.

    Raises:
        FieldInvalid: the document has no such list, or nothing there that may go.
    """
    rows = [row for panel in adjusting_of(document).panels for row in panel.rows]
    if not any(row.lists[:1] == (list_name,) and row.place == place for row in rows):
        raise FieldInvalid(INCOMPLETE)
    for path in next(row.lists for row in rows if row.lists[:1] == (list_name,)):
        entries = value_at(document, path)
        del entries[place]
        if path.endswith("bands"):
            for edge in ("from", "below", "to", "over", "grades"):
                entries[-1].pop(edge, None)
        if not entries:
            set_at(document, path, None)


def spread_weights(document: Document, list_name: str) -> None:
    """Give the rows of a list equal whole weights; what is left over goes to the first ones.

    Raises:
        FieldInvalid: the document has no such list, or it has no weights.
    """
    wanted = _list(document, list_name)
    if not wanted.has_weights:
        raise FieldInvalid(INCOMPLETE)
    for path in wanted.paths:
        entries = value_at(document, path)
        each, more = divmod(100, len(entries))
        for place, entry in enumerate(entries):
            entry["weight"] = str(each + (place < more))


def switch_tiers(document: Document, list_name: str) -> str:
    """Let shares of the votes decide about the tiers instead of a score, more than the half each, or the reverse.

    Where there are no tiers yet, there is one for each grade. Returns the name of the first field to be filled in.

    Raises:
        FieldInvalid: the document has no such list of tiers, or votes cannot decide there.
    """
    wanted = _list(document, list_name)
    if not wanted.switch_label:
        raise FieldInvalid(INCOMPLETE)
    edge = "from"
    for path in wanted.paths:
        table = value_at(document, path.rpartition(".")[0]) if "." in path else document
        edge = "from" if is_voted(table) else "over"
        entries = table.setdefault("bands", [{"key": each["key"], "label": each["label"]} for each in table["grades"]])
        for place, band in enumerate(entries, 1):
            for old in ("from", "below", "to", "over", "grades"):
                band.pop(old, None)
            if place == len(entries):
                break
            band[edge] = "" if edge == "from" else "50"
            if edge == "over":
                band["grades"] = min(place, len(table["grades"]) - 1)
    return f"{list_name}[1].{edge}"


def _list(document: Document, list_name: str) -> AdjustList:
    lists = [each for panel in adjusting_of(document).panels for each in panel.lists if each.name == list_name]
    if not lists:
        raise FieldInvalid(INCOMPLETE)
    return lists[0]


def _new_key(document: Document, stem: str) -> str:
    """A key that nothing in the document has."""
    taken = set(_keys(document))
    return next(key for number in range(1, len(taken) + 2) if (key := f"{stem}_{number}") not in taken)


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401 - a document holds texts, numbers, lists
    if isinstance(value, dict):
        if "key" in value:
            yield value["key"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _keys(each)
