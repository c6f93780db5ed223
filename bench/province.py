"""A whole province on one server: what a page of the console costs among hundreds of meetings, and whose it shows."""

from __future__ import annotations

import html
import re
import secrets
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, product
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from bench.hall import ACTOR
from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import item_field
from kaohe.domain.meetings import Custody, Group, HallView
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
from kaohe.operations.people.register import list_people
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.units import list_units
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.own_schemes import save_own_scheme
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.schemes import load_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.storage.migrating import migrate_database
from kaohe.storage.starting import close_database
from kaohe.web.access import SIGN_IN_KEY, SIGNED_IN, audience_of

_PEOPLE_OF_A_UNIT = 8
_VOTERS = 5
_DISTRICTS = 6
_SUCCESS = 2
_OF_A_PART = {"HX-Request": "true"}
_STATES = 3
_PUBLISHED = 2
_URL = "http://127.0.0.1"
_OF_A_UNIT = {"meeting_id", "unit_id", "person_id", "scheme_id"}
_NOTHING: Mapping[str, str] = MappingProxyType({})
_UNIT_NAMES = re.compile(r"单位\d{3}")


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk through every page of the console has found."""

    pages: Mapping[str, float]
    """By the page's rule, what it costs whom it costs most, in seconds of the processor."""
    unreached: Sequence[str]
    """Rules of the console that gave nobody anything."""
    wrong_lists: int
    """Lists of meetings that are not those of the own unit exactly."""
    seen_too_much: Sequence[str]
    """Addresses that told somebody of a unit about another one."""


def walk_through_a_province(units: int, organizers: int, meetings: int, turns: int = 3) -> Walk:
    """Fetch every page of the console among so many meetings, a third prepared, a third open, a third published.

    Somebody who has every role in a unit fetches every page and every part that pages ask for by themselves, with each
    of its meetings and one of its people and schemes where an address names one, and then asks for those of another
    unit. Somebody with every role at the top, and an organizer of the unit, fetch what names no meeting. Each of the
    organizers lists the meetings. What a page costs is the least of some ``turns``.
    """
    with tempfile.TemporaryDirectory(prefix="kaohe-bench-") as folder:
        data = Path(folder)
        app = create_app(Config(data, sqlite_url(data), public_url=_URL))
        with app.app_context():
            migrate_database()
            signed_in, made = _set_up(units, organizers, meetings)
            unit, secret = signed_in[0]
            other = next(name for name in made if name != unit)
            own, theirs = (_places(name, made[name]) for name in (unit, other))
            at_the_top = create_account(make_sign_in_link(ACTOR, list(Role)), "省管理", _password())
            link = make_sign_in_link(ACTOR, list(Role), str(own["unit_id"][0]))
            of_the_unit = create_account(link, f"{unit}管理", _password())
            joining, joined = (_unit_id(name) for name in ("市1", "市2"))
        clients = [(name, _client(app, each)) for name, each in signed_in]
        every_id = [meeting_id for ids in made.values() for meeting_id in ids]
        wrong = sum(_listed(client, every_id) != made[name] for name, client in clients)
        merging = {"/desk/units/<unit_id>/merge": f"?other={joined}&day=2026-11-01"}
        without_meetings = {**own, "meeting_id": []}
        everywhere, below, organizer = (
            _Visitor(app, _client(app, each), turns) for each in (at_the_top, of_the_unit, secret)
        )
        top = everywhere.fetch_all({**without_meetings, "unit_id": [joining]}, merging)
        told = [*below.fetch_all(own), *organizer.fetch_all(without_meetings)]
        too_much = [each.address for each in told if set(_UNIT_NAMES.findall(each.text)) - {unit}]
        too_much += [each.address for each in below.fetch_all(theirs) if each.is_of_a_place]
        pages: dict[str, float] = {}
        reached = set()
        for each in (*top, *told):
            reached.add(each.rule)
            if each.is_page:
                pages[each.rule] = max(each.seconds, pages.get(each.rule, 0))
        unreached = [rule.rule for rule in _rules(app) if rule.rule not in reached and "." not in rule.rule]
        with app.app_context():
            close_database()
    return Walk(pages, unreached, wrong, too_much)


