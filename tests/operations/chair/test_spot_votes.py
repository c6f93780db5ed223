"""A vote on the spot within a meeting: slips lead there, the count is announced at once, and the meeting goes on."""

from __future__ import annotations

import secrets
from fractions import Fraction

import pytest
from scene import CHAIR, Scene, cast, hold_meeting, prepare_meeting, put_scheme, version_of

from kaohe.domain.ballots import item_field
from kaohe.domain.errors import FieldInvalid, NoCompetition, NotReady, SecondPersonSame, SpotVoteOn, WrongState
from kaohe.domain.meetings import Group
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Reveal, TurnoutOnly, Waiting
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.chair.spot_votes import (
    announce_or_propose,
    announce_spot_vote,
    call_spot_vote,
    dismiss_spot_vote,
    list_candidates,
    list_spot_votes,
    spot_vote_for_phones,
)
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.importing_scores import import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.hall.casting import cast_ballot
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.schemes import load_preset, parse_scheme_text
from kaohe.tally.model import Decision, SubjectKind

UNITS = ("发改局", "教育局", "财政局", "民政局")


@pytest.fixture
def scene() -> Scene:
    return prepare_meeting(names=UNITS)


def call(scene: Scene, *keys: str, seats: int | None = None, title: str = "特优票决") -> str:
    return call_spot_vote(CHAIR, scene.meeting_id, title=title, subject_keys=keys, seats=seats)


def pick(spot_id: str, code: str, *keys: str) -> str:
    fields = [(item_field(key, "overall"), "chosen") for key in keys]
    return cast_ballot(spot_id, "1", ticket=code, nonce=secrets.token_hex(16), round_number="", fields=fields).receipt


def elected(spot_id: str) -> list[str]:
    return [each.subject.name for each in load_counted(spot_id).result.subjects if each.tier_label == "当选"]


def test_the_slips_of_the_meeting_vote_and_most_votes_win(scene):
    spot_id = call(scene, "s1", "s2", "s3", "s4")
    for code, keys in zip(scene.all_codes, [("s1", "s3")] * 5 + [("s1", "s2")] * 3, strict=False):
        pick(spot_id, code, *keys)
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert elected(spot_id) == ["发改局", "财政局"]
    board = load_board(spot_id)
    assert (board.cast, board.round.state, board.round.revealed_count) == (8, "published", 4)
    # The meeting's own slips are as they were.
    open_meeting(CHAIR, scene.meeting_id)
    assert load_board(scene.meeting_id).printed == 12


def test_one_place_for_two_is_the_rule_where_none_is_said(scene):
    spot_id = call(scene, "s2", "s4")
    for code in scene.all_codes[:3]:
        pick(spot_id, code, "s4")
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert elected(spot_id) == ["民政局"]
    assert [subject.name for subject in load_meeting(spot_id)[0].subjects] == ["教育局", "民政局"]


def test_as_many_places_as_candidates_is_no_vote_and_leaves_nothing_behind(scene):
    for keys, seats in ((("s1", "s2"), 2), (("s1",), None), (("s1", "s2", "s3"), 3)):
        with pytest.raises(NoCompetition):
            call(scene, *keys, seats=seats)
    with pytest.raises(FieldInvalid):
        call(scene)
    with pytest.raises(FieldInvalid):
        call(scene, "s1", "s2", seats=0)
    with pytest.raises(FieldInvalid):
        call(scene, "s1", "s2", title="  ")
    assert list_spot_votes(scene.meeting_id) == []


def test_without_slips_there_is_nobody_to_vote():
    meeting_id = create_meeting(CHAIR, title="会", unit="", held_on=None, preset_id="si-deng")
    entries = [SubjectEntry(name, "", "") for name in UNITS]
    change_subjects(CHAIR, meeting_id, load_meeting(meeting_id)[0].version, entries)
    with pytest.raises(FieldInvalid, match="制票"):
        call_spot_vote(CHAIR, meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1)
    assert list_spot_votes(meeting_id) == []


def test_one_at_a_time_and_never_while_the_meeting_itself_collects(scene):
    spot_id = call(scene, "s1", "s2")
    with pytest.raises(SpotVoteOn):
        call(scene, "s3", "s4")
    with pytest.raises(WrongState):
        dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
    dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
    open_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        call(scene, "s3", "s4")
    close_meeting(CHAIR, scene.meeting_id)
    second = call(scene, "s3", "s4")
    assert [vote.meeting_id for vote in list_spot_votes(scene.meeting_id) if vote.is_on] == [second]


