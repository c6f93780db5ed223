"""Makes the folders that start kaohe without an internet: every wheel of the lock for a system, and its start files.

``make bundle`` makes them for all systems, ``make bundle FOR=windows-x64`` for one, under build/bundles/, each as a
folder and as a zip file. ``WITH_PYTHON=DIR`` puts a Python for that system into the folder, one that has pip and venv.
A wheel that is missing for any of the supported versions of Python ends it with pip's words; hashes are the lock's.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "deploy" / "offline"
LOCK = ROOT / "requirements.lock"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@dataclass(frozen=True)
class System:
    """What a folder is for: how pip names it, how markers do, and which files start kaohe there."""

    tags: tuple[str, ...]
    markers: dict[str, str]
    start_files: dict[str, str]
    pythons: tuple[str, ...] = ("3.11", "3.12", "3.13", "3.14")


def _posix(system: str, platform: str, machine: str) -> dict[str, str]:
    return {"os_name": "posix", "platform_system": system, "sys_platform": platform, "platform_machine": machine}


_LINUX = {"start.sh": "启动.sh", "start.desktop": "启动.desktop"}
_GLIBC = (28, 27, 26, 24, 17)
"""UOS and Kylin come with 2.28 and newer."""
SYSTEMS = {
    "windows-x64": System(
        ("win_amd64",),
        {"os_name": "nt", "platform_system": "Windows", "sys_platform": "win32", "platform_machine": "AMD64"},
        {"start.bat": "启动.bat"},
    ),
    "macos-arm64": System(
        tuple(f"macosx_{major}_0_{kind}" for major in range(11, 16) for kind in ("arm64", "universal2"))
        + tuple(f"macosx_10_{minor}_universal2" for minor in range(9, 16)),
        _posix("Darwin", "darwin", "arm64"),
        {"start.sh": "启动.command"},
        ("3.12", "3.13", "3.14"),  # gevent has no wheel for 3.11
    ),
    "linux-x64": System(
        (*(f"manylinux_2_{minor}_x86_64" for minor in (*_GLIBC, 12, 5)), "manylinux2014_x86_64"),
        _posix("Linux", "linux", "x86_64"),
        _LINUX,
    ),
    "linux-arm64": System(
        (*(f"manylinux_2_{minor}_aarch64" for minor in _GLIBC), "manylinux2014_aarch64"),
        _posix("Linux", "linux", "aarch64"),
        _LINUX,
    ),
}
SHARED = ("start.py", "no-python.txt")


def requirements_of(lock: str, system: System, python: str) -> str:
    """The lines of a lock that ``system`` needs with this Python, hashes kept and markers judged."""
    environment = {
        **system.markers,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }
    lines = []
    for line in re.sub(r"\\\n\s*", " ", lock).splitlines():
        if not line or line[0] in " #":
            continue
        wanted, *hashes = line.split(" --hash=")
        requirement = Requirement(wanted.strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            pinned = f"{requirement.name}{requirement.specifier}"
            lines.append(" ".join([pinned, *(f"--hash={each.strip()}" for each in hashes)]))
    return "\n".join(lines) + "\n"


def lay_out(folder: Path, system: System, with_python: Path | None = None) -> None:
    """Everything of a folder but the wheels."""
    folder.mkdir(parents=True)
    shutil.copy2(LOCK, folder)
    for name, there in {**{name: name for name in SHARED}, **system.start_files}.items():
        shutil.copy2(PARTS / name, folder / there)
        if "start.bat" in system.start_files and name.endswith((".bat", ".txt")):
            # Every Windows reads these line ends, and a text with this mark as UTF-8; a batch file must have no mark.
            encoding = "ascii" if name.endswith(".bat") else "utf-8-sig"
            (folder / there).write_text((PARTS / name).read_text("utf-8"), encoding, newline="\r\n")
    if with_python is not None:
        shutil.copytree(with_python, folder / "python", symlinks=True)


def _bring_wheels(folder: Path, system: System) -> None:
    tags = [part for tag in system.tags for part in ("--platform", tag)]
    for python in system.pythons:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
            wanted.write(requirements_of(LOCK.read_text(), system, python))
            wanted.flush()
            abis = [part for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for part in ("--abi", abi)]
            only = ("--no-deps", "--only-binary=:all:", "--require-hashes", "-r", wanted.name)
            kind = ("--python-version", python, "--implementation", "cp", *abis, *tags)
            subprocess.run((*_PIP, "download", *only, *kind, "--dest", str(folder)), check=True)


def main() -> None:
    """Make the folders that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="names", choices=[*SYSTEMS], nargs="+", default=[*SYSTEMS])
    parser.add_argument("--with-python", type=Path, help="a Python for that system, with pip and venv")
    asked = parser.parse_args()
    if asked.with_python and len(asked.names) != 1:
        parser.error("--with-python is for one system: name it by --for")
    target = ROOT / "build" / "bundles"
    built = target / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    own = ("--no-deps", "--no-index", "--no-build-isolation")
    subprocess.run((*_PIP, "wheel", *own, "--wheel-dir", str(built), str(ROOT)), check=True)
    (wheel,) = built.glob("kaohe-*.whl")
    version = wheel.name.split("-")[1]
    for name in asked.names:
        folder = target / f"kaohe-{version}-{name}"
        lay_out(folder, SYSTEMS[name], asked.with_python)
        _bring_wheels(folder / "wheels", SYSTEMS[name])
        shutil.copy2(wheel, folder / "wheels")
        shutil.make_archive(str(folder), "zip", target, folder.name)
        count = len(list((folder / "wheels").iterdir()))
        print(f"{folder.name}: {count} wheels, {folder.with_name(folder.name + '.zip').stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
