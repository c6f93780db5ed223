"""Every role visits every route in every state of a meeting: the table decides, and what it refuses changes nothing.

The roles are held at the top, in the unit above the meeting's, or in one beside it, for which there is no such meeting.
"""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from holding import closed, counted, opened, prepared, published
from role_visits import account_of, console_routes, url_of
from scene import EVERYONE, PUBLIC_URL
from sqlalchemy import text

from kaohe.config import Config, sqlite_url
from kaohe.domain.meetings import Custody, MeetingState
from kaohe.domain.permissions import PERMISSIONS, Act, Role, may
from kaohe.domain.units import TOP, Unit
from kaohe.factory import create_app
from kaohe.storage.database import transaction
from kaohe.storage.tables import db
from kaohe.storage.units import store_unit
from kaohe.web.access import PLACES, Audience, act_of, audience_of

BALLOTS = [("excellent",) * 3] * 6
# Fields that a form of the console would carry; an act takes what it knows and passes over the rest.
FIELDS = {
    "version": "1", "group": EVERYONE[0].key, "present": "12", "count": "1", "reason": "核对",
    "name": "赵敏", "kind": "人", "pasted": "赵敏", "mode": "add", "hall_choice": "tellers",
    "groups-0-key": EVERYONE[0].key, "groups-0-label": "全体", "groups-0-weight": "100", "groups-0-entitled": "12",
}  # fmt: skip
OWNER, ABOVE, BESIDE = "owner", "above", "beside"
UNITS = (Unit(ABOVE, "甲", TOP), Unit(OWNER, "甲一", ABOVE), Unit(BESIDE, "乙", TOP))
"""The meeting belongs to 甲一."""
MAKERS = {
    MeetingState.DRAFT: prepared,
    MeetingState.OPEN: opened,
    MeetingState.CLOSED: closed,
    MeetingState.COUNTED: counted,
    MeetingState.PUBLISHED: published,
    MeetingState.PURGED: published,
}


