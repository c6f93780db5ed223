"""The page for ballots on paper."""

from __future__ import annotations

import pytest
from scene import CHAIR, count_what_came_back, hand_out_paper, hold_meeting

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.paper_ballots import load_paper, type_sheet


@pytest.fixture
def scene(app):
    with app.app_context():
        yield hold_meeting()


def save(client, scene, *cells: str, number: str = "", status: int = 200, act: str = "sheet"):
    url = f"/desk/{scene.meeting_id}/paper"
    page = client.get(url)
    form = page.soup.select_one(f"form[action='{url}/sheet']")
    names = [field["name"] for field in form.select(".paper-table input")]
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    fields |= {"number": number or form.select_one("[name=number]")["value"]}
    return client.post(f"{url}/{act}", {**fields, **dict(zip(names, cells, strict=True))}, status=status)


def test_before_the_close_the_page_says_how_many_forms_were_handed_out_and_where_that_is_said(signed_in, scene):
    url = f"/desk/{scene.meeting_id}/paper"
    page = signed_in.get(url)
    assert not page.soup.select("#sheet")
    assert "还没有登记发出多少张纸质票" in page.text
    assert page.soup.select_one(f"a[href='/desk/{scene.meeting_id}/chair#numbers']")
    hand_out_paper(scene.meeting_id, "all", 7)
    assert "已登记发出纸质票 7 张" in signed_in.get(url).text


def said(page):
    """The fields of the sheet as the page brought them back."""
    form = page.soup.select_one("form[action$='/paper/sheet']")
    return {field["name"]: field["value"] for field in form.select("input")}


def test_enter_in_the_first_cell_saves_nothing_and_the_open_cells_are_counted_aloud(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    asked = save(signed_in, scene, "优", "", "", status=409)
    assert "空了 2 格" in asked.text
    assert asked.soup.select_one("button[name=blanks]").text == "空 2 格按漏选计，保存"
    assert load_paper(scene.meeting_id).piles == {}
    signed_in.post(f"/desk/{scene.meeting_id}/paper/sheet", {**said(asked), "blanks": "1"}, status=409)
    signed_in.post(f"/desk/{scene.meeting_id}/paper/sheet", {**said(asked), "blanks": "2"})
    assert load_paper(scene.meeting_id).piles[CHAIR][1].marks == {("s1", "overall"): "excellent"}


def test_after_the_count_the_page_speaks_of_paper_only_where_there_was_paper(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    page = signed_in.get(f"/desk/{scene.meeting_id}/paper")
    assert "没有用纸质票" in page.text
    assert "已一并计入" not in page.text


def test_after_the_count_the_page_says_how_much_paper_was_counted(signed_in, scene):
    hand_out_paper(scene.meeting_id, "all", 2)
    close_meeting(CHAIR, scene.meeting_id)
    for person in (CHAIR, "李监票"):
        type_sheet(person, scene.meeting_id, 1, "all", {})
    assert "发出的还有 1 张没有录入" in signed_in.get(f"/desk/{scene.meeting_id}/paper").text
    count_what_came_back(CHAIR, scene.meeting_id)
    assert "纸质票 1 张已一并计入" in signed_in.get(f"/desk/{scene.meeting_id}/paper").text


def test_sheets_are_typed_one_after_the_other_and_shown_again(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    page = save(signed_in, scene, "1", "2", "0")
    assert page.soup.select_one("[name=number]")["value"] == "2"
    asked = save(signed_in, scene, "x", "", "4", status=409)
    assert asked.error == "paper_blanks"
    assert len(load_paper(scene.meeting_id).piles[CHAIR]) == 1
    page = signed_in.post(f"/desk/{scene.meeting_id}/paper/sheet", {**said(asked), "blanks": "1"})
    assert page.soup.select_one(".paper-table input").has_attr("autofocus")
    page = signed_in.get(f"/desk/{scene.meeting_id}/paper?number=1")
    assert [field["value"] for field in page.soup.select(".paper-table input")] == ["1", "2", "0"]
    assert "已录 2 张" in page.soup.get_text()
    assert "另一人" in page.soup.get_text()


def test_a_wrong_cell_is_refused_with_everything_kept(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    page = save(signed_in, scene, "1", "良", "2", number="3", status=422)
    assert "李娜" in page.soup.select_one("[data-error=paper_mark_unknown]").get_text()
    assert [field["value"] for field in page.soup.select(".paper-table input")] == ["1", "良", "2"]
    assert page.soup.select_one("[name=number]")["value"] == "3"
    assert load_paper(scene.meeting_id).piles == {}


@pytest.mark.parametrize("number", ["", "0", "abc", "99999"])
def test_a_number_that_is_none_is_refused_in_place(signed_in, scene, number):
    close_meeting(CHAIR, scene.meeting_id)
    save(signed_in, scene, "1", "1", "1", number=number or " ", status=422)
    assert load_paper(scene.meeting_id).piles == {}


def test_both_see_where_they_differ_and_the_count_waits(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    save(signed_in, scene, "1", "2", "3", number="5")
    fields = {f"i.s{number}.overall": text for number, text in enumerate(("1", "4", ""), 1)}
    type_sheet("李监票", scene.meeting_id, 5, "all", fields)
    page = signed_in.get(f"/desk/{scene.meeting_id}/paper")
    rows = [
        [cell.get_text() for cell in row.select("td")]
        for row in page.soup.select("[aria-labelledby=differences-title] tbody tr")
    ]
    in_order = sorted(("李监票", CHAIR)) == ["李监票", CHAIR]
    sides = [("不称职", "称职"), ("空", "基本称职")]
    shown = sides if in_order else [(one, other) for other, one in sides]
    assert rows == [["5", "李娜 · 总体评价", *shown[0]], ["5", "欧阳子涵 · 总体评价", *shown[1]]]
    chair = signed_in.get(f"/desk/{scene.meeting_id}/chair")
    fields = chair.fields(f"/desk/{scene.meeting_id}/count")
    refused = signed_in.post(f"/desk/{scene.meeting_id}/count", fields, status=409)
    assert "编号 5" in refused.soup.select_one("[data-error=paper_unsettled]").get_text()


def test_what_is_dropped_is_gone_and_the_page_after_the_count_says_so(signed_in, scene):
    close_meeting(CHAIR, scene.meeting_id)
    save(signed_in, scene, "1", "1", "1")
    save(signed_in, scene, "1", "1", "1", number="1", act="sheet/drop")
    assert load_paper(scene.meeting_id).piles == {}
    count_meeting(CHAIR, scene.meeting_id)
    assert load_counted(scene.meeting_id).result.turnout.cast == 0
    page = signed_in.get(f"/desk/{scene.meeting_id}/paper")
    assert not page.soup.select("form[action*=paper]")
    assert "已经开箱计票" in page.soup.get_text()
