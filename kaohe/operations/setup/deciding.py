"""Decisions of people (组织认定): a clause of the scheme applied to a subject, with its reason."""

from __future__ import annotations

from kaohe.domain.inputs import fitting_inputs
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.typed_numbers import number_text
from kaohe.operations.setup.input_checks import fitting_decision
from kaohe.operations.setup.inputs import changing_inputs
from kaohe.storage.inputs import remove_decision, store_decision, stored_decisions, stored_inputs
from kaohe.storage.record import record
from kaohe.tally.model import Decision


def decide(actor: str, meeting_id: str, decision: Decision) -> str:
    """Apply a clause to a subject and return the decision's id. The reason goes into the record of acts.

    Raises:
        FieldInvalid: the reason is empty, or reason or matter are too long.
        DecisionRefused: no such subject or clause, points that do not fit or exceed the limit, one matter counted
            twice, or two tiers given outright; in the tally's own sentence.
        WrongState: the result is published.
    """
    with changing_inputs(meeting_id) as (session, setup):
        earlier = fitting_inputs(setup.full_scheme, setup.subjects, stored_inputs(session, meeting_id))
        read, subject, clause = fitting_decision(setup, earlier, decision)
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
        WrongState: the result is published.
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
