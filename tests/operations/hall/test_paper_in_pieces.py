"""Ballots on paper where subjects may be left out: judged whole, kept and counted subject by subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from scene import (
    CHAIR,
    THREE_GROUPS,
    Scene,
    cast,
    count_what_came_back,
    draft_meeting,
    hand_out_paper,
    hold_meeting,
    put_scheme,
    version_of,
)

from kaohe.domain.ballots import LEFT_OUT, answer_field, item_field
from kaohe.domain.bundles import check_bundle
from kaohe.domain.errors import OverLimit, PaperMarkUnknown
from kaohe.domain.meetings import Group
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.archive import purging
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.hall.paper_ballots import load_paper, type_sheet
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.voters import change_groups
from kaohe.recount import main as recount
from kaohe.storage.clock import now
from kaohe.tally.model import SubjectKind
from kaohe.tally.scheme.questions import Option, Question, QuestionKind
from kaohe.tally.scheme.scheme import InvalidRule
from kaohe.tally.scheme_document.document import parse_scheme

TWENTY = (Group("all", "全体", Fraction(1), 20),)
TYPISTS = ("甲录入", "乙录入")
NONCE = "nonce-of-the-phone-1"
TEAMS_AND_PEOPLE = (
    ("甲班子", SubjectKind.TEAM),
    ("乙班子", SubjectKind.TEAM),
    ("张伟", SubjectKind.PERSON),
    ("李娜", SubjectKind.PERSON),
)
ASKED = (
    Question("reverse", "逆向测评", QuestionKind.TICKS, (Option("style", "作风不实"), Option("law", "违规"))),
    Question("intent", "使用意向", QuestionKind.CHOICE, (Option("promote", "提拔"), Option("keep", "留任"))),
)


def closed(**settings: object) -> Scene:
    """A closed meeting without a phone's ballot, in which anybody may be left out."""
    scene = hold_meeting(groups=TWENTY, may_leave_out=True, **settings)
    hand_out_paper(scene.meeting_id, "all", 10)
    close_meeting(CHAIR, scene.meeting_id)
    return scene


def both_type(meeting_id: str, number: int, fields: dict[str, str], *, group: str = "all") -> None:
    for person in TYPISTS:
        type_sheet(person, meeting_id, number, group, fields)


def graded(*cells: str) -> dict[str, str]:
    return {item_field(f"s{number}", "overall"): text for number, text in enumerate(cells, 1)}


def counted(scene: Scene, *sheets: Sequence[str]) -> CountedRound:
    for number, cells in enumerate(sheets, 1):
        both_type(scene.meeting_id, number, graded(*cells))
    count_what_came_back(CHAIR, scene.meeting_id)
    return load_counted(scene.meeting_id)


def rows(found: CountedRound) -> list[tuple[tuple[int, ...], int]]:
    """Of each subject: its grades and what is invalid."""
    cells = [cell for (_, _, item), cell in sorted(found.cells.items()) if item == "overall"]
    return [(cell.grades, cell.invalid) for cell in cells]


def test_too_many_top_grades_void_the_sheet_and_not_one_of_its_pieces_counts():
    found = counted(closed(top_grade_limit=1), ("1", "1", "2"), ("2", "1", "-"))
    assert rows(found) == [((0, 1, 0, 0), 1), ((1, 0, 0, 0), 1), ((0, 0, 0, 0), 1)]
    turnout = found.result.turnout
    assert (turnout.cast, turnout.invalid, turnout.valid) == (2, 1, 1)


def test_where_cells_are_void_one_by_one_only_the_top_grades_over_the_limit_are():
    found = counted(closed(top_grade_limit=1, invalid_rule=InvalidRule.CELL), ("1", "1", "2"))
    assert rows(found) == [((0, 0, 0, 0), 1), ((0, 0, 0, 0), 1), ((0, 1, 0, 0), 0)]
    assert found.result.turnout.invalid == 0


def test_a_sheet_that_is_invalid_in_many_places_is_one_void_ballot():
    found = counted(closed(), ("x", "x", "x"))
    assert rows(found) == [((0, 0, 0, 0), 1)] * 3
    turnout = found.result.turnout
    assert (turnout.cast, turnout.invalid, turnout.valid) == (1, 1, 0)


def test_one_invalid_cell_voids_what_the_sheet_says_of_the_others():
    found = counted(closed(), ("x", "1", "-"), ("1", "2", "3"), ("", "x", ""))
    assert rows(found) == [((1, 0, 0, 0), 1), ((0, 1, 0, 0), 2), ((0, 0, 1, 0), 0)]
    assert (found.result.turnout.cast, found.result.turnout.invalid) == (3, 2)


