"""The short game: seeded plans, a few small meetings on each database. ``make linkage`` plays the whole one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from databases import PostgreSQLServer
from linkage.attackers import named_by_the_note, notes_on_disk
from linkage.evidence import Played
from linkage.game import (
    SMALLEST_STEP,
    Plan,
    Report,
    Score,
    assess,
    best_order,
    in_heap_order,
    installation,
    learned_from,
    linked_by_log,
    linked_directly,
    standard_plan,
    with_created_at,
    with_rowid,
)
from linkage.scoring import PLANTED_AT_LEAST

from kaohe.domain.meetings import Custody, HallView

MEETINGS, VOTERS = 5, 32


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def series(kind: str, request: pytest.FixtureRequest) -> Sequence[Played]:
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    chance = random.Random(5)
    with installation(server) as hold:
        return [hold(standard_plan(number, VOTERS), chance) for number in range(MEETINGS)]


@pytest.fixture
def leaky(kind: str, request: pytest.FixtureRequest) -> Iterator[Played]:
    """A meeting on a server with the leak that the test names."""
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    with installation(server, request.param) as hold:
        yield hold(Plan(VOTERS, is_counted=False), random.Random(6))


def test_whoever_has_every_file_links_no_better_than_chance(series: Sequence[Played], kind: str) -> None:
    report = assess(series, random.Random(7))

    assert report.breaches == frozenset(), report
    assert len(report.scores) > 20
    assert report.envelopes_found >= PLANTED_AT_LEAST
    # Only where several servers can share a database is there a note for the attackers to read.
    assert any(notes_on_disk(played.evidence) for played in series) == (kind == "postgresql")


def test_an_order_that_two_meetings_of_twenty_give_is_judged_by_what_chance_gives_in_two() -> None:
    """Three standard deviations: 0.016 in twenty meetings of 200, 0.050 in two of them."""
    seen = Report(200, 20, {}, 0, 0, 0, SMALLEST_STEP, 0, 0, 0.5, {}, 1.0)

    def breaches(concordance: float, orders: int) -> frozenset[str]:
        return replace(seen, scores={"an order": Score(20, 3, concordance, orders, 1.0)}).breaches

    assert breaches(0.47, 2) == breaches(0.49, 20) == frozenset()
    assert breaches(0.44, 2) == breaches(0.47, 20) == {"an order"}


def test_an_ordinary_table_gives_every_voter_away(series: Sequence[Played]) -> None:
    planted = [with_rowid(played) for played in series]

    assert min(best_order(played, kind="by rowid") for played in planted) >= PLANTED_AT_LEAST
    assert min(best_order(played, kind="by offset in the page") for played in planted) >= PLANTED_AT_LEAST
    assert min(best_order(in_heap_order(played), kind="by ctid") for played in series) >= PLANTED_AT_LEAST
    assert min(best_order(in_heap_order(played), kind="by xmin") for played in series) >= PLANTED_AT_LEAST
    assert learned_from(planted, random.Random(8)) >= PLANTED_AT_LEAST
    assert assess(planted, random.Random(9)).breaches >= {"opened: ballots by rowid", "learned matcher"}


def test_a_time_of_creation_gives_every_voter_away(series: Sequence[Played]) -> None:
    planted = [with_created_at(played) for played in series]

    assert min(best_order(played, kind="by created_at") for played in planted) >= PLANTED_AT_LEAST
    assert "opened: ballots by created_at" in assess(planted, random.Random(9)).breaches


@pytest.mark.parametrize("leaky", ["access-log"], indirect=True)
def test_an_access_log_gives_every_phone_away(leaky: Played) -> None:
    assert linked_by_log(leaky) >= PLANTED_AT_LEAST


@pytest.mark.parametrize("leaky", ["unsealed"], indirect=True)
def test_ballots_that_are_not_sealed_give_every_voter_away(leaky: Played) -> None:
    assert linked_directly(leaky, "the envelope can be read") >= PLANTED_AT_LEAST


@pytest.mark.parametrize("leaky", ["unpadded"], indirect=True)
def test_envelopes_of_different_lengths_give_every_comment_away(leaky: Played) -> None:
    assert linked_directly(leaky, "the envelope's length") >= PLANTED_AT_LEAST


def test_a_nonce_made_from_the_choices_gives_every_voter_away(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    with installation(server) as hold:
        careless = hold(Plan(VOTERS, nonce_from_choices=True, is_counted=False), random.Random(10))

    assert linked_directly(careless, "a digest of the choices") >= PLANTED_AT_LEAST


def test_a_bare_note_of_what_the_hall_was_shown_names_the_ballots(postgresql: PostgreSQLServer) -> None:
    shown = Plan(VOTERS, custody=Custody.SERVER, hall_view=HallView.BATCHED, is_counted=False)
    with installation(postgresql, "bare-note") as hold:
        leaky = hold(shown, random.Random(11))

    # The hall has been shown all but the last increment.
    assert named_by_the_note(leaky.evidence) >= VOTERS - 2 * SMALLEST_STEP
