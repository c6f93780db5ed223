"""What the printed pages show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from kaohe.operations.archive.filing import BALLOTS_KEY, FILING_SET_LABELS, Filing, FilingSet, sheets_of
from kaohe.reports.notice import NoticeTerms
from kaohe.reports.paper.columns import is_prose
from kaohe.reports.paper.layout import LaidSheet, lay_out_all
from kaohe.reports.pictures.drawing import svg_text
from kaohe.reports.sheet import Sheet
from kaohe.tally.model import Result
from kaohe.web.documents.notice_terms import NoticeFields

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
    is_last: bool


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
    late_notes: Sequence[str]
    signature: Sequence[Sequence[str]]
    signature_class: str
    code_line: str
    picture: Markup | None
    """Drawn above the table of the first page."""


@dataclass(frozen=True, slots=True)
class SetLink:
    """The way to the page of another set of sheets."""

    label: str
    name: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The sheets of a set, each on paper of its own."""

    title: str
    meeting_id: str
    round_number: int
    sheets: Sequence[PaperSheet]
    sets: Sequence[SetLink]
    wanted: str
    """The set that is shown."""
    asks_terms: bool
    """Whether the page shows a public notice, whose terms are asked for."""
    terms: NoticeFields
    """What is said about the public notice, as typed and as addresses repeat it."""
    version: int | None
    """What addresses of this result say of its version; None for the only one."""
    has_ballot_list: bool
    """Whether the round also has a list of whole ballots, which is only downloaded."""


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """The receipts in the box, sorted, so that a voter finds the own one and sees that its ballot was counted."""

    title: str
    unit: str
    meeting_id: str
    round_number: int
    round_text: str
    count_text: str
    receipts: Sequence[str]


def print_page(filing: Filing, wanted: FilingSet, terms: NoticeTerms) -> PrintPage:
    """The page to print a set of sheets. Whole ballots are not on it: there may be thousands of them."""
    counted = filing.counted
    return PrintPage(
        title=filing.title,
        meeting_id=counted.setup.id,
        round_number=counted.round.number,
        sheets=[on_paper(laid) for laid in lay_out_all(sheets_of(filing, wanted, terms))],
        sets=[SetLink(label, each, is_shown=each is wanted) for each, label in _offered(counted.result)],
        wanted=wanted,
        asks_terms=wanted is FilingSet.NOTICE,
        terms=NoticeFields.of(terms),
        version=counted.version if len(counted.versions) > 1 else None,
        has_ballot_list=any(filed.key == BALLOTS_KEY for filed in filing.sheets),
    )


def _offered(result: Result) -> Iterator[tuple[FilingSet, str]]:
    """The sets that a result has something for; a notice only where it awards tiers."""
    has_bands = any(part.scheme.bands for part in result.section_results or (result,))
    return (each for each in FILING_SET_LABELS.items() if has_bands or each[0] is not FilingSet.NOTICE)


def on_paper(laid: LaidSheet) -> PaperSheet:
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
        leaves=[Leaf(laid.page_text(page), page.rows, page.is_first, page.is_last) for page in laid.pages],
        notes=laid.notes,
        late_notes=laid.late_notes,
        signature=laid.signature_rows,
        signature_class="two-rows" if len(laid.signature_rows) == _TWO_ROWS else "more-rows",
        code_line=sheet.code_line,
        # What is written into the drawing is escaped where it is made.
        picture=Markup(svg_text(laid.drawing)) if laid.drawing else None,  # noqa: S704
    )


def receipts_page(filing: Filing) -> ReceiptsPage:
    """The list to put up in the hall or to look through."""
    counted = filing.counted
    return ReceiptsPage(
        title=counted.setup.title,
        unit=counted.setup.unit,
        meeting_id=counted.setup.id,
        round_number=counted.round.number,
        round_text=f"第 {counted.round.number} 轮" if counted.round.number > 1 else "",
        count_text=str(len(counted.receipts)),
        receipts=counted.receipts,
    )
