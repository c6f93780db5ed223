"""The subjects of a meeting: pasted, from files, one at a time; nothing is stored before it is confirmed."""

from __future__ import annotations

from io import BytesIO

import pytest
from desk import make_account, new_meeting, press, setup_of, sign_in_as
from openpyxl import Workbook
from openpyxl.styles import Font
from scene import draft_meeting, hold_meeting
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from kaohe.intake.spreadsheets import MAX_FILE_BYTES
from kaohe.tally.model import SubjectKind
from kaohe.web.bodies import SIGNED_IN_BODY

ROWS = [["姓名", "单位", "职务"], ["张伟", "办公室", "主任"], ["李娜", "财务科", "科长"], ["领导班子", "", ""]]
PASTED = "\n".join("\t".join(row) for row in ROWS)


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/subjects"


@pytest.fixture
def filled(signed_in, url):
    """The console with three subjects on the list."""
    press(signed_in, signed_in.get(url), f"{url}/take", mode="replace", pasted=PASTED)
    return signed_in


def _names(app, meeting_id):
    return [subject.name for subject in setup_of(app, meeting_id).subjects]


def _workbook(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_pasted_list_is_shown_before_it_is_stored(app, signed_in, meeting_id, url):
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", pasted=PASTED)
    assert [cell.text for cell in page.soup.select("tbody th")] == ["张伟", "李娜", "领导班子"]
    assert _names(app, meeting_id) == []
    signed_in.submit(page, "/take")
    subjects = setup_of(app, meeting_id).subjects
    assert [(s.name, s.unit, s.post) for s in subjects[:2]] == [("张伟", "办公室", "主任"), ("李娜", "财务科", "科长")]
    assert subjects[2].kind is SubjectKind.TEAM


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("名单.xlsx", _workbook(ROWS)),
        ("名单.csv", "姓名,单位,职务\n张伟,办公室,主任\n李娜,财务科,科长\n领导班子,,".encode("gb18030")),
        ("名单.csv", "\ufeff姓名,单位,职务\n张伟,办公室,主任\n李娜,财务科,科长\n领导班子,,".encode()),
    ],
)
def test_a_file_is_read_into_the_same_preview(app, signed_in, meeting_id, url, name, content):
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", file=(BytesIO(content), name))
    assert [cell.text for cell in page.soup.select("tbody th")] == ["张伟", "李娜", "领导班子"]
    assert _names(app, meeting_id) == []


def test_of_a_list_of_entries_the_post_without_competition_goes_to_a_recommendation(app, signed_in):
    with app.app_context():
        meeting_id = draft_meeting("jingzheng-shanggang", [])
    url = f"/desk/{meeting_id}/subjects"
    entries = (
        "竞争上岗报名登记表\n姓名\t现任职务\t报名职位\n"
        "李娜\t科员\t办公室主任\n张伟\t科员\t办公室主任\n赵敏\t科员\t财务科长"
    )
    press(signed_in, signed_in.get(url), f"{url}/take", pasted=entries, mode="replace")
    page = signed_in.get(url)
    assert "财务科长：赵敏" in page.text
    made = signed_in.submit(page, f"{url}/recommend")
    assert "移来 1 名人选" in made.text
    assert [name.get_text(" ", strip=True) for name in made.soup.select(".subject-name")] == ["赵敏 财务科长"]
    assert _names(app, meeting_id) == ["李娜", "张伟"]
    assert not signed_in.get(url).soup.select("#uncontested-title")
    assert "把没有差额的 1 名人选移到“年度民主测评会（民主推荐）”" in signed_in.get(f"/desk/{meeting_id}/events").text
    refused = press(signed_in, signed_in.get(url), f"{url}/recommend", status=422)
    assert "没有要另行推荐的" in refused.text


def test_a_file_of_one_column_keeps_what_its_cells_hold(signed_in, url):
    content = _workbook([["姓名"], ["John Smith, Jr."], [None], ["张 三"]])
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", file=(BytesIO(content), "a.xlsx"))
    assert [cell.text for cell in page.soup.select("tbody th")] == ["John Smith, Jr.", "张三"]


