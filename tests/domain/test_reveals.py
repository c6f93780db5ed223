"""The order in which a hall comes to know a result, as it is stored and read again."""

from __future__ import annotations

import pytest

from kaohe.domain.reveals import IN_LIST_ORDER, RevealKind, RevealOrder, read_reveal_order


def test_the_order_of_the_list_stores_nothing_and_reveals_everybody() -> None:
    assert IN_LIST_ORDER.to_text() == ""
    assert read_reveal_order("") is IN_LIST_ORDER
    assert IN_LIST_ORDER.count_of(12) == 12


@pytest.mark.parametrize(
    "order",
    [RevealOrder(RevealKind.BACKWARDS, 0, ("c", "a", "b")), RevealOrder(RevealKind.TOP, 2, ("b", "a"))],
)
def test_any_other_order_names_whom_it_reveals_and_is_read_as_it_was_stored(order: RevealOrder) -> None:
    assert read_reveal_order(order.to_text()) == order
    assert order.count_of(12) == len(order.keys)
