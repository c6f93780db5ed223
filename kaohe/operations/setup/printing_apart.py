"""Draws the slips of a large meeting in a process of its own (制票另起进程), while phones elsewhere are served."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Final

from kaohe.domain.errors import NotFound
from kaohe.operations.apart import Tell, do_apart, works_apart
from kaohe.operations.setup.printing import list_slips, new_printing, slip_count
from kaohe.reports.ticket_slips import PrintedSlip, Slip, slip_pages, slips_page_chunks, tickets_csv

_FEW: Final = 100
"""So many slips are drawn in a tenth of a second, in which no process has begun its work."""


@dataclass(frozen=True, slots=True)
class SlipSheets:
    """One part of a printing."""

    part_sizes: Sequence[int]
    """How many slips each part of the printing holds; one part of none where there is nothing to print."""
    pages: Sequence[Sequence[PrintedSlip]]
    """The pages of this part. Every group begins on paper of its own, so that the piles for handing out do not mix."""


def slip_sheets(meeting_id: str, printing: str, part: int) -> SlipSheets:
    """The pages of one part of a printing (see ``list_slips``); parts count from 1. Ends the read view.

    Raises:
        NotFound: there is no such part.
        CodesSealed: voting has begun.
        WorkStopped: the process that draws them has ended before its work.
    """
    asked: dict[str, Any] = {"meeting_id": meeting_id, "printing": printing, "part": part}
    if not _is_large(meeting_id):
        return _sheets(**asked)
    made = json.loads(do_apart("slips", asked))
    return SlipSheets(
        made["part_sizes"],
        [[PrintedSlip(Slip(**one.pop("slip")), **one) for one in page] for page in made["pages"]],
    )


def shuffled_csv(meeting_id: str) -> bytes:
    """The codes and addresses of all tickets (see ``tickets_csv``), in an order of their own. Ends the read view.

    Raises:
        CodesSealed: voting has begun.
        WorkStopped: the process that writes them has ended before its work.
    """
    if not _is_large(meeting_id):
        return _csv(meeting_id)
    return do_apart("tickets_csv", {"meeting_id": meeting_id})


def sheets_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The pages, in the fresh process."""
    return json.dumps(asdict(_sheets(**asked))).encode()


def csv_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The codes and addresses, in the fresh process."""
    return _csv(**asked)


def _is_large(meeting_id: str) -> bool:
    return works_apart() and slip_count(meeting_id) > _FEW


def _sheets(meeting_id: str, printing: str, part: int) -> SlipSheets:
    chunks = slips_page_chunks(list_slips(meeting_id, printing)) or [[]]
    if not 1 <= part <= len(chunks):
        raise NotFound
    grouped = groupby(chunks[part - 1], lambda slip: slip.group_label)
    return SlipSheets([len(chunk) for chunk in chunks], [page for _, group in grouped for page in slip_pages(group)])


def _csv(meeting_id: str) -> bytes:
    return tickets_csv(list_slips(meeting_id, new_printing()))
