"""Other scores and decisions: shown where the scheme asks, brought by paste or from a meeting, refused in place."""

from __future__ import annotations

from io import BytesIO

import pytest
from desk import new_meeting
from scene import CHAIR, cast, draft_meeting, hold_meeting, prepare_meeting, put_scheme, version_of

from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.rosters import SubjectEntry
from kaohe.intake.spreadsheets import read_sheets
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.preparing import change_basics, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import load_preset, parse_scheme_text

SCHEME = """
format = 1
key = "own"
title = "自定方案"
grades = [
  { key = "excellent", label = "优秀", points = 100 },
  { key = "competent", label = "称职", points = 80 },
]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
components = [
  { key = "checks", label = "日常检查", weight = 30, source = "imported" },
  { key = "routine", label = "平时考核", weight = 20, source = "periods" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
bonus_limit = 5
clauses = [
  { key = "bonus", label = "表彰加分", effect = "bonus" },
  { key = "veto", label = "安全一票否决", effect = "veto" },
]
"""


@pytest.fixture
def meeting_id(app):
    with app.app_context():
        meeting_id = prepare_meeting().meeting_id
        put_scheme(meeting_id, parse_scheme_text(SCHEME))
    return meeting_id


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/inputs"


def inputs_of(app, meeting_id):
    with app.app_context():
        return load_inputs(meeting_id)


def press(client, url, path, *, status=200, **fields):
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    return client.post(
        f"{url}/{path}", {"csrf_token": token, **fields}, status=status, content_type="multipart/form-data"
    )


def rename(meeting_id, title):
    change_basics(CHAIR, meeting_id, version_of(meeting_id), title=title, unit="青山区统计局", held_on=None)


def count_one(app, meeting_id, code, *grades):
    with app.app_context():
        cast(meeting_id, code, *grades)
        close_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)


def test_the_step_stands_only_where_the_scheme_asks_for_something(app, signed_in, url):
    plain = new_meeting(app)
    assert "其他成绩与认定" not in signed_in.get(f"/desk/{plain}/basics").text
    assert "这里不用填写" in signed_in.get(f"/desk/{plain}/inputs").text
    steps = [step.text for step in signed_in.get(url).soup.select(".step-label")]
    assert steps[4] == "其他成绩与认定"


def test_what_is_missing_is_said_with_names(signed_in, url):
    page = signed_in.get(url)
    assert "“日常检查”缺少得分：张伟、李娜、欧阳子涵" in page.text
    assert "“平时考核”缺少各期结果" in page.text
    assert len(page.soup.select(".lacking")) == 3


def test_pasted_scores_are_taken_and_shown(app, signed_in, meeting_id, url):
    page = press(signed_in, url, "scores/checks", pasted="姓名\t得分\n张伟\t92.5\n李娜\t88\n")
    assert "已导入“日常检查”的得分，共 2 个。" in page.text
    assert inputs_of(app, meeting_id).inputs.imported == {("checks", "s1"): 92.5, ("checks", "s2"): 88}
    assert "日常检查”缺少得分：欧阳子涵" in page.text


def test_an_uploaded_sheet_is_read_like_a_pasted_one(app, signed_in, meeting_id, url):
    sheet = (BytesIO("姓名,得分\n欧阳子涵,70".encode("gb18030")), "检查.csv")
    press(signed_in, url, "scores/checks", file=sheet)
    assert inputs_of(app, meeting_id).inputs.imported == {("checks", "s3"): 70}


def test_rows_that_cannot_be_taken_are_named_and_nothing_is_stored(app, signed_in, meeting_id, url):
    page = press(signed_in, url, "scores/checks", status=422, pasted="张伟\t92\n赵六\t120")
    assert page.error == "rows_refused"
    assert "第 2 行" in page.text
    assert "考核对象中没有“赵六”" in page.text
    assert page.soup.select_one("#scores-checks-pasted").text.strip() == "张伟\t92\n赵六\t120"
    assert inputs_of(app, meeting_id).inputs.imported == {}


def test_scores_are_cleared(app, signed_in, meeting_id, url):
    press(signed_in, url, "scores/checks", pasted="张伟\t92")
    press(signed_in, url, "scores/checks/clear")
    assert inputs_of(app, meeting_id).inputs.imported == {}


