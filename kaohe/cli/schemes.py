"""``kaohe schemes``: the presets, to choose from or to begin a scheme of one's own with."""

from __future__ import annotations

import json
from importlib import resources

import click

from kaohe.schemes import list_presets, load_preset
from kaohe.tally.scheme_document import scheme_document


@click.group("schemes")
def schemes_group() -> None:
    """查看预设的考核方案。"""  # noqa: D415 - help text


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
def show(preset_id: str, *, is_json: bool) -> None:
    """输出一个预设方案的文件（TOML），可以存下来修改后用于 kaohe tally --scheme。"""  # noqa: D415 - help text
    preset = load_preset(preset_id)
    if is_json:
        click.echo(json.dumps(scheme_document(preset), ensure_ascii=False, indent=2).encode())
        return
    # Bytes, because a scheme file is UTF-8 whatever the terminal is set to.
    click.echo((resources.files("kaohe.schemes") / f"{preset.key}.toml").read_bytes(), nl=False)
