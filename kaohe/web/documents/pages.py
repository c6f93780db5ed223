"""What the printed pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.operations.archive.filing import BALLOTS_KEY, Filing
from kaohe.reports.sheet import Sheet


@dataclass(frozen=True, slots=True)
class PrintPage:
    """All sheets of a round, each on paper of its own."""

    title: str
    meeting_id: str
    round_number: int
    sheets: Sequence[Sheet]
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


def print_page(filing: Filing) -> PrintPage:
    """The page to print and sign. Whole ballots are not on it: there may be thousands of them."""
    counted = filing.counted
    return PrintPage(
        title=filing.title,
        meeting_id=counted.setup.id,
        round_number=counted.round.number,
        sheets=[filed.sheet for filed in filing.sheets if filed.key != BALLOTS_KEY],
        has_ballot_list=any(filed.key == BALLOTS_KEY for filed in filing.sheets),
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
