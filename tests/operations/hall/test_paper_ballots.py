"""Ballots on paper: typed twice, compared, counted with the others, and then gone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scene import CHAIR, THREE_GROUPS, Scene, cast, count_what_came_back, hand_out_paper, hold_meeting
from sqlalchemy import func, select

from kaohe.domain.ballots import item_field
from kaohe.domain.errors import (
    EditedMeanwhile,
    FieldInvalid,
    PaperMarkUnknown,
    PaperMissing,
    PaperTypistsTaken,
    PaperUnsettled,
    WrongState,
)
from kaohe.domain.meetings import Group
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.paper_ballots import drop_sheet, load_paper, record_paper_not_returned, type_sheet
from kaohe.recount import main as recount
from kaohe.storage.database import reading
from kaohe.storage.tables import PaperSheetRow
from kaohe.tally.scheme.scheme import InvalidRule

FIRST, SECOND = "甲录入", "乙录入"
TWENTY = (Group("all", "全体", Fraction(1), 20),)


def closed(*phones: str, **settings: object) -> Scene:
    """A closed meeting in which each of ``phones`` gave one grade to everybody."""
    scene = hold_meeting(**{"groups": TWENTY, **settings})
    for code, grade in zip(scene.all_codes, phones, strict=False):
        cast(scene.meeting_id, code, grade)
    hand_out_paper(scene.meeting_id, scene_group(scene), 10)
    close_meeting(CHAIR, scene.meeting_id)
    return scene


def scene_group(scene: Scene) -> str:
    return load_board(scene.meeting_id).groups[0].key


def typed(*cells: str) -> dict[str, str]:
    return {item_field(f"s{number}", "overall"): text for number, text in enumerate(cells, 1)}


def both_type(scene: Scene, number: int, *cells: str, group: str = "all") -> None:
    for person in (FIRST, SECOND):
        type_sheet(person, scene.meeting_id, number, group, typed(*cells))


def sheets_left() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(PaperSheetRow)) or 0


def test_paper_is_counted_with_the_phones_and_its_sheets_are_gone():
    scene = closed("excellent", "competent")
    both_type(scene, 1, "1", "2", "4")
    both_type(scene, 2, "2", "0", "")
    assert count_what_came_back(CHAIR, scene.meeting_id) == 4
    counted = load_counted(scene.meeting_id)
    cells = {subject: counted.cells["all", subject, "overall"] for subject in ("s1", "s2", "s3")}
    assert cells["s1"].grades == (2, 2, 0, 0)
    assert (cells["s2"].grades, cells["s2"].abstention) == ((1, 2, 0, 0), 1)
    assert (cells["s3"].grades, cells["s3"].skipped) == ((1, 1, 0, 1), 1)
    turnout = counted.result.turnout
    assert (turnout.cast, turnout.issued) == (4, 30)
    assert len(counted.receipts) == 2
    assert sheets_left() == 0
    event = next(event for event in list_record_entries(scene.meeting_id) if event.act == "counted")
    assert (event.detail["cast"], event.detail["paper"]) == ("4", "2")
    assert event.detail["typists"] == "、".join(sorted((FIRST, SECOND)))


def test_a_cell_with_two_ticks_voids_the_sheet_or_the_cell_as_the_scheme_says():
    for rule, invalid in ((InvalidRule.BALLOT, 1), (InvalidRule.CELL, 0)):
        scene = closed("excellent", invalid_rule=rule)
        both_type(scene, 1, "x", "1", "1")
        count_what_came_back(CHAIR, scene.meeting_id)
        counted = load_counted(scene.meeting_id)
        assert counted.result.turnout.invalid == invalid
        assert counted.cells["all", "s1", "overall"].invalid == 1
        assert counted.cells["all", "s2", "overall"].grades[0] == 2 - invalid


def test_more_top_grades_than_allowed_are_judged_by_the_count_as_on_paper():
    scene = closed("competent", top_grade_limit=1)
    both_type(scene, 1, "1", "1", "2")
    count_what_came_back(CHAIR, scene.meeting_id)
    assert load_counted(scene.meeting_id).result.turnout.invalid == 1


def test_one_person_alone_is_not_enough_and_nothing_is_opened():
    scene = closed("excellent")
    type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    with pytest.raises(PaperUnsettled, match="另一人"):
        count_what_came_back(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.state == "closed"
    assert sheets_left() == 1


def test_two_that_differ_hold_up_the_count_until_they_agree():
    scene = closed("excellent")
    both_type(scene, 1, "1", "1", "1")
    type_sheet(FIRST, scene.meeting_id, 7, "all", typed("1", "2", "3"))
    type_sheet(SECOND, scene.meeting_id, 7, "all", typed("1", "2", "4"))
    with pytest.raises(PaperUnsettled, match="编号 7"):
        count_what_came_back(CHAIR, scene.meeting_id)
    found = load_paper(scene.meeting_id)
    assert [(each.number, each.cell_key) for each in found.differences] == [(7, ("s3", "overall"))]
    type_sheet(SECOND, scene.meeting_id, 7, "all", typed("1", "2", "3"))
    assert load_paper(scene.meeting_id).is_settled
    assert count_what_came_back(CHAIR, scene.meeting_id) == 3


def test_a_sheet_can_be_taken_back_and_a_third_person_finds_no_place():
    scene = closed()
    type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    type_sheet(SECOND, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    with pytest.raises(PaperTypistsTaken):
        type_sheet("丙", scene.meeting_id, 1, "all", typed("1", "1", "1"))
    drop_sheet(SECOND, scene.meeting_id, 1)
    drop_sheet(SECOND, scene.meeting_id, 1)
    type_sheet("丙", scene.meeting_id, 1, "all", typed("1", "1", "1"))
    assert list(load_paper(scene.meeting_id).piles) == sorted(["丙", FIRST])


def test_the_board_shows_paper_among_what_was_issued_and_collected():
    scene = closed("excellent")
    type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    type_sheet(FIRST, scene.meeting_id, 2, "all", typed("1", "1", "1"))
    type_sheet(SECOND, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    board = load_board(scene.meeting_id)
    assert (board.issued, board.cast, board.groups[0].paper_cast) == (30, 3, 2)


def test_more_paper_than_was_handed_out_is_told_and_makes_no_sheet():
    scene = closed(*["excellent"] * 20)
    hand_out_paper(scene.meeting_id, "all", 0)
    both_type(scene, 1, "1", "1", "1")
    board = load_board(scene.meeting_id)
    assert any("多于发出" in warning for warning in board.warnings)


def test_groups_keep_their_own_paper():
    scene = closed(groups=THREE_GROUPS)
    hand_out_paper(scene.meeting_id, "b", 5)
    both_type(scene, 1, "2", "2", "2", group="b")
    count_what_came_back(CHAIR, scene.meeting_id)
    counted = load_counted(scene.meeting_id)
    assert counted.cells["b", "s1", "overall"].grades == (0, 1, 0, 0)
    assert counted.result.group_turnout["b"].cast == 1
    assert counted.result.group_turnout["a"].cast == 0


@pytest.mark.parametrize("number", [0, 10_000, -1])
def test_a_number_out_of_bounds_is_refused(number):
    scene = closed()
    with pytest.raises(FieldInvalid):
        type_sheet(FIRST, scene.meeting_id, number, "all", typed("1", "1", "1"))
    assert sheets_left() == 0


def test_a_mark_that_is_none_or_a_group_that_is_none_stores_nothing():
    scene = closed()
    with pytest.raises(PaperMarkUnknown, match="李娜"):
        type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "9", "1"))
    with pytest.raises(FieldInvalid):
        type_sheet(FIRST, scene.meeting_id, 1, "nobody", typed("1", "1", "1"))
    with pytest.raises(FieldInvalid):
        hand_out_paper(scene.meeting_id, "nobody", 1)
    with pytest.raises(FieldInvalid):
        hand_out_paper(scene.meeting_id, "all", -1)
    assert sheets_left() == 0


def test_nothing_is_typed_while_phones_still_vote_or_after_the_count():
    scene = hold_meeting(groups=TWENTY)
    with pytest.raises(WrongState):
        type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    close_meeting(CHAIR, scene.meeting_id)
    count_what_came_back(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        type_sheet(FIRST, scene.meeting_id, 1, "all", typed("1", "1", "1"))
    with pytest.raises(WrongState):
        hand_out_paper(scene.meeting_id, "all", 1)


def test_a_voided_round_takes_what_was_typed_with_it():
    scene = closed("excellent")
    both_type(scene, 1, "1", "1", "1")
    void_round(CHAIR, scene.meeting_id, "票数不符")
    assert sheets_left() == 0
    assert load_board(scene.meeting_id).groups[0].paper_cast == 0


def test_a_bundle_with_paper_in_it_is_recounted_to_the_same_result(tmp_path):
    scene = closed("excellent", "competent", "competent")
    both_type(scene, 1, "1", "x", "")
    both_type(scene, 2, "2", "0", "4")
    count_what_came_back(CHAIR, scene.meeting_id)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(make_bundle(scene.meeting_id).content)
    assert recount([str(bundle)]) == 0
    publish_result(CHAIR, scene.meeting_id)
    purge_meeting(CHAIR, scene.meeting_id, forced_reason="考核办书面同意")
    bundle.write_bytes(make_bundle(scene.meeting_id).content)
    assert recount([str(bundle)]) == 0


def test_the_record_never_has_an_entry_for_a_sheet():
    scene = closed()
    before = len(list_record_entries(scene.meeting_id))
    both_type(scene, 1, "1", "1", "1")
    drop_sheet(FIRST, scene.meeting_id, 1)
    assert len(list_record_entries(scene.meeting_id)) == before


def test_paper_that_was_handed_out_and_not_typed_stops_the_count_until_somebody_says_what_became_of_it():
    scene = closed("excellent", "competent")
    hand_out_paper(scene.meeting_id, "all", 2)
    with pytest.raises(PaperMissing, match="还有 2 张"):
        count_meeting(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).round.stripped_at is None
    both_type(scene, 1, "1", "1", "1")
    with pytest.raises(PaperMissing, match="还有 1 张"):
        count_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(EditedMeanwhile):
        record_paper_not_returned(CHAIR, scene.meeting_id, 2)
    for _ in range(2):
        record_paper_not_returned(CHAIR, scene.meeting_id, 1)
    acts = [entry.act for entry in list_record_entries(scene.meeting_id)]
    assert acts.count("paper_not_returned") == 1
    assert count_meeting(CHAIR, scene.meeting_id) == 3


def test_what_was_said_of_missing_paper_lapses_when_more_is_handed_out():
    scene = closed("excellent")
    hand_out_paper(scene.meeting_id, "all", 2)
    record_paper_not_returned(CHAIR, scene.meeting_id, 2)
    assert load_paper(scene.meeting_id).unanswered == 0
    hand_out_paper(scene.meeting_id, "all", 3)
    assert load_paper(scene.meeting_id).unanswered == 3
    with pytest.raises(PaperMissing, match="还有 3 张"):
        count_meeting(CHAIR, scene.meeting_id)


def test_a_round_held_again_asks_anew_for_its_own_paper():
    scene = closed("excellent")
    hand_out_paper(scene.meeting_id, "all", 2)
    record_paper_not_returned(CHAIR, scene.meeting_id, 2)
    void_round(CHAIR, scene.meeting_id, "票数不符")
    open_meeting(CHAIR, scene.meeting_id)
    hand_out_paper(scene.meeting_id, "all", 2)
    close_meeting(CHAIR, scene.meeting_id)
    assert load_paper(scene.meeting_id).unanswered == 2
