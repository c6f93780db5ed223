"""``kaohe schemes``: the presets and the unit's own schemes, to choose from or to begin another with, and a check."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kaohe.cli.tally.files import read_text
from kaohe.config import has_database
from kaohe.schemes import list_presets, load_preset, parse_scheme_text
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import scheme_document

if TYPE_CHECKING:
    from kaohe.operations.setup.own_schemes import OwnScheme


@click.group("schemes")
def schemes_group() -> None:
    """查看预设方案和本单位方案，检查自己写的方案。"""  # noqa: D415 - help text


@schemes_group.command("list")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
def list_all(*, is_json: bool) -> None:
    """列出预设方案和本单位方案（自有）的编号和名称。"""  # noqa: D415 - help text
    presets, own_schemes = list_presets(), _own_schemes()
    if is_json:
        found = [{"key": preset.key, "title": preset.title, "own": False} for preset in presets]
        found += [{"key": scheme.id, "title": scheme.title, "own": True} for scheme in own_schemes]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2).encode())
        return
    for preset in presets:
        click.echo(f"{preset.key}\t{preset.title}")
    for scheme in own_schemes:
        click.echo(f"{scheme.id}\t{scheme.title}\t自有")


@schemes_group.command("show")
@click.argument("scheme_id", metavar="ID")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
@click.option("--notes", "wants_notes", is_flag=True, help="输出口径说明。")
def show(scheme_id: str, *, is_json: bool, wants_notes: bool) -> None:
    """输出一个方案的文件（TOML），可以存下来修改后用于 kaohe tally --scheme。"""  # noqa: D415 - help text
    text = _text_of(scheme_id)
    scheme = parse_scheme_text(text)
    if wants_notes:
        click.echo(_notes(scheme))
    elif is_json:
        click.echo(json.dumps(scheme_document(scheme), ensure_ascii=False, indent=2).encode())
    else:
        # Bytes, because a scheme file is UTF-8 whatever the terminal is set to.
        click.echo(text.encode(), nl=not text.endswith("\n"))


@schemes_group.command("check")
@click.argument("path", metavar="FILE|ID", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """检查一个方案文件（或本单位方案）：能用就输出口径说明，不能用就指出哪一项有误、应当怎样。"""  # noqa: D415 - help text
    own_scheme = None if path.exists() else _own_scheme(str(path))
    scheme = parse_scheme_text(read_text(path) if own_scheme is None else own_scheme.document)
    click.echo(f"方案可以使用：{scheme.title}（{scheme.key}）")
    click.echo(_notes(scheme))


def _own_schemes() -> Sequence[OwnScheme]:
    """The unit's own schemes; without a database there are none, and none is made for the asking."""
    if not has_database():
        return ()
    from kaohe.cli.application import application  # noqa: PLC0415 - the presets alone need no server
    from kaohe.operations.setup.own_schemes import list_own_schemes  # noqa: PLC0415 - the same

    with application():
        return list_own_schemes()


def _own_scheme(scheme_id: str) -> OwnScheme | None:
    return next((scheme for scheme in _own_schemes() if scheme.id == scheme_id), None)


def _text_of(scheme_id: str) -> str:
    """The file of a preset, or of one of the unit's own.

    Raises:
        UnknownPresetError: there is none of either.
    """
    if scheme_id not in {preset.key for preset in list_presets()}:
        own_scheme = _own_scheme(scheme_id)
        if own_scheme is not None:
            return own_scheme.document
    preset = load_preset(scheme_id)
    return (resources.files("kaohe.schemes") / f"{preset.key}.toml").read_text(encoding="utf-8")


def _notes(scheme: Scheme) -> str:
    lines: list[str] = []
    for section in scheme.sections:
        lines += [f"【{section.label}】"] if scheme.declared_sections else []
        lines += [f"  {note}" for note in scheme_notes(section.scheme)]
    lines += [f"  {remark}" for remark in (scheme.remarks if scheme.declared_sections else ())]
    return "\n".join(lines)