def test_scores_and_periods_are_taken_from_a_counted_meeting(app, signed_in, meeting_id, url):
    with app.app_context():
        other = hold_meeting(names=("张伟", "李娜"))
    assert not signed_in.get(url).soup.select("#scores-checks-meeting")
    count_one(app, other.meeting_id, other.all_codes[0], "excellent", "competent")

    page = press(signed_in, url, "scores/checks/take", meeting=other.meeting_id)
    assert "已取得 2 个考核对象的结果；那场会议中没有 欧阳子涵，请另行补上。" in page.text
    assert "取自“年度民主测评会”" in page.text
    page = press(signed_in, url, "periods/take", label="第一季度", meeting=other.meeting_id)
    assert [cell.text for cell in page.soup.select("#periods td:last-child")] == ["100", "80", "—"]
    press(signed_in, url, "periods/clear", label="第一季度")
    assert inputs_of(app, meeting_id).periods == ()


def test_taking_asks_which_meeting_and_which_period(signed_in, url):
    assert press(signed_in, url, "scores/checks/take", status=422).error == "field_invalid"
    assert press(signed_in, url, "scores/checks/take", status=404, meeting="nowhere").error == "meeting_unknown"
    assert press(signed_in, url, "scores/nothing", status=422, pasted="张伟\t1").error == "bad_component"
    assert press(signed_in, url, "dance", status=404).error == "not_found"
    assert press(signed_in, url, "periods", status=422).error == "field_invalid"


def test_pasted_periods_stand_side_by_side(signed_in, url):
    text = "张伟\t第一季度\t92.5\t好\n张伟\t第二季度\t88\t较好"
    page = press(signed_in, url, "periods", pasted=text)
    assert [head.text for head in page.soup.select("#periods thead th")] == [
        "姓名（名称）",
        "单位和职务",
        "第一季度",
        "第二季度",
    ]
    assert [cell.text for cell in page.soup.select("#periods tbody tr:first-child td:not(.soft)")] == [
        "92.5 · 好",
        "88 · 较好",
    ]
    refused = press(signed_in, url, "periods", status=422, pasted="张伟\t\t90")
    assert "没有写明是哪一期" in refused.text


def test_a_quarter_pasted_again_shows_old_and_new_and_is_stored_once_answered(app, signed_in, meeting_id, url):
    press(signed_in, url, "periods", pasted="张伟\tQ1\t70")
    page = press(signed_in, url, "periods", status=409, pasted="张伟\t一季度\t75")
    assert page.error == "inputs_doubted"
    assert "张伟“第一季度”：70 → 75" in page.text
    assert inputs_of(app, meeting_id).inputs.history["s1"][0].score == 70
    assert page.soup.select_one("select[name=answer]")
    page = press(signed_in, url, "periods", pasted="张伟\t一季度\t75", answer="same")
    assert inputs_of(app, meeting_id).inputs.history["s1"][0].score == 75


def test_a_row_of_another_unit_is_asked_for_by_its_number(app, signed_in, meeting_id, url):
    text = "姓名\t单位\t得分\n张伟\t农村统计科\t95"
    page = press(signed_in, url, "scores/checks", status=422, pasted=text)
    assert "第 2 行" in page.text
    assert "请核对是不是同一个对象" in page.text
    assert inputs_of(app, meeting_id).inputs.imported == {}
    press(signed_in, url, "scores/checks", pasted=text, answer="same")
    assert inputs_of(app, meeting_id).inputs.imported == {("checks", "s1"): 95}


def test_two_people_of_one_name_are_told_apart_where_a_decision_is_made(app, signed_in, url, meeting_id):
    with app.app_context():
        version = load_meeting(meeting_id)[0].version
        change_subjects(
            CHAIR, meeting_id, version, (SubjectEntry("张伟", "一科", "科员"), SubjectEntry("张伟", "二科", "科长"))
        )
    page = signed_in.get(url)
    options = [option.text.strip() for option in page.soup.select("#decision-subject option")]
    assert options == ["张伟（一科 科员）", "张伟（二科 科长）"]


