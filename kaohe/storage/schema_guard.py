"""No start on a database that could tell time, order, address or person of a ballot, whoever has altered it.

What is not stored cannot be joined, so the tables near the ballot box are held to an exact list of columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Inspector, inspect, text

from kaohe.domain.errors import KaoheError
from kaohe.storage.tables import db

NEAR_THE_BALLOT: Mapping[str, frozenset[str]] = {
    "tickets": frozenset(
        {"round_id", "digest", "group_key", "is_spent", "is_void", "is_drawn", "retry_digest", "wrapped_code"}
    ),
    "envelopes": frozenset({"round_id", "id", "group_key", "tag", "box"}),
    "ballots": frozenset({"round_id", "id", "group_key", "marks"}),
    "comments": frozenset({"round_id", "id", "subject_key", "text"}),
    "receipts": frozenset({"round_id", "receipt"}),
    "challenges": frozenset({"round_id", "receipt", "group_key"}),
    "screens": frozenset({"round_id", "note"}),
}
"""All columns that these tables may have. A new one must be argued for in security.md before it is added here."""
_TELLING_TYPES = ("TIME", "DATE", "INT", "SERIAL", "INET", "CIDR", "MACADDR")


class SchemaUnsafe(KaoheError):
    """The database holds more beside the ballots than the program has put there."""

    http_code = 500
    text = "数据库的表结构被改动过，可能泄露投票人的选择，已停止启动。"


def require_safe_schema() -> None:
    """Let the database pass only if nothing near the ballot box tells time, order, address or person.

    Refused are a column that is not in the list, or of a type that counts or dates; a foreign key from or to these
    tables; a trigger; and on SQLite a hidden row number. Needs an application context and a migrated database.

    Raises:
        SchemaUnsafe: naming the first thing found.
    """
    with db.engine.connect() as connection:
        found = next(_faults(connection), None)
    if found is not None:
        raise SchemaUnsafe(f"{SchemaUnsafe.text}发现：{found}。请恢复原来的表结构，或换一个数据库。")


def _faults(connection: Connection) -> Iterator[str]:
    built = inspect(connection)
    for table, allowed in NEAR_THE_BALLOT.items():
        for column in built.get_columns(table):
            kind = str(column["type"]).upper()
            if column["name"] not in allowed or any(word in kind for word in _TELLING_TYPES):
                yield f"表 {table} 的列 {column['name']}"
    yield from _foreign_keys(built)
    yield from _triggers(connection)
    if connection.dialect.name == "sqlite":
        yield from _row_numbers(connection)


def _foreign_keys(built: Inspector) -> Iterator[str]:
    for table in built.get_table_names():
        for key in built.get_foreign_keys(table):
            if table in NEAR_THE_BALLOT or key["referred_table"] in NEAR_THE_BALLOT:
                yield f"表 {table} 指向 {key['referred_table']} 的外键"


def _triggers(connection: Connection) -> Iterator[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    for name in connection.scalars(text(query)):
        yield f"触发器 {name}"


def _row_numbers(connection: Connection) -> Iterator[str]:
    for table in NEAR_THE_BALLOT:
        made_by = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
        if "WITHOUT ROWID" not in str(made_by).upper():
            yield f"表 {table} 的隐藏行号"
