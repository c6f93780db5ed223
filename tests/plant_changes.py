"""Plants small changes in the parts that most hangs on, and lists those that no test catches.

    python tests/plant_changes.py [--seed 1] [--count 40] [--minutes 25] [--only kaohe/tally/]

The places are drawn by the seed, so a run can be repeated; another seed looks elsewhere. Each change is made in a copy
of the tree. The tests nearest to it are run until one fails, and where none does, a wider choice of them. What has
failed is run once on the tree as it is, too: tests that fail there would catch everything. Some changes alter nothing
that anybody could see (a bound that is never met), so that one in five may survive; each wants a look all the same.
Exits with 1 where there are more, and where fewer than ten were judged in the time, whose share says little.

The kept tools for this were looked at and left: mutmut and cosmic-ray plant every change, thousands here, where a run
wants some dozens that a seed draws; cosmic-ray runs the same tests for each of them, and mutmut asks for a parser of
its own and for a framework of screens. What is needed of them is one page that reads Python's own syntax tree.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
SECONDS_AT_MOST = 600
"""A choice of tests that takes longer hangs by the change, and so finds it."""
ONE_MAY_SURVIVE_OF = 5
PLANTED_AT_LEAST = 10


@dataclass(frozen=True)
class Choice:
    """What is run for a change: the nearest tests first, the wider choice only where they all pass."""

    nearest: tuple[str, ...]
    wider: tuple[str, ...]


_TALLY_WIDER = (
    *("tests/tally/test_cases.py", "tests/tally/test_tally_refusals.py", "tests/tally/test_disclosure.py"),
    *("tests/tally/test_periods.py", "tests/test_recount_cases.py", "tests/tally/scores", "tests/tally/awards"),
    *("tests/tally/scheme", "tests/tally/scheme_checks", "tests/tally/scheme_document", "tests/schemes"),
)
NEAREST: Mapping[str, Choice] = {
    "kaohe/web/security.py": Choice(
        ("tests/web/test_headers.py", "tests/web/voter/test_bodies.py", "tests/web/test_hosts.py"),
        ("tests/web/voter/test_refusals.py", "tests/web/test_access.py", "tests/web/admin/test_metrics.py"),
    ),
    "kaohe/web/errors.py": Choice(
        ("tests/web/test_errors.py", "tests/web/voter/test_refusals.py"),
        ("tests/web/test_access.py", "tests/web/test_ready.py", "tests/web/organizer/people/test_signing_in.py"),
    ),
    "kaohe/web/access.py": Choice(
        (
            "tests/web/test_access.py",
            "tests/web/organizer/people/test_signing_in.py",
            "tests/web/admin/test_metrics.py",
        ),
        (
            "tests/web/test_one_read_view.py::test_a_close_while_the_chairs_page_is_read_does_not_show_in_it",
            "tests/web/test_one_read_view.py::test_a_page_that_writes_is_refused",
            "tests/web/organizer/people/test_accounts.py",
            "tests/web/organizer/people/test_units.py",
        ),
    ),
    "kaohe/domain/bundles.py": Choice(
        ("tests/domain/test_bundles.py",), ("tests/operations/archive/test_bundling.py", "tests/test_recount.py")
    ),
    "kaohe/domain/recorded_digests.py": Choice(
        ("tests/domain/test_bundles.py",), ("tests/operations/archive/test_bundling.py", "tests/test_recount.py")
    ),
    "kaohe/domain/ballots/": Choice(
        (
            *("tests/domain/test_ballots.py", "tests/domain/test_ballot_forms.py", "tests/domain/test_bodies.py"),
            *("tests/domain/test_ballot_labels.py", "tests/domain/test_sheet_checks.py", "tests/domain/test_paper.py"),
        ),
        ("tests/domain", "tests/operations/hall/test_casting.py"),
    ),
    "kaohe/operations/hall/casting.py": Choice(
        ("tests/operations/hall/test_casting.py",),
        (
            *("tests/web/voter/test_cast.py", "tests/web/voter/test_fast_path.py", "tests/web/voter/test_refusals.py"),
            *("tests/web/voter/test_sealed_ballots.py", "tests/operations/hall/test_open_rounds.py"),
        ),
    ),
    "kaohe/storage/ballot_box.py": Choice(
        ("tests/storage/test_ballot_box.py",),
        ("tests/operations/hall/test_casting.py", "tests/operations/count/test_opening.py"),
    ),
    "kaohe/tally/scores/": Choice(("tests/tally/scores",), _TALLY_WIDER),
    "kaohe/tally/awards/": Choice(("tests/tally/awards",), _TALLY_WIDER),
    "kaohe/tally/notes/": Choice(("tests/tally/notes",), _TALLY_WIDER),
    "kaohe/tally/scheme/": Choice(("tests/tally/scheme",), _TALLY_WIDER),
    "kaohe/tally/scheme_checks/": Choice(("tests/tally/scheme_checks",), _TALLY_WIDER),
    "kaohe/tally/scheme_document/": Choice(("tests/tally/scheme_document",), _TALLY_WIDER),
    "kaohe/tally/": Choice(
        (
            *("tests/tally/test_cases.py", "tests/tally/test_disclosure.py", "tests/tally/test_namesakes.py"),
            *("tests/tally/test_periods.py", "tests/tally/test_rounding.py", "tests/tally/test_tally_refusals.py"),
        ),
        _TALLY_WIDER,
    ),
}
"""File or folder of the program, and its tests; a file belongs to the first place that it lies in."""
_OTHER: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in", ast.And: "or", ast.Or: "and", ast.Add: "-", ast.Sub: "+",
    ast.Mult: "+",
}  # fmt: skip
_SMALL = 60
"""From here on a number is a bound or a length, where one more tells little."""


@dataclass(frozen=True)
class Change:
    """One small change of one file."""

    path: str
    line: int
    before: str
    after: str
    start: int
    end: int
    """The bytes that ``after`` takes the place of."""
    tests: Choice

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {' '.join(self.before.split())} -> {' '.join(self.after.split())}"


def changes_of(path: str, source: str, tests: Choice) -> Iterator[Change]:
    """Every change that can be planted in a file: another operator, number or condition, or a statement left out."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(source)):
        after = _changed(node, source)
        if after is not None:
            before = ast.get_source_segment(source, node) or ""
            start, end = (starts[line - 1] + column for line, column in _ends(node))
            yield Change(path, getattr(node, "lineno", 0), before, after, start, end, tests)


