"""Whoever has the raw device and the secrets file after the count learns nobody's choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from linkage.raw_device import DEVICES, boxes_on, key_of, opened_on, selections_beside_tickets
from linkage.scoring import PLANTED_AT_LEAST

VOTERS = 40


@pytest.mark.parametrize("kind", DEVICES)
def test_on_the_raw_device_there_is_no_key_no_sealed_ballot_and_no_choice_beside_a_ticket(
    tmp_path: Path, kind: str
) -> None:
    device = DEVICES[kind](tmp_path, VOTERS, "none")

    # An attacker who saw nothing would prove nothing: the device holds the tickets and the opened ballots.
    assert sum(bytes.fromhex(digest) in device.blocks for digest in device.known["digests"]) == VOTERS
    assert sum(bytes(marks) in device.blocks for marks in device.known["chosen"]) == VOTERS
    assert key_of(device) is None
    assert boxes_on(device) == []
    assert selections_beside_tickets(device) == 0


@pytest.mark.parametrize("kind", DEVICES)
def test_a_key_in_the_database_and_a_log_that_is_given_back_as_it_is_give_every_ballot_away(
    tmp_path: Path, kind: str
) -> None:
    device = DEVICES[kind](tmp_path, VOTERS, "today")

    key = key_of(device)
    assert key is not None
    assert opened_on(device, key) >= PLANTED_AT_LEAST * VOTERS
    assert selections_beside_tickets(device) > 0
