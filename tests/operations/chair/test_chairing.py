from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from scene import CHAIR, NAMES, THREE_GROUPS, cast, hold_meeting, prepare_meeting

from kaohe.domain.errors import CountBroken, EditedMeanwhile, FieldInvalid, KeyMissing, KeyWrong, NotReady, WrongState
from kaohe.domain.meetings import Custody, MeetingState
from kaohe.domain.reveals import RevealKind
from kaohe.domain.scenes import Scene
from kaohe.operations.chair.publishing import (
    number_to_take_back,
    publish_result,
    reveal_all,
    reveal_next,
    show_scene,
    take_reveal_back,
)
from kaohe.operations.chair.reveal_orders import choose_reveal_order, subjects_to_reveal
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, list_rounds, load_counted
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.storage.database import reading


def _state(meeting_id: str) -> MeetingState:
    return load_board(meeting_id).round.state


def test_states_go_one_way_and_skip_nothing() -> None:
    scene = prepare_meeting()
    acts = {
        "close": lambda: close_meeting(CHAIR, scene.meeting_id),
        "count": lambda: count_meeting(CHAIR, scene.meeting_id),
        "publish": lambda: publish_result(CHAIR, scene.meeting_id),
        "reveal": lambda: reveal_next(CHAIR, scene.meeting_id),
        "pause": lambda: pause_meeting(CHAIR, scene.meeting_id),
        "open": lambda: open_meeting(CHAIR, scene.meeting_id),
    }
    allowed = {
        MeetingState.DRAFT: ["open"],
        MeetingState.OPEN: ["pause", "close"],
        MeetingState.CLOSED: ["close", "count"],
        MeetingState.COUNTED: ["close", "publish"],
        MeetingState.PUBLISHED: ["close", "reveal"],
    }
    for state, possible in allowed.items():
        assert _state(scene.meeting_id) is state
        for name, act in acts.items():
            if name not in possible:
                with pytest.raises(WrongState):
                    act()
        assert _state(scene.meeting_id) is state
        acts[possible[-1]]()


def test_a_meeting_that_lacks_anything_does_not_open_and_says_all_of_it() -> None:
    meeting_id = create_meeting(CHAIR, title="空会", unit="", held_on=None, preset_id="si-deng")

    with pytest.raises(NotReady) as refused:
        open_meeting(CHAIR, meeting_id)
    for lacking in ("考核对象", "应到人数", "制票"):
        assert lacking in refused.value.message
    assert _state(meeting_id) is MeetingState.DRAFT


def test_the_set_up_is_frozen_when_the_round_opens() -> None:
    scene = hold_meeting()
    setup, _ = load_meeting(scene.meeting_id)

    assert load_board(scene.meeting_id).setup == setup


def test_the_board_counts_every_group_and_warns_where_the_numbers_cannot_be_true() -> None:
    scene = hold_meeting(groups=THREE_GROUPS, spares=2)
    for code in scene.codes["A票"][:3]:
        cast(scene.meeting_id, code, "excellent")
    record_numbers(CHAIR, scene.meeting_id, "a", present=2, left_over=6)

    board = load_board(scene.meeting_id)
    a = board.groups[0]
    assert (a.entitled, a.present, a.printed, a.issued, a.cast) == (6, 2, 8, 2, 3)
    assert board.present is None
    assert any("多于发出" in warning for warning in board.warnings)
    assert any("多于实到" in warning for warning in board.warnings)


def test_spares_count_as_left_over_until_somebody_says_otherwise() -> None:
    scene = hold_meeting(spares=3)
    assert load_board(scene.meeting_id).issued == 12
    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=1)
    assert load_board(scene.meeting_id).issued == 14


def test_impossible_numbers_are_refused() -> None:
    scene = hold_meeting()
    for group, present, left_over in (
        ("all", -1, 0),
        ("all", 5, -1),
        ("all", 5, 13),
        ("nobody", 5, 0),
        ("all", 10**9, 0),
    ):
        with pytest.raises(FieldInvalid):
            record_numbers(CHAIR, scene.meeting_id, group, present=present, left_over=left_over)


def test_more_ballots_than_slips_handed_out_stop_the_result_until_the_number_is_mended() -> None:
    scene = hold_meeting()
    for code in scene.all_codes[:5]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=8)
    with pytest.raises(CountBroken):
        load_counted(scene.meeting_id)

    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=7)
    assert load_counted(scene.meeting_id).result.turnout.cast == 5


def test_the_tellers_key_and_no_other_opens_their_box() -> None:
    scene = hold_meeting(custody=Custody.TELLERS)
    other = hold_meeting(custody=Custody.TELLERS)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)

    for key_text, refusal in ((None, KeyMissing), (" ", KeyMissing), ("ABCD", KeyWrong), (other.key_text, KeyWrong)):
        with pytest.raises(refusal):
            count_meeting(CHAIR, scene.meeting_id, key_text)
    assert _state(scene.meeting_id) is MeetingState.CLOSED
    assert scene.key_text is not None
    assert count_meeting(CHAIR, scene.meeting_id, scene.key_text.lower().replace("-", " ")) == 1


