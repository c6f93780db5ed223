"""Each command explains itself and loads no more than it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from processes import ROOT, Kaohe

from kaohe.cli.commands import kaohe as command_line
from kaohe.schemes import list_presets

WHAT_IS_LOADED = """
import sys
from kaohe.cli import main
try:
    main()
except SystemExit:
    print(sorted(name for name in ("flask", "sqlalchemy", "gevent", "alembic") if name in sys.modules))
"""


def every_command(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from every_command(below, click.Context(below, context, name))


def test_every_command_explains_itself_in_chinese() -> None:
    explained = [
        (context.command_path, command.get_help(context))
        for command, context in every_command(command_line, click.Context(command_line, info_name="kaohe"))
    ]
    assert len(explained) > 100
    for path, text in explained:
        assert text.startswith(f"用法：{path.split()[0]}"), path
        assert re.search(r"^  [\u4e00-\u9fff“]", text, re.MULTILINE), path
        # Names of programs apart, whatever is not Chinese is to be typed: an option, a choice, a place for a value.
        said = re.sub(r"--?[a-z-]+|\b[A-Za-z_.]*[|=][A-Za-z_|=]*|\b[A-Z_]+\b(\.[a-z]+)?", "", text)
        assert set(re.findall(r"\b[A-Z]\w+|\b(?:required|default|env)\b", said, re.ASCII)) <= {
            "Excel",
            "Word",
            "PostgreSQL",
        }, path


def test_a_command_explains_itself_when_it_is_asked_to(kaohe: Kaohe) -> None:
    printed = kaohe.apart.does("serve", "--help")
    assert printed.startswith("用法：kaohe serve [选项]\n")
    assert "  -h, --help  显示这份说明。\n" in printed


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
