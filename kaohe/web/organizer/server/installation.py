"""The server's state and the days on which ballots may be destroyed (服务器与保存期), for whoever runs the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.permissions import Act
from kaohe.operations.archive.purging import KeptMeeting, list_kept
from kaohe.operations.server.startup_checks import check_running
from kaohe.operations.setup.printing import choose_card
from kaohe.storage.database import is_sqlite
from kaohe.storage.installation import this_config
from kaohe.web.organizer.setup.reaching import card_options
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.meeting import StateChip, day_text

_BACKUP = "kaohe backup --out 另一块盘上的文件名"
_BACKUP_OF_POSTGRESQL = "pg_dump --format=custom --file=备份文件 库名"


class CardForm(DeskForm):
    """The address of a network card, and the meeting from whose tickets the choice was made, if from any."""

    address = StringField(default="")
    meeting = StringField(default="")


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

    refusal: Refusal | None
    address: str
    """What slips and screens begin with."""
    cards: Sequence[Option]
    checks: Sequence[CheckLine]
    kept: Sequence[KeptLine]
    backup_command: str


@organizer.get("/server", act=Act.RUN_INSTALLATION)
def installation() -> ResponseReturnValue:
    """How the server is, and by which network card phones come."""
    return _shown()


@organizer.post("/server/card", act=Act.RUN_INSTALLATION)
def choose_network_card() -> ResponseReturnValue:
    """Let phones come by another network card."""
    form = CardForm()
    meeting_id = form.meeting.data

    def act(actor: str) -> str:
        choose_card(actor, form.address.data)
        return f"手机现在从 {this_config().public_url} 进入；此前印好的票请重新打印。"

    here = url_for("organizer.installation")
    back = url_for("organizer.tickets", meeting_id=meeting_id, _anchor="reaching") if meeting_id else here
    return acted(act, back=back, refused=_shown)


def _shown(refusal: Refusal | None = None) -> ResponseReturnValue:
    checks = ((check, check.text.partition("：")) for check in check_running())
    page = InstallationPage(
        refusal=refusal,
        address=this_config().public_url,
        cards=card_options(),
        checks=tuple(CheckLine(what, text, check.is_good) for check, (what, _, text) in checks),
        kept=tuple(_line(each) for each in list_kept()),
        backup_command=_BACKUP if is_sqlite() else _BACKUP_OF_POSTGRESQL,
    )
    return render_template("organizer/server/installation.html", page=page), reply_code(refusal)


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
