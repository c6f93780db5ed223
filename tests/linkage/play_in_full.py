"""The whole linkage game (``make linkage``): long series on both databases, then every planted leak, with figures.

A product that holds still exceeds one of many 99.9 % bounds now and then, so an attack that seems to work must work
again in a second series of its own before it counts.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qs

from databases import PostgreSQLServer
from linkage.attackers import named_by_the_note
from linkage.election import Plan
from linkage.evidence import Played
from linkage.game import (
    FULL_MEETINGS,
    SMALLEST_STEP,
    Report,
    assess,
    best_order,
    in_heap_order,
    installation,
    linked_by_log,
    linked_directly,
    standard_plan,
    with_created_at,
    with_rowid,
)
from linkage.on_the_air import links
from linkage.scoring import MATCHES_PER_MEETING, PLANTED_AT_LEAST
from phone_seal import load_seal, seal_with
from playwright.sync_api import sync_playwright

from bench.chromium import start_chromium
from kaohe.domain.meetings import Custody, HallView
from kaohe.operations.hall.open_rounds import open_round

SERIES = ((200, 1, FULL_MEETINGS), (200, 50, FULL_MEETINGS), (30, 1, FULL_MEETINGS), (1000, 50, 3))
"""Voters, phones at once, meetings; every meeting in an installation of its own."""
PLANTED_VOTERS = 200
AIR_VOTERS, AIR_MEETINGS = 200, 4


def main() -> int:
    """Play everything; 0 where the product holds and every leak is found."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261118
    has_failed = False
    server = PostgreSQLServer.start()
    try:
        _say(
            "| database | voters | at once | meetings | most links in one meeting | most links in a series | "
            "concordance | learned AUC | smallest step | breaches |"
        )
        _say("|---|---|---|---|---|---|---|---|---|---|")
        for kind, database in (("SQLite", None), ("PostgreSQL", server)):
            kept: list[Played] = []
            for voters, at_once, meetings in SERIES:
                chance = random.Random(f"{seed} {kind} {voters} {at_once}")
                series = _series(database, chance, voters, at_once, meetings)
                report = assess(series, chance)
                breaches = report.breaches
                if breaches:
                    breaches &= assess(_series(database, chance, voters, at_once, meetings), chance).breaches
                has_failed |= bool(breaches)
                if at_once == 1 and report.envelopes_found < PLANTED_AT_LEAST:
                    # Attackers who see too little prove nothing.
                    has_failed = True
                    _say(f"|  | | | | envelopes found of only {report.envelopes_found:.1%} of the tickets |")
                _say(_line(kind, at_once, report, sorted(breaches)))
                if report.boxes_left:
                    _say(f"|  | | | | sealed ballots left on disks after the opening: {dict(report.boxes_left)} |")
                if voters == PLANTED_VOTERS and at_once == 1:
                    kept = list(series[:3])
            for leak, share in _planted(database, kept, random.Random(f"{seed} leaks {kind}")).items():
                has_failed |= share < PLANTED_AT_LEAST
                _say(f"| {kind} | planted: {leak} | {share:.1%} linked |")
    finally:
        server.stop()
    has_failed |= _air_fails(random.Random(f"{seed} air"))
    return int(has_failed)


def _air_fails(chance: random.Random) -> bool:
    """Somebody records the hall's network; every second phone seals, with the code that it has in a browser."""
    _say("| on the air | voters | meetings | most links of any attack in one meeting | sends in the clear, linked |")
    _say("|---|---|---|---|---|")
    most, least = 0, 1.0
    with sync_playwright() as browsers, start_chromium(browsers) as browser:
        page = browser.new_page()
        load_seal(page)

        def seal(meeting_id: str, style_key: str, fields: Sequence[tuple[str, str]], nonce: str) -> dict[str, str]:
            this_round = open_round(meeting_id, style_key)
            assert this_round is not None
            (sealed,) = seal_with(page, this_round.seal, [(list(fields), nonce)])
            assert sealed is not None
            return {name: values[0] for name, values in parse_qs(sealed["body"]).items()}

        for number in range(AIR_MEETINGS):
            with installation(None) as hold:
                plan = replace(standard_plan(number, 2 * AIR_VOTERS), sealing=seal, is_counted=False)
                played = hold(plan, chance)
            most = max(most, *(right for right, _ in links(played, sealed=True).values()))
            right, ballots = links(played, sealed=False)["what is said can be read"]
            least = min(least, right / ballots)
    _say(f"| phones that seal | {AIR_VOTERS} and as many that do not | {AIR_MEETINGS} | {most} | {least:.1%} |")
    return most > MATCHES_PER_MEETING or least < PLANTED_AT_LEAST


def _series(
    database: PostgreSQLServer | None, chance: random.Random, voters: int, at_once: int, meetings: int
) -> list[Played]:
    played = []
    began = time.monotonic()
    for number in range(meetings):
        with installation(database) as hold:
            played.append(hold(standard_plan(number, voters, at_once), chance))
        sys.stderr.write(f"  {number + 1}/{meetings}  {time.monotonic() - began:.0f} s\r")
    return played


def _planted(database: PostgreSQLServer | None, kept: Sequence[Played], chance: random.Random) -> Mapping[str, float]:
    """The worst share of voters linked, by leak."""

    def leaky(leak: str, plan: Plan) -> Played:
        with installation(database, leak) as hold:
            return hold(plan, chance)

    rows = with_rowid if database is None else in_heap_order
    plan = Plan(PLANTED_VOTERS, is_counted=False)
    shown = Plan(PLANTED_VOTERS, custody=Custody.SERVER, hall_view=HallView.BATCHED, is_counted=False)
    careless = leaky("none", Plan(PLANTED_VOTERS, nonce_from_choices=True, is_counted=False))
    found = {
        "ordinary table": min(
            best_order(rows(played), kind="by rowid" if database is None else "by ctid") for played in kept
        ),
        "created_at": min(best_order(with_created_at(played), kind="by created_at") for played in kept),
        "access log": linked_by_log(leaky("access-log", plan)),
        "ballots not sealed": linked_directly(leaky("unsealed", plan), "the envelope can be read"),
        "envelopes not padded": linked_directly(leaky("unpadded", plan), "the envelope's length"),
        "nonce from the choices": linked_directly(careless, "a digest of the choices"),
    }
    if database is not None:
        # The hall is not shown the last ballots before the result.
        was_shown = PLANTED_VOTERS - 2 * SMALLEST_STEP
        found["bare note of the screens"] = min(1.0, named_by_the_note(leaky("bare-note", shown).evidence) / was_shown)
    return found


def _line(kind: str, at_once: int, report: Report, breaches: Sequence[str]) -> str:
    # What orders two meetings of twenty only is judged by itself, and would be read beside the others as a leak.
    means = [
        score.concordance
        for score in report.scores.values()
        if score.concordance is not None and score.orders == report.meetings
    ]
    return (
        f"| {kind} | {report.voters} | {at_once} | {report.meetings} "
        f"| {max(score.most for score in report.scores.values())} "
        f"| {max(score.total for score in report.scores.values())} "
        f"| {min(means):.3f}–{max(means):.3f} | {report.auc:.3f} | {report.smallest_step} "
        f"| {'; '.join(breaches) or 'none'} |"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
