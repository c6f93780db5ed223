"""People who come late or leave while others vote (迟到与离场): how many, and the slips that are made for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError, SecondPersonNeeded
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.hall import attendance as operations
from kaohe.operations.hall.attendance import Admitted, Latecomers
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.printing import slip_of
from kaohe.reports.ticket_slips import PrintedSlip, printed_slip
from kaohe.web.access import this_account
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, WholeField, needed
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of


class PeopleForm(DeskForm):
    """How many people of which group, and why slips are made for them where the spares run short."""

    group = StringField(default="")
    people = WholeField("人数", [needed("请填写人数（至少 1 人）。")])
    reason = StringField(default="")


@dataclass(frozen=True, slots=True)
class GroupAttendance:
    """One voter group as it stands."""

    key: str
    label: str
    present_text: str
    issued_text: str
    cast_text: str
    ready_text: str
    """Slips that lie ready for whoever comes late; '' where the group draws by the shared code."""
    people: str
    reason: str
    """What was typed where the act was refused."""


@dataclass(frozen=True, slots=True)
class AttendancePage:
    """Who came late and who left, in numbers, with the slips that were made just now."""

    frame: MeetingFrame
    refusal: Refusal | None
    is_open: bool
    needs_second: bool
    """Whether two people stand behind a new slip."""
    groups: Sequence[GroupAttendance]
    done_text: str
    """What the act has done; '' before one."""
    slips: Sequence[PrintedSlip]
    acts: str
    token: str


@organizer.get("/<meeting_id>/attendance", act=Act.RECORD_NUMBERS)
def attendance(meeting_id: str) -> ResponseReturnValue:
    """The numbers of each group, and where people are counted in and out."""
    return _shown(meeting_id)


@organizer.post("/<meeting_id>/attendance/late", act=Act.RECORD_NUMBERS)
def admit_late(meeting_id: str) -> ResponseReturnValue:
    """Count people in, or propose it. New slips are in the reply itself: their codes must not ride in an address."""
    form = PeopleForm()
    try:
        expected = form.checked().expected()
        late = Latecomers(form.group.data, form.people.data, expected.on_version(), form.reason.data)
        try:
            admitted = operations.admit_late(this_account().name, meeting_id, late, expected.token)
        except SecondPersonNeeded:
            operations.propose_late(this_account(), meeting_id, late)
            flash("备用票不够，已提出另制新票，请另一人登录自己的账号，在主持页面确认。", "good")
            return redirect(url_for("organizer.chair", meeting_id=meeting_id), 303)
    except KaoheError as error:
        return _shown(meeting_id, refusal_of(error), form)
    return _shown(meeting_id, admitted=admitted, people=form.people.data)


@organizer.post("/<meeting_id>/attendance/left", act=Act.RECORD_NUMBERS)
def let_leave(meeting_id: str) -> ResponseReturnValue:
    """Count people out who leave without having voted."""

    def act(actor: str) -> str:
        form = PeopleForm().checked()
        number = form.expected().on_version()
        operations.let_leave(actor, meeting_id, form.group.data, form.people.data, acts_before=number)
        return f"已登记离场 {form.people.data} 人。"

    return acted(
        act,
        back=url_for("organizer.attendance", meeting_id=meeting_id),
        refused=lambda refusal: _shown(meeting_id, refusal),
    )


def _shown(
    meeting_id: str,
    refusal: Refusal | None = None,
    typed: PeopleForm | None = None,
    *,
    admitted: Admitted | None = None,
    people: int = 0,
) -> ResponseReturnValue:
    board = load_board(meeting_id)
    setup = board.setup
    made = admitted.made if admitted else ()
    page = AttendancePage(
        frame=frame_of(setup, board.round, "chair"),
        refusal=refusal,
        is_open=board.round.state is MeetingState.OPEN,
        needs_second=setup.two_people,
        groups=[
            GroupAttendance(
                key=group.key,
                label=group.label,
                present_text="未登记" if group.present is None else str(group.present),
                issued_text=str(group.issued),
                cast_text=str(group.cast),
                ready_text="" if group.key == setup.shared_group else str(group.left_over),
                people=typed.people.typed if typed and typed.group.data == group.key else "1",
                reason=typed.reason.data if typed and typed.group.data == group.key else "",
            )
            for group in board.groups
        ],
        done_text=_done_text(admitted, people) if admitted else "",
        slips=[printed_slip(slip_of(each, setup.title, setup.unit)) for each in made],
        acts=str(operations.count_attendance_acts(meeting_id)),
        token=secrets.token_urlsafe(18),
    )
    return render_template("organizer/chair/attendance.html", page=page), reply_code(refusal)


def _done_text(admitted: Admitted, people: int) -> str:
    given = []
    if admitted.handed_out:
        given.append(f"请从备用票中发给他们 {admitted.handed_out} 张")
    if admitted.made:
        given.append(f"另制新票 {len(admitted.made)} 张，见下")
    return f"已登记迟到 {people} 人。{'，'.join(given) or '发出的票够用，请把手边没有发出的票给他们'}。"
