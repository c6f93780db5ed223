"""A vote for K out of N: most votes win, and a tie at the last seat elects none of the equals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kaohe.tally.awards.candidates import Award, Candidate
from kaohe.tally.awards.seats import Contender, fill_seats
from kaohe.tally.model import Flag, Result, Subject
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import CompetitionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.explaining import NO_VALID_BALLOT, NO_VOTE_FOR_ANYBODY
from kaohe.tally.scores.sectioning import subjects_of_sections

SEAT_TIE = Flag("seat_tie", "末位并列")
_NOBODY = (NO_VALID_BALLOT, NO_VOTE_FOR_ANYBODY)


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


def elect(choose: Choose, candidates: Sequence[Candidate], *, valid: int) -> tuple[tuple[Award, ...], tuple[str, ...]]:
    """Fill the seats of each class; return the awards in order, tier index 0 for the elected, and the warnings.

    ``valid`` is how many ballots are counted: where it is 0 nobody is elected, and a warning says why.
    """
    sizes = Counter(candidate.subject.class_label for candidate in candidates)
    seats = {label: choose.seats_for(size) for label, size in sizes.items()}
    filled = fill_seats(
        (
            Contender(candidate.subject.key, candidate.key, (candidate.subject.class_label,))
            for candidate in candidates
            # Nobody is elected without a single vote.
            if candidate.key is not None and candidate.key[0] > 0
        ),
        seats,
    )
    awards = []
    warnings = []
    if not filled.admitted and not filled.tied_out:
        warnings.append(NO_VOTE_FOR_ANYBODY if valid else NO_VALID_BALLOT)
    for candidate in candidates:
        label = candidate.subject.class_label
        name = f"{label}名额" if label else "名额"
        if candidate.subject.key in filled.admitted:
            award = Award(0, steps=[f"{name} {seats[label]} 个，按票数从多到少：{choose.elected}"])
        elif candidate.subject.key in filled.tied_out:
            award = Award(
                None, steps=[f"{name} {seats[label]} 个，与他人票数相同、名额不够：待再次投票"], flags=[SEAT_TIE]
            )
            warnings.append(f"「{candidate.subject.full_name}」与他人票数相同，剩余名额不够，请再次投票决定。")
        else:
            award = Award(1, steps=[f"{name} {seats[label]} 个，按票数从多到少：{choose.others}"])
        awards.append(award)
    return tuple(awards), tuple(warnings)


def nobody_elected(result: Result) -> str:
    """Why a whole result elects nobody, as it was warned of; '' where somebody was elected, or nobody could be."""
    return next((warning for warning in result.warnings if warning in _NOBODY), "")
