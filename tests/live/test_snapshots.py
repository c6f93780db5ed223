"""What a snapshot has no field for, no template can leak."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import UnionType
from typing import get_args, get_type_hints

import pytest

from kaohe.domain.scenes import Scene
from kaohe.live import snapshots
from kaohe.live.snapshots import Closed, Reveal, Snapshot, TallyRow, TurnoutOnly, VeiledRow, Waiting


def reachable(kind: object) -> set[object]:
    """Every type that a value of this type can hold, itself included."""
    if isinstance(kind, UnionType) or get_args(kind):
        return set().union(*(reachable(part) for part in get_args(kind)))
    if not is_dataclass(kind):
        return {kind}
    return {kind}.union(*(reachable(hint) for hint in get_type_hints(kind, vars(snapshots)).values()))


def field_names(kind: type) -> set[str]:
    return {f.name for held in reachable(kind) if is_dataclass(held) for f in fields(held)}


@pytest.mark.parametrize("kind", [Waiting, TurnoutOnly, Closed])
def test_before_a_result_may_be_seen_there_is_no_room_for_a_subject_a_grade_or_a_score(kind):
    names = field_names(kind)
    for word in ("name", "grade", "score", "rank", "segment", "row", "page", "legend", "rate", "subject", "group"):
        assert not [name for name in names if word in name], word
    assert TallyRow not in reachable(kind)
    assert VeiledRow not in reachable(kind)


def test_a_subject_that_is_not_revealed_has_no_room_for_a_figure():
    assert {f.name for f in fields(VeiledRow)} == {"key", "name", "note"}
    assert VeiledRow in reachable(Reveal)


def test_no_snapshot_carries_an_exact_number_or_anything_that_changes_from_look_to_look():
    for kind in get_args(Snapshot):
        held = {held for held in reachable(kind) if not is_dataclass(held)}
        assert held <= {str, int, bool, Scene, type(None), Ellipsis}
        assert not [name for name in field_names(kind) if name.endswith("_at") or "time" in name]