def test_phones_and_projector_are_led_there_and_back(scene):
    screen = MeetingScreen(scene.meeting_id)
    assert spot_vote_for_phones(scene.meeting_id) is None
    assert isinstance(screen.snapshot(), Waiting)
    spot_id = call(scene, "s1", "s2")
    assert spot_vote_for_phones(scene.meeting_id) == spot_id
    shown = screen.snapshot()
    assert isinstance(shown, TurnoutOnly)
    assert shown.heading.title == "特优票决"
    pick(spot_id, scene.all_codes[0], "s1")
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert isinstance(screen.snapshot(), Reveal)
    dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert isinstance(screen.snapshot(), Waiting)
    assert spot_vote_for_phones(scene.meeting_id) is None


def test_a_meeting_that_opens_takes_its_phones_back(scene):
    call(scene, "s1", "s2")
    open_meeting(CHAIR, scene.meeting_id)
    assert spot_vote_for_phones(scene.meeting_id) is None


def test_announcing_twice_is_announcing_once_and_only_votes_on_the_spot_can_be(scene):
    spot_id = call(scene, "s1", "s2")
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    acts = [event.act for event in list_record_entries(spot_id)]
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert [event.act for event in list_record_entries(spot_id)] == acts
    for act in (announce_spot_vote, dismiss_spot_vote):
        with pytest.raises(WrongState):
            act(CHAIR, scene.meeting_id, scene.meeting_id)
        with pytest.raises(WrongState):
            act(CHAIR, scene.meeting_id, "no such meeting")


def test_a_meeting_ends_no_vote_of_another_one(scene):
    spot_id = call(scene, "s1", "s2")
    other = prepare_meeting(names=UNITS)
    for act in (announce_spot_vote, dismiss_spot_vote):
        with pytest.raises(WrongState):
            act(CHAIR, other.meeting_id, spot_id)
    assert [(vote.state, vote.is_on) for vote in list_spot_votes(scene.meeting_id)] == [("open", True)]
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    with pytest.raises(WrongState):
        dismiss_spot_vote(CHAIR, other.meeting_id, spot_id)
    assert [vote.is_on for vote in list_spot_votes(scene.meeting_id)] == [True]


def test_both_records_tell_of_it(scene):
    spot_id = call(scene, "s1", "s2")
    event = list_record_entries(scene.meeting_id)[0]
    assert (event.act, event.detail["meeting"]) == ("called_spot_vote", spot_id)
    assert list_record_entries(spot_id)[0].act == "opened"


def test_a_shared_code_is_drawn_anew_for_the_vote():
    scene = prepare_meeting(names=UNITS, shared_group="all")
    spot_id = call(scene, "s1", "s2")
    own, spot = load_meeting(scene.meeting_id)[1].pool_code, load_meeting(spot_id)[1].pool_code
    assert spot is not None
    assert spot != own


def test_a_used_slip_of_the_meeting_votes_again_on_the_spot():
    scene = hold_meeting(names=UNITS)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    spot_id = call(scene, "s1", "s2")
    assert pick(spot_id, scene.all_codes[0], "s2")


def words_on_the_wall(screen: MeetingScreen) -> list[tuple[str, str]]:
    shown = screen.snapshot()
    assert isinstance(shown, Reveal)
    return [(row.name, row.tier.label) for page in shown.pages for row in page.rows]


def test_whoever_loses_is_not_elected_on_the_wall_and_on_every_sheet(scene):
    spot_id = call(scene, "s1", "s2", "s3", seats=1, title="推荐副科长人选")
    pick(spot_id, scene.all_codes[0], "s1")
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    told = [("发改局", "当选"), ("教育局", "未当选"), ("财政局", "未当选")]
    assert words_on_the_wall(MeetingScreen(scene.meeting_id)) == told
    filed = repr([filed.sheet for filed in load_filing(spot_id, 1).sheets])
    assert "当选" in filed
    assert "特优" not in filed
    assert "优秀" not in filed


def test_the_clerk_may_call_the_elected_and_the_others_as_the_meeting_does(scene):
    spot_id = call_spot_vote(
        CHAIR, scene.meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1, words=(" 推荐 ", "不推荐")
    )
    pick(spot_id, scene.all_codes[0], "s2")
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert words_on_the_wall(MeetingScreen(scene.meeting_id)) == [("发改局", "不推荐"), ("教育局", "推荐")]


@pytest.mark.parametrize("words", [("", "未当选"), ("当选", "当选"), ("当选", "未" * 17)])
def test_words_that_cannot_tell_who_was_elected_are_refused(scene, words):
    with pytest.raises(FieldInvalid):
        call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1, words=words)
    assert list_spot_votes(scene.meeting_id) == []


