"""``kaohe schemes``: the presets, to choose from or to begin a scheme of one's own with, and a check of such a file."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import click

from kaohe.cli.tally_files import read_text
from kaohe.schemes import list_presets, load_preset, parse_scheme_text
from kaohe.tally.scheme import Scheme
from kaohe.tally.scheme_document import scheme_document
from kaohe.tally.stating import scheme_notes


@click.group("schemes")
def schemes_group() -> None:
    """查看预设的考核方案，检查自己写的方案。"""  # noqa: D415 - help text


@schemes_group.command("list")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
def list_all(*, is_json: bool) -> None:
    """列出预设方案的编号和名称。"""  # noqa: D415 - help text
    if is_json:
        found = [{"key": preset.key, "title": preset.title} for preset in list_presets()]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2).encode())
        return
    for preset in list_presets():
        click.echo(f"{preset.key}\t{preset.title}")


@schemes_group.command("show")
@click.argument("preset_id", metavar="ID")
@click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
@click.option("--notes", "wants_notes", is_flag=True, help="输出口径说明。")
def show(preset_id: str, *, is_json: bool, wants_notes: bool) -> None:
    """输出一个预设方案的文件（TOML），可以存下来修改后用于 kaohe tally --scheme。"""  # noqa: D415 - help text
    preset = load_preset(preset_id)
    if wants_notes:
        click.echo(_notes(preset))
    elif is_json:
        click.echo(json.dumps(scheme_document(preset), ensure_ascii=False, indent=2).encode())
    else:
        # Bytes, because a scheme file is UTF-8 whatever the terminal is set to.
        click.echo((resources.files("kaohe.schemes") / f"{preset.key}.toml").read_bytes(), nl=False)


@schemes_group.command("check")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """检查一个方案文件：能用就输出口径说明，不能用就指出哪一项有误、应当怎样。"""  # noqa: D415 - help text
    scheme = parse_scheme_text(read_text(path))
    click.echo(f"方案可以使用：{scheme.title}（{scheme.key}）")
    click.echo(_notes(scheme))


def _notes(scheme: Scheme) -> str:
    lines: list[str] = []
    for section in scheme.sections:
        lines += [f"【{section.label}】"] if scheme.parts else []
        lines += [f"  {note}" for note in scheme_notes(section.scheme)]
    lines += [f"  {remark}" for remark in (scheme.remarks if scheme.parts else ())]
    return "\n".join(lines)
