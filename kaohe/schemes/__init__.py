"""The presets: one TOML file each, data without code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from kaohe.schemes.locating import line_of
from kaohe.tally.scheme.refusals import SchemeError, TallyError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document


class UnknownPresetError(TallyError):
    """There is no preset of that name."""

    code = "unknown_preset"


@cache
def list_presets() -> tuple[Scheme, ...]:
    """Return every preset, the simplest first: a plain ballot, few settings, few dimensions."""
    files = (entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".toml"))
    presets = (parse_scheme_text(entry.read_text(encoding="utf-8")) for entry in files)
    return tuple(sorted(presets, key=_simplest_first))


def _simplest_first(preset: Scheme) -> tuple[bool, int, int, str]:
    return not preset.is_plain, len(scheme_document(preset)), len(preset.dimensions), preset.key


def load_preset(preset_id: str) -> Scheme:
    """Return one preset by its key, such as ``si-deng``.

    Raises:
        UnknownPresetError: naming those that exist.
    """
    presets = {preset.key: preset for preset in list_presets()}
    if preset_id not in presets:
        known = "、".join(f"{preset.key}（{preset.title}）" for preset in presets.values())
        raise UnknownPresetError(f"没有名为「{preset_id}」的预设方案，可用的有：{known}。")
    return presets[preset_id]


def parse_scheme_text(text: str) -> Scheme:
    """Read a scheme file (TOML); a decimal such as 92.5 is taken exactly as it is written.

    Raises:
        SchemeError: the text is not TOML, or not a scheme; with the line, the key and what is expected there.
    """
    try:
        document = tomllib.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: a number of thousands of digits is a plain ValueError.
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        where = (
            f"第 {found[1]} 行第 {found[2]} 列" if found else "文件末尾" if "end of document" in str(error) else "文件"
        )
        raise SchemeError("", f"{where}写法不对，请检查引号、等号和括号是否成对、齐全。") from error
    try:
        return parse_scheme(document)
    except SchemeError as fault:
        raise fault.on_line(line_of(text, fault.key_path)) from fault