def test_the_year_shows_who_lacks_which_quarter_and_takes_all_at_once(app, signed_in):
    with app.app_context():
        quarters = [prepare_meeting(names=names) for names in (("张伟", "李娜"), ("张伟",))]
        for scene, label, grades in zip(quarters, "一二", (("excellent",) * 2, ("excellent",)), strict=True):
            rename(scene.meeting_id, f"2026年第{label}季度平时考核")
            open_meeting(CHAIR, scene.meeting_id)
            cast(scene.meeting_id, scene.all_codes[0], *grades)
            close_meeting(CHAIR, scene.meeting_id)
            count_meeting(CHAIR, scene.meeting_id)
        year = draft_meeting("zhen-pingshi-niandu", [SubjectEntry(name, "办公室", "科员") for name in ("张伟", "李娜")])
        rename(year, "2026年度公务员考核")
    url = f"/desk/{year}/inputs"
    page = signed_in.get(url)
    assert page.soup.select_one("#periods-title").text == "2026年度各期结果"
    ticked = page.soup.select("#periods input[name=meeting][checked]")
    assert [each["value"] for each in ticked] == [scene.meeting_id for scene in quarters]

    page = press(signed_in, url, "periods/take-all", meeting=[each["value"] for each in ticked])

    assert "“第一季度” 2 个、“第二季度” 1 个" in page.text
    assert [each.text for each in page.soup.select("#periods .problems li")] == [
        "应有 4 期，现有 2 期",
        "“第二季度”缺 1 个：李娜",
    ]
    assert not page.soup.select("#periods input[name=meeting][checked]")
    assert "请至少选择一场会议" in press(signed_in, url, "periods/take-all", status=422).text


def test_a_decision_is_made_and_withdrawn_with_reasons_in_the_record(app, signed_in, meeting_id, url):
    page = press(signed_in, url, "decisions", subject="s1", clause="bonus", amount="2", reason="获市级表彰")
    assert [tag.text for tag in page.soup.select(".decision .tag")] == ["加分 2 分"]
    (kept,) = inputs_of(app, meeting_id).decisions
    page = press(signed_in, url, f"decisions/{kept.id}/withdraw", why="材料不实")
    assert not page.soup.select(".decision")
    record = signed_in.get(f"/desk/{meeting_id}/events").text
    assert "认定：张伟，表彰加分 2 分，理由：获市级表彰" in record
    assert "撤销认定：张伟，表彰加分，理由：材料不实" in record


def test_a_refused_decision_stays_in_the_form(app, signed_in, meeting_id, url):
    page = press(
        signed_in,
        url,
        "decisions",
        status=422,
        subject="s2",
        clause="bonus",
        amount="9",
        reason="表彰",
    )
    assert "最多 5 分" in page.text
    assert page.soup.select_one("#decision-subject option[selected]").text == "李娜"
    assert page.soup.select_one("#decision-reason")["value"] == "表彰"
    assert (
        press(signed_in, url, "decisions", status=422, subject="s2", clause="bonus", amount="两分", reason="x").error
        == "field_invalid"
    )
    same = {"subject": "s2", "clause": "bonus", "amount": "1", "reason": "表彰"}
    press(signed_in, url, "decisions", **same)
    assert press(signed_in, url, "decisions", status=422, **same).error == "bad_decision"
    assert len(inputs_of(app, meeting_id).decisions) == 1


def test_a_published_result_can_only_be_looked_at(app, signed_in):
    with app.app_context():
        scene = hold_meeting(names=("张伟",))
    count_one(app, scene.meeting_id, scene.all_codes[0], "excellent")
    with app.app_context():
        publish_result(CHAIR, scene.meeting_id)
    url = f"/desk/{scene.meeting_id}/inputs"
    assert signed_in.get(url).soup.select_one("textarea") is None


def test_the_check_list_names_what_is_missing_without_stopping_the_opening(signed_in, meeting_id):
    page = signed_in.get(f"/desk/{meeting_id}/check")
    assert "可以在投票后补" in page.text


def test_a_clause_of_another_scheme_is_shown_as_not_counted(app, signed_in, meeting_id, url):
    press(signed_in, url, "decisions", subject="s1", clause="veto", reason="重大事故")
    with app.app_context():
        put_scheme(meeting_id, load_preset("guji-xiaoneng"))
    assert "不会计入" in signed_in.get(url).text
    assert "有 1 条认定的条款不在现在的考核方案中" in signed_in.get(f"/desk/{meeting_id}/check").text


