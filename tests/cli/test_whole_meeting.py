"""A whole meeting by script: from a file, over plain HTTP votes, to the documents that are filed."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
from processes import ROOT, Kaohe

from kaohe.config import Config, sqlite_url
from kaohe.factory import create_app
from kaohe.operations.count.importing_scores import import_periods
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.starting import close_database
from kaohe.tally.model import Period

YEAR = """
title = "2026 年度考核"
preset = "zhen-pingshi-niandu"
subjects = ["张伟", "李娜"]
"""
THREE_GROUPS = """
title = "2026 年度民主测评会"
unit = "青山区统计局"
held_on = 2026-12-18
preset = "si-deng"
hall_view = "turnout"
subjects_file = "roster.xlsx"

[[groups]]
label = "A票"
weight = 40
entitled = 3
[[groups]]
label = "B票"
weight = 30
entitled = 4
spares = 1
[[groups]]
label = "C票"
weight = 30
entitled = 5
tickets = 4
"""
BY_TELLERS = THREE_GROUPS.replace('hall_view = "turnout"', 'hall_view = "turnout"\ncustody = "tellers"')
VOTES = {
    "A票": [("excellent", "competent"), ("excellent", "abstain"), ("competent", "competent")],
    "B票": [("competent", "incompetent"), ("basically_competent", "excellent"), ("excellent", "excellent")],
    "C票": [("incompetent", "competent"), ("excellent", "basically_competent")],
}
WEIGHTS = {"A票": 40, "B票": 30, "C票": 30}
POINTS = {"excellent": 100, "competent": 80, "basically_competent": 60, "incompetent": 0}


def test_a_whole_meeting_can_be_held_by_script(kaohe: Kaohe, tmp_path: Path) -> None:
    shell = kaohe.apart
    meeting_id = shell.meeting(THREE_GROUPS, roster_xlsx=_roster())
    assert _names(kaohe.show(meeting_id)) == ["张伟", "李娜"]
    assert "必须处理" not in kaohe.does("meeting", "check", meeting_id)
    codes = shell.tickets(meeting_id)
    assert {group: len(found) for group, found in codes.items()} == {"A票": 3, "B票": 5, "C票": 4}
    with kaohe.serving() as server:
        shell.does("meeting", "open", meeting_id)
        _cast_all(kaohe, meeting_id, codes)
        for group, present in (("A票", "3"), ("B票", "4"), ("C票", "4")):
            kaohe.does("meeting", "numbers", meeting_id, "--group", group, "--present", present)
        assert "收回 8 张" in shell.does("meeting", "close", meeting_id)
        assert "共 8 张" in shell.does("meeting", "count", meeting_id)
        shell.does("meeting", "publish", meeting_id)
        assert "1/2" in kaohe.does("meeting", "reveal", meeting_id)
        assert "2/2" in kaohe.does("meeting", "reveal", meeting_id, "--all")
        assert server.stop() == 0
    shown = shell.show(meeting_id)
    assert (shown["state"], shown["revealed"]) == ("published", 2)
    assert [shown["board"][name] for name in ("entitled", "present", "issued", "cast")] == [12, 11, 11, 8]
    assert shown["result"]["turnout"]["cast"] == "8"
    scores = [subject["score"] for subject in shown["result"]["subjects"]]
    assert scores == [_score(0), _score(1)]
    printed = shell.does("documents", meeting_id, "--out", str(tmp_path / "归档")).splitlines()
    assert {Path(line).suffix for line in printed} == {".xlsx", ".csv", ".docx", ".pdf"}
    assert sorted(map(str, (tmp_path / "归档").iterdir())) == sorted(printed)
    (workbook,) = (tmp_path / "归档").glob("*.xlsx")
    cells = {
        f"{cell.value:.2f}" if isinstance(cell.value, float | int) else cell.value
        for row in openpyxl.load_workbook(workbook).worksheets[0].iter_rows()
        for cell in row
    }
    assert set(scores) < cells


def test_a_meeting_whose_key_the_tellers_hold(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(BY_TELLERS, roster_xlsx=_roster())
    assert kaohe.run("meeting", "check", meeting_id).code == 1
    key = kaohe.does("meeting", "key", meeting_id)
    kaohe.does("meeting", "prove", meeting_id, typed=key)
    assert kaohe.run("meeting", "check", meeting_id).code == 0
    codes = kaohe.tickets(meeting_id)
    kaohe.does("meeting", "open", meeting_id)
    assert kaohe.run("tickets", meeting_id, "--csv").out == ""
    assert "票码已经清除" in kaohe.refuses("tickets", meeting_id, "--csv")
    with kaohe.serving():
        _cast_all(kaohe, meeting_id, codes)
    kaohe.does("meeting", "close", meeting_id)
    kaohe.does("meeting", "count", meeting_id, typed=key)
    assert [subject["score"] for subject in kaohe.show(meeting_id)["result"]["subjects"]] == [_score(0), _score(1)]
    assert key.strip().replace("-", "").encode() not in (kaohe.data / "kaohe.sqlite3").read_bytes()


def test_a_round_is_voided_and_held_again(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(THREE_GROUPS, roster_xlsx=_roster())
    kaohe.does("meeting", "open", meeting_id)
    assert "第 2 轮" in kaohe.does("meeting", "void", meeting_id, "--reason", "人数有误")
    shown = kaohe.show(meeting_id)
    assert (shown["round"], shown["state"]) == (2, "draft")
    assert shown["rounds"][0] == {"round": 1, "state": "open", "void_reason": "人数有误"}
    kaohe.does("meeting", "open", meeting_id)
    assert kaohe.show(meeting_id)["board"]["printed"] == 12


def test_tickets_are_added_voided_and_replaced(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(THREE_GROUPS, roster_xlsx=_roster())
    assert "--group" in kaohe.refuses("tickets", meeting_id, "issue", "--count", "2")
    kaohe.does("tickets", meeting_id, "issue", "--group", "A票", "--count", "2", "--spares", "1")
    before = kaohe.tickets(meeting_id)["A票"]
    assert len(before) == 6
    kaohe.does("tickets", meeting_id, "void", before[0])
    url = kaohe.does("tickets", meeting_id, "reissue", before[1]).strip()
    after = kaohe.tickets(meeting_id)["A票"]
    assert len(after) == 5
    assert url.startswith(f"{kaohe.url}/v/{meeting_id}/1#")
    assert {code.replace("-", "") for code in after} == {code.replace("-", "") for code in before[2:]} | {
        url.partition("#")[2].partition(".")[0]
    }


def test_a_rehearsal_leaves_nothing(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(THREE_GROUPS, roster_xlsx=_roster())
    trial = kaohe.does("meeting", "rehearse", meeting_id).splitlines()
    assert len(trial) == 9
    with kaohe.serving():
        assert kaohe.vote(meeting_id, trial[0].partition("#")[2].partition(".")[0], "excellent").status == 200
        kaohe.does("meeting", "rehearse", meeting_id, "--wipe")
        assert kaohe.show(meeting_id)["board"]["cast"] == 0


def test_the_example_file_makes_a_meeting(kaohe: Kaohe) -> None:
    meeting_id = kaohe.does("meeting", "create", str(ROOT / "kaohe" / "data" / "example-meeting.toml")).strip()
    shown = kaohe.show(meeting_id)
    assert (len(shown["subjects"]), _names(shown)[0], shown["hall_view"]) == (12, "周文清", "batched")
    assert [group["printed"] for group in shown["board"]["groups"]] == [156]
    assert [finding for finding in shown["findings"] if finding["is_blocking"]] == []


def test_a_meeting_file_may_differ_from_its_preset_and_orders_tickets_by_group(kaohe: Kaohe) -> None:
    text = """
