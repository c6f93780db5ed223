"""The process that a server starts for one piece of work: what it can be asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from kaohe.cli.application import application
from kaohe.operations.apart import Work, answer, erase_tables_here
from kaohe.operations.archive.documents import write_here
from kaohe.operations.archive.packing import pack_here
from kaohe.operations.chair.year_building import years_here
from kaohe.operations.count.counting_apart import count_here, erase_here
from kaohe.operations.setup.printing_apart import csv_here, sheets_here
from kaohe.web.documents.leaves import leaves_here

WORKS: Final[Mapping[str, Work]] = {
    "count": count_here,
    "erase": erase_here,
    "erase_tables": erase_tables_here,
    "slips": sheets_here,
    "tickets_csv": csv_here,
    "pack": pack_here,
    "sheets": write_here,
    "leaves": leaves_here,
    "years": years_here,
}


def main() -> None:
    """Do what the standard input asks for, within the server's own settings, and answer on the standard output."""
    asked = sys.stdin.read()
    with application():
        answer(asked, WORKS, _say)


def _say(said: bytes) -> None:
    sys.stdout.buffer.write(said)
    # Whoever waits is told at once.
    sys.stdout.buffer.flush()
