"""How the cost of a ballot grows: with the voters of a meeting, and with the items of its form."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.hall import ROOT, new_nonce, open_hall, serving
from bench.office import close_and_count
from bench.phones import get_request, post_request, post_through
from bench.plot import Panel, Series, picture

VOTERS = (100, 300, 1_000, 3_000, 10_000)
ITEMS = (10, 30, 100, 300)
_ITEMS_ALWAYS, _VOTERS_ALWAYS = 30, 500
_AT_ONCE = 64


@dataclass(frozen=True)
class Cost:
    """What one ballot costs in a meeting of this size, in milliseconds."""

    voters: int
    items: int
    cast: float
    """Of one core of the server: page and ballot."""
    count: float
    """From the close to the result, of one core."""


def measure(voters: int, items: int) -> Cost:
    """The cost in one meeting, with a server and a box of its own."""
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        hall = open_hall(Path(folder), voters=voters, subjects=items)
        with serving(("-m", "kaohe", "serve"), hall.data) as server:
            pages = [get_request(hall.path)] * voters
            ballots = [post_request(hall.path, hall.sealed_body(code, new_nonce())) for code in hall.codes]
            # The first page is rendered and the first ballot looks the round up: that is paid once.
            asyncio.run(post_through(server.port, [pages.pop(), ballots.pop()], 1))
            before = server.cpu_seconds()
            for requests in (pages, ballots):
                done = asyncio.run(post_through(server.port, requests, _AT_ONCE))
                if done.errors:
                    raise RuntimeError(done.errors[0])
            spent = server.cpu_seconds() - before
    return Cost(
        voters, items, 1000 * spent / (voters - 1), 1000 * close_and_count(voters, items, time.process_time) / voters
    )


def draw_growth() -> None:
    """Measure every size, print the table, and draw docs/growth.svg."""
    by_voters = [measure(voters, _ITEMS_ALWAYS) for voters in VOTERS]
    by_items = [measure(_VOTERS_ALWAYS, items) for items in ITEMS]
    print("| voters | items | page and ballot, ms of one core | close → result, ms of one core for each ballot |")
    print("|---|---|---|---|")
    for cost in (*by_voters, *by_items):
        print(f"| {cost.voters:,} | {cost.items} | {cost.cast:.2f} | {cost.count:.2f} |")
    drawn = picture(
        "Milliseconds of one core for each ballot",
        (
            Panel(
                f"voters ({_ITEMS_ALWAYS} items)",
                (
                    Series("page and ballot", tuple((c.voters, c.cast) for c in by_voters)),
                    Series("close → result", tuple((c.voters, c.count) for c in by_voters)),
                ),
            ),
            Panel(
                f"items ({_VOTERS_ALWAYS} voters)",
                (
                    Series("page and ballot", tuple((c.items, c.cast) for c in by_items)),
                    Series("close → result", tuple((c.items, c.count) for c in by_items)),
                ),
            ),
        ),
    )
    (ROOT / "docs" / "growth.svg").write_text(drawn, encoding="utf-8")
