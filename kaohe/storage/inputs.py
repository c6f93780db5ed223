"""What comes into a result beside the votes, in and out of the tables."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Row, Text, delete, func, insert, literal, null, select, type_coerce, union_all, update
from sqlalchemy.orm import Session

from kaohe.domain.inputs import CountInputs
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import DecisionRow, ImportedScoreRow, MaterialRow, PeriodRow, RulingRow
from kaohe.tally.model import Decision, Period, Ruling

_SCORE: Final = "score"
_PERIOD: Final = "period"
_DECISION: Final = "decision"
_RULING: Final = "ruling"
_TABLES = (ImportedScoreRow, PeriodRow, DecisionRow, RulingRow)
_REMEMBERED: Final = 4096
_OF_NOBODY: Final = ""
"""The subject key of a ruling about everybody else."""


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision and the id by which it is withdrawn."""

    id: str
    decision: Decision


@cached_in_transaction
def stored_inputs(session: Session, meeting_id: str) -> CountInputs:
    """Everything that has been brought, whether or not the scheme still asks for it."""
    rows = _all_rows(session, meeting_id)
    history: dict[str, list[Period]] = {}
    for row in _of_kind(rows, _PERIOD):
        history.setdefault(row.subject_key, []).append(_period(row))
    return CountInputs(
        {(row.key, row.subject_key): Fraction(row.score) for row in _of_kind(rows, _SCORE)},
        {key: tuple(periods) for key, periods in history.items()},
        tuple(_decision(row) for row in _of_kind(rows, _DECISION)),
        rulings=tuple(
            Ruling(row.key, row.subject_key, row.tier, row.reason, row.source_meeting, row.matter)
            for row in _of_kind(rows, _RULING)
        ),
    )


def stored_decisions(session: Session, meeting_id: str) -> list[KeptDecision]:
    """The decisions in the order in which they were made."""
    return [KeptDecision(row.id, _decision(row)) for row in _rows(session, meeting_id, _DECISION)]


def _decision(row: Row[Any]) -> Decision:
    return Decision(row.subject_key, row.key, row.reason, _number(row.score), row.matter)


def score_sources(session: Session, meeting_id: str) -> Mapping[str, tuple[str, ...]]:
    """By component key: the meetings that its scores come from; '' stands for a sheet."""
    found: dict[str, set[str]] = {}
    for row in _rows(session, meeting_id, _SCORE):
        found.setdefault(row.key, set()).add(row.source_meeting)
    return {component: tuple(sorted(found[component])) for component in sorted(found)}


def period_sources(session: Session, meeting_id: str) -> Mapping[tuple[str, str], Mapping[str, Period]]:
    """By (label, source meeting): what was taken from that meeting, by subject key."""
    found: dict[tuple[str, str], dict[str, Period]] = {}
    for row in _rows(session, meeting_id, _PERIOD):
        if row.source_meeting:
            found.setdefault((row.key, row.source_meeting), {})[row.subject_key] = _period(row)
    return found


def sources_of(session: Session, meeting_id: str) -> frozenset[str]:
    """The meetings that periods and scores were taken from."""
    rows = _all_rows(session, meeting_id)
    return frozenset(row.source_meeting for row in rows if row.kind in (_PERIOD, _SCORE) and row.source_meeting)


def scores_taken(session: Session, meeting_id: str) -> Mapping[tuple[str, str], Mapping[str, Fraction]]:
    """By (component key, source meeting): what was taken from that meeting, by subject key."""
    found: dict[tuple[str, str], dict[str, Fraction]] = {}
    for row in _rows(session, meeting_id, _SCORE):
        if row.source_meeting:
            found.setdefault((row.key, row.source_meeting), {})[row.subject_key] = Fraction(row.score)
    return found


