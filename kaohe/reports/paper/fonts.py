"""Finds the Chinese fonts of this machine, for documents that carry their letters with them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

_FOLDERS: Final = (
    "C:/Windows/Fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "~/Library/Fonts",
    "~/AppData/Local/Microsoft/Windows/Fonts",
)
_BY_PREFERENCE: Final = (
    *("simfang.ttf", "fzfsk.ttf", "stfangso.ttf", "simsun.ttc", "songti.ttc"),
    *("notoserifcjksc-regular.otf", "notoserifcjk-regular.ttc", "sourcehanserifsc-regular.otf"),
    *("notoserifsc-regular.otf", "notosanscjksc-regular.otf", "notosanscjk-regular.ttc", "sourcehansanssc-regular.otf"),
    *("msyh.ttc", "wqy-zenhei.ttc", "wqy-microhei.ttc", "uming.ttc", "simsunb.ttf", "simsunextg.ttf"),
)
"""File names in small letters: 仿宋 first, then 宋体 and what stands in for it, and last what has the rarest names."""


def font_files(named: Path | None) -> tuple[Path, ...]:
    """The font named by the unit and then those found here, the best first; empty where there is none."""
    return (*([named] if named else ()), *_installed(_FOLDERS))


@lru_cache(maxsize=1)
def _installed(folders: tuple[str, ...]) -> tuple[Path, ...]:
    # Fonts are not installed while a server runs often enough to look through the folders at every page.
    found = {path.name.lower(): path for path in _all_files(folders)}
    return tuple(found[name] for name in _BY_PREFERENCE if name in found)


def _all_files(folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from Path(folder).expanduser().rglob("*.[tToO][tT][fFcC]")
