"""The wireless network of each meeting's hall, in and out of the tables."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kaohe.domain.wireless import Wireless
from kaohe.storage.meetings import meeting_row


def wireless_of(session: Session, meeting_id: str) -> Wireless:
    """The wireless network of a meeting's hall."""
    row = meeting_row(session, meeting_id)
    return Wireless(row.wireless_name, row.wireless_password)


def save_wireless(session: Session, meeting_id: str, wireless: Wireless) -> None:
    """Store the wireless network of a meeting's hall."""
    row = meeting_row(session, meeting_id)
    row.wireless_name, row.wireless_password = wireless.name, wireless.password