def meetings_used(session: Session) -> Mapping[str, frozenset[str]]:
    """By meeting: the other meetings whose results have a part in its own."""
    found: dict[str, set[str]] = {}
    for table in (ImportedScoreRow, PeriodRow):
        query = select(table.meeting_id, table.source_meeting).where(table.source_meeting != "").distinct()
        for meeting_id, source in session.execute(query):
            found.setdefault(meeting_id, set()).add(source)
    return {meeting_id: frozenset(sources) for meeting_id, sources in found.items()}


def store_scores(
    session: Session, meeting_id: str, component_key: str, scores: Mapping[str, Fraction], source_meeting: str = ""
) -> None:
    """Store scores by subject key, replacing those stored for these subjects."""
    rows = [
        {
            "meeting_id": meeting_id,
            "component_key": component_key,
            "subject_key": subject_key,
            "score": str(score),
            "source_meeting": source_meeting,
        }
        for subject_key, score in scores.items()
    ]
    _put(session, ImportedScoreRow, meeting_id, rows)


def _put(
    session: Session, kind: type[ImportedScoreRow | PeriodRow], meeting_id: str, rows: Sequence[Mapping[str, object]]
) -> None:
    """Store rows of a meeting, each in the place of the one with its key; how many they are costs no more questions."""
    key = kind.__table__.primary_key
    known = {tuple(row) for row in session.execute(select(*key).where(kind.meeting_id == meeting_id))}
    is_known = [tuple(row[column.name] for column in key) in known for row in rows]
    for statement, is_there in ((insert(kind), False), (update(kind), True)):
        if chosen := [row for row, found in zip(rows, is_known, strict=True) if found is is_there]:
            session.execute(statement, chosen)
    session.flush()


def remove_scores(session: Session, meeting_id: str, component_key: str) -> int:
    """Remove every score of a component; return how many there were."""
    of_component = (ImportedScoreRow.meeting_id == meeting_id) & (ImportedScoreRow.component_key == component_key)
    count = session.scalar(select(func.count()).select_from(ImportedScoreRow).where(of_component)) or 0
    session.execute(delete(ImportedScoreRow).where(of_component))
    return count


def store_periods(
    session: Session,
    meeting_id: str,
    periods: Mapping[str, Sequence[Period]],
    order: Sequence[str],
    source_meeting: str = "",
) -> None:
    """Store periods, replacing those stored for these subjects and labels.

    ``order`` holds every label of the meeting, the oldest first; all rows take their positions from it.
    """
    for position, label in enumerate(order, start=1):
        of_label = (PeriodRow.meeting_id == meeting_id) & (PeriodRow.label == label)
        session.execute(update(PeriodRow).where(of_label).values(position=position))
    rows = [
        {
            "meeting_id": meeting_id,
            "subject_key": subject_key,
            "label": period.label,
            "position": order.index(period.label) + 1,
            "score": None if period.score is None else str(period.score),
            "tier": period.tier,
            "flags": json.dumps(sorted(period.flags)),
            "source_meeting": source_meeting,
        }
        for subject_key, subject_periods in periods.items()
        for period in subject_periods
    ]
    _put(session, PeriodRow, meeting_id, rows)


def remove_period(session: Session, meeting_id: str, label: str) -> int:
    """Remove a period of every subject; return how many had it."""
    of_label = (PeriodRow.meeting_id == meeting_id) & (PeriodRow.label == label)
    count = session.scalar(select(func.count()).select_from(PeriodRow).where(of_label)) or 0
    session.execute(delete(PeriodRow).where(of_label))
    return count


def store_decision(session: Session, meeting_id: str, decision: Decision) -> str:
    """Add a decision and return its id."""
    last = session.scalar(select(func.max(DecisionRow.position)).where(DecisionRow.meeting_id == meeting_id))
    row = DecisionRow(
        id=secrets.token_hex(8),
        meeting_id=meeting_id,
        position=(last or 0) + 1,
        subject_key=decision.subject,
        clause_key=decision.clause,
        reason=decision.reason,
        amount=None if decision.amount is None else str(decision.amount),
        matter=decision.matter,
    )
    session.add(row)
    session.flush()
    return row.id


