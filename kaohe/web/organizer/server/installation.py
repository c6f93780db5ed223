"""The server's state and the days on which ballots may be destroyed (服务器与保存期), for whoever runs the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.permissions import Act
from kaohe.operations.archive.purging import KeptMeeting, list_kept
from kaohe.operations.server.startup_checks import check_running
from kaohe.storage.database import is_sqlite
from kaohe.web.access import Audience, audience
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.meeting import StateChip, day_text

_BACKUP = "kaohe backup --out 另一块盘上的文件名"
_BACKUP_OF_POSTGRESQL = "pg_dump --format=custom --file=备份文件 库名"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was looked at: what, how it is, and whether that is well."""

    what: str
    text: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One published meeting and what is due with its ballots."""

    title: str
    day_text: str
    state: StateChip
    url: str
    act: str


@dataclass(frozen=True, slots=True)
class InstallationPage:
    """How the server is at this moment, and every published meeting, the one due first on top."""

    checks: Sequence[CheckLine]
    kept: Sequence[KeptLine]
    backup_command: str


@organizer.get("/server")
@audience(Audience.ORGANIZER, act=Act.RUN_INSTALLATION)
def installation() -> ResponseReturnValue:
    """Show it; nothing is done here."""
    checks = ((check, check.text.partition("：")) for check in check_running())
    page = InstallationPage(
        checks=tuple(CheckLine(what, text, check.is_good) for check, (what, _, text) in checks),
        kept=tuple(_line(each) for each in list_kept()),
        backup_command=_BACKUP if is_sqlite() else _BACKUP_OF_POSTGRESQL,
    )
    return render_template("organizer/server/installation.html", page=page)


def _line(kept: KeptMeeting) -> KeptLine:
    chip = StateChip("closed", "保存中")
    if kept.is_purged:
        chip = StateChip("purged", "已清除")
    elif kept.is_due:
        chip = StateChip("paused", "已到期")
    return KeptLine(
        title=kept.title,
        day_text="" if kept.is_purged else f"选票保存至 {day_text(kept.purge_on)}",
        state=chip,
        url=url_for("organizer.keeping", meeting_id=kept.meeting_id),
        act="去清除" if kept.is_due else "查看",
    )
