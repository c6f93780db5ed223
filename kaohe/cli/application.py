"""The application for one command: the same settings, secrets and database as the server's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from kaohe.config import Config
from kaohe.domain.errors import DataFolderUnwritable
from kaohe.factory import create_app
from kaohe.storage.starting import bring_up_to_date, close_database, require_usable_url

ACTOR = "命令行"
"""Who the record of acts names for what a command did."""


@contextmanager
def application(*, is_usable: bool = True) -> Iterator[Flask]:
    """The application within its context, on a database that is up to date.

    With ``is_usable`` off the database is not touched: for a command that puts another one in its place.

    Raises:
        FieldInvalid, DataFolderUnwritable, SecretsMismatch, DatabaseUnusable: what is wrong with the settings.
    """
    config = Config.from_environment()
    require_usable_url(config.database_url)
    app = create_app(config)
    _require_writable(config)
    with app.app_context():
        try:
            if is_usable:
                bring_up_to_date()
            yield app
        finally:
            close_database()


def _require_writable(config: Config) -> None:
    try:
        with tempfile.TemporaryFile(dir=config.data):
            pass
    except OSError as error:
        raise DataFolderUnwritable(f"数据目录 {config.data} 无法写入，请检查 KAOHE_DATA 指定的位置和权限。") from error
