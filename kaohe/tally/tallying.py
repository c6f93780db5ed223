"""The tally: a finished count in, the one result that feeds every screen and sheet out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kaohe.tally.awards.awarding import Awards, award_tiers
from kaohe.tally.awards.candidates import Candidate
from kaohe.tally.awards.electing import check_competition, elect
from kaohe.tally.awards.flagging import flags_of, full_marks_finding
from kaohe.tally.awards.ruling import check_rulings
from kaohe.tally.model import Count, Result, Turnout
from kaohe.tally.notes.settings import scheme_notes, step_notes
from kaohe.tally.notes.warnings import empty_warnings, quorum_warnings
from kaohe.tally.periods import timeline_of
from kaohe.tally.resulting import subject_result
from kaohe.tally.rounding import optional_figure
from kaohe.tally.scheme.refusals import ConservationError
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scores.bases import check_bases
from kaohe.tally.scores.composing import compose, short_periods
from kaohe.tally.scores.conserving import check_conservation, completed
from kaohe.tally.scores.deciding import decisions_by_subject
from kaohe.tally.scores.sectioning import split_count
from kaohe.tally.scores.standing import rank_key, rank_subjects
from kaohe.tally.scores.weighting import score_subject


def tally(count: Count) -> Result:
    """Tally a count: the same count always gives the same result, to the last character.

    A group that nobody voted in may be left out of ``count.turnout`` and ``count.cells``; every other cell must be
    there. Scores and rates are exact and rounded once. A scheme of several sections gives one result for the whole,
    and in its ``parts`` one for each section. Rules: docs/tally-rules.md.

    Raises:
        SchemeError: the scheme cannot be used.
        ConservationError: the numbers cannot all be true.
        MissingBaseError: a number to divide by was never said.
        ComponentError: a component's score is missing.
        DecisionError: a decision of people cannot be applied.
        CompetitionError: there are no more candidates than seats.
        SectionError: a subject belongs to no section.
    """
    check_scheme(count.scheme)
    line = timeline_of(count.history, count.title)
    history = {
        key: tuple(sorted(periods, key=lambda period: line.position(period.label)))
        for key, periods in count.history.items()
    }
    count = replace(count, history=history)
    return _tally_sections(count) if count.scheme.declared_sections else _tally_one(count)


def _tally_sections(count: Count) -> Result:
    parts = tuple(_tally_one(part) for part in split_count(count))
    labels = [section.label for section in count.scheme.declared_sections]
    found = {row.subject.key: row for part in parts for row in part.subjects}
    turnout = {group.key: count.turnout.get(group.key, Turnout(cast=0)) for group in count.scheme.groups}
    strange = sorted(set(count.cells) - {key for part in split_count(count) for key in part.cells})
    if strange:
        raise ConservationError(f"有票数不属于本场的票种、对象或维度：{'、'.join(strange[0])}。请核对数据。")
    return Result(
        scheme=count.scheme,
        turnout=total_turnout(turnout.values()),
        group_turnout=turnout,
        subjects=tuple(found[subject.key] for subject in count.subjects),
        notes=(*_in_sections(labels, (part.notes for part in parts)), *step_notes(count.scheme), *count.scheme.remarks),
        warnings=(
            *quorum_warnings(replace(count, turnout=turnout)),
            *_in_sections(labels, (part.warnings for part in parts)),
        ),
        findings=_in_sections(labels, (part.findings for part in parts)),
        edge_ties=tuple(tie for part in parts for tie in part.edge_ties),
        periods=timeline_of(count.history, count.title).labels,
        section_results=parts,
    )


def _in_sections(labels: Sequence[str], lines: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(
        f"【{label}】{line}" for label, section_lines in zip(labels, lines, strict=True) for line in section_lines
    )


def _tally_one(count: Count) -> Result:
    count = completed(count)
    warnings = (*check_conservation(count), *quorum_warnings(count))
    check_bases(count)
    scheme = count.scheme
    check_competition(scheme, count.subjects)
    applied = decisions_by_subject(count)
    votes = [score_subject(count, subject) for subject in count.subjects]
    candidates = []
    for vote in votes:
        composition = compose(count, vote, applied[vote.subject.key])
        score = optional_figure(composition.score, scheme.decimals)
        key = rank_key(vote.counts, score, scheme.tie_rule)
        candidates.append(Candidate(vote.subject, composition, score, key, applied[vote.subject.key]))
    awards = _awards(count, candidates)
    standings = rank_subjects(
        (
            (
                candidate.subject,
                candidate.composition.votes.counts,
                None if award.is_vetoed else candidate.score,
            )
            for candidate, award in zip(candidates, awards.by_candidate, strict=True)
        ),
        scheme.tie_rule,
    )
    flags = flags_of(count, candidates, awards.by_candidate)
    return Result(
        scheme=scheme,
        turnout=total_turnout(count.turnout[group.key] for group in scheme.groups),
        group_turnout=count.turnout,
        subjects=tuple(
            subject_result(count, candidate, award, standing, raised)
            for candidate, award, standing, raised in zip(
                candidates, awards.by_candidate, standings, flags, strict=True
            )
        ),
        notes=scheme_notes(scheme),
        warnings=(*warnings, *empty_warnings(scheme, votes, count.turnout), *short_periods(count), *awards.warnings),
        findings=(*awards.findings, *full_marks_finding(scheme, candidates)),
        edge_ties=awards.edge_ties,
        periods=timeline_of(count.history, count.title).labels,
    )


def _awards(count: Count, candidates: Sequence[Candidate]) -> Awards:
    if count.scheme.choose is None:
        return award_tiers(count, candidates)
    check_rulings(count)
    awards, warnings = elect(count, count.scheme.choose, candidates)
    return Awards(awards, warnings, ())


def total_turnout(groups: Iterable[Turnout]) -> Turnout:
    """Add up the turnout of all groups; a number that is unknown for one of them is unknown for all together."""
    parts = tuple(groups)
    return Turnout(
        cast=sum(part.cast for part in parts),
        invalid=sum(part.invalid for part in parts),
        entitled=_known_sum(part.entitled for part in parts),
        present=_known_sum(part.present for part in parts),
        issued=_known_sum(part.issued for part in parts),
        printed=_known_sum(part.printed for part in parts),
    )


def _known_sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
