"""What a voter is shown of receipts (回执): the own one, signed, and all that are in the box."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from kaohe.domain.ballots import BallotStyle
from kaohe.operations.count.receipts import ReceiptList
from kaohe.reports.ticket_slips import qr_svg_path


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The ballot is in the box. None of the choices stand here."""

    receipt: str
    signed: str
    """The signed receipt."""
    signed_url: str
    is_rehearsal: bool
    is_same: bool
    """Whether it was stored just now; otherwise nobody but the sender knows whether what was sent now is the same."""
    privacy_url: str
    check_url: str
    """What looks for a phone's envelope in the list; '' where no list will be."""
    has_challenges: bool
    """Whether tellers may have single ballots opened, for which they note the phone's own code."""


@dataclass(frozen=True, slots=True)
class SignedReceiptPage:
    """A signed receipt to photograph or keep."""

    title: str
    unit: str
    signed: str
    qr_size: int
    qr_path: str


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """Every receipt in the box (回执清单)."""

    title: str
    unit: str
    count_text: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    """(first character, the receipts that begin with it)."""
    challenged: tuple[str, ...]
    """Of the tellers' own ballots, which were compared and are not counted."""
    digests_url: str
    """'' where the box was stripped by a version that kept no digests."""


def signed_receipt_page(style: BallotStyle, signed: str) -> SignedReceiptPage:
    """The signed receipt, drawn."""
    return SignedReceiptPage(style.title, style.unit, signed, *qr_svg_path(signed))


def receipts_page(style: BallotStyle, found: ReceiptList) -> ReceiptsPage:
    """The list of receipts, by their first character."""
    letters = sorted({receipt[0] for receipt in found.counted})
    return ReceiptsPage(
        title=style.title,
        unit=style.unit,
        count_text=str(len(found.counted)),
        parts=tuple(
            (letter, tuple(receipt for receipt in found.counted if receipt[0] == letter)) for letter in letters
        ),
        challenged=tuple(found.challenged),
        digests_url=url_for("voter.envelope_digests", meeting_id=style.meeting_id, style_key=style.key)
        if found.digests
        else "",
    )
