"""Decisions of people (组织认定): a clause of the scheme applied to a subject, with its reason."""

from __future__ import annotations

from fractions import Fraction

from kaohe.domain.errors import DecisionRefused, FieldInvalid
from kaohe.domain.inputs import CountInputs, fitting_inputs, limit_of, own_clauses, own_rules
from kaohe.domain.limits import REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.inputs import changing_inputs
from kaohe.operations.setup.steps import read_line
from kaohe.storage.inputs import remove_decision, store_decision, stored_decisions, stored_inputs
from kaohe.storage.record import record
from kaohe.tally.model import Count, Decision, Subject
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.tiers import Clause
from kaohe.tally.scores.deciding import decisions_by_subject


def decide(actor: str, meeting_id: str, decision: Decision) -> str:
    """Apply a clause to a subject and return the decision's id. The reason goes into the record of acts.

    Raises:
        FieldInvalid: the reason is empty, or reason or matter are too long.
        DecisionRefused: no such subject or clause, points that do not fit or exceed the limit, one matter counted
            twice, or two tiers given outright; in the tally's own sentence.
        WrongState, MeetingUnknown.
    """
    with changing_inputs(meeting_id) as (session, setup):
        subject, clause = _subject_and_clause(setup, decision)
        read = Decision(
            decision.subject,
            decision.clause,
            read_line(decision.reason, "理由", REASON_LENGTH, is_needed=True),
            _amount(setup, subject, clause, decision.amount),
            read_line(decision.matter, "事项", TITLE_LENGTH),
        )
        earlier = fitting_inputs(setup.full_scheme, setup.subjects, stored_inputs(session, meeting_id))
        _require_fitting(setup, subject, earlier, read)
        decision_id = store_decision(session, meeting_id, read)
        record(
            session,
            meeting_id,
            actor,
            "decided",
            subject=subject.full_name,
            clause=clause.label,
            amount="" if read.amount is None else number_text(read.amount),
            reason=read.reason,
            matter=read.matter,
        )
    return decision_id


def withdraw_decision(actor: str, meeting_id: str, decision_id: str, reason: str) -> None:
    """Take a decision back; why is written into the record. Nothing happens where it is gone already.

    Raises:
        FieldInvalid: no reason is given.
        WrongState, MeetingUnknown.
    """
    why = read_line(reason, "撤销的理由", REASON_LENGTH, is_needed=True)
    with changing_inputs(meeting_id) as (session, setup):
        kept = next(
            (decision for decision in stored_decisions(session, meeting_id) if decision.id == decision_id), None
        )
        if kept is None:
            return
        names = {subject.key: subject.full_name for subject in setup.subjects}
        labels = {
            clause.key: clause.label for section in setup.full_scheme.sections for clause in section.scheme.clauses
        }
        decision = kept.decision
        remove_decision(session, meeting_id, decision_id)
        record(
            session,
            meeting_id,
            actor,
            "withdrew_decision",
            subject=names.get(decision.subject, decision.subject),
            clause=labels.get(decision.clause, decision.clause),
            reason=why,
        )


def _subject_and_clause(setup: MeetingSetup, decision: Decision) -> tuple[Subject, Clause]:
    subject = next((subject for subject in setup.subjects if subject.key == decision.subject), None)
    if subject is None:
        raise DecisionRefused("请选择考核对象。")
    for clause in own_clauses(setup.full_scheme, subject):
        if clause.key == decision.clause:
            return subject, clause
    raise DecisionRefused(f"「{subject.full_name}」不适用这一条款，请重新选择。")


def _amount(setup: MeetingSetup, subject: Subject, clause: Clause, amount: Fraction | None) -> Fraction | None:
    rules = own_rules(setup.full_scheme, subject)
    limit = limit_of(rules, clause) if rules else None
    if limit is None or amount is None:
        return amount
    if amount > limit:
        raise FieldInvalid(f"“{clause.label}”最多 {number_text(limit)} 分，请改正。")
    return amount


def _require_fitting(setup: MeetingSetup, subject: Subject, earlier: CountInputs, decision: Decision) -> None:
    rules = own_rules(setup.full_scheme, subject)
    subject_decisions = tuple(decision for decision in earlier.decisions if decision.subject == subject.key)
    if rules is None:
        raise DecisionRefused(f"「{subject.full_name}」还没有写明属于哪一张分表，请先在考核对象中补上。")
    try:
        decisions_by_subject(Count(rules, (subject,), {}, {}, decisions=(*subject_decisions, decision)))
    except TallyError as error:
        raise as_refusal(error) from error
