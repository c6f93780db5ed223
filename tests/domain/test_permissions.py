"""The table of who may do what says what it is meant to say, and is the one that is printed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from flask import Flask

from kaohe.config import Config, sqlite_url
from kaohe.domain.errors import NotAllowed
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import PERMISSIONS, Act, Role, may, require_may, roles_text
from kaohe.factory import create_app
from kaohe.web.access import act_of, audience_of

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _printed() -> str:
    spec = importlib.util.spec_from_file_location("write_permissions", DOCS / "write_permissions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.page()


def test_the_printed_page_is_the_table_of_the_program() -> None:
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == _printed()


def test_every_route_has_the_audience_and_the_act_that_the_written_table_says(tmp_path: Path) -> None:
    rows = (line.strip("|").split("|") for line in (DOCS / "routes.md").read_text(encoding="utf-8").splitlines())
    written = {cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in rows if len(cells) == 3}
    del written["route"], written["---"]
    running = _routes_of(create_app(Config(tmp_path, sqlite_url(tmp_path), public_url="http://127.0.0.1")))
    lines = [f"| `{route}` | {' | '.join(what)} |" for route, what in running.items() if written.get(route) != what]
    assert lines == [], "write these lines into docs/routes.md if they are meant"
    assert written.keys() == running.keys()


def test_a_download_that_moves_to_another_act_is_found(tmp_path: Path) -> None:
    app = create_app(Config(tmp_path, sqlite_url(tmp_path), public_url="http://127.0.0.1"))
    kept = _routes_of(app)
    for endpoint in ("organizer.tickets_csv", "documents.bundle"):
        app.view_functions[endpoint].__act__ = Act.SEE_BOARD
    moved = {route for route, what in _routes_of(app).items() if kept[route] != what}
    assert {route.rpartition("/")[2] for route in moved} == {"tickets.csv", "bundle.zip"}


def _routes_of(app: Flask) -> dict[str, list[str]]:
    """By method and address: the audience and the act."""
    return {
        f"{method} {rule.rule}": [str(audience_of(app, rule.endpoint)), str(act_of(app, rule.endpoint) or "–")]
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    }


def test_every_act_is_somebodys() -> None:
    assert set(PERMISSIONS) == set(Act)
    assert all(permission.ever for permission in PERMISSIONS.values())


def test_a_teller_never_touches_the_setup_and_sees_no_result() -> None:
    never = {
        Act.PREPARE, Act.BRING_INPUTS, Act.DRAW_UP_KEY, Act.ISSUE_TICKETS, Act.SEE_RESULT, Act.TAKE_DOCUMENTS,
        Act.CALL_SPOT_VOTES, Act.MANAGE_ACCOUNTS, Act.PURGE,
    }  # fmt: skip
    assert not any(may({Role.TELLER}, act) for act in never)
    assert may({Role.TELLER}, Act.PROVE_KEY, MeetingState.DRAFT)
    assert all(may({Role.TELLER}, act, MeetingState.CLOSED) for act in (Act.COUNT, Act.TYPE_PAPER, Act.CHALLENGE))
    assert all(may({Role.TELLER}, Act.SEE_BOARD, state) for state in MeetingState)


def test_hr_sees_results_and_documents_once_it_can_rule_about_them_and_never_a_ballot() -> None:
    for act in (Act.SEE_RESULT, Act.TAKE_DOCUMENTS, Act.RULE):
        seen = {state for state in MeetingState if may({Role.HR}, act, state)}
        assert seen == {MeetingState.COUNTED, MeetingState.PUBLISHED, MeetingState.PURGED}
    assert all(may({Role.HR}, Act.BRING_INPUTS, state) for state in MeetingState)
    assert not any(may({Role.HR}, act) for act in (Act.TAKE_BALLOTS, Act.PUBLISH, Act.VOID, Act.PREPARE))
    assert not any(may({Role.HR}, act) for act in (Act.SEE_BOARD, Act.PREPARE, Act.OPEN, Act.CLOSE, Act.COUNT))


def test_an_observer_sees_the_board_and_the_record_at_all_times_and_acts_nowhere() -> None:
    allowed = {act for act in Act if may({Role.OBSERVER}, act)}
    assert allowed == {Act.ENTER, Act.OWN_ACCOUNT, Act.LIST_MEETINGS, Act.SEE_BOARD, Act.SEE_RECORD}
    assert all(may({Role.OBSERVER}, act, state) for act in (Act.SEE_BOARD, Act.SEE_RECORD) for state in MeetingState)


def test_an_administrator_who_is_nothing_else_sees_no_meeting() -> None:
    allowed = {act for act in Act if may({Role.ADMINISTRATOR}, act)}
    assert {act for act in allowed if not PERMISSIONS[act].is_of_a_meeting} == {
        Act.ENTER, Act.OWN_ACCOUNT, Act.MANAGE_ACCOUNTS, Act.MANAGE_UNITS, Act.RUN_INSTALLATION,
    }  # fmt: skip
    assert {act for act in allowed if PERMISSIONS[act].is_of_a_meeting} == {
        Act.PROPOSE, Act.SECOND, Act.KEEP, Act.PURGE,
    }  # fmt: skip
    before_publication = set(MeetingState) - {MeetingState.PUBLISHED, MeetingState.PURGED}
    of_meetings = (Act.SECOND, Act.PROPOSE, Act.KEEP)
    assert not any(may({Role.ADMINISTRATOR}, act, state) for act in of_meetings for state in before_publication)


def test_several_roles_may_do_what_any_of_them_may() -> None:
    assert may({Role.HR, Role.TELLER}, Act.COUNT, MeetingState.CLOSED)
    assert may({Role.HR, Role.TELLER}, Act.SEE_RESULT, MeetingState.PUBLISHED)
    assert not may(set(), Act.OWN_ACCOUNT)


def test_a_refusal_says_who_may_and_when() -> None:
    with pytest.raises(
        NotAllowed, match="“查看测评结果”在会议处于“正在投票”状态时只有组织者可以操作，您的角色是人事。"
    ):
        require_may({Role.HR}, Act.SEE_RESULT, MeetingState.OPEN)
    with pytest.raises(NotAllowed, match="“结束投票”只有组织者可以操作，您的角色是监票人。"):
        require_may({Role.TELLER}, Act.CLOSE, MeetingState.OPEN)
    with pytest.raises(NotAllowed, match="“开始投票”只有组织者可以操作"):
        require_may({Role.TELLER}, Act.OPEN, MeetingState.CLOSED)


@pytest.mark.parametrize("act", list(Act))
def test_whoever_the_table_names_passes_and_everybody_else_is_told_who_may(act: Act) -> None:
    for state in (*MeetingState, None):
        allowed = PERMISSIONS[act].ever if state is None else PERMISSIONS[act].by_state[state]
        for role in allowed:
            require_may({role}, act, state)
        for role in set(Role) - PERMISSIONS[act].ever:
            with pytest.raises(NotAllowed, match=roles_text(allowed or PERMISSIONS[act].ever)):
                require_may({role}, act, state)


def test_where_nobody_may_the_act_itself_tells_whoever_may_at_another_time() -> None:
    require_may({Role.ORGANIZER}, Act.CLOSE, MeetingState.DRAFT)


def test_roles_are_named_in_their_fixed_order() -> None:
    assert roles_text({Role.HR, Role.ORGANIZER}) == "组织者、人事"


def test_what_concerns_the_whole_installation_asks_for_a_role_held_at_the_top() -> None:
    at_the_top = {act for act, permission in PERMISSIONS.items() if permission.is_at_the_top}
    assert at_the_top == {Act.RUN_INSTALLATION}
    assert may({Role.ADMINISTRATOR}, Act.RUN_INSTALLATION)
    assert not may({Role.ADMINISTRATOR}, Act.RUN_INSTALLATION, is_at_the_top=False)
    assert may({Role.ADMINISTRATOR}, Act.MANAGE_UNITS, is_at_the_top=False)
    with pytest.raises(NotAllowed, match="只有最上级单位的管理员可以操作，您的角色是管理员。"):
        require_may({Role.ADMINISTRATOR}, Act.RUN_INSTALLATION, is_at_the_top=False)
