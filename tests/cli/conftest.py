"""An installation that nobody has used yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.processes import Kaohe, free_port


@pytest.fixture
def kaohe(tmp_path: Path) -> Kaohe:
    return Kaohe(tmp_path / "data", free_port())