def test_a_file_of_more_than_ten_megabytes_is_refused_whole_and_not_cut(app, signed_in, meeting_id, url):
    content = "姓名,单位\n张伟,办公室\n".encode() + b"\n" * MAX_FILE_BYTES
    page = signed_in.get(url)
    hidden = {name: page.soup.select_one(f"#main input[name={name}]")["value"] for name in ("csrf_token", "version")}
    fields = {**hidden, "mode": "replace"}
    upload = FileStorage(BytesIO(content), "名单.csv", "file")
    # The client would leave a file of its own behind that nobody closes.
    body, _, boundary = stream_encode_multipart({**fields, "file": upload}, use_tempfile=False)
    page = signed_in.post(
        f"{url}/preview", body.read(), status=413, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert "文件超过 10 MB，没有读取" in page.text
    assert not page.soup.select("tbody th")
    assert _names(app, meeting_id) == []


def test_faults_are_listed_with_the_numbers_of_their_rows_and_can_be_mended_there(app, signed_in, meeting_id, url):
    text = "姓名,单位\n张伟,办公室\n\n,财务科\n张伟,办公室"
    page = press(signed_in, signed_in.get(url), f"{url}/preview", status=422, mode="replace", pasted=text)
    assert [row.text for row in page.soup.select("[role=alert] .problem-row")] == ["第 4 行", "第 5 行"]
    assert page.soup.select_one("textarea").text.lstrip("\n") == text
    assert page.soup.select_one('form[action$="/take"]') is None
    assert _names(app, meeting_id) == []


def test_a_list_with_a_fault_is_not_taken_by_halves(app, signed_in, meeting_id, url):
    page = press(signed_in, signed_in.get(url), f"{url}/take", status=422, mode="replace", pasted="张伟\n张伟\n李娜")
    assert page.error == "rows_refused"
    assert _names(app, meeting_id) == []


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.xlsx", b"PK\x03\x04 cut off", 422, "spreadsheet_broken"),
        ("a.pdf", b"%PDF-1.7", 422, "spreadsheet_wrong_type"),
        ("a.csv", b"  \n ", 422, "spreadsheet_empty"),
        ("a.csv", b"a\n" * 20_001, 413, "spreadsheet_too_large"),
        ("a.csv", b"abcdefghij\n" * 19_500, 422, "field_invalid"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_plain_words(
    app, signed_in, meeting_id, url, name, content, status, code
):
    fields = {"mode": "replace", "file": (BytesIO(content), name)}
    page = press(signed_in, signed_in.get(url), f"{url}/preview", status=status, **fields)
    assert page.error == code
    assert _names(app, meeting_id) == []


def test_an_empty_paste_is_refused(signed_in, url):
    page = press(signed_in, signed_in.get(url), f"{url}/preview", status=422, pasted=" \n ")
    assert "请先粘贴名单" in page.text


def test_a_second_list_goes_after_the_first_or_in_its_place(app, filled, meeting_id, url):
    press(filled, filled.get(url), f"{url}/take", mode="add", pasted="王芳\n赵敏")
    assert _names(app, meeting_id) == ["张伟", "李娜", "领导班子", "王芳", "赵敏"]
    press(filled, filled.get(url), f"{url}/take", mode="replace", pasted="孙丽")
    assert _names(app, meeting_id) == ["孙丽"]


def test_somebody_who_is_on_the_list_already_is_not_added_again(app, filled, meeting_id, url):
    text = "王芳\n张伟\t办公室\t主任"
    page = press(filled, filled.get(url), f"{url}/preview", status=422, mode="add", pasted=text)
    assert "第 5 个考核对象：与第 1 个重复" in page.text
    assert page.soup.select_one("#pasted").text.lstrip("\n") == text
    assert len(_names(app, meeting_id)) == 3


def test_one_more_is_added_at_the_end(app, filled, meeting_id, url):
    fields = {"name": "王　芳", "unit": "综合科", "post": "科长", "class": "中层", "kind": "人"}
    press(filled, filled.get(url), f"{url}/add", **fields)
    added = setup_of(app, meeting_id).subjects[-1]
    assert (added.name, added.unit, added.post, added.class_label) == ("王芳", "综合科", "科长", "中层")


def test_a_refused_one_stays_in_its_fields(app, filled, meeting_id, url):
    page = press(filled, filled.get(url), f"{url}/add", status=422, name="", unit="综合科", kind="班子")
    assert "姓名（名称）为空" in page.text
    assert page.soup.select_one("#added-unit")["value"] == "综合科"
    assert page.soup.select_one("#added-kind option[selected]").text == "班子"
    assert len(_names(app, meeting_id)) == 3


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("2/up", ["张伟", "领导班子", "李娜"]),
        ("0/down", ["李娜", "张伟", "领导班子"]),
        ("0/up", ["张伟", "李娜", "领导班子"]),
        ("2/down", ["张伟", "李娜", "领导班子"]),
        ("1/remove", ["张伟", "领导班子"]),
    ],
)
def test_buttons_move_and_remove_without_scripts(app, filled, meeting_id, url, act, order):
    before = filled.get(url)
    assert before.soup.select_one(f'button[formaction="{url}/{act}"]') is not None
    page = press(filled, before, f"{url}/{act}")
    assert page.response.request.path == url
    assert _names(app, meeting_id) == order


