"""The chair publishes a result and reveals it on the projector, subject by subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, PresentMissing
from kaohe.domain.keeping import purge_day
from kaohe.domain.meetings import MeetingState, next_state, require_state
from kaohe.domain.published_results import published_result
from kaohe.domain.recorded_digests import text_digest
from kaohe.domain.reveals import read_reveal_order
from kaohe.domain.scenes import Scene, scenes_of
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.counting_apart import erase_apart
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.count.ruling import require_another_than_ruled
from kaohe.operations.count.sources import require_fresh_inputs
from kaohe.operations.count.turnouts import numbers_of
from kaohe.operations.hall.boards import board_of
from kaohe.operations.setup.inputs import require_inputs
from kaohe.reports.archive_texts import inputs_text
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import keep_months
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.published_results import store_published
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import changing_round, current_round, current_round_for_update, round_setup, save_round


def publish_result(actor: str, meeting_id: str, *, without_present: bool = True) -> None:
    """Publish the result, which the projector then reveals step by step.

    The day from which its ballots may be destroyed is set with it, where there can be any, and the record fixes by
    digests what was brought in beside the votes, and the numbers from 应到 to 有效. What cannot be shown is not
    published: afterwards no number could be mended any more. Where something kept the files busy at the count, what it
    has deleted is wiped now.

    ``without_present`` is whether it may be published where nobody has said 实到; then the sheets say so.

    Raises:
        PresentMissing: nobody has said it, and it may not.
        WrongState: the round is not counted, or published already.
        InputsMissing: the scheme counts scores that nobody has brought yet, or a source no longer says what was taken.
        What ``load_counted`` raises: there is no result that could be shown.
        EditedMeanwhile: a number was changed at the same moment.
        SecondPersonSame: the meeting asks for two people, and the only one who ruled about tiers would publish.
        TracesLeft: published, but the files could not be wiped.
    """
    counted = _counted(meeting_id)
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.COUNTED)
        setup = round_setup(session, row)
        inputs = require_inputs(session, setup)
        require_fresh_inputs(session, setup)
        require_another_than_ruled(session, setup, actor)
        if counted is None or counted.board != board_of(session, row):
            raise EditedMeanwhile("票数刚刚被修改，结果没有公布。请刷新页面，核对后再公布。")
        if counted.inputs != inputs:
            raise EditedMeanwhile("其他成绩、认定或者审定刚刚被修改，结果没有公布。请刷新页面，核对后再公布。")
        if not without_present and counted.board.present is None and takes_ballots(setup.full_scheme):
            raise PresentMissing
        drop_proposals(session, meeting_id)
        moment = now()
        row = replace(row, state=next_state(row.state, MeetingState.PUBLISHED), published_at=moment, scene="")
        # A round before this one may have been voted on, by another scheme.
        if takes_ballots(setup.full_scheme) or row.number > 1:
            row = replace(row, purge_on=purge_day(moment.astimezone().date(), keep_months(session, meeting_id)))
        save_round(session, row)
        store_published(session, row.id, published_result(counted.result))
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
    erase_apart(meeting_id)


def reveal_next(actor: str, meeting_id: str, *, number: int | None = None) -> None:
    """Reveal one more subject on the projector; nothing happens once all are shown.

    ``number`` is which subject is expected to come, counted from 1: one that is shown already is not revealed again,
    nor is another one in its place. None for whoever comes next.

    Raises:
        WrongState: the result is not published.
        EditedMeanwhile: another subject comes before the one that is expected.
    """
    _reveal(actor, meeting_id, lambda shown: shown + 1 if number is None else number)


def reveal_all(actor: str, meeting_id: str) -> None:
    """Reveal everybody who is to be revealed on the projector. Idempotent.

    Raises:
        WrongState: the result is not published.
    """
    _reveal(actor, meeting_id, None)


def take_reveal_back(actor: str, meeting_id: str, number: int) -> None:
    """Veil the subject again that was revealed last, as the ``number``-th. Idempotent.

    Raises:
        WrongState: the result is not published.
        EditedMeanwhile: others have been shown since, or together with it.
    """
    with changing_round(meeting_id, MeetingState.PUBLISHED) as (session, row):
        if row.revealed_count == number - 1:
            return
        if number != number_to_take_back(session, meeting_id):
            raise EditedMeanwhile("之后又揭晓了别的结果，不能再撤回这一位。")
        save_round(session, replace(row, revealed_count=number - 1, scene=Scene.LIST))
        record(session, meeting_id, actor, "took_reveal_back", count=str(number))


def show_scene(meeting_id: str, scene: str) -> None:
    """Put a scene on the wall, until the next act or the next choice. Idempotent.

    Raises:
        FieldInvalid: the wall has no such scene in the present state.
    """
    with changing_round(meeting_id) as (session, row):
        setup = round_setup(session, row)
        has_votes = takes_ballots(setup.full_scheme)
        total = read_reveal_order(row.reveal_order).count_of(len(setup.subjects))
        if scene not in scenes_of(row.state, row.revealed_count, total, has_votes=has_votes):
            raise FieldInvalid("大屏现在没有这个画面，请刷新页面后重新选择。")
        save_round(session, replace(row, scene=scene))


def number_to_take_back(session: Transaction, meeting_id: str) -> int:
    """Which subject, counted from 1, was revealed last and alone, and may be veiled again; 0 for none."""
    shown = before = 0
    for entry in chain_of(session, meeting_id):
        if entry.act == "published":
            shown = before = 0
        elif entry.act == "revealed":
            before, shown = shown, int(entry.detail["count"])
        elif entry.act == "took_reveal_back":
            before = shown = int(entry.detail["count"]) - 1
    return shown if shown - before == 1 else 0


def _counted(meeting_id: str) -> CountedRound | None:
    """The result as it is going to be published; None where the round is not one that can be."""
    with reading() as session:
        this_round = current_round(session, meeting_id)
    return load_counted(meeting_id, this_round.number) if this_round.state is MeetingState.COUNTED else None


def _reveal(actor: str, meeting_id: str, wanted_after: Callable[[int], int] | None) -> None:
    with changing_round(meeting_id, MeetingState.PUBLISHED) as (session, row):
        total = read_reveal_order(row.reveal_order).count_of(len(round_setup(session, row).subjects))
        wanted = min(total, wanted_after(row.revealed_count)) if wanted_after else total
        if wanted_after and wanted > row.revealed_count + 1:
            raise EditedMeanwhile("揭晓的进度刚刚变了，请看清下一位是谁，再点揭晓。")
        if wanted > row.revealed_count:
            # One person fills the screen, or their votes are called out; all together stand in their list.
            one = row.scene if row.scene == Scene.CALLING else ""
            save_round(session, replace(row, revealed_count=wanted, scene=one if wanted_after else Scene.LIST))
            record(session, meeting_id, actor, "revealed", count=str(wanted))
