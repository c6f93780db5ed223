"""Ballots on paper beside the phones (纸质票补录): two people type them apart, and see where they differ."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.operations.hall import paper_ballots as operations
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.chair.paper_page import PaperPage, paper_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import acted, refusal_of, reply_code
from kaohe.web.organizer.shell.posted import posted_whole


@organizer.get("/<meeting_id>/paper")
@audience(Audience.ORGANIZER, act=Act.TYPE_PAPER)
def paper(meeting_id: str) -> ResponseReturnValue:
    """What has been typed, and the form for the next sheet; ``number`` shows one that was typed before."""
    return _shown(paper_page(meeting_id))


@organizer.post("/<meeting_id>/paper/issued")
@audience(Audience.ORGANIZER, act=Act.RECORD_NUMBERS)
def record_paper_issued(meeting_id: str) -> ResponseReturnValue:
    """Say how many blank forms a group was handed."""

    def act(actor: str) -> None:
        issued = posted_whole("issued", "纸质票发出数")
        operations.record_paper_issued(actor, meeting_id, request.form.get("group", ""), issued or 0)

    return acted(
        act,
        "纸质票发出数已保存。",
        back=url_for("organizer.paper", meeting_id=meeting_id),
        refused=lambda refusal: _shown(paper_page(meeting_id, refusal)),
    )


@organizer.post("/<meeting_id>/paper/sheet")
@audience(Audience.ORGANIZER, act=Act.TYPE_PAPER)
def type_sheet(meeting_id: str) -> ResponseReturnValue:
    """Save one sheet and go on to the next."""
    group = request.form.get("group", "")
    try:
        number = _posted_number()
        if request.form.get("act") == "drop":
            operations.drop_sheet(this_account().name, meeting_id, number)
            flash(f"已删去您录入的第 {number} 号票。", "good")
            return _back(meeting_id)
        operations.type_sheet(this_account().name, meeting_id, number, group, request.form)
    except KaoheError as error:
        return _shown(paper_page(meeting_id, refusal_of(error), posted=request.form))
    flash(f"第 {number} 号票已录入。", "good")
    following = url_for("organizer.paper", meeting_id=meeting_id, number=number + 1, group=group, _anchor="sheet")
    return redirect(following, 303)


def _posted_number() -> int:
    number = posted_whole("number", "票面编号")
    if number is None:
        raise FieldInvalid("请填写写在票面上的编号。")
    return number


def _back(meeting_id: str) -> ResponseReturnValue:
    return redirect(url_for("organizer.paper", meeting_id=meeting_id), 303)


def _shown(page: PaperPage) -> ResponseReturnValue:
    return render_template("organizer/chair/paper.html", page=page), reply_code(page.refusal)
