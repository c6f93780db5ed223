"""Tickets (制票): made, printed, voided and replaced, or drawn by the shared code."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.people.second_person import propose
from kaohe.operations.setup import issuing, printing, replacing
from kaohe.operations.setup.issuing_missing import issue_missing_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.printing_apart import shuffled_csv
from kaohe.reports.sheet import file_stem
from kaohe.web.access import this_account
from kaohe.web.asked import asked_number
from kaohe.web.attachments import attached
from kaohe.web.organizer.setup.blank_ballot_page import blank_ballot_page
from kaohe.web.organizer.setup.tickets_page import ALL_GROUPS, TicketsPage, poster_page, ticket_slips_page, tickets_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, WholeField
from kaohe.web.organizer.shell.parts import moved, shown

_PRINTING_LENGTH = 32


class IssueForm(DeskForm):
    """How many tickets to make for a group, and how many spares."""

    group = StringField(default="")
    count = WholeField("要制作的票数")
    spares = WholeField("备用票数")


class TakeBackForm(DeskForm):
    """The group whose tickets are taken back."""

    group = StringField(default="")


class SharedCodeForm(DeskForm):
    """The shared code that the page has shown."""

    shown = StringField(default="")


class TicketForm(DeskForm):
    """The code of one ticket."""

    ticket = StringField(default="")


class ReissueForm(TicketForm):
    """The code, and why another ticket takes its place."""

    reason = StringField(default="")


@organizer.get("/<meeting_id>/tickets", act=Act.PREPARE)
def tickets(meeting_id: str) -> ResponseReturnValue:
    """How many tickets there are, and what can be done with them."""
    return _shown(tickets_page(meeting_id, at=request.args.get("at", "")))


@organizer.post("/<meeting_id>/tickets", act=Act.ISSUE_TICKETS)
def issue_tickets(meeting_id: str) -> ResponseReturnValue:
    """Make tickets of one group, and spares."""
    form = IssueForm()

    def act(actor: str) -> None:
        form.checked()
        count, spares = form.count.data or 0, form.spares.data or 0
        made_before = form.expected().on_version()
        issuing.issue_tickets(actor, meeting_id, form.group.data, count, spares, made_before=made_before)

    return _acted(meeting_id, act, "已制票，可以打印了。", at=form.group.data)


@organizer.post("/<meeting_id>/tickets/missing", act=Act.ISSUE_TICKETS)
def issue_missing(meeting_id: str) -> ResponseReturnValue:
    """Make what is missing of every group."""
    return acted(
        lambda actor: f"已按应到人数制齐，共制 {issue_missing_tickets(actor, meeting_id)} 张，可以打印了。",
        back=url_for("organizer.tickets", meeting_id=meeting_id, at=ALL_GROUPS),
        refused=lambda refusal: _shown(tickets_page(meeting_id, refusal)),
    )


@organizer.post("/<meeting_id>/tickets/take-back", act=Act.ISSUE_TICKETS)
def take_back_tickets(meeting_id: str) -> ResponseReturnValue:
    """Void all tickets of a group that can still be printed."""
    form = TakeBackForm()

    def act(actor: str) -> str:
        form.checked()
        made_before = form.expected().on_version()
        taken = replacing.take_back_tickets(actor, meeting_id, form.group.data, made_before=made_before)
        return f"已收回 {taken} 张票，全部作废。" if taken else "没有可以收回的票。"

    return acted(
        act,
        back=url_for("organizer.tickets", meeting_id=meeting_id, at=form.group.data),
        refused=lambda refusal: _shown(tickets_page(meeting_id, refusal)),
    )


@organizer.post("/<meeting_id>/tickets/void", act=Act.REPLACE_TICKETS)
def void_ticket(meeting_id: str) -> ResponseReturnValue:
    """Take a ticket out of use."""
    typed = TicketForm().ticket.data
    done = "这张票已经作废，不能再用来投票。"
    return _acted(meeting_id, lambda actor: replacing.void_ticket(actor, meeting_id, typed), done, typed=typed)


@organizer.post("/<meeting_id>/tickets/reissue", act=Act.REISSUE_TICKET)
def reissue_ticket(meeting_id: str) -> ResponseReturnValue:
    """Replace a ticket, or propose it. The new slip is in the reply itself: its code must not ride in an address."""
    form = ReissueForm()
    typed, reason = form.ticket.data, form.reason.data
    try:
        setup, this_round = load_meeting(meeting_id)
        if setup.two_people and this_round.state is MeetingState.OPEN:
            propose(this_account(), meeting_id, Act.REISSUE_TICKET, reason)
            flash("已提出换发，请另一人登录自己的账号，在主持页面确认。", "good")
            return moved(url_for("organizer.chair", meeting_id=meeting_id))
        token = form.expected().token
        ticket = replacing.reissue_ticket(this_account().name, meeting_id, typed, reason=reason, token=token)
    except KaoheError as error:
        return _shown(tickets_page(meeting_id, refusal_of(error), typed=typed, reason=reason))
    return _shown(tickets_page(meeting_id, reissued=ticket))


@organizer.post("/<meeting_id>/shared-code/renew", act=Act.REPLACE_TICKETS)
def renew_shared_code(meeting_id: str) -> ResponseReturnValue:
    """Exchange the shared code, from the chair's page: what was drawn and is unspent is void."""

    def act(actor: str) -> str:
        voided = issuing.renew_pool_code(actor, meeting_id, SharedCodeForm().shown.data)
        if voided is None:
            return "会场码刚刚已经更换，这次没有再换。"
        return f"会场码已更换，此前领出未投的 {voided} 张票已作废。请持这些票的人重新扫码领票。"

    return acted(
        act,
        back=url_for("organizer.chair", meeting_id=meeting_id),
        refused=lambda refusal: _shown(tickets_page(meeting_id, refusal)),
    )


