"""Lists of hundreds and thousands come page by page and are searched, and each act on them comes back to its place."""

from __future__ import annotations

from fractions import Fraction

import pytest
from desk import make_account, press
from scene import CHAIR, version_of

from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.importing_scores import import_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.ruling import rule
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.tally.model import Period, Ruling
from kaohe.web.organizer.shell.lists import LINES_OF_A_PAGE

PEOPLE = 2 * LINES_OF_A_PAGE + 30


@pytest.fixture
def year(app):
    """A year of many people, each with four quarters."""
    with app.app_context():
        asked = {"title": "2026年度考核", "unit": "青山区", "held_on": None, "preset_id": "zhen-pingshi-niandu"}
        meeting_id = create_meeting(CHAIR, **asked)
        entries = [SubjectEntry(f"赵{number:03}", f"{number % 9}局", "科员") for number in range(PEOPLE)]
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
        quarters = [Period(f"第{number}季度", Fraction(90)) for number in "一二三四"]
        import_periods(CHAIR, meeting_id, {each.key: quarters for each in load_meeting(meeting_id)[0].subjects})
    return f"/desk/{meeting_id}"


def publish(app, year):
    with app.app_context():
        meeting_id = year.rpartition("/")[2]
        open_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)


def next_url(page, part):
    links = page.soup.select(f"{part} .list-pages a")
    return next((str(link["href"]) for link in links if link.text == "下一页"), None)


def pages_of(client, url, part):
    """All pages of one list of a page, as somebody turns them."""
    while url:
        page = client.get(url)
        assert len(page.response.data) < 200_000
        yield page
        url = next_url(page, part)


@pytest.mark.parametrize(
    ("path", "part", "name"),
    [
        ("subjects", "#subject-list", ".subject-name"),
        ("material", "#material-list", ".subject-name"),
        ("inputs", "#periods-list", "tbody th"),
        ("inputs", "#decision-subject-found", "#decision-subject option"),
    ],
)
def test_before_a_result_every_name_stands_on_one_page_and_is_found_by_it(signed_in, year, path, part, name):
    found = [str(each.text).strip()[:4] for page in pages_of(signed_in, f"{year}/{path}", part)
             for each in page.soup.select(name if name.startswith("#") else f"{part} {name}")]  # fmt: skip
    assert found == [f"赵{number:03}" for number in range(PEOPLE)]
    target = name.partition(" ")[0] if name.startswith("#") else part
    page = signed_in.get(f"{year}/{path}")
    search = page.soup.select_one(f"{target}-sought").find_parent("form")
    assert (search["hx-target"], search["hx-select"]) == (target, target)
    kept = {each["name"]: each["value"] for each in search.select("input[type=hidden]")}
    page = signed_in.get(str(search["action"]), query_string={**kept, "sought": "7局 赵22"})
    assert [each.text.strip()[:4] for each in page.soup.select(name if name.startswith("#") else f"{part} {name}")] == [
        "赵223"
    ]
    assert "找到 1 个" in page.soup.select_one(part).text


def test_a_result_and_what_is_ruled_about_it_come_page_by_page(app, signed_in, year):
    publish(app, year)
    everybody = {f"赵{number:03}" for number in range(PEOPLE)}
    for path, part, name in (
        ("result", "#standings", ".standing-name"),
        ("result", "#table", "tbody td:nth-of-type(2)"),
        ("rulings", "#tiers-list", "tbody th"),
    ):
        found = [
            each.text.strip()
            for page in pages_of(signed_in, f"{year}/{path}", part)
            for each in page.soup.select(f"{part} {name}")
        ]
        assert len(found) == PEOPLE
        assert {text[:4] for text in found} == everybody
    page = signed_in.get(f"{year}/reviews?list=receive&sought=赵229")
    assert [each.text for each in page.soup.select("#subject option")] == ["请选择", "赵229"]


def test_whoever_changes_a_long_list_stays_where_they_are(app, signed_in, year):
    url = f"{year}/subjects"
    page = signed_in.get(next_url(signed_in.get(url), "#subject-list"))
    moved = str(page.soup.select_one("#down-150")["formaction"])
    page = press(signed_in, page, moved)
    assert [page.soup.select_one(f"#subject-{number} .subject-name").text for number in (150, 151)] == [
        "赵150",
        "赵149",
    ]
    page = press(signed_in, page, str(page.soup.select_one("#remove-199")["formaction"]))
    assert page.soup.select_one("#subject-199 .subject-name").text == "赵199"
    # Put back, it is in its place, and the page that shows it.
    undo = next(form for form in page.soup.select("form") if form.text.strip() == "撤销")
    page = signed_in.post(undo["action"], {each["name"]: each["value"] for each in undo.select("input")})
    assert page.soup.select_one("#subject-199 .subject-name").text == "赵198"
    page = signed_in.submit(page, f"{url}/add", name="孙新")
    assert page.soup.select_one(f"#subject-{PEOPLE + 1} .subject-name").text == "孙新"


