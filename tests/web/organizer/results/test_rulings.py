"""The page on which people rule about tiers: what the rules recommend, ties to choose from, reasons, and the sheets."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from io import StringIO

import pytest
from scene import CHAIR, draft_meeting

from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.computing import count_without_ballots
from kaohe.operations.count.importing_scores import import_periods
from kaohe.tally.model import Period

SCORES = {"甲": 100, "丙": 90, "丁": 90, "戊": 70, "己": 70}
"""Of five, 40 % are two places; 甲 takes one, 丙 and 丁 tie for the other."""


@pytest.fixture
def year(app):
    with app.app_context():
        entries = [SubjectEntry(name, "办公室", "科员") for name in SCORES]
        meeting_id = draft_meeting("xiang-pingshi-niandu", entries)
        periods = {f"s{n}": [Period("第一季度", Fraction(score))] for n, score in enumerate(SCORES.values(), start=1)}
        import_periods(CHAIR, meeting_id, periods)
        open_meeting(CHAIR, meeting_id)
        count_without_ballots(CHAIR, meeting_id)
    return meeting_id


@pytest.fixture
def url(year):
    return f"/desk/{year}/rulings"


def rows(page):
    return {
        row.th.text: [cell.text for cell in row.select("td")][2:4] for row in page.soup.select("table.table tbody tr")
    }


def press(client, url, path="", *, status=200, **fields):
    page = client.get(url)
    said = {"csrf_token": page.soup.select_one("input[name=csrf_token]")["value"], "step": "审定"}
    return client.post(url + path, {**said, **fields}, status=status)


def test_every_number_of_a_line_says_what_it_is_where_the_head_of_the_table_has_no_room(signed_in, url):
    line = signed_in.get(url).soup.select_one("table.table-lines tbody tr")
    assert [cell["data-label"] for cell in line.select("td:not(.lines-main, .lines-rest)")] == ["得分", "建议", "审定"]


def test_what_is_to_be_checked_of_each_of_them_stands_in_one_notice(signed_in, year):
    said = signed_in.get(f"/desk/{year}/result").soup.select(".notice-warn")
    (together,) = [each for each in said if "应有 4 期结果" in each.get_text()]
    tied = ["丙", "丁"]
    assert len(together.select("li")) == len(SCORES) + len(tied)
    assert f"计分时有 {len(SCORES) + len(tied)} 处需要核对" in together.get_text()


def test_a_tie_is_offered_as_a_choice_and_both_tiers_stand_side_by_side(signed_in, year, url):
    page = signed_in.get(signed_in.get(f"/desk/{year}/result").soup.select_one(f"a[href='{url}']")["href"])
    assert "优秀名额还剩 1 个，2 人并列，请研究后选定" in page.text
    offered = [choice["value"] for choice in page.soup.select("input[name=subject][type=checkbox]")]
    assert offered == ["s2", "s3"]

    refused = press(signed_in, url, status=422, subject=offered, tier="excellent", reason="工作突出")
    assert "优秀名额 2 个，审定后有 3 个" in refused.text
    assert refused.soup.select_one("#one-reason")["value"] == "工作突出"
    minute = "党组会议纪要第12号"
    press(signed_in, url, subject="s3", tier="excellent", reason="工作突出", decided_on="2026-12-28", minute=minute)
    page = press(signed_in, url, "/others", decided_on="2026-12-28")

    assert rows(page) == {
        "甲": ["优秀", "优秀"],
        "丙": ["称职", "称职"],
        "丁": ["称职", "优秀"],
        "戊": ["称职", "称职"],
        "己": ["称职", "称职"],
    }
    events = signed_in.get(f"/desk/{year}/events")
    (export,) = [link["href"] for link in events.soup.select("#main a") if "CSV" in link.get_text()]
    reply = signed_in.http.get(export)
    head, *exported = csv.reader(StringIO(reply.data.decode("utf-8-sig")))
    assert head[1:] == ["操作人", "操作"]
    assert re.fullmatch(r"时间（UTC[+-]\d\d:\d\d）", head[0])
    assert exported == [[cell.get_text() for cell in row.select("td")] for row in events.soup.select("tbody tr")]
    assert "%E6%93%8D%E4%BD%9C%E8%AE%B0%E5%BD%95.csv" in reply.headers["Content-Disposition"]
    record = events.text
    assert f"审定等次：丁，优秀，理由：工作突出；2026-12-28；{minute}" in record
    assert "审定等次：其余维持已有的等次；2026-12-28" in record


def test_nobody_and_no_tier_is_chosen_beforehand(signed_in, url):
    page = signed_in.get(url)
    chosen = [page.soup.select_one(f"#one-{name} option[selected]").text for name in ("subject", "tier")]
    assert chosen == ["请选择", "请选择"]
    assert "请选择考核对象" in press(signed_in, url, status=422, subject="", tier="excellent", reason="研究").text
    page = press(signed_in, url, status=422, subject="s1", tier="请选择", reason="研究")
    assert "请选择等次" in page.text
    assert page.soup.select_one("#one-subject option[selected]").text == "甲"


def test_the_sheets_print_both_tiers_with_the_reason_and_the_minute(app, signed_in, year, url):
    press(signed_in, url, subject="s3", tier="excellent", reason="工作突出", minute="纪要12号")
    with app.app_context():
        publish_result(CHAIR, year)
    links = signed_in.get(f"/desk/{year}/result").soup.select("a[data-file]")
    files = {link["data-file"]: link["href"] for link in links}
    for kind in ("summary", "register"):
        lines = signed_in.get(files[kind]).response.get_data().decode("utf-8-sig").splitlines()
        head = next(line for line in lines if "建议等次,审定等次" in line).split(",")
        (own,) = [line.split(",") for line in lines if "丁" in line and line.count(",") == len(head) - 1]
        assert own[head.index("建议等次")] == "称职"
        assert own[head.index("审定等次")] == "优秀"
        assert "审定为优秀（工作突出；纪要12号）" in own[-1]
    assert "这里的改动先不计入" in signed_in.get(url).text
    notice = signed_in.get(f"{files['print']}?set=notice&start=2026-12-18&contact=陈静")
    names = [row.select("td")[1].get_text() for row in notice.soup.select(".laid-table tbody tr")]
    assert "丁" in names
    assert "2026年12月18日至2026年12月24日（5 个工作日）" in notice.text
    assert notice.soup.select_one("[name=contact]")["value"] == "陈静"
    (word,) = [a["href"] for a in notice.soup.select(".toolbar-row a") if "Word" in a.get_text()]
    assert "start=2026-12-18" in word
    assert signed_in.http.get(word).status_code == 200
    assert signed_in.get(f"{files['print']}?set=notice&start=tomorrow", status=422).error == "field_invalid"


def test_a_ruling_is_withdrawn_with_its_reason(signed_in, year, url):
    press(signed_in, url, subject="s1", tier="", reason="调出本单位")
    assert rows(signed_in.get(url))["甲"] == ["优秀", "不定等次"]
    assert press(signed_in, url, "/withdraw", status=422, subject="s1").error == "field_invalid"
    page = press(signed_in, url, "/withdraw", subject="s1", why="录入有误")
    assert rows(page)["甲"] == ["优秀", "—"]


def test_a_scheme_without_tiers_has_nothing_to_rule_about(app, signed_in):
    with app.app_context():
        plain = draft_meeting("si-deng", [SubjectEntry("甲", "", "")])
        tiered = draft_meeting("xiang-pingshi-niandu", [SubjectEntry("甲", "", "")])
    assert "不定等次，这里不用填写" in signed_in.get(f"/desk/{plain}/rulings").text
    assert "还没有计票" in signed_in.get(f"/desk/{tiered}/rulings").text
