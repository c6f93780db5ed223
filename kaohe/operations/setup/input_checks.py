"""What may come into a result beside its votes, checked against a meeting as it is set up; nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from kaohe.domain.errors import ComponentRefused, DecisionRefused, FieldInvalid
from kaohe.domain.inputs import CountInputs, limit_of, needs_of, own_clauses, own_component, own_rules
from kaohe.domain.limits import REASON_LENGTH, TITLE_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.typed_numbers import number_text
from kaohe.tally.model import Count, Decision, Subject
from kaohe.tally.periods import timeline
from kaohe.tally.scheme.components import Component
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Clause
from kaohe.tally.scores.deciding import decisions_by_subject

_WITHOUT_SECTION = "还没有写明属于哪一张分表，请先在考核对象中补上。"


def component_of(scheme: Scheme, key: str) -> Component:
    """The component that scores are brought for.

    Raises:
        ComponentRefused: the scheme imports none of this key.
    """
    components = needs_of(scheme).components
    found = next((component for component in components if component.key == key), None)
    if found is None:
        known = "、".join(f"{component.label}（{component.key}）" for component in components)
        rest = f"可用的分项是 {known}" if known else "它没有需要导入得分的分项"
        raise ComponentRefused(f"本场的考核方案没有这个分项，请重新选择：{rest}。")
    return found


def require_scores_fit(setup: MeetingSetup, component_key: str, scores: Mapping[str, Fraction]) -> Component:
    """The component of these scores, by subject key, if every one of them may stand.

    Raises:
        FieldInvalid: no score at all.
        ComponentRefused: the scheme imports no such component for one of them, or a score is out of its bounds.
    """
    if not scores:
        raise FieldInvalid("没有读到得分：请每行写一个姓名和得分。")
    known = {subject.key: subject for subject in setup.subjects}
    for key, score in scores.items():
        if key in known and own_rules(setup.full_scheme, known[key]) is None:
            raise ComponentRefused(f"「{known[key].full_name}」{_WITHOUT_SECTION}")
        component = own_component(setup.full_scheme, known[key], component_key) if key in known else None
        if component is None:
            name = known[key].name if key in known else key
            raise ComponentRefused(f"「{name}」没有这个分项，不用导入得分。")
        if not 0 <= score <= component.full:
            raise ComponentRefused(
                f"「{known[key].name}」的「{component.label}」{number_text(score)} 分，"
                f"不在 0 到 {number_text(component.full)} 之间，请核对。"
            )
    return component_of(setup.full_scheme, component_key)


def require_periods_used(setup: MeetingSetup) -> None:
    """Let earlier periods in only where the scheme looks back.

    Raises:
        FieldInvalid: it does not.
    """
    if not needs_of(setup.full_scheme).uses_periods:
        raise FieldInvalid("本场的考核方案不用往期结果。")


def periods_in_time(setup: MeetingSetup, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels of periods in the order of time, each once.

    Raises:
        FieldInvalid: one cannot be placed, or two are the same time.
    """
    line = timeline(labels, setup.title)
    if line.problems:
        raise FieldInvalid(f"{'；'.join(line.problems)}。")
    return tuple(line.labels)


def flag_keys(scheme: Scheme) -> dict[str, str]:
    """The flags that earlier periods may carry, by the labels that sheets print."""
    return {flag.label: flag.key for section in scheme.sections for flag in section.scheme.flags}


def fitting_decision(setup: MeetingSetup, earlier: CountInputs, decision: Decision) -> tuple[Decision, Subject, Clause]:
    """A decision as it is stored, with its subject and its clause; ``earlier`` are the inputs that stand already.

    Raises:
        FieldInvalid: the reason is empty, reason or matter are too long, or the points exceed the limit.
        DecisionRefused: no such subject or clause, points that do not fit, one matter counted twice, or two tiers
            given outright; in the tally's own sentence.
    """
    subject = next((subject for subject in setup.subjects if subject.key == decision.subject), None)
    if subject is None:
        raise DecisionRefused("请选择考核对象。")
    rules = own_rules(setup.full_scheme, subject)
    if rules is None:
        raise DecisionRefused(f"「{subject.full_name}」{_WITHOUT_SECTION}")
    clauses = own_clauses(setup.full_scheme, subject)
    clause = next((clause for clause in clauses if clause.key == decision.clause), None)
    if clause is None:
        raise DecisionRefused(f"「{subject.full_name}」不适用这一条款，请重新选择。")
    limit = limit_of(rules, clause)
    if limit is not None and decision.amount is not None and decision.amount > limit:
        raise FieldInvalid(f"“{clause.label}”最多 {number_text(limit)} 分，请改正。")
    read = Decision(
        decision.subject,
        decision.clause,
        read_line(decision.reason, "理由", REASON_LENGTH, is_needed=True),
        decision.amount,
        read_line(decision.matter, "事项", TITLE_LENGTH),
    )
    own = tuple(one for one in earlier.decisions if one.subject == subject.key)
    try:
        decisions_by_subject(Count(rules, (subject,), {}, {}, decisions=(*own, read)))
    except TallyError as error:
        raise as_refusal(error) from error
    return read, subject, clause
