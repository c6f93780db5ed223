"""A county builds the years of its units on one page: made of their quarters, computed, ruled about, published."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction
from time import process_time

import pytest
from flask import Flask
from page_client import Page, PageClient
from role_visits import account_of
from scene import CHAIR, put_scheme, version_of

from kaohe.domain.errors import WorkStopped
from kaohe.domain.limits import UNITS_AT_ONCE
from kaohe.domain.meetings import MeetingState
from kaohe.domain.people import NEW
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.unit_years import labels_in_time
from kaohe.domain.units import Reach
from kaohe.operations import apart
from kaohe.operations.apart import work_apart_from_now_on
from kaohe.operations.archive.unit_years import load_unit_years
from kaohe.operations.chair import year_building
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.chair.year_building import Built, build_years, make_years
from kaohe.operations.count.importing_scores import import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.ruling import rule
from kaohe.operations.people.register import list_people, note_change
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import parse_scheme_text
from kaohe.storage.installation import this_config
from kaohe.tally.model import Ruling
from kaohe.web.security import CONSOLE_PATHS

UNITS, PEOPLE = (60, 40) if os.environ.get("KAOHE_WHOLE_COUNTY") else (2, 3)
"""A whole county takes minutes to hold its 240 quarters; every test run builds a small one."""
POSTS_AT_MOST = 200
QUARTERS = ("2026年第一季度平时考核", "2026年第二季度平时考核", "2026年第三季度平时考核", "2026年第四季度平时考核")
SCHEME = """
format = 1
key = "own"
title = "平时考核"
grades = []
dimensions = []
components = [{ key = "checks", label = "平时考核", weight = 100, source = "imported" }]
bands = [{ key = "a", label = "优秀", from = 90 }, { key = "b", label = "称职" }]
"""


def score(unit: int, person: int, quarter: int) -> Fraction:
    """Another one for everybody in every quarter, exact to a tenth, between 70 and 100."""
    return Fraction(700 + (unit * 37 + person * 71 + quarter * 13) % 300, 10)


def hold_quarters(names: list[str], people: int) -> None:
    """Every unit holds its four quarters, with everybody in the register from the first one on."""
    for at, name in enumerate(names):
        unit_id = add_unit(CHAIR, name, "top")
        entries = [SubjectEntry(f"{name}{number}号", name, "科员", person=NEW) for number in range(people)]
        for quarter, title in enumerate(QUARTERS):
            scores = [score(at, number, quarter) for number in range(people)]
            hold_quarter(name, unit_id, title, quarter, entries, scores)
            entries = [replace(entry, person="") for entry in entries]


def hold_quarter(
    name: str, unit_id: str, title: str, quarter: int, entries: Sequence[SubjectEntry], scores: Sequence[Fraction]
) -> None:
    """One quarter of one unit, with these people and their scores, published."""
    day = date(2026, 3 * quarter + 3, 28)
    meeting_id = create_meeting(CHAIR, title=title, unit=name, held_on=day, preset_id="si-deng", unit_id=unit_id)
    put_scheme(meeting_id, parse_scheme_text(SCHEME))
    change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
    subjects = load_meeting(meeting_id)[0].subjects
    given = {subject.key: found for subject, found in zip(subjects, scores, strict=True)}
    import_scores(CHAIR, meeting_id, "checks", given)
    open_meeting(CHAIR, meeting_id)
    count_meeting(CHAIR, meeting_id)
    publish_result(CHAIR, meeting_id)


class Clerk(PageClient):
    """Somebody of HR, and what they have pressed."""

    def __init__(self, app: Flask, role: Role = Role.HR) -> None:
        super().__init__(app)
        header, _, _ = account_of(app, role)
        for path in CONSOLE_PATHS:
            self.http.set_cookie("kaohe_desk", header["Cookie"].partition("=")[2], path=path)
        self.posts = 0
        self.slowest = 0.0

    def press(self, step: str) -> Page:
        """Press the button of a step as the page offers it, with every unit that it has ticked."""
        page = self.get("/desk/results/year?year=2026")
        form = page.soup.select_one(f'form[data-step="{step}"]')
        assert form is not None
        fields = {each["name"]: each.get("value", "") for each in form.select("input[type=hidden]")}
        chosen = form.select_one("select[name=scheme] option[value=zhen-pingshi-niandu]")
        data = {**fields, "unit": [each["value"] for each in form.select("input[name=unit][checked]")]}
        if chosen is not None:
            data["scheme"] = str(chosen["value"])
        self.posts += 1
        begun = process_time()
        done = self.post(str(form["action"]), data)
        self.slowest = max(self.slowest, process_time() - begun)
        return done


def is_offered(clerk: Clerk, step: str) -> bool:
    return clerk.get("/desk/results/year?year=2026").soup.select_one(f'form[data-step="{step}"]') is not None


@contextmanager
def county(app: Flask, units: int = 2, people: int = 3) -> Iterator[list[str]]:
    names = [f"{number:02}局" for number in range(units)]
    with app.app_context():
        hold_quarters(names, people)
    yield names


def test_hr_builds_the_years_of_a_county_in_few_posts_and_its_numbers_are_exact(app: Flask) -> None:
    with county(app, UNITS, PEOPLE) as names:
        clerk = Clerk(app)
        for step in ("make", "compute", "publish"):
            while is_offered(clerk, step):
                clerk.press(step)
        assert clerk.posts <= POSTS_AT_MOST
        print(f"{UNITS} units, {PEOPLE} people: {clerk.posts} posts, the slowest {clerk.slowest:.2f} s")  # noqa: T201 - asked for by -s
        with app.app_context():
            found = load_unit_years(2026)
            assert [unit.name for unit in found.units] == names
            assert sum(found.county.whole.by_tier.values()) == UNITS * PEOPLE
            for at, unit in enumerate(found.units):
                assert unit.whole is not None
                result = load_counted(unit.whole.id).result
                for number, row in enumerate(result.subjects):
                    # P12's year is the mean of the quarters alone here: exact, and rounded once.
                    mean = sum((score(at, number, quarter) for quarter in range(4)), start=Fraction(0)) / 4
                    assert row.score is not None
                    assert row.score.exact == mean


def test_a_server_makes_years_in_a_process_of_its_own_and_says_what_it_leaves_to_do(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with county(app) as (one, _), app.app_context():
        monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
        monkeypatch.setenv("KAOHE_DATABASE_URL", this_config().database_url)
        work_apart_from_now_on()
        units = {line.unit: line.unit_id for line in list_meetings()}
        reach = Reach(frozenset([units[one]]))
        asked = {"actor": CHAIR, "year": 2026, "wanted": [f"{unit_id}|{unit}" for unit, unit_id in units.items()]}
        making = {**asked, "scheme": "zhen-pingshi-niandu", "token": "a token of the page"}
        assert build_years("make", reach, **making) == Built([one], [], [])
        assert [line.unit for line in list_meetings() if line.title == "2026年度考核"] == [one]
        monkeypatch.setattr(apart, "_PROGRAM", "{!r}")
        with pytest.raises(WorkStopped, match="可能只办完了一部分单位"):
            build_years("compute", reach, **asked)


def test_two_pages_that_make_a_year_at_once_make_it_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with county(app) as (one, _), app.app_context():
        unit_id = next(line.unit_id for line in list_meetings() if line.unit == one)

        def make(token: str) -> Built:
            return make_years(CHAIR, 2026, "zhen-pingshi-niandu", [f"{unit_id}|{one}"], token=token)

        other: list[Built] = []

        def while_another_page_is_quicker(*asked: object) -> object:
            monkeypatch.undo()
            other.append(make("the other page"))
            return labels_in_time(*asked)

        monkeypatch.setattr(year_building, "labels_in_time", while_another_page_is_quicker)
        assert make("this page").refused == [(one, "已有“2026年度考核”。")]
        assert [built.done for built in other] == [[one]]
        assert len([line for line in list_meetings() if line.title == "2026年度考核"]) == 1


def test_a_vote_of_that_year_keeps_nobody_from_making_the_year(app: Flask) -> None:
    with county(app) as (one, other):
        with app.app_context():
            unit_id = next(line.unit_id for line in list_meetings() if line.unit == other)
            for title in ("2026年度民主测评", "2026年度工会会员评家"):
                asked = {"title": title, "unit": other, "held_on": None, "preset_id": "si-deng", "unit_id": unit_id}
                create_meeting(CHAIR, **asked)
        assert f"已新建年度并取用各期：{one}、{other}。" in Clerk(app).press("make").text


def test_what_cannot_be_done_for_one_unit_is_said_and_the_others_are_done(app: Flask) -> None:
    with county(app) as (one, other):
        clerk = Clerk(app)
        with app.app_context():
            person = next(person for person in list_people() if person.now.name == f"{one}0号")
            note_change(CHAIR, person.id, replace(person.now, name="张炜", post="科长"))
            voted = create_meeting(
                CHAIR,
                title="2026年度公务员考核",
                unit=other,
                held_on=None,
                preset_id="si-deng",
                unit_id=next(line.unit_id for line in list_meetings() if line.unit == other),
            )
        page = clerk.get("/desk/results/year")
        (offered,) = page.soup.select('form[data-step="make"] input[name=unit]')
        hidden = {each["name"]: each["value"] for each in page.soup.select('form[data-step="make"] input[type=hidden]')}
        with app.app_context():
            unit_ids = {line.unit: line.unit_id for line in list_meetings()}
        both = [str(offered["value"]), f"{unit_ids[other]}|{other}"]
        fields = {**hidden, "scheme": "zhen-pingshi-niandu", "unit": both}
        done = clerk.post("/desk/results/year/make", fields)
        assert f"已新建年度并取用各期：{one}。" in done.text
        assert f"{other}：已有“2026年度公务员考核”。" in done.text
        # The second of two clicks finds it done.
        assert f"已新建年度并取用各期：{one}。" in clerk.post("/desk/results/year/make", fields).text
        with app.app_context():
            (made,) = [line for line in list_meetings() if line.title == "2026年度考核"]
            assert load_meeting(made.id)[0].subjects[0].name == "张炜"
            assert len([line for line in list_meetings() if line.unit == other]) == 5

        refused = clerk.post("/desk/results/year/compute", fields)
        assert f"已汇总：{one}。" in refused.text
        assert f"{other}：年度会议要投票，请由组织者主持。" in refused.text
        with app.app_context():
            rule("某hr", made.id, ["s2"], Ruling("审定", "s2", "competent", "另有处分"))
        assert "须由另一人" in clerk.post("/desk/results/year/publish", fields).text
        chief = Clerk(app, Role.ORGANIZER)
        fields["csrf_token"] = str(chief.get("/desk/results/year").soup.select_one("input[name=csrf_token]")["value"])
        assert f"已公布：{one}。" in chief.post("/desk/results/year/publish", fields).text
        with app.app_context():
            assert load_meeting(voted)[1].state is MeetingState.DRAFT
        wrong = {**fields, "unit": []}
        assert f"请选择 1 到 {UNITS_AT_ONCE} 个单位" in chief.post("/desk/results/year/publish", wrong, status=422).text
        for scheme in ("si-deng", ""):
            wrong = {**fields, "scheme": scheme}
            assert "不投票的年度方案" in chief.post("/desk/results/year/make", wrong, status=422).text
        assert "页面数据不完整" in chief.post("/desk/results/year/compute", {**fields, "year": ""}, status=422).text


def test_a_year_says_who_lacks_a_period_that_was_taken(app: Flask) -> None:
    with county(app) as (one, other):
        with app.app_context():
            last = next(line for line in list_meetings() if line.unit == one and "第四季度" in line.title)
            void_round(CHAIR, last.id, "名单有误")
            newcomer = SubjectEntry("新来的", one, "科员", person=NEW)
            setup, _ = load_meeting(last.id)
            listed = [SubjectEntry(each.name, each.unit, each.post) for each in setup.subjects]
            change_subjects(CHAIR, last.id, setup.version, [*listed, newcomer])
            subjects = load_meeting(last.id)[0].subjects
            import_scores(CHAIR, last.id, "checks", {subject.key: Fraction(90) for subject in subjects})
            open_meeting(CHAIR, last.id)
            count_meeting(CHAIR, last.id)
            publish_result(CHAIR, last.id)
        done = Clerk(app).press("make").text
        assert f"已新建年度并取用各期：{one}、{other}。" in done
        lacking = "；".join(f"“第{number}季度”缺 1 个：新来的" for number in "一二三")
        assert f"{one}：{lacking}。请在年度会议的“其他成绩与认定”中核对后再汇总。" in done
        assert f"{other}：" not in done


def test_a_year_of_which_something_is_to_be_answered_says_what_and_where(app: Flask) -> None:
    with app.app_context():
        unit_id = add_unit(CHAIR, "统计局", "top")
        add_unit(CHAIR, "财政局", "top")
        for quarter, post in enumerate(("科员", "科长")):
            people = [SubjectEntry("张伟", "统计局", post)]
            hold_quarter("统计局", unit_id, QUARTERS[quarter], quarter, people, [Fraction(90)])
    done = Clerk(app).press("make").text
    doubt = "张伟：本场为“统计局 科长”，那一场为“统计局 科员”"
    where = "请在年度会议的“其他成绩与认定”中核对后取用。"
    assert f"统计局：年度已新建，各期还没有取用：{doubt}。{where}" in done
