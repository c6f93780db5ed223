"""The page of units, and what the console shows of them: nothing while there is only one."""

from __future__ import annotations

import pytest
from desk import PASSWORD, opened_link, press, sign_in_as
from flask import Flask
from holding import press as button
from holding import published
from page_client import PageClient

from kaohe.domain.permissions import Role
from kaohe.domain.units import TOP
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import has_accounts
from kaohe.operations.people.units import add_unit, find_unit
from kaohe.operations.setup.own_schemes import save_own_scheme
from kaohe.operations.setup.preparing import create_meeting, unit_of
from kaohe.schemes import load_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.storage.database import transaction
from kaohe.storage.meetings import move_meeting


def organizer_of(app: Flask, name: str, unit_id: str, *roles: Role) -> PageClient:
    with app.app_context():
        create_account(make_sign_in_link("测试", roles or [Role.ORGANIZER], unit_id), name, PASSWORD)
    return sign_in_as(app, name)


def made(app: Flask, title: str, unit_id: str, unit: str = "") -> str:
    with app.app_context():
        return create_meeting("测试", title=title, unit=unit, held_on=None, preset_id="si-deng", unit_id=unit_id)


@pytest.fixture
def county(app: Flask) -> dict[str, str]:
    with app.app_context():
        if not has_accounts():
            # The first account is always one at the top.
            create_account(make_sign_in_link("测试"), "市管理员", PASSWORD)
        district = add_unit("测试", "青山区", TOP)
        return {
            "青山区": district,
            "统计局": add_unit("测试", "统计局", district),
            "财政局": add_unit("测试", "财政局", district),
        }


def test_while_there_is_one_unit_no_page_asks_for_one(app: Flask, signed_in: PageClient) -> None:
    meeting_id = made(app, "测评会", TOP)
    for url in ("/desk/", "/desk/new", f"/desk/{meeting_id}/basics", "/desk/accounts", "/desk/schemes"):
        page = signed_in.get(url)
        assert "所属单位" not in page.text, url
        assert page.soup.select_one("select[name=unit], select[name=owner]") is None, url


def test_an_administrator_makes_renames_moves_closes_and_reopens_units(app: Flask, signed_in: PageClient) -> None:
    page = signed_in.submit(signed_in.get("/desk/units"), "/desk/units/add", name="青山区")
    page = signed_in.submit(page, "/desk/units/add", name="统计局")
    with app.app_context():
        district, office = find_unit("青山区").id, find_unit("统计局").id
    page = signed_in.submit(page, f"/desk/units/{office}/move", parent=district)
    assert "单位已移动" in page.text
    page = signed_in.submit(page, f"/desk/units/{district}/rename", name="青山新区")
    shown = [(row["class"][2], row.select_one(".account-name").text) for row in page.soup.select(".unit")]
    assert shown == [("unit-level-0", "本单位"), ("unit-level-1", "青山新区"), ("unit-level-2", "统计局")]
    refused = signed_in.submit(page, f"/desk/units/{district}/close", status=422)
    assert "“青山新区”还有下级单位（统计局）" in refused.text
    page = signed_in.submit(page, f"/desk/units/{office}/close")
    assert page.soup.select_one(f"#unit-{office} .chip").text == "已撤销"
    page = signed_in.submit(page, f"/desk/units/{office}/reopen")
    assert page.soup.select_one(f"#unit-{office} .chip") is None
    acts = [row.text for row in signed_in.get("/desk/accounts").soup.select(".table-acts tbody tr")]
    assert any("移到“青山区”之下" in act for act in acts)


@pytest.mark.parametrize(
    ("name", "parent", "status", "code"),
    [("", TOP, 422, "unit_invalid"), ("青山区", TOP, 422, "unit_invalid"), ("甲", "none", 404, "unit_unknown")],
)
def test_a_refused_unit_is_named_and_what_was_typed_stays(
    signed_in: PageClient, county: dict[str, str], name: str, parent: str, status: int, code: str
) -> None:
    page = signed_in.get("/desk/units")
    refused = signed_in.submit(page, "/desk/units/add", name=name, parent=parent, status=status)
    assert refused.soup.select_one("[data-error]")["data-error"] == code
    assert refused.soup.select_one("form[action='/desk/units/add'] input[name=name]").get("value", "") == name
    assert len(signed_in.get("/desk/units").soup.select(".unit")) == len(county) + 1


def test_an_organizer_sees_and_makes_meetings_of_the_own_unit_and_below(
    app: Flask, signed_in: PageClient, county: dict[str, str]
) -> None:
    for name in ("统计局", "财政局"):
        made(app, f"{name}的会", county[name], name)
    made(app, "市里的会", TOP)
    district = organizer_of(app, "李组织", county["青山区"])
    titles = [each.text for each in district.get("/desk/").soup.select(".meetings-title")]
    assert titles == ["财政局的会", "统计局的会"]
    office = organizer_of(app, "孙组织", county["统计局"])
    page = office.get("/desk/")
    assert [each.text for each in page.soup.select(".meetings-title")] == ["统计局的会"]
    assert office.get("/desk/new").soup.select_one("[name=owner]") is None
    page = district.get("/desk/new")
    offered = {option["value"]: option.text for option in page.soup.select("select[name=owner] option")}
    assert offered == {county["青山区"]: "青山区", county["统计局"]: "统计局", county["财政局"]: "财政局"}
    district.submit(page, "/desk/new", title="新会", owner=county["财政局"])
    assert "财政局" in district.get("/desk/").soup.select_one(".meetings-line").text
    refused = district.submit(page, "/desk/new", title="新会", owner=TOP, status=404)
    assert refused.soup.select_one("[data-error]")["data-error"] == "unit_unknown"
    assert "新会" not in office.get("/desk/").text
    assert len(signed_in.get("/desk/").soup.select(".meetings-line")) == 4


