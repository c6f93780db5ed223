"""A whole province on one server: what a page of the console costs among hundreds of meetings, and whose it shows."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bench.hall import ACTOR
from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import item_field
from kaohe.domain.meetings import Group
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.factory import create_app
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.people.province import set_up_province
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database
from kaohe.web.access import SIGN_IN_KEY, Audience, audience_of

_PEOPLE_OF_A_UNIT = 8
_VOTERS = 5
_DISTRICTS = 6
_TURNS = 3
_STATES = 3
_URL = "http://127.0.0.1"


def console_of_a_province(units: int, organizers: int, meetings: int) -> tuple[float, str, int]:
    """The dearest page of the console in seconds of the processor, its address, and how often somebody saw too much.

    A third of the meetings is being prepared, a third is open, and a third published. Every page of the console that
    is fetched without a place is fetched by an administrator at the top and an organizer of a unit, and every page of a
    meeting by its organizer; each of the organizers lists the meetings, and must see those of the own unit exactly.
    """
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        app = create_app(Config(data, sqlite_url(data), public_url=_URL))
        with app.app_context():
            migrate_database()
            signed_in, made = _set_up(units, organizers, meetings)
            at_the_top = create_account(make_sign_in_link(ACTOR, list(Role)), "省管理", _password())
        clients = [(unit, _client(app, secret)) for unit, secret in signed_in]
        every_id = [meeting_id for ids in made.values() for meeting_id in ids]
        seen_too_much = sum(_listed(client, every_id) != made[unit] for unit, client in clients)
        unit, client = clients[0]
        pages = [*_pages(app, _client(app, at_the_top), made[unit]), *_pages(app, client, made[unit])]
        with app.app_context():
            close_database()
    dearest, address = max(pages)
    return dearest, address, seen_too_much


def _client(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction(base_url=_URL) as session:
        session[SIGN_IN_KEY] = secret
    return client


def _listed(client: FlaskClient, meeting_ids: Collection[str]) -> set[str]:
    """Those of the meetings that the list names."""
    shown = client.get("/desk/", base_url=_URL).get_data(as_text=True)
    return {meeting_id for meeting_id in meeting_ids if meeting_id in shown}


def _pages(app: Flask, client: FlaskClient, meeting_ids: Collection[str]) -> Iterator[tuple[float, str]]:
    """Every page of the console for somebody, with what it costs at its cheapest of some turns."""
    addresses = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        is_of_the_console = (
            rule.endpoint.startswith("organizer.") and audience_of(app, rule.endpoint) is Audience.ORGANIZER
        )
        if not is_of_the_console or "GET" not in (rule.methods or ()) or rule.arguments - {"meeting_id"}:
            continue
        for meeting_id in meeting_ids if rule.arguments else [""]:
            address = addresses.build(rule.endpoint, {"meeting_id": meeting_id} if rule.arguments else {})
            costs = []
            for _ in range(_TURNS):
                begun = time.process_time()
                reply = client.get(address, base_url=_URL)
                costs.append(time.process_time() - begun)
            if reply.status_code == HTTPStatus.OK:
                yield min(costs), rule.rule


def _password() -> str:
    return secrets.token_urlsafe(12)


def _set_up(units: int, organizers: int, meetings: int) -> tuple[list[tuple[str, str]], Mapping[str, set[str]]]:
    """The unit and the sign-in of each organizer, and the meetings of each unit by its name."""
    names = [f"单位{number}" for number in range(1, units - _DISTRICTS + 1)]
    districts = [f"市{number}" for number in range(1, _DISTRICTS + 1)]
    create_account(make_sign_in_link(ACTOR), "赵管理", _password())
    holders = [(f"组织{number}", names[number % len(names)]) for number in range(organizers)]
    sheets = (
        TableSheet(
            "单位",
            [
                ["单位", "上级单位"],
                *([name, ""] for name in districts),
                *([name, districts[number % _DISTRICTS]] for number, name in enumerate(names)),
            ],
        ),
        TableSheet(
            "人员",
            [
                ["姓名", "单位", "登记单位"],
                *([f"人{name}{number}", name, name] for name in names for number in range(_PEOPLE_OF_A_UNIT)),
            ],
        ),
        TableSheet("角色", [["姓名", "角色", "单位"], *([name, "组织者", unit] for name, unit in holders)]),
    )
    plan, invitations = set_up_province(ACTOR, sheets)
    by_name = {unit.name: unit.id for unit in plan.new_units}
    signed_in = [
        (unit, create_account(each.link.rpartition("#")[2], each.name, _password()))
        for each, (_, unit) in zip(invitations, holders, strict=True)
    ]
    made: dict[str, set[str]] = {name: set() for name in names}
    for number in range(meetings):
        name = names[number % len(names)]
        made[name].add(_hold(by_name[name], name, number // len(names) % _STATES))
    return signed_in, made


def _hold(unit_id: str, name: str, state: int) -> str:
    """A meeting of a unit that is being prepared, open, or published."""
    meeting_id = create_meeting(
        ACTOR, title=f"{name}测评会", unit=name, held_on=None, preset_id="si-deng", unit_id=unit_id
    )
    entries = [SubjectEntry(f"人{name}{number}", name, "") for number in range(_PEOPLE_OF_A_UNIT)]
    change_subjects(ACTOR, meeting_id, load_meeting(meeting_id)[0].version, entries)
    group = Group("all", "全体", Fraction(1), _VOTERS)
    change_groups(ACTOR, meeting_id, load_meeting(meeting_id)[0].version, (group,))
    issue_tickets(ACTOR, meeting_id, "all", _VOTERS, 0)
    codes = [ticket.code for ticket in list_tickets(meeting_id)]
    if state == 0:
        return meeting_id
    open_meeting(ACTOR, meeting_id)
    style = load_polling(meeting_id, "1").style
    fields = [(item_field(*item), "excellent") for item in style.items]
    for code in codes:
        cast_ballot(meeting_id, style.key, ticket=code, nonce=secrets.token_urlsafe(16), round_number="", fields=fields)
    if state == 1:
        return meeting_id
    record_numbers(ACTOR, meeting_id, "all", present=_VOTERS, left_over=0)
    close_meeting(ACTOR, meeting_id)
    count_meeting(ACTOR, meeting_id)
    publish_result(ACTOR, meeting_id)
    return meeting_id