def _client(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction(base_url=_URL) as session:
        session[SIGN_IN_KEY] = secret
    return client


def _listed(client: FlaskClient, meeting_ids: Collection[str]) -> set[str]:
    """Those of the meetings that the list names."""
    shown = client.get("/desk/", base_url=_URL).get_data(as_text=True)
    return {meeting_id for meeting_id in meeting_ids if meeting_id in shown}


@dataclass(frozen=True, slots=True)
class _Fetched:
    rule: str
    address: str
    seconds: float
    text: str
    is_page: bool
    """And not a file, such as a table of text."""
    is_of_a_place: bool
    """Whether the address names what belongs to a unit."""


def _rules(app: Flask) -> list[Rule]:
    """Every address of the console that is fetched, but files that are no text; those are drawn in other processes."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if audience_of(app, rule.endpoint) in SIGNED_IN
        and "GET" in (rule.methods or ())
        and not re.search(r"\.(xlsx|docx|pdf|zip|<ending>)$", rule.rule)
    ]


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Somebody who is signed in, and how often he fetches each page."""

    app: Flask
    client: FlaskClient
    turns: int

    def fetch_all(
        self, places: Mapping[str, Sequence[str | int]], asked: Mapping[str, str] = _NOTHING
    ) -> list[_Fetched]:
        """What the console gives, with each of ``places`` where an address names one.

        ``asked`` is, by a rule, what stands behind its address.
        """
        addresses = self.app.url_map.bind("127.0.0.1")
        got = []
        for rule in _rules(self.app):
            names = sorted(rule.arguments)
            for values in product(*(places[name] for name in names)):
                address = addresses.build(rule.endpoint, dict(zip(names, values, strict=True)))
                got += self._fetch(rule, address + asked.get(rule.rule, ""))
        parts = {html.unescape(part) for each in got for part in re.findall(r'hx-get="(/[^"]+)"', each.text)}
        for part in sorted(parts):
            rule, _ = addresses.match(urlsplit(part).path, return_rule=True)
            got += self._fetch(rule, part, _OF_A_PART)
        return got

    def _fetch(self, rule: Rule, address: str, headers: Mapping[str, str] = _NOTHING) -> list[_Fetched]:
        """One page or part with its cost; nothing where it is refused or only leads elsewhere."""
        costs = []
        for _ in range(self.turns):
            begun = time.process_time()
            # A printing's word is given by the server, on the way to the slips.
            reply = self.client.get(address, base_url=_URL, follow_redirects=True, headers=headers)
            costs.append(time.process_time() - begun)
        if reply.status_code // 100 != _SUCCESS or reply.request.path != urlsplit(address).path:
            return []
        shown = reply.get_data(as_text=True) if reply.mimetype.startswith("text/") else ""
        is_page = not re.search(r"\.[a-z]+$", rule.rule)
        return [_Fetched(rule.rule, address, min(costs), shown, is_page, bool(rule.arguments & _OF_A_UNIT))]


def _places(unit: str, meeting_ids: Collection[str]) -> Mapping[str, Sequence[str | int]]:
    """What stands for a unit in every place that an address of the console names."""
    unit_id = _unit_id(unit)
    return {
        "meeting_id": sorted(meeting_ids),
        "unit_id": [unit_id],
        "person_id": [next(each.id for each in list_people() if each.unit_id == unit_id)],
        "scheme_id": [save_own_scheme(ACTOR, scheme_toml(load_preset("si-deng")), unit_id)],
        "round_number": [1],
        "sheet": ["summary"],
        "component_key": ["vote"],
        "preset_id": ["si-deng"],
        "ending": ["docx"],
    }


def _unit_id(name: str) -> str:
    return next(line.unit.id for line in list_units() if line.unit.name == name)


def _password() -> str:
    return secrets.token_urlsafe(12)


def _set_up(units: int, organizers: int, meetings: int) -> tuple[list[tuple[str, str]], Mapping[str, set[str]]]:
    """The unit and the sign-in of each organizer, and the meetings of each unit by its name."""
    names = [f"单位{number:03}" for number in range(1, units - _DISTRICTS + 1)]
    districts = [f"市{number}" for number in range(1, _DISTRICTS + 1)]
    create_account(make_sign_in_link(ACTOR), "赵管理", _password())
    holders = [(f"{name}组织{number}", name) for number, name in zip(range(organizers), cycle(names), strict=False)]
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
                ["姓名", "单位", "职务", "登记单位"],
                *([f"人{name}{number}", name, "", name] for name in names for number in range(_PEOPLE_OF_A_UNIT)),
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
    if state != _PUBLISHED:
        version = load_meeting(meeting_id)[0].version
        # By a shared code before it opens, and two people act where it is open, so that there are pages of both.
        change_hall(ACTOR, meeting_id, version, hall_view=HallView.TURNOUT, custody=Custody.SERVER, shared_group="all",
                    ballot_list_wanted=True, two_people=True)  # fmt: skip
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
