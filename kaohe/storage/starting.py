"""A database that cannot be used is refused at the start, in words, before anything is served."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from kaohe.domain.errors import KaoheError
from kaohe.storage.change_feed import flush_notifications
from kaohe.storage.migrating import make_database
from kaohe.storage.postgresql import is_behind_pooler
from kaohe.storage.schema_guard import require_safe_schema
from kaohe.storage.secrets_mark import is_claimed, require_own_secrets
from kaohe.storage.tables import db


class DatabaseUnusable(KaoheError):
    """The database address is wrong, or the database does not answer."""

    http_code = 500
    text = "数据库无法使用，请检查 KAOHE_DATABASE_URL 和数据目录。"


def require_usable_url(url: str) -> None:
    """Refuse ``url`` unless it is the address of a kind of database that kaohe supports.

    The address may hold a password, so it is never part of the refusal. Nothing is connected.

    Raises:
        DatabaseUnusable: it is not.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, ImportError, ValueError) as error:
        if isinstance(error, ImportError) and parsed.drivername == "postgresql+psycopg":
            raise DatabaseUnusable(
                '使用 PostgreSQL 还需要安装它的驱动 psycopg：用安装包的请运行 pip install "kaohe[postgresql]"，'
                "在程序目录里运行的请运行 "
                ".venv/bin/python -m pip install --require-hashes -r requirements-postgresql.lock，再重新启动。"
            ) from error
        raise DatabaseUnusable(
            "数据库地址 KAOHE_DATABASE_URL 不正确，请写成 postgresql+psycopg://用户:密码@主机/库名；"
            "不设置则使用数据目录里的 SQLite。"
        ) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUnusable("只支持 SQLite 和 PostgreSQL，请修改数据库地址 KAOHE_DATABASE_URL。")


def is_without_secrets(url: str) -> bool:
    """Whether the database at ``url`` has never been used, so that new secrets may be made for it. Changes nothing.

    Raises:
        DatabaseUnusable: it does not answer.
    """
    try:
        return not is_claimed(url)
    except DBAPIError as error:
        raise _unreachable() from error


def bring_up_to_date(*, has_own_secrets: bool = True) -> None:
    """Connect; make the database where it is new. Idempotent; needs an application context.

    With ``has_own_secrets`` off it is not asked whether the database was made with the secrets of this process: for
    the command that gives it others.

    Raises:
        DatabaseUnusable: the database does not answer, or there is a pooler before it.
        DatabaseNotUpgraded: an earlier version of the program has made it.
        DatabaseOfOtherVersion: another version of the program has made it.
        SchemaUnsafe: somebody has added something beside the ballots that could tell whose they are.
        SecretsMismatch: the database was made with other secrets.
    """
    try:
        if db.engine.dialect.name == "postgresql" and is_behind_pooler(db.engine):
            raise DatabaseUnusable(
                "数据库地址 KAOHE_DATABASE_URL 指向连接池（例如 PgBouncer），它让几个程序轮流用一个连接，"
                "服务器之间会收不到彼此的通知，也无法确认选票存妥。请改成 PostgreSQL 自己的主机和端口，再重新启动。"
            )
        make_database()
        require_safe_schema()
        if has_own_secrets:
            require_own_secrets()
    except DBAPIError as error:
        raise _unreachable() from error


def close_database() -> None:
    """Tell other servers what they have not been told yet, and close every idle connection.

    SQLite then folds its log into the database file. Needs an application context.

    Idempotent; whoever asks the database again gets a new connection.
    """
    flush_notifications()
    db.engine.dispose()


def as_refusal(error: Exception) -> DatabaseUnusable | None:
    """The refusal that stands for a fault of the database; None for any other exception."""
    return _unreachable() if isinstance(error, DBAPIError) else None


def _unreachable() -> DatabaseUnusable:
    return DatabaseUnusable("数据库连接不上或无法写入：请检查 KAOHE_DATABASE_URL、数据目录的权限和剩余空间，稍后重试。")
