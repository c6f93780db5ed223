"""The private halves of the boxes' keys that the servers hold: one file for each round, apart from the database.

A database keeps what was deleted from it for a while, in its log, in freed pages, in every backup. So the key of a box
is never in there. Its file lies in the folder of the keys (KAOHE_KEYS), wrapped like all secrets, and fills one block
of the disk: it is written once, and overwritten in its place when the round needs it no more.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kaohe.domain.envelopes import BoxKey
from kaohe.domain.errors import BackupRefused, KeyFileMissing, KeyFolderUnwritable, SecretsMismatch, TracesLeft
from kaohe.storage.atomic_files import publish, sync
from kaohe.storage.installation import these_secrets, this_config

_BLOCK = 4096
"""What file systems write in one piece. A shorter file might lie within their own records, which are copied about."""
_MARK, _MARK_LENGTH = "shared-by-servers.id", 16
_WRAPPED_LENGTH = 60
"""A nonce of 12 bytes, a key of 32 and a tag of 16."""


def key_file_name(round_id: str) -> str:
    """The name of a round's key file, in the folder of the keys and wherever a copy is kept."""
    return f"round-{round_id}.key"


def mark_key_folder() -> str:
    """What tells servers that share the folder of the keys from those that do not, drawn by the first one. Idempotent.

    '' where this server cannot read the folder, or the first one cannot make it.
    """
    folder = this_config().key_folder
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _write_new(folder / _MARK, secrets.token_hex(8).encode())
    return key_folder_mark()


def key_folder_mark() -> str:
    """The mark of the folder of the keys; '' where no server has made one, or this process cannot read it."""
    try:
        return (this_config().key_folder / _MARK).read_text(encoding="ascii", errors="replace")[:_MARK_LENGTH]
    except OSError:
        return ""


def has_key_file(round_id: str) -> bool:
    """Whether there is a key file of this round, whatever is in it."""
    return _path(round_id).is_file()


def write_round_key(round_id: str, key: BoxKey) -> None:
    """Store the key of a round that is about to open, durably; what an opening that failed has left is overwritten.

    Raises:
        KeyFolderUnwritable: the folder of the keys cannot be made or written.
    """
    store_wrapped_key(round_id, these_secrets().wrap(key.private, _purpose(round_id)))


def store_wrapped_key(round_id: str, wrapped: bytes) -> None:
    """Store a key that is wrapped already. The file appears whole or not at all.

    Raises:
        KeyFolderUnwritable: the folder of the keys cannot be made or written.
    """
    path = _path(round_id)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in _files_of(path):
            _overwrite(leftover)
        _write_new(_unfinished(path), wrapped.ljust(_BLOCK, b"\0"))
        publish(_unfinished(path), path)
    except OSError as error:
        raise KeyFolderUnwritable(f"钥匙目录 {path.parent} 无法写入，{KeyFolderUnwritable.what_to_do}") from error


def read_round_key(round_id: str, public_key: bytes | None) -> BoxKey:
    """The key of a round, found to be the one that its ballots are sealed to.

    Raises:
        KeyFileMissing: this server cannot read its file, or what stands there is not that key.
    """
    path = _path(round_id)
    try:
        key = BoxKey(these_secrets().unwrap(path.read_bytes()[:_WRAPPED_LENGTH], _purpose(round_id)))
    except (OSError, SecretsMismatch) as error:
        raise _missing(path) from error
    if key.public != public_key:
        raise _missing(path)
    return key


def can_read_key(round_id: str, public_key: bytes | None) -> bool:
    """Whether this server can read the key of a round."""
    try:
        read_round_key(round_id, public_key)
    except KeyFileMissing:
        return False
    return True


def destroy_round_key(round_id: str) -> None:
    """Overwrite the key file of a round in its place, wait until the disk has it, and remove it. Idempotent.

    Raises:
        TracesLeft: the file cannot be written.
    """
    path = _path(round_id)
    try:
        for file in _files_of(path):
            _overwrite(file)
    except OSError as error:
        raise TracesLeft(f"钥匙文件 {path} 还没有能覆盖删除，请检查它的权限和磁盘，再点一次。") from error


def copy_round_key(round_id: str, public_key: bytes | None, folder: Path) -> Path:
    """Write a copy of a round's key file to a folder elsewhere, durably; returns where it is.

    Raises:
        KeyFileMissing: this server cannot read the key.
        BackupRefused: the copy cannot be written, or there is one already.
    """
    read_round_key(round_id, public_key)
    path = _path(round_id)
    target = folder / path.name
    try:
        _write_new(target, path.read_bytes())
        sync(folder)
    except FileExistsError as error:
        raise BackupRefused(f"文件 {target} 已经存在，不会覆盖，请换一个目录。") from error
    except OSError as error:
        raise BackupRefused(f"钥匙文件没有复制成，请检查 {folder} 的权限和剩余空间，再试一次。") from error
    return target


def _path(round_id: str) -> Path:
    return this_config().key_folder / key_file_name(round_id)


def _unfinished(path: Path) -> Path:
    # Always the same name, so that what a power cut has left there is found and overwritten, too.
    return path.with_name(f".{path.name}.part")


def _files_of(path: Path) -> Iterator[Path]:
    yield from (file for file in (_unfinished(path), path) if file.exists())


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(max(_BLOCK, path.stat().st_size)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync(path.parent)


def _purpose(round_id: str) -> str:
    return f"box|{round_id}"


def _missing(path: Path) -> KeyFileMissing:
    return KeyFileMissing(f"本轮的钥匙文件 {path} 读不到，或不是原来的那一份，不能开箱。{KeyFileMissing.what_to_do}")