@pytest.mark.parametrize(("blank_ballots", "said"), [(0, "无有效票，不产生人选"), (1, "无人得票，不产生人选")])
def test_where_nobody_has_a_vote_nobody_is_elected_and_the_hall_is_told_why(scene, blank_ballots, said):
    spot_id = call(scene, "s1", "s2")
    for code in scene.all_codes[:blank_ballots]:
        pick(spot_id, code)
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert elected(spot_id) == []
    assert f"{said}。" in load_counted(spot_id).result.warnings
    assert MeetingScreen(scene.meeting_id).snapshot().state_text == said


def test_the_wall_says_how_many_to_choose_and_among_whom(scene):
    call(scene, "s1", "s2", "s3", seats=2)
    how = MeetingScreen(scene.meeting_id).snapshot().how
    assert how.steps[1] == "选 2 人"
    assert how.candidates == ("发改局", "教育局", "财政局")


def test_present_and_slips_not_handed_out_are_those_of_the_meeting(scene):
    record_numbers(CHAIR, scene.meeting_id, "all", present=9, left_over=2)
    board = load_board(call(scene, "s1", "s2"))
    assert (board.entitled, board.present, board.printed, board.issued) == (12, 9, 12, 10)


def test_two_people_end_and_count_a_vote_where_the_meeting_asks_for_two():
    scene = prepare_meeting(names=UNITS, two_people=True)
    with pytest.raises(NotReady):
        call(scene, "s1", "s2")
    assert list_spot_votes(scene.meeting_id) == []
    one, other = (
        account_for_sign_in(create_account(make_sign_in_link("启动", (Role.ORGANIZER,)), name, "一把好用的长密码"))
        for name in ("陈芳", "孙丽")
    )
    spot_id = call(scene, "s1", "s2")
    pick(spot_id, scene.all_codes[0], "s2")
    assert not announce_or_propose(one, scene.meeting_id, spot_id)
    with pytest.raises(SecondPersonSame):
        announce_or_propose(one, scene.meeting_id, spot_id)
    assert load_board(spot_id).round.state == "open"
    assert not announce_or_propose(other, scene.meeting_id, spot_id)
    assert load_board(spot_id).round.state == "closed"
    assert announce_or_propose(one, scene.meeting_id, spot_id)
    assert elected(spot_id) == ["教育局"]
    told = {entry.act: (entry.actor, entry.detail.get("proposed_by")) for entry in list_record_entries(spot_id)}
    assert (told["closed"], told["counted"]) == (("孙丽", "陈芳"), ("陈芳", "孙丽"))


TOWNSHIPS = ("街道镇乡一组", "街道镇乡二组", "街道镇乡三组")


RULES = """
format = 1
key = "own"
title = "自定方案"
grades = [
  { key = "good", label = "好", points = 100 },
  { key = "poor", label = "差", points = 0 },
]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
bands = [{ key = "reached", label = "达标", from = 90 }, { key = "not_reached", label = "不达标" }]
clauses = [{ key = "accident", label = "一票否决", effect = "veto", tier = "not_reached" }]
flags = [{ key = "candidate", label = "特优候选", kind = "top", count = 3, tiers = ["reached"] }]
"""


def test_classes_of_which_the_best_are_taken_together_compete_as_one():
    """By hand: 8 townships in groups of 3, 3 and 2 have 4 places; votes 10, 9, 5, 4, 2 and none; the four first win."""
    names = ("甲一", "甲二", "甲三", "乙一", "乙二", "乙三", "丙一", "丙二")
    scene = prepare_meeting(names=names)
    put_scheme(scene.meeting_id, load_preset("ganbu-zonghe"))
    groups = (*(TOWNSHIPS[:1] * 3), *(TOWNSHIPS[1:2] * 3), *(TOWNSHIPS[2:] * 2))
    entries = [
        SubjectEntry(name, "", "", label, SubjectKind.TEAM, "") for name, label in zip(names, groups, strict=True)
    ]
    change_subjects(CHAIR, scene.meeting_id, version_of(scene.meeting_id), entries)
    keys = {subject.name: subject.key for subject in load_meeting(scene.meeting_id)[0].subjects}
    spot_id = call(scene, *keys.values())
    votes = {"甲一": 10, "甲二": 9, "乙一": 5, "甲三": 4, "丙一": 2}
    for number in range(10):
        pick(spot_id, scene.all_codes[number], *[keys[name] for name, times in votes.items() if number < times][:4])
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    assert set(elected(spot_id)) == {"甲一", "甲二", "乙一", "甲三"}
    assert {subject.class_label for subject in load_meeting(spot_id)[0].subjects} == {"、".join(TOWNSHIPS)}


