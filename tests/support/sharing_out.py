"""Which of the tests' processes runs which test, where pytest-xdist runs several."""

from __future__ import annotations

import re
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

LONG = {
    "test_two_servers.py",
    "test_projector.py",
    "test_live_screens.py",
    "test_linkage_game.py",
    "test_permission_matrix.py",
    "test_phone_forms.py",
    "test_one_read_view.py",
    "test_whole_meeting.py",
    "test_kills.py",
    "test_hostile_clients.py",
    "test_phone.py",
    "test_crowds_at_the_door.py",
    "test_ceremony.py",
    "test_refusals.py",
    "test_power_cuts.py",
    "test_recount_random.py",
}
"""Begun before all others, so that no process is left with one of them when the others are done."""
_BY_PARAMETER = {"test_linkage_game.py": "postgresql|sqlite", "test_permission_matrix.py": r"\[\w+"}
"""Files in which the tests of one parameter share what the first of them has made."""
_ONE_BY_ONE = {
    "test_systems_on_screen.py",
    "test_seventeen_systems.py",
    "test_voted_by_role.py",
}
"""Files of long tests that share nothing."""


class SharingOut(LoadScopeScheduling):
    """Keeps a file together, as its tests may share what its first test has made, unless it is named above."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        name = Path(file).name
        if name in _ONE_BY_ONE:
            return nodeid
        parameter = re.search(_BY_PARAMETER.get(name, "$"), nodeid)
        return f"{file} {parameter[0] if parameter else ''}"
