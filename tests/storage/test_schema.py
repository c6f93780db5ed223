from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from kaohe.config import Config
from kaohe.domain.errors import TracesLeft
from kaohe.storage import wiping
from kaohe.storage.database import is_sqlite, prepare_engine, reading, transaction
from kaohe.storage.schema_guard import NEAR_THE_BALLOT, SchemaUnsafe, require_safe_schema
from kaohe.storage.starting import bring_up_to_date
from kaohe.storage.tables import db
from kaohe.storage.wiping import erase_traces

FAR_FROM_THE_BALLOT = {
    "accounts",
    "sign_ins",
    "sign_in_links",
    "meetings",
    "subjects",
    "voter_groups",
    "rounds",
    "round_numbers",
    "published_results",
    "speaking",
    "own_schemes",
    "units",
    "people",
    "api_tokens",
    "reviews",
    "materials",
    "person_spells",
    "subject_people",
    "imported_scores",
    "periods",
    "decisions",
    "rulings",
    "result_versions",
    "record_entries",
    "recovery_codes",
    "proposals",
    "secrets_mark",
}
"""Tables that know nothing of single ballots; a new table is named here or in the guard's list."""
ON_PAPER = {"paper_sheets"}
"""What two people have read off paper, under numbers written on it after it was collected; gone at the count."""


def test_nothing_near_the_ballot_box_tells_time_order_address_or_person() -> None:
    require_safe_schema()
    built = inspect(db.engine)
    for table, allowed in NEAR_THE_BALLOT.items():
        assert {column["name"] for column in built.get_columns(table)} == allowed
        assert not [column for column in built.get_columns(table) if column.get("autoincrement") is True]


def test_every_table_is_known_to_lie_near_the_ballot_box_or_far_from_it() -> None:
    assert set(db.metadata.tables) == set(NEAR_THE_BALLOT) | FAR_FROM_THE_BALLOT | ON_PAPER


PLANTED = {
    "ALTER TABLE envelopes ADD COLUMN created_at TIMESTAMP": "表 envelopes 的列 created_at",
    "ALTER TABLE ballots ADD COLUMN seq INTEGER": "表 ballots 的列 seq",
    "ALTER TABLE tickets ADD COLUMN address TEXT": "表 tickets 的列 address",
    "ALTER TABLE comments ADD COLUMN ballot_id BYTEA": "表 comments 的列 ballot_id",
    "CREATE TABLE spies (id TEXT PRIMARY KEY, round_id TEXT, receipt TEXT,"
    " FOREIGN KEY (round_id, receipt) REFERENCES receipts (round_id, receipt))": "表 spies 指向 receipts 的外键",
}