def test_a_row_is_changed_in_place_and_put_where_its_number_says(app, filled, meeting_id, url):
    page = filled.get(f"{url}?edit=0")
    assert page.soup.select_one("#edited-post")["value"] == "主任"
    filled.submit(page, "/0/edit", post="副主任", number="3")
    assert _names(app, meeting_id) == ["李娜", "领导班子", "张伟"]
    assert setup_of(app, meeting_id).subjects[2].post == "副主任"


def test_a_row_that_is_refused_stays_open_as_typed(app, filled, meeting_id, url):
    fields = {"name": "李娜", "unit": "财务科", "post": "科长", "kind": "人", "number": "1"}
    page = filled.submit(filled.get(f"{url}?edit=0"), "/0/edit", status=422, **fields)
    assert "重复" in page.text
    assert page.soup.select_one("#edited-name")["value"] == "李娜"
    assert _names(app, meeting_id)[0] == "张伟"


@pytest.mark.parametrize(
    ("act", "status"),
    [("9/up", 422), ("9/edit", 422), ("-1/remove", 404), ("x/edit", 404), ("", 404)],
)
def test_a_button_that_was_never_there_does_nothing(app, filled, meeting_id, url, act, status):
    press(filled, filled.get(url), f"{url}/{act}", status=status)
    assert len(_names(app, meeting_id)) == 3


def test_a_number_outside_of_the_list_is_refused(app, filled, url):
    page = filled.submit(filled.get(f"{url}?edit=0"), "/0/edit", status=422, number="9")
    assert "序号应为 1 到 3" in page.text


def test_two_organizers_cannot_remove_the_wrong_person(app, filled, meeting_id, url):
    make_account(app, "李组织")
    other = sign_in_as(app, "李组织")
    mine = filled.get(url)
    press(other, other.get(url), f"{url}/0/remove")
    refused = press(filled, mine, f"{url}/0/remove", status=409)
    assert refused.error == "edited_meanwhile"
    assert "最新名单" in refused.text
    assert _names(app, meeting_id) == ["李娜", "领导班子"]


def test_a_pasted_list_survives_that_somebody_else_was_faster(app, filled, meeting_id, url):
    mine = filled.get(url)
    press(filled, mine, f"{url}/0/remove")
    refused = press(filled, mine, f"{url}/take", status=409, mode="replace", pasted="王芳")
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one("#pasted").text.strip() == "王芳"
    assert _names(app, meeting_id) == ["李娜", "领导班子"]


def test_the_list_of_an_open_meeting_has_no_buttons_and_takes_no_change(app, signed_in):
    with app.app_context():
        meeting_id = hold_meeting().meeting_id
    url = f"/desk/{meeting_id}/subjects"
    page = signed_in.get(url)
    # To register people changes no list.
    assert not page.soup.select("#main button:not(form[action$='/people/register'] button)")
    assert "张伟" in page.text
    token = page.soup.select_one("input[name=csrf_token]")["value"]
    fields = {"csrf_token": token, "version": str(setup_of(app, meeting_id).version)}
    assert signed_in.post(f"{url}/0/remove", fields, status=409).error == "wrong_state"
    assert len(_names(app, meeting_id)) == 3


def test_a_name_that_looks_like_markup_is_shown_as_text(app, filled, meeting_id, url):
    press(filled, filled.get(url), f"{url}/add", name="<b>张三</b>", kind="人")
    page = filled.get(url)
    assert "<b>张三</b>" in page.text
    assert not page.soup.select("b")


