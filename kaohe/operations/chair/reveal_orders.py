"""The chair chooses in which order the hall comes to know a published result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid
from kaohe.domain.limits import SUBJECTS_AT_MOST
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.domain.reveals import RevealKind, RevealOrder, read_reveal_order
from kaohe.operations.count.rank_orders import by_rank_from_the_back
from kaohe.operations.count.results import load_counted
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, save_round
from kaohe.tally.model import Subject
from kaohe.tally.scores.sectioning import subjects_of_sections


def choose_reveal_order(actor: str, meeting_id: str, kind: RevealKind, top: int | None = None) -> None:
    """Fix the order before anybody is revealed; it can be chosen anew until then. Idempotent.

    ``top`` is the last rank that is shown, where only the first ones are; people who share it are shown together.

    Raises:
        FieldInvalid: the number is none of a rank, or nobody has one of the first ranks.
        WrongState: the result is not published.
        EditedMeanwhile: somebody has been revealed.
        What ``load_counted`` raises.
    """
    last = (top or 0) if kind is RevealKind.TOP else 0
    if kind is RevealKind.TOP and not 1 <= last <= SUBJECTS_AT_MOST:
        raise FieldInvalid(f"“只公布前几名”的名次应为 1 至 {SUBJECTS_AT_MOST}，请重新填写。")
    order = RevealOrder(kind, last)
    if order.kind is not RevealKind.LISTED:
        order = replace(order, keys=tuple(by_rank_from_the_back(load_counted(meeting_id).result, order.top)))
        if not order.keys:
            raise FieldInvalid("本场结果没有名次，不能只公布前几名，请改选其他顺序。")
    with changing_round(meeting_id, MeetingState.PUBLISHED) as (session, row):
        if row.revealed_count:
            raise EditedMeanwhile("已经开始揭晓，不能再改揭晓顺序。")
        if row.reveal_order != order.to_text():
            save_round(session, replace(row, reveal_order=order.to_text()))
            record(session, meeting_id, actor, "chose_reveal_order", reveal_kind=order.kind, first=str(last or ""))


def subjects_to_reveal(this_round: Round, setup: MeetingSetup) -> Sequence[Subject]:
    """The subjects in the order in which they are revealed, and nobody who is not."""
    listed = [each for _, part in subjects_of_sections(setup.full_scheme, setup.subjects) for each in part]
    order = read_reveal_order(this_round.reveal_order)
    if order.kind is RevealKind.LISTED:
        return listed
    by_key = {subject.key: subject for subject in listed}
    return [by_key[key] for key in order.keys]
