"""Who grades whom in the console: drawn by units or by a list, seen as a grid, corrected cell by cell."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from desk import press, setup_of
from openpyxl import load_workbook
from scene import CHAIR, draft_meeting, version_of

from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.preparing import change_hall
from kaohe.operations.setup.subjects import change_subjects

OFFICE = [
    SubjectEntry("李娜", "一科", "科员"),
    SubjectEntry("张伟", "一科", "科员"),
    SubjectEntry("张伟", "二科", "科员"),
    SubjectEntry("赵敏", "二科", "科员"),
]


@pytest.fixture
def meeting_id(app):
    with app.app_context():
        meeting_id = draft_meeting("beian-pingshi", OFFICE)
        change_hall(
            CHAIR,
            meeting_id,
            version_of(meeting_id),
            hall_view=HallView.TURNOUT,
            custody=Custody.SERVER,
            shared_group=None,
            ballot_list_wanted=False,
        )
        return meeting_id


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/relations"


def graded(app, meeting_id):
    """Who may be graded by each group, by label."""
    setup = setup_of(app, meeting_id)
    names = {subject.key: f"{subject.unit}{subject.name}" for subject in setup.subjects}
    return {group.label: [names[key] for key in group.may_grade] for group in setup.groups}


def act(client, url, address, *, status=200, **fields):
    """Post one of the page's forms as it stands on the page."""
    page = client.get(url)
    form = page.soup.select_one(f'form[action="{address}"]')
    assert form is not None, address
    hidden = {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}
    typed = {tag["name"]: tag.get("value", "") for tag in form.select("input[type=text]")}
    return client.post(address, {**hidden, **typed, **fields}, status=status)


def by_unit(client, url, **fields):
    return act(client, url, f"{url}/units", relation="own_unit", entitled="1", **fields)


def test_a_preset_that_needs_it_has_the_step_and_says_so_until_it_is_drawn(signed_in, meeting_id, url):
    assert "评分关系" in signed_in.get(f"/desk/{meeting_id}/check").text
    assert "还没有划分" in signed_in.get(url).text
    by_unit(signed_in, url)
    assert "已分为 2 组" in signed_in.get(url).text


def test_a_group_is_divided_by_units_and_shown_as_a_grid(app, signed_in, meeting_id, url):
    by_unit(signed_in, url)
    assert graded(app, meeting_id) == {
        "科室负责人·一科": ["一科李娜", "一科张伟"],
        "科室负责人·二科": ["二科张伟", "二科赵敏"],
    }
    boxes = signed_in.get(url).soup.select(".grid input[type=checkbox]")
    assert [box.has_attr("checked") for box in boxes] == [True, False, True, False, False, True, False, True]


def test_a_single_cell_and_a_number_are_corrected(app, signed_in, meeting_id, url):
    by_unit(signed_in, url)
    boxes = signed_in.get(url).soup.select(".grid input[type=checkbox]")
    cells = [box["value"] for box in boxes if box.has_attr("checked")] + [boxes[6]["value"]]
    act(signed_in, url, f"{url}/cells", cells=cells, **{"parts-0-entitled": "6"})
    assert graded(app, meeting_id)["科室负责人·一科"] == ["一科李娜", "一科张伟", "二科赵敏"]
    assert [group.entitled for group in setup_of(app, meeting_id).groups] == [6, 1]
    before = setup_of(app, meeting_id)
    page = act(signed_in, url, f"{url}/cells", status=422, cells=cells[:1])
    assert "没有可评的考核对象" in page.text
    page = act(signed_in, url, f"{url}/cells", status=422, cells=cells, **{"parts-0-entitled": "0"})
    assert "每组人数应为 1 到" in page.text
    assert setup_of(app, meeting_id) == before


def test_a_list_of_leaders_divides_a_group_and_its_faults_are_told_by_row(app, signed_in, meeting_id, url):
    before = setup_of(app, meeting_id)
    bad = "姓名\t单位\t分管领导\n李娜\t\t陈副局长\n张伟\t\t陈副局长\n王五\t\t陈副局长\n赵敏\t二科\t"
    page = act(signed_in, url, f"{url}/list", status=422, pasted=bad, entitled="1")
    told = [" ".join(row.get_text(" ", strip=True).split()) for row in page.soup.select(".problems li")]
    assert [row.split(" ")[1] for row in told] == ["3", "4", "5"]
    assert "有 2 个“张伟”" in told[0]
    assert "考核对象中没有“王五”" in told[1]
    assert "没有写明谁来评" in told[2]
    assert bad in page.soup.select_one("textarea").get_text().replace("\r\n", "\n")
    twice = "姓名\t单位\t分管领导\n李娜\t\t陈副局长\n李娜\t一科\t陈副局长"
    assert "第 3 行与第 2 行重复" in act(signed_in, url, f"{url}/list", status=422, pasted=twice, entitled="1").text
    missing = "姓名\t单位\t分管领导\n李娜\t\t陈副局长\n张伟\t一科\t陈副局长\n赵敏\t\t王副局长"
    assert "“张伟”没有人评" in act(signed_in, url, f"{url}/list", status=422, pasted=missing, entitled="1").text
    assert setup_of(app, meeting_id) == before
    act(signed_in, url, f"{url}/list", pasted=f"{missing}\n张伟\t二科\t王副局长", entitled="1")
    assert graded(app, meeting_id) == {
        "科室负责人·陈副局长": ["一科李娜", "一科张伟"],
        "科室负责人·王副局长": ["二科张伟", "二科赵敏"],
    }