def test_the_last_of_a_long_list_is_known_as_the_last_when_it_is_gone(signed_in, year):
    page = signed_in.get(f"{year}/subjects?page=2")
    page = press(signed_in, page, f"{year}/subjects/{LINES_OF_A_PAGE}/remove?page=2")
    assert not page.soup.select("[id^=remove-][autofocus]")
    page = press(signed_in, page, f"{year}/subjects/{PEOPLE - 2}/remove?page=3")
    assert page.soup.select_one(f"#remove-{PEOPLE - 2}[autofocus]")


def test_whoever_takes_a_ruling_back_stays_where_it_stood(app, signed_in, year):
    with app.app_context():
        meeting_id = year.rpartition("/")[2]
        open_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        rule(CHAIR, meeting_id, [f"s{number + 1}" for number in range(PEOPLE)], Ruling("审定", "", "", "集体研究"))
    page = signed_in.get(next_url(signed_in.get(f"{year}/rulings"), "#standing-list"))
    form = page.soup.select_one("#withdraw-1-asked form")
    fields = {each["name"]: each.get("value", "") for each in form.select("input")}
    about = page.soup.select_one("#standing-list .subject-name").text
    for why, status in (("误" * (REASON_LENGTH + 1), 422), ("误登", 200)):
        page = signed_in.post(str(form["action"]), {**fields, "why": why}, status=status)
        names = [each.text for each in page.soup.select("#standing-list .subject-name")]
        assert (names[0] == about) == (status == 422)
        assert "第 2 页" in page.soup.select_one("#standing-list .list-pages").text


def test_a_row_is_edited_from_what_was_found_and_wherever_it_stands(app, signed_in, year):
    url = f"{year}/subjects"
    page = signed_in.get(f"{url}?sought=赵18")
    assert len(page.soup.select(".subject")) == 10
    assert not page.soup.select_one("#up-185"), "a place among those found is none in the list"
    page = signed_in.get(str(page.soup.select_one("#edit-185")["hx-get"]))
    saving = str(page.soup.select_one("#subject-list")["action"])
    fields = page.fields(saving)
    refused = signed_in.post(saving, {**fields, "number": "0"}, status=422)
    assert refused.soup.select_one("#edited-name")["value"] == "赵184"
    page = signed_in.post(saving, {**fields, "name": "赵18甲"})
    assert page.soup.select_one("#edit-185[autofocus]")
    assert [each.text for each in page.soup.select(".subject-name")][4] == "赵18甲"
    # An address that says the row alone leads to the page where it stands.
    assert signed_in.get(f"{url}?edit=215").soup.select_one("#edited-name")["value"] == "赵215"
    assert signed_in.get(f"{url}?edit=215&sought=赵001").soup.select_one("#subject-216 #edited-name")
    assert "没有找到" in signed_in.get(f"{url}?sought=nobody").text


def test_many_units_are_offered_where_they_are_chosen_and_not_in_every_line(app, signed_in):
    with app.app_context():
        units = [add_unit(CHAIR, f"{number:03}局", "top") for number in range(LINES_OF_A_PAGE + 20)]
    for number in range(3):
        make_account(app, f"组织者{number}")
    few = 3 * len(units)
    for url, line in (("/desk/units", "#unit-list > ul > li"), ("/desk/accounts", "#account-list > ul > li")):
        page = signed_in.get(url)
        assert len(page.soup.select("option")) < few
        page = signed_in.get(str(page.soup.select_one(f"{line}:nth-of-type(2) .account-body p a")["href"]))
        opened = page.soup.select_one(f"{line} details[open]")
        assert len(opened.select("option")) >= len(units) - 1
        assert len(page.soup.select("option")) < 2 * few
    assert not signed_in.get("/desk/units").soup.select_one("#unit-top .account-body p a"), (
        "it is neither moved nor closed"
    )
    page = signed_in.get(f"/desk/units?open={units[-1]}")
    assert page.soup.select_one(f"#unit-{units[-1]} details[open]")
    assert [each.text for each in signed_in.get("/desk/units?sought=119").soup.select(".account-name")] == ["119局"]
