"""Values of a scheme's document as fields of a form, in rows and panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kaohe.domain.typed_numbers import number_text, read_number
from kaohe.tally.scheme_document.fields import Json

LABEL, NUMBER, WHOLE, CHOICE, LINES = "label", "number", "whole", "choice", "lines"
GRADES, DIMENSIONS, PLACES, GROUPS = "grades", "dimensions", "places", "groups"
"""Families of panels that a page puts in places of their own."""

Document = Json
"""A scheme's document, in which rows may still be empty."""


@dataclass(frozen=True, slots=True)
class Adjustable:
    """One value that may be typed anew. Its name in the form is its first path in the document."""

    paths: tuple[str, ...]
    label: str
    text: str
    kind: str
    is_optional: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """(value, label) of each that may be chosen, where ``kind`` is CHOICE."""

    @property
    def name(self) -> str:
        """The path that stands for all of them."""
        return self.paths[0]


@dataclass(frozen=True, slots=True)
class AdjustRow:
    """Values side by side. ``caption`` stands before them where the first of them is not a label."""

    caption: str
    depth: int
    fields: tuple[Adjustable, ...]
    lists: tuple[str, ...] = ()
    """The paths of the lists that it may be taken out of; none where it must stay."""
    place: int = 0
    """Its place in that list, from 0 on."""


@dataclass(frozen=True, slots=True)
class AdjustList:
    """A list of the document that rows may be added to."""

    paths: tuple[str, ...]
    add_label: str
    has_weights: bool
    """Whether its rows have weights that can be spread evenly."""
    switch_label: str = ""
    """What the button says that lets votes decide about tiers instead of a score, or the reverse; empty for none."""

    @property
    def name(self) -> str:
        """The path that stands for all of them."""
        return self.paths[0]

    @property
    def id(self) -> str:
        """What the element that shows it is called."""
        return id_of(self.name)


@dataclass(frozen=True, slots=True)
class AdjustPanel:
    """A list of the document, or several settings that belong together."""

    key: str
    family: str
    title: str
    hint: str
    paths: tuple[str, ...]
    """Where a fault of the whole list is named."""
    rows: tuple[AdjustRow, ...]
    weights: tuple[str, ...] = ()
    """The names of the weights that sum to 100."""
    lists: tuple[AdjustList, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The document, or one of its sections."""

    path: str
    label: str
    table: dict[str, Any]


def id_of(name: str) -> str:
    """A path of the document as the id of an element."""
    return name.replace("[", "-").replace("]", "").replace(".", "-")


def typed_lines(typed: str) -> list[str] | None:
    """The lines of a text, each folded; None where there are none."""
    return [" ".join(line.split()) for line in typed.splitlines() if line.strip()] or None


def typed_text(value: object, kind: str) -> str:
    """A value of the document as people type it; what is no number yet stays as it was typed."""
    if value is None:
        return ""
    if kind == LINES and isinstance(value, list):
        return "\n".join(value)
    number = None if kind in (LABEL, CHOICE, LINES) else read_number(str(value))
    return str(value) if number is None else number_text(number)
