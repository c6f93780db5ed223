"""In which order ranks are revealed in the hall, and what a correction makes of an order that was chosen before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kaohe.domain.limits import COMPUTED_SUBJECTS_AT_MOST
from kaohe.domain.reveals import RevealKind, read_reveal_order
from kaohe.tally.model import Result, SubjectResult


def by_rank_from_the_back(result: Result, top: int) -> Iterator[str]:
    """Section after section and class after class, from the last rank; with ``top`` nobody behind that rank.

    Who has no rank comes before everybody who has one.
    """
    for *_, part in result.parts:
        for label in dict.fromkeys(each.subject.class_label for each in part.subjects):
            own = [each for each in part.subjects if each.subject.class_label == label]
            own.sort(key=_rank, reverse=True)
            yield from (each.subject.key for each in own if not top or _rank(each) <= top)


def order_once_corrected(order_text: str, revealed_count: int, result: Result) -> str:
    """The order of a reveal whose result was corrected: who is still to come is who has those ranks now.

    Whoever was revealed stays where they are, and a reveal that is over stays as it is.
    """
    order = read_reveal_order(order_text)
    if order.kind is RevealKind.LISTED or revealed_count >= len(order.keys):
        return order_text
    shown = order.keys[:revealed_count]
    rest = tuple(key for key in by_rank_from_the_back(result, order.top) if key not in shown)
    return replace(order, keys=shown + rest).to_text() if shown + rest else order_text


def _rank(one: SubjectResult) -> int:
    return one.rank or COMPUTED_SUBJECTS_AT_MOST + 1