@pytest.mark.parametrize("act", ["add", "0/edit", "2/edit"])
def test_a_subject_of_empty_cells_is_refused_and_changes_nothing(app, filled, meeting_id, url, act):
    page = press(filled, filled.get(url), f"{url}/{act}", status=422, name=" ", unit="", post="")
    assert "请填写考核对象的姓名或班子名称" in page.soup.select_one("[role=alert]").text
    assert _names(app, meeting_id) == ["张伟", "李娜", "领导班子"]


def test_two_megabytes_are_read_from_signed_in_people_and_more_where_a_file_is_taken(signed_in, url):
    longer = b"a=" + bytes(SIGNED_IN_BODY)
    refused = signed_in.post(f"{url}/add", longer, status=413, content_type="application/x-www-form-urlencoded")
    assert refused.error == "body_too_large"
    read = signed_in.post(f"{url}/add", longer[:-2], status=400, content_type="application/x-www-form-urlencoded")
    assert read.error == "page_expired"
    taken = signed_in.post(f"{url}/preview", longer, status=400, content_type="text/plain")
    assert taken.error == "page_expired"


def _asked(page, name):
    return [
        field["value"] for field in page.soup.select(f'form[data-error="roster_asks"] input[type=radio][name={name}]')
    ]


def test_what_is_not_clear_is_asked_and_the_answer_goes_on_until_the_list_is_taken(app, signed_in, meeting_id, url):
    book = Workbook()
    book.active.title = "正科级"
    book.active.append(["姓名", "单位"])
    book.active.append(["张伟", "办公室"])
    second = book.create_sheet("科员")
    second.append(["姓名", "单位"])
    second.append(["李娜", "财务科"])
    second.append(["王芳", "财务科"])
    second.append(["赵敏", "财务科"])
    second.row_dimensions[3].hidden = True
    second["A4"].font = Font(strike=True)
    stream = BytesIO()
    book.save(stream)
    fields = {"mode": "replace", "file": (BytesIO(stream.getvalue()), "名单.xlsx")}
    page = press(signed_in, signed_in.get(url), f"{url}/preview", status=422, **fields)
    assert _asked(page, "sheets") == ["all", "正科级", "科员"]
    assert _asked(page, "hidden") == _asked(page, "struck") == ["yes", "no"]
    assert page.soup.select_one('form[action$="/take"]') is None
    page = signed_in.submit(page, "/preview", sheets="科员", hidden="no", struck="no")
    assert "跳过：有删除线，划掉的内容不读（赵敏）" in page.text
    assert "跳过：隐藏或筛选掉的行" in page.text
    assert [cell.text for cell in page.soup.select("tbody th")] == ["李娜"]
    signed_in.submit(page, "/take")
    assert _names(app, meeting_id) == ["李娜"]


def test_the_column_of_names_is_picked_in_the_form(app, signed_in, meeting_id, url):
    text = "单位,称呼,职务\n办公室,张伟,主任\n财务科,李娜,科长"
    fields = {"mode": "replace", "pasted": text}
    page = press(signed_in, signed_in.get(url), f"{url}/preview", status=422, **fields)
    assert _asked(page, "name")[0] == "B"
    signed_in.submit(press(signed_in, page, f"{url}/preview", **fields, name="B"), "/take")
    subjects = setup_of(app, meeting_id).subjects
    assert [(s.name, s.unit, s.post) for s in subjects] == [("张伟", "办公室", "主任"), ("李娜", "财务科", "科长")]


def test_the_preview_says_how_columns_were_read_and_what_was_skipped(signed_in, url):
    text = "2026年度考核名单\n姓名\t所在科室\t性别\n张伟\t办公室\t男\n合计\t1人"
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", pasted=text)
    account = page.soup.select_one("section[aria-labelledby=account-title]")
    assert _columns(account) == {"A 列（姓名）": "读作姓名", "B 列（所在科室）": "读作单位", "C 列（性别）": "没有读取"}
    for said in ("标题", "跳过：合计行"):
        assert said in account.text


def _columns(account):
    """What each column is read as, by its label."""
    chosen = (field.select_one("select option[selected]").text for field in account.select(".fields .field"))
    return dict(zip((label.text for label in account.select("label")), chosen, strict=True))