def test_void_sheets_of_one_group_are_none_of_another_and_phones_are_never_void():
    scene = hold_meeting(groups=THREE_GROUPS, may_leave_out=True, top_grade_limit=2)
    cast(scene.meeting_id, scene.codes["A票"][0], "excellent", "competent", "excellent")
    cast(scene.meeting_id, scene.codes["B票"][0], "competent")
    hand_out_paper(scene.meeting_id, "b", 5)
    close_meeting(CHAIR, scene.meeting_id)
    both_type(scene.meeting_id, 1, graded("1", "1", "1"), group="b")
    count_what_came_back(CHAIR, scene.meeting_id)
    turnout = load_counted(scene.meeting_id).result.group_turnout
    assert {key: (each.cast, each.invalid) for key, each in turnout.items()} == {"a": (1, 0), "b": (2, 1), "c": (0, 0)}


def test_a_phone_over_the_limit_is_refused_before_its_ballot_is_ever_cut():
    scene = hold_meeting(groups=TWENTY, may_leave_out=True, top_grade_limit=1)
    with pytest.raises(OverLimit, match="最多选 1 个，现在选了 2 个"):
        cast(scene.meeting_id, scene.all_codes[0], "excellent", "competent", "excellent")
    fields = [("n.s1", LEFT_OUT), ("i.s2.overall", "excellent"), ("i.s3.overall", "excellent")]
    with pytest.raises(OverLimit):
        cast_ballot(scene.meeting_id, "1", ticket=scene.all_codes[0], nonce=NONCE, round_number="", fields=fields)
    assert load_board(scene.meeting_id).cast == 0


def test_a_subject_that_is_left_out_and_evaluated_is_refused_while_it_is_typed():
    scene = hold_meeting(groups=TWENTY, may_leave_out=True, questions=ASKED)
    close_meeting(CHAIR, scene.meeting_id)
    for contradicting in ({answer_field("s2", "reverse.style"): "1"}, {answer_field("s2", "intent"): "2"}):
        with pytest.raises(PaperMarkUnknown, match="“李娜”有的格填了“-”（不评）"):
            type_sheet(TYPISTS[0], scene.meeting_id, 1, "all", graded("1", "-", "2") | contradicting)
    assert load_paper(scene.meeting_id).piles == {}


def recounted(tmp_path: Path, meeting_id: str) -> int:
    """What a recount of the bundle exits with; that it is whole is checked before."""
    bundle = tmp_path / f"{meeting_id}.zip"
    bundle.write_bytes(make_bundle(meeting_id).content)
    assert check_bundle(bundle.read_bytes()).files
    return recount([str(bundle)])


def test_void_sheets_take_their_ticks_with_them_and_the_bundle_says_the_same(tmp_path):
    scene = hold_meeting(groups=TWENTY, may_leave_out=True, questions=ASKED)
    fields = [(item_field(f"s{number}", "overall"), "competent") for number in (1, 2, 3)]
    cast_ballot(scene.meeting_id, "1", ticket=scene.all_codes[0], nonce=NONCE, round_number="", fields=fields)
    hand_out_paper(scene.meeting_id, "all", 10)
    close_meeting(CHAIR, scene.meeting_id)
    ticks = {answer_field("s2", "reverse.style"): "1", answer_field("s2", "intent"): "1"}
    both_type(scene.meeting_id, 1, graded("x", "1", "-") | ticks)
    both_type(scene.meeting_id, 2, graded("-", "1", "1") | ticks)
    count_what_came_back(CHAIR, scene.meeting_id)
    found = load_counted(scene.meeting_id)
    ticked, chosen = found.result.subjects[1].answers
    # Three ballots are about 李娜; one of them is void.
    assert [(share.count, share.rate.text) for share in ticked.shares] == [(1, "50.00"), (0, "0.00")]
    assert [share.count for share in chosen.shares] == [1, 0]
    assert recounted(tmp_path, scene.meeting_id) == 0


