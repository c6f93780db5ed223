"""Every page of the console is one read transaction with few statements, which ends before rendering.

As every page is visited in every state here, it is looked at too whether it calls the state by its one word.

The list of pages is the application's own map of addresses, so that a new page is visited without a line here.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

import pytest
from bs4 import BeautifulSoup
from flask import Flask, before_render_template, render_template_string
from flask.testing import FlaskClient
from holding import GRADES, closed, counted, opened, prepared, published
from role_visits import account_of, url_of
from scene import CHAIR, PUBLIC_URL, version_of
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from werkzeug.routing import Rule

from kaohe.config import Config, sqlite_url
from kaohe.domain.meetings import Custody, Group
from kaohe.domain.permissions import Act, Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import TOP, Unit
from kaohe.factory import create_app
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair import publishing, voiding, voting
from kaohe.operations.chair.spot_votes import announce_spot_vote, call_spot_vote, dismiss_spot_vote
from kaohe.operations.count.importing_scores import import_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.preparing import create_meeting, list_meetings, load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.clock import now
from kaohe.storage.database import transaction
from kaohe.storage.read_views import end_read_view, is_in_transaction, reading
from kaohe.storage.starting import close_database
from kaohe.storage.tables import db
from kaohe.storage.units import store_unit
from kaohe.tally.model import Period, SubjectKind
from kaohe.web.access import Audience, audience

STATEMENTS_AT_MOST = 12
READS_AT_MOST = 1
PAGES_OF = ("organizer", "documents")
APART = ("UPDATE sign_ins SET seen_at", "PRAGMA user_version", "SET LOCAL lock_timeout", "SHOW transaction_read_only",
         "SELECT pg_logical_emit_message", "SELECT sign_ins.", "SELECT version_num FROM alembic_version")  # fmt: skip
"""What a GET may write: that its sign-in was in use, and the server's own trial whether it can store anything.

Each of them first looks whether the schema is still this version's.
"""
FIELDS = {"version": "0", "group": "nobody", "present": "x", "count": "x", "reason": "核对", "title": "x"}
CHIP = re.compile(r'<span class="chip chip-[a-z]+">([^<]+)<')
HEADING = re.compile(r'<h2 class="now-label">([^<]+)<')
"""Where a page of a meeting says its state: beside the title, before all other chips, and above the chair's buttons."""
SAID = re.compile("(?:已|尚未|正在|等待)(?:开放|开始|关闭|开箱|计票|公布|投票|定稿|汇总|清除|收票)|草稿|待汇总")
MAY_BE_SAID = frozenset(
    "尚未开始 正在投票 已计票 尚未公布 已公布 已清除 尚未定稿 已定稿 已汇总".split()  # noqa: SIM905 - one line of words
)
"""Forms of words for a state, and those of them that any page may use. Sentences say 已经… and 还没有…."""
TWO_GROUPS = (Group("a", "A票", Fraction(3, 5), 8), Group("b", "B票", Fraction(2, 5), 9))
BALLOTS = [(GRADES[number % 2],) * 3 for number in range(17)]
USUAL = {"groups": TWO_GROUPS, "ballot_list_wanted": True}
STRICT = {"custody": Custody.TELLERS, "two_people": True, "groups": TWO_GROUPS}


@dataclass
class Requests:
    """What one request asked of the database."""

    statements: list[str] = field(default_factory=list)
    """Those of read transactions."""
    reads: int = 0
    """Read transactions."""
    writes: list[list[str]] = field(default_factory=list)
    """Writing transactions, each with its statements."""
    page: str = ""
    """The page that came of it."""
    rendered_within: list[str] = field(default_factory=list)
    """Templates whose rendering began while a transaction was open."""

    def faults(self) -> list[str]:
        """What is wrong with how a page was read."""
        found = []
        if len(self.statements) > STATEMENTS_AT_MOST:
            found.append(f"{len(self.statements)} statements")
        if self.reads > READS_AT_MOST:
            found.append(f"{self.reads} read transactions")
        if self.rendered_within:
            found.append(f"{self.rendered_within} rendered within a transaction")
        found += [f"writes {each}" for one in self.writes for each in one if not each.startswith(APART)]
        return found


