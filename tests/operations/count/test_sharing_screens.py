"""The note of what the hall has been shown passes from turn to turn, and goes with the envelopes' names."""

from __future__ import annotations

import pytest
from scene import CHAIR, Scene, cast, hold_meeting
from sqlalchemy import text

from kaohe.domain.meetings import HallView
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.sharing_screens import ScreenNote
from kaohe.operations.count.stripping import strip_box
from kaohe.operations.hall.boards import load_board
from kaohe.storage.database import reading


@pytest.fixture
def scene() -> Scene:
    return hold_meeting(hall_view=HallView.BATCHED)


def note_of(scene: Scene) -> ScreenNote:
    return ScreenNote(load_board(scene.meeting_id).round.id)


def notes_in_the_database() -> int:
    with reading() as session:
        return int(session.execute(text("SELECT count(*) FROM screens WHERE length(note) > 0")).scalar_one())


def test_whoever_comes_next_finds_what_was_kept(scene: Scene, database_kind: str) -> None:
    note = note_of(scene)
    with note.turn() as turn:
        assert turn.note == b""
        turn.keep(b"ten")
    with note.turn() as turn:
        assert turn.note == b"ten"
    with note_of(scene).turn() as turn:
        # Another server's memory: none where one server serves, the same where several do.
        assert turn.note == (b"" if database_kind == "sqlite" else b"ten")
    assert notes_in_the_database() == (database_kind == "postgresql")


def test_nothing_is_kept_of_a_turn_that_fails(scene: Scene) -> None:
    note = note_of(scene)

    def fail() -> None:
        with note.turn() as turn:
            turn.keep(b"ten")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with note.turn() as turn:
        assert turn.note == b""


def test_a_turn_knows_the_ballots_in_the_box_and_a_clock_that_goes_forward(scene: Scene) -> None:
    note = note_of(scene)
    with note.turn() as turn:
        assert turn.box == {"1": frozenset()}
        before = turn.clock
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    with note.turn() as turn:
        assert [len(names) for names in (turn.box or {}).values()] == [1]
        assert turn.clock >= before


def test_where_the_hall_sees_the_turnout_alone_nobody_names_the_ballots() -> None:
    with note_of(hold_meeting(hall_view=HallView.TURNOUT)).turn() as turn:
        assert turn.box is None


@pytest.mark.parametrize("end", ["stripped", "counted", "voided"])
def test_the_note_goes_with_the_envelopes_names_and_a_screen_keeps_its_picture(scene: Scene, end: str) -> None:
    note = note_of(scene)
    with note.turn() as turn:
        turn.keep(b"ten")
    close_meeting(CHAIR, scene.meeting_id)
    match end:
        case "stripped":
            strip_box(CHAIR, scene.meeting_id)
        case "counted":
            count_meeting(CHAIR, scene.meeting_id)
        case _:
            void_round(CHAIR, scene.meeting_id, "人数不符")
    assert notes_in_the_database() == 0
    with note.turn() as turn:
        assert (turn.note, turn.box) == (b"ten", None)
        turn.keep(b"twelve")
    assert notes_in_the_database() == 0
