"""Ballots on paper beside the phones (纸质票补录): two people type them apart, and see where they differ."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError, PaperBlanks
from kaohe.domain.permissions import Act
from kaohe.operations.hall import paper_ballots as operations
from kaohe.web.access import this_account
from kaohe.web.organizer.chair.paper_page import paper_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, WholeField, needed


class SheetForm(DeskForm):
    """Which sheet is typed."""

    number = WholeField("票面编号", [needed("请填写写在票面上的编号。")])
    blanks = WholeField("空格数")
    group = StringField(default="")


@organizer.get("/<meeting_id>/paper", act=Act.TYPE_PAPER)
def paper(meeting_id: str) -> ResponseReturnValue:
    """What has been typed, and the form for the next sheet; ``number`` shows one that was typed before."""
    return _shown(meeting_id)


@organizer.post("/<meeting_id>/paper/sheet", act=Act.TYPE_PAPER)
def type_sheet(meeting_id: str) -> ResponseReturnValue:
    """Save one sheet and go on to the next; its marks are as many fields as the form (票样) has questions."""
    try:
        form = SheetForm().checked()
        number, group = form.number.data, form.group.data
        blanks = form.blanks.data or 0
        operations.type_sheet(this_account().name, meeting_id, number, group, request.form, blanks=blanks)
    except PaperBlanks as error:
        return _shown(meeting_id, refusal_of(error), posted=request.form, blanks=error.blanks)
    except KaoheError as error:
        return _shown(meeting_id, refusal_of(error), posted=request.form)
    flash(f"第 {number} 号票已录入。", "good")
    following = url_for("organizer.paper", meeting_id=meeting_id, number=number + 1, group=group)
    return redirect(following, 303)


@organizer.post("/<meeting_id>/paper/sheet/drop", act=Act.TYPE_PAPER)
def drop_sheet(meeting_id: str) -> ResponseReturnValue:
    """Delete one sheet that the same person has typed."""

    def act(actor: str) -> str:
        number = SheetForm().checked().number.data
        operations.drop_sheet(actor, meeting_id, number)
        return f"已删去您录入的第 {number} 号票。"

    return acted(
        act,
        back=url_for("organizer.paper", meeting_id=meeting_id),
        refused=lambda refusal: _shown(meeting_id, refusal, posted=request.form),
    )


def _shown(
    meeting_id: str, refusal: Refusal | None = None, *, posted: Mapping[str, str] | None = None, blanks: int = 0
) -> ResponseReturnValue:
    page = paper_page(meeting_id, refusal, posted=posted, blanks=blanks)
    return render_template("organizer/chair/paper.html", page=page), reply_code(refusal)