def test_a_meeting_moves_to_another_unit_with_its_basics(app: Flask, county: dict[str, str]) -> None:
    meeting_id = made(app, "测评会", county["统计局"])
    district = organizer_of(app, "李组织", county["青山区"])
    url = f"/desk/{meeting_id}/basics"
    page = district.get(url)
    assert page.soup.select_one("select[name=owner] option[selected]").text == "统计局"
    press(district, page, url, title="测评会", owner=county["财政局"])
    with app.app_context():
        assert unit_of(meeting_id) == county["财政局"]
    assert "把会议改属“财政局”，原属“" in district.get(f"/desk/{meeting_id}/events").text
    press(district, district.get(url), url, status=404, title="测评会", owner=TOP)


def test_an_invited_person_works_where_the_link_says_and_is_moved_by_an_administrator(
    app: Flask, signed_in: PageClient, county: dict[str, str]
) -> None:
    page = signed_in.submit(signed_in.get("/desk/accounts"), "/desk/accounts/invite", unit=county["统计局"])
    guest = PageClient(app)
    link = page.soup.select_one("#link")["value"]
    guest.submit(opened_link(guest, link), name="李组织", password=PASSWORD, password_again=PASSWORD)
    page = signed_in.get("/desk/accounts")
    card = page.soup.select_one("[data-account=李组织]")
    assert card.select_one(".account-roles").text == "组织者 · 青山区 / 统计局"
    made(app, "财政局的会", county["财政局"])
    assert "财政局的会" not in guest.get("/desk/").text
    signed_in.submit(page, f"/desk/accounts/{card['id'].removeprefix('account-')}/unit", unit=county["财政局"])
    assert "财政局的会" in guest.get("/desk/").text


def test_an_administrator_of_a_unit_looks_after_its_accounts_and_not_after_the_server(
    app: Flask, signed_in: PageClient, county: dict[str, str]
) -> None:
    admin = organizer_of(app, "李管理", county["青山区"], Role.ADMINISTRATOR)
    assert admin.get("/desk/", status=302).response.location == "/desk/accounts"
    page = admin.get("/desk/accounts")
    assert [card["data-account"] for card in page.soup.select("[data-account]")] == ["李管理"]
    assert "服务器" not in page.soup.select_one(".bar-nav").text
    assert admin.get("/desk/server", status=403).error == "not_allowed"
    refused = admin.submit(page, "/desk/accounts/invite", unit=TOP, status=404)
    assert refused.soup.select_one("[data-error]")["data-error"] == "unit_unknown"
    assert len(signed_in.get("/desk/accounts").soup.select("[data-account]")) == 2


def test_scores_are_taken_from_meetings_within_reach_only(app: Flask, county: dict[str, str]) -> None:
    scene = published(app, [("excellent",) * 3] * 6)
    with app.app_context():
        year = create_meeting(
            "测试", title="年度", unit="", held_on=None, preset_id="zhen-pingshi-niandu", unit_id=county["统计局"]
        )
    office = organizer_of(app, "孙组织", county["统计局"])
    page = office.get(f"/desk/{year}/inputs")
    assert scene.meeting_id not in str(page.soup)
    taking = {"label": "第一季度", "meeting": scene.meeting_id}
    refused = button(office, page, f"/desk/{year}/inputs/periods/take", status=404, **taking)
    assert "没有找到这场测评会" in refused.text
    with app.app_context(), transaction() as session:
        move_meeting(session, scene.meeting_id, county["统计局"])
    assert scene.meeting_id in str(office.get(f"/desk/{year}/inputs").soup)


def test_own_schemes_of_the_units_above_are_offered_and_not_deleted(app: Flask, county: dict[str, str]) -> None:
    with app.app_context():
        above = save_own_scheme("测试", scheme_toml(load_preset("si-deng")), county["青山区"])
        beside = save_own_scheme("测试", scheme_toml(load_preset("si-deng")), county["财政局"])
    office = organizer_of(app, "孙组织", county["统计局"])
    page = office.get("/desk/schemes")
    assert "上级单位的方案" in page.text
    assert page.soup.select("form[action$='/delete']") == []
    assert f"own:{above}" in str(office.get("/desk/new").soup)
    assert f"own:{beside}" not in str(office.get("/desk/new").soup)
    assert office.get(f"/desk/schemes/{above}.toml").response.status_code == 200
    for url in (
        f"/desk/schemes/{beside}.toml",
        f"/desk/schemes/preset/own:{beside}.toml",
        f"/desk/new?preset=own:{beside}",
    ):
        page = office.get(url, status=404)
        assert beside not in str(page.soup)
    press_page = office.get("/desk/schemes")
    token = press_page.soup.select_one("input[name=csrf_token]")["value"]
    for scheme_id in (above, beside):
        refused = office.post(f"/desk/schemes/{scheme_id}/delete", {"csrf_token": token}, status=404)
        assert refused.soup.select_one("[data-error]")["data-error"] == "own_scheme_unknown"