def test_an_unknown_meeting_has_no_inputs(signed_in):
    assert signed_in.get("/desk/nowhere/inputs", status=404).error == "meeting_unknown"


def preview(client, url, path, **fields):
    return press(client, url, f"{path}/preview", **fields)


def test_a_table_of_scores_is_shown_as_old_and_new_before_it_is_stored(app, signed_in, meeting_id, url):
    press(signed_in, url, "scores/checks", pasted="张伟\t92.5\n李娜\t88\n")
    page = preview(signed_in, url, "scores/checks", pasted="检查情况\n姓名\t得分\n张伟\t60\n李娜\t88\n合计\t148")
    lines = [[cell.get_text(" ", strip=True) for cell in row.select("td")[1:]] for row in page.soup.select("tbody tr")]
    assert lines == [["92.5", "60", "改动"], ["88", "88", "不变"]]
    assert "改动 1 个，不变 1 个；表中没有的 1 个保持原样" in page.text
    assert "合计 148（合计或平均）" in page.text
    assert inputs_of(app, meeting_id).inputs.imported[("checks", "s1")] == 92.5
    taken = signed_in.submit(page, f"/desk/{meeting_id}/inputs/scores/checks#scores-checks")
    assert "已导入“日常检查”的得分，共 2 个。" in taken.text
    assert inputs_of(app, meeting_id).inputs.imported[("checks", "s1")] == 60


def test_which_column_holds_the_score_is_chosen_in_the_preview(app, signed_in, meeting_id, url):
    text = "姓名\t平时得分\t年度得分\n张伟\t70\t80"
    page = preview(signed_in, url, "scores/checks", pasted=text)
    assert page.error == "rows_refused"
    assert "B 列（平时得分）、C 列（年度得分）" in page.text
    assert not page.soup.find("button", string="确认导入")
    chosen = {"column-A": "姓名", "column-B": "", "column-C": "得分"}
    page = preview(signed_in, url, "scores/checks", pasted=text, **chosen)
    signed_in.submit(page, f"/desk/{meeting_id}/inputs/scores/checks#scores-checks")
    assert inputs_of(app, meeting_id).inputs.imported == {("checks", "s1"): 80}


def test_earlier_periods_are_shown_as_old_and_new(signed_in, url):
    press(signed_in, url, "periods", pasted="张伟\t第一季度\t90")
    page = preview(signed_in, url, "periods", pasted="姓名\t时段\t得分\n张伟\t第一季度\t91\n李娜\t第一季度\t80")
    lines = [[cell.get_text(" ", strip=True) for cell in row.select("td")[1:]] for row in page.soup.select("tbody tr")]
    assert lines == [["第一季度", "90", "91", "改动"], ["第一季度", "—", "80", "新增"]]


@pytest.mark.parametrize(
    ("path", "pasted", "code"),
    [
        ("scores/nothing", "张伟\t1", "bad_component"),
        ("scores/checks", "", "field_invalid"),
        ("periods", " ", "field_invalid"),
    ],
)
def test_a_preview_of_nothing_is_refused_on_the_page(signed_in, url, path, pasted, code):
    assert press(signed_in, url, f"{path}/preview", status=422, pasted=pasted).error == code


@pytest.mark.parametrize(("path", "column"), [("scores/checks", "得分"), ("periods", "时段")])
def test_the_table_to_fill_in_comes_back_with_the_same_people(signed_in, url, path, column):
    reply = signed_in.http.get(f"{url}/{path}/table.xlsx")
    sheets = read_sheets("table.xlsx", reply.data)
    assert sheets[0].rows[0][0] == "姓名"
    assert column in sheets[0].rows[0]
    assert [row[0] for row in sheets[0].rows[1:]] == ["张伟", "李娜", "欧阳子涵"]
    page = preview(signed_in, url, path, file=(BytesIO(reply.data), "table.xlsx"))
    assert "没有读这张工作表" in page.text


def test_the_list_of_subjects_is_taken_out_as_a_table_and_brought_back(signed_in, meeting_id):
    reply = signed_in.http.get(f"/desk/{meeting_id}/subjects/table.xlsx")
    account = read_roster(read_sheets("table.xlsx", reply.data))
    assert [person.entry.name for person in account.people] == ["张伟", "李娜", "欧阳子涵"]
    assert account.is_ready