@pytest.mark.parametrize(
    ("way", "fields", "said"),
    [
        ("units", {"relation": "everybody", "entitled": "1"}, "请选择评本单位还是评其他单位"),
        ("units", {"relation": "own_unit", "entitled": "many"}, "应为不小于 0 的整数"),
        ("units", {"relation": "own_unit", "entitled": "0"}, "每组人数应为 1 到"),
        ("units", {"relation": "own_unit", "entitled": "1", "group": "nobody"}, "没有这个票种"),
        ("units", {"relation": "other_units", "entitled": "1", "group": "section_head"}, ""),
        ("list", {"pasted": " ", "entitled": "1"}, "请粘贴名单或选择文件"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence_and_stores_nothing(
    app, signed_in, meeting_id, url, way, fields, said
):
    before = setup_of(app, meeting_id).groups
    page = act(signed_in, url, f"{url}/{way}", status=422 if said else 200, **fields)
    assert said in page.text
    assert (setup_of(app, meeting_id).groups == before) == bool(said)


def test_a_small_form_is_confirmed_as_named_and_says_so_on_the_phone(app, signed_in, meeting_id, url):
    by_unit(signed_in, url)
    assert "有 2 组不足 5 人" in signed_in.get(url).text
    act(signed_in, url, f"{url}/named")
    assert "不足 5 人：评分看得出" not in signed_in.get(url).text
    assert "记名" in signed_in.get(url).soup.select_one(".grid thead").get_text()
    tickets = f"/desk/{meeting_id}/tickets"
    page = press(signed_in, signed_in.get(tickets), f"{tickets}/missing")
    assert "共制 2 张" in page.text
    assert "共制 0 张" in press(signed_in, signed_in.get(tickets), f"{tickets}/missing").text
    with app.app_context():
        path = re.sub(r"^.*?(/v/.*)#.*$", r"\1", list_tickets(meeting_id)[0].url)
        open_meeting(CHAIR, meeting_id)
    assert "记名：填这张表的不足 5 人" in signed_in.get(path).text
    assert "记名测评" in signed_in.get(f"{path}/privacy").text


def test_a_divided_group_is_made_whole_and_its_numbers_are_kept_among_the_voters(app, signed_in, meeting_id, url):
    by_unit(signed_in, url)
    voters = f"/desk/{meeting_id}/voters"
    page = signed_in.get(voters)
    assert "按评分关系分为 2 组" in page.text
    signed_in.submit(page, voters, **{"groups-0-label": "处室负责人"})
    assert list(graded(app, meeting_id)) == ["处室负责人·一科", "处室负责人·二科"]
    act(signed_in, url, f"{url}/whole")
    assert [(group.label, group.entitled) for group in setup_of(app, meeting_id).groups] == [("处室负责人", 2)]


def test_a_large_grid_is_shown_unit_by_unit(app, signed_in):
    people = [SubjectEntry(f"{unit}科{number}", f"第{unit}科") for unit in range(20) for number in range(5)]
    with app.app_context():
        meeting_id = draft_meeting("beian-pingshi", people)
    url = f"/desk/{meeting_id}/relations"
    by_unit(signed_in, url)
    page = signed_in.get(url)
    assert len(page.soup.select(".grid-units a")) == 20
    assert len(page.soup.select(".grid tbody tr")) == 5
    signed_in.get(f"{url}?unit=第99科", status=404)
    second = signed_in.get(f"{url}?unit=第1科")
    cells = [box["value"] for box in second.soup.select(".grid tbody input[checked]")]
    assert len(cells) == 5
    form = {tag["name"]: tag.get("value", "") for tag in second.soup.select("#grid input:not([type=checkbox])")}
    signed_in.post(f"{url}/cells", {**form, "cells": [*cells, cells[0].replace("-2:", "-1:")]})
    setup = setup_of(app, meeting_id)
    assert [len(group.may_grade) for group in setup.groups][:3] == [6, 5, 5]
    # A unit that somebody else has renamed meanwhile is no block any more, and that is said on the page.
    with app.app_context():
        change_subjects(CHAIR, meeting_id, setup.version, [replace(each, unit=f"新{each.unit}") for each in people])
    refused = signed_in.post(f"{url}/cells", {**form, "cells": cells}, status=409)
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one(".grid-units")


def test_the_table_of_who_grades_whom_is_taken_out_filled_in_and_brought_back(app, signed_in, meeting_id, url):
    reply = signed_in.http.get(f"{url}/table.xlsx")
    book = load_workbook(BytesIO(reply.data))
    table = book["表格"]
    assert [[cell.value for cell in row[:3]] for row in table.iter_rows(min_row=2)] == [
        [entry.name, entry.unit, entry.post] for entry in OFFICE
    ]
    for row, grader in zip(table.iter_rows(min_row=2), ("陈副局长", "陈副局长", "王副局长", "王副局长"), strict=True):
        row[3].value = grader
    filled = BytesIO()
    book.save(filled)
    act(signed_in, url, f"{url}/list", file=(BytesIO(filled.getvalue()), "table.xlsx"), entitled="1")
    assert graded(app, meeting_id) == {
        "科室负责人·陈副局长": ["一科李娜", "一科张伟"],
        "科室负责人·王副局长": ["二科张伟", "二科赵敏"],
    }
