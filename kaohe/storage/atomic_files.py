"""A file gets its name when it is finished, and outlives a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """Let a file or folder outlive a power cut. Does nothing for folders where the system cannot (Windows)."""
    descriptor = None
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
    if descriptor is not None:
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def place(finished: Path, target: Path) -> None:
    """Give a finished file its name, which nobody has taken meanwhile.

    Raises:
        OSError: somebody has, or the folder cannot be written.
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
