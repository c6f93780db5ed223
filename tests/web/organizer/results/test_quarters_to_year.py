"""P12 from four voted quarters to a corrected year, with what happens to an office on the way; sums worked by hand.

What two members of the panel write, each quarter's mean, and what the year comes to::

              第一季度        第二季度        第三季度        第四季度        年度
    张伟      92, 94 → 93     95, 95 → 95     90, 90 → 90     88, 90 → 89     367 ÷ 4 = 91.75
    李娜      90, 92 → 91     93, 97 → 95     92 - 2 → 90     91, 91 → 91     367 ÷ 4 = 91.75
    孙磊      86, 88 → 87     未定等次        84, 84 → 84     87 - 6 → 81     252 ÷ 3 = 84.00, corrected 258 ÷ 3 = 86.00
    王芳      joins later                     88, 90 → 89     92, 94 → 93     182 ÷ 2 = 91.00
    赵敏      80, 80 → 80     70, 70 → 70     has left
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook
from page_client import Page, PageClient
from scene import CHAIR, Scene, cast, draft_meeting, prepare_meeting, version_of

from kaohe.cli.meeting_output import meeting_document
from kaohe.domain.meetings import Group
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.correcting import correct_result
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.reviewing import today
from kaohe.operations.setup.deciding import decide, withdraw_decision
from kaohe.operations.setup.preparing import change_basics, load_meeting
from kaohe.tally.model import Decision
from kaohe.tally.scheme.tiers import EdgeTie, Quota

Written = Mapping[str, tuple[int, int]]
PANEL = (Group("panel", "考核小组", Fraction(1), 2),)
FIRST: Written = {"张伟": (92, 94), "李娜": (90, 92), "孙磊": (86, 88), "赵敏": (80, 80)}
MISTAKEN: Written = {"张伟": (95, 95), "李娜": (60, 60), "孙磊": (70, 70), "赵敏": (70, 70)}
SECOND: Written = MISTAKEN | {"李娜": (93, 97)}
THIRD: Written = {"张伟": (90, 90), "李娜": (92, 92), "孙磊": (84, 84), "王芳": (88, 90)}
FOURTH: Written = {"张伟": (88, 90), "李娜": (91, 91), "孙磊": (87, 87), "王芳": (92, 94)}


class Year:
    """The year, its quarters, and the organizer who presses the buttons of its pages."""

    def __init__(self, app: Flask, client: PageClient) -> None:
        self.app, self.client = app, client
        with app.app_context():
            people = [SubjectEntry(name, "办公室", "科员") for name in ("张伟", "李娜", "孙磊", "王芳")]
            quota = Quota(count=1, tie=EdgeTie.UNDECIDED)
            self.id = draft_meeting("zhen-pingshi-niandu", people, quotas=(quota,))
            entitle(self.id, "2026年度考核")

    def page(self, step: str) -> Page:
        return self.client.get(f"/desk/{self.id}/{step}")

    def press(self, where: str, act: str = "", *, status: int = 200, **fields: object) -> Page:
        page = self.page(where)
        token = page.soup.select_one("input[name=csrf_token]")["value"]
        return self.client.post(f"/desk/{self.id}/{where}{act}", {"csrf_token": token, **fields}, status=status)

    def take(self, *quarters: str, status: int = 200, answer: str = "") -> Page:
        return self.press("inputs", "/periods/take-all", status=status, meeting=list(quarters), answer=answer)

    def figures(self) -> dict[str, set[tuple[str, str]]]:
        """By name: the (score, tier) that screen, JSON, Excel and Word say; one pair where all say the same."""
        said: dict[str, set[tuple[str, str]]] = {}
        found = [*self._screen(), *self._json(), *self._excel(), *self._word()]
        for name, score, tier in found:
            said.setdefault(name, set()).add((score, tier))
        assert len(found) == 4 * len(said)
        return said

    def _screen(self) -> list[tuple[str, str, str]]:
        (table,) = [each for each in self.page("result").soup.select(".sheet-table") if "名次" in each.text]
        return _ranked([[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")])

    def _json(self) -> list[tuple[str, str, str]]:
        with self.app.app_context():
            result: Any = meeting_document(self.id)["result"]
            names = {subject.key: subject.name for subject in load_meeting(self.id)[0].subjects}
        return [(names[row["key"]], row["score"], row["tier"] or "—") for row in result["subjects"]]

    def _excel(self) -> list[tuple[str, str, str]]:
        reply = self.client.http.get(f"/documents/{self.id}/1/workbook.xlsx")
        rows = load_workbook(BytesIO(reply.data))["汇总表"].iter_rows(values_only=True)
        return _ranked(
            [[f"{cell:.2f}" if isinstance(cell, float) else str(cell or "") for cell in row] for row in rows]
        )

    def _word(self) -> list[tuple[str, str, str]]:
        reply = self.client.http.get(f"/documents/{self.id}/1/sheets.docx")
        tables = [
            [[cell.text for cell in row.cells] for row in table.rows] for table in Document(BytesIO(reply.data)).tables
        ]
        return [each for table in tables if "名次" in table[0] for each in _ranked(table)]


def _ranked(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    """Name, score and last tier of each row below the headings."""
    (head,) = [row for row in rows if "名次" in row]
    tier = max(at for at, text in enumerate(head) if text.endswith("等次"))
    below = [row for row in rows[rows.index(head) + 1 :] if row[0].isdigit()]
    score = head.index("得分")
    return [(row[1], f"{float(row[score]):.2f}", row[tier] or "—") for row in below]


def entitle(meeting_id: str, title: str) -> None:
    change_basics(CHAIR, meeting_id, version_of(meeting_id), title=title, unit="青山镇", held_on=None)


def drafted(number: str, written: Written) -> Scene:
    scene = prepare_meeting(preset="zhen-pingshi", names=tuple(written), groups=PANEL)
    entitle(scene.meeting_id, f"2026年第{number}季度平时考核")
    return scene


def key_of(meeting_id: str, name: str) -> str:
    return next(each.key for each in load_meeting(meeting_id)[0].subjects if each.name == name)


def voted(quarter: Scene, written: Written) -> None:
    open_meeting(CHAIR, quarter.meeting_id)
    for member, code in enumerate(quarter.all_codes):
        cast(quarter.meeting_id, code, *(str(numbers[member]) for numbers in written.values()))
    close_meeting(CHAIR, quarter.meeting_id)
    count_meeting(CHAIR, quarter.meeting_id)
    publish_result(CHAIR, quarter.meeting_id, without_present=True)


def decided(meeting_id: str, name: str, clause: str, amount: int | None = None) -> str:
    points = None if amount is None else Fraction(amount)
    return decide(CHAIR, meeting_id, Decision(key_of(meeting_id, name), clause, "经核实", points))


@pytest.fixture
def year(app: Flask, signed_in: PageClient) -> Year:
    return Year(app, signed_in)


def test_four_quarters_make_a_year_that_is_ruled_published_reviewed_and_corrected(app: Flask, year: Year) -> None:
    late, wrong = _four_quarters(app, year)
    year.client.submit(year.page("chair"), "/open")
    year.client.submit(year.page("chair"), "/count")
    # 张伟 and 李娜 stand alike before the one place for 优秀; 王芳 is behind them.
    page = year.page("rulings")
    assert "优秀名额还剩 1 个，2 人并列" in page.text
    li, zhang = (key_of_in(app, year.id, name) for name in ("李娜", "张伟"))
    fields = {"step": "审定", "decided_on": "2026-12-28", "minute": "党委会纪要第 12 号"}
    refused = year.press("rulings", status=422, subject=[li, zhang], tier="excellent", reason="研究", **fields)
    assert refused.error == "bad_decision"
    year.press("rulings", subject=[li], tier="excellent", reason="综合表现更突出", **fields)
    year.press("rulings", subject=[zhang], tier="competent", reason="名额所限", **fields)
    year.press("rulings", "/others", **fields)
    year.client.submit(year.page("chair"), "/publish")
    assert year.figures() == {
        "张伟": {("91.75", "称职")},
        "李娜": {("91.75", "优秀")},
        "孙磊": {("84.00", "称职")},
        "王芳": {("91.00", "称职")},
    }

    # 孙磊 asks for a review; the deduction is taken back where it was made, and the year is corrected from there.
    day = today().isoformat()
    sun = key_of_in(app, year.id, "孙磊")
    year.press("reviews", subject=sun, asked_on=day, request="第四季度并未迟到")
    year.press("reviews", "/decide", number="1", outcome="changed", decided_on=day, reason="考勤记录有误")
    with app.app_context():
        withdraw_decision(CHAIR, late, wrong, "考勤记录有误")
        correct_result(CHAIR, late, "据复核更正")
    year.take(late, answer="same")
    assert year.figures()["孙磊"] == {("84.00", "称职")}
    assert "孙磊：得分 84.00 → 86.00" in year.page("corrections").text
    year.press("corrections", reason="据复核更正")
    year.press("reviews", "/answer", number="1", answered_on=day)
    assert year.figures() == {
        "张伟": {("91.75", "称职")},
        "李娜": {("91.75", "优秀")},
        "孙磊": {("86.00", "称职")},
        "王芳": {("91.00", "称职")},
    }
    assert "第 2 版" in year.page("corrections").text


def _four_quarters(app: Flask, year: Year) -> tuple[str, str]:
    """Bring them as an office gets them; returns the late one, and the decision in it that will prove wrong."""
    with app.app_context():
        first, second, third = drafted("一", FIRST), drafted("二", MISTAKEN), drafted("三", THIRD)
        for quarter, written in ((first, FIRST), (second, MISTAKEN), (third, THIRD)):
            voted(quarter, written)
    taken = [quarter.meeting_id for quarter in (first, second, third)]
    page = year.take(*taken)
    assert "应有 4 期，现有 3 期" in page.text
    assert "“第一季度”缺 1 个：王芳" in page.text

    # The second quarter was voted on by mistaken numbers: it is voided and held anew, 孙磊 on probation.
    with app.app_context():
        void_round(CHAIR, second.meeting_id, "得分念错")
        decided(second.meeting_id, "孙磊", "probation")
    assert "那一场已经作废" in year.page("inputs").text
    with app.app_context():
        voted(second, SECOND)
        # The third one is corrected after it was published: 李娜 has been late with a task.
        decided(third.meeting_id, "李娜", "task", 2)
        correct_result(CHAIR, third.meeting_id, "漏记一次扣分")
        # The last one comes late, with a deduction for 孙磊.
        fourth = drafted("四", FOURTH)
        wrong = decided(fourth.meeting_id, "孙磊", "attendance", 6)
        voted(fourth, FOURTH)
    stale = year.page("inputs").text
    assert "“第二季度”取自" in stale
    assert "“第三季度”取自" in stale
    doubts = year.take(*taken, fourth.meeting_id, status=409).text
    for doubt in ("李娜“第二季度”：60 → 95", "孙磊“第二季度”：70 → 未定等次", "李娜“第三季度”：92 → 90"):
        assert doubt in doubts
    assert "现有 3 期" in year.page("inputs").text
    page = year.take(*taken, fourth.meeting_id, answer="same")
    assert "现有 3 期" not in page.text
    assert "后来有变动" not in page.text
    return fourth.meeting_id, wrong


def key_of_in(app: Flask, meeting_id: str, name: str) -> str:
    with app.app_context():
        return key_of(meeting_id, name)
