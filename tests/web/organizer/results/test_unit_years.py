"""The year of all units on one page: how far each is, and the share of 优秀 over all of them."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from io import StringIO

import pytest
from flask import Flask
from page_client import PageClient
from scene import CHAIR, put_scheme, version_of

from kaohe.domain.people import Spell
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.importing_scores import import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.people.merging import merge_unit
from kaohe.operations.people.register import add_person
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import transaction
from kaohe.storage.people import store_people_of_meeting

SCHEME = """
format = 1
key = "own"
title = "平时考核"
grades = []
dimensions = []
components = [{ key = "checks", label = "平时考核", weight = 100, source = "imported" }]
bands = [{ key = "excellent", label = "优秀", from = 90 }, { key = "competent", label = "称职" }]
"""


def quarter(unit: str, unit_id: str, title: str, *scores: int, scheme: str = SCHEME) -> str:
    """A computed quarter of one unit with these scores; drawn up only, without any."""
    meeting_id = create_meeting(CHAIR, title=title, unit=unit, held_on=None, preset_id="si-deng", unit_id=unit_id)
    put_scheme(meeting_id, parse_scheme_text(scheme))
    entries = [SubjectEntry(f"{unit}{number}", unit, "科员") for number in range(max(1, len(scores)))]
    change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
    if scores:
        keys = [subject.key for subject in load_meeting(meeting_id)[0].subjects]
        given = {key: Fraction(score) for key, score in zip(keys, scores, strict=True)}
        import_scores(CHAIR, meeting_id, "checks", given)
        open_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
    return meeting_id


@pytest.fixture
def units(app: Flask) -> dict[str, str]:
    with app.app_context():
        made = {name: add_unit(CHAIR, name, "top") for name in ("统计局", "财政局", "民政局")}
        quarter("统计局", made["统计局"], "2026年第一季度考核", 95, 94, 80, 70, 60)
        quarter("财政局", made["财政局"], "2026年第一季度考核", 80, 81, 82, 83, 84)
        quarter("财政局", made["财政局"], "2026年第二季度考核")
    return made


def test_units_by_periods_and_the_share_over_all_of_them(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    page = signed_in.get("/desk/results/year")
    tables = page.soup.select("table")
    tiers, progress = (
        [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tr")] for table in tables
    )
    assert tiers == [
        ["单位", "优秀", "称职", "未定等次", "优秀占比%", "优秀上限", "超出"],
        ["统计局", "2", "3", "0", "40.00", "1", "1"],
        ["财政局", "0", "5", "0", "0.00", "1", "0"],
        ["全部单位", "2", "8", "0", "20.00", "2", "0"],
    ]
    assert "上限 20%，即 2 人，没有超出" in page.text
    assert "单看本单位超出的：统计局（超出 1 人）" in page.text
    assert "尚未公布或尚未全部公布的：民政局" in page.text
    assert progress == [
        ["单位", "第一季度", "第二季度", "年度"],
        ["统计局", "已公布", "—", "—"],
        ["财政局", "已公布", "尚未定稿", "—"],
        ["民政局", "—", "—", "—"],
    ]
    asking = {"HX-Request": "true", "HX-Target": "year"}
    part = signed_in.get("/desk/results/year?share=10&period=第一季度", headers=asking)
    assert part.soup.select_one("h1") is None
    assert "上限 10%，即 1 人，超出 1 人" in part.text
    assert "上限 20%" in signed_in.get("/desk/results/year?share=").text
    empty = signed_in.get("/desk/results/year?period=第三季度").soup
    assert [each["value"] for each in empty.select("#period option[selected]")] == ["第三季度"]
    assert "还没有单位公布这一期的结果" in empty.text

    url = "/desk/results/year.csv?share=10&period=第一季度"
    rows = list(csv.reader(StringIO(signed_in.http.get(url).data.decode("utf-8-sig"))))
    assert rows[0] == ["2026年第一季度各单位等次分布"]
    assert rows[2:5] == [[*tiers[1][:5], "0", "2"], [*tiers[2][:5], "0", "0"], [*tiers[3][:5], "1", "1"]]
    assert signed_in.http.get(url.replace("csv", "xlsx")).mimetype.endswith("sheet")


def test_a_year_without_meetings_says_how_they_come_in(signed_in: PageClient) -> None:
    page = signed_in.get("/desk/results/year")
    assert "这一年还没有会议" in page.text
    assert f"{date.today().year} 年" in page.text  # noqa: DTZ011 - the page shows the server's own local year


def test_a_meeting_whose_unit_is_not_filled_in_yet_stands_in_a_line_with_words(
    app: Flask, signed_in: PageClient
) -> None:
    with app.app_context():
        create_meeting(CHAIR, title="2026年度考核", unit="", held_on=None, preset_id="si-deng")
    page = signed_in.get("/desk/results/year?year=2026")
    assert [row.get_text() for row in page.soup.select("tbody th")] == ["（未填写单位）"]


def test_a_share_that_nobody_typed_is_that_of_the_period_that_is_chosen(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        scheme = f"{SCHEME}quotas = [{{ share = 80 }}]"
        quarter("民政局", units["民政局"], "2026年第三季度考核", 95, 80, scheme=scheme)
    form = signed_in.get("/desk/results/year").soup.select_one("#year form")
    assert form is not None
    asked = {each["name"]: str(each["value"]) for each in form.select("input")}
    assert (asked["share"], "上限 80%" in signed_in.get("/desk/results/year?period=第三季度").text) == ("80", True)
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    assert "上限 20%" in signed_in.get(f"/desk/results/year?{query}&period=第一季度").text
    typed = query.replace("share=80", "share=30")
    page = signed_in.get(f"/desk/results/year?{typed}&period=第一季度")
    assert "上限 30%" in page.text
    assert page.soup.select_one("input[name=proposed]") is None


def test_every_page_of_the_units_says_what_its_units_have(app: Flask, signed_in: PageClient) -> None:
    with app.app_context():
        made = [add_unit(CHAIR, f"{number:03}局", "top") for number in range(101)]
        for at in (0, 100):
            quarter(f"{at:03}局", made[at], "2026年第一季度考核", 95, 80, 80, 80, 80)
    pages = [signed_in.get(f"/desk/results/year?page={number}") for number in (1, 2)]
    tables = [page.soup.select("table") for page in pages]
    listed = [[row.get_text() for row in table[0].select("tbody th")] for table in tables]
    assert listed == [["000局"], ["100局"]]
    assert all("没有超出" in page.text for page in pages)
    # The first ten of ninety-nine are named; the table shows the others.
    assert "、010局等 99 个单位。" in pages[0].text


def test_the_scheme_of_the_quarters_has_its_year_chosen_and_another_one_is_asked_for(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    def chosen() -> str:
        option = signed_in.get("/desk/results/year").soup.select_one("select[name=scheme] option[selected]")
        assert option is not None
        return str(option["value"])

    assert chosen() == ""
    with app.app_context():
        of_a_town = SCHEME.replace('key = "own"', 'key = "zhen-pingshi"')
        for number in "三四":
            quarter("民政局", units["民政局"], f"2026年第{number}季度考核", 95, 80, scheme=of_a_town)
    assert chosen() == "zhen-pingshi-niandu"


def test_every_form_of_a_result_with_tiers_is_reached_from_its_page(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        held = list_meetings()[-1].id
    page = signed_in.get(f"/desk/{held}/result")
    printed = {link["data-file"]: link["href"] for link in page.soup.select('[data-file^="print-"]')}
    assert set(printed) == {
        f"print-{name}" for name in ("attached", "forms", "personal", "appraisal", "pictures", "notice", "early")
    }
    for kind in ("forms", "personal", "appraisal", "notice"):
        paper = signed_in.get(str(printed[f"print-{kind}"])).soup.select_one(".paper")
        assert paper is not None, kind
        assert "年　　月　　日" in paper.get_text(), kind


def test_several_meetings_of_one_period_stand_beside_each_other_and_nobody_counts_twice(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        # Of the five people of the quarter the first two, who had 优秀, are assessed once more.
        again = quarter("统计局", units["统计局"], "2026年第一季度考核（重新考核）", 80, 81)
    page = signed_in.get("/desk/results/year?period=第一季度").soup
    (cell,) = [row.select("td")[0] for row in page.select("table")[1].select("tbody tr") if "统计局" in row.th.text]
    assert [" ".join(held.text.split()) for held in cell.select("p")] == [
        "已公布 2026年第一季度考核（重新考核）",
        "已公布 2026年第一季度考核",
    ]
    assert cell.select_one("a")["href"] == f"/desk/{again}/result"
    (tiers,) = [row.select("td") for row in page.select("table")[0].select("tbody tr") if "统计局" in row.th.text]
    assert [each.text for each in tiers[:2]] == ["5", "0"]
    assert "各场都计，同一人只计一次：统计局。" in page.text
    assert "尚未公布或尚未全部公布的：民政局。" in page.text
    with app.app_context():
        quarter("统计局", units["统计局"], "2026年第一季度考核（事业人员）")
    page = signed_in.get("/desk/results/year?period=第一季度").soup
    assert "尚未公布或尚未全部公布的：统计局、民政局。" in page.text


def test_namesakes_in_two_meetings_of_one_period_both_count(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        staff = quarter("财政局", units["财政局"], "2026年第一季度事业人员考核", 95)
        (officials,) = [
            line.id for line in list_meetings() if line.title == "2026年第一季度考核" and line.unit == "财政局"
        ]
        for meeting_id, post in ((officials, "科长"), (staff, "工程师")):
            person = add_person(CHAIR, Spell("财政局0", "财政局", post))
            with transaction() as session:
                store_people_of_meeting(session, meeting_id, ["s1"], {"s1": person})
    page = signed_in.get("/desk/results/year?period=第一季度").soup
    (tiers,) = [row.select("td") for row in page.select("table")[0].select("tbody tr") if "财政局" in row.th.text]
    assert [each.text for each in tiers[:2]] == ["1", "5"]


def test_a_unit_that_has_joined_another_is_asked_for_nothing_more(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        quarter("财政局", units["财政局"], "2026年第三季度考核", 95, 80)
        merge_unit(CHAIR, units["民政局"], units["财政局"], date(2026, 7, 1), "机构改革")
        merge_unit(CHAIR, units["统计局"], units["财政局"], date(2026, 7, 1), "机构改革")
    page = signed_in.get("/desk/results/year?period=第三季度")
    # Nothing was held by the one, and nothing can be made any more for the other.
    assert "民政局" not in page.text
    assert "统计局" in page.text
    assert "尚未公布或尚未全部公布" not in page.text
    offered = page.soup.select('form[data-step="make"] input[name=unit]')
    assert [each["value"] for each in offered] == [f"{units['财政局']}|财政局"]


@pytest.mark.parametrize("typed", ["x", "-1", "100.1", "20 人"])
def test_a_share_that_is_none_is_refused_and_never_another_one(
    signed_in: PageClient, units: dict[str, str], typed: str
) -> None:
    page = signed_in.get(f"/desk/results/year?share={typed}", status=422)
    assert "优秀比例上限应填 0 到 100 之间的数" in page.text
    field = page.soup.select_one("#share")
    assert field is not None
    assert field["value"] == typed
    for ending in ("csv", "xlsx"):
        assert signed_in.http.get(f"/desk/results/year.{ending}?share={typed}").status_code == 422


def test_a_number_in_an_address_that_is_none_shows_nothing_else_instead(
    app: Flask, signed_in: PageClient, units: dict[str, str]
) -> None:
    with app.app_context():
        held = list_meetings()[-1].id
    for address in (
        "results/year?year=x",
        "results/year.csv?year=x",
        f"{held}/result?round=x",
        f"{held}/result?version=x",
        f"{held}/documents/1/workbook.xlsx?version=x",
    ):
        assert signed_in.http.get(f"/desk/{address}").status_code == 404, address