def _ends(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    assert isinstance(node, (ast.expr, ast.stmt))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _changed(node: ast.AST, source: str) -> str | None:  # noqa: PLR0911 - one line for each kind of change
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OTHER:
            return f"({ast.unparse(left)} {_OTHER[type(op)]} {ast.unparse(right)})"
        case ast.BoolOp(op=op, values=values):
            return f"({f' {_OTHER[type(op)]} '.join(f'({ast.unparse(value)})' for value in values)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OTHER and not _is_text(left, right):
            return f"({ast.unparse(left)} {_OTHER[type(op)]} {ast.unparse(right)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"({ast.unparse(operand)})"
        case ast.Constant(value=bool(value)):
            return str(not value)
        case ast.Constant(value=int(value)):
            return str(value + 1 if value < _SMALL else value * 2)
        case ast.Raise() | ast.Expr(value=ast.Call()):
            return "pass"
        case ast.Return(value=ast.expr()) if ast.get_source_segment(source, node) != "return None":
            return "return None"
    return None


def _is_text(*sides: ast.expr) -> bool:
    return any(
        isinstance(side, (ast.JoinedStr, ast.List, ast.Tuple)) or ast.unparse(side)[:1] in "'\"" for side in sides
    )


@cache
def all_changes() -> dict[str, list[Change]]:
    """Every change of every file that is looked at, by its place."""
    found: dict[str, list[Change]] = {}
    seen: set[Path] = set()
    for place, tests in NEAREST.items():
        paths = sorted((ROOT / place).rglob("*.py")) if place.endswith("/") else [ROOT / place]
        assert paths, place
        for path in paths:
            if path not in seen:
                changes = changes_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"), tests)
                found.setdefault(place, []).extend(changes)
        seen.update(paths)
    return found


class OutOfTime(Exception):
    """The run is over before it is known whether a change is caught."""


class Tree:
    """A copy of the tree in which changes are planted, one after the other, until the time is over."""

    def __init__(self, folder: Path, until: float, good: set[tuple[str, ...]]) -> None:
        self._folder, self._until = folder, until
        self._good = good
        """The choices of tests that are known to pass on the tree as it is; all trees share them."""
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        files = [Path(name) for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
        compiled = {path.relative_to(ROOT) for name in files for path in (ROOT / name).parent.glob("__pycache__/*.pyc")}
        for name in (*files, *compiled):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            # With its time, by which a compiled file is known to belong to its source.
            shutil.copy2(ROOT / name, folder / name)

    def catches(self, change: Change) -> bool:
        """Whether tests fail by the change.

        Raises:
            SystemExit: they fail without it.
            OutOfTime: it is not known yet.
        """
        return any(self._fails_by(change, tests) for tests in (change.tests.nearest, change.tests.wider))

    def _fails_by(self, change: Change, tests: tuple[str, ...]) -> bool:
        target = self._folder / change.path
        whole = target.read_bytes()
        target.write_bytes(whole[: change.start] + change.after.encode() + whole[change.end :])
        try:
            has_failed = bool(self._fail(tests))
        finally:
            target.write_bytes(whole)
        if has_failed and tests not in self._good:
            if fails := self._fail(tests):
                sys.exit(f"without any change these tests fail: {' '.join(tests)}\n{fails}")
            self._good.add(tests)
        return has_failed

    def _fail(self, tests: tuple[str, ...]) -> str:
        """The end of what pytest says of tests that fail; nothing where they pass."""
        left = max(0, self._until - time.monotonic())
        try:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not postgresql"),
                    # Not where all runs keep their files: what a killed run left mounted there fails the next one.
                    *(f"--basetemp={self._folder}-files", *tests),
                ],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(self._folder), "PYTHONDONTWRITEBYTECODE": ""},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=min(SECONDS_AT_MOST, left),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            if left < SECONDS_AT_MOST:
                raise OutOfTime from error
            return "they take too long"
        return done.stdout[-2000:] if done.returncode else ""


