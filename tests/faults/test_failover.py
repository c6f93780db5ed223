"""R12, R14 in short: the primary dies, a server is killed, both are restarted; every phone gets its receipt.

``make failover`` does it often (``failover_in_full.py``).
"""

from __future__ import annotations

from pathlib import Path

from faults.province_under_fault import fail_over, kill, province, require_healed, restart_both

VOTERS = 24
SECONDS = 0.6


def test_primary_and_servers_die_in_the_middle_of_the_voting_and_every_phone_gets_its_receipt(tmp_path: Path) -> None:
    with province(tmp_path, 3 * VOTERS) as under_fault:
        for attack in (fail_over, kill, restart_both):
            under_fault.vote(VOTERS, SECONDS, attack)
        require_healed(under_fault)
