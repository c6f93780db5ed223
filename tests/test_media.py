"""What this machine's disks and memory may keep is read from Linux, and promised only where it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaohe.storage.media import Volume, may_hibernate, open_swap, volume_of


def machine(
    root: Path, *, kind: str = "ext4", at: str = "/", rotational: str = "1", uuid: str = "", place: str = "ata1/sda"
) -> Path:
    """A made-up /proc and /sys: one disk with one partition, mounted at ``at`` and covered by nothing."""
    disk = root / "sys/devices" / place
    partition = disk / "sda1"
    partition.mkdir(parents=True)
    (disk / "queue").mkdir()
    (disk / "queue/rotational").write_text(f"{rotational}\n")
    if uuid:
        (partition / "slaves/crypt/dm").mkdir(parents=True)
        (partition / "slaves/crypt/dm/uuid").write_text(f"{uuid}\n")
    (root / "sys/dev/block").mkdir(parents=True)
    (root / "sys/dev/block/8:1").symlink_to(partition)
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(
        "no mount at all\n"
        "25 1 0:5 / /proc rw - proc proc rw\n"
        f"26 1 8:1 / {at} rw,relatime shared:1 - {kind} /dev/sda1 rw\n"
    )
    return root


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, Volume("ext4", is_overwritten=True, is_encrypted=False)),
        ({"rotational": "0"}, Volume("ext4", is_overwritten=False, is_encrypted=False)),
        ({"kind": "btrfs"}, Volume("btrfs", is_overwritten=False, is_encrypted=False)),
        ({"kind": "tmpfs"}, Volume("tmpfs", is_overwritten=True, is_encrypted=False)),
        ({"place": "virtio1/vda"}, Volume("ext4", is_overwritten=False, is_encrypted=False)),
        ({"uuid": "CRYPT-LUKS2-77"}, Volume("ext4", is_overwritten=True, is_encrypted=True)),
        ({"uuid": "LVM-77", "rotational": "0"}, Volume("ext4", is_overwritten=False, is_encrypted=False)),
        ({"at": "/elsewhere"}, Volume("", is_overwritten=False, is_encrypted=False)),
    ],
)
def test_overwriting_is_relied_on_only_on_a_magnetic_disk_whose_file_system_writes_in_place(
    tmp_path: Path, how: dict[str, str], told: Volume
) -> None:
    assert volume_of(Path("/data/keys"), machine(tmp_path, **how)) == told


def test_the_place_of_a_mount_may_hold_a_blank_and_the_later_one_covers_the_earlier(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    root = machine(tmp_path / "root", at=str(folder).replace(" ", "\\040"))
    lines = (root / "proc/self/mountinfo").read_text()
    assert volume_of(folder / "keys", root).file_system == "ext4"
    (root / "proc/self/mountinfo").write_text(lines + lines.splitlines()[-1].replace("ext4", "zfs") + "\n")
    assert volume_of(folder / "keys", root).file_system == "zfs"


def test_where_the_system_does_not_say_nothing_is_relied_on(tmp_path: Path) -> None:
    assert volume_of(tmp_path, tmp_path / "nothing") == Volume("", is_overwritten=False, is_encrypted=False)
    assert open_swap(tmp_path / "nothing") == []
    assert not may_hibernate(tmp_path / "nothing")


def test_swap_in_the_clear_and_hibernation_are_told(tmp_path: Path) -> None:
    root = machine(tmp_path, uuid="CRYPT-LUKS2-77")
    (root / "sys/class/block").mkdir(parents=True)
    (root / "sys/class/block/sda1").symlink_to(root / "sys/devices/ata1/sda/sda1")
    (root / "sys/power").mkdir()
    (root / "sys/power/state").write_text("freeze mem disk\n")
    swaps = root / "proc/swaps"
    head = "Filename Type Size Used Priority\n"

    swaps.write_text(f"{head}/dev/zram0 partition 1 0 100\n/dev/sda1 partition 1 0 -2\n/swapfile file 1 0 -3\n")
    assert open_swap(root) == []
    assert not may_hibernate(root)
    swaps.write_text(f"{head}/dev/sdb7 partition 1 0 -2\n")
    assert open_swap(root) == ["/dev/sdb7"]
    assert may_hibernate(root)
