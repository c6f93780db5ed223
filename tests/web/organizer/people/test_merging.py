"""HR compares two records and makes them one; an administrator lets a unit join another one; others do neither."""

from __future__ import annotations

from datetime import date

from desk import PASSWORD, new_meeting, sign_in_as
from flask import Flask
from page_client import Page, PageClient
from scene import version_of

from kaohe.domain.people import Spell
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import TOP
from kaohe.operations.people.register import add_person, list_people
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.units import add_unit, find_unit
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.subjects import change_subjects


def visitor(app: Flask, role: Role) -> PageClient:
    with app.app_context():
        # The first account is always an administrator's.
        for name, roles in (("某管理员", [Role.ADMINISTRATOR]), ("某人", [role])):
            create_account(make_sign_in_link("测试", roles), name, PASSWORD)
    return sign_in_as(app, "某人")


def cards(page: Page) -> dict[str, str]:
    return {card.h2.text: " ".join(card.get_text(" ").split()) for card in page.soup.select(".merge-cards section")}


def test_hr_finds_the_other_record_compares_both_merges_them_and_takes_them_apart(app: Flask) -> None:
    client = visitor(app, Role.HR)
    with app.app_context():
        kept = add_person("测试", Spell("陈静", "人事科", "科长", since=date(2026, 3, 1)))
        merged = add_person("测试", Spell("陈静", "办公室", "科员"))
        add_person("测试", Spell("张伟", "一科"))
        meeting_id = new_meeting(app)
        change_subjects("测试", meeting_id, version_of(meeting_id), [SubjectEntry("陈静", "办公室", "科员")])
    (link,) = client.get(f"/desk/people?open={kept}").soup.select(f"#person-{kept} a[href$=merge]")
    page = client.get(link["href"])
    (other,) = page.soup.select(".merge-offers a")
    page = client.get(other["href"])
    shown = cards(page)
    assert "年度测评会" in shown["并入的记录"]
    assert shown["合并以后"].split("（", 1)[1].startswith("人事科 科长）")
    assert "办公室 科员" in shown["合并以后"]
    refused = client.submit(page, f"/desk/people/{kept}/merge", status=422)
    assert "请写明理由" in refused.text
    assert list(cards(refused)) == ["保留的记录", "并入的记录", "合并以后"]

    done = client.submit(refused, f"/desk/people/{kept}/merge", reason="调动时误作新人登记")

    assert "已合并" in done.text
    with app.app_context():
        assert [person.told for person in list_people("陈静")] == ["陈静（人事科 科长）"]
    assert "已并入陈静（办公室 科员）" in done.soup.select_one(f"#person-{kept}").text
    assert client.submit(done, f"/desk/people/{merged}/apart", status=422).error == "field_invalid"
    apart = client.submit(done, f"/desk/people/{merged}/apart", reason="其实是两个人")
    assert "已撤销合并" in apart.text
    with app.app_context():
        assert len(list_people("陈静")) == 2


def test_who_was_graded_in_one_quarter_by_two_units_is_seen_before_they_are_merged(app: Flask) -> None:
    client = visitor(app, Role.HR)
    with app.app_context():
        ids = [add_person("测试", Spell("陈静", unit)) for unit in ("统计局", "财政局")]
        for unit in ("统计局", "财政局"):
            made = create_meeting("测试", title="第一季度考核", unit=unit, held_on=None, preset_id="si-deng")
            change_subjects("测试", made, version_of(made), [SubjectEntry("陈静", unit)])
    together = cards(client.get(f"/desk/people/{ids[0]}/merge?other={ids[1]}"))["合并以后"]
    assert "第一季度考核（统计局）" in together
    assert "第一季度考核（财政局）" in together


def test_two_of_one_meeting_cannot_be_merged_and_the_page_says_why(app: Flask) -> None:
    client = visitor(app, Role.HR)
    meeting_id = new_meeting(app)
    with app.app_context():
        ids = [add_person("测试", Spell("张伟", unit)) for unit in ("一科", "二科")]
        entries = [SubjectEntry("张伟", unit) for unit in ("一科", "二科")]
        change_subjects("测试", meeting_id, version_of(meeting_id), entries)
    page = client.get(f"/desk/people/{ids[0]}/merge?other={ids[1]}")
    assert "同在“年度测评会”的名单上，是两个人" in page.text
    assert page.soup.select("form[method=post][action*=merge]") == []
    assert client.get(f"/desk/people/nobody/merge?other={ids[1]}", status=404).error == "person_unknown"


def test_who_is_no_hr_sees_what_was_merged_and_merges_nothing(app: Flask) -> None:
    client = visitor(app, Role.ORGANIZER)
    with app.app_context():
        person = add_person("测试", Spell("陈静", "人事科"))
    assert client.get(f"/desk/people?open={person}").soup.select(f"#person-{person} a[href$=merge]") == []
    client.get(f"/desk/people/{person}/merge", status=403)


def test_an_administrator_sees_what_joins_and_lets_a_unit_become_part_of_another_one(
    app: Flask, signed_in: PageClient
) -> None:
    with app.app_context():
        statistics, reform = (add_unit("测试", name, TOP) for name in ("统计局", "发改局"))
        add_unit("测试", "农业科", statistics)
        add_person("测试", Spell("孙丽", "统计局", "科员"), statistics)
    form = f"/desk/units/{statistics}/merge?other={reform}"
    assert "请填写合并日期" in signed_in.get(form, status=422).text
    assert "日期应写成" in signed_in.get(f"{form}&day=x", status=422).text
    page = signed_in.get(f"{form}&day=2026-07-01")
    for said in ("自 2026年7月1日起并入“发改局”", "下级单位改属“发改局”：农业科。", "共 1 人：孙丽（统计局 科员）"):
        assert said in page.text
    assert "请写明理由" in signed_in.submit(page, f"/desk/units/{statistics}/merge", status=422).text
    done = signed_in.submit(page, f"/desk/units/{statistics}/merge", reason="机构改革")
    assert "单位已并入，人员库中 1 人随之变动。" in done.text
    with app.app_context():
        assert find_unit("发改局/统计局").is_closed
        assert [person.told for person in list_people()] == ["孙丽（发改局 科员）"]
    told = signed_in.get("/desk/accounts").text
    assert "把单位“统计局”并入“发改局”，1 人随之变动，理由：机构改革" in told