def test_the_best_by_the_rules_are_proposed_and_who_is_vetoed_is_barred():
    scene = prepare_meeting(names=UNITS)
    scheme = parse_scheme_text(RULES)
    put_scheme(scene.meeting_id, scheme)
    assert not any(each.is_proposed or each.is_barred for each in list_candidates(scene.meeting_id))
    open_meeting(CHAIR, scene.meeting_id)
    for code in scene.all_codes[:2]:
        cast(scene.meeting_id, code, "good", "good", "good", "poor")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    decide(CHAIR, scene.meeting_id, Decision("s1", "accident", "重大事故"))

    found = {each.subject.key: (each.is_proposed, each.is_barred) for each in list_candidates(scene.meeting_id)}

    assert found == {"s1": (False, True), "s2": (True, False), "s3": (True, False), "s4": (False, False)}
    with pytest.raises(FieldInvalid, match="发改局被一票否决，不能参加票决"):
        call(scene, "s1", "s2", "s3")
    assert list_spot_votes(scene.meeting_id) == []


DEPARTMENTS = ("综合、党群部门组", "政府部门组", "中央、市在黔单位组")


def test_at_the_size_of_the_seed_the_vote_on_the_spot_fills_the_list_of_five_tiers():
    """P16: 20 departments in three groups and 9 townships in three, all graded alike, goals 99 down to 90.

    By hand: the best 18 departments and 8 townships by goals are candidates; one township below 90 is 基本达标. All who
    vote pick the candidates from the last one up, 9 and 4: these are 特优, the other 9 and 4 are 优秀; what is left of
    达标 are the departments 19 and 20.
    """
    names = [*(f"部门{number:02}" for number in range(1, 21)), *(f"镇{number}" for number in range(1, 10))]
    scene = prepare_meeting(names=names)
    put_scheme(scene.meeting_id, load_preset("ganbu-zonghe"))
    groups = [*(DEPARTMENTS[number % 3] for number in range(20)), *(TOWNSHIPS[number % 3] for number in range(9))]
    change_subjects(
        CHAIR,
        scene.meeting_id,
        version_of(scene.meeting_id),
        [SubjectEntry(name, "", "", label, SubjectKind.TEAM, "") for name, label in zip(names, groups, strict=True)],
    )
    subjects = load_meeting(scene.meeting_id)[0].subjects
    goals = [Fraction(99) - Fraction(number, 4) for number in range(20)]
    goals += [Fraction(99) - number for number in range(8)] + [Fraction(85)]
    import_scores(
        CHAIR,
        scene.meeting_id,
        "goals",
        {subject.key: goal for subject, goal in zip(subjects, goals, strict=True)},
    )
    open_meeting(CHAIR, scene.meeting_id)
    fields = [
        (item_field(subject.key, dimension.key), "good")
        for subject in subjects
        for dimension in load_preset("ganbu-zonghe").sections[0].scheme.dimensions
    ]
    for code in scene.all_codes[:2]:
        cast_ballot(scene.meeting_id, "1", ticket=code, nonce=secrets.token_hex(16), round_number="", fields=fields)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)

    proposed = [each.subject for each in list_candidates(scene.meeting_id) if each.is_proposed]
    assert [subject.name for subject in proposed] == [*names[:18], *names[20:28]]
    spot_id = call(scene, *(subject.key for subject in proposed))
    winners = [*proposed[9:18], *proposed[22:26]]
    for code in scene.all_codes[:5]:
        pick(spot_id, code, *(subject.key for subject in winners))
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    announce_spot_vote(CHAIR, scene.meeting_id, spot_id)

    assert elected(spot_id) == [subject.name for subject in winners]
    rows = load_counted(scene.meeting_id).result.subjects
    tiers = {label: [row.subject.name for row in rows if row.tier_label == label] for label in FIVE}
    assert tiers == {
        "特优": [*names[9:18], *names[24:28]],
        "优秀": [*names[:9], *names[20:24]],
        "达标": names[18:20],
        "基本达标": [names[28]],
        "不达标": [],
    }
    (sheet,) = [filed.sheet for filed in load_filing(scene.meeting_id).sheets if filed.key == "team.tiers"]
    labels = {cell for row in sheet.rows for cell in row}
    assert labels >= set(FIVE)
    acts = [entry.act for entry in list_record_entries(scene.meeting_id)]
    assert acts.count("ruled") == 2


FIVE = ("特优", "优秀", "达标", "基本达标", "不达标")


def test_a_vote_to_which_nobody_is_entitled_is_not_called_and_leaves_nothing_behind(scene):
    change_groups(CHAIR, scene.meeting_id, version_of(scene.meeting_id), [Group("all", "全体", Fraction(1), 0)])
    with pytest.raises(NotReady, match="应到人数"):
        call(scene, "s1", "s2")
    assert list_spot_votes(scene.meeting_id) == []
    assert [line.id for line in list_meetings()] == [scene.meeting_id]