def test_the_clerk_says_what_a_column_holds_and_it_is_read_so_until_the_list_is_taken(app, signed_in, meeting_id, url):
    text = "姓名\t所在科室\t归口\n张伟\t办公室\t机关\n李娜\t财务科\t一线"
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", pasted=text)
    choice = {"column-B-": "没有读取", "column-C-": "类别"}
    page = signed_in.submit(page, "/preview#account-title", **choice)
    account = page.soup.select_one("section[aria-labelledby=account-title]")
    assert list(_columns(account).values()) == ["读作姓名", "不读", "读作类别"]
    signed_in.submit(page, "/take")
    subjects = setup_of(app, meeting_id).subjects
    assert [(s.name, s.unit, s.class_label) for s in subjects] == [("张伟", "", "机关"), ("李娜", "", "一线")]


def test_a_column_that_holds_no_names_leads_to_the_question_which_does(signed_in, url):
    page = press(signed_in, signed_in.get(url), f"{url}/preview", mode="replace", pasted=PASTED)
    page = signed_in.submit(page, "/preview#account-title", status=422, **{"column-A-": "单位"})
    assert _asked(page, "name")


INFINITE = '[{"name": "", "rows": [["张伟"]], "is_hidden": false, "hidden_rows": [Infinity]}]'


@pytest.mark.parametrize("workbook", ["{", "[]", "[[1]]", '[{"name": "a", "rows": 5}]', INFINITE, "[" * 50_000])
def test_a_workbook_that_was_changed_on_its_way_is_refused(app, signed_in, meeting_id, url, workbook):
    page = signed_in.get(url)
    hidden = {name: page.soup.select_one(f"#main input[name={name}]")["value"] for name in ("csrf_token", "version")}
    fields = {**hidden, "mode": "replace", "workbook": workbook}
    assert signed_in.post(f"{url}/take", fields, status=422).error in ("field_invalid", "rows_refused")
    assert _names(app, meeting_id) == []


def test_the_list_of_another_meeting_is_shown_first_and_then_taken(app, filled, meeting_id):
    other = new_meeting(app)
    page = filled.get(f"/desk/{other}/subjects")
    assert [option["value"] for option in page.soup.select("#reused option")] == [meeting_id]
    page = filled.submit(page, "/preview#main")
    assert _names(app, other) == []
    filled.submit(page, "/take")
    listed = [[(s.name, s.unit, s.post, s.kind) for s in setup_of(app, each).subjects] for each in (meeting_id, other)]
    assert listed[0] == listed[1]


def test_the_list_of_a_meeting_that_there_is_not_is_refused(app, filled, meeting_id):
    other = new_meeting(app)
    page = filled.get(f"/desk/{other}/subjects")
    assert filled.submit(page, "/preview#main", meeting="nowhere", status=404).error


def test_who_was_taken_off_the_list_is_put_back_where_they_stood(app, filled, meeting_id, url):
    before = setup_of(app, meeting_id).subjects
    page = press(filled, filled.get(url), f"{url}/1/remove")
    assert "已删除：李娜" in page.text
    assert _names(app, meeting_id) == ["张伟", "领导班子"]
    (undo,) = [form for form in page.soup.select("form") if "撤销" in form.text]
    fields = {field["name"]: field["value"] for field in undo.select("input")}
    filled.post(undo["action"], fields)
    assert [(s.name, s.unit, s.post, s.kind) for s in setup_of(app, meeting_id).subjects] == [
        (s.name, s.unit, s.post, s.kind) for s in before
    ]
    assert "已删除" not in filled.get(url).text


def test_putting_back_is_offered_once_and_for_the_list_that_it_was_taken_from(app, filled, url):
    other = new_meeting(app)
    press(filled, filled.get(url), f"{url}/1/remove")
    assert "已删除" not in filled.get(url).text
    token = {"csrf_token": filled.get(url).soup.select_one("#main [name=csrf_token]")["value"]}
    filled.http.post(f"{url}/0/remove", data={**token, **filled.get(url).fields("/add")})
    assert "已删除" not in filled.get(f"/desk/{other}/subjects").text


def test_whoever_was_not_taken_off_the_list_is_not_offered_to_be_put_back(app, filled, meeting_id, url):
    mine = filled.get(url)
    press(filled, mine, f"{url}/0/remove")
    press(filled, mine, f"{url}/0/remove", status=409)
    assert _names(app, meeting_id) == ["李娜", "领导班子"]
    assert "已删除：李娜" not in filled.get(url).text
