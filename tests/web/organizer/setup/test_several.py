"""Sixty units in one spreadsheet become sixty meetings by one act, or none where a row is wrong."""

from __future__ import annotations

from io import BytesIO

import pytest
from desk import press, setup_of
from openpyxl import load_workbook
from scene import prepare_meeting

from kaohe.domain.people import Spell
from kaohe.operations.people.register import add_person, list_people
from kaohe.operations.setup.preparing import list_meetings

HEAD = "单位\t姓名\t职务"


def pasted(*rows: str) -> str:
    return "\n".join([HEAD, *rows])


def meetings(app):
    with app.app_context():
        return [line for line in list_meetings() if line.title == "2027年度测评会"]


def preview(app, signed_in, text: str, *, title: str = "2027年度测评会", status: int = 200):
    with app.app_context():
        like_id = prepare_meeting().meeting_id
    page = signed_in.get(signed_in.get(f"/desk/{like_id}/copy").soup.select_one("a[href$='/several']")["href"])
    return press(signed_in, page, f"/desk/{like_id}/several/preview", status=status, title=title, pasted=text)


def test_sixty_units_of_a_spreadsheet_get_a_meeting_each_by_one_act(app, signed_in):
    rows = [f"第{unit}局\t{name}{unit}\t局长" for unit in range(1, 61) for name in ("张伟", "李娜")]
    shown = preview(app, signed_in, pasted(*rows))
    assert "60 个单位，120 个考核对象" in shown.text
    assert meetings(app) == []
    made = signed_in.submit(shown, "/several")
    assert "已建立 60 场测评会" in made.text
    assert {line.unit for line in meetings(app)} == {f"第{unit}局" for unit in range(1, 61)}
    (seventh,) = [line for line in meetings(app) if line.unit == "第7局"]
    assert [subject.name for subject in setup_of(app, seventh.id).subjects] == ["张伟7", "李娜7"]
    signed_in.submit(shown, "/several")
    assert len(meetings(app)) == 60


def test_a_unit_whose_rows_stand_apart_gets_one_meeting_and_is_told_of_when_it_has_one_already(app, signed_in):
    text = pasted("统计局\t张伟\t局长", "教育局\t李娜\t局长", " 统计局 \t王芳\t副局长")
    shown = preview(app, signed_in, text)
    assert [row.th.text for row in shown.soup.select("form[action$='/several'] tbody tr")] == ["统计局", "教育局"]
    assert "已有名为" not in shown.text
    signed_in.submit(shown, "/several")
    (statistics,) = [line for line in meetings(app) if line.unit == "统计局"]
    assert [subject.name for subject in setup_of(app, statistics.id).subjects] == ["张伟", "王芳"]
    # Somebody goes back in the browser, adds a unit and sends the list again.
    shown = preview(app, signed_in, pasted("统计局\t张伟\t局长", "教育局\t李娜\t局长", "水利局\t周静\t局长"))
    assert "“统计局”、“教育局”已有名为“2027年度测评会”的测评会，确认后会再建一场" in shown.text
    shown = preview(app, signed_in, pasted("统计局\t张伟\t局长"), title="２０２７年 测评会")
    assert "“统计局”已有名为“２０２７年 测评会”的测评会" in shown.text
    for row, title in (("水利局\t周静\t局长", "2027年度测评会"), ("统计局\t张伟\t局长", "2028年度测评会")):
        assert "已有名为" not in preview(app, signed_in, pasted(row), title=title).text


def test_a_row_that_names_no_unit_is_to_be_mended_and_no_meeting_is_made(app, signed_in):
    shown = preview(app, signed_in, pasted("统计局\t张伟\t局长", "\t李娜\t科长"), status=422)
    assert "第 3 行 “李娜”没有写单位" in shown.text
    assert not shown.soup.select("form[action$='/several'] button")
    assert signed_in.submit(shown, "/several", status=422).error == "rows_refused"
    assert meetings(app) == []


def test_a_column_that_was_read_wrongly_is_chosen_before_the_meetings_are_made(app, signed_in):
    text = "归口\t姓名\t职务\n统计局\t张伟\t局长\n教育局\t李娜\t局长"
    shown = preview(app, signed_in, text, status=422)
    shown = signed_in.submit(shown, "/several/preview#account-title", **{"column-A-": "单位"})
    signed_in.submit(shown, "/several")
    assert sorted(line.unit for line in meetings(app)) == ["教育局", "统计局"]


def test_a_list_that_cannot_be_read_or_a_name_that_cannot_be_is_said_on_the_form(app, signed_in):
    shown = preview(app, signed_in, "", status=422)
    assert "请先粘贴名单" in shown.text
    assert press(signed_in, shown, shown.form("/several/preview")["action"], status=422, title="", pasted=HEAD).error


def test_who_of_the_register_somebody_is_is_asked_in_the_preview_and_not_after_it(app, signed_in):
    with app.app_context():
        add_person("测试", Spell("周静", "统计局", "局长"))
    shown = preview(app, signed_in, pasted("统计局\t李娜\t局长", "教育局\t周静\t局长"), status=422)
    assert "名单里的“周静”是人员库中的哪一位？" in shown.text
    assert not shown.soup.select("form[action$='/several'] button")
    assert signed_in.submit(shown, "/several", status=422).error == "roster_asks"
    shown = signed_in.submit(shown, "/several/preview", **{"person-1": "new"})
    signed_in.submit(shown, "/several")
    assert sorted(line.unit for line in meetings(app)) == ["教育局", "统计局"]
    with app.app_context():
        assert sorted(person.now.unit for person in list_people("周静")) == ["教育局", "统计局"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([f"第{number}局\t张伟\t局长" for number in range(201)], "这份名单有 201 个"),
        ([f"统计局\t张伟{number}\t科员" for number in range(301)], "“统计局”有 301 个考核对象，一场最多 300 个"),
        ([f"{'长' * 61}\t张伟\t局长"], "过长，请不超过 60 个字"),
    ],
)
def test_a_list_of_which_no_meetings_can_be_made_is_not_called_in_order(app, signed_in, rows, said):
    shown = preview(app, signed_in, pasted(*rows), status=422)
    assert said in shown.text
    assert "名单没有问题" not in shown.text
    assert shown.soup.select_one("#pasted").text.strip() == pasted(*rows)


def test_the_empty_table_of_many_units_is_filled_in_and_brought_back(app, signed_in):
    with app.app_context():
        url = f"/desk/{prepare_meeting().meeting_id}/several"
    page = signed_in.get(url)
    book = load_workbook(BytesIO(signed_in.http.get(page.soup.select_one("a[href$='table.xlsx']")["href"]).data))
    table = book["表格"]
    heads = [cell.value for cell in table[1]]
    for unit, name in (("统计局", "张伟"), ("教育局", "李娜")):
        table.append([{"单位": unit, "姓名": name}.get(head) for head in heads])
    filled = BytesIO()
    book.save(filled)
    brought = (BytesIO(filled.getvalue()), "table.xlsx")
    shown = press(signed_in, page, f"{url}/preview", title="2027年度测评会", file=brought)
    assert "2 个单位，2 个考核对象" in shown.text