def remove_decision(session: Session, meeting_id: str, decision_id: str) -> None:
    """Remove one decision; nothing happens where it is gone already."""
    session.execute(delete(DecisionRow).where(DecisionRow.meeting_id == meeting_id, DecisionRow.id == decision_id))


def store_ruling(session: Session, meeting_id: str, ruling: Ruling) -> None:
    """Store what was ruled; what was ruled before at this step about this subject is replaced."""
    session.merge(
        RulingRow(
            meeting_id=meeting_id,
            step=ruling.step,
            subject_key=ruling.subject,
            tier=ruling.tier,
            reason=ruling.reason,
            decided_on=ruling.decided_on,
            minute=ruling.minute,
        )
    )
    session.flush()


def remove_ruling(session: Session, meeting_id: str, step: str, subject_key: str) -> bool:
    """Remove what was ruled at a step about a subject; return whether there was anything."""
    row = session.get(RulingRow, (meeting_id, step, subject_key))
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None


def remove_rulings(session: Session, meeting_id: str) -> None:
    """Remove everything that was ruled about the tiers of a meeting."""
    session.execute(delete(RulingRow).where(RulingRow.meeting_id == meeting_id))


def keep_inputs_of(session: Session, meeting_id: str, subject_keys: Collection[str]) -> None:
    """Remove what was brought for, or can be read about, subjects that are no longer among ``subject_keys``."""
    for table in _TABLES:
        session.execute(
            delete(table).where(table.meeting_id == meeting_id, table.subject_key.not_in([*subject_keys, _OF_NOBODY]))
        )
    gone = MaterialRow.subject_key.not_in(list(subject_keys))
    session.execute(delete(MaterialRow).where(MaterialRow.meeting_id == meeting_id, gone))


def _period(row: Row[Any]) -> Period:
    return Period(row.key, _number(row.score), row.tier, _flags(row.flags))


@lru_cache(maxsize=_REMEMBERED)
def _flags(text: str) -> frozenset[str]:
    """Remembered, because thousands of rows say the same few of them."""
    return frozenset(json.loads(text))


def _rows(session: Session, meeting_id: str, kind: str) -> list[Row[Any]]:
    return _of_kind(_all_rows(session, meeting_id), kind)


def _of_kind(rows: Sequence[Row[Any]], kind: str) -> list[Row[Any]]:
    return [row for row in rows if row.kind == kind]


@cached_in_transaction
def _all_rows(session: Session, meeting_id: str) -> Sequence[Row[Any]]:
    """All of them in one statement, periods and decisions in the order of their positions."""
    none = type_coerce(null(), Text)
    score, period, decision, ruling = ImportedScoreRow, PeriodRow, DecisionRow, RulingRow
    every = union_all(
        select(
            literal(_SCORE).label("kind"), none.label("id"), score.subject_key.label("subject_key"),
            score.component_key.label("key"), literal(0).label("position"), score.score.label("score"),
            none.label("tier"), none.label("flags"), none.label("reason"), none.label("matter"),
            score.source_meeting.label("source_meeting"),
        ).where(score.meeting_id == meeting_id),
        select(
            literal(_PERIOD), none, period.subject_key, period.label, period.position, period.score,
            period.tier, period.flags, none, none, period.source_meeting,
        ).where(period.meeting_id == meeting_id),
        select(
            literal(_DECISION), decision.id, decision.subject_key, decision.clause_key, decision.position,
            decision.amount, none, none, decision.reason, decision.matter, none,
        ).where(decision.meeting_id == meeting_id),
        select(
            literal(_RULING), none, ruling.subject_key, ruling.step, literal(0),
            none, ruling.tier, none, ruling.reason, ruling.minute, ruling.decided_on,
        ).where(ruling.meeting_id == meeting_id),
    ).subquery()  # fmt: skip
    return session.execute(select(every).order_by(every.c.position, every.c.id, every.c.key, every.c.subject_key)).all()


@lru_cache(maxsize=_REMEMBERED)
def _number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
