"""What most phones hear: 已收到, or to come back. Rendered once, with the receipt filled in for each phone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, render_template

from kaohe.web.voter.pages import ReceiptPage

_EXTENSION = "kaohe_receipt_pages"
_HERE = "~receipt~"
"""Stands where the receipt goes; no receipt has such a character, and nothing has to escape it."""


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """The page of a stored ballot, cut where the receipt stands."""

    _parts: tuple[bytes, ...]

    def body(self, receipt: str) -> bytes:
        """The whole page."""
        return receipt.encode("ascii").join(self._parts)


def receipt_answer(*, is_rehearsal: bool) -> ReceiptAnswer:
    """The page of this application; within a request, since it is rendered at the first call."""
    kept: dict[bool, ReceiptAnswer] = current_app.extensions.setdefault(_EXTENSION, {})
    found = kept.get(is_rehearsal)
    if found is None:
        page = render_template("voter/receipt.html", page=ReceiptPage(_HERE, is_rehearsal=is_rehearsal))
        found = kept[is_rehearsal] = ReceiptAnswer(tuple(page.encode().split(_HERE.encode())))
    return found
