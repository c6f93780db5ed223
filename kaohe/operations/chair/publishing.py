"""The chair publishes a result and reveals it on the projector, subject by subject."""

from __future__ import annotations

from dataclasses import replace

from kaohe.domain.bundles import text_digest
from kaohe.domain.errors import EditedMeanwhile
from kaohe.domain.keeping import purge_day
from kaohe.domain.meetings import MeetingState, next_state, require_state
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.results import CountedRound, load_counted, numbers_of
from kaohe.operations.count.sources import require_fresh_inputs
from kaohe.operations.hall.boards import board_of
from kaohe.operations.setup.inputs import require_inputs
from kaohe.reports.archive_texts import inputs_text
from kaohe.storage.clock import now
from kaohe.storage.database import reading, transaction
from kaohe.storage.meetings import keep_months
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.rounds import current_round, current_round_for_update, round_setup, save_round


def publish_result(actor: str, meeting_id: str) -> None:
    """Publish the result, which the projector then reveals step by step.

    The day from which its ballots may be destroyed is set with it, where there can be any, and the record fixes by
    digests what was brought in beside the votes, and the numbers from 应到 to 有效. What cannot be shown is not
    published: afterwards no number could be mended any more. Where something kept the files busy at the count, what it
    has deleted is wiped now.

    Raises:
        WrongState: the round is not counted, or published already.
        InputsMissing: the scheme counts scores that nobody has brought yet, or a source no longer says what was taken.
        What ``load_counted`` raises: there is no result that could be shown.
        EditedMeanwhile: a number was changed at the same moment.
        TracesLeft: published, but the files could not be wiped.
    """
    counted = _counted(meeting_id)
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.COUNTED)
        setup = round_setup(session, row)
        inputs = require_inputs(session, setup)
        require_fresh_inputs(session, setup)
        if counted is None or counted.board != board_of(session, row):
            raise EditedMeanwhile("票数刚刚被修改，结果没有公布。请刷新页面，核对后再公布。")
        drop_proposals(session, meeting_id)
        moment = now()
        row = replace(row, state=next_state(row.state, MeetingState.PUBLISHED), published_at=moment)
        # A round before this one may have been voted on, by another scheme.
        if takes_ballots(setup.full_scheme) or row.number > 1:
            row = replace(row, purge_on=purge_day(moment.astimezone().date(), keep_months(session, meeting_id)))
        save_round(session, row)
        record(
            session,
            meeting_id,
            actor,
            "published",
            round=str(row.number),
            kept_until=row.purge_on.isoformat() if row.purge_on else "",
            inputs=text_digest(inputs_text(inputs)),
            numbers=text_digest(numbers_of(counted.result, counted.board)),
        )
    erase_what_is_due(meeting_id)


def reveal_next(actor: str, meeting_id: str) -> None:
    """Reveal one more subject on the projector; nothing happens once all are shown.

    Raises:
        WrongState: the result is not published.
    """
    _reveal(actor, meeting_id, step=1)


def reveal_all(actor: str, meeting_id: str) -> None:
    """Reveal every subject on the projector. Idempotent.

    Raises:
        WrongState: the result is not published.
    """
    _reveal(actor, meeting_id, step=None)


def _counted(meeting_id: str) -> CountedRound | None:
    """The result as it is going to be published; None where the round is not one that can be."""
    with reading() as session:
        this_round = current_round(session, meeting_id)
    return load_counted(meeting_id, this_round.number) if this_round.state is MeetingState.COUNTED else None


def _reveal(actor: str, meeting_id: str, *, step: int | None) -> None:
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.PUBLISHED)
        total = len(round_setup(session, row).subjects)
        wanted = total if step is None else min(row.revealed_count + step, total)
        if wanted != row.revealed_count:
            save_round(session, replace(row, revealed_count=wanted))
            record(session, meeting_id, actor, "revealed", count=str(wanted))
