"""Builds kaohe's packages: flit's, with the pages, styles, migrations and guides inside the package.

They lie beside it in the source tree, where people look for them, and are of use only together with it. ``pip`` calls
these functions (PEP 517), with the source tree as the working folder.
"""

from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from flit_core import buildapi
from flit_core.buildapi import build_editable, build_sdist

__all__ = ["build_editable", "build_sdist", "build_wheel"]

_CARRIED = ("templates", "static", "migrations")
"""The folders that the running program reads (kaohe/config.py finds them in either place)."""
_PICTURES = Path("screenshots") / "guides"
"""Of ``docs/`` it reads the guides in Chinese and their pictures."""


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    """Write the wheel into ``wheel_directory`` and return its file name. Changes nothing in the source tree."""
    del metadata_directory  # it would be the same: flit writes it anew
    target = Path(wheel_directory).resolve()
    not_compiled = shutil.ignore_patterns("__pycache__")
    with TemporaryDirectory() as folder:
        staged = Path(folder)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy2(name, staged)
        shutil.copytree("kaohe", staged / "kaohe", ignore=not_compiled)
        for name in _CARRIED:
            shutil.copytree(name, staged / "kaohe" / name, ignore=not_compiled)
        guides = staged / "kaohe" / "docs"
        shutil.copytree(Path("docs") / _PICTURES, guides / _PICTURES)
        for guide in Path("docs").glob("*.zh-CN.md"):
            shutil.copy2(guide, guides)
        with chdir(staged):
            return str(buildapi.build_wheel(str(target), config_settings))
