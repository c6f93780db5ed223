"""The migrations lead to the tables of the program, and a database of an unreleased version is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.command import upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from kaohe.domain.reveals import IN_LIST_ORDER, read_reveal_order
from kaohe.domain.units import TOP
from kaohe.storage.accounts import find_account
from kaohe.storage.meetings import unit_of_meeting
from kaohe.storage.migrating import DatabaseOfOtherVersion, is_up_to_date, migrate_database
from kaohe.storage.people import all_people
from kaohe.storage.read_views import reading
from kaohe.storage.rounds import current_round
from kaohe.storage.starting import bring_up_to_date
from kaohe.storage.tables import db
from kaohe.storage.units import unit_tree

MIGRATIONS = Path(__file__).parents[2] / "migrations"
VERSION_TABLE = "alembic_version"


def schema() -> dict[str, Any]:
    """All that the database itself tells about its tables."""
    built = inspect(db.engine)
    by_name = {"key": lambda each: str(each["name"])}
    return {
        table: {
            "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in built.get_columns(table)},
            "primary key": built.get_pk_constraint(table),
            "foreign keys": sorted(built.get_foreign_keys(table), **by_name),
            "unique": sorted(built.get_unique_constraints(table), **by_name),
            "checks": sorted(built.get_check_constraints(table), **by_name),
            "indexes": sorted(built.get_indexes(table), **by_name),
            "options": built.get_table_options(table),
        }
        for table in built.get_table_names()
        if table != VERSION_TABLE
    }


def contents() -> dict[str, list[tuple[Any, ...]]]:
    with db.engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]
            for table in inspect(connection).get_table_names()
        }


def test_the_migrations_lead_exactly_to_the_tables_of_the_program() -> None:
    assert is_up_to_date()
    migrated = schema()
    db.drop_all()
    db.create_all()
    assert schema() == migrated
    assert set(migrated) == set(db.metadata.tables)


def test_an_empty_database_is_migrated_and_a_second_start_changes_nothing() -> None:
    migrated = schema()
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    assert not is_up_to_date()

    bring_up_to_date()
    assert schema() == migrated
    there = contents()
    bring_up_to_date()
    assert contents() == there


def test_every_revision_is_named_like_its_file_and_follows_the_one_before() -> None:
    found = sorted((MIGRATIONS / "versions").glob("*.py"))
    steps = reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))
    assert [step.revision for step in steps] == [path.stem for path in found]
    assert [path.stem[:5] for path in found] == [f"{number:04d}_" for number in range(1, len(found) + 1)]


@pytest.mark.parametrize("revision", ["0001", "0012", "9999_from_the_future"])
def test_a_database_of_a_version_that_was_never_released_is_refused_and_left_as_it_is(revision: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE from_another_version (id TEXT)"))
        connection.execute(text("INSERT INTO from_another_version VALUES ('kept')"))
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = :revision"), {"revision": revision})
    before = schema(), contents()

    with pytest.raises(
        DatabaseOfOtherVersion, match="由另一个版本的程序建立的，没有改动它。请使用建立它的版本"
    ) as refusal:
        bring_up_to_date()

    assert refusal.value.code == "database_of_other_version"
    assert (schema(), contents()) == before


A_MEETING = text(
    "INSERT INTO meetings (id, title, unit, scheme, hall_view, custody, ballot_list_wanted, two_people,"
    " stage_code, keep_months, is_dismissed, version, created_at)"
    " VALUES ('m', '测评会', '', '{}', 'turnout', 'server', false, false, 'x', 12, false, 1, '2026-11-29')"
)


def go_back_to(revision: str) -> None:
    """An empty database as an earlier revision of the schema made it."""
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    upgrade(Config(MIGRATIONS / "alembic.ini"), revision)


def test_what_there_was_before_units_belongs_to_the_one_at_the_top() -> None:
    go_back_to("0002_keys_in_files")
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO accounts (id, name, password_hash, failed_count, roles, is_locked, totp_is_on, totp_step)"
                " VALUES ('x', '王主持', '', 0, 'organizer', false, false, 0)"
            )
        )
        connection.execute(A_MEETING)
    migrate_database()
    with reading() as session:
        account = find_account(session, "王主持")
        assert account is not None
        assert account.unit_id == unit_of_meeting(session, "m") == TOP
        assert [unit.name for unit in unit_tree(session).units.values()] == ["本单位"]


def test_a_database_without_the_index_of_tickets_gets_it() -> None:
    go_back_to("0003_units")
    assert "ix_tickets_digest" not in {each["name"] for each in inspect(db.engine).get_indexes("tickets")}
    migrate_database()
    assert "ix_tickets_digest" in {each["name"] for each in inspect(db.engine).get_indexes("tickets")}


def test_a_round_from_before_there_were_orders_is_revealed_in_the_order_of_the_list() -> None:
    go_back_to("0015_wireless")
    with db.engine.begin() as connection:
        connection.execute(A_MEETING)
        connection.execute(
            text(
                "INSERT INTO rounds (id, meeting_id, number, is_rehearsal, state, is_paused, key_proven,"
                " revealed_count, challenge_limit, tickets_lost)"
                " VALUES ('r', 'm', 1, false, 'published', false, false, 1, 0, false)"
            )
        )
    migrate_database()
    with reading() as session:
        assert read_reveal_order(current_round(session, "m").reveal_order) == IN_LIST_ORDER


def test_groups_from_before_there_were_relations_are_whole() -> None:
    go_back_to("0007_scenes")
    with db.engine.begin() as connection:
        connection.execute(A_MEETING)
        connection.execute(
            text(
                "INSERT INTO voter_groups (meeting_id, key, position, label, weight, entitled)"
                " VALUES ('m', 'all', 0, '全体', '1', 12)"
            )
        )
    upgrade(Config(MIGRATIONS / "alembic.ini"), "head")
    with db.engine.connect() as connection:
        found = connection.execute(text("SELECT part_of, part_of_label, may_grade, is_named FROM voter_groups")).one()
    assert [found[0], found[1], found[2], bool(found[3])] == ["", "", "", False]


def test_people_from_before_records_were_merged_stand_by_themselves() -> None:
    go_back_to("0019_published_results")
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO people (id, unit_id) VALUES ('p', 'top')"))
        connection.execute(
            text(
                "INSERT INTO person_spells (person_id, position, name, unit, post, standing)"
                " VALUES ('p', 0, '孙丽', '一科', '', 'in_office')"
            )
        )
    migrate_database()
    with reading() as session:
        assert [(person.id, person.told, person.merged) for person in all_people(session)] == [
            ("p", "孙丽（一科）", ())
        ]
