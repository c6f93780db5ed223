from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scene import CHAIR, THREE_GROUPS, cast, hold_meeting, seal_and_cast
from sqlalchemy import delete, select, text, update

from kaohe.config import Config
from kaohe.domain.ballots import Ballot, BallotStyle, encode_ballot
from kaohe.domain.errors import BoxDamaged, WrongState
from kaohe.domain.meetings import HallView, MeetingState
from kaohe.operations.chair.voting import close_meeting, pause_meeting
from kaohe.operations.count.opening import LiveBox, count_live, count_meeting
from kaohe.operations.count.results import list_ballots, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import load_polling
from kaohe.storage.database import reading, transaction
from kaohe.storage.tables import EnvelopeRow, TicketRow

MARKER = "极其罕见的评语标记"


def _counted(scene) -> None:
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)


def test_the_count_leaves_no_envelope_no_key_no_retry_and_no_code_behind(config: Config) -> None:
    scene = hold_meeting()
    assert len(list(config.data.glob("round-*.key"))) == 1
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    _counted(scene)

    assert list(config.data.glob("*.key*")) == []
    with reading() as session:
        assert session.scalars(select(EnvelopeRow)).all() == []
        tickets = session.scalars(select(TicketRow)).all()
    assert {ticket.retry_digest for ticket in tickets} == {None}
    assert {ticket.wrapped_code for ticket in tickets} == {None}


def test_what_was_chosen_is_nowhere_on_disk_while_voting_is_open(config: Config, tmp_path: Path) -> None:
    scene = hold_meeting(comments_wanted=True)
    cast(scene.meeting_id, scene.all_codes[0], "incompetent", comments={"s1": MARKER})
    with reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            stored = b"".join(bytes(row.box) for row in session.scalars(select(EnvelopeRow)))
        else:
            stored = b"".join(path.read_bytes() for path in config.data.iterdir())
    assert MARKER.encode() not in stored
    assert scene.all_codes[0].encode() not in stored

    _counted(scene)
    assert [(each.subject_key, each.text) for each in load_counted(scene.meeting_id).comments] == [("s1", MARKER)]


def test_every_envelope_has_one_length_whatever_it_holds() -> None:
    scene = hold_meeting(comments_wanted=True)
    cast(scene.meeting_id, scene.all_codes[0], "incompetent", comments={"s1": "长" * 300, "s2": "话" * 300})
    cast(scene.meeting_id, scene.all_codes[1], "abstain")

    with reading() as session:
        assert len({len(row.box) for row in session.scalars(select(EnvelopeRow))}) == 1


