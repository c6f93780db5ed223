"""The raw device after the count: every block that a meeting has ever used, those that were given back too.

``mounted`` is a real file system in an image of its own; it needs root and loop devices. ``recorded`` needs neither:
all that SQLite asks of the disk is written down, and read as a device on which no block that is given back is used
again, which is the most that a device can keep.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults.failing_disk import FailingDisk
from faults.power_cuts import TRUNCATE, UNLINK, WRITE, read_log

from kaohe.domain.envelopes import BoxKey
from kaohe.domain.errors import KeyWrong, SecretsMismatch
from kaohe.domain.sealing import SUITES
from kaohe.storage.secrets_file import load_secrets

ROOT = Path(__file__).parents[2]
PAGE = 4096
_WRAPPED_LENGTH = 60
_SECTOR = 512
_IMAGE_MB = 64
_SCRIPT = Path(__file__).with_name("meeting_on_device.py")


@dataclass(frozen=True)
class Device:
    """All that an attacker has after the count, and what only the referee knows of the meeting."""

    blocks: bytes = field(repr=False)
    data: Path
    """A folder with the secrets file."""
    known: dict[str, Any] = field(repr=False)


def can_mount() -> bool:
    """Whether this machine lets the tests mount an image."""
    return os.geteuid() == 0 and subprocess.run(["losetup", "-f"], capture_output=True, check=False).returncode == 0


@contextmanager
def _mounted(image: Path, folder: Path) -> Iterator[None]:
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(_IMAGE_MB * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def mounted(folder: Path, voters: int, leak: str) -> Device:
    """Hold a meeting on an ext4 file system of its own, and read the image that it lies on."""
    image, place = folder / "device.img", folder / "device"
    with _mounted(image, place):
        known = _hold(place / "data", voters, leak, dict(os.environ))
        secrets = (place / "data" / "secrets.json").read_bytes()
    (folder / "secrets.json").write_bytes(secrets)
    return Device(_written(image.read_bytes()), folder, known)


def recorded(folder: Path, voters: int, leak: str) -> Device:
    """Hold a meeting on a disk that logs what is asked of it, and read what was given back besides the files."""
    data = folder / "data"
    data.mkdir()
    disk = FailingDisk(folder, data / "kaohe.sqlite3")
    known = _hold(data, voters, leak, disk.environment(is_logged=True))
    files: dict[int, bytearray] = {}
    given_back: list[bytes] = []
    for each in read_log(disk.log):
        content = files.setdefault(each.file, bytearray())
        if each.kind == WRITE:
            content.extend(bytes(max(0, each.offset + len(each.data) - len(content))))
            content[each.offset : each.offset + len(each.data)] = each.data
        elif each.kind in (TRUNCATE, UNLINK):
            start = each.offset if each.kind == TRUNCATE else 0
            given_back.append(bytes(content[start:]))
            del content[start:]
    parts = [*(bytes(content) for content in files.values()), *given_back]
    return Device(_written(b"".join(part + bytes(-len(part) % PAGE) for part in parts)), data, known)


def _written(blocks: bytes) -> bytes:
    """The blocks that hold anything."""
    pages = (blocks[at : at + PAGE] for at in range(0, len(blocks), PAGE))
    return b"".join(page for page in pages if any(page))


DEVICES = {"recorded": recorded, **({"mounted": mounted} if can_mount() else {})}
"""What this machine can play on; ``recorded`` on any."""


def _hold(data: Path, voters: int, leak: str, environment: dict[str, str]) -> dict[str, Any]:
    paths = os.pathsep.join(str(ROOT / each) for each in (".", "tests", "tests/support"))
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(data), str(voters), leak],
        env={**environment, "PYTHONPATH": paths},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def key_of(device: Device) -> BoxKey | None:
    """The box's key, if it lies on the device: in a row beside the public half, or in a block of its own."""
    secrets, purpose = load_secrets(device.data), f"box|{device.known['round']}"
    public = bytes.fromhex(device.known["public"])
    places = {at + shift for at in _places(device.blocks, public) for shift in range(-200, 200)}
    places |= {at for at in range(0, len(device.blocks), _SECTOR) if _is_short(device.blocks[at : at + _SECTOR])}
    for at in places:
        try:
            key = BoxKey(secrets.unwrap(device.blocks[max(0, at) : max(0, at) + _WRAPPED_LENGTH], purpose))
        except SecretsMismatch:
            continue
        if key.public == public:
            return key
    return None


def _is_short(sector: bytes) -> bool:
    return any(sector[:_WRAPPED_LENGTH]) and not any(sector[_WRAPPED_LENGTH:])


def boxes_on(device: Device) -> list[bytes]:
    """The sealed ballots that can still be read from the device."""
    return [box for box in map(bytes.fromhex, device.known["boxes"]) if box in device.blocks]


def opened_on(device: Device, key: BoxKey | None) -> int:
    """How many sealed ballots of the device the key opens."""
    count = 0
    infos = dict(zip(device.known["boxes"], device.known["infos"], strict=True))
    for box in boxes_on(device) if key else ():
        try:
            SUITES[box[0]].open(box[1:], key.private, bytes.fromhex(infos[box.hex()]))
        except KeyWrong:
            continue
        count += 1
    return count


def selections_beside_tickets(device: Device) -> int:
    """How many blocks hold what somebody chose, sealed or not, and what stands for a ticket."""
    clear = [bytes(marks) for marks in device.known["chosen"] if len(set(marks)) > 1]
    heads = [bytes.fromhex(box)[:32] for box in device.known["boxes"]]
    chosen = {at // PAGE for needle in (*clear, *heads) for at in _places(device.blocks, needle)}
    tickets = {at // PAGE for digest in device.known["digests"] for at in _places(device.blocks, bytes.fromhex(digest))}
    return len(chosen & tickets)


def _places(blocks: bytes, needle: bytes) -> Iterator[int]:
    at = blocks.find(needle)
    while at >= 0:
        yield at
        at = blocks.find(needle, at + 1)
