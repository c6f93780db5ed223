"""The application for one command: the same settings, secrets and database as the server's."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask

from kaohe.config import Config
from kaohe.domain.errors import DataFolderUnwritable, FieldInvalid, SecretsFit
from kaohe.storage.application import application_without_pages
from kaohe.storage.secrets_file import FILE_NAME, has_secrets
from kaohe.storage.secrets_mark import refusal_of_missing
from kaohe.storage.starting import bring_up_to_date, close_database, is_without_secrets, require_usable_url

_PR_SET_DUMPABLE = 4
"""Of ``prctl`` on Linux."""
ACTOR = "命令行"
"""Who the record of acts names for what a command did."""
MEETING = click.argument("meeting_id", metavar="ID")
AS_JSON = click.option("--json", "is_json", is_flag=True, help="输出 JSON。")
REASON = click.option("--reason", required=True, metavar="TEXT", help="理由，记入操作记录。")
GROUP = click.option("--group", "label", metavar="LABEL", help="票种名称；只有一个票种时可以不写。")
_Group = TypeVar("_Group")


@contextmanager
def application(
    *,
    is_usable: bool = True,
    has_own_secrets: bool = True,
    before_use: Callable[[], object] = lambda: None,
    make: Callable[[Config], Flask] = application_without_pages,
) -> Iterator[Flask]:
    """The application within its context, on a database that is up to date and belongs to the secrets at hand.

    ``before_use`` is done first, while the database may still be of an earlier version. ``make`` adds the pages where
    the command serves them; to load them takes longer than most commands.

    With ``is_usable`` off the database is not touched: for a command that puts another one in its place. With
    ``has_own_secrets`` off its secrets may be lost: for a command that does without them.

    Raises:
        FieldInvalid, DataFolderUnwritable, SecretsMismatch, DatabaseUnusable: what is wrong with the settings.
    """
    _leave_no_core_dump()
    config = Config.from_environment()
    require_usable_url(config.database_url)
    if has_own_secrets and not has_secrets(config.data):
        # Secrets made now would belong to nothing, and be taken for the right ones later.
        _require_unused(config, is_usable=is_usable)
    app = make(config)
    _require_writable(config)
    with app.app_context():
        try:
            before_use()
            if is_usable:
                bring_up_to_date(has_own_secrets=has_own_secrets)
            yield app
        finally:
            close_database()


def group_named(groups: Iterable[tuple[str, _Group]], label: str | None) -> _Group:
    """The voter group that ``GROUP`` means, of (label, group); without a label the only one.

    Raises:
        FieldInvalid: there is none of this label, or there are several to choose from.
    """
    known = list(groups)
    found = [group for name, group in known if label in (None, name)]
    if len(found) != 1:
        raise FieldInvalid(f"请用 --group 指明票种，应为 {'、'.join(name for name, _ in known)} 之一。")
    return found[0]


class ApplicationCommand(click.Command):
    """A command that runs within ``application()``; its help needs no database."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """What the function returns."""
        with application():
            return super().invoke(ctx)


class ApplicationGroup(click.Group):
    """Commands that run within ``application()``."""

    command_class = ApplicationCommand


@dataclass(slots=True)
class MadeSecrets:
    """Secrets that a command had to make, and whether they are to stay."""

    are_kept: bool


@contextmanager
def new_secrets_taken_back(folder: Path) -> Iterator[MadeSecrets]:
    """Secrets that are made within the block are removed at its end, unless it says that they are kept.

    What belongs to nothing would be taken for the right ones later. Those that were there before always stay.
    """
    made = MadeSecrets(are_kept=has_secrets(folder))
    try:
        yield made
    except SecretsFit:
        made.are_kept = True
        raise
    finally:
        if not made.are_kept:
            (folder / FILE_NAME).unlink(missing_ok=True)


def _require_unused(config: Config, *, is_usable: bool) -> None:
    # The last look is for another process that has begun meanwhile: it makes the file before it uses the database.
    is_used = not is_usable or not is_without_secrets(config.database_url)
    if is_used and not has_secrets(config.data):
        raise refusal_of_missing(config.data, is_backup=not is_usable)


def _leave_no_core_dump() -> None:
    """A crash writes no picture of the memory to the disk, as ballots and keys may stand in it."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A collector of dumps that the system pipes them to asks for no limit, but for this.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _require_writable(config: Config) -> None:
    try:
        with tempfile.TemporaryFile(dir=config.data):
            pass
    except OSError as error:
        raise DataFolderUnwritable(f"数据目录 {config.data} 无法写入，请检查 KAOHE_DATA 指定的位置和权限。") from error
