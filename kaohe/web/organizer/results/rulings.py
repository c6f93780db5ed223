"""The tiers that people rule about (审定等次): each subject's, ties at the edge of a quota, and all others at once."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from kaohe.domain.permissions import Act
from kaohe.operations.count import ruling
from kaohe.tally.model import Ruling
from kaohe.web.organizer.results.rulings_page import RulingsPage, TypedRuling, rulings_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.lists import place_in_list


class RulingForm(DeskForm):
    """A tier for one subject or several, with reason, day and minute."""

    subject = SelectMultipleField(validate_choice=False)
    step = StringField(default="")
    tier = StringField(default="")
    reason = StringField(default="")
    decided_on = StringField(default="")
    minute = StringField(default="")

    def ruling(self) -> Ruling:
        """What was typed; the operation judges it."""
        said = (self.reason.data, self.decided_on.data, self.minute.data)
        return Ruling(self.step.data, "", self.tier.data, *said)

    def typed(self) -> TypedRuling:
        """What stays in the form where it was refused."""
        return TypedRuling(self.ruling(), tuple(self.subject.data or ()))


class WithdrawRulingForm(DeskForm):
    """Which ruling is taken back, and why."""

    step = StringField(default="")
    subject = StringField(default="")
    why = StringField(default="")


@organizer.get("/<meeting_id>/rulings", act=Act.RULE)
def rulings(meeting_id: str) -> ResponseReturnValue:
    """Show the recommended tiers beside the ruled ones."""
    return _shown(rulings_page(meeting_id, RulingForm().typed()))


@organizer.post("/<meeting_id>/rulings", act=Act.RULE)
def rule(meeting_id: str) -> ResponseReturnValue:
    """Rule about the tier of one subject or of several."""
    form = RulingForm()
    return _acted(
        meeting_id,
        lambda actor: ruling.rule(actor, meeting_id, form.subject.data or (), form.ruling()),
        "已保存，理由已记入操作记录。",
    )


@organizer.post("/<meeting_id>/rulings/others", act=Act.RULE)
def rule_others(meeting_id: str) -> ResponseReturnValue:
    """Confirm all whom nothing else is ruled about."""
    form = RulingForm()
    return _acted(
        meeting_id,
        lambda actor: ruling.rule_others(actor, meeting_id, form.ruling()),
        "其余考核对象已按现有等次确定。",
    )


@organizer.post("/<meeting_id>/rulings/withdraw", act=Act.RULE)
def withdraw_ruling(meeting_id: str) -> ResponseReturnValue:
    """Take a ruling back."""
    form = WithdrawRulingForm()
    return _acted(
        meeting_id,
        lambda actor: ruling.withdraw_ruling(actor, meeting_id, form.step.data, form.subject.data, form.why.data),
        "已撤销，理由已记入操作记录。",
    )


def _acted(meeting_id: str, act: Callable[[str], None], done: str) -> ResponseReturnValue:
    def refused(refusal: Refusal) -> ResponseReturnValue:
        return _shown(rulings_page(meeting_id, RulingForm().typed(), refusal))

    return acted(
        act, done, back=url_for("organizer.rulings", meeting_id=meeting_id, **place_in_list()), refused=refused
    )


def _shown(page: RulingsPage) -> ResponseReturnValue:
    return render_template("organizer/results/rulings.html", page=page), reply_code(page.refusal)
