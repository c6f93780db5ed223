"""Classifies driver errors: why the database cannot store at the moment, in words for whoever must act."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kaohe.domain.errors import KaoheError


class StorageFault(StrEnum):
    """What keeps the database from storing."""

    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"
    DISK_FAULT = "disk_fault"
    UNREACHABLE = "unreachable"
    STANDBY = "standby"


STORAGE_FAULT_TEXTS = {
    StorageFault.LOCKED: "数据库正被另一个程序占用，请关闭备份、同步等正在使用数据目录的程序。",
    StorageFault.FULL: "服务器磁盘已满，请立即腾出空间。",
    StorageFault.READ_ONLY: "数据库只能读、不能写，请检查数据目录的权限，或磁盘是否被设为只读。",
    StorageFault.DISK_FAULT: "服务器磁盘读写出错，请检查磁盘；如反复出现，请换一块磁盘。",
    StorageFault.UNREACHABLE: "数据库连接不上，请检查数据库服务是否在运行。",
    StorageFault.STANDBY: "数据库的同步备库没有应答，票没有存妥就不算收到，请检查备库和它与主库之间的网络。",
}
"""One sentence for each: what is the matter and what to do."""

_SQLITE = {
    sqlite3.SQLITE_BUSY: StorageFault.LOCKED,
    sqlite3.SQLITE_LOCKED: StorageFault.LOCKED,
    sqlite3.SQLITE_FULL: StorageFault.FULL,
    sqlite3.SQLITE_READONLY: StorageFault.READ_ONLY,
    sqlite3.SQLITE_PERM: StorageFault.READ_ONLY,
    sqlite3.SQLITE_IOERR: StorageFault.DISK_FAULT,
    sqlite3.SQLITE_CANTOPEN: StorageFault.DISK_FAULT,
    sqlite3.SQLITE_PROTOCOL: StorageFault.LOCKED,
}
_POSTGRESQL = {
    "53100": StorageFault.FULL,
    "25006": StorageFault.READ_ONLY,
    "55P03": StorageFault.LOCKED,
    "58030": StorageFault.DISK_FAULT,
    "40001": StorageFault.LOCKED,
    "40P01": StorageFault.LOCKED,
    "57014": StorageFault.LOCKED,
}
_ADVICE_AFTERWARDS = "操作没有生效，请稍后重试。"


class CannotStore(KaoheError):
    """The database could not store; nothing was changed."""

    http_code = 503
    text = "服务器暂时无法保存数据，操作没有生效，请稍后重试。"

    def __init__(self, fault: StorageFault | None = None, message: str | None = None) -> None:
        """``fault`` gives the sentence, unless ``message`` does."""
        super().__init__(message or (STORAGE_FAULT_TEXTS[fault] + _ADVICE_AFTERWARDS if fault else None))
        self.fault = fault


class DatabaseBusy(CannotStore):
    """Another process holds the database; nothing was changed."""

    def __init__(self) -> None:
        """Always the same fault."""
        super().__init__(StorageFault.LOCKED)


class Unconfirmed(CannotStore):
    """The database has stored it on one machine only, as its standby did not confirm it: it counts for nothing yet."""

    def __init__(self) -> None:
        """Always the same fault."""
        what = "刚才的操作还没有得到备库确认，请稍后刷新页面，核对是否已经生效。"
        super().__init__(StorageFault.STANDBY, STORAGE_FAULT_TEXTS[StorageFault.STANDBY] + what)


class DatabaseAway(CannotStore):
    """The database did not answer a question; nothing was changed."""

    for_voters = "服务器暂时没有应答，请稍候，本页会自动重试。已经显示“已收到”的票都在票箱里。"

    def __init__(self, fault: StorageFault) -> None:
        """``fault`` gives the sentence."""
        super().__init__(fault, f"{STORAGE_FAULT_TEXTS[fault]}恢复后自动继续，不必重启；刚才的操作没有生效。")


def storage_fault_of(error: BaseException) -> StorageFault | None:
    """What keeps the database from storing, where ``error`` says so; None for a fault of the program's own."""
    if isinstance(error, CannotStore):
        return error.fault
    if isinstance(error, OSError):
        return StorageFault.FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageFault.DISK_FAULT
    if isinstance(error, PoolTimeoutError):
        # Every connection waits for a database that does not answer.
        return StorageFault.UNREACHABLE
    if not isinstance(error, DBAPIError):
        return None
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
    named = _POSTGRESQL.get(str(getattr(origin, "sqlstate", "") or ""))
    is_cut_off = error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))
    return named or (StorageFault.UNREACHABLE if is_cut_off else None)


def without_values(error: Exception) -> Exception:
    """The error; one of the database is replaced by another with the same trace but without its message.

    In that message the library quotes the values of its statement, and PostgreSQL those of the row.
    """
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, StatementError):
            return RuntimeError(f"{type(each).__name__}: its words are left out").with_traceback(error.__traceback__)
        each = each.__cause__ or each.__context__
    return error
