"""The import contracts refuse what they are there to refuse."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("protected", ["kaohe.storage.ballot_box", "kaohe.storage.box_contents"])
def test_no_other_module_may_touch_the_ballot_box_or_what_is_in_it(copy: Path, protected: str) -> None:
    (contract,) = [each for each in CONTRACTS.values() if each.get("protected_modules") == [protected]]
    others = [*OPERATIONS, "kaohe.web.voter.routes", "kaohe.live.watching", "kaohe.cli.demo", "kaohe.factory"]
    others = [module for module in others if module not in contract["allowed_importers"]]
    for module in others:
        _plant(copy, module, f"import {protected}")
    kept, said = _lint(copy)
    assert [name for name, is_kept in kept.items() if not is_kept] == [contract["name"]]
    assert [module for module in others if f"- {module} -> {protected} (l." not in said] == []


def test_every_module_that_may_touch_the_ballot_box_does() -> None:
    for contract in CONTRACTS.values():
        for module in contract.get("allowed_importers", ()):
            text = ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text()
            assert f"from {contract['protected_modules'][0]} import" in text, module


def test_an_operation_may_not_import_one_of_a_later_stage(copy: Path) -> None:
    _plant(copy, "kaohe.operations.setup.issuing", "import kaohe.operations.hall.boards")
    (copy / "kaohe" / "operations" / "drawer").mkdir()
    (copy / "kaohe" / "operations" / "drawer" / "__init__.py").touch()
    kept, said = _lint(copy)
    assert [name for name, is_kept in kept.items() if not is_kept] == ["Operations follow the stages of a meeting"]
    assert "kaohe.operations.setup.issuing -> kaohe.operations.hall.boards" in said
    assert "kaohe.operations.drawer" in said
