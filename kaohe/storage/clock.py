"""The one place that reads the clock. Tickets, envelopes and ballots never ask it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one home of the clock


def zone_text(moment: datetime) -> str:
    """By which clock this machine says a moment: 北京时间, or how far it is from UTC, such as ``UTC+06:00``."""
    offset = moment.astimezone().isoformat()[-6:]
    return "北京时间" if offset == "+08:00" else f"UTC{offset}"


def hour_text(moment: datetime) -> str:
    """The time of day with its zone, such as 北京时间 14:03."""
    return f"{zone_text(moment)} {moment.astimezone():%H:%M}"


def moment_text(moment: datetime) -> str:
    """Day, time of day and zone, such as 2026-11-29 14:03（北京时间）."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}（{zone_text(moment)}）"
