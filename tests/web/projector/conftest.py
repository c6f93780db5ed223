"""Screens that move quickly, so that tests need not wait for a hall's pace."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaohe.live.watching.PACE_SECONDS", 0.02)
    monkeypatch.setattr("kaohe.live.watching.HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr("kaohe.live.shown_ballots.TURNOUT_STEP_SECONDS", 0.0)