title = "年度民主测评会"
preset = "si-deng"
[[subjects]]
name = "张伟"
unit = "办公室"
post = "主任"
[[subjects]]
name = "办公室班子"
kind = "班子"
[scheme]
rate_base = "entitled"
comments_wanted = true
[[groups]]
label = "A票"
weight = 60
entitled = 12
spares = 2
[[groups]]
label = "B票"
weight = 40
entitled = 30
tickets = 28
spares = 2
"""
    shown = kaohe.show(kaohe.meeting(text))
    assert _names(shown) == ["张伟", "办公室班子"]
    assert (shown["scheme"]["rate_base"], shown["scheme"]["comments_wanted"]) == ("entitled", True)
    assert [group["printed"] for group in shown["board"]["groups"]] == [14, 30]


def test_a_scheme_of_ones_own_needs_no_preset(kaohe: Kaohe) -> None:
    scheme = """
[scheme]
format = 1
key = "xin-xi"
title = "信任投票"
[[scheme.grades]]
key = "trust"
label = "信任"
points = 100
[[scheme.grades]]
key = "distrust"
label = "不信任"
points = 0
[[scheme.dimensions]]
key = "overall"
label = "总体评价"
weight = 100
"""
    text = THREE_GROUPS.replace('preset = "si-deng"\n', "") + scheme
    shown = kaohe.show(kaohe.meeting(text, roster_xlsx=_roster()))
    assert [grade["label"] for grade in shown["scheme"]["grades"]] == ["信任", "不信任"]
    assert [group["label"] for group in shown["scheme"]["groups"]] == ["A票", "B票", "C票"]


def test_what_a_person_reads_says_the_same(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(THREE_GROUPS, roster_xlsx=_roster())
    assert "尚未开始" in kaohe.does("meeting", "list")
    assert "提醒：" in kaohe.does("meeting", "show", meeting_id)
    for act in ("open", "close", "count"):
        kaohe.does("meeting", act, meeting_id)
    shown = kaohe.does("meeting", "show", meeting_id)
    assert "已计票" in shown
    assert "张伟" in shown


def test_a_year_without_a_vote_is_told_in_its_own_words(kaohe: Kaohe) -> None:
    meeting_id = kaohe.meeting(YEAR)
    with create_app(Config(kaohe.data, sqlite_url(kaohe.data))).app_context():
        quarters = [Period(f"第{number}季度", Fraction(90)) for number in "一二三四"]
        setup, _ = load_meeting(meeting_id)
        import_periods("王主持", meeting_id, {subject.key: quarters for subject in setup.subjects})
        close_database()
    assert "已定稿" in kaohe.does("meeting", "open", meeting_id)
    assert "已定稿" in kaohe.does("meeting", "list")
    assert kaohe.does("meeting", "count", meeting_id) == "已汇总成绩，本场没有选票。\n"
    shown = kaohe.does("meeting", "show", meeting_id)
    assert "已汇总" in shown
    assert "本场不投票" in shown
    assert "收回" not in shown
    assert "90.00" in shown


def _cast_all(kaohe: Kaohe, meeting_id: str, codes: dict[str, list[str]]) -> None:
    for group, ballots in VOTES.items():
        for code, grades in zip(codes[group], ballots, strict=False):
            assert kaohe.vote(meeting_id, code, *grades).status == 200


def _names(shown: Any) -> list[str]:
    return [subject["name"] for subject in shown["subjects"]]


def _score(subject: int) -> str:
    """Each group's mean by hand, weighted, with two decimals, half up."""
    total = Fraction(0)
    for group, ballots in VOTES.items():
        points = [POINTS[grades[subject]] for grades in ballots if grades[subject] != "abstain"]
        total += Fraction(sum(points) * WEIGHTS[group], len(points) * 100)
    hundredths = (total.numerator * 200 + total.denominator) // (total.denominator * 2)
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _roster() -> bytes:
    workbook = openpyxl.Workbook()
    for row in (("序号", "姓名", "单位", "职务"), (1, "张伟", "办公室", "主任"), (2, "李娜", "人事科", "科长")):
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
