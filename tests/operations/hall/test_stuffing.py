"""An organizer alone fills up the turnout with slips that nobody has voted with: not one ballot comes in unseen."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from fractions import Fraction

import pytest
from scene import CHAIR, Scene, cast, filled, hold_meeting, prepare_meeting
from sqlalchemy import select

from kaohe.domain.errors import FieldInvalid, KaoheError, TicketNotHandedOut
from kaohe.domain.meetings import Group
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import TurnoutOnly
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.replacing import reissue_ticket
from kaohe.storage import redeeming
from kaohe.storage.tables import RoundNumbersRow

THIRTY_ONE = (Group("all", "全体", Fraction(1), 31),)
HONEST = 20
PRESENT = 20
SPARES = 60


def vote(scene: Scene, count: int, *, start: int = 0) -> None:
    for code in scene.all_codes[start : start + count]:
        cast(scene.meeting_id, code, "excellent")


def stuffed(scene: Scene, codes: Sequence[str]) -> int:
    """How many ballots an organizer with these codes gets into the box."""
    taken = 0
    fields = filled(scene.meeting_id, "incompetent")
    for code in codes:
        try:
            cast_ballot(scene.meeting_id, "1", ticket=code, nonce=secrets.token_hex(16), round_number="", fields=fields)
        except KaoheError:
            continue
        taken += 1
    return taken


def is_seen(scene: Scene) -> bool:
    """Whether board or wall say that something is wrong, or that slips were handed out."""
    board = load_board(scene.meeting_id)
    snapshot = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(snapshot, TurnoutOnly)
    return bool(board.warnings or snapshot.numbers.slip_notes)


def hall() -> Scene:
    """A hall of 31, of whom 20 have come, got a slip and voted; all other slips lie sealed on the desk."""
    scene = prepare_meeting(groups=THIRTY_ONE, spares=SPARES)
    open_meeting(CHAIR, scene.meeting_id)
    vote(scene, HONEST)
    record_numbers(CHAIR, scene.meeting_id, "all", present=PRESENT, left_over=31 + SPARES - PRESENT)
    return scene


def codes_read_while_open(scene: Scene) -> list[str]:
    try:
        return [ticket.code for ticket in list_tickets(scene.meeting_id)]
    except KaoheError:
        return []


def test_an_organizer_adds_not_one_ballot_unseen() -> None:
    scene = hall()
    assert not is_seen(scene)
    assert stuffed(scene, codes_read_while_open(scene)) == 0
    # He has kept every code from before the opening.
    assert stuffed(scene, scene.all_codes) == 0
    assert not is_seen(scene)

    record_numbers(CHAIR, scene.meeting_id, "all", present=PRESENT, left_over=SPARES)
    assert stuffed(scene, scene.all_codes) == 11
    assert is_seen(scene)
    assert "多于实到 20 人" in "".join(load_board(scene.meeting_id).warnings)


def test_spares_that_vote_before_they_are_handed_out_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: today's way, where every code that was ever printed votes."""
    none_left_over = select(RoundNumbersRow.round_id, RoundNumbersRow.group_key, RoundNumbersRow.left_over).where(
        RoundNumbersRow.left_over < 0
    )
    monkeypatch.setattr(redeeming, "_LEFT_OVER", none_left_over)
    scene = hall()

    assert stuffed(scene, scene.all_codes) == 11 + SPARES


def test_a_slip_of_somebody_who_has_not_voted_is_replaced_by_nobody_unseen() -> None:
    """The organizer has kept the codes, and takes a slip over whose voter has it in his pocket."""
    scene = hold_meeting()
    vote(scene, 11)
    with pytest.raises(FieldInvalid, match="请写明换发的原因"):
        reissue_ticket(CHAIR, scene.meeting_id, scene.all_codes[11], reason=" ")
    assert not is_seen(scene)

    new = reissue_ticket(CHAIR, scene.meeting_id, scene.all_codes[11], reason="票被撕破").code
    assert stuffed(scene, [new]) == 1
    assert is_seen(scene)
    snapshot = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(snapshot, TurnoutOnly)
    assert [note[-7:] for note in snapshot.numbers.slip_notes] == ["换发 1 张票"]


def test_a_slip_that_is_handed_out_by_a_recorded_act_votes_and_the_wall_shows_the_act() -> None:
    scene = hold_meeting(spares=2)
    vote(scene, 12)
    with pytest.raises(TicketNotHandedOut):
        vote(scene, 1, start=12)

    record_numbers(CHAIR, scene.meeting_id, "all", present=None, left_over=1)
    vote(scene, 1, start=12)
    with pytest.raises(TicketNotHandedOut):
        vote(scene, 1, start=13)
    snapshot = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(snapshot, TurnoutOnly)
    (note,) = snapshot.numbers.slip_notes
    assert re.fullmatch(r"UTC[+-]\d\d:\d\d \d\d:\d\d 发出备用票 1 张", note)


def test_what_was_not_handed_out_is_void_once_voting_has_ended() -> None:
    scene = hold_meeting(spares=3)
    vote(scene, 10)
    close_meeting(CHAIR, scene.meeting_id)

    for left_over in (9, 4):
        record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=left_over)
        with pytest.raises(FieldInvalid, match="未发出的 3 张票在投票结束时已作废"):
            record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=2)
    assert (load_board(scene.meeting_id).issued, load_board(scene.meeting_id).cast) == (11, 10)


def test_after_the_close_the_board_says_what_a_difference_means() -> None:
    scene = hold_meeting()
    vote(scene, 10)
    assert load_board(scene.meeting_id).comparisons == ()
    close_meeting(CHAIR, scene.meeting_id)
    assert [sentence.partition("：")[0] for sentence in load_board(scene.meeting_id).comparisons] == [
        "“全体”没有登记实到人数，看不出收回的票是否多于到会的人",
        "“全体”发出 12 张，收回 10 张",
    ]
    record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=2)
    assert [sentence.partition("：")[0] for sentence in load_board(scene.meeting_id).comparisons] == [
        "“全体”实到 12 人，发出 10 张"
    ]


@pytest.mark.parametrize(
    ("present", "left_over", "told"),
    [
        (None, 0, "没有登记实到人数，不能与收回的票对照；发出 12 张，收回 10 张，有 2 张领走后没有投。"),
        (12, 2, "实到 12 人，发出 10 张，有人没有领票，或登记有误。"),
        (
            10,
            1,
            "实到 10 人，发出 11 张，发出的多于到会的人，或登记有误；发出 11 张，收回 10 张，有 1 张领走后没有投。",
        ),
        (10, 2, ""),
    ],
)
def test_the_sheet_that_is_signed_says_what_a_difference_means(present: int | None, left_over: int, told: str) -> None:
    scene = hold_meeting()
    vote(scene, 10)
    close_meeting(CHAIR, scene.meeting_id)
    record_numbers(CHAIR, scene.meeting_id, "all", present=present, left_over=left_over)
    count_meeting(CHAIR, scene.meeting_id)

    notes = [note for note in load_filing(scene.meeting_id).sheets[0].sheet.notes if note.startswith("收发核对")]
    assert notes == ([f"收发核对：{told}"] if told else [])


def test_a_slip_that_was_not_handed_out_does_not_vote_on_the_spot_either() -> None:
    scene = hold_meeting(spares=2)
    close_meeting(CHAIR, scene.meeting_id)
    spot = Scene(
        call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=["s1", "s2"], seats=1), scene.codes, None
    )
    assert load_board(spot.meeting_id).issued == 12
