"""Which secrets a database was made with: a mark in it, from which none of them can be learned.

A database and a secrets file that do not belong together would be found out by the first voter, whose printed ticket
nobody knows. So they are compared at every start, before anything is served.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import astuple
from pathlib import Path

from sqlalchemy import NullPool, create_engine, inspect, make_url, select, text
from sqlalchemy.orm import Session

from kaohe.domain.errors import SecretsMismatch
from kaohe.domain.record_chain import is_signed, public_half
from kaohe.storage.database import reading, transaction
from kaohe.storage.installation import these_secrets, this_config
from kaohe.storage.secrets_file import FILE_NAME, Secrets
from kaohe.storage.tables import RecordEntryRow, SecretsMarkRow

_TURN = 0x6B616F6865 + 1
"""The lock on PostgreSQL that says who may set the mark."""


def mark_of(secrets: Secrets) -> bytes:
    """A keyed digest of fixed words. All secrets together are the key, so that no guess at one of them can be tried."""
    key = hashlib.sha256("|".join(secret.hex() for secret in astuple(secrets)).encode()).digest()
    return hmac.digest(key, b"kaohe: these secrets belong to this database", "sha256")


def require_own_secrets() -> None:
    """Refuse to start with other secrets than the database was made with. Needs an up-to-date database.

    The first start writes the mark; a database whose mark was removed must hold a record that these secrets have
    signed, if it holds one. Where two processes do so at the same moment, one sets the mark and the other one is held
    to it. Any other start only reads one row.

    Raises:
        SecretsMismatch: naming the folder where the right file belongs.
    """
    with reading() as session:
        if _is_own(session):
            return
    with transaction(is_told=False) as session:
        wait_for_mark(session)
        if not _is_own(session):
            _require_own_signature(session)
            put_mark(session)


def has_other_mark() -> bool:
    """Whether the database bears the mark of other secrets than this process has."""
    with reading() as session:
        return bears_other_mark(session)


def bears_other_mark(session: Session) -> bool:
    """Whether the database of this session, such as a backup, bears the mark of other secrets."""
    found = session.get(SecretsMarkRow, 1)
    return found is not None and not _is_these(found.mark)


def wait_for_mark(session: Session) -> None:
    """Hold the mark until the transaction ends; on SQLite every writing transaction does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def put_mark(session: Session) -> None:
    """Mark the database as belonging to the secrets of this process, replacing any other mark."""
    secrets = these_secrets()
    session.merge(SecretsMarkRow(id=1, mark=mark_of(secrets), public_key=public_half(secrets.signing_key)))
    session.flush()


def marked_key(session: Session) -> bytes | None:
    """The public half of the signing key that the database belongs to; None where it bears no mark."""
    found = session.get(SecretsMarkRow, 1)
    return None if found is None else found.public_key


def refusal_of_backup() -> SecretsMismatch:
    """What to say of a backup that was not made with the secrets at hand, or where there are none."""
    path = this_config().data / FILE_NAME
    return SecretsMismatch(f"密钥文件 {path} 不是做备份时的那一份，不能核对，也没有恢复。{_WHAT_TO_DO_WITH_A_BACKUP}")


def is_claimed(database_url: str) -> bool:
    """Whether a database has been used with secrets of its own, so that none may be made for it.

    Nothing is made or changed.

    Raises:
        DBAPIError: it does not answer.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return False
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        return any(
            connection.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first() is not None  # noqa: S608 - two words of ours
            for table in ("secrets_mark", "record_entries")
            if table in tables
        )


def refusal_of_missing(folder: Path, *, is_backup: bool = False) -> SecretsMismatch:
    """What to say where there is no secrets file in ``folder`` and the data, or a backup of it, was used with one."""
    if is_backup:
        return SecretsMismatch(
            f"数据目录 {folder} 里没有密钥文件 {FILE_NAME}，备份要有它才能使用，没有恢复。{_WHAT_TO_DO_WITH_A_BACKUP}"
        )
    return SecretsMismatch(f"数据目录 {folder} 里没有密钥文件 {FILE_NAME}，而数据是用它建立的，没有启动。{_WHAT_TO_DO}")


def _is_own(session: Session) -> bool:
    found = session.get(SecretsMarkRow, 1, populate_existing=True)
    if found is None:
        return False
    if not _is_these(found.mark):
        raise refusal_of_other()
    return True


def _is_these(mark: bytes) -> bool:
    return hmac.compare_digest(mark, mark_of(these_secrets()))


def refusal_of_other() -> SecretsMismatch:
    """What to say where the database bears the mark of other secrets."""
    path = this_config().data / FILE_NAME
    return SecretsMismatch(f"密钥文件 {path} 不是建立这个数据库时的那一份，没有启动。{_WHAT_TO_DO}")


def _require_own_signature(session: Session) -> None:
    """A database without a mark tells by its latest act whose it is."""
    query = select(RecordEntryRow.digest, RecordEntryRow.signature).order_by(RecordEntryRow.id.desc()).limit(1)
    found = session.execute(query).first()
    public_key = public_half(these_secrets().signing_key)
    if found is not None and not is_signed(public_key, bytes.fromhex(found.signature), found.digest.encode()):
        raise refusal_of_other()


_WHAT_TO_DO = (
    f"请把原来的 {FILE_NAME} 放回这个目录：它在原来那台电脑的数据目录里，或在另行保管的地方；"
    "有多台服务器的，从正常的一台复制。确已丢失的，请运行 kaohe secrets replace：先列出后果，确认后才改用新的密钥。"
)
_WHAT_TO_DO_WITH_A_BACKUP = (
    f"请先放回做备份时的 {FILE_NAME}；确已丢失的，加上 --secrets-lost 恢复，再运行 kaohe secrets replace。"
)
