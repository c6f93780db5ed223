"""What the disks and the memory of this machine may keep of what the program overwrites, as Linux tells it.

Overwriting a file reaches its old content only where the file system writes in place and the disk is a magnetic one.
What may be relied on is listed here; whatever else is found, or cannot be found out, is not relied on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_IN_PLACE = frozenset({"ext2", "ext3", "ext4", "xfs", "vfat"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNT = re.compile(r"\S+ \S+ (?P<device>\S+) \S+ (?P<at>\S+) .* - (?P<kind>\S+) ")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Volume:
    """Where a folder lies."""

    file_system: str
    """As Linux calls it; '' where it cannot be found out."""
    is_overwritten: bool
    """Whether what is overwritten there is gone."""
    is_encrypted: bool
    """Whether everything below it lies on an encrypted device."""


def volume_of(folder: Path, root: Path = Path("/")) -> Volume:
    """The volume of a folder. ``root`` is where ``proc`` and ``sys`` are mounted."""
    found = _mount_of(folder, root)
    if found is None:
        return Volume("", is_overwritten=False, is_encrypted=False)
    device, kind = root / "sys/dev/block" / found["device"], found["kind"]
    is_overwritten = kind in _IN_MEMORY or (kind in _IN_PLACE and _has_platters(device))
    return Volume(kind, is_overwritten, _is_encrypted(device))


def open_swap(root: Path = Path("/")) -> list[str]:
    """The swap areas to which memory may be written in the clear; compressed memory and encrypted devices are none."""
    try:
        lines = (root / "proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return []
    areas = [line.split()[:2] for line in lines]
    return [name for name, kind in areas if not name.startswith("/dev/zram") and not _is_sealed(name, kind, root)]


def may_hibernate(root: Path = Path("/")) -> bool:
    """Whether this machine can write its whole memory to a disk when it goes to sleep."""
    try:
        return "disk" in (root / "sys/power/state").read_text().split() and bool(open_swap(root))
    except OSError:
        return False


def _mount_of(folder: Path, root: Path) -> dict[str, str] | None:
    try:
        lines = (root / "proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    mounts = [found.groupdict() for line in lines if (found := _MOUNT.match(line))]
    above = [each for each in mounts if folder.resolve().is_relative_to(_unescaped(each["at"]))]
    # Of two at one place the later one covers the earlier.
    return max(reversed(above), key=lambda each: len(_unescaped(each["at"])), default=None)


def _unescaped(path: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), path)


def _has_platters(device: Path) -> bool:
    """Whether a device is a magnetic disk. A virtual one says so too, whatever it lies on."""
    place = device.resolve()
    if "virtio" in str(place) or "/virtual/" in str(place):
        return False
    for folder in (place, place.parent):
        if (folder / "queue/rotational").is_file():
            return (folder / "queue/rotational").read_text().strip() == "1"
    return False


def _is_encrypted(device: Path) -> bool:
    return any(uuid.startswith("CRYPT-") for uuid in _mapped(device))


def _mapped(device: Path) -> Iterator[str]:
    """What the device mapper calls a device, and those below it."""
    uuid = device / "dm/uuid"
    if uuid.is_file():
        yield uuid.read_text()
    slaves = device / "slaves"
    for below in sorted(slaves.iterdir()) if slaves.is_dir() else ():
        yield from _mapped(below)


def _is_sealed(name: str, kind: str, root: Path) -> bool:
    if kind == "file":
        return volume_of(Path(name), root).is_encrypted
    return _is_encrypted(root / "sys/class/block" / Path(name).resolve().name)
