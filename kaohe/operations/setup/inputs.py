"""The inputs of a meeting's result beside its votes, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kaohe.domain.errors import InputsMissing
from kaohe.domain.inputs import CountInputs as CountInputs
from kaohe.domain.inputs import InputNeeds, fitting_inputs, misplaced_periods, missing_inputs, needs_of
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.domain.permissions import Act
from kaohe.reports.archive_texts import inputs_text
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.inputs import KeptDecision, score_sources, stored_decisions, stored_inputs
from kaohe.storage.meetings import list_meetings
from kaohe.storage.proposals import drop_proposal
from kaohe.storage.result_versions import ResultVersion, add_version, versions_of
from kaohe.storage.rounds import current_round, current_round_for_update, round_setup
from kaohe.tally.periods import timeline_of

CORRECTABLE = (MeetingState.PUBLISHED, MeetingState.PURGED)
"""What is changed now is no part of the result until it is published as a new version."""


@dataclass(frozen=True, slots=True)
class MeetingInputs:
    """All that the console shows of it."""

    setup: MeetingSetup
    """As the round is held: frozen once it has opened."""
    round: Round
    needs: InputNeeds
    inputs: CountInputs
    """Only what the scheme asks for."""
    sources: Mapping[str, Sequence[str]]
    """By component key: the titles of the meetings that its scores come from; '' stands for a sheet."""
    periods: Sequence[str]
    """The labels of the earlier periods, the oldest first."""
    decisions: Sequence[KeptDecision]
    """All of them, also those that the scheme no longer knows."""
    missing: Sequence[str]


def inputs_for(session: Transaction, setup: MeetingSetup) -> CountInputs:
    """What a count by ``setup``, the set-up of one round, takes beside the votes."""
    return fitting_inputs(setup.full_scheme, setup.subjects, stored_inputs(session, setup.id), setup.title)


def load_inputs(meeting_id: str) -> MeetingInputs:
    """Everything about a meeting's inputs."""
    with reading() as session:
        row = current_round(session, meeting_id)
        setup = round_setup(session, row)
        inputs = inputs_for(session, setup)
        found = score_sources(session, meeting_id)
        titles = {line.id: line.title for line in list_meetings(session)} if any(map(any, found.values())) else {}
        sources = {
            component: [titles.get(source, "另一场会议") if source else "" for source in meetings]
            for component, meetings in found.items()
        }
        return MeetingInputs(
            setup=setup,
            round=row.without_secrets(),
            needs=needs_of(setup.full_scheme),
            inputs=inputs,
            sources=sources,
            periods=timeline_of(inputs.history, setup.title).labels,
            decisions=stored_decisions(session, meeting_id),
            missing=_open_questions(setup, inputs),
        )


def lacks_inputs(meeting_id: str) -> bool:
    """Whether anything is still to be brought before the result of the current round can be made whole."""
    with reading() as session:
        setup = round_setup(session, current_round(session, meeting_id))
        return bool(_open_questions(setup, inputs_for(session, setup)))


def require_inputs(session: Transaction, setup: MeetingSetup, act: str = "公布") -> CountInputs:
    """What the score is made from beside the votes.

    Lets a result be published, or what ``act`` names be done, only if it can be made whole.

    Raises:
        InputsMissing: naming what is missing.
    """
    inputs = inputs_for(session, setup)
    missing = _open_questions(setup, inputs)
    if missing:
        raise InputsMissing(f"暂不能{act}：{'；'.join(missing)}。请先在“其他成绩与认定”中补齐。")
    return inputs


def _open_questions(setup: MeetingSetup, inputs: CountInputs) -> tuple[str, ...]:
    return (*misplaced_periods(inputs), *missing_inputs(setup.full_scheme, setup.subjects, inputs))


@contextmanager
def changing_inputs(meeting_id: str) -> Iterator[tuple[Transaction, MeetingSetup]]:
    """One transaction on the inputs of a meeting.

    Once the result is published, what it was made from is kept first, and a proposed correction is no longer that.
    """
    with transaction() as session:
        # Publishing locks the same row, so that no input comes in behind a result that the hall has seen.
        row = current_round_for_update(session, meeting_id)
        setup = round_setup(session, row)
        if row.state in CORRECTABLE:
            drop_proposal(session, meeting_id, Act.CORRECT)
            if not versions_of(session, row.id) and row.published_at is not None:
                published = inputs_text(inputs_for(session, setup))
                add_version(session, row.id, ResultVersion(1, published, "", row.published_at))
        yield session, setup
