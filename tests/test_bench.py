"""The bench says the best of its runs, except of what must be nothing in each of them; its picture is well-formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from faults.hostile_clients import ATTACKS

from bench import hostile_clients
from bench.lines import Line, at_least, at_most, best_of, noted
from bench.plot import Panel, Series, picture
from bench.province import walk_through_a_province


def test_the_best_run_counts_and_all_of_them_are_kept() -> None:
    seconds, shares = iter((1.4, 0.8, 1.1)), iter((3.0, 6.5, 5.0))

    def part() -> Iterator[Line]:
        yield at_most("p99", next(seconds), 1, "s")
        yield at_least("ratio", next(shares), 6, "×")
        yield noted("core time", 4.2, "s")

    p99, ratio, _ = best_of(3, part)
    assert (p99.measured, p99.is_met, p99.runs) == (0.8, True, (1.4, 0.8, 1.1))
    assert (ratio.measured, ratio.is_met, ratio.runs) == (6.5, True, (3.0, 6.5, 5.0))


def test_what_must_be_nothing_must_be_so_in_every_run() -> None:
    lost = iter((0, 2, 0))
    (line,) = best_of(3, lambda: iter([at_most("lost", next(lost), 0, "")]))
    assert (line.measured, line.is_met) == (2, False)


def test_a_target_that_no_run_meets_is_not_met() -> None:
    seconds = iter((1.4, 1.2))
    (line,) = best_of(2, lambda: iter([at_most("p99", next(seconds), 1, "s")]))
    assert (line.measured, line.is_met) == (1.2, False)


def test_the_picture_holds_every_point_on_both_its_scales() -> None:
    cheap, dear = Series("a & b", ((10, 1.0), (100, 2.0))), Series("c", ((10, 4.0), (100, 3.5)))
    drawn = ET.fromstring(picture("x < y", (Panel("items", (cheap, dear)), Panel("voters", (cheap, dear)))))
    name = "{http://www.w3.org/2000/svg}"
    circles = drawn.findall(f"{name}circle")
    assert len(circles) == 8
    assert [float(circle.get("cy")) for circle in circles[:2]] == sorted(
        (float(circle.get("cy")) for circle in circles[:2]), reverse=True
    )
    assert "a & b" in [text.text for text in drawn.findall(f"{name}text")]


def test_the_bench_plays_every_attack_that_slips_do_not_shut_out() -> None:
    assert {*hostile_clients.ATTACKS, "draining"} == set(ATTACKS)


def test_the_walk_through_a_province_reaches_every_page_and_tells_nobody_of_another_unit() -> None:
    """With figures for a hall of none: what it costs among three hundred meetings, ``make bench`` measures."""
    walk = walk_through_a_province(units=8, organizers=2, meetings=5, turns=1)
    assert len(walk.pages) > 50
    assert (walk.unreached, walk.wrong_lists, walk.seen_too_much) == ([], 0, [])
