"""Plants small changes in the parts that most hangs on, and lists those that no test catches.

    python tests/plant_changes.py [--seed 1] [--count 40] [--at-most 8]

The places are drawn by the seed, so a run can be repeated; another seed looks elsewhere. Each change is made in a copy
of the tree, and the tests nearest to it are run until one fails. Some changes alter nothing that anybody could see (a
bound that is never met), so a few survivors are allowed; each wants a look all the same. Exits with 1 where there are
more.

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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
SECONDS_AT_MOST = 600
NEAREST = {
    "kaohe/web/security.py": ("tests/web/test_headers.py", "tests/web/voter/test_refusals.py"),
    "kaohe/web/errors.py": ("tests/web/test_errors.py", "tests/web/voter", "tests/web/test_access.py"),
    "kaohe/web/access.py": (
        "tests/web/test_access.py",
        "tests/web/test_one_read_view.py",
        "tests/web/organizer/people",
        "tests/web/test_permission_matrix.py",
    ),
    "kaohe/domain/bundles.py": ("tests/domain/test_bundles.py", "tests/operations/archive"),
    "kaohe/domain/ballots/": ("tests/domain", "tests/operations/hall"),
    "kaohe/operations/hall/casting.py": ("tests/operations/hall/test_casting.py", "tests/web/voter"),
    "kaohe/storage/ballot_box.py": ("tests/storage/test_ballot_box.py", "tests/operations/hall/test_casting.py"),
    "kaohe/tally/": ("tests/tally", "tests/test_recount_cases.py"),
}
"""File or folder of the program, and its tests, the nearest first."""
_OTHER: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in", ast.And: "or", ast.Or: "and", ast.Add: "-", ast.Sub: "+",
    ast.Mult: "+",
}  # fmt: skip


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
    tests: Sequence[str]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {' '.join(self.before.split())} -> {' '.join(self.after.split())}"


def changes_of(path: str, source: str, tests: Sequence[str]) -> Iterator[Change]:
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
            return str(value + 1)
        case ast.Raise() | ast.Expr(value=ast.Call()):
            return "pass"
        case ast.Return(value=ast.expr()) if ast.get_source_segment(source, node) != "return None":
            return "return None"
    return None


def _is_text(*sides: ast.expr) -> bool:
    return any(
        isinstance(side, (ast.JoinedStr, ast.List, ast.Tuple)) or ast.unparse(side)[:1] in "'\"" for side in sides
    )


def all_changes() -> list[Change]:
    """Every change of every file that is looked at, in the order of the files."""
    found: list[Change] = []
    for place, tests in NEAREST.items():
        paths = sorted((ROOT / place).rglob("*.py")) if place.endswith("/") else [ROOT / place]
        assert paths, place
        for path in paths:
            found += changes_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"), tests)
    return found


def _copy_to(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def is_caught(change: Change, folder: Path) -> bool:
    """Whether the nearest tests, run in the copy of the tree in ``folder``, fail by the change."""
    target = folder / change.path
    whole = target.read_bytes()
    target.write_bytes(whole[: change.start] + change.after.encode() + whole[change.end :])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *change.tests],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=SECONDS_AT_MOST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_bytes(whole)
    return done.returncode != 0


def main() -> None:
    """Plant, run, list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--at-most", type=int, default=8, help="so many survivors are no failure")
    chosen = parser.parse_args()
    by_place: dict[Sequence[str], list[Change]] = {}
    for change in all_changes():
        by_place.setdefault(change.tests, []).append(change)
    chance = random.Random(chosen.seed)
    # Every place gets its share: the arithmetic alone has more lines than all others together.
    drawn = [chance.choice(list(by_place.values())[number % len(by_place)]) for number in range(chosen.count)]
    with tempfile.TemporaryDirectory(prefix="kaohe-changes-") as root:
        folders: SimpleQueue[Path] = SimpleQueue()
        for name in ("a", "b"):
            _copy_to(Path(root, name))
            folders.put(Path(root, name))

        def survives(change: Change) -> bool:
            folder = folders.get()
            try:
                survived = not is_caught(change, folder)
            finally:
                folders.put(folder)
            print(f"{'SURVIVES' if survived else 'caught  '} {change}", flush=True)  # noqa: T201 - what whoever runs it reads
            return survived

        with ThreadPoolExecutor(2) as pool:
            survivors = [change for change, survived in zip(drawn, pool.map(survives, drawn), strict=True) if survived]
    print(f"{len(survivors)} of {len(drawn)} changes survive (seed {chosen.seed}, at most {chosen.at_most})")  # noqa: T201 - as above
    sys.exit(len(survivors) > chosen.at_most)


if __name__ == "__main__":
    main()
