"""The tellers compare ballots of their own (监票抽查): announced before the voting, opened after it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import AnyOf

from kaohe.domain.challenges import chance_of_detection, suggested_challenges
from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import Custody, MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.count import challenging
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.key import give_share
from kaohe.tally.rounding import round_text
from kaohe.web.access import this_account
from kaohe.web.organizer.chair.outcomes import KeyForm
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import INCOMPLETE, DeskForm, WholeField
from kaohe.web.organizer.shell.frame import MeetingFrame, meeting_frame
from kaohe.web.organizer.shell.hall_words import key_label

_ALTERED_SHARES = (10, 5)
"""One ballot in ten, or in five: what a cheat is supposed to alter."""


class ChallengeCountForm(DeskForm):
    """How many ballots will be compared."""

    count = WholeField("抽查票数")


class OpenChallengesForm(KeyForm):
    """Which ballots the tellers name, one code a line."""

    codes = StringField(default="")


class OutcomeForm(DeskForm):
    """What the comparison has shown."""

    outcome = StringField(validators=[AnyOf((challenging.SAME, challenging.DIFFERENT), INCOMPLETE)])


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """One challenge as it lay in the box."""

    receipt: str
    choices: tuple[tuple[str, str, str], ...]
    """(subject, dimension or '', what was chosen)."""


@dataclass(frozen=True, slots=True)
class ChallengePage:
    """What tellers do before the voting, and after it."""

    frame: MeetingFrame
    refusal: Refusal | None
    limit_text: str
    suggested_text: str
    chances: tuple[str, ...]
    can_declare: bool
    can_open: bool
    needs_key: bool
    key_label: str
    typed_codes: str
    typed_key: str
    named_text: str
    """How many have been opened; empty for none."""
    opened: tuple[OpenedBallot, ...]
    comparisons: tuple[str, ...]
    """What tellers have to count and compare, once voting has ended."""


@organizer.get("/<meeting_id>/challenges", act=Act.CHALLENGE)
def challenges(meeting_id: str) -> ResponseReturnValue:
    """How far the comparison is."""
    return _shown(_page(meeting_id))


@organizer.post("/<meeting_id>/challenges", act=Act.CHALLENGE)
def declare_challenges(meeting_id: str) -> ResponseReturnValue:
    """Announce how many ballots will be compared."""
    form = ChallengeCountForm()
    return acted(
        lambda actor: challenging.declare_challenges(actor, meeting_id, form.checked().count.data or 0),
        "抽查票数已登记。",
        back=url_for("organizer.challenges", meeting_id=meeting_id),
        refused=lambda refusal: _shown(_page(meeting_id, refusal)),
    )


@organizer.post("/<meeting_id>/challenges/open", act=Act.CHALLENGE)
def open_challenges(meeting_id: str) -> ResponseReturnValue:
    """Open the named ballots and show them, this once; nothing of them is stored."""
    form = OpenChallengesForm()
    codes, key_text, actor = form.codes.data, form.key.data, this_account().name
    try:
        if give_share(actor, meeting_id, key_text):
            flash("第一张钥匙单输入正确，请由另一位监票人输入另一张。", "good")
            return _shown(_page(meeting_id, typed_codes=codes))
        found = challenging.open_challenges(actor, meeting_id, codes.splitlines(), key_text)
    except KaoheError as error:
        return _shown(_page(meeting_id, refusal_of(error), typed_codes=codes, typed_key=key_text))
    setup = load_board(meeting_id).setup
    several = len(setup.scheme.dimensions) > 1
    opened = tuple(
        OpenedBallot(
            each.receipt,
            tuple(
                (name, dimension if several else "", chosen)
                for name, dimension, chosen in challenging.choices_of(setup, each.ballot)
            ),
        )
        for each in found
    )
    return _shown(_page(meeting_id, opened=opened))


@organizer.post("/<meeting_id>/challenges/conclude", act=Act.CHALLENGE)
def conclude_challenges(meeting_id: str) -> ResponseReturnValue:
    """Put on record what the comparison has shown."""
    form = OutcomeForm()
    is_same = form.outcome.data == challenging.SAME
    try:
        form.checked()
        challenging.conclude_challenges(this_account().name, meeting_id, is_same=is_same)
    except KaoheError as error:
        return _shown(_page(meeting_id, refusal_of(error)))
    if is_same:
        flash("已记入操作记录：逐票相符。可以开箱计票。", "good")
    else:
        flash("已记入操作记录：有不相符的票。请保留数据，不要计票，由会议决定是否作废重投。", "bad")
    return redirect(url_for("organizer.chair", meeting_id=meeting_id), 303)


def _page(
    meeting_id: str,
    refusal: Refusal | None = None,
    *,
    typed_codes: str = "",
    typed_key: str = "",
    opened: tuple[OpenedBallot, ...] = (),
) -> ChallengePage:
    frame = meeting_frame(meeting_id, "chair")
    board = load_board(meeting_id)
    state = challenging.load_challenges(meeting_id)
    voters = max(board.printed, board.entitled)
    suggested = suggested_challenges(voters)
    return ChallengePage(
        frame=frame,
        refusal=refusal,
        limit_text=str(state.limit) if state.limit else "",
        suggested_text=str(suggested) if suggested else "",
        chances=tuple(_chance(voters, state.limit or suggested, share) for share in _ALTERED_SHARES)
        if 0 < (state.limit or suggested) <= voters
        else (),
        can_declare=frame.is_draft,
        can_open=board.round.state is MeetingState.CLOSED and state.limit > 0,
        needs_key=board.setup.custody is Custody.TELLERS,
        key_label=key_label(meeting_id),
        typed_codes=typed_codes,
        typed_key=typed_key,
        named_text=str(len(state.named)) if state.named else "",
        opened=opened,
        comparisons=(*board.warnings, *board.comparisons),
    )


def _chance(voters: int, count: int, share: int) -> str:
    chance = round_text(100 * chance_of_detection(voters, voters // share, count), 0)
    return f"{voters} 人投票、{count} 张抽查票时，若每 {share} 张票有 1 张被改动，发现的可能为 {chance}%。"


def _shown(page: ChallengePage) -> ResponseReturnValue:
    return render_template("organizer/chair/challenges.html", page=page), reply_code(page.refusal)
