"""What a script is told about an office's list, and that nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from kaohe.cli.commands import kaohe
from kaohe.cli.roster import roster_group

ROSTERS = Path(__file__).parents[1] / "intake" / "rosters"


def run(name, *arguments):
    result = CliRunner().invoke(roster_group, ["read", str(ROSTERS / name), *arguments])
    return result.exit_code, result.output


def test_a_list_that_can_be_taken_gives_its_people_with_sheet_and_row_and_exit_code_0():
    code, output = run("r06-instructions-first.xlsx", "--json")
    document = json.loads(output)
    assert code == 0
    assert document["people"][0] == {
        "name": "王伟",
        "unit": "办公室",
        "post": "主任",
        "class": "",
        "kind": "person",
        "section": "",
        "sheet": "人员名单",
        "row": 2,
    }
    assert document["asks"] == []
    assert document["read_as"] == [{"sheet": "人员名单", "row": 1, "text": "序号 姓名 单位 职务", "as": "heading"}]
    assert [(row["sheet"], row["row"]) for row in document["skipped"]] == [("填表说明", row) for row in range(1, 5)]


def test_a_question_gives_exit_code_1_and_its_answer_settles_it():
    code, output = run("r05-three-sheets.xlsx", "--json")
    (ask,) = json.loads(output)["asks"]
    assert (code, ask["key"], len(ask["options"]), len(ask["rows"])) == (1, "sheets", 4, 8)
    code, output = run("r05-three-sheets.xlsx", "--sheet", "科员", "--json")
    assert (code, [person["name"] for person in json.loads(output)["people"]]) == (0, ["赵敏", "阿依古丽·买买提"])
    assert run("r20-names-in-one-cell.xlsx")[0] == 1
    assert run("r20-names-in-one-cell.xlsx", "--answer", "several=yes")[0] == 0


def test_a_sheet_or_an_answer_that_does_not_exist_is_refused():
    for arguments in (["--sheet", "没有"], ["--answer", "colour=red"], ["--answer", "name"]):
        result = CliRunner().invoke(roster_group, ["read", str(ROSTERS / "r05-three-sheets.xlsx"), *arguments])
        assert getattr(result.exception, "code", "") == "field_invalid"


def test_the_command_says_in_words_what_it_read_and_skipped():
    code, output = run("r02-notes-below.xlsx")
    assert code == 0
    assert "读到 5 个考核对象" in output
    assert "填表人：周静" in output
    assert "roster" in kaohe.list_commands(None)


def test_a_question_about_rows_quotes_them_to_people_and_to_scripts():
    code, output = run("r20-names-in-one-cell.xlsx")
    (quoted,) = [line.strip() for line in output.splitlines() if line.startswith("  第")]
    assert (code, quoted) == (1, "第 3 行“2 财务科 李娜 吴刚 2”")
    (ask,) = json.loads(run("r20-names-in-one-cell.xlsx", "--json")[1])["asks"]
    assert [row["text"] for row in ask["rows"]] == ["2 财务科 李娜 吴刚 2"]


def test_a_list_of_nobody_says_what_to_write(tmp_path):
    path = tmp_path / "空.csv"
    path.write_text("姓名,单位\n", encoding="utf-8")
    result = CliRunner().invoke(roster_group, ["read", str(path)])
    assert (result.exit_code, "请至少写一行姓名" in result.output) == (1, True)
