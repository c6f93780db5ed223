"""Finds the Chinese fonts of this machine, for documents that carry their letters with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

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

_MAY_NOT_EMBED: Final = 2
"""The bits of a font's licence that forbid to put it into a document, where they are this."""
_LICENCE_BITS: Final = 0xF
_NEEDED_TABLES: Final = ("head", "hhea", "maxp", "hmtx", "cmap", "post")
"""What every font is read for; where one of them is cut off the font is passed over."""


@dataclass(frozen=True, slots=True)
class Face:
    """The face for the Chinese mainland in a file of fonts, by its number there, and the characters that it has."""

    number: int
    characters: frozenset[int]


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


@lru_cache(maxsize=32)
def mainland_face(file: Path) -> Face | None:
    """The face of a file to write in; None where it is no whole font, or none that may be put into a document."""
    # A third of a second, which every start and every command would wait for.
    from fontTools.ttLib import TTCollection, TTFont  # noqa: PLC0415

    try:
        with file.open("rb") as content:
            is_collection = file.suffix.lower() == ".ttc"
            faces: list[Any] = TTCollection(content, lazy=True).fonts if is_collection else [TTFont(content, lazy=True)]
            names = [str(face["name"].getDebugName(4)) for face in faces]
            number = next((at for at, name in enumerate(names) if " SC" in name or name == "SimSun"), 0)
            is_drawn = "glyf" in faces[number] or hasattr(faces[number]["CFF "].cff.topDictIndex[0], "ROS")
            is_allowed = faces[number]["OS/2"].fsType & _LICENCE_BITS != _MAY_NOT_EMBED
            for table in _NEEDED_TABLES:
                faces[number][table]
            if "glyf" in faces[number]:
                faces[number]["glyf"]
            characters = frozenset(faces[number].getBestCmap())
    except Exception:  # noqa: BLE001 - fontTools raises whatever a damaged table leads to
        return None
    return Face(number, characters) if is_drawn and is_allowed else None
