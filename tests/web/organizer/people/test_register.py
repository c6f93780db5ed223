"""The page of people, and the question that a list raises before anything of it is stored."""

from __future__ import annotations

import pytest
from desk import new_meeting, press, setup_of
from flask import Flask
from page_client import Page, PageClient
from scene import version_of

from kaohe.domain.people import Employment, Spell
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.people.register import add_person, list_people
from kaohe.operations.setup.subjects import change_subjects

PEOPLE = (
    Spell("陈静", "办公室", "四级主任科员", Employment.LEFT),
    Spell("张伟", "一科", "科长"),
    Spell("张伟", "二科", "科长"),
)


@pytest.fixture
def registered(app: Flask) -> list[str]:
    with app.app_context():
        return [add_person("测试", spell) for spell in PEOPLE]


def names(page: Page) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in page.soup.select("#people summary")]


def test_people_are_found_by_every_word_as_one_types(app: Flask, signed_in: PageClient, registered: list[str]) -> None:
    assert names(signed_in.get("/desk/people")) == ["张伟 一科 科长", "张伟 二科 科长", "陈静 办公室 四级主任科员 离任"]
    asking = {"HX-Request": "true", "HX-Target": "people"}
    part = signed_in.get("/desk/people?sought=张伟 二科", headers=asking)
    assert names(part) == ["张伟 二科 科长"]
    assert part.soup.select_one("h1") is None
    assert "没有找到" in signed_in.get("/desk/people?sought=无此人").text


def test_somebody_is_registered_and_a_move_is_noted_beside_what_was(app: Flask, signed_in: PageClient) -> None:
    page = signed_in.submit(
        signed_in.get("/desk/people"), "/desk/people/add", name=" 李  娜 ", unit="一科", post="科员"
    )
    assert names(page) == ["李 娜 一科 科员"]
    with app.app_context():
        (person,) = list_people()
    done = signed_in.submit(page, f"/desk/people/{person.id}/change", unit="二科", since="2026-03-01")
    assert names(done) == ["李 娜 二科 科员"]
    history = [" ".join(each.get_text(" ").split()) for each in done.soup.select("#people .sign-ins li")]
    assert history == ["李 娜 · 二科 科员 · 在职 自 2026年3月1日", "李 娜 · 一科 科员 · 在职"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": "甲", "standing": "x"}, "请选择状态"),
        ({"name": "甲", "since": "x"}, "日期应写成"),
    ],
)
def test_a_refused_entry_is_said_and_stays_in_the_form(
    signed_in: PageClient, fields: dict[str, str], says: str
) -> None:
    page = signed_in.submit(signed_in.get("/desk/people"), "/desk/people/add", status=422, **fields)
    assert says in page.text
    assert page.soup.select_one("form[action='/desk/people/add'] input[name=name]").get("value", "") == fields["name"]
    assert names(signed_in.get("/desk/people")) == []


def test_a_list_with_a_namesake_asks_who_it_is_before_it_is_stored(
    app: Flask, signed_in: PageClient, registered: list[str]
) -> None:
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/subjects"
    pasted = "姓名\t单位\t职务\n陈静\t经济调查中心\t一级科员\n张伟\t二科\t科长\n赵敏\t一科\t科员"
    page = press(signed_in, signed_in.get(url), f"{url}/preview", pasted=pasted, mode="replace", status=422)
    questions = page.soup.select("form[data-error=roster_asks] fieldset")
    assert [question.select_one("legend").text for question in questions] == ["名单里的“陈静”是人员库中的哪一位？"]
    answers = {each["value"]: each.find_next("span").text for each in questions[0].select("input")}
    assert answers == {registered[0]: "是陈静（办公室 四级主任科员，离任）", "new": "都不是，是另一个人"}
    press(signed_in, page, f"{url}/take", pasted=pasted, mode="replace", status=422)
    assert setup_of(app, meeting_id).subjects == ()

    assert {each["name"] for each in page.soup.select("form[data-error=roster_asks] input[type=hidden]")} >= {
        "pasted", "mode", "version",
    }  # fmt: skip
    page = press(signed_in, page, f"{url}/preview", pasted=pasted, mode="replace", **{"person-0": "new"})
    assert "名单没有问题" in page.text
    signed_in.submit(page, f"{url}/take")
    assert [subject.name for subject in setup_of(app, meeting_id).subjects] == ["陈静", "张伟", "赵敏"]
    assert names(signed_in.get("/desk/people?sought=陈静")) == [
        "陈静 办公室 四级主任科员 离任",
        "陈静 经济调查中心 一级科员",
    ]


def test_a_list_with_one_person_in_two_units_is_refused_with_its_rows_and_stores_nothing(
    app: Flask, signed_in: PageClient, registered: list[str]
) -> None:
    meeting_id = new_meeting(app)
    url = f"/desk/{meeting_id}/subjects"
    same = {"person-0": registered[0], "person-2": registered[0]}
    pasted = "姓名\t单位\t职务\n陈静\t办公室\t科员\n赵敏\t一科\t科员\n陈静\t二科\t科员"
    refused = press(signed_in, signed_in.get(url), f"{url}/take", pasted=pasted, mode="replace", **same, status=409)
    assert "名单第 1 行和第 3 行是同一个人：陈静" in refused.text
    assert setup_of(app, meeting_id).subjects == ()


def test_one_more_who_may_be_somebody_known_is_refused_with_a_way_on(
    app: Flask, signed_in: PageClient, registered: list[str]
) -> None:
    meeting_id = new_meeting(app)
    page = signed_in.get(f"/desk/{meeting_id}/subjects")
    refused = press(signed_in, page, f"/desk/{meeting_id}/subjects/add", name="张伟", status=409)
    assert refused.soup.select_one("[data-error]")["data-error"] == "person_doubted"
    assert "张伟（一科 科长）、张伟（二科 科长）" in refused.text
    press(signed_in, page, f"/desk/{meeting_id}/subjects/add", name="张伟", unit="一科")
    assert len(setup_of(app, meeting_id).subjects) == 1


def test_the_subjects_of_a_meeting_are_registered_at_once(app: Flask, signed_in: PageClient) -> None:
    meeting_id = new_meeting(app)
    with app.app_context():
        entries = [SubjectEntry("张伟", "一科", "科长"), SubjectEntry("李娜", "一科", "科员")]
        change_subjects("测试", meeting_id, version_of(meeting_id), entries)
    page = signed_in.get(f"/desk/{meeting_id}/subjects")
    done = signed_in.submit(page, f"/desk/{meeting_id}/people/register")
    assert "已登记 2 人" in done.text
    assert names(done) == ["张伟 一科 科长", "李娜 一科 科员"]