@contextmanager
def watching(app: Flask) -> Iterator[Requests]:
    """Note what this thread asks of an application's database."""
    requests, own = Requests(), threading.get_ident()

    def writes(connection: Connection) -> bool:
        options = connection.get_execution_options()
        if connection.dialect.name == "postgresql":
            return not options.get("postgresql_readonly")
        return "kaohe_writes" in options or options.get("isolation_level") == "AUTOCOMMIT"

    def note_begin(connection: Connection) -> None:
        if threading.get_ident() == own:
            if writes(connection):
                requests.writes.append([])
            else:
                requests.reads += 1

    def note_statement(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if threading.get_ident() == own:
            (requests.writes[-1] if writes(connection) else requests.statements).append(" ".join(statement.split()))

    def note_rendering(_app: Flask, template: object, **_: object) -> None:
        if is_in_transaction():
            requests.rendered_within.append(str(template))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "begin", note_begin)
    event.listen(engine, "before_cursor_execute", note_statement)
    before_render_template.connect(note_rendering, app)
    try:
        yield requests
    finally:
        before_render_template.disconnect(note_rendering, app)
        event.remove(engine, "before_cursor_execute", note_statement)
        event.remove(engine, "begin", note_begin)


def routes(app: Flask, method: str) -> list[Rule]:
    """Every address of the console and its documents that takes this kind of request."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in PAGES_OF and method in (rule.methods or set())
    ]


def _rehearsing(app: Flask) -> str:
    meeting_id = prepared(app, **STRICT).meeting_id
    with app.app_context():
        start_rehearsal(CHAIR, meeting_id)
    return meeting_id


def _paused(app: Flask) -> str:
    meeting_id = opened(app, BALLOTS, **USUAL).meeting_id
    with app.app_context():
        voting.pause_meeting(CHAIR, meeting_id)
    return meeting_id


def _purged(app: Flask) -> str:
    meeting_id = published(app, BALLOTS, **USUAL).meeting_id
    with app.app_context():
        purge_meeting(CHAIR, meeting_id, forced_reason="核对")
    return meeting_id


def _voided(app: Flask) -> str:
    """Two rounds are void, and a third one has been published."""
    scene = counted(app, BALLOTS, **USUAL)
    with app.app_context():
        voiding.void_round(CHAIR, scene.meeting_id, "票数不符")
        voting.open_meeting(CHAIR, scene.meeting_id)
        voiding.void_round(CHAIR, scene.meeting_id, "现场有误")
        voting.open_meeting(CHAIR, scene.meeting_id)
        voting.close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id)
        publishing.publish_result(CHAIR, scene.meeting_id)
    return scene.meeting_id


def _spot_votes(app: Flask) -> str:
    """Two votes on the spot have been held within the meeting, and a third one is on."""
    scene = closed(app, BALLOTS, groups=TWO_GROUPS)
    with app.app_context():
        for title in ("第一次票决", "第二次票决"):
            spot_id = call_spot_vote(CHAIR, scene.meeting_id, title=title, subject_keys=["s1", "s2"], seats=1)
            announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
            dismiss_spot_vote(CHAIR, scene.meeting_id, spot_id)
        call_spot_vote(CHAIR, scene.meeting_id, title="第三次票决", subject_keys=["s1", "s2"], seats=1)
    return scene.meeting_id


def _new(app: Flask) -> str:
    with app.app_context():
        return create_meeting(CHAIR, title="新会", unit="", held_on=None, preset_id="si-deng")


def _year(app: Flask) -> str:
    """A year that is computed from its quarters, in draft."""
    with app.app_context():
        meeting_id = create_meeting(
            CHAIR, title="2026年度考核", unit="青山镇", held_on=None, preset_id="zhen-pingshi-niandu"
        )
        entries = tuple(SubjectEntry(name, "", "", "", SubjectKind.PERSON, "") for name in ("张伟", "李娜"))
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
        quarters = [Period(f"第{number}季度", Fraction(90)) for number in "一二三四"]
        import_periods(CHAIR, meeting_id, {subject.key: quarters for subject in load_meeting(meeting_id)[0].subjects})
    return meeting_id


def _year_published(app: Flask) -> str:
    meeting_id = _year(app)
    with app.app_context():
        voting.open_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        publishing.publish_result(CHAIR, meeting_id)
    return meeting_id


MEETINGS: dict[str, Callable[[Flask], str]] = {
    "new": _new,
    "draft": lambda app: prepared(app, **USUAL).meeting_id,
    "draft for tellers and two people": lambda app: prepared(app, **STRICT).meeting_id,
    "rehearsing for tellers and two people": _rehearsing,
    "open": lambda app: opened(app, BALLOTS, **USUAL).meeting_id,
    "open for tellers and two people": lambda app: opened(app, BALLOTS, **STRICT).meeting_id,
    "open with the shared code": lambda app: opened(app, groups=TWO_GROUPS, shared_group="a").meeting_id,
    "paused": _paused,
    "closed": lambda app: closed(app, BALLOTS, **USUAL).meeting_id,
    "closed, with votes on the spot": _spot_votes,
    "counted": lambda app: counted(app, BALLOTS, **USUAL).meeting_id,
    "counted by tellers": lambda app: counted(app, BALLOTS, custody=Custody.TELLERS, groups=TWO_GROUPS).meeting_id,
    "published": lambda app: published(app, BALLOTS, **USUAL).meeting_id,
    "purged": _purged,
    "third round after two void ones": _voided,
    "a year without votes": _year,
    "a year without votes, published": _year_published,
}


WORDS = {
    "new": "尚未开始", "draft": "尚未开始", "rehearsing": "尚未开始", "open": "正在投票", "paused": "已暂停收票",
    "closed": "投票已结束", "counted": "已计票", "published": "已公布", "purged": "已清除", "third round": "已公布",
    "a year without votes": "尚未定稿", "a year without votes, published": "已公布",
}  # fmt: skip
"""What each of them is called; the longest beginning that fits."""
IN_A_UNIT = (
    "draft for tellers and two people", "open for tellers and two people", "closed, with votes on the spot",
    "third round after two void ones", "a year without votes",
)  # fmt: skip
"""Where whoever looks has roles in a unit below the top, and everything belongs to it."""


@dataclass(frozen=True)
class Installation:
    """One installation with somebody who has every role, among other accounts."""

    app: Flask
    client: FlaskClient
    headers: dict[str, str]
    token: str
    account_id: str

    def get(self, url: str, more_headers: Mapping[str, str] | None = None) -> tuple[int, Requests]:
        with watching(self.app) as requests:
            reply = self.client.get(url, headers={**self.headers, **(more_headers or {})})
        assert reply.status_code < 500, url
        requests.page = reply.get_data(as_text=True) if reply.mimetype == "text/html" else ""
        return reply.status_code, requests


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "kaohe.sqlite3")
        url = sqlite_url(folder)
    else:
        lent = request.getfixturevalue("postgresql_databases").lend()
        url = request.getfixturevalue("postgresql").url(lent)
    font = request.getfixturevalue("font")
    app = create_app(Config(folder, url, public_url=PUBLIC_URL, font=font, is_testing=True))
    headers, token, account_id = account_of(app, Role.ORGANIZER)
    with app.app_context():
        for name in ("甲", "乙", "丙", "丁"):
            create_account(make_sign_in_link("测试", list(Role)), name, "correct horse 电池")
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE accounts SET roles = :roles"), {"roles": " ".join(Role)})
    yield Installation(app, app.test_client(use_cookies=False), headers, token, account_id)
    with app.app_context():
        close_database()
    if request.param == "postgresql":
        request.getfixturevalue("postgresql_databases").take_back(lent)


POSTGRESQL = pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
"""For what no database can change: which statements a page asks, and in how many transactions."""


@POSTGRESQL
@pytest.mark.parametrize("state", MEETINGS)
def test_every_page_in_every_state_is_one_look_with_few_statements_and_calls_the_state_by_its_word(installation, state):
    meeting_id = MEETINGS[state](installation.app)
    word = WORDS[max((each for each in WORDS if state.startswith(each)), key=len)]
    _put_in_a_unit(installation, is_in_one=state in IN_A_UNIT)
    found, visited, named = [], 0, 0
    for rule in routes(installation.app, "GET"):
        url = url_of(installation.app, rule, meeting_id, installation.account_id)
        status, requests = installation.get(url)
        visited += status == 200
        # A block that asks for itself anew is a page of its own to a browser without scripts; a file has no blocks.
        is_file = status == 200 and not requests.page
        fragment = requests if is_file else installation.get(url, {"HX-Request": "true"})[1]
        found += [f"{rule.rule}: {fault}" for fault in [*requests.faults(), *fragment.faults()]]
        found += [f"{rule.rule}: {said}" for said in set(SAID.findall(requests.page)) - MAY_BE_SAID]
        if status == 200 and f"/desk/{meeting_id}/" in url:
            called = [*CHIP.findall(requests.page)[:1], *HEADING.findall(requests.page)]
            found += [f"{rule.rule}: called {each}" for each in called if each != word]
            named += len(called)
    assert found == []
    assert named >= 10
    assert visited >= 20


def _put_in_a_unit(installation: Installation, *, is_in_one: bool) -> None:
    """Let every meeting and account belong to a unit below the top, or to the top again."""
    with installation.app.app_context(), transaction() as session:
        unit_id = "a" if is_in_one else TOP
        store_unit(session, Unit("a", "青山区", TOP))
        for table in ("meetings", "accounts"):
            session.execute(text(f"UPDATE {table} SET unit_id = :unit"), {"unit": unit_id})


@POSTGRESQL
@pytest.mark.parametrize("state", ["draft", "open for tellers and two people", "published"])
def test_a_reply_to_an_act_is_read_in_one_look_after_its_last_change(installation, state):
    meeting_id = MEETINGS[state](installation.app)
    found, shown = [], 0
    for rule in routes(installation.app, "POST"):
        if "sign" in rule.endpoint:
            continue
        url = url_of(installation.app, rule, meeting_id, "nobody")
        with watching(installation.app) as requests:
            reply = installation.client.post(
                url, headers=installation.headers, data={**FIELDS, "csrf_token": installation.token}
            )
        assert reply.status_code < 500, url
        shown += reply.mimetype == "text/html" and reply.status_code not in (302, 303)
        if requests.reads > len(requests.writes) + 1:
            found.append(f"{rule.rule}: {requests.reads} read views around {len(requests.writes)} changes")
        if requests.rendered_within:
            found.append(f"{rule.rule}: rendered within a transaction")
    assert found == []
    assert shown >= 10


def _looks_twice() -> str:
    list_meetings()
    end_read_view()
    list_meetings()
    return "planted"


def _asks_too_often() -> str:
    with reading() as session:
        for _ in range(STATEMENTS_AT_MOST):
            session.execute(text("SELECT 1"))
    return "planted"


def _renders_within() -> str:
    with reading():
        list_meetings()
        return render_template_string("planted")


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (_looks_twice, "2 read transactions"),
        (_asks_too_often, f"{STATEMENTS_AT_MOST + 1} statements"),
        (_renders_within, "rendered within a transaction"),
    ],
)
def test_a_page_that_looks_twice_asks_too_often_or_renders_within_its_transaction_is_caught(app, view, fault):
    app.add_url_rule("/planted", "planted", audience(Audience.ORGANIZER, act=Act.LIST_MEETINGS)(view))
    headers, token, account_id = account_of(app, Role.ORGANIZER)
    status, requests = Installation(app, app.test_client(use_cookies=False), headers, token, account_id).get("/planted")
    assert status == 200
    assert len(requests.faults()) == 1
    assert fault in requests.faults()[0]


def test_a_page_that_writes_is_refused(app):
    def view() -> str:
        create_meeting(CHAIR, title="新会", unit="", held_on=None, preset_id="si-deng")
        return "planted"

    app.add_url_rule("/planted", "planted", audience(Audience.ORGANIZER, act=Act.LIST_MEETINGS)(view))
    headers, _, _ = account_of(app, Role.ORGANIZER)
    reply = app.test_client(use_cookies=False).get("/planted", headers=headers)
    assert reply.headers["X-Kaohe-Error"] == "internal"
    with app.app_context():
        assert list_meetings() == []


def test_a_sign_in_is_noted_as_used_once_a_minute_after_the_page_is_read(installation):
    minute_ago = text("UPDATE sign_ins SET seen_at = :moment")
    with installation.app.app_context(), db.engine.begin() as connection:
        connection.execute(minute_ago, {"moment": (now() - timedelta(minutes=2)).replace(tzinfo=None)})
    _, requests = installation.get("/desk/")
    assert requests.faults() == []
    assert any("UPDATE sign_ins" in each for one in requests.writes for each in one)
    _, requests = installation.get("/desk/")
    assert requests.writes == []


def test_a_close_while_the_chairs_page_is_read_does_not_show_in_it(installation):
    """Whichever statement it comes after: never an open state beside the numbers of a closed round."""

    def shown(meeting_id: str) -> str:
        reply = installation.client.get(f"/desk/{meeting_id}/chair", headers=installation.headers)
        main = BeautifulSoup(reply.get_data(as_text=True), "html.parser").select_one("main")
        for field_with_token in main.select("input[name=csrf_token]"):
            field_with_token.decompose()
        return str(main)

    for number in range(1, 6):
        meeting_id = opened(installation.app, BALLOTS, **USUAL).meeting_id
        before = shown(meeting_id)
        with _closing_after(installation.app, number, meeting_id) as done:
            assert shown(meeting_id) == before
            assert done == [number]
        assert "投票已结束" in shown(meeting_id)
        assert "投票已结束" not in before


@contextmanager
def _closing_after(app: Flask, number: int, meeting_id: str) -> Iterator[list[int]]:
    """Close a meeting from elsewhere once this thread has asked its ``number``-th question."""
    asked, done, own = [], [], threading.get_ident()

    def close() -> None:
        with app.app_context():
            voting.close_meeting(CHAIR, meeting_id)

    def note(*_: object) -> None:
        if threading.get_ident() == own:
            asked.append(number)
            if len(asked) == number:
                elsewhere = threading.Thread(target=close)
                elsewhere.start()
                elsewhere.join()
                done.append(number)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield done
    finally:
        event.remove(engine, "after_cursor_execute", note)
