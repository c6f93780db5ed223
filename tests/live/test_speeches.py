"""What the hall sees while subjects speak."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scene import CHAIR, prepare_meeting

from kaohe.domain.speaking import Speaking
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Heading, LiveTally, Speeches, TurnoutOnly, Waiting
from kaohe.live.speeches import COLUMNS_A_PAGE, LINES_A_COLUMN, speeches
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.speaking import begin_speech, draw_speaking_order, end_speech, load_speaking, show_speaking
from kaohe.tally.model import Subject

HEADING = Heading("竞争上岗", "青山区统计局", "", is_rehearsal=False, record_text="")
BEGAN = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)


def shown(count: int, *, classes: int = 1, current: int | None = None, is_on: bool = False) -> Speeches:
    order = tuple(
        Subject(f"s{number}", f"第{number}人", class_label=f"岗位{number % classes}") for number in range(count)
    )
    order = tuple(sorted(order, key=lambda subject: subject.class_label))
    speaker = None if current is None else order[current]
    return speeches(HEADING, Speaking(order, timedelta(minutes=5), speaker, BEGAN if is_on else None, is_shown=True))


def test_a_long_list_is_shared_out_among_columns_and_pages():
    found = shown(65)
    assert all(len(speakers) <= LINES_A_COLUMN for page in found.pages for _, speakers in page)
    assert all(len(page) <= COLUMNS_A_PAGE for page in found.pages)
    names = [speaker.name for page in found.pages for _, speakers in page for speaker in speakers]
    assert names == [f"第{number}人" for number in range(65)]


def test_classes_have_headings_only_where_there_are_several():
    assert {label for page in shown(5).pages for label, _ in page} == {""}
    assert [label for page in shown(6, classes=2).pages for label, _ in page] == ["岗位0", "岗位1"]


def test_the_page_of_the_current_speaker_comes_first():
    assert shown(65, current=0).current_page == 1
    assert shown(65, current=64).current_page == 3


def test_a_speaker_has_spoken_when_the_next_begins_or_the_clock_stops():
    def done(found: Speeches) -> list[bool]:
        return [speaker.has_spoken for page in found.pages for _, speakers in page for speaker in speakers]

    assert done(shown(3)) == [False, False, False]
    assert done(shown(3, current=1, is_on=True)) == [True, False, False]
    assert done(shown(3, current=1)) == [True, True, False]


def test_the_state_says_what_happens_next():
    texts = [
        shown(0).state_text,
        shown(2).state_text,
        shown(2, current=0, is_on=True).state_text,
        shown(2, current=0).state_text,
        shown(2, current=1).state_text,
    ]
    assert texts == ["等待抽签", "演讲即将开始", "正在演讲", "请下一位准备", "演讲结束，等待投票"]


def test_the_clock_is_given_as_the_moment_it_began():
    found = shown(2, current=0, is_on=True)
    assert found.started_ms == str(int(BEGAN.timestamp()) * 1000)
    assert found.limit_ms == "300000"
    assert found.speaking is not None
    assert shown(2, current=0).started_ms == ""


def test_the_screen_shows_speeches_until_voting_begins(app):
    with app.app_context():
        meeting_id = prepare_meeting().meeting_id
        screen = MeetingScreen(meeting_id)
        assert isinstance(screen.snapshot(), Waiting)
        draw_speaking_order(CHAIR, meeting_id)
        assert isinstance(screen.snapshot(), Speeches)
        begin_speech(CHAIR, meeting_id, load_speaking(meeting_id).order[0].key)
        during = screen.snapshot()
        assert isinstance(during, Speeches)
        assert during.speaking is not None
        end_speech(CHAIR, meeting_id)
        show_speaking(meeting_id, is_shown=False)
        assert isinstance(screen.snapshot(), Waiting)
        show_speaking(meeting_id, is_shown=True)
        open_meeting(CHAIR, meeting_id)
        assert isinstance(screen.snapshot(), LiveTally | TurnoutOnly)