@dataclass(frozen=True)
class Installation:
    """One installation with an account for every role and a meeting in one state, and a copy to go back to."""

    app: Flask
    client: FlaskClient
    meeting_id: str
    database: Path
    kept: Path
    visits: dict[str, dict[Role, tuple[dict[str, str], str, str]]]
    """By the unit where it is held, for each role: the cookie header, the form's token, and the account's id."""
    codes: list[str]
    """Of all tickets: who does not make them must not learn one."""

    def restore(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for ending in ("-wal", "-shm"):
            self.database.with_name(self.database.name + ending).unlink(missing_ok=True)
        shutil.copy(self.kept, self.database)

    def fingerprint(self) -> list[object]:
        """What any act would change: the record of acts, rounds, meetings, tickets, accounts and their sign-ins."""
        # Asked some thousand times, so past SQLAlchemy, which takes ten times as long.
        with closing(sqlite3.connect(self.database)) as connection:
            return [
                connection.execute(query).fetchall()
                for query in (
                    "SELECT count(*), max(seq) FROM record_entries",
                    "SELECT id, state, is_paused, revealed_count, key_proven, challenge_limit FROM rounds ORDER BY id",
                    "SELECT id, stripped_at, purge_on, purged_at FROM rounds ORDER BY id",
                    "SELECT id, version, keep_months, unit_id FROM meetings ORDER BY id",
                    "SELECT id, name, parent_id, is_closed FROM units ORDER BY id",
                    "SELECT count(*), sum(is_void) FROM tickets",
                    "SELECT id, roles, unit_id, is_locked, password_hash, wrapped_totp FROM accounts ORDER BY id",
                    "SELECT count(*) FROM sign_ins",
                    "SELECT count(*) FROM sign_in_links",
                    "SELECT count(*) FROM proposals",
                    "SELECT count(*) FROM paper_sheets",
                    "SELECT count(*) FROM challenges",
                    "SELECT count(*) FROM own_schemes",
                    "SELECT count(*) FROM person_spells",
                    "SELECT count(*) FROM ballots",
                    "SELECT * FROM speaking",
                )
            ]


TWO_STATES = pytest.mark.parametrize(
    "installation", [MeetingState.OPEN, MeetingState.PUBLISHED], indirect=True, ids=["open", "published"]
)
"""For what does not hang on the state: whether there is a meeting at all."""


@pytest.fixture(scope="module", params=list(MAKERS), ids=[str(state) for state in MAKERS])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "kaohe.sqlite3")
    font = request.getfixturevalue("font")
    app = create_app(Config(folder, sqlite_url(folder), public_url=PUBLIC_URL, font=font, is_testing=True))
    roles = (Role.ADMINISTRATOR, *(role for role in Role if role is not Role.ADMINISTRATOR))
    visits = {TOP: {role: account_of(app, role) for role in roles}}
    with app.app_context(), transaction() as session:
        for unit in UNITS:
            store_unit(session, unit)
    visits |= {unit_id: {role: account_of(app, role, unit_id) for role in roles} for unit_id in (ABOVE, BESIDE)}
    scene = MAKERS[request.param](app, custody=Custody.TELLERS, two_people=False, **_with_ballots(request.param))
    with app.app_context():
        if request.param is MeetingState.PURGED:
            with db.engine.begin() as connection:
                connection.execute(text("UPDATE rounds SET state = 'purged'"))
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE meetings SET unit_id = :unit"), {"unit": OWNER})
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
    shutil.copy(folder / "kaohe.sqlite3", folder / "kept")
    client = app.test_client(use_cookies=False)
    yield Installation(
        app, client, scene.meeting_id, folder / "kaohe.sqlite3", folder / "kept", visits, scene.all_codes
    )
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("role", list(Role), ids=[str(role) for role in Role])
def test_every_role_meets_the_table_on_every_route_in_every_state(installation: Installation, role: Role) -> None:
    state = _state(installation)
    # Each role is held at the top in every other state, and above the meeting's unit in the rest.
    held_in = (TOP, ABOVE)[(list(MAKERS).index(state) + list(Role).index(role)) % 2]
    headers, token, account_id = installation.visits[held_in][role]
    at_the_top = held_in == TOP
    visited = {"allowed": 0, "refused": 0, "nobody": 0}
    for rule, method in console_routes(installation.app):
        act = act_of(installation.app, rule.endpoint)
        assert act is not None
        url = url_of(installation.app, rule, installation.meeting_id, account_id, OWNER)
        if method == "GET":
            reply = installation.client.get(url, headers=headers)
        else:
            before = installation.fingerprint()
            reply = installation.client.post(url, headers=headers, data={**FIELDS, "csrf_token": token})
        refusal = reply.headers.get("X-Kaohe-Error", "")
        place = (method, url, reply.status_code, refusal)
        assert reply.status_code < 500, place
        scope = state if "meeting_id" in rule.arguments else None
        if may({role}, act, scope, is_at_the_top=at_the_top):
            assert refusal != "not_allowed", place
            visited["allowed"] += 1
            if method == "POST":
                installation.restore()
        elif may({role}, act, is_at_the_top=at_the_top) and not PERMISSIONS[act].by_state[state]:
            assert refusal != "not_allowed", place
            assert method == "GET" or installation.fingerprint() == before, place
            visited["nobody"] += 1
        else:
            assert (reply.status_code, refusal) == (403, "not_allowed"), place
            assert "只有" in reply.get_data(as_text=True), place
            assert method == "GET" or installation.fingerprint() == before, place
            visited["refused"] += 1
        if not may({role}, Act.PREPARE):
            shown = reply.get_data().decode(errors="replace").replace("-", "")
            assert not [code for code in installation.codes if code in shown], place
    assert visited["allowed"] >= 4
    assert visited["refused"] >= 5