PLANTED_ANYWHERE = {
    "CREATE INDEX spy ON envelopes (box)": "表 envelopes 的索引 spy",
    "CREATE UNIQUE INDEX spy ON tickets (lower(group_key), digest)": "表 tickets 的索引 spy",
}
PLANTED_IN_SQLITE = {
    "ALTER TABLE receipts ADD COLUMN at TEXT AS (hex(receipt)) VIRTUAL": "表 receipts 的列 at",
    "DROP TABLE screens; CREATE TABLE screens (round_id TEXT PRIMARY KEY, note BLOB DEFAULT CURRENT_TIMESTAMP)"
    " WITHOUT ROWID": "表 screens 的列 note",
    "DROP TABLE screens; CREATE TABLE screens (round_id TEXT PRIMARY KEY, note BLOB CHECK (length(note) < 9))"
    " WITHOUT ROWID": "表 screens 的约束",
}
PLANTED_IN_POSTGRESQL = {
    "CREATE TABLE audit (id BYTEA, at TIMESTAMPTZ); CREATE RULE spy AS ON INSERT TO envelopes DO ALSO"
    " INSERT INTO audit VALUES (NEW.id, clock_timestamp())": "规则 spy",
    "CREATE FUNCTION watch(BYTEA) RETURNS BOOLEAN LANGUAGE sql AS 'SELECT true';"
    "ALTER TABLE envelopes ADD CONSTRAINT spy CHECK (watch(id))": "表 envelopes 的约束 spy",
    "CREATE DOMAIN watched AS TEXT CHECK (length(VALUE) < 99);"
    "ALTER TABLE tickets ALTER COLUMN group_key TYPE watched": "表 tickets 的列 group_key",
    "ALTER TABLE ballots ALTER COLUMN marks SET DEFAULT decode(to_hex(1), 'escape')": "表 ballots 的列 marks",
    "CREATE TABLE spy (at TIMESTAMPTZ DEFAULT clock_timestamp()) INHERITS (envelopes)": "继承表 spy",
    "CREATE PUBLICATION spy FOR TABLE envelopes": "发布 spy",
    "CREATE PUBLICATION spy FOR ALL TABLES": "发布 spy",
    "CREATE POLICY spy ON tickets USING (true)": "策略 spy",
    "ALTER TABLE tickets ENABLE ROW LEVEL SECURITY": "行级安全 tickets",
    "CREATE FUNCTION noted(BYTEA) RETURNS BYTEA IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
    "CREATE INDEX spy ON envelopes (noted(id))": "表 envelopes 的索引 spy",
}


@pytest.mark.parametrize("planted", [*PLANTED_ANYWHERE, *PLANTED_IN_SQLITE, *PLANTED_IN_POSTGRESQL])
def test_the_start_is_refused_on_whatever_near_the_ballot_is_not_the_programs_own(planted: str) -> None:
    if planted in (PLANTED_IN_POSTGRESQL if is_sqlite() else PLANTED_IN_SQLITE):
        return
    bring_up_to_date()
    with db.engine.begin() as connection:
        for statement in planted.split("; "):
            connection.exec_driver_sql(statement)

    found = {**PLANTED_ANYWHERE, **PLANTED_IN_SQLITE, **PLANTED_IN_POSTGRESQL}[planted]
    with pytest.raises(SchemaUnsafe, match=found):
        bring_up_to_date()


@pytest.mark.parametrize("planted", PLANTED)
def test_the_start_is_refused_on_a_database_that_somebody_has_added_to(planted: str) -> None:
    bring_up_to_date()
    with db.engine.begin() as connection:
        connection.execute(text(planted))

    with pytest.raises(SchemaUnsafe, match=PLANTED[planted]):
        bring_up_to_date()


def test_the_start_is_refused_where_a_trigger_watches() -> None:
    with db.engine.begin() as connection:
        if is_sqlite():
            connection.execute(text("CREATE TRIGGER spy AFTER INSERT ON envelopes BEGIN SELECT 1; END"))
        else:
            connection.execute(
                text(
                    "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
                    "CREATE TRIGGER spy AFTER INSERT ON envelopes FOR EACH ROW EXECUTE FUNCTION watch()"
                )
            )

    with pytest.raises(SchemaUnsafe, match="触发器 spy"):
        bring_up_to_date()


def test_the_start_is_refused_where_sqlite_would_number_the_rows() -> None:
    if not is_sqlite():
        assert db.engine.dialect.name == "postgresql"
        return
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE receipts"))
        connection.execute(text("CREATE TABLE receipts (round_id TEXT, receipt TEXT, PRIMARY KEY (round_id, receipt))"))

    with pytest.raises(SchemaUnsafe, match="表 receipts 的隐藏行号"):
        bring_up_to_date()


