"""The one place that reads the clock. Tickets, envelopes and ballots never ask it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one home of the clock


def zone_text(moment: datetime) -> str:
    """How far this machine's clock is from UTC at a moment, such as ``UTC+08:00``."""
    return f"UTC{moment.astimezone().isoformat()[-6:]}"