@TWO_STATES
@pytest.mark.parametrize("role", list(Role), ids=[str(role) for role in Role])
def test_what_belongs_to_another_unit_is_answered_as_if_it_were_not_there(
    installation: Installation, role: Role
) -> None:
    """Finding H4: any organizer could pause and close any other unit's meeting."""
    headers, token, _ = installation.visits[BESIDE][role]
    theirs = (installation.meeting_id, installation.visits[ABOVE][role][2], OWNER)
    visited = {"not there": 0, "refused": 0}
    before = installation.fingerprint()
    for rule, method in console_routes(installation.app):
        if not rule.arguments & PLACES:
            continue
        replies = []
        for place in (theirs, ("nowhere", "nobody", "none")):
            url = url_of(installation.app, rule, *place)
            call = installation.client.get if method == "GET" else installation.client.post
            reply = call(url, headers=headers, data={**FIELDS, "csrf_token": token} if method == "POST" else None)
            shown = reply.get_data(as_text=True)
            headers_sent = {name: value for name, value in reply.headers if name != "Set-Cookie"}
            replies.append((reply.status_code, headers_sent, _without_tokens(shown)))
        assert replies[0] == replies[1], (method, rule.rule)
        if replies[0][0] == 404:
            assert replies[0][1]["X-Kaohe-Error"].endswith("_unknown"), rule.rule
            visited["not there"] += 1
        else:
            act = act_of(installation.app, rule.endpoint)
            assert act is not None
            assert not may({role}, act), (method, rule.rule)
            visited["refused"] += 1
    assert installation.fingerprint() == before
    assert min(visited.values()) >= 2


@TWO_STATES
def test_no_list_shows_what_belongs_to_another_unit(installation: Installation) -> None:
    for role in Role:
        headers, _, _ = installation.visits[BESIDE][role]
        for rule, method in console_routes(installation.app):
            if method == "GET" and not rule.arguments:
                shown = _all_text(installation.client.get(rule.rule, headers=headers, follow_redirects=True).data)
                assert installation.meeting_id not in shown, rule.rule
                assert not [name for name in ("某organizer", "owner某", "above某", "王主持") if f">{name}" in shown], (
                    rule.rule
                )
                assert "甲一" not in shown, rule.rule


