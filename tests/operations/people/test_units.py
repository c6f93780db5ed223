"""Units are made by administrators within their reach, and meetings, accounts and schemes belong to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from role_visits import PASSWORD
from scene import CHAIR, prepare_meeting

from kaohe.domain.errors import (
    AccountUnknown,
    KaoheError,
    LastAdministrator,
    MeetingUnknown,
    NotAllowed,
    NotReady,
    OwnSchemeUnknown,
    UnitInvalid,
    UnitUnknown,
)
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act, Role
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.people.accounts import list_account_acts, list_accounts, lock_account, move_account
from kaohe.operations.people.reaching import reach_of, require_account_within, require_unit_within, state_within
from kaohe.operations.people.second_person import propose
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in
from kaohe.operations.people.units import (
    add_unit,
    close_unit,
    find_unit,
    list_units,
    move_unit,
    reach_below,
    rename_unit,
    reopen_unit,
    unit_names,
)
from kaohe.operations.setup.own_schemes import delete_own_scheme, list_own_schemes, load_own_scheme, save_own_scheme
from kaohe.operations.setup.preparing import change_basics, create_meeting, list_meetings, load_meeting, unit_of
from kaohe.schemes import load_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.storage.accounts import Account

ADMIN = "赵管理"


@pytest.fixture
def county() -> dict[str, str]:
    """A county of two districts, each with an office of the same name."""
    units = {name: add_unit(ADMIN, name, TOP) for name in ("青山区", "红河区")}
    return units | {f"{name}统计局": add_unit(ADMIN, "统计局", unit_id) for name, unit_id in units.items()}


def person(name: str, unit_id: str = TOP, *roles: Role) -> Account:
    found = account_for_sign_in(
        create_account(make_sign_in_link(ADMIN, roles or [Role.ORGANIZER], unit_id), name, PASSWORD)
    )
    assert found is not None
    return found


def meeting_of(unit_id: str, title: str = "测评会") -> str:
    return create_meeting(CHAIR, title=title, unit="", held_on=None, preset_id="si-deng", unit_id=unit_id)


def lines(reach: Reach = EVERYWHERE) -> list[tuple[int, str, int, int]]:
    return [(line.level, line.unit.name, line.meeting_count, line.account_count) for line in list_units(reach)]


def test_one_unit_is_there_from_the_beginning_and_owns_everything() -> None:
    meeting_id, chair = meeting_of(TOP), person("王主持")
    assert lines() == [(0, "本单位", 1, 1)]
    assert unit_names(EVERYWHERE) == {}
    assert (unit_of(meeting_id), chair.unit_id, reach_of(chair)) == (TOP, TOP, EVERYWHERE)


def test_a_tree_of_units_with_what_belongs_to_each(county: dict[str, str]) -> None:
    person("王主持")
    person("李组织", county["青山区统计局"])
    meeting_of(county["青山区统计局"])
    assert lines() == [
        (0, "本单位", 0, 1), (1, "青山区", 0, 0), (2, "统计局", 1, 1), (1, "红河区", 0, 0), (2, "统计局", 0, 0),
    ]  # fmt: skip
    assert lines(reach_below(county["青山区"])) == [(0, "青山区", 0, 0), (1, "统计局", 1, 1)]
    assert unit_names(EVERYWHERE)[county["红河区统计局"]] == "红河区 / 统计局"
    assert find_unit("红河区/统计局").id == county["红河区统计局"]


def test_meetings_are_listed_and_found_within_reach_only(county: dict[str, str]) -> None:
    person("王主持")
    ours, theirs = meeting_of(county["青山区统计局"], "甲会"), meeting_of(county["红河区"], "乙会")
    reach = reach_of(person("李组织", county["青山区"]))
    assert [line.title for line in list_meetings(reach)] == ["甲会"]
    assert [line.title for line in list_meetings()] == ["乙会", "甲会"]
    assert state_within(reach, ours) is MeetingState.DRAFT
    assert state_within(reach, ours, 9) is None
    for unknown in (theirs, "nowhere"):
        with pytest.raises(MeetingUnknown, match="没有找到这场测评会，请返回列表"):
            state_within(reach, unknown)
    with pytest.raises(MeetingUnknown):
        state_within(EVERYWHERE, "nowhere")


def test_accounts_and_units_out_of_reach_are_unknown(county: dict[str, str]) -> None:
    chair, reach = person("王主持"), reach_below(county["青山区"])
    own = person("李组织", county["青山区统计局"])
    require_account_within(reach, own.id)
    require_unit_within(reach, county["青山区统计局"])
    for account_id in (chair.id, "nobody"):
        with pytest.raises(AccountUnknown):
            require_account_within(reach, account_id)
    for unit_id in (TOP, county["红河区"], "none"):
        with pytest.raises(UnitUnknown):
            require_unit_within(reach, unit_id)
    assert [line.name for line in list_accounts(reach=reach)] == ["李组织"]


def test_an_administrator_of_a_unit_makes_renames_moves_and_closes_below_it_only(county: dict[str, str]) -> None:
    reach = reach_below(county["青山区"])
    added = add_unit(ADMIN, "  财政  局 ", county["青山区"], reach)
    reach = reach_below(county["青山区"])
    move_unit(ADMIN, added, county["青山区统计局"], reach)
    rename_unit(ADMIN, county["青山区"], "青山新区", reach)
    assert lines(reach) == [(0, "青山新区", 0, 0), (1, "统计局", 0, 0), (2, "财政 局", 0, 0)]
    close_unit(ADMIN, added, reach)
    acts: tuple[Callable[[], object], ...] = (
        lambda: add_unit(ADMIN, "财政局", county["红河区"], reach),
        lambda: add_unit(ADMIN, "财政局", "none", reach),
        lambda: move_unit(ADMIN, county["青山区统计局"], county["红河区"], reach),
        lambda: move_unit(ADMIN, county["青山区统计局"], TOP, reach),
        lambda: rename_unit(ADMIN, county["红河区"], "红河", reach),
        lambda: close_unit(ADMIN, county["红河区统计局"], reach),
        lambda: reopen_unit(ADMIN, county["红河区统计局"], reach),
    )
    before = list_units()
    for act in acts:
        with pytest.raises(UnitUnknown):
            act()
    with pytest.raises(UnitInvalid, match="您所管的最上级单位"):
        move_unit(ADMIN, county["青山区"], county["青山区统计局"], reach)
    with pytest.raises(UnitInvalid, match="您所管的最上级单位"):
        close_unit(ADMIN, county["青山区"], reach)
    assert list_units() == before


def test_a_unit_closes_once_nobody_works_in_it_and_then_gets_nothing_new(county: dict[str, str]) -> None:
    person("王主持")
    worker = person("李组织", county["青山区统计局"])
    meeting_id = meeting_of(county["青山区统计局"])
    with pytest.raises(UnitInvalid, match="“青山区”还有下级单位（统计局）"):
        close_unit(ADMIN, county["青山区"])
    with pytest.raises(UnitInvalid, match="“统计局”还有账号（李组织）"):
        close_unit(ADMIN, county["青山区统计局"])
    lock_account(ADMIN, worker.id)
    for _ in range(2):
        close_unit(ADMIN, county["青山区统计局"])
    assert [line.id for line in list_meetings(reach_below(county["青山区"]))] == [meeting_id]
    link = make_sign_in_link(ADMIN, [Role.HR], county["红河区统计局"])
    close_unit(ADMIN, county["红河区统计局"])
    for act in (
        lambda: meeting_of(county["青山区统计局"]),
        lambda: make_sign_in_link(ADMIN, [Role.HR], county["青山区统计局"]),
        lambda: create_account(link, "迟来者", PASSWORD),
        lambda: add_unit(ADMIN, "普查中心", county["青山区统计局"]),
    ):
        with pytest.raises(UnitInvalid, match="“统计局”已撤销"):
            act()
    for _ in range(2):
        reopen_unit(ADMIN, county["青山区统计局"])
    meeting_of(county["青山区统计局"])
    close_unit(ADMIN, find_unit("红河区").id)
    with pytest.raises(UnitInvalid, match="“红河区”已撤销"):
        reopen_unit(ADMIN, county["红河区统计局"])


def test_a_meeting_moves_to_another_unit_with_its_basics_and_its_record_says_so(county: dict[str, str]) -> None:
    meeting_id, reach = meeting_of(county["青山区统计局"]), reach_below(county["青山区"])
    basics = {"title": "测评会", "unit": "青山区统计局", "held_on": None}
    for unit_id in (county["红河区"], "none"):
        with pytest.raises(UnitUnknown):
            change_basics(CHAIR, meeting_id, 1, **basics, unit_id=unit_id, reach=reach)
    assert load_meeting(meeting_id)[0].version == 1
    change_basics(CHAIR, meeting_id, 1, **basics, unit_id=county["青山区"], reach=reach)
    assert unit_of(meeting_id) == county["青山区"]


def test_a_vote_on_the_spot_belongs_to_the_unit_of_its_meeting(county: dict[str, str]) -> None:
    scene = prepare_meeting()
    change_basics(CHAIR, scene.meeting_id, load_meeting(scene.meeting_id)[0].version,
                  title="测评会", unit="", held_on=None, unit_id=county["青山区"])  # fmt: skip
    open_meeting(CHAIR, scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    spot_id = call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=["s1", "s2"], seats=1)
    assert unit_of(spot_id) == county["青山区"]


def test_two_people_stand_behind_an_act_only_where_both_their_roles_reach(county: dict[str, str]) -> None:
    chair = person("王主持")
    scene = prepare_meeting(two_people=True)
    change_basics(CHAIR, scene.meeting_id, load_meeting(scene.meeting_id)[0].version,
                  title="测评会", unit="", held_on=None, unit_id=county["青山区统计局"])  # fmt: skip
    organizer = person("李组织", county["青山区"])
    beside = person("孙组织", county["红河区"])
    open_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(NotAllowed, match="孙组织的角色不在本场会议所属的单位及其上级单位"):
        propose(beside, scene.meeting_id, Act.CLOSE)
    propose(organizer, scene.meeting_id, Act.CLOSE)
    with pytest.raises(NotAllowed, match="孙组织的角色"):
        close_meeting(beside.name, scene.meeting_id)
    assert close_meeting(chair.name, scene.meeting_id) == 0


def test_a_meeting_for_two_does_not_open_on_the_strength_of_other_units_accounts(county: dict[str, str]) -> None:
    person("王主持")
    move_account(ADMIN, person("李组织").id, county["红河区"])
    scene = prepare_meeting(two_people=True)
    change_basics(CHAIR, scene.meeting_id, load_meeting(scene.meeting_id)[0].version,
                  title="测评会", unit="", held_on=None, unit_id=county["青山区统计局"])  # fmt: skip
    with pytest.raises(NotReady, match="能操作的账号不足两个"):
        open_meeting(CHAIR, scene.meeting_id)
    person("孙组织", county["青山区"])
    open_meeting(CHAIR, scene.meeting_id)


def test_own_schemes_are_used_by_the_units_below_and_changed_by_their_own(county: dict[str, str]) -> None:
    text = scheme_toml(load_preset("si-deng"))
    ids = {name: save_own_scheme(CHAIR, text, unit_id) for name, unit_id in [("市", TOP), *county.items()]}
    assert len(set(ids.values())) == len(ids)
    reach = reach_below(county["青山区"])
    assert {own.id for own in list_own_schemes(reach)} == {ids["市"], ids["青山区"], ids["青山区统计局"]}
    assert load_own_scheme(ids["市"], reach).unit_id == TOP
    made = create_meeting(CHAIR, title="甲", unit="", held_on=None, preset_id=f"own:{ids['市']}",
                          unit_id=county["青山区"], reach=reach)  # fmt: skip
    assert load_meeting(made)[0].scheme.title == load_preset("si-deng").title
    for act in (
        lambda: load_own_scheme(ids["红河区"], reach),
        lambda: create_meeting(CHAIR, title="乙", unit="", held_on=None, preset_id=f"own:{ids['红河区']}",
                               unit_id=county["青山区"], reach=reach),
        lambda: delete_own_scheme(CHAIR, ids["市"], reach),
        lambda: delete_own_scheme(CHAIR, ids["红河区"], reach),
    ):  # fmt: skip
        with pytest.raises(OwnSchemeUnknown):
            act()
    delete_own_scheme(CHAIR, ids["青山区统计局"], reach)
    assert len(list_own_schemes()) == len(ids) - 1


def test_somebody_at_the_top_can_always_manage_accounts(county: dict[str, str]) -> None:
    first = person("王主持")
    second = person("李管理", county["青山区"], Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        move_account(ADMIN, first.id, county["青山区"])
    move_account(ADMIN, second.id, TOP)
    move_account(ADMIN, first.id, county["青山区"])
    assert {line.name: line.unit_id for line in list_accounts()} == {"王主持": county["青山区"], "李管理": TOP}
    with pytest.raises(AccountUnknown):
        move_account(ADMIN, "nobody", TOP)
    for unit_id, reach in (("none", EVERYWHERE), (TOP, reach_below(county["青山区"]))):
        with pytest.raises(UnitUnknown):
            move_account(ADMIN, first.id, unit_id, reach)


def test_an_administrator_of_a_unit_sees_the_acts_of_its_accounts_only(county: dict[str, str]) -> None:
    person("王主持")
    person("李组织", county["青山区"])
    move_account(ADMIN, person("孙组织", county["红河区"]).id, county["红河区统计局"])
    reach = reach_below(county["红河区"])
    assert [(each.act, each.actor) for each in list_account_acts(reach)] == [
        ("moved_account", ADMIN), ("created_account", "孙组织"),
    ]  # fmt: skip
    assert {"added_unit", "made_sign_in_link"} <= {each.act for each in list_account_acts()}


def test_every_refusal_leaves_the_tree_as_it_was(county: dict[str, str]) -> None:
    before = list_units()
    for act in (
        lambda: add_unit(ADMIN, "统计局", county["青山区"]),
        lambda: rename_unit(ADMIN, county["青山区"], "红河区"),
        lambda: rename_unit(ADMIN, county["青山区"], " "),
        lambda: move_unit(ADMIN, county["青山区"], county["青山区统计局"]),
        lambda: move_unit(ADMIN, TOP, county["青山区"]),
        lambda: close_unit(ADMIN, TOP),
    ):
        with pytest.raises(KaoheError):
            act()
    rename_unit(ADMIN, county["青山区"], "青山区")
    move_unit(ADMIN, county["青山区"], TOP)
    assert list_units() == before
