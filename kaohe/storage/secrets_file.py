"""Secrets that must never be in the database: the pepper of ticket codes, the wrapping key and the signing key.

A stolen database or backup reveals neither ticket codes nor ballots, because this file lies beside it and
not in it. It is written once, readable by its owner only.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kaohe.domain.errors import DataFolderUnwritable, SecretsMismatch
from kaohe.storage.atomic_files import publish

FILE_NAME = "secrets.json"
_NAMES = ("pepper", "wrapping_key", "cookie_key", "signing_key")
_NONCE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one installation."""

    pepper: bytes
    wrapping_key: bytes
    cookie_key: bytes
    signing_key: bytes
    """Signs the record of acts and the archive; its public half lies in every archive. Meetings' keys come from it."""

    def wrap(self, plain: bytes, purpose: str) -> bytes:
        """``plain`` under the wrapping key, bound to ``purpose``."""
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        return nonce + ChaCha20Poly1305(self.wrapping_key).encrypt(nonce, plain, purpose.encode())

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """What was wrapped for ``purpose``.

        Raises:
            SecretsMismatch: other secrets, another purpose, or changed bytes.
        """
        try:
            return ChaCha20Poly1305(self.wrapping_key).decrypt(
                wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], purpose.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise SecretsMismatch from error


def has_secrets(folder: Path) -> bool:
    """Whether ``folder`` holds a secrets file, whatever is in it."""
    return (folder / FILE_NAME).exists()


def load_secrets(folder: Path) -> Secrets:
    """The secrets in ``folder``, made and stored at the first call.

    The file appears whole or not at all: of several processes that make it at once one wins, and all read the same.

    Raises:
        DataFolderUnwritable: the folder or the file cannot be made.
        SecretsMismatch: the file is damaged.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
    except OSError as error:
        raise DataFolderUnwritable(f"数据目录 {folder} 无法写入，请检查 KAOHE_DATA 指定的位置和权限。") from error
    return _read(path)


def _make(path: Path) -> None:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({name: secrets.token_hex(32) for name in _NAMES}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            publish(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _read(path: Path) -> Secrets:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(*(bytes.fromhex(document[name]) for name in _NAMES))
    except OSError as error:
        raise DataFolderUnwritable(f"密钥文件 {path} 无法读取，请检查它的所有者和权限。") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SecretsMismatch(
            f"密钥文件 {path} 已损坏，没有启动。请放回原来的 {FILE_NAME}；"
            "确已丢失的，请先移走这个文件，再运行 kaohe secrets replace。"
        ) from error
