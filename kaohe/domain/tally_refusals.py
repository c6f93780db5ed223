"""Maps what the tally refuses to the refusals that people see, with the tally's own sentence."""

from __future__ import annotations

from kaohe.domain.errors import (
    ComponentRefused,
    CountBroken,
    DecisionRefused,
    KaoheError,
    NoCompetition,
    SectionRefused,
)
from kaohe.tally.scheme.refusals import CompetitionError, ComponentError, DecisionError, SectionError, TallyError

_REFUSALS: tuple[tuple[type[TallyError], type[KaoheError]], ...] = (
    (ComponentError, ComponentRefused),
    (DecisionError, DecisionRefused),
    (CompetitionError, NoCompetition),
    (SectionError, SectionRefused),
)


def as_refusal(error: TallyError) -> KaoheError:
    """The refusal that says the same; ``CountBroken`` where the numbers themselves cannot be true."""
    for theirs, ours in _REFUSALS:
        if isinstance(error, theirs):
            return ours(error.message)
    return CountBroken(error.message)
