"""Each command explains itself and loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from processes import ROOT, Kaohe

from kaohe.schemes import list_presets

COMMANDS = (
    (),
    ("serve",),
    ("demo",),
    ("meeting",),
    ("meeting", "create"),
    ("tickets",),
    ("documents",),
    ("schemes",),
    ("sign-in-link",),
    ("tally",),
)
WHAT_IS_LOADED = """
import sys
from kaohe.cli import main
try:
    main()
except SystemExit:
    print(sorted(name for name in ("flask", "sqlalchemy", "gevent", "alembic") if name in sys.modules))
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_in_chinese(kaohe: Kaohe, command: tuple[str, ...]) -> None:
    if command == ("serve",):
        kaohe = kaohe.apart
    printed = kaohe.does(*command, "--help")
    assert "Usage: kaohe" in printed
    assert any("\u4e00" <= character <= "\u9fff" for character in printed)


@pytest.mark.parametrize("arguments", [("tally", "--preset", "none"), ("schemes", "list"), ("--help",)], ids=" ".join)
def test_what_needs_no_server_loads_none(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_LOADED, *arguments], capture_output=True, encoding="utf-8", cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_presets_are_listed_and_shown_as_files(kaohe: Kaohe) -> None:
    printed = kaohe.does("schemes", "list")
    assert [line.partition("\t")[0] for line in printed.splitlines()] == [preset.key for preset in list_presets()]
    assert kaohe.does("schemes", "show", "si-deng") == (ROOT / "kaohe/schemes/si-deng.toml").read_text(encoding="utf-8")


def test_a_new_sign_in_link_is_made_on_request(kaohe: Kaohe) -> None:
    first, second = kaohe.does("sign-in-link").strip(), kaohe.does("sign-in-link").strip()
    assert first.startswith(f"{kaohe.url}/desk/first#")
    assert first != second
