"""A vote for K out of N: most votes win, and a tie at the last seat elects none of the equals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kaohe.tally.awards.candidates import Award, Candidate
from kaohe.tally.awards.seats import Contender, Filled, fill_seats
from kaohe.tally.model import Count, Flag, Result, Subject
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import CompetitionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.banding import exceeds
from kaohe.tally.scores.bases import rate_base
from kaohe.tally.scores.explaining import (
    NO_MAJORITY,
    NO_VALID_BALLOT,
    NO_VOTE_FOR_ANYBODY,
    majority_text,
    seats_step,
    vacant_warning,
)
from kaohe.tally.scores.sectioning import subjects_of_sections

SEAT_TIE = Flag("seat_tie", "末位并列")
_NOBODY = (NO_VALID_BALLOT, NO_VOTE_FOR_ANYBODY, NO_MAJORITY)


def check_competition(scheme: Scheme, subjects: Sequence[Subject]) -> None:
    """Refuse a vote in which some class (post) has no more candidates than seats.

    Raises:
        CompetitionError: naming the class.
        SectionError: where a subject belongs to no section.
    """
    for section, section_subjects in subjects_of_sections(scheme, subjects):
        rules = section.scheme
        for label, candidates in sorted(Counter(subject.class_label for subject in section_subjects).items()):
            seats = rules.choose.seats_for(candidates) if rules.choose else rules.candidates_over
            if seats is not None and (candidates <= seats or not seats):
                post = f"「{label}」" if label else "本场"
                raise CompetitionError(
                    f"{post}有 {candidates} 名人选、{seats} 个名额，没有差额，不能竞争；请增加人选，"
                    "或把这一类移出本场，另按“竞争上岗民主推荐”方案推荐，其余照常竞争。"
                )


def uncontested(scheme: Scheme, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """Subjects who stand for a post with no more candidates than it has places (``candidates_over``), post by post.

    Raises:
        SectionError: where a subject belongs to no section.
    """
    found = []
    for section, section_subjects in subjects_of_sections(scheme, subjects):
        places = section.scheme.candidates_over or 0
        sizes = Counter(subject.class_label for subject in section_subjects)
        found += [subject for subject in section_subjects if sizes[subject.class_label] <= places]
    return tuple(found)


def elect(count: Count, choose: Choose, candidates: Sequence[Candidate]) -> tuple[tuple[Award, ...], tuple[str, ...]]:
    """Fill the seats of each class; return the awards in order, tier index 0 for the elected, and the warnings.

    Where no ballot is counted nobody is elected, and a warning says why.
    """
    short = {candidate.subject.key: _short_of_majority(count, choose, candidate) for candidate in candidates}
    sizes = Counter(candidate.subject.class_label for candidate in candidates)
    seats = {label: choose.seats_for(size) for label, size in sizes.items()}
    filled = fill_seats(
        (
            Contender(candidate.subject.key, candidate.key, (candidate.subject.class_label,))
            for candidate in candidates
            # Nobody is elected without a single vote.
            if candidate.key is not None and candidate.key[0] > 0 and not short[candidate.subject.key]
        ),
        seats,
    )
    awards = []
    warnings = []
    if all(candidate.key is None or candidate.key[0] <= 0 for candidate in candidates):
        valid = sum(turnout.valid for turnout in count.turnout.values())
        warnings.append(NO_VOTE_FOR_ANYBODY if valid else NO_VALID_BALLOT)
    elif not filled.admitted and not filled.tied_out:
        warnings.append(NO_MAJORITY)
    else:
        warnings += _vacant(choose, seats, candidates, filled)
    for candidate in candidates:
        label = candidate.subject.class_label
        if candidate.subject.key in filled.admitted:
            award = Award(0, steps=[seats_step(label, seats[label], "", choose.elected)])
        elif candidate.subject.key in filled.tied_out:
            step = seats_step(label, seats[label], "与他人票数相同、名额不够", "待再次投票")
            award = Award(None, steps=[step], flags=[SEAT_TIE])
            warnings.append(f"「{candidate.subject.full_name}」与他人票数相同，剩余名额不够，请再次投票决定。")
        else:
            step = seats_step(label, seats[label], short[candidate.subject.key], choose.others)
            award = Award(1, steps=[step])
        awards.append(award)
    return tuple(awards), tuple(warnings)


def _vacant(
    choose: Choose, seats: Mapping[str, int], candidates: Sequence[Candidate], filled: Filled[str]
) -> Iterator[str]:
    """Say of each class whose seats stay empty because nobody else has the majority that is asked for."""
    elected = Counter(each.subject.class_label for each in candidates if each.subject.key in filled.admitted)
    tied = set(filled.tied_out.values())
    for label, number in sorted(seats.items()):
        if choose.over is not None and label not in tied and elected[label] < number:
            yield vacant_warning(label, number, elected[label], choose.elected)


def _short_of_majority(count: Count, choose: Choose, candidate: Candidate) -> str:
    """Say that somebody has fewer votes than the majority that is asked for; '' where that is not so."""
    if choose.over is None:
        return ""
    scheme, votes = count.scheme, candidate.composition.votes.counts.grades[0]
    base = rate_base(count, candidate.subject, scheme.dimensions)
    if exceeds(votes, choose.over, base):
        return ""
    return majority_text(scheme, "得", votes, choose.over, base, is_met=False)


def nobody_elected(result: Result) -> str:
    """Why a whole result elects nobody, as it was warned of; '' where somebody was elected, or nobody could be."""
    return next((warning for warning in result.warnings if warning in _NOBODY), "")
