"""Units, and the accounts and meetings that belong to them, from a script; a whole province from one workbook."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from processes import Kaohe

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.people.sign_in_links import create_account
from kaohe.storage.starting import close_database

MEETING = """
title = "测评会"
preset = "si-deng"
belongs_to = "青山区/统计局"
subjects = ["张伟"]
[[groups]]
label = "全体"
entitled = 3
"""


def account(kaohe: Kaohe, name: str, *options: str) -> None:
    link = kaohe.does("sign-in-link", *options).strip()
    with create_app(Config(kaohe.data, sqlite_url(kaohe.data))).app_context():
        create_account(link.rpartition("#")[2], name, "一把好用的长密码")
        close_database()


def test_a_tree_with_its_accounts_and_meetings_is_made_and_changed_by_commands(kaohe: Kaohe) -> None:
    district = kaohe.does("unit", "add", "青山区").strip()
    for under in ("青山区", "本单位"):
        kaohe.does("unit", "add", "统计局", "--under", under)
    account(kaohe, "王主持")
    account(kaohe, "李组织", "--unit", "青山区/统计局")
    meeting_id = kaohe.meeting(MEETING)

    listed = json.loads(kaohe.does("unit", "list", "--json"))
    names = {unit["id"]: unit["name"] for unit in listed}
    assert [(each["name"], names.get(each["parent"]), each["meetings"], each["accounts"]) for each in listed] == [
        ("本单位", None, 0, 1), ("青山区", "本单位", 0, 0), ("统计局", "青山区", 1, 1), ("统计局", "本单位", 0, 0),
    ]  # fmt: skip
    assert kaohe.show(meeting_id)["belongs_to"] == listed[2]["id"]
    assert meeting_id in kaohe.does("meeting", "list", "--unit", "青山区")
    assert json.loads(kaohe.does("meeting", "list", "--unit", listed[3]["id"], "--json")) == []
    assert "李组织\t组织者\t青山区 / 统计局" in kaohe.does("account", "list")
    kaohe.does("account", "move", "李组织", "--unit", "青山区")
    accounts = {each["name"]: each for each in json.loads(kaohe.does("account", "list", "--json"))}
    assert accounts["李组织"] == {"name": "李组织", "roles": ["organizer"], "unit": district, "is_locked": False}

    kaohe.does("unit", "rename", listed[3]["id"], "财政局")
    kaohe.does("unit", "move", "财政局", "--under", "青山区")
    kaohe.does("unit", "close", "财政局")
    assert "    财政局（已撤销）" in kaohe.does("unit", "list")
    kaohe.does("unit", "reopen", "财政局")
    assert "已撤销" not in kaohe.does("unit", "list")

    kept, merged = (kaohe.does("person", "add", "孙丽", "--unit", unit).strip() for unit in ("财政局", "办公室"))
    kaohe.does("person", "merge", kept, merged, "--reason", "登记了两次")
    kaohe.does("unit", "merge", "财政局", "--into", "青山区", "--day", "2026-07-01", "--reason", "机构改革")
    (person,) = json.loads(kaohe.does("person", "list", "--json"))
    assert (person["id"], person["merged"]) == (kept, [merged])
    assert [spell["unit"] for spell in person["spells"]] == ["办公室", "财政局", "青山区"]
    kaohe.does("person", "split", merged, "--reason", "是两个人")
    assert len(json.loads(kaohe.does("person", "list", "--json"))) == 2


def test_what_does_not_fit_is_said_in_one_sentence_and_nothing_is_made(kaohe: Kaohe) -> None:
    kaohe.does("unit", "add", "青山区")
    before = kaohe.does("unit", "list")
    assert "没有叫“统计局”的单位" in kaohe.refuses("unit", "add", "甲", "--under", "统计局")
    assert "已有“青山区”" in kaohe.refuses("unit", "add", "青山区")
    assert "没有叫“李组织”的账号" in kaohe.refuses("account", "move", "李组织", "--unit", "青山区")
    assert "没有叫“统计局”的单位" in kaohe.refuses("sign-in-link", "--unit", "统计局")
    file = kaohe.data.parent / "meeting.toml"
    file.write_text(MEETING, encoding="utf-8")
    assert "没有叫“青山区/统计局”的单位" in kaohe.refuses("meeting", "create", str(file))
    assert (kaohe.does("unit", "list"), kaohe.does("meeting", "list", "--json").strip()) == (before, "[]")


def test_people_are_registered_found_and_changed_by_commands_and_a_meeting_file_names_no_namesake(kaohe: Kaohe) -> None:
    chen = kaohe.does("person", "add", "陈静", "--unit", "办公室", "--post", "科员", "--since", "2020-07-01").strip()
    kaohe.does("person", "change", chen, "--standing", "left", "--since", "2026-06-30")
    assert f"{chen}\t陈静\t办公室 科员\t离任" in kaohe.does("person", "list", "办公室")
    (found,) = json.loads(kaohe.does("person", "list", "陈静", "--json"))
    assert [(spell["standing"], spell["since"]) for spell in found["spells"]] == [
        ("in_office", "2020-07-01"), ("left", "2026-06-30"),
    ]  # fmt: skip
    assert "没有变化" in kaohe.refuses("person", "change", chen, "--since", "2026-07-01")
    assert "没有这个编号的人员" in kaohe.refuses("person", "change", "nobody", "--name", "陈")
    file = kaohe.data.parent / "meeting.toml"
    file.write_text(MEETING.replace('belongs_to = "青山区/统计局"\n', "").replace("张伟", "陈静"), encoding="utf-8")
    assert "名单里的陈静（未写单位和职务）与人员库中的陈静（办公室 科员，离任）" in kaohe.refuses(
        "meeting", "create", str(file)
    )
    assert kaohe.does("meeting", "list", "--json").strip() == "[]"


PROVINCE = {
    "单位": [["单位", "上级单位"], ["青山区", ""], ["统计局", "青山区"], ["财政局", "青山区"]],
    "人员": [["姓名", "单位", "职务", "登记单位"], ["陈静", "办公室", "科员", "青山区/统计局"]],
    "角色": [["姓名", "角色", "单位"], ["李组织", "组织者、人事", "青山区/统计局"], ["王主持", "组织者、管理员", ""]],
}


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]]) -> str:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return str(path)


def test_a_province_is_seen_first_then_made_at_once_and_the_second_time_changes_nothing(
    kaohe: Kaohe, tmp_path: Path
) -> None:
    account(kaohe, "王主持")
    file = workbook(tmp_path / "全省 设置.xlsx", PROVINCE)
    before = kaohe.does("unit", "list")

    seen = kaohe.does("setup", file)
    assert "单位 3 个、人员 1 名、邀请 1 人、改变角色 0 人，1 行没有变化。" in seen
    assert "还没有保存" in seen
    assert (kaohe.does("unit", "list"), kaohe.does("person", "list")) == (before, "")

    done = kaohe.does("setup", file, "--apply")
    (link,) = re.findall(r"^李组织\t青山区 / 统计局\t组织者、人事\t(http\S+)$", done, re.MULTILINE)
    assert "    统计局" in kaohe.does("unit", "list")
    assert "陈静\t办公室 科员" in kaohe.does("person", "list")
    again = json.loads(kaohe.does("setup", file, "--apply", "--json"))
    assert (again["new_units"], again["new_people"], again["changed"], again["unchanged"]) == ([], [], [], 5)
    assert [each["name"] for each in again["links"]] == ["李组织"]
    assert link not in str(again)

    account(kaohe, "李组织", "--role", "organizer", "--role", "hr", "--unit", "青山区/统计局")
    moved = {**PROVINCE, "角色": [["姓名", "角色", "单位"], ["李组织", "监票人", "青山区"]]}
    assert "改变角色：李组织，青山区，监票人（现在是青山区 / 统计局，组织者、人事）" in kaohe.does(
        "setup", workbook(tmp_path / "moved.xlsx", moved), "--apply"
    )
    assert "李组织\t监票人\t青山区" in kaohe.does("account", "list")


def test_a_row_that_cannot_be_taken_keeps_the_whole_workbook_out(kaohe: Kaohe, tmp_path: Path) -> None:
    wrong = {**PROVINCE, "角色": [["姓名", "角色", "单位"], ["李", "主任", ""], ["王", "组织者", "没有的局"]]}
    file = workbook(tmp_path / "wrong.xlsx", wrong)
    answer = kaohe.run("setup", file, "--apply")
    assert answer.code == 1
    assert "不能采用：角色 第 2 行：角色应为组织者" in answer.out
    assert "不能采用：角色 第 3 行：没有叫“没有的局”的单位" in answer.out
    assert "青山区" not in kaohe.does("unit", "list")
    lone = workbook(tmp_path / "lone.xlsx", {"角色": [["姓名", "角色", "单位"], ["王主持", "组织者", ""]]})
    account(kaohe, "王主持")
    assert "管理员" in kaohe.refuses("setup", lone, "--apply")
    assert "王主持\t组织者、管理员" in kaohe.does("account", "list")


def test_nobody_is_invited_before_there_is_somebody_who_manages_the_installation(kaohe: Kaohe, tmp_path: Path) -> None:
    file = workbook(tmp_path / "province.xlsx", PROVINCE)
    assert "还没有账号" in kaohe.refuses("setup", file, "--apply")
    assert "青山区" not in kaohe.does("unit", "list")


def test_a_blank_workbook_is_written_once_and_what_is_filled_in_is_taken(kaohe: Kaohe, tmp_path: Path) -> None:
    file = tmp_path / "全省.xlsx"
    assert "已写好空白表格" in kaohe.does("setup", str(file), "--blank")
    assert "不会覆盖" in kaohe.refuses("setup", str(file), "--blank")
    assert "不能写入" in kaohe.refuses("setup", str(tmp_path / "nowhere" / "a.xlsx"), "--blank")
    assert "0 行没有变化" in kaohe.does("setup", str(file))
    book = load_workbook(file)
    assert book.sheetnames == ["单位", "人员", "角色", "填表说明"]
    book["单位"].append(["青山区"])
    book.save(file)
    assert "新建单位：青山区" in kaohe.does("setup", str(file), "--apply")
