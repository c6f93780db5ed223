"""Sheets as they lie on paper, page by page, in the pages that are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import get_template_attribute
from markupsafe import Markup

from kaohe.operations.apart import Tell, do_apart
from kaohe.operations.archive.documents import are_apart
from kaohe.reports.paper.columns import is_prose
from kaohe.reports.paper.layout import LaidSheet, lay_out_all
from kaohe.reports.pictures.drawing import svg_text
from kaohe.reports.sheet import Sheet, plain_sheet, read_sheet

_TWIPS_A_PIXEL: Final = 15
_TWO_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class LeafColumn:
    """A column of a table on paper; ``width`` is in pixels of CSS."""

    width: int
    kind: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a sheet."""

    page_text: str
    rows: Sequence[Sequence[str]]
    is_first: bool
    has_table: bool
    is_last: bool
    late_notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A sheet as it lies on paper, page by page."""

    title: str
    paper: str
    type: str
    """The size of the letters in the table, in half points."""
    table: Sheet
    columns: Sequence[LeafColumn]
    lines: Sequence[Sequence[str]]
    withheld: str
    leaves: Sequence[Leaf]
    notes: Sequence[str]
    signature: Sequence[Sequence[str]]
    signature_class: str
    code_line: str
    picture: Markup | None
    """Drawn above the table of the first page."""


def leaves_of(sheets: Sequence[Sheet]) -> Markup:
    """The sheets as HTML, each on paper of its own; '' for none. Much is laid out in a process of its own, the same.

    Raises:
        WorkStopped: the process that lays them out has ended before its work.
    """
    if not are_apart(sheets):
        return _laid_out(sheets)
    # What the macro has written into it is escaped there.
    return Markup(do_apart("leaves", {"sheets": [plain_sheet(each) for each in sheets]}).decode())  # noqa: S704


def leaves_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The HTML of some sheets, in the fresh process."""
    return _laid_out([read_sheet(each) for each in asked["sheets"]]).encode()


def _laid_out(sheets: Sequence[Sheet]) -> Markup:
    if not sheets:
        return Markup()
    leaves: Markup = get_template_attribute("components/leaves.html", "leaves")(map(_on_paper, lay_out_all(sheets)))
    return leaves


def _on_paper(laid: LaidSheet) -> PaperSheet:
    """A sheet as the page to print shows it."""
    sheet = laid.sheet
    kinds = ["prose" if is_prose(column) else column.kind.value for column in sheet.columns]
    return PaperSheet(
        title=sheet.title,
        paper=laid.paper.name,
        type=str(laid.size),
        table=sheet,
        columns=[LeafColumn(width // _TWIPS_A_PIXEL, kind) for width, kind in zip(laid.widths, kinds, strict=True)],
        lines=laid.lines,
        withheld=sheet.withheld,
        leaves=[
            Leaf(laid.page_text(page), page.rows, page.is_first, page.has_table, page.is_last, page.late_notes)
            for page in laid.pages
        ],
        notes=laid.notes,
        signature=laid.signature_rows,
        signature_class="two-rows" if len(laid.signature_rows) == _TWO_ROWS else "more-rows",
        code_line=sheet.code_line,
        # What is written into the drawing is escaped where it is made.
        picture=Markup(svg_text(laid.drawing)) if laid.drawing else None,  # noqa: S704
    )
