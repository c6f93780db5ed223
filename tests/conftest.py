"""The scene that every test may ask for: an installation on a real database, empty and migrated."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import LentDatabases, PostgreSQLServer
from flask import Flask
from hypothesis import settings
from less_work import (
    hash_passwords_with_less_work,
    share_compiled_addresses,
    share_compiled_statements,
    share_compiled_templates,
)
from processes import Kaohe
from scene import PUBLIC_URL
from sharing_out import LONG, SharingOut
from small_fonts import letters_of_the_house, small_font
from xdist.remote import Producer

from bench.hall import free_port
from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database

# A busy machine makes an example slow, never wrong.
settings.register_profile("kaohe", deadline=None)
settings.load_profile("kaohe")
share_compiled_templates()
share_compiled_addresses()
share_compiled_statements()
hash_passwords_with_less_work()

gc.set_threshold(50_000)
_PURE = tuple(Path(__file__).parent / name for name in ("tally", "domain", "schemes"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingOut:
    """Share the tests out by file, in the order in which they were collected."""
    config.option.loadscopereorder = False
    return SharingOut(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, and mark the tests of the arithmetic and the rules.

    `make test` runs those under measurement, and not twice.
    """
    items.sort(key=lambda item: item.path.name not in LONG)
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in _PURE):
            item.add_marker("pure")


def pytest_collection_finish() -> None:
    """Look for garbage only in what tests make: looking through all that is loaded took a tenth of their time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    server = PostgreSQLServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    _migrate(Config(data=folder, database_url=sqlite_url(folder)))
    return folder / "kaohe.sqlite3"


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("template-pg")
    name = postgresql.create_database()
    _migrate(Config(data=folder, database_url=postgresql.url(name)))
    return name


@pytest.fixture(scope="session")
def postgresql_databases(postgresql: PostgreSQLServer, migrated_postgresql: str) -> LentDatabases:
    return LentDatabases(postgresql, migrated_postgresql)


@pytest.fixture
def database_template(request: pytest.FixtureRequest) -> Path:
    """The folder that a test's installation on SQLite is a copy of."""
    migrated: Path = request.getfixturevalue("migrated_sqlite")
    return migrated.parent


@pytest.fixture
def database_kind() -> str:
    """Which database serves the test; the storage and operations suites ask for both."""
    return "sqlite"


@pytest.fixture(scope="session")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What PDFs are written in, as a whole Chinese font is read for a second for each of them.

    What it lacks is in the fonts of the machine; tests/reports/test_pdf.py and `make papers` have no other.
    """
    return small_font(tmp_path_factory.mktemp("font") / "house.ttf", letters_of_the_house())


@pytest.fixture
def config(database_kind: str, tmp_path: Path, font: Path, request: pytest.FixtureRequest) -> Iterator[Config]:
    """The settings of a fresh, migrated installation."""
    if database_kind == "sqlite":
        for file in request.getfixturevalue("database_template").iterdir():
            shutil.copy(file, tmp_path)
        yield Config(tmp_path, sqlite_url(tmp_path), public_url=PUBLIC_URL, font=font, is_testing=True)
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    databases: LentDatabases = request.getfixturevalue("postgresql_databases")
    name = databases.lend()
    yield Config(tmp_path, server.url(name), public_url=PUBLIC_URL, font=font, is_testing=True)
    databases.take_back(name)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The application, with nobody in it yet."""
    made = create_app(config)
    yield made
    with made.app_context():
        close_database()


def _migrate(config: Config) -> None:
    made = create_app(config)
    with made.app_context():
        migrate_database()
        close_database()


@pytest.fixture
def kaohe(tmp_path: Path) -> Kaohe:
    """An installation that nobody has used yet."""
    return Kaohe(tmp_path / "data", free_port())