def _all_text(content: bytes) -> str:
    """What a page says, or all parts of a workbook."""
    if not content.startswith(b"PK"):
        return content.decode()
    with ZipFile(BytesIO(content)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


@pytest.mark.parametrize("role", list(Role), ids=[str(role) for role in Role])
def test_no_page_offers_what_its_reader_may_not_do(installation: Installation, role: Role) -> None:
    state = _state(installation)
    headers, _, account_id = installation.visits[TOP][role]
    adapter = installation.app.url_map.bind("localhost")
    pages = 0
    for rule, method in console_routes(installation.app):
        if method != "GET" or "tickets.csv" in rule.rule:
            continue
        reply = installation.client.get(
            url_of(installation.app, rule, installation.meeting_id, account_id), headers=headers
        )
        if reply.mimetype != "text/html" or reply.status_code != 200:
            continue
        pages += 1
        soup = BeautifulSoup(reply.get_data(as_text=True), "html.parser")
        offers = [(str(form["action"]), "POST") for form in soup.select("form[action][method=post]")]
        offers += [(str(button["formaction"]), "POST") for button in soup.select("button[formaction]")]
        offers += [(str(link["href"]), "GET") for link in soup.select("a[href^='/desk'], a[href^='/documents']")]
        for target, verb in offers:
            endpoint, _ = adapter.match(target.partition("?")[0].partition("#")[0], method=verb)
            act = act_of(installation.app, endpoint)
            scope = state if f"/{installation.meeting_id}" in target else None
            assert act is None or may({role}, act, scope) or _nobody_may(act, scope, role), (rule.rule, target)
    assert pages >= 1


def test_every_part_of_a_page_is_answered_alone_to_htmx_and_within_the_page_to_a_browser(
    installation: Installation,
) -> None:
    headers, _, account_id = installation.visits[TOP][Role.ORGANIZER]
    asked = set()
    for rule, method in console_routes(installation.app):
        url = url_of(installation.app, rule, installation.meeting_id, account_id)
        page = installation.client.get(url, headers=headers) if method == "GET" else None
        if page is None or page.mimetype != "text/html" or page.status_code != 200:
            continue
        soup = BeautifulSoup(page.get_data(as_text=True), "html.parser")
        # What asks for a part, and what stands around forms that lead back to the page with the part alone.
        for element in soup.select("[hx-get], [hx-boost=true]"):
            address = str(element.get("hx-get") or url)
            part = str(element.get("hx-target") or f"#{element['id']}").removeprefix("#")
            asking = {**headers, "HX-Request": "true", "HX-Target": part}
            alone = installation.client.get(address, headers=asking)
            assert alone.status_code in (200, 204), (url, address)
            if alone.status_code == 200:
                assert BeautifulSoup(alone.get_data(as_text=True), "html.parser").find(id=part), (url, part)
                assert part == "main" or "<h1" not in alone.get_data(as_text=True), (url, part)
            whole = installation.client.get(address, headers=headers, follow_redirects=True)
            assert whole.get_data(as_text=True).lower().startswith("<!doctype"), (url, address)
            asked.add(part)
    assert {"speaking", "spot-votes", "sign-ins"} <= asked
    assert ("board" in asked) is (_state(installation) is MeetingState.OPEN)


def test_the_routes_of_voters_and_screens_ask_nobody_for_a_role(installation: Installation) -> None:
    for role in Role:
        headers, _, _ = installation.visits[TOP][role]
        for rule in installation.app.url_map.iter_rules():
            if (
                audience_of(installation.app, rule.endpoint) in (Audience.VOTER, Audience.SCREEN)
                and "live" not in rule.rule
            ):
                reply = installation.client.get(
                    url_of(installation.app, rule, installation.meeting_id, "x"), headers=headers
                )
                assert reply.headers.get("X-Kaohe-Error") != "not_allowed", rule


def _without_tokens(shown: str) -> str:
    return re.sub(r'(name="csrf_token" value|nonce)="[^"]*"', "", shown)


def _nobody_may(act, scope, role) -> bool:
    return scope is not None and not PERMISSIONS[act].by_state[scope] and may({role}, act)


def _with_ballots(state: MeetingState) -> dict[str, object]:
    return {} if state is MeetingState.DRAFT else {"ballots": BALLOTS}


def _state(installation: Installation) -> MeetingState:
    with installation.app.app_context(), db.engine.connect() as connection:
        return MeetingState(connection.scalar(text("SELECT state FROM rounds")))


LISTS = ("list_meetings", "offered_periods", "list_own_schemes", "load_own_scheme", "meeting_preset", "list_accounts",
         "list_account_acts", "delete_own_scheme", "create_meeting", "copy_meeting", "copy_for_units", "change_basics",
         "recommend_uncontested", "make_sign_in_link",
         "move_account", "list_units", "unit_names", "list_people", "add_person", "note_change",
         "preview_merge", "merge_people", "take_apart", "preview_unit_merge", "merge_unit",
         "make_token", "list_tokens", "revoke_token", "list_published", "load_published",
         "find_results", "load_history", "compare_periods", "load_unit_years")  # fmt: skip
"""What looks among things of all units, or puts something into one."""


def test_whatever_the_console_looks_for_among_all_units_it_looks_for_within_reach() -> None:
    web = Path(inspect.getfile(create_app)).parent / "web"
    calls = [
        (path.name, node)
        for path in web.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LISTS
    ]
    assert len(calls) >= len(LISTS)
    unbounded = [(name, ast.unparse(node)) for name, node in calls if "this_reach()" not in ast.unparse(node)]
    assert unbounded == []
