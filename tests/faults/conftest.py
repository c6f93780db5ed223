"""No server outlives its test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from faults.hall_under_fault import STARTED


@pytest.fixture(autouse=True)
def no_survivors() -> Iterator[None]:
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.wait()
