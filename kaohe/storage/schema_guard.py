"""No start on a database that could tell time, order, address or person of a ballot, whoever has altered it.

What is not stored cannot be joined, so the tables near the ballot box are held to an exact list of columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import ARRAY, Connection, Dialect, Inspector, bindparam, inspect, text
from sqlalchemy.dialects.postgresql import OID

from kaohe.domain.errors import KaoheError
from kaohe.storage.tables import db

NEAR_THE_BALLOT: Mapping[str, frozenset[str]] = {
    "tickets": frozenset(
        {"round_id", "digest", "group_key", "is_spent", "is_void", "is_drawn", "retry_digest", "wrapped_code"}
    ),
    "envelopes": frozenset({"round_id", "id", "group_key", "tag", "box"}),
    "ballots": frozenset({"round_id", "id", "group_key", "marks"}),
    "comments": frozenset({"round_id", "id", "subject_key", "text"}),
    "comment_reviews": frozenset({"round_id", "comment_id", "verdict", "shown"}),
    "receipts": frozenset({"round_id", "receipt"}),
    "envelope_digests": frozenset({"round_id", "digest"}),
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

    What these tables may have is what the program gives them: its columns by name and type, its indexes, and nothing
    that computes, watches, restricts or passes on their rows. Needs an application context and a migrated database.

    Raises:
        SchemaUnsafe: naming the first thing found.
    """
    with db.engine.connect() as connection:
        found = next(_faults(connection), None)
    if found is not None:
        raise SchemaUnsafe(f"{SchemaUnsafe.text}发现：{found}。请恢复原来的表结构，或换一个数据库。")


def _faults(connection: Connection) -> Iterator[str]:
    built = inspect(connection)
    for table in NEAR_THE_BALLOT:
        yield from _columns(built, connection.dialect, table)
        yield from _indexes(connection, built, table)
        yield from _constraints(built, table)
    yield from _foreign_keys(built)
    yield from _triggers(connection)
    if connection.dialect.name == "sqlite":
        yield from _row_numbers(connection)
    else:
        yield from _of_postgresql(connection)


def _columns(built: Inspector, dialect: Dialect, table: str) -> Iterator[str]:
    may_be = {column.name: column.type.compile(dialect) for column in db.metadata.tables[table].columns}
    for column in built.get_columns(table):
        kind = column["type"].compile(dialect)
        is_computed = column["default"] is not None or column.get("computed") or column.get("identity")
        if (
            column["name"] not in NEAR_THE_BALLOT[table]
            or kind != may_be.get(column["name"])
            or is_computed
            or any(word in kind.upper() for word in _TELLING_TYPES)
        ):
            yield f"表 {table} 的列 {column['name']}"


def _constraints(built: Inspector, table: str) -> Iterator[str]:
    # Each rule of the program's own on these tables is its primary key or an index.
    for constraint in (*built.get_check_constraints(table), *built.get_unique_constraints(table)):
        yield f"表 {table} 的约束 {constraint['name'] or ''}".rstrip()


def _indexes(connection: Connection, built: Inspector, table: str) -> Iterator[str]:
    may_be = {
        (index.name, tuple(column.name for column in index.columns)) for index in db.metadata.tables[table].indexes
    }
    if connection.dialect.name == "sqlite":
        # SQLAlchemy passes over an index on an expression there.
        made = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
        for name in set(connection.scalars(text(made), {"table": table})) - {name for name, _ in may_be}:
            yield f"表 {table} 的索引 {name}"
    for index in built.get_indexes(table):
        is_computed = index.get("expressions") or index.get("dialect_options", {}).get("postgresql_where")
        if (index["name"], tuple(index["column_names"])) not in may_be or is_computed:
            yield f"表 {table} 的索引 {index['name']}"


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


_PASSED_ON = """
    SELECT '规则 ' || rulename FROM pg_rewrite WHERE ev_class = ANY(:near)
    UNION ALL SELECT '策略 ' || polname FROM pg_policy WHERE polrelid = ANY(:near)
    UNION ALL SELECT '继承表 ' || inhrelid::regclass FROM pg_inherits
        WHERE inhparent = ANY(:near) OR inhrelid = ANY(:near)
    UNION ALL SELECT '发布 ' || pubname FROM pg_publication_tables
        WHERE to_regclass(quote_ident(schemaname) || '.' || quote_ident(tablename)) = ANY(:near)
    UNION ALL SELECT '行级安全 ' || relname FROM pg_class WHERE oid = ANY(:near) AND (relrowsecurity OR relkind <> 'r')
    UNION ALL SELECT '复制槽 ' || slot_name FROM pg_replication_slots WHERE database = current_database()
"""
"""Everything of PostgreSQL that reads, changes or passes on rows as they are written; none of it is the program's."""


def _of_postgresql(connection: Connection) -> Iterator[str]:
    near = [
        connection.scalar(text("SELECT CAST(to_regclass(:name) AS oid)"), {"name": name}) for name in NEAR_THE_BALLOT
    ]
    yield from connection.scalars(text(_PASSED_ON).bindparams(bindparam("near", near, ARRAY(OID))))


def _row_numbers(connection: Connection) -> Iterator[str]:
    for table in NEAR_THE_BALLOT:
        made_by = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
        if "WITHOUT ROWID" not in str(made_by).upper():
            yield f"表 {table} 的隐藏行号"
