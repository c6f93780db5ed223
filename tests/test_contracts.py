"""The import contracts refuse what they are there to refuse."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import DeclarativeBase, Session

from kaohe.storage import meetings, rounds, tables

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
OPERATIONS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "kaohe" / "operations").glob("*/*.py"))
    if path.name != "__init__.py"
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to plant imports in."""
    ignored = shutil.ignore_patterns("__pycache__", "*.html", "*.css", "*.js")
    shutil.copytree(ROOT / "kaohe", tmp_path / "kaohe", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _plant(copy: Path, module: str, line: str) -> None:
    path = copy.joinpath(*module.split(".")).with_suffix(".py")
    path.write_text(f"{path.read_text()}\n{line}\n")


def _lint(copy: Path) -> tuple[dict[str, bool], str]:
    """Whether each contract is kept, by its name, and all that the linter says."""
    program = Path(sys.executable).with_name("lint-imports")
    wide = os.environ | {"COLUMNS": "300"}
    run = subprocess.run([program, "--no-cache"], cwd=copy, env=wide, capture_output=True, text=True, check=False)
    lines = [line.split() for line in run.stdout.splitlines()]
    verdicts = {" ".join(words[:-1]): words[-1] for words in lines if words and words[-1] in ("KEPT", "BROKEN")}
    assert verdicts.keys() == CONTRACTS.keys()
    assert run.returncode == (1 if "BROKEN" in verdicts.values() else 0)
    return {name: verdict == "KEPT" for name, verdict in verdicts.items()}, run.stdout


@pytest.mark.parametrize(
    "protected", ["kaohe.storage.ballot_box", "kaohe.storage.box_contents", "kaohe.storage.tables"]
)
def test_no_other_module_may_touch_the_ballot_box_what_is_in_it_or_the_tables(copy: Path, protected: str) -> None:
    (contract,) = [each for each in CONTRACTS.values() if protected in each.get("protected_modules", ())]
    others = [*OPERATIONS, "kaohe.web.voter.routes", "kaohe.live.watching", "kaohe.cli.demo", "kaohe.factory"]
    others = [module for module in others if module not in contract["allowed_importers"]]
    for module in others:
        _plant(copy, module, f"import {protected}")
    kept, said = _lint(copy)
    assert [name for name, is_kept in kept.items() if not is_kept] == [contract["name"]]
    assert [module for module in others if f"- {module} -> {protected} (l." not in said] == []


def test_every_module_that_may_import_what_is_protected_does() -> None:
    for contract in CONTRACTS.values():
        for module in contract.get("allowed_importers", ()):
            path = ROOT.joinpath(*module.split("."))
            texts = [each.read_text() for each in (path.glob("*.py") if path.is_dir() else [path.with_suffix(".py")])]
            imports = [f"from {protected} import" for protected in contract["protected_modules"]]
            assert any(wanted in text for text in texts for wanted in imports), module


@pytest.mark.parametrize("line", ["from sqlalchemy.orm import Session", "import flask_sqlalchemy", "import psycopg"])
def test_no_operation_may_import_the_library_of_the_database(copy: Path, line: str) -> None:
    _plant(copy, "kaohe.operations.people.accounts", line)
    kept, said = _lint(copy)
    assert [name for name, is_kept in kept.items() if not is_kept] == ["Only storage knows the database's dialect"]
    assert f"kaohe.operations.people.accounts -> {line.split()[1].partition('.')[0]}" in said


def _trees_above_storage() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("operations", "live", "web", "server", "cli"):
        for path in sorted((ROOT / "kaohe" / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def _hands_out_rows(thing: object) -> bool:
    """Whether a name of storage is a row or the library's own, or a function that returns one of these."""
    if isinstance(thing, type):
        return issubclass(thing, DeclarativeBase) or thing.__module__.startswith("sqlalchemy")
    if not inspect.isfunction(thing):
        return False
    return bool(re.search(r"\b(\w+Row|Session|Select|Result|RowMapping)\b", str(thing.__annotations__.get("return"))))


def test_storage_hands_out_neither_rows_nor_the_library_of_the_database() -> None:
    found = [
        f"{path}: {name.name}"
        for path, tree in _trees_above_storage()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kaohe.storage.")
        for name in node.names
        if _hands_out_rows(getattr(importlib.import_module(node.module or ""), name.name))
    ]
    assert found == []


def test_what_would_hand_out_rows_is_found() -> None:
    assert _hands_out_rows(tables.RoundRow)
    assert _hands_out_rows(Session)
    assert _hands_out_rows(meetings.meeting_row)
    assert not _hands_out_rows(rounds.current_round)


def _uses_of_transactions(tree: ast.Module) -> list[int]:
    """The lines on which a transaction is used, or goes by a name other than ``session``, which is looked for."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="session")):
                found.append(node.lineno)
            case ast.withitem(
                context_expr=ast.Call(func=ast.Name(id="transaction" | "reading" | "opened_copy")), optional_vars=alias
            ) if alias is not None and ast.unparse(alias) != "session":
                found.append(node.context_expr.lineno)
            case ast.arg(arg=name, annotation=ast.Name(id="Transaction")) if name != "session":
                found.append(node.lineno)
    return found


def test_a_transaction_is_only_handed_on_outside_of_storage() -> None:
    found = {
        path: lines
        for path, tree in _trees_above_storage()
        # On a page the name is the signed cookie's.
        if not any(isinstance(node, ast.ImportFrom) and node.module == "flask" for node in tree.body)
        and (lines := _uses_of_transactions(tree))
    }
    assert found == {}


def test_what_uses_a_transaction_itself_is_found() -> None:
    assert _uses_of_transactions(ast.parse("with transaction() as session:\n    session.flush()")) == [2]
    assert _uses_of_transactions(ast.parse("with transaction() as other:\n    other.flush()")) == [1]
    assert _uses_of_transactions(ast.parse("def find(database: Transaction): ...")) == [1]
    assert _uses_of_transactions(ast.parse("with reading() as session:\n    load(session)")) == []


def test_an_operation_may_not_import_one_of_a_later_stage(copy: Path) -> None:
    _plant(copy, "kaohe.operations.setup.issuing", "import kaohe.operations.hall.boards")
    (copy / "kaohe" / "operations" / "drawer").mkdir()
    (copy / "kaohe" / "operations" / "drawer" / "__init__.py").touch()
    kept, said = _lint(copy)
    assert [name for name, is_kept in kept.items() if not is_kept] == ["Operations follow the stages of a meeting"]
    assert "kaohe.operations.setup.issuing -> kaohe.operations.hall.boards" in said
    assert "kaohe.operations.drawer" in said
