"""Atomic, durable file creation: a file gets its name only once it is complete and safe from a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """Flush a file or folder to disk. Does nothing for folders where the system cannot (Windows)."""
    descriptor = None
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
    if descriptor is not None:
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def publish(finished: Path, target: Path) -> None:
    """Give a complete file its name, durably, and never overwrite another one.

    Raises:
        OSError: the name is taken, or the folder cannot be written.
    """
    try:
        os.link(finished, target)
    except FileExistsError:
        raise
    except OSError:
        finished.replace(target)
    else:
        finished.unlink()
    sync(target.parent)
