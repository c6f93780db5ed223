"""The list of meetings: what is archived, deleted and put back, what is sought, and what stands below what."""

from __future__ import annotations

from datetime import date

import pytest
from holding import published
from scene import CHAIR, hold_meeting, prepare_meeting

from kaohe.cli.example import prepare_example
from kaohe.domain.meetings import MeetingState, Shelf
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting
from kaohe.web.organizer.setup import meeting_list


def titles(page) -> list[str]:
    return [each.get_text() for each in page.soup.select(".meetings-title")]


def make(app, title: str, day: date | None = None) -> str:
    with app.app_context():
        return create_meeting(CHAIR, title=title, unit="统计局", held_on=day, preset_id="si-deng")


def put(signed_in, meeting_id: str, how: str, *, status: int = 200):
    page = signed_in.get("/desk/?shelf=deleted") if how == "put-back" else signed_in.get("/desk/")
    token = page.soup.select_one("[name=csrf_token]")["value"]
    return signed_in.post(f"/desk/{meeting_id}/{how}", {"csrf_token": token}, status=status)


def offers(signed_in, meeting_id: str, how: str) -> bool:
    return bool(signed_in.get("/desk/").soup.select(f'form[action="/desk/{meeting_id}/{how}"]'))


def test_a_draft_made_by_mistake_goes_and_comes_back_with_all_that_was_in_it(app, signed_in):
    with app.app_context():
        meeting_id = prepare_meeting().meeting_id
    make(app, "另一场")
    gone = put(signed_in, meeting_id, "delete")
    assert titles(gone) == ["另一场"]
    assert "已删除：" in gone.text
    assert [each.get_text() for each in gone.soup.select(".meetings-shelves a")] == ["在列 1", "已归档 0", "已删除 1"]
    # Pressed twice it goes once.
    assert titles(put(signed_in, meeting_id, "delete")) == ["另一场"]
    with app.app_context():
        assert [line.title for line in list_meetings()] == ["另一场"]
    (undo,) = gone.soup.select(f'form[action="/desk/{meeting_id}/put-back"]')
    back = signed_in.submit(gone, undo["action"])
    assert len(titles(back)) == 2
    assert "已放回列表" in back.text
    record = signed_in.get(f"/desk/{meeting_id}/events").text
    assert record.count("从列表中删除会议") == record.count("把会议放回列表") == 1


def test_what_was_held_is_archived_once_it_is_published_and_never_deleted(app, signed_in):
    held = published(app).meeting_id
    with app.app_context():
        open_id = hold_meeting().meeting_id
    assert titles(put(signed_in, held, "archive")) == titles(signed_in.get("/desk/"))
    assert len(titles(signed_in.get("/desk/"))) == 1
    assert len(titles(signed_in.get("/desk/?shelf=archived"))) == 1
    for meeting_id, how in ((held, "delete"), (open_id, "delete"), (open_id, "archive")):
        assert put(signed_in, meeting_id, how, status=409).error == "wrong_state"
    with app.app_context():
        assert {line.id: line.shelf for line in list_meetings()} == {held: Shelf.ARCHIVED, open_id: Shelf.CURRENT}
    assert not offers(signed_in, open_id, "delete")
    assert not offers(signed_in, open_id, "archive")


def test_the_example_may_be_deleted_although_people_vote_in_it(app, signed_in):
    with app.app_context():
        meeting_id, _ = prepare_example()
        assert load_meeting(meeting_id)[1].state is MeetingState.OPEN
    assert offers(signed_in, meeting_id, "delete")
    put(signed_in, meeting_id, "delete")
    assert titles(signed_in.get("/desk/")) == []


def test_a_vote_on_the_spot_stands_below_its_meeting(app, signed_in):
    scene = published(app)
    with app.app_context():
        keys = [subject.key for subject in load_meeting(scene.meeting_id)[0].subjects]
        call_spot_vote(CHAIR, scene.meeting_id, title="推荐人选", subject_keys=keys, seats=1)
    make(app, "较晚建立的一场")
    page = signed_in.get("/desk/")
    assert len(titles(page)) == 3
    lines = page.soup.select(".meetings-line")
    assert ["meetings-within" in line["class"] for line in lines] == [False, False, True]
    assert "现场票决" in lines[2].get_text()


def test_a_round_that_was_voided_is_no_line_of_its_own_and_the_list_says_which_round_it_is(app, signed_in):
    with app.app_context():
        meeting_id = hold_meeting().meeting_id
        void_round(CHAIR, meeting_id, "票箱移动过")
    (line,) = signed_in.get("/desk/").soup.select(".meetings-line")
    assert "第 2 轮" in line.get_text()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("year=2025", ["第3场", "第1场"]),
        ("year=2026&sought=第2", ["第2场"]),
        ("state=draft&year=2026", ["第2场", "第0场"]),
        ("state=open", []),
        ("shelf=current&page=9&year=2025", ["第3场", "第1场"]),
    ],
)
def test_the_list_is_sought_by_state_and_year(app, signed_in, asked, found):
    for number in range(4):
        make(app, f"第{number}场", date(2026 - number % 2, 3, 1))
    assert titles(signed_in.get(f"/desk/?{asked}")) == found


def test_a_long_list_comes_page_by_page(app, signed_in, monkeypatch):
    monkeypatch.setattr(meeting_list, "_LINES_OF_A_PAGE", 3)
    for number in range(7):
        make(app, f"第{number}场")
    seen, page = [], signed_in.get("/desk/?sought=场")
    for pages in range(3):
        seen += titles(page)
        links = {link.get_text(): link["href"] for link in page.soup.select(".list-pages a")}
        assert ("上一页" in links, "下一页" in links) == (pages > 0, pages < 2)
        page = signed_in.get(links.get("下一页", links.get("上一页")))
    assert sorted(seen) == [f"第{number}场" for number in range(7)]
    assert titles(signed_in.get("/desk/?page=99")) == seen[-1:]