def drawn_changes(seed: int, count: int, only: str = "") -> list[Change]:
    """The changes of a run. Every place gets its share: some have many more lines than others."""
    places = [changes for place, changes in all_changes().items() if place.startswith(only)]
    chance = random.Random(seed)
    return [chance.choice(places[number % len(places)]) for number in range(count)]


def main() -> None:
    """Plant, run, list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=25, help="the run ends after these")
    parser.add_argument("--only", default="", help="the beginning of the places to look at")
    chosen = parser.parse_args()
    until = time.monotonic() + 60 * chosen.minutes
    with tempfile.TemporaryDirectory(prefix="kaohe-changes-") as root:
        trees: SimpleQueue[Tree] = SimpleQueue()
        good: set[tuple[str, ...]] = set()
        for name in ("a", "b"):
            trees.put(Tree(Path(root, name), until, good))

        def survives(change: Change) -> bool | None:
            tree = trees.get()
            try:
                survived = not tree.catches(change)
            except OutOfTime:
                return None
            finally:
                trees.put(tree)
            print(f"{'SURVIVES' if survived else 'caught  '} {change}", flush=True)  # noqa: T201 - what whoever runs it reads
            return survived

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(survives, drawn_changes(chosen.seed, chosen.count, chosen.only)))
    planted, survivors = len(outcomes) - outcomes.count(None), outcomes.count(True)
    print(f"{survivors} of {planted} changes survive (seed {chosen.seed}, {chosen.count} drawn)")  # noqa: T201 - as above
    sys.exit(survivors * ONE_MAY_SURVIVE_OF > planted or planted < min(PLANTED_AT_LEAST, chosen.count))


if __name__ == "__main__":
    main()
