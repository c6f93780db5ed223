"""Why the database stores nothing at the moment, told from what its driver says, in words for whoever must act."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from kaohe.domain.errors import KaoheError


class Trouble(StrEnum):
    """What keeps the database from storing."""

    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"
    DISK_FAULT = "disk_fault"
    UNREACHABLE = "unreachable"


TROUBLE_TEXTS = {
    Trouble.LOCKED: "数据库正被另一个程序占用，请关闭备份、同步等正在使用数据目录的程序。",
    Trouble.FULL: "服务器磁盘已满，请立即腾出空间。",
    Trouble.READ_ONLY: "数据库只能读、不能写，请检查数据目录的权限，或磁盘是否被设为只读。",
    Trouble.DISK_FAULT: "服务器磁盘读写出错，请检查磁盘；如反复出现，请换一块磁盘。",
    Trouble.UNREACHABLE: "数据库连接不上，请检查数据库服务是否在运行。",
}
"""One sentence for each: what is the matter and what to do."""

_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.DISK_FAULT,
    sqlite3.SQLITE_CANTOPEN: Trouble.DISK_FAULT,
    sqlite3.SQLITE_PROTOCOL: Trouble.LOCKED,
}
_POSTGRESQL = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "58030": Trouble.DISK_FAULT,
    "40001": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "57014": Trouble.LOCKED,
}
_ADVICE_AFTERWARDS = "操作没有生效，请稍后重试。"


class CannotStore(KaoheError):
    """The database could not store; nothing was changed."""

    code = "cannot_store"
    http_code = 503
    text = "服务器暂时无法保存数据，操作没有生效，请稍后重试。"

    def __init__(self, trouble: Trouble | None = None, message: str | None = None) -> None:
        """``trouble`` gives the sentence, unless ``message`` does."""
        super().__init__(message or (TROUBLE_TEXTS[trouble] + _ADVICE_AFTERWARDS if trouble else None))
        self.trouble = trouble


class DatabaseBusy(CannotStore):
    """Another process holds the database; nothing was changed."""

    code = "database_busy"

    def __init__(self) -> None:
        """Always the same trouble."""
        super().__init__(Trouble.LOCKED)


def trouble_of(error: BaseException) -> Trouble | None:
    """What keeps the database from storing, where ``error`` says so; None for a fault of the program's own."""
    if isinstance(error, CannotStore):
        return error.trouble
    if isinstance(error, OSError):
        return Trouble.FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else Trouble.DISK_FAULT
    if not isinstance(error, DBAPIError):
        return None
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
    named = _POSTGRESQL.get(str(getattr(origin, "sqlstate", "") or ""))
    is_cut_off = error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    return named or (Trouble.UNREACHABLE if is_cut_off else None)
