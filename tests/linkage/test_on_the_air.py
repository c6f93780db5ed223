"""The short game on the air: one hall, in which every second phone seals. ``make linkage`` plays the whole one."""

from __future__ import annotations

import random

from linkage.election import Plan
from linkage.game import installation
from linkage.on_the_air import links
from linkage.scoring import MATCHES_PER_MEETING, PLANTED_AT_LEAST
from scene import sealed_fields

VOTERS = 40


def test_whoever_records_the_air_links_no_better_than_chance_but_for_ballots_that_no_phone_has_sealed() -> None:
    with installation(None) as hold:
        played = hold(Plan(VOTERS, sealing=sealed_fields, is_counted=False), random.Random(12))

    sealed, clear = links(played, sealed=True), links(played, sealed=False)
    assert {ballots for _, ballots in (*sealed.values(), *clear.values())} == {VOTERS // 2}
    assert {name: right for name, (right, _) in sealed.items() if right > MATCHES_PER_MEETING} == {}
    assert clear["what is said can be read"][0] >= PLANTED_AT_LEAST * VOTERS // 2
