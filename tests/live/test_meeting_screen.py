"""What the hall sees in each state of a meeting."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from scene import CHAIR, EVERYONE, NAMES, THREE_GROUPS, Scene, cast, hold_meeting, prepare_meeting

from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Closed, LiveTally, Reveal, RevealedRow, TurnoutOnly, VeiledRow, Waiting
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets, wipe_rehearsal
from kaohe.tally.scheme.scheme import PercentBase

FORTY = (Group("all", "全体", Fraction(1), 40),)


@pytest.fixture(autouse=True)
def installed(app):
    with app.app_context():
        yield


def cast_all(scene: Scene, *grades: str, start: int = 0, stop: int | None = None) -> None:
    for code in scene.all_codes[start:stop]:
        cast(scene.meeting_id, code, *grades)


def count_and_publish(scene: Scene) -> None:
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    publish_result(CHAIR, scene.meeting_id)


def test_before_voting_the_screen_says_how_to_vote():
    shown = MeetingScreen(prepare_meeting().meeting_id).snapshot()
    assert isinstance(shown, Waiting)
    assert shown.entitled_text == "12"
    assert shown.heading.title == "年度民主测评会"
    assert not shown.heading.is_rehearsal
    assert len(shown.how.steps) == 3
    assert shown.how.pool_code_text is None
    assert shown.how.caution is None


def test_with_a_shared_code_the_screen_says_what_it_cannot_prevent():
    scene = prepare_meeting(shared_group="all")
    shown = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(shown, Waiting)
    assert shown.how.pool_code_text is not None
    assert len(shown.how.pool_code_text) == 9
    assert shown.how.caution == "一部手机领一张票，领满到会人数为止。"


def test_turnout_shows_how_many_and_nothing_else():
    scene = hold_meeting()
    screen = MeetingScreen(scene.meeting_id)
    cast_all(scene, "excellent", stop=7)
    shown = screen.snapshot()
    assert isinstance(shown, TurnoutOnly)
    assert (shown.numbers.cast_text, shown.numbers.entitled_text) == ("7", "12")
    assert shown.numbers.percent_text == "58.3%"
    assert shown.numbers.bar == 5833
    assert shown.numbers.issued_text == "12"
    assert shown.numbers.present_text is None


def test_those_present_are_shown_once_the_chair_has_said_how_many():
    scene = hold_meeting()
    record_numbers(CHAIR, scene.meeting_id, "all", present=10, left_over=2)
    shown = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(shown, TurnoutOnly)
    assert (shown.numbers.present_text, shown.numbers.issued_text) == ("10", "10")


def test_the_number_of_ballots_moves_in_steps_of_two_seconds(monkeypatch):
    monkeypatch.setattr("kaohe.live.shown_ballots.TURNOUT_STEP_SECONDS", 3600)
    scene = hold_meeting(groups=FORTY, hall_view=HallView.BATCHED)
    screen = MeetingScreen(scene.meeting_id)
    cast_all(scene, "excellent", stop=1)
    assert screen.snapshot().numbers.cast_text == "1"
    cast_all(scene, "excellent", start=1, stop=25)
    held = screen.snapshot()
    assert (held.numbers.cast_text, held.counted_text) == ("1", "0")
    close_meeting(CHAIR, scene.meeting_id)
    closed = screen.snapshot()
    assert isinstance(closed, Closed)
    assert closed.numbers.cast_text == "25"


def test_a_pause_is_said():
    scene = hold_meeting()
    pause_meeting(CHAIR, scene.meeting_id)
    assert MeetingScreen(scene.meeting_id).snapshot().state_text == "已暂停收票，请稍候"


def test_after_the_close_the_hall_waits_without_a_result():
    scene = hold_meeting(custody=Custody.TELLERS)
    cast_all(scene, "competent")
    screen = MeetingScreen(scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    closed = screen.snapshot()
    assert isinstance(closed, Closed)
    assert closed.numbers.cast_text == "12"
    assert closed.state_text == "投票已结束，等待计票"
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    counted = screen.snapshot()
    assert isinstance(counted, Closed)
    assert counted.state_text == "已计票，等待公布"


def test_batched_tallies_count_ten_once_twenty_are_in():
    scene = hold_meeting(groups=FORTY, hall_view=HallView.BATCHED)
    screen = MeetingScreen(scene.meeting_id)
    before = screen.snapshot()
    assert isinstance(before, LiveTally)
    assert before.counted_text == "0"
    assert all(row.score_text is None for row in before.pages[0])
    cast_all(scene, "excellent", "competent", "abstain", stop=19)
    assert screen.snapshot().counted_text == "0"
    cast_all(scene, "excellent", "competent", "abstain", start=19, stop=20)
    shown = screen.snapshot()
    assert isinstance(shown, LiveTally)
    assert shown.counted_text == "10"
    assert shown.numbers.cast_text == "20"
    first, second, third = shown.pages[0]
    assert [segment.count_text for segment in first.segments] == ["10", "0", "0", "0", "0"]
    assert (first.score_text, first.rank_text) == ("100.00", "1")
    assert (second.score_text, second.rank_text) == ("80.00", "2")
    assert third.segments[-1].count_text == "10"
    assert (third.segments[-1].start, third.segments[-1].length) == (0, 10_000)
    assert (third.score_text, third.rank_text) == (None, None)


@pytest.mark.parametrize("hall_view", HallView)
def test_after_the_close_every_screen_is_neutral_until_the_result_is_published(hall_view):
    scene = hold_meeting(groups=FORTY, hall_view=hall_view)
    screen = MeetingScreen(scene.meeting_id)
    screen.snapshot()
    cast_all(scene, "excellent", stop=35)
    screen.snapshot()
    close_meeting(CHAIR, scene.meeting_id)
    closed = screen.snapshot()
    assert isinstance(closed, Closed)
    assert (closed.numbers.cast_text, closed.numbers.entitled_text) == ("35", "40")
    assert "投票已结束" in closed.state_text
    count_meeting(CHAIR, scene.meeting_id)
    counted = screen.snapshot()
    assert isinstance(counted, Closed)
    assert "等待公布" in counted.state_text
    publish_result(CHAIR, scene.meeting_id)
    revealed = screen.snapshot()
    assert isinstance(revealed, Reveal)
    assert all(isinstance(row, VeiledRow) for row in revealed.pages[0].rows)


def test_a_restart_shows_nothing_until_ten_more_are_in():
    scene = hold_meeting(groups=FORTY, hall_view=HallView.BATCHED)
    first = MeetingScreen(scene.meeting_id)
    first.snapshot()
    cast_all(scene, "excellent", stop=25)
    assert first.snapshot().counted_text == "10"
    second = MeetingScreen(scene.meeting_id)
    assert second.snapshot().counted_text == "0"
    cast_all(scene, "excellent", start=25, stop=35)
    assert second.snapshot().counted_text == "25"


def test_instant_tallies_count_every_ballot_and_its_last_picture_is_whole():
    scene = hold_meeting(hall_view=HallView.INSTANT)
    screen = MeetingScreen(scene.meeting_id)
    for number, code in enumerate(scene.all_codes[:5], 1):
        cast(scene.meeting_id, code, "basically_competent")
        shown = screen.snapshot()
        assert (shown.counted_text, shown.numbers.cast_text) == (str(number), str(number))
        assert shown.pages[0][0].score_text == "60.00"
    cast_all(scene, "excellent", start=5)
    assert screen.snapshot().counted_text == "12"


def test_a_live_tally_says_what_the_published_result_says():
    scene = hold_meeting(groups=THREE_GROUPS, hall_view=HallView.INSTANT, preset="de-neng-qin-ji-lian")
    screen = MeetingScreen(scene.meeting_id)
    for number, code in enumerate(scene.all_codes):
        marks = [("excellent", "competent", "incompetent", "abstain")[number * i % 4] for i in range(15)]
        cast(scene.meeting_id, code, *marks)
    live = screen.snapshot()
    count_and_publish(scene)
    reveal_all(CHAIR, scene.meeting_id)
    published = screen.snapshot().pages
    assert [_words(row) for row in live.pages[0]] == [_words(row) for page in published for row in page.rows]


def _words(row):
    return row.name, row.note, row.segments, row.score_text, row.rank_text, row.is_tied


def test_a_batched_view_of_weighted_groups_shows_no_score_that_could_be_taken_apart():
    groups = (Group("a", "A票", Fraction(1, 2), 5), Group("b", "B票", Fraction(1, 2), 30))
    scene = hold_meeting(groups=groups, hall_view=HallView.BATCHED)
    screen = MeetingScreen(scene.meeting_id)
    screen.snapshot()
    cast_all(scene, "excellent")
    shown = screen.snapshot()
    assert isinstance(shown, LiveTally)
    assert shown.counted_text == "20"
    assert [(row.score_text, row.rank_text, row.is_tied) for row in shown.pages[0]] == [(None, None, False)] * 3
    assert shown.pages[0][0].segments[0].rate_text == "100.00%"
    assert "公布时显示" in shown.rule_text


def test_votes_are_shown_without_rates_while_a_number_to_divide_by_is_unknown():
    scene = hold_meeting(hall_view=HallView.INSTANT, score_base=PercentBase.PRESENT, rate_base=PercentBase.PRESENT)
    screen = MeetingScreen(scene.meeting_id)
    cast_all(scene, "competent", stop=6)
    row = screen.snapshot().pages[0][0]
    assert [segment.count_text for segment in row.segments] == ["0", "6", "0", "0", "0"]
    assert (row.score_text, row.segments[1].rate_text) == (None, None)
    record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=0)
    row = screen.snapshot().pages[0][0]
    assert (row.score_text, row.segments[1].rate_text) == ("40.00", "50.00%")


def test_more_subjects_than_can_be_read_are_put_on_pages():
    scene = hold_meeting(names=tuple(f"对象{n}" for n in range(1, 20)), hall_view=HallView.INSTANT)
    assert [len(page) for page in MeetingScreen(scene.meeting_id).snapshot().pages] == [5, 5, 5, 4]


def test_a_rehearsal_is_named_and_shows_its_own_ballots_at_once():
    scene = prepare_meeting(hall_view=HallView.BATCHED)
    start_rehearsal(CHAIR, scene.meeting_id)
    screen = MeetingScreen(scene.meeting_id)
    cast(scene.meeting_id, trial_tickets(scene.meeting_id)[0].code, "excellent")
    shown = screen.snapshot()
    assert isinstance(shown, LiveTally)
    assert shown.heading.is_rehearsal
    assert shown.counted_text == "1"
    wipe_rehearsal(CHAIR, scene.meeting_id)
    assert isinstance(screen.snapshot(), Waiting)
    open_meeting(CHAIR, scene.meeting_id)
    real = screen.snapshot()
    assert isinstance(real, LiveTally)
    assert (real.heading.is_rehearsal, real.counted_text) == (False, "0")


def test_a_rehearsal_of_a_meeting_that_shows_only_turnout_shows_only_turnout():
    scene = prepare_meeting(hall_view=HallView.TURNOUT)
    start_rehearsal(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, trial_tickets(scene.meeting_id)[0].code, "excellent")
    shown = MeetingScreen(scene.meeting_id).snapshot()
    assert isinstance(shown, TurnoutOnly)
    assert shown.heading.is_rehearsal


def test_subjects_are_revealed_one_by_one_with_the_texts_of_the_result():
    scene = hold_meeting()
    cast_all(scene, "excellent", "competent", "incompetent", stop=8)
    cast_all(scene, "competent", "competent", "abstain", start=8)
    screen = MeetingScreen(scene.meeting_id)
    count_and_publish(scene)
    result = load_counted(scene.meeting_id).result
    for revealed in range(len(NAMES) + 1):
        shown = screen.snapshot()
        assert isinstance(shown, Reveal)
        rows = shown.pages[0].rows
        assert [isinstance(row, RevealedRow) for row in rows] == [n < revealed for n in range(3)]
        for row, expected in zip(rows[:revealed], result.subjects, strict=False):
            assert isinstance(row, RevealedRow)
            assert row.name == expected.subject.name
            assert row.score_text == expected.score.text
            assert row.rank_text == str(expected.rank)
            assert [s.count_text for s in row.segments[:4]] == [str(share.count) for share in expected.shares]
            assert [s.rate_text for s in row.segments[:4]] == [f"{share.rate.text}%" for share in expected.shares]
        reveal_next(CHAIR, scene.meeting_id)
    assert shown.state_text == "已全部公布"
    assert shown.turnout_text == "应到 12 · 发出 12 · 收回 12 · 有效 12 · 无效 0"


def test_the_reveal_names_the_page_of_the_newest_subject():
    scene = hold_meeting(names=tuple(f"对象{n}" for n in range(1, 11)), groups=EVERYONE)
    cast_all(scene, "excellent")
    screen = MeetingScreen(scene.meeting_id)
    count_and_publish(scene)
    pages = []
    for _ in range(10):
        reveal_next(CHAIR, scene.meeting_id)
        pages.append(screen.snapshot().newest_page)
    assert pages == [1] * 5 + [2] * 5


def test_a_voided_round_gives_way_to_the_next_and_shows_nothing_of_the_old_one():
    scene = hold_meeting(groups=FORTY, hall_view=HallView.BATCHED)
    screen = MeetingScreen(scene.meeting_id)
    screen.snapshot()
    cast_all(scene, "excellent", stop=30)
    assert screen.snapshot().counted_text == "20"
    void_round(CHAIR, scene.meeting_id, "设备故障")
    waiting = screen.snapshot()
    assert isinstance(waiting, Waiting)
    assert waiting.heading.round_text == "第 2 轮"
    assert "作废" in waiting.state_text
    assert "设备故障" not in str(waiting)
    open_meeting(CHAIR, scene.meeting_id)
    again = screen.snapshot()
    assert isinstance(again, LiveTally)
    assert (again.counted_text, again.numbers.cast_text) == ("0", "0")


def test_looking_twice_at_the_same_meeting_gives_equal_snapshots():
    scene = hold_meeting(hall_view=HallView.INSTANT)
    cast_all(scene, "excellent")
    screen = MeetingScreen(scene.meeting_id)
    first = screen.snapshot()
    assert first == screen.snapshot()
    assert first != replace(first, counted_text="11")


def test_the_head_of_the_record_stands_on_the_screen_once_voting_has_ended():
    scene = hold_meeting()
    screen = MeetingScreen(scene.meeting_id)
    assert screen.snapshot().heading.record_text == ""
    shown = []
    for act in (close_meeting, count_meeting, publish_result):
        act(CHAIR, scene.meeting_id)
        shown.append(screen.snapshot().heading.record_text)
        head = record_head(scene.meeting_id)
        assert head
        assert shown[-1] == head.text
    assert len(set(shown)) == 3


def test_a_rehearsal_shows_no_head():
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    assert MeetingScreen(scene.meeting_id).snapshot().heading.record_text == ""