@organizer.post("/<meeting_id>/slips", act=Act.ISSUE_TICKETS)
def print_slips(meeting_id: str) -> ResponseReturnValue:
    """Begin a printing: from now on the slips carry the address that the server has now."""
    try:
        word = printing.start_printing(this_account().name, meeting_id)
    except KaoheError as error:
        return _shown(tickets_page(meeting_id, refusal_of(error)))
    return redirect(url_for("organizer.ticket_slips", meeting_id=meeting_id, printing=word, part=1), 303)


@organizer.get("/<meeting_id>/slips", act=Act.ISSUE_TICKETS)
def ticket_slips(meeting_id: str) -> ResponseReturnValue:
    """A4 pages of slips, some hundred at a time. Without a printing's word the slips are shuffled anew."""
    word = request.args.get("printing", "")[:_PRINTING_LENGTH]
    if not word:
        word = printing.new_printing()
        return redirect(url_for("organizer.ticket_slips", meeting_id=meeting_id, printing=word, part=1))
    asked = asked_number("part")
    part = 1 if asked is None else asked
    return render_template("organizer/setup/ticket_slips.html", page=ticket_slips_page(meeting_id, word, part))


@organizer.get("/<meeting_id>/tickets.csv", act=Act.ISSUE_TICKETS)
def tickets_csv(meeting_id: str) -> Response:
    """The codes and addresses, shuffled anew, for an office that prints its own slips."""
    setup, _ = load_meeting(meeting_id)
    return attached(shuffled_csv(meeting_id), f"{file_stem(setup.title)}票码.csv")


@organizer.get("/<meeting_id>/blank-ballot", act=Act.PREPARE)
def blank_ballot(meeting_id: str) -> str:
    """The blank ballot on paper of one voter group (``group``, the first without), on A4 or A5 (``paper``)."""
    return render_template("organizer/setup/blank_ballot.html", page=blank_ballot_page(meeting_id))


@organizer.get("/<meeting_id>/poster", act=Act.PREPARE)
def poster(meeting_id: str) -> str:
    """The shared code to print and put up."""
    return render_template("organizer/setup/poster.html", page=poster_page(meeting_id))


def _acted(
    meeting_id: str, act: Callable[[str], None], done: str, *, at: str | None = None, typed: str = ""
) -> ResponseReturnValue:
    return acted(
        act,
        done,
        back=url_for("organizer.tickets", meeting_id=meeting_id, at=at),
        refused=lambda refusal: _shown(tickets_page(meeting_id, refusal, typed=typed)),
    )


def _shown(page: TicketsPage) -> ResponseReturnValue:
    template = "organizer/setup/tickets.html"
    return shown(template, reply_code(page.refusal), parts=("tickets",), frame=page.frame, page=page)