def test_sqlite_runs_with_the_settings_that_durability_needs() -> None:
    with reading() as session:
        if not is_sqlite():
            assert session.scalar(text("SHOW fsync")) == "on"
            return
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA secure_delete")) == 1
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_transaction_that_fails_leaves_nothing() -> None:
    def fail() -> None:
        with transaction() as session:
            session.execute(text("INSERT INTO receipts (round_id, receipt) VALUES ('r', 'x')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading() as session:
        assert session.scalar(text("SELECT count(*) FROM receipts")) == 0


_VOTES = """
import itertools, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
for number in itertools.count():
    connection.execute("INSERT INTO receipts VALUES ('other', ?)", (str(number),))
    if number == 10:
        print("voting", flush=True)
"""


def test_nobody_else_on_the_machine_reads_the_database_file(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite3"
    engine = create_engine(f"sqlite:///{fresh}")
    prepare_engine(engine)
    assert not fresh.exists(), "whoever asks nothing makes nothing"
    engine.connect().close()
    engine.dispose()
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600


def test_erasing_waits_for_a_reader_and_says_so_when_it_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "_ERASING_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(wiping, "_ERASING_TRIES", 1)
    if not is_sqlite():
        erase_traces("envelopes")
        return
    with transaction() as session:
        session.execute(text("INSERT INTO receipts (round_id, receipt) VALUES ('r', 'x')"))
    with db.engine.connect() as reader:
        reader.execute(text("SELECT * FROM receipts")).all()
        with pytest.raises(TracesLeft):
            erase_traces("envelopes")
    erase_traces("envelopes")


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_erasing_comes_to_an_end_beside_a_process_that_votes_without_a_pause(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "_ERASING_TRIES", 1)
    with transaction() as session:
        session.execute(text("INSERT INTO receipts VALUES ('r', :much)"), {"much": "x" * 30_000_000})
    path = config.data / "kaohe.sqlite3"
    with subprocess.Popen([sys.executable, "-c", _VOTES, str(path)], stdout=subprocess.PIPE) as voting:
        assert voting.stdout is not None
        assert voting.stdout.readline() == b"voting\n"
        try:
            erase_traces("receipts")
        finally:
            voting.kill()


@pytest.mark.parametrize("is_overwritten", [True, False], ids=["as it is", "planted: only truncated"])
def test_the_log_is_overwritten_before_its_blocks_are_given_back(
    config: Config, monkeypatch: pytest.MonkeyPatch, *, is_overwritten: bool
) -> None:
    marker = b"what was chosen"
    if not is_sqlite():
        return
    with transaction() as session:
        session.execute(text("INSERT INTO receipts VALUES ('r', :marker)"), {"marker": marker.decode()})
    with transaction() as session:
        session.execute(text("DELETE FROM receipts"))
    log = config.data / "kaohe.sqlite3-wal"
    assert marker in log.read_bytes()
    fold = wiping._fold_log  # noqa: SLF001 - what the log holds is looked at where it is about to be given back
    given_back: list[bytes] = []

    def fold_and_look(connection: Connection, how: str) -> bool:
        if how == "TRUNCATE":
            given_back.append(log.read_bytes())
        return fold(connection, how)

    monkeypatch.setattr(wiping, "_fold_log", fold_and_look)
    if not is_overwritten:
        # What it did before: what lies behind the newest commits stays as it is.
        monkeypatch.setattr(wiping, "_overwrite_log", lambda _connection: True)
        monkeypatch.setattr(wiping, "_fill_up", lambda _connection, _length: None)
        with transaction() as session:
            session.execute(text("INSERT INTO receipts VALUES ('r', :marker)"), {"marker": marker.decode() * 100_000})
        with transaction() as session:
            session.execute(text("DELETE FROM receipts"))
    erase_traces("receipts")

    (content,) = given_back
    assert (marker in content) is not is_overwritten
    assert not log.read_bytes()
    assert marker not in (config.data / "kaohe.sqlite3").read_bytes()
    with transaction() as session:
        session.execute(text("INSERT INTO receipts VALUES ('r', 'after')"))
    with reading() as session:
        assert session.execute(text("SELECT receipt FROM receipts")).scalars().all() == ["after"]
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
