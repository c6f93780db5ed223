"""``make bench``: every figure of the project's targets, measured in one run, with the target beside it.

    python -m bench [--quick] [--only NAME]...
    python -m bench --growth

Each figure is the best of three runs, which stand beside it; what must be nothing is the worst of them. ``--growth``
measures how the cost grows with voters and items, and draws docs/growth.svg.

The loads run on this machine beside the server, so ratios count more than figures. Everything is bounded in time and
number and speaks to the loopback address only. The table goes to the terminal, the figures to build/bench.json.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

from bench.ballot_cost import parts_of_a_ballot
from bench.beside import Older, count_beside, wait_beside_slips
from bench.browser import first_views, slow_phone
from bench.growth import draw_growth
from bench.hall import ACTOR, ROOT, Hall, Running, allow_many_files, new_hall, new_nonce, serving
from bench.hostile_clients import ATTACKS, attacked
from bench.lines import Line, at_least, at_most, best_of, noted
from bench.many_meetings import cost_of_ballots, cost_of_forged_codes
from bench.office import close_and_count, file_everything, print_slips, tally_many, who_grades_whom, year_of_many
from bench.packing import pack_beside_a_vote
from bench.phones import Tally, burst, phones_of, post_request, post_through
from bench.province import walk_through_a_province
from bench.slow_clients import vote_beside
from bench.viewers import LastingScreen, Screens, addresses, open_screens
from kaohe.domain.limits import SUBJECTS_AT_MOST
from kaohe.web.projector.routes import projector

SERVE = ("-m", "kaohe", "serve")


@dataclass(frozen=True)
class Size:
    """How much is thrown at the server."""

    ballots: int
    phones: int
    seconds: float
    viewers: int
    tallied: int
    slips: int
    slow: int
    rounds: int
    meetings: int
    tickets: int
    drawn: int
    """Tickets that are printed while phones of another meeting vote."""
    older: tuple[Older, ...]
    """What a database holds of other meetings while one is counted."""
    year: tuple[int, int]
    """Units of a computed year, and people in each."""
    province: tuple[int, int, int]
    """Units, organizers and meetings of a whole province."""
    packed: tuple[int, float]
    """Meetings whose files are packed, and for how many seconds a hall votes meanwhile."""


FULL = Size(
    ballots=4000,
    phones=5000,
    seconds=3.0,
    viewers=5000,
    tallied=100_000,
    slips=1000,
    slow=2000,
    rounds=3,
    meetings=300,
    tickets=1_000_000,
    drawn=20_000,
    older=(Older(0, 0, 0), Older(300, 60, 18_000), Older(300, 60, 1_000_000)),
    year=(60, 40),
    province=(60, 100, 300),
    packed=(60, 20),
)
QUICK = Size(
    ballots=800,
    phones=500,
    seconds=0.5,
    viewers=200,
    tallied=5000,
    slips=100,
    slow=200,
    rounds=1,
    meetings=20,
    tickets=10_000,
    drawn=1000,
    older=(Older(20, 60, 1200),),
    year=(6, 40),
    province=(12, 6, 12),
    packed=(4, 3),
)


def throughput(size: Size) -> Iterator[Line]:
    """Durable ballots per second, sealed as by phones, beside the baseline and the ceilings; where their time goes."""
    seen: dict[str, list[Load]] = {}
    for _ in range(size.rounds):
        for name, measure in (
            ("kaohe", _post_to_kaohe),
            ("baseline", _post_to_baseline),
            ("constant page, application", lambda count: _post_to_ceiling("application", count)),
            ("constant page, bare server", lambda count: _post_to_ceiling("bare", count)),
        ):
            load = measure(size.ballots if name != "baseline" else size.ballots // 8)
            seen.setdefault(name, []).append(load)
    best = {name: max(load.per_second for load in loads) for name, loads in seen.items()}
    for name, figure in best.items():
        yield noted(f"POSTs per second, 64 connections: {name}", figure, "/s")
    yield at_least("kaohe / baseline", best["kaohe"] / best["baseline"], 12, "×")
    yield at_least(
        "kaohe / constant page of the same server", best["kaohe"] / best["constant page, application"], 0.4, "×"
    )
    yield at_least(
        "kaohe / constant page of the bare server", best["kaohe"] / best["constant page, bare server"], 0.25, "×"
    )
    least = {name: min(load.processor for load in loads) for name, loads in seen.items()}
    yield from _where_it_goes(size, whole=least["kaohe"], frame=least["constant page, bare server"])


def _where_it_goes(size: Size, *, whole: float, frame: float) -> Iterator[Line]:
    yield noted("core time of a ballot", whole, "µs")
    yield noted("- the bare server, with a constant page", frame, "µs")
    rest = whole - frame
    with new_hall(size.ballots // 4) as hall:
        for part, spent in parts_of_a_ballot(hall):
            rest -= spent
            yield noted(f"- {part}", spent, "µs")
    yield noted("- the rest: gates before it, waiting, waking, cold caches", rest, "µs")


@dataclass(frozen=True)
class Load:
    """What a server has done with a number of requests."""

    per_second: float
    processor: float
    """Microseconds of one core for each of them."""


def _requests(hall: Hall) -> list[bytes]:
    return [post_request(hall.path, hall.sealed_body(code, new_nonce())) for code in hall.codes]


def _post(server: Running, requests: list[bytes]) -> Load:
    before = server.cpu_seconds()
    done = asyncio.run(post_through(server.port, requests, 64))
    if done.errors:
        raise RuntimeError(f"{len(done.errors)} refused, the first: {done.errors[0]}")
    return Load(done.per_second, 1e6 * (server.cpu_seconds() - before) / len(requests))


def _post_to_kaohe(count: int) -> Load:
    with new_hall(count) as hall, serving(SERVE, hall.data) as server:
        load = _post(server, _requests(hall))
        if _stored(hall) != count:
            raise RuntimeError("not every acknowledged ballot is in the box")
        return load


def _post_to_baseline(count: int) -> Load:
    with new_hall(count) as hall:
        (hall.data / "codes.txt").write_text("\n".join(hall.codes), encoding="ascii")
        (hall.data / "subjects.txt").write_text("\n".join(hall.subject_keys), encoding="ascii")
        with serving(("-m", "bench.naive_baseline", str(hall.data)), hall.data) as server:
            # It cannot open what is sealed.
            return _post(server, [post_request(hall.path, hall.body(code, new_nonce())) for code in hall.codes])


def _post_to_ceiling(kind: str, count: int) -> Load:
    with new_hall(count) as hall, serving(("-m", "bench.ceiling", kind), hall.data) as server:
        return _post(server, _requests(hall))


def _stored(hall: Hall) -> int:
    with sqlite3.connect(hall.data / "kaohe.sqlite3") as connection:
        return int(connection.execute("SELECT count(*) FROM envelopes").fetchone()[0])


def crowd(size: Size) -> Iterator[Line]:
    """Every phone of a hall within a few seconds: page, thought, ballot, every tenth ballot twice."""
    with new_hall(size.phones) as hall, serving(SERVE, hall.data) as server:
        phones = phones_of(hall.codes, hall.sealed_body, hall.path, seconds=size.seconds)
        seen = asyncio.run(burst(server.port, hall.path, phones))
        computed = server.cpu_seconds()
        stored = _stored(hall)
    pages, posts, taps = seen.pages, seen.posts, seen.taps
    acknowledged = len(set(posts.receipts))
    what = f"{size.phones} phones in {size.seconds:g} s"
    yield at_most(f"{what}: all stored after", posts.seconds, 10, "s")
    yield at_most(f"{what}: p99 from a tap to its receipt", taps.percentile(0.99), 1, "s")
    yield noted(f"{what}: p99 of any reply to a ballot, second sendings included", posts.percentile(0.99), "s")
    yield noted(f"{what}: p99 of the page", pages.percentile(0.99), "s")
    yield noted(f"{what}: core time of the server", computed, "s")
    yield at_most(f"{what}: errors", len(posts.errors) + len(pages.errors), 0, "")
    yield at_most(f"{what}: lost", max(0, acknowledged - stored), 0, "")
    yield at_most(f"{what}: double", max(0, stored - size.phones), 0, "")


def hostile(size: Size) -> Iterator[Line]:
    """The same crowd while a client means harm, one attack after the other."""
    for attack in ATTACKS:
        with new_hall(size.phones + 1) as hall, serving(SERVE, hall.data) as server:
            *codes, spare = hall.codes
            phones = phones_of(codes, hall.sealed_body, hall.path, seconds=size.seconds)
            with attacked(server.port, hall.path, spare, attack):
                seen = asyncio.run(burst(server.port, hall.path, phones))
            computed = server.cpu_seconds()
            stored = _stored(hall)
        what = f"{size.phones} phones beside {attack}"
        yield at_most(f"{what}: p99 from a tap to its receipt", seen.taps.percentile(0.99), 1, "s")
        yield noted(f"{what}: all stored after", seen.posts.seconds, "s")
        yield noted(f"{what}: core time of the server", computed, "s")
        yield at_most(f"{what}: not stored", size.phones - stored, 0, "")


def slow_clients(size: Size) -> Iterator[Line]:
    """Two hundred voters beside thousands of connections that send a byte each second."""
    voters = 200
    with new_hall(voters) as hall, serving(SERVE, hall.data) as server:
        phones = phones_of(hall.codes, hall.sealed_body, hall.path, seconds=3)
        seen, held = asyncio.run(vote_beside(server.port, hall.path, phones, size.slow))
        stored = _stored(hall)
    what = f"{voters} voters beside {size.slow} slow clients"
    yield at_most(f"{what}: p99 from a tap to its receipt", seen.taps.percentile(0.99), 2, "s")
    yield at_most(f"{what}: voters not served", voters - len(seen.taps.latencies) + voters - stored, 0, "")
    yield at_most(f"{what}: slow connections held longer than a head may take", held, 0, "")


_SCREENS_PATIENCE_SECONDS = 90


def screens(size: Size) -> Iterator[Line]:
    """Viewers of the live page while a hall votes."""
    count = min(size.viewers, (allow_many_files() - 500) // 1)
    voters = 400
    with new_hall(voters) as hall, serving(SERVE, hall.data) as server:
        before = server.memory_kb()
        seen = Screens()
        path = f"{projector.url_prefix}/{hall.meeting_id}/{hall.stage_code}/live"

        async def watch() -> tuple[Tally, int]:
            begun = time.perf_counter()
            await open_screens(server.port, path, count, seen)
            for _ in range(10 * _SCREENS_PATIENCE_SECONDS):
                if len(seen.arrivals) >= count:
                    break
                await asyncio.sleep(0.1)
            seen.ready_after = time.perf_counter() - begun
            held = server.memory_kb()
            # Whoever connects first sees the first picture first; that is no lag.
            seen.arrivals.clear()
            requests = iter(_requests(hall))
            done = Tally()
            for _ in range(8):
                part = await post_through(server.port, [next(requests) for _ in range(voters // 8)], 8)
                done.latencies += part.latencies
                done.errors += part.errors
                await asyncio.sleep(1)
            await asyncio.sleep(2)
            return done, held

        posts, held = asyncio.run(watch())
    lags = seen.lags()
    yield noted("live: every viewer has its first picture after", seen.ready_after, "s")
    yield at_least("live viewers in one process", seen.opened - seen.lost, count, "")
    yield at_most("live: p99 lag behind the first viewer", 1000 * lags[int(len(lags) * 0.99)], 250, "ms")
    yield at_most("live: memory per viewer", (held - before) / count, 60, "KB")
    yield at_most("live: p99 of a ballot's reply meanwhile", posts.percentile(0.99), 1, "s")
    yield at_most("live: ballots refused meanwhile", len(posts.errors), 0, "")


def comeback(size: Size) -> Iterator[Line]:
    """The server is killed under its screens and started again at once; they come back as their script does."""
    count = size.viewers
    screens = [LastingScreen() for _ in range(count)]
    with new_hall(1) as hall, serving(SERVE, hall.data) as server:
        path = f"{projector.url_prefix}/{hall.meeting_id}/{hall.stage_code}/live"

        async def fall_and_rise() -> tuple[float, float]:
            where = addresses(count)
            tasks = [
                asyncio.create_task(screen.watch(server.port, path, address))
                for screen, address in zip(screens, where, strict=True)
            ]
            await _until_all(screens, comings=1)
            server.process.kill()
            begun = time.perf_counter()
            server.process.wait()
            again = serving(SERVE, hall.data, port=server.port)
            await asyncio.to_thread(again.__enter__)
            started = time.perf_counter() - begun
            await _until_all(screens, comings=2)
            seconds = time.perf_counter() - begun
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(again.__exit__, None, None, None)
            return seconds, started

        seconds, started = asyncio.run(fall_and_rise())
    yield at_most(f"live: {count} viewers are back after a kill", seconds, 15, "s")
    yield noted("live: of these the server took to start again", started, "s")


async def _until_all(screens: list[LastingScreen], *, comings: int) -> None:
    for _ in range(20 * _SCREENS_PATIENCE_SECONDS):
        if all(screen.comings >= comings and screen.newest for screen in screens):
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("not every screen has come")


def first_view(size: Size) -> Iterator[Line]:
    """What a phone loads before its first tap."""
    with new_hall(size.rounds) as hall, serving(SERVE, hall.data) as server:
        base = f"http://127.0.0.1:{server.port}"
        usable = first_views([f"{base}{hall.path}#{code}" for code in hall.codes])
        page, wire = _fetch(base + hall.path)
        files = sorted({part.split('"')[0] for part in page.split('="') if part.startswith("/static/")})
        wire += sum(_fetch(base + file.replace("&amp;", "&"))[1] for file in files)
        sealing = _fetch(f"{base}{hall.path}/seal.js")[1]
    yield at_most("first view, 30 subjects: over the wire", wire / 1024, 22, "KB")
    yield at_most("first view, 30 subjects: with what seals, a second later", (wire + sealing) / 1024, 32, "KB")
    yield at_most("first view, 30 subjects: requests, with what seals", 2 + len(files), 5, "")
    yield replace(
        at_most("first view: usable at 1.6 Mbit/s and 150 ms", min(usable), 1.2, "s"),
        runs=tuple(round(seconds, 3) for seconds in usable),
    )


def slow_phones(size: Size) -> Iterator[Line]:
    """What an old phone takes for a form of five dimensions."""
    for subjects, tap in ((30, 0.1), (100, 0.2)):
        with (
            new_hall(size.rounds, subjects, "de-neng-qin-ji-lian") as hall,
            serving(SERVE, hall.data) as server,
        ):
            seen = [slow_phone(f"http://127.0.0.1:{server.port}{hall.path}#{code}") for code in hall.codes]
        name = f"{subjects} × 5 at a processor slowed 6 times"
        usable, painted = (min(each) for each in zip(*seen, strict=True))
        yield at_most(f"{name}: usable", usable, 2, "s") if subjects == 30 else noted(f"{name}: usable", usable, "s")  # noqa: PLR2004 - the smaller form
        yield at_most(f"{name}: a tap painted", painted, tap, "s")


def _fetch(url: str) -> tuple[str, int]:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"}), timeout=10) as reply:
        body = reply.read()
        head = len(str(reply.headers))
        is_packed = reply.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(body) if is_packed else body).decode(errors="replace"), len(body) + head


def office(size: Size) -> Iterator[Line]:
    """What the organizer waits for: the count, the tally, the slips."""
    yield at_most(f"close → result, {size.phones} ballots × 30", close_and_count(size.phones, 30), 2, "s")
    seconds, growth = tally_many(size.tallied, 30)
    yield at_most(f"tally of {size.tallied} ballots × 30", seconds, 3, "s")
    yield at_most("tally: memory growth from a tenth of it", growth, 20, "MB")
    page, computed = year_of_many(*size.year)
    whole = " units × ".join(map(str, size.year))
    yield at_most(f"year of {whole} people: its page, processor time", page, 1, "s")
    yield at_most(f"year of {whole} people: computed, processor time", computed, 5, "s")
    units, voters = size.year
    people = SUBJECTS_AT_MOST // units
    divided, issued, page = who_grades_whom(units, people, voters)
    forms = f"{units} forms by unit of {people} people, {voters} voters each"
    yield noted(f"{forms}: divided, processor time", divided, "s")
    yield at_most(f"{forms}: all tickets, processor time", issued, 5, "s")
    yield at_most(f"{forms}: the page with the grid, processor time", page, 1, "s")
    yield at_most(f"{size.slips} slips", print_slips(size.slips), 10, "s")
    yield at_most("all files of 300 subjects in one", file_everything(300), 10, "s")


def packing(size: Size) -> Iterator[Line]:
    """The files of many meetings in one, packed beside a hall that votes."""
    meetings, seconds = size.packed
    alone, beside, packed = pack_beside_a_vote(meetings, seconds)
    yield at_most(f"all files of {meetings} meetings in one", packed.seconds, 60, "s")
    yield at_least("- meetings in it", packed.folders, meetings, "")
    yield at_least("- different words about its progress", len(packed.told), 3, "")
    yield noted("a hall alone: p99 from a tap to its receipt", alone.taps.percentile(0.99), "s")
    yield at_most("a hall beside the packing: p99 from a tap to its receipt", beside.taps.percentile(0.99), 1, "s")
    yield at_most("a hall beside the packing: errors", len(beside.posts.errors) + len(beside.pages.errors), 0, "")


def many_meetings(size: Size) -> Iterator[Line]:
    """A ballot among hundreds of open meetings beside one in a meeting alone, by turns; and codes that nobody made."""
    alone, among = zip(
        *((cost_of_ballots(1, size.ballots), cost_of_ballots(size.meetings, size.ballots)) for _ in range(size.rounds)),
        strict=True,
    )
    for number, what in enumerate(("a ballot", "a page with its ballot")):
        one, many = (min(cost[number] for cost in costs) for costs in (alone, among))
        yield noted(f"{what}, one open meeting: processor time", one, "ms")
        yield noted(f"{what}, {size.meetings} open meetings: processor time", many, "ms")
        ratio = f"{what}: {size.meetings} open meetings / one"
        # A page asks the database once in 50 ms of each meeting: one hall's phones share that, those of many do not.
        yield noted(ratio, many / one, "×") if "page" in what else at_most(ratio, many / one, 1.3, "×")
    forged = min(cost_of_forged_codes(size.tickets, 2000) for _ in range(size.rounds))
    yield at_most(f"a made-up code among {size.tickets} tickets: processor time", forged, 1, "ms")


def province(size: Size) -> Iterator[Line]:
    """Every page of the console among a province's meetings; and whether anybody is shown another unit's."""
    units, organizers, meetings = size.province
    walk = walk_through_a_province(units, organizers, meetings)
    what = f"{meetings} meetings, {organizers} organizers in {units} units"
    for address, seconds in sorted(walk.pages.items(), key=lambda page: -page[1]):
        yield at_most(f"{what}: {address}, processor time", seconds, 0.3, "s")
    yield at_most(f"{what}: pages that gave nobody anything", len(walk.unreached), 0, "")
    yield at_most(f"{what}: lists that are not the own units' exactly", walk.wrong_lists, 0, "")
    yield at_most(f"{what}: addresses that told somebody about another unit", len(walk.seen_too_much), 0, "")


def beside(size: Size) -> Iterator[Line]:
    """What a phone of one meeting waits for while the office prints, or counts, another one on the same server."""
    drawn = min(wait_beside_slips(size.drawn) for _ in range(size.rounds))
    yield at_most(f"a page, while {size.drawn} tickets of another meeting are drawn: longest wait", drawn, 0.3, "s")
    for older in size.older:
        seen = count_beside(80, older)
        beside = f"{older.meetings} × {older.ballots} ballots and {older.tickets} tickets"
        what = f"80 ballots counted and wiped beside {beside} ({seen.database_mb:.0f} MB)"
        yield noted(f"{what}: took", seen.took, "s")
        yield at_most(f"{what}: a ballot elsewhere, longest wait", seen.longest, 10, "s")
        yield noted(f"{what}: phones told to come back", seen.turned_away, "")


PARTS: dict[str, Callable[[Size], Iterator[Line]]] = {
    "throughput": throughput,
    "crowd": crowd,
    "hostile": hostile,
    "slow_clients": slow_clients,
    "screens": screens,
    "comeback": comeback,
    "first_view": first_view,
    "slow_phones": slow_phones,
    "office": office,
    "many_meetings": many_meetings,
    "province": province,
    "beside": beside,
    "packing": packing,
}
ONCE = frozenset({"throughput", "first_view", "slow_phones", "many_meetings", "province", "beside"})
"""Parts that repeat within themselves, so that what is compared runs by turns; or whose databases take long to fill."""


def main() -> int:
    """Measure, print, write; 0 if every target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small load, to see that everything still runs")
    parser.add_argument("--growth", action="store_true", help="how the cost grows with voters and items")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="measure this part; may be repeated")
    said = parser.parse_args()
    allow_many_files()
    if said.growth:
        draw_growth()
        return 0
    lines: list[Line] = []
    begun = time.time()
    for name in said.only or PARTS:
        size = QUICK if said.quick else FULL
        for line in best_of(1 if name in ONCE else size.rounds, lambda part=PARTS[name], size=size: part(size)):
            lines.append(line)
            mark = "" if not line.target else "met" if line.is_met else "NOT MET"
            runs = " ".join(f"{figure:g}" for figure in line.runs) if len(line.runs) > 1 else ""
            print(
                f"{line.name:<62} {line.measured:>12,.3f} {line.unit:<3} {line.target:<12} {mark:<8} {runs}", flush=True
            )
    write(lines, begun, is_quick=said.quick)
    return 0 if all(line.is_met for line in lines) else 1


def write(lines: list[Line], begun: float, *, is_quick: bool) -> None:
    """Keep the figures for programs."""
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
    document = {
        "by": ACTOR,
        "begun": begun,
        "is_quick": is_quick,
        "machine": machine,
        "lines": [asdict(each) for each in lines],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
