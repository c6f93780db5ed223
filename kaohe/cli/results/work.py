"""The process that a server starts for one piece of work: what it can be asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Final

from kaohe.cli.application import application
from kaohe.operations.apart import Work, answer

_WORKS: Final[Mapping[str, tuple[str, str]]] = {
    "count": ("kaohe.operations.count.counting_apart", "count_here"),
    "erase": ("kaohe.operations.count.counting_apart", "erase_here"),
    "erase_tables": ("kaohe.operations.apart", "erase_tables_here"),
    "slips": ("kaohe.operations.setup.printing_apart", "sheets_here"),
    "tickets_csv": ("kaohe.operations.setup.printing_apart", "csv_here"),
    "pack": ("kaohe.operations.archive.packing", "pack_here"),
    "sheets": ("kaohe.operations.archive.documents", "write_here"),
    "leaves": ("kaohe.web.documents.leaves", "leaves_here"),
    "years": ("kaohe.operations.chair.year_building", "years_here"),
}
"""Where each piece of work lives; only the one that is asked for is loaded, so that a hall that counts does not wait
for what writes the files of offices."""


def main() -> None:
    """Do what the standard input asks for, within the server's own settings, and answer on the standard output."""
    asked = sys.stdin.read()
    with application():
        answer(asked, _work_of, _say)


def _work_of(name: str) -> Work:
    module, function = _WORKS[name]
    work: Work = getattr(importlib.import_module(module), function)
    return work


def _say(said: bytes) -> None:
    sys.stdout.buffer.write(said)
    # Whoever waits is told at once.
    sys.stdout.buffer.flush()
