from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from kaohe.domain.errors import MeetingClosed, MeetingNotOpen, MeetingPaused, WrongState
from kaohe.domain.meetings import (
    STEPS,
    Custody,
    Group,
    GroupNumbers,
    HallView,
    MeetingSetup,
    MeetingState,
    Round,
    Shelf,
    next_state,
    require_collecting,
    require_shelf,
    require_state,
    title_of_next_year,
)
from kaohe.domain.setup_documents import freeze_setup, thaw_setup
from kaohe.domain.voter_groups import groups_to_begin_with
from kaohe.schemes import list_presets, load_preset
from kaohe.tally.model import Subject, SubjectKind

ROUND = Round("r", "m", 1, False, MeetingState.OPEN, False, None, True, None, 0, None, None, None, None, None, None)  # noqa: FBT003 - a round in one line


def test_there_is_a_result_from_the_count_on_and_still_when_the_ballots_are_destroyed() -> None:
    counted = [state for state in MeetingState if state.is_counted]
    assert counted == [MeetingState.COUNTED, MeetingState.PUBLISHED, MeetingState.PURGED]


def test_a_round_knows_whether_it_is_void_and_whether_its_key_is_split() -> None:
    assert (ROUND.is_voided, ROUND.is_key_split) == (False, False)
    assert replace(ROUND, void_reason="漏发了票").is_voided
    assert replace(ROUND, share_digests=("a", "b", "c")).is_key_split


def test_a_batch_leaves_ten_ballots_whoever_takes_the_challenged_ones_off() -> None:
    assert replace(ROUND, challenge_limit=0).batch_size == 10
    assert replace(ROUND, challenge_limit=3).batch_size == 13


@pytest.mark.parametrize(("now", "wanted"), list(itertools.product(MeetingState, MeetingState)))
def test_only_the_next_state_follows(now: MeetingState, wanted: MeetingState) -> None:
    if STEPS.get(now) is wanted:
        assert next_state(now, wanted) is wanted
    else:
        with pytest.raises(WrongState):
            next_state(now, wanted)


def test_the_box_takes_ballots_only_while_it_is_open() -> None:
    require_collecting(MeetingState.OPEN, is_paused=False)
    with pytest.raises(MeetingNotOpen):
        require_collecting(MeetingState.DRAFT, is_paused=False)
    with pytest.raises(MeetingPaused):
        require_collecting(MeetingState.OPEN, is_paused=True)
    for state in (MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED, MeetingState.PURGED):
        with pytest.raises(MeetingClosed):
            require_collecting(state, is_paused=False)
    with pytest.raises(MeetingClosed):
        require_collecting(MeetingState.OPEN, is_paused=False, is_voided=True)


def test_nothing_is_done_to_a_voided_round() -> None:
    require_state(ROUND, MeetingState.OPEN)
    with pytest.raises(WrongState):
        require_state(ROUND, MeetingState.DRAFT)
    with pytest.raises(WrongState):
        require_state(replace(ROUND, void_reason="断电"), MeetingState.OPEN)


def test_slips_left_over_were_not_handed_out() -> None:
    numbers = GroupNumbers("a", "A票", entitled=10, present=9, printed=12, voided=1, left_over=3, cast=9)
    assert numbers.issued == 9


SETUP = MeetingSetup(
    id="m",
    title="年度测评",
    unit="统计局",
    held_on=date(2026, 12, 18),
    scheme=load_preset("si-deng"),
    subjects=(
        Subject("s1", "张伟", "办公室", "主任", "中层正职"),
        Subject("s2", "领导班子", kind=SubjectKind.TEAM, section="office"),
    ),
    groups=(Group("a", "A票", Fraction(1, 3), 6), Group("b", "B票", Fraction(2, 3), 60)),
    hall_view=HallView.BATCHED,
    custody=Custody.SERVER,
    shared_group="b",
    ballot_list_wanted=True,
    version=7,
)


@pytest.mark.parametrize("scheme", list_presets(), ids=lambda scheme: scheme.key)
def test_a_frozen_set_up_thaws_to_itself(scheme) -> None:
    setup = replace(SETUP, scheme=scheme, groups=groups_to_begin_with(scheme))
    assert thaw_setup(freeze_setup(setup)) == setup
    assert thaw_setup(freeze_setup(replace(setup, held_on=None))).held_on is None
    assert setup.full_scheme == scheme


def test_a_frozen_set_up_keeps_who_grades_whom_and_whose_form_is_not_secret() -> None:
    parts = (
        Group("a-1", "A票·一科", Fraction(1, 3), 2, "a", "A票", ("s2", "s1"), is_named=True),
        Group("a-2", "A票·二科", Fraction(1, 3), 6, "a", "A票", ("s1",)),
    )
    setup = replace(SETUP, groups=(*parts, SETUP.groups[1]))
    thawed = thaw_setup(freeze_setup(setup))
    assert thawed.groups == setup.groups
    assert (thawed.is_divided, thaw_setup(freeze_setup(SETUP)).is_divided) == (True, False)


@pytest.mark.parametrize(
    ("title", "next_year"),
    [
        ("2025年度领导干部民主测评会", "2026年度领导干部民主测评会"),
        ("统计局 2025 年度考核", "统计局 2026 年度考核"),
        ("2024—2025年度述职评议", "2025—2026年度述职评议"),
        ("第12025年", "第12025年"),
        ("专项测评", "专项测评"),
    ],
)
def test_the_title_of_next_year_has_every_year_raised_by_one(title: str, next_year: str) -> None:
    assert title_of_next_year(title) == next_year


@pytest.mark.parametrize(
    ("shelf", "state", "title", "may"),
    [
        (Shelf.ARCHIVED, MeetingState.PUBLISHED, "会", True),
        (Shelf.ARCHIVED, MeetingState.PURGED, "会", True),
        (Shelf.ARCHIVED, MeetingState.COUNTED, "会", False),
        (Shelf.DELETED, MeetingState.DRAFT, "会", True),
        (Shelf.DELETED, MeetingState.OPEN, "会", False),
        (Shelf.DELETED, MeetingState.OPEN, "示例：会", True),
        (Shelf.CURRENT, MeetingState.OPEN, "会", True),
    ],
)
def test_nothing_that_was_held_goes_out_of_sight_by_mistake(
    shelf: Shelf, state: MeetingState, title: str, *, may: bool
) -> None:
    if may:
        require_shelf(shelf, state, title)
    else:
        with pytest.raises(WrongState):
            require_shelf(shelf, state, title)
