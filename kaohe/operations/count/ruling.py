"""People rule about the tiers that the rules recommend (审定等次): who, why, when, in which minute."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from kaohe.domain.errors import DecisionRefused, FieldInvalid, SecondPersonSame, WrongState
from kaohe.domain.inputs import ruling_steps
from kaohe.domain.limits import REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingSetup
from kaohe.operations.count.results import load_next
from kaohe.operations.setup.inputs import changing_inputs, require_inputs
from kaohe.reports.heading import printed_names
from kaohe.storage.database import Transaction
from kaohe.storage.inputs import remove_ruling, store_ruling
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import current_round
from kaohe.tally.model import Ruling


def rule(actor: str, meeting_id: str, subjects: Collection[str], ruling: Ruling) -> None:
    """Rule about the tiers of ``subjects``, by key: what ``ruling`` says is ruled of each of them, whatever it names.

    What was ruled about them at this step before is replaced. The result must be one that the rules allow.

    Raises:
        FieldInvalid: no subject, no reason, a day that is none, or a text that is too long.
        DecisionRefused: no such step, subject or tier, or the rules forbid it; in the tally's own sentence.
        InputsMissing: there is no final score yet to rule about.
        WrongState: the round is not counted.
    """
    if not subjects or not all(subjects):
        # A ruling that names nobody would confirm all others.
        raise FieldInvalid("请选择考核对象。")
    read = replace(_read(ruling), reason=read_line(ruling.reason, "理由", REASON_LENGTH, is_needed=True))
    with _ruling(meeting_id) as (session, setup):
        names = printed_names(setup.subjects)
        labels = {band.key: band.label for section in setup.full_scheme.sections for band in section.scheme.bands}
        for key in subjects:
            _require_known(setup, replace(read, subject=key))
            store_ruling(session, meeting_id, replace(read, subject=key))
        load_next(meeting_id)
        record(
            session,
            meeting_id,
            actor,
            "ruled",
            step=read.step,
            subject="、".join(names[key] for key in names if key in subjects),
            tier=labels.get(read.tier, ""),
            reason=read.reason,
            decided_on=read.decided_on,
            minute=read.minute,
        )


def rule_others(actor: str, meeting_id: str, ruling: Ruling) -> None:
    """Confirm, at the step of ``ruling``, the tiers of everybody whom nothing else is ruled about there. Idempotent.

    Raises:
        What ``rule`` raises; no reason is needed.
    """
    read = replace(_read(ruling), reason=read_line(ruling.reason, "理由", REASON_LENGTH), subject="", tier="")
    with _ruling(meeting_id) as (session, setup):
        _require_known(setup, read)
        store_ruling(session, meeting_id, read)
        load_next(meeting_id)
        record(
            session,
            meeting_id,
            actor,
            "confirmed_tiers",
            step=read.step,
            reason=read.reason,
            decided_on=read.decided_on,
            minute=read.minute,
        )


def withdraw_ruling(actor: str, meeting_id: str, step: str, subject: str, reason: str) -> None:
    """Take a ruling back; why is written into the record. Nothing happens where it is gone already.

    Raises:
        FieldInvalid: no reason is given.
        DecisionRefused: there is no such step, or what is left would break the rules.
        WrongState, InputsMissing, MeetingUnknown: as for ``rule``.
    """
    why = read_line(reason, "撤销的理由", REASON_LENGTH, is_needed=True)
    with _ruling(meeting_id) as (session, setup):
        _require_known(setup, Ruling(step, subject, "", why))
        if not remove_ruling(session, meeting_id, step, subject):
            return
        load_next(meeting_id)
        name = printed_names(setup.subjects).get(subject, "其余考核对象")
        record(session, meeting_id, actor, "withdrew_ruling", step=step, subject=name, reason=why)


def require_another_than_ruled(session: Transaction, setup: MeetingSetup, actor: str) -> None:
    """Where a meeting asks for two people, let only somebody publish who has not ruled alone.

    Raises:
        SecondPersonSame: every ruling since the count was entered by ``actor``.
    """
    entries = chain_of(session, setup.id)
    counted = max((entry.seq for entry in entries if entry.act == "counted"), default=0)
    rulers = {entry.actor for entry in entries if entry.act in ("ruled", "confirmed_tiers") and entry.seq > counted}
    if setup.two_people and rulers == {actor}:
        raise SecondPersonSame("审定的等次是您录入的，公布须由另一人核对后进行：请另一位组织者登录自己的账号公布。")


@contextmanager
def _ruling(meeting_id: str) -> Iterator[tuple[Transaction, MeetingSetup]]:
    with changing_inputs(meeting_id) as (session, setup):
        if not current_round(session, meeting_id).state.is_counted:
            raise WrongState("计票（汇总）以后才能审定等次。")
        require_inputs(session, setup, "审定")
        yield session, setup


def _read(ruling: Ruling) -> Ruling:
    try:
        day = date.fromisoformat(ruling.decided_on).isoformat() if ruling.decided_on else ""
    except ValueError as error:
        raise FieldInvalid("审定日期请按“2026-12-20”的样子填写。") from error
    return replace(ruling, decided_on=day, minute=read_line(ruling.minute, "会议纪要", TITLE_LENGTH))


def _require_known(setup: MeetingSetup, ruling: Ruling) -> None:
    """Refuse here what would be left out of the count without a word."""
    if ruling.step not in ruling_steps(setup.full_scheme):
        raise DecisionRefused("本方案没有这一步骤，请刷新页面后重新选择。")
    if not ruling.subject:
        return
    if ruling.subject not in {subject.key for subject in setup.subjects}:
        raise DecisionRefused("请选择考核对象。")
    tiers = {band.key for section in setup.full_scheme.sections for band in section.scheme.bands}
    if ruling.tier and ruling.tier not in tiers:
        raise DecisionRefused("请选择等次。")
