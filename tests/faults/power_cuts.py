"""What may lie on a disk after the power was cut, rebuilt from everything that was asked of it until then."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WRITE, SYNC, TRUNCATE, CREATE, UNLINK, FOLDER_SYNC, MARK = range(1, 8)
DATABASE, WAL, JOURNAL = 1, 2, 3
NAMES = {DATABASE: "kaohe.sqlite3", WAL: "kaohe.sqlite3-wal", JOURNAL: "kaohe.sqlite3-journal"}
SECTOR = 512
"""What a disk writes whole or not at all."""
_HEAD = struct.Struct("=BBHIQ")


@dataclass(frozen=True)
class Operation:
    """One thing that was asked of the disk, or a mark: from here on something was acknowledged."""

    kind: int
    file: int
    offset: int
    data: bytes = field(repr=False)


def read_log(path: Path) -> list[Operation]:
    content, place, found = path.read_bytes(), 0, []
    while place < len(content):
        kind, file, _, length, offset = _HEAD.unpack_from(content, place)
        place += _HEAD.size
        found.append(Operation(kind, file, offset, content[place : place + length]))
        place += length
    return found


@dataclass
class _Disk:
    """What surely lies on the disk, and what was asked since and may or may not."""

    files: dict[int, bytearray]
    pending: list[Operation] = field(default_factory=list)

    def take(self, operation: Operation) -> None:
        if operation.kind == SYNC:
            self._settle(lambda each: each.file == operation.file and each.kind not in (CREATE, UNLINK))
        elif operation.kind == FOLDER_SYNC:
            self._settle(lambda each: each.kind in (CREATE, UNLINK))
        else:
            self.pending.append(operation)

    def _settle(self, is_meant) -> None:
        for each in self.pending:
            if is_meant(each):
                _apply(self.files, each)
        self.pending = [each for each in self.pending if not is_meant(each)]

    def after_cut(self, chance: random.Random, how: str) -> dict[int, bytes]:
        """One state that the disk may be found in. A file whose making was not settled may be missing as a whole."""
        files = {file: bytearray(content) for file, content in self.files.items()}
        missing: set[int] = set()
        for each in self.pending:
            is_kept = how == "kept" or (how == "mixed" and chance.random() < 0.5)
            if each.kind == CREATE and not is_kept:
                missing.add(each.file)
            elif how == "mixed" and each.kind == WRITE:
                for start in range(0, len(each.data), SECTOR):
                    if chance.random() < 0.5:
                        sector = each.data[start : start + SECTOR]
                        _apply(files, Operation(WRITE, each.file, each.offset + start, sector))
            elif is_kept:
                _apply(files, each)
        return {file: bytes(content) for file, content in files.items() if file not in missing}


def _apply(files: dict[int, bytearray], operation: Operation) -> None:
    if operation.kind == UNLINK:
        files.pop(operation.file, None)
        return
    content = files.setdefault(operation.file, bytearray())
    if operation.kind == WRITE:
        end = operation.offset + len(operation.data)
        content.extend(bytes(max(0, end - len(content))))
        content[operation.offset : end] = operation.data
    elif operation.kind == TRUNCATE:
        del content[operation.offset :]
        content.extend(bytes(max(0, operation.offset - len(content))))


def crash_states(
    before: bytes, log: list[Operation], count: int, seed: int
) -> Iterator[tuple[frozenset[int], dict[int, bytes]]]:
    """(what was acknowledged, files found) for ``count`` power cuts spread over the whole log, at seeded places.

    Of what was not synced each third of the cuts drops all, keeps all, or keeps half, torn into sectors.
    """
    chance = random.Random(seed)
    places = sorted(chance.randrange(1, len(log) + 1) for _ in range(count))
    disk, marks, done = _Disk({DATABASE: bytearray(before)}), set[int](), 0
    for number, place in enumerate(places):
        for operation in log[done:place]:
            if operation.kind == MARK:
                marks.add(operation.offset)
            else:
                disk.take(operation)
        done = place
        yield frozenset(marks), disk.after_cut(chance, ("dropped", "kept", "mixed")[number % 3])