def test_subjects_are_revealed_one_by_one_and_then_all() -> None:
    scene = hold_meeting()
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.revealed_count == 0
    reveal_next(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.revealed_count == 1
    reveal_all(CHAIR, scene.meeting_id)
    reveal_next(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.revealed_count == 3


@pytest.fixture
def published_id() -> str:
    scene = hold_meeting()
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    return scene.meeting_id


def _revealed(meeting_id: str) -> int:
    return load_board(meeting_id).round.revealed_count


def test_whoever_is_expected_is_revealed_once_however_often_it_is_asked_for_at_once(app, published_id) -> None:
    def press(number: int) -> None:
        with app.app_context():
            reveal_next(CHAIR, published_id, number=number)

    for number in (1, 2):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(press, [number] * 4))
        assert _revealed(published_id) == number


def test_nobody_is_revealed_in_the_place_of_another(published_id) -> None:
    with pytest.raises(EditedMeanwhile):
        reveal_next(CHAIR, published_id, number=2)
    assert _revealed(published_id) == 0


def test_a_reveal_is_taken_back_only_while_nothing_else_has_been_shown(published_id) -> None:
    reveal_next(CHAIR, published_id, number=1)
    reveal_next(CHAIR, published_id, number=2)
    with pytest.raises(EditedMeanwhile):
        take_reveal_back(CHAIR, published_id, 1)
    take_reveal_back(CHAIR, published_id, 2)
    take_reveal_back(CHAIR, published_id, 2)
    assert _revealed(published_id) == 1
    # The second one has been shown since the first one was.
    with pytest.raises(EditedMeanwhile):
        take_reveal_back(CHAIR, published_id, 1)
    reveal_next(CHAIR, published_id, number=2)
    assert _revealed(published_id) == 2


def test_the_order_of_the_reveal_is_fixed_before_the_first_one_and_everything_follows_it() -> None:
    scene = hold_meeting()
    for code in scene.all_codes[:4]:
        cast(scene.meeting_id, code, "competent", "excellent", "basically_competent")
    for act in (close_meeting, count_meeting, publish_result):
        act(CHAIR, scene.meeting_id)
    choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.TOP, 2)
    choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.TOP, 2)

    def in_order() -> list[str]:
        setup, this_round = load_meeting(scene.meeting_id)
        return [subject.name for subject in subjects_to_reveal(this_round, setup)]

    assert in_order() == [NAMES[0], NAMES[1]]
    choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.BACKWARDS)
    assert in_order() == [NAMES[2], NAMES[0], NAMES[1]]
    choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.TOP, 1)
    with pytest.raises(FieldInvalid):
        show_scene(scene.meeting_id, Scene.RANKING)
    reveal_next(CHAIR, scene.meeting_id, number=1)
    with pytest.raises(EditedMeanwhile):
        choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.LISTED)
    # Nobody follows the first one, and the wall has its ranks.
    reveal_next(CHAIR, scene.meeting_id)
    reveal_all(CHAIR, scene.meeting_id)
    assert _revealed(scene.meeting_id) == 1
    show_scene(scene.meeting_id, Scene.RANKING)
    take_reveal_back(CHAIR, scene.meeting_id, 1)
    choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.LISTED)
    assert in_order() == list(NAMES)
    said = [entry.detail for entry in list_record_entries(scene.meeting_id) if entry.act == "chose_reveal_order"]
    assert [(each["reveal_kind"], each["first"]) for each in reversed(said)] == [
        ("top", "2"),
        ("backwards", ""),
        ("top", "1"),
        ("listed", ""),
    ]


def test_no_order_is_made_of_what_is_no_rank(published_id) -> None:
    for top in (None, 0, 301):
        with pytest.raises(FieldInvalid):
            choose_reveal_order(CHAIR, published_id, RevealKind.TOP, top)
    scene = hold_meeting()
    with pytest.raises(WrongState):
        choose_reveal_order(CHAIR, scene.meeting_id, RevealKind.BACKWARDS)


def test_those_who_were_revealed_together_stay_revealed(published_id) -> None:
    reveal_all(CHAIR, published_id)
    with reading() as session:
        assert number_to_take_back(session, published_id) == 0
    with pytest.raises(EditedMeanwhile):
        take_reveal_back(CHAIR, published_id, 3)


def test_a_voided_round_is_held_again_with_the_same_slips_and_nothing_is_overwritten() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "incompetent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    void_round(CHAIR, scene.meeting_id, "收回票多于实到人数")
    assert _state(scene.meeting_id) is MeetingState.DRAFT
    open_meeting(CHAIR, scene.meeting_id)
    for code in scene.all_codes[:2]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    first, second = list_rounds(scene.meeting_id)
    assert (first.number, first.void_reason) == (1, "收回票多于实到人数")
    assert (second.number, second.void_reason) == (2, None)
    assert load_counted(scene.meeting_id, 1).result.turnout.cast == 1
    assert load_counted(scene.meeting_id).result.turnout.cast == 2


def test_a_round_that_was_voided_before_the_count_can_never_be_opened() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "incompetent")
    void_round(CHAIR, scene.meeting_id, "投票中断电")

    with pytest.raises(WrongState):
        count_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        load_counted(scene.meeting_id, 1)


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_a_round_is_not_voided_without_a_reason_one_can_read(reason: str) -> None:
    scene = hold_meeting()
    with pytest.raises(FieldInvalid):
        void_round(CHAIR, scene.meeting_id, reason)
    assert _state(scene.meeting_id) is MeetingState.OPEN


def test_every_act_of_the_chair_is_on_record_and_no_ballot_is() -> None:
    scene = hold_meeting()
    for code in scene.all_codes[:4]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)

    acts = [event.act for event in list_record_entries(scene.meeting_id)]
    assert acts[:2] == ["closed", "opened"]
    assert len(acts) == len([act for act in acts if act != "cast"])
    assert list_record_entries(scene.meeting_id)[0].detail == {"round": "1", "cast": "4"}