def test_a_box_with_an_envelope_too_few_stays_closed_and_untouched() -> None:
    scene = hold_meeting()
    for code in scene.all_codes[:3]:
        cast(scene.meeting_id, code, "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.execute(delete(EnvelopeRow).where(EnvelopeRow.id == select(EnvelopeRow.id).limit(1).scalar_subquery()))

    with pytest.raises(BoxDamaged):
        count_meeting(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.state is MeetingState.CLOSED
    with reading() as session:
        assert len(session.scalars(select(EnvelopeRow)).all()) == 2


def _over_the_limit(style: BallotStyle) -> bytes:
    return encode_ballot(style, Ballot({(s.key, "overall"): "excellent" for s in style.subjects}, {}))


@pytest.mark.parametrize(
    "content",
    [
        _over_the_limit,
        lambda style: bytes(style.plain_length),
        lambda style: b"\x01" + b"\xff" * (style.plain_length - 1),
    ],
    ids=["too many top grades", "nothing", "noise"],
)
def test_a_sealed_content_that_is_no_ballot_of_its_form_is_void_with_a_line_of_its_own(
    content: Callable[[BallotStyle], bytes],
) -> None:
    scene = hold_meeting(top_grade_limit=1)
    style = load_polling(scene.meeting_id, "1").style
    cast(scene.meeting_id, scene.all_codes[0], "competent")
    seal_and_cast(scene.meeting_id, scene.all_codes[1], content(style))
    close_meeting(CHAIR, scene.meeting_id)

    assert count_meeting(CHAIR, scene.meeting_id) == 2
    counted = load_counted(scene.meeting_id)
    assert [(turnout.cast, turnout.invalid) for turnout in counted.result.group_turnout.values()] == [(2, 1)]
    assert any("1 张电子票" in warning for warning in counted.result.warnings)
    assert len(counted.receipts) == 2


@pytest.mark.parametrize("changed", ["flipped", "of another tag", "of no suite"])
def test_an_envelope_that_does_not_open_is_void_and_stops_nothing(changed: str) -> None:
    scene = hold_meeting(groups=THREE_GROUPS)
    for codes in scene.codes.values():
        cast(scene.meeting_id, codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        a, b, _ = session.scalars(select(EnvelopeRow).order_by(EnvelopeRow.group_key)).all()
        a.box = {"flipped": a.box[:-1] + bytes([a.box[-1] ^ 1]), "of another tag": b.box, "of no suite": b"\x09" * 400}[
            changed
        ]

    count_meeting(CHAIR, scene.meeting_id)
    counted = load_counted(scene.meeting_id)
    assert sorted(turnout.invalid for turnout in counted.result.group_turnout.values()) == [0, 0, 1]
    assert any("1 张电子票" in warning for warning in counted.result.warnings)


def test_an_envelope_of_a_group_that_is_none_stops_the_opening() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    with transaction() as session:
        session.execute(update(EnvelopeRow).values(group_key="z"))
        session.execute(update(TicketRow).values(group_key="z"))

    with pytest.raises(BoxDamaged):
        count_meeting(CHAIR, scene.meeting_id)


def test_ballots_are_counted_per_group_and_weighed_never_pooled() -> None:
    # Catalogue T2: group means 96, 95, 88 with weights 40/30/30 give 93.30.
    scene = hold_meeting(groups=THREE_GROUPS, names=("张伟",))
    piles = {"A票": (4, 1, 0, 0), "B票": (9, 3, 0, 0), "C票": (18, 9, 2, 1)}
    grades = ("excellent", "competent", "basically_competent", "incompetent")
    for label, counts in piles.items():
        marks = [grade for grade, count in zip(grades, counts, strict=True) for _ in range(count)]
        for code, mark in zip(scene.codes[label], marks, strict=False):
            cast(scene.meeting_id, code, mark)
    _counted(scene)

    subject = load_counted(scene.meeting_id).result.subjects[0]
    assert subject.score is not None
    assert subject.score.text == "93.30"
    assert {key: figure and figure.text for key, figure in subject.group_scores.items()} == {
        "a": "96.00",
        "b": "95.00",
        "c": "88.00",
    }


def test_the_list_of_whole_ballots_is_off_unless_it_was_turned_on() -> None:
    off, on = hold_meeting(), hold_meeting(ballot_list_wanted=True)
    for scene in (off, on):
        cast(scene.meeting_id, scene.all_codes[0], "excellent", "competent", "abstain")
        _counted(scene)

    with pytest.raises(WrongState):
        list_ballots(off.meeting_id)
    assert list_ballots(on.meeting_id) == [
        {("s1", "overall"): "excellent", ("s2", "overall"): "competent", ("s3", "overall"): "abstain"}
    ]


def test_the_order_of_casting_is_not_the_order_of_the_opened_ballots() -> None:
    # Twelve ballots, each with a vector of its own; that all twelve come out in order has a chance of 1 in 479 million.
    names = tuple(f"人{number}" for number in range(12))
    scene = hold_meeting(names=names, ballot_list_wanted=True)
    for number, code in enumerate(scene.all_codes):
        marks = ["competent"] * 12
        marks[number] = "incompetent"
        cast(scene.meeting_id, code, *marks)
    _counted(scene)

    order = [list(ballot.values()).index("incompetent") for ballot in list_ballots(scene.meeting_id)]
    assert sorted(order) == list(range(12))
    assert order != list(range(12))
    assert order != list(range(11, -1, -1))


@pytest.mark.parametrize("hall_view", [HallView.BATCHED, HallView.INSTANT])
def test_a_live_view_sees_each_ballot_once(hall_view: HallView) -> None:
    scene = hold_meeting(hall_view=hall_view)
    board = load_board(scene.meeting_id)
    box = LiveBox(board.round.id)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    cast(scene.meeting_id, scene.all_codes[1], "competent")
    first = box.take_new(scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[2], "excellent")
    second = box.take_new(scene.meeting_id)

    assert (len(first), len(second), len(box.take_new(scene.meeting_id))) == (2, 1, 0)
    assert count_live(board.setup, first + second).cells["all", "s1", "overall"].grades == (2, 1, 0, 0)


def test_nobody_looks_into_a_box_whose_hall_sees_only_the_turnout() -> None:
    scene = hold_meeting(hall_view=HallView.TURNOUT)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")

    with pytest.raises(WrongState):
        LiveBox(load_board(scene.meeting_id).round.id).take_new(scene.meeting_id)


def test_a_paused_box_can_still_be_shown_live() -> None:
    scene = hold_meeting(hall_view=HallView.INSTANT)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    pause_meeting(CHAIR, scene.meeting_id)

    assert len(LiveBox(load_board(scene.meeting_id).round.id).take_new(scene.meeting_id)) == 1


def test_deleted_rows_have_no_second_life_in_the_database_file(config: Config, database_kind: str) -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    with reading() as session:
        box = bytes(session.scalars(select(EnvelopeRow.box)).one())
        on_sqlite = session.get_bind().dialect.name == "sqlite"
    files = [config.data / "kaohe.sqlite3", config.data / "kaohe.sqlite3-wal"]
    if on_sqlite:
        assert any(box[:64] in path.read_bytes() for path in files if path.exists())
    _counted(scene)

    if on_sqlite:
        assert not any(box[:64] in path.read_bytes() for path in files if path.exists())
    else:
        with reading() as session:
            assert session.scalar(text("SELECT pg_relation_size('envelopes')")) == 0
