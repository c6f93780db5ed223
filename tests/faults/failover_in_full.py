"""R12, R13, R14 as often as it takes to be believed: ``make failover``. Half an hour on a quiet machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.province_under_fault import fail_over, kill, lose_both, lose_standby, province, require_healed, restart_both

TURNS = ((fail_over, 20), (kill, 20), (restart_both, 10), (lose_standby, 5))
VOTERS = 60
SECONDS = 3.0
TRUSTS_A_WARNING = """
from kaohe.storage import database, postgresql
def commit(session, patience_seconds):
    driver = session.connection().connection.driver_connection
    with postgresql._cancelled_after(driver, 0.5):
        session.commit()
database.commit_confirmed = commit
"""


def test_many_failovers_kills_restarts_and_lost_standbys_lose_and_double_nothing(tmp_path: Path) -> None:
    with province(tmp_path, VOTERS * sum(often for _, often in TURNS)) as under_fault:
        for attack, often in TURNS:
            for number in range(often):
                under_fault.vote(VOTERS, SECONDS, attack)
                print(f"{attack.__name__} {number + 1}: {under_fault.outcome()}", flush=True)  # noqa: T201 - for whoever waits half an hour
        require_healed(under_fault)


@pytest.mark.parametrize("plant", ["", TRUSTS_A_WARNING])
def test_a_primary_that_dies_while_its_standby_is_away_takes_acknowledged_ballots_only_where_a_warning_is_trusted(
    tmp_path: Path, plant: str
) -> None:
    with province(tmp_path, VOTERS, plant) as under_fault:
        under_fault.database.standby.go_away()
        under_fault.vote(VOTERS, SECONDS, lose_both)
        if plant:
            assert under_fault.outcome().lost > 0
        else:
            require_healed(under_fault)
