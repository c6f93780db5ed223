"""The disk and the clock of one server, made to fail on demand: ``disk.c``, compiled once and steered from the test."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_FIELDS = (
    "operations",
    "syncs",
    "kill_at",
    "failing_syncs",
    "failed_syncs",
    "sync_delay_us",
    "is_full",
    "refused_writes",
    "clock_offset_s",
)
_SOURCE = Path(__file__).with_name("disk.c")


@cache
def compiled() -> Path:
    """The library, compiled for this run of the tests. `make system` sees to the compiler."""
    library = Path(tempfile.mkdtemp(prefix="kaohe-disk-")) / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(_SOURCE), "-ldl"], check=True)
    return library


class FailingDisk:
    """What a server started with ``environment`` believes of its disk and clock; numbers may be set at any time."""

    def __init__(self, data: Path, database: Path | None = None) -> None:
        self.log = data / "disk.log"
        self._database = database or data / "kaohe.sqlite3"
        self._path = data / "disk.control"
        self._path.write_bytes(bytes(mmap.PAGESIZE))
        with self._path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def environment(self, *, is_logged: bool = False) -> dict[str, str]:
        found = {
            "LD_PRELOAD": str(compiled()),
            "KAOHE_DISK_CONTROL": str(self._path),
            "KAOHE_DISK_WATCH": str(self._database),
        }
        return {**os.environ, **found, **({"KAOHE_DISK_LOG": str(self.log)} if is_logged else {})}

    def get(self, name: str) -> int:
        return int(struct.unpack_from("q", self._page, 8 * _FIELDS.index(name))[0])

    def set(self, **numbers: int) -> None:
        for name, number in numbers.items():
            struct.pack_into("q", self._page, 8 * _FIELDS.index(name), number)