def test_once_the_ballots_are_destroyed_the_void_ones_are_still_as_many(monkeypatch):
    scene = closed(questions=ASKED)
    both_type(scene.meeting_id, 1, graded("x", "x", "-"))
    both_type(scene.meeting_id, 2, graded("1", "2", "3"))
    count_what_came_back(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    before = load_counted(scene.meeting_id)
    monkeypatch.setattr(purging, "now", lambda: now() + timedelta(days=400))
    purge_meeting(CHAIR, scene.meeting_id)
    after = load_counted(scene.meeting_id)
    assert after.round.purged_at is not None
    assert (after.result, after.result.turnout.invalid) == (before.result, 1)


BAD = [{"key": "a", "label": "作风不实"}, {"key": "b", "label": "依法较差"}]
WHOLE = {
    "format": 1,
    "key": "whole",
    "title": "两张分表",
    "groups": [{"key": "all", "label": "全体"}],
    "sections": [
        {
            "key": "votes",
            "label": "推荐",
            "kind": "team",
            "groups": [{"key": "all", "weight": 100}],
            "grades": [{"key": "yes", "label": "赞成", "points": 1}, {"key": "no", "label": "不选", "points": 0}],
            "dimensions": [{"key": "overall", "label": "推荐", "weight": 100}],
            "score_by": "votes",
            "abstention_allowed": False,
            "choose": {"seats": 1},
        },
        {
            "key": "staff",
            "label": "干部",
            "kind": "person",
            "groups": [{"key": "all", "weight": 100}],
            "grades": [{"key": "good", "label": "好", "points": 100}, {"key": "fair", "label": "一般", "points": 60}],
            "dimensions": [
                {"key": "overall", "label": "总体", "weight": 60},
                {"key": "style", "label": "作风", "weight": 40},
            ],
            "invalid_rule": "cell",
            "may_leave_out": True,
            "questions": [{"key": "bad", "label": "逆向测评", "kind": "ticks", "options": BAD}],
        },
    ],
}


@pytest.fixture
def two_sections() -> str:
    """A closed meeting: of two teams one is picked, and of two people anybody may be left out."""
    subjects = [SubjectEntry(name, "", "", kind=kind) for name, kind in TEAMS_AND_PEOPLE]
    meeting_id = draft_meeting("si-deng", subjects)
    put_scheme(meeting_id, parse_scheme(WHOLE))
    change_groups(CHAIR, meeting_id, version_of(meeting_id), TWENTY)
    issue_tickets(CHAIR, meeting_id, "all", 20, 0)
    open_meeting(CHAIR, meeting_id)
    hand_out_paper(meeting_id, "all", 10)
    close_meeting(CHAIR, meeting_id)
    return meeting_id


def in_two_sections(first: str, second: str, third: str, fourth: str, *ticked: str) -> dict[str, str]:
    fields = {item_field("s1", "overall"): first, item_field("s2", "overall"): second}
    for key, typed in (("s3", third), ("s4", fourth)):
        fields |= {item_field(key, item): typed for item in ("overall", "style")}
    return fields | {answer_field(key, "bad.a"): "1" for key in ticked}


def test_too_many_picks_in_one_section_void_the_sheet_in_the_other_too(two_sections, tmp_path):
    both_type(two_sections, 1, in_two_sections("1", "1", "1", "1", "s3", "s4"))
    both_type(two_sections, 2, in_two_sections("1", "2", "1", "2", "s4"))
    both_type(two_sections, 3, in_two_sections("1", "1", "-", "1"))
    both_type(two_sections, 4, in_two_sections("2", "1", "x", "1", "s3"))
    count_what_came_back(CHAIR, two_sections)
    found = load_counted(two_sections)
    assert rows(found)[:2] == [((1, 1), 2), ((1, 1), 2)]
    assert rows(found)[2:] == [((1, 0), 2), ((1, 1), 2)]
    assert (found.result.turnout.cast, found.result.turnout.invalid) == (4, 2)
    # Three ballots are about the first of them and one of these is void; of the other all four are, and two are void.
    ticks = [subject.answers[0].shares[0] for subject in found.result.subjects[2:]]
    assert [(share.count, share.rate.text) for share in ticks] == [(1, "50.00"), (1, "50.00")]
    assert recounted(tmp_path, two_sections) == 0


def test_a_section_without_leaving_out_that_is_blank_on_a_sheet_is_skipped_there(two_sections, tmp_path):
    both_type(two_sections, 1, in_two_sections("", "", "1", ""))
    both_type(two_sections, 2, in_two_sections("", "", "", ""))
    count_what_came_back(CHAIR, two_sections)
    found = load_counted(two_sections)
    assert [found.cells["all", key, "overall"].skipped for key in ("s1", "s2", "s3", "s4")] == [2, 2, 0, 0]
    assert [found.cells["all", key, "overall"].cast for key in ("s3", "s4")] == [1, 0]
    assert (found.result.turnout.cast, found.result.turnout.invalid) == (2, 0)
    assert recounted(tmp_path, two_sections) == 0
