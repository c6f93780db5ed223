"""An installation that nobody has used yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli.processes import Kaohe, free_port


@pytest.fixture
def kaohe(tmp_path: Path) -> Kaohe:
    return Kaohe(tmp_path / "data", free_port())


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str, str | bytes], str]:
    """Writes a file that a command is to read, and returns its path."""

    def write(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write
