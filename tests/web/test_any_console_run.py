"""Whoever does whatever on the console, in whatever order, while phones send whatever: nothing breaks.

A state machine of Hypothesis's goes over every route of the console in every role, with raw posts, with the forms of
the pages oddly filled, and with the real acts of the chair between them, while phones cast right and odd ballots.
No reply is a fault; what is in the box is what was acknowledged, and a ticket is spent for nothing else. The short form
runs with all tests; ``make bad-input`` runs the long one.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from holding import closed, counted, opened, prepared, published
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from odd_bodies import odd_body
from odd_forms import TYPED, filled_oddly, forms_of, target_of
from role_visits import account_of, console_routes, url_of
from scene import CHAIR, EVERYONE, PUBLIC_URL, Scene
from scene import NAMES as NAMES_OF_SUBJECTS
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from kaohe.config import Config, sqlite_url
from kaohe.domain.ballots import item_field
from kaohe.domain.envelopes import ticket_digest
from kaohe.domain.errors import BoxDamaged
from kaohe.domain.permissions import Role
from kaohe.factory import create_app
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall import casting
from kaohe.storage.installation import these_secrets
from kaohe.storage.tables import db
from kaohe.storage.tickets import TicketFound

IS_LONG = os.environ.get("KAOHE_BAD_INPUT") == "long"
RUNS, STEPS = (150, 60) if IS_LONG else (12, 25)
PARTS = 3
CASTS = 4
ITEMS = tuple(item_field(f"s{number}", "overall") for number in range(1, len(NAMES_OF_SUBJECTS) + 1))
BALLOTS = [("excellent", "competent", "excellent")] * 3
MAKERS: dict[str, Callable[..., Scene]] = {
    "draft": prepared,
    "open": opened,
    "closed": closed,
    "counted": counted,
    "published": published,
}
CHAIRS_ACTS = ("open", "pause", "resume", "close", "count", "publish", "reveal")
CHANCES = st.integers(0, 2**32).map(random.Random)
FORM = "application/x-www-form-urlencoded"
FIELD_NAMES = (
    *(
        "version",
        "latest_version",
        "token",
        "hall_choice",
        "groups-0-key",
        "groups-0-weight",
        "groups-\u00b2-label",
        "group",
        "present",
        "left_over",
        "count",
        "reason",
        "name",
        "password",
        "code",
        "text",
        "role",
    ),
    *(
        "rows",
        "title",
        "unit",
        "key",
        "months",
        "day",
        "archived",
        "subject",
        "score",
        "receipts",
        "minutes",
        "sign_in",
    ),
)
WHO = st.sampled_from([*Role, *[Role.ORGANIZER] * 3])


@dataclass(frozen=True)
class Installation:
    """An installation with an account for every role and a meeting in one state, to be copied for every run."""

    folder: Path
    scene: Scene
    visits: dict[Role, tuple[dict[str, str], str, str]]


@dataclass
class Seen:
    """What all runs together have visited and met."""

    routes: set[tuple[str, str]] = field(default_factory=set)
    replies: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    cast: int = 0
    turned_away: int = 0


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> dict[str, Installation]:
    return {state: _built(tmp_path_factory.mktemp(state), migrated_sqlite, state) for state in MAKERS}


def test_no_run_over_the_whole_console_ends_in_a_fault_or_a_wrong_box(installations: dict[str, Installation]) -> None:
    seen = Seen()
    play(installations, seen, RUNS)
    some = next(iter(installations.values()))
    everywhere = {(rule.endpoint, method) for rule, method in console_routes(_started(some.folder))}
    assert everywhere - seen.routes == set()
    assert len(everywhere) > 80
    assert {200, 303, 403, 422} <= set(seen.replies), seen.replies
    assert len(seen.states) >= 4
    assert seen.cast > RUNS // 2
    assert seen.turned_away > RUNS // 2
    if IS_LONG:
        said = (sum(seen.replies.values()), dict(sorted(seen.replies.items())), dict(seen.states))
        sys.stdout.write(f"\n{RUNS} runs, {said}, {seen.cast} cast, {seen.turned_away} turned away\n")


def test_a_refusal_that_burns_a_ticket_would_be_found(
    installations: dict[str, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same runs on a server that marks a ticket as spent when it is only looked at."""
    look = casting.find_ticket

    def burn(session: Session, round_id: str, code: str) -> TicketFound | None:
        found = look(session, round_id, code)
        with db.engine.begin() as connection:
            digest = ticket_digest(these_secrets().pepper, code)
            connection.execute(text("UPDATE tickets SET is_spent = 1 WHERE digest = :digest"), {"digest": digest})
        return found

    monkeypatch.setattr(casting, "find_ticket", burn)
    # Either a box that is not what was acknowledged, or one that will not be opened in the end.
    with pytest.raises((AssertionError, BoxDamaged)):
        play(installations, Seen(), RUNS, shrinking=False)


def play(installations: dict[str, Installation], seen: Seen, runs: int, *, shrinking: bool = True) -> None:
    run_state_machine_as_test(
        lambda: ConsoleRun(installations, seen),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrinking else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


class ConsoleRun(RuleBasedStateMachine):
    """One run: a copy of one of the installations, and what its phones were told."""

    def __init__(self, installations: dict[str, Installation], seen: Seen) -> None:
        super().__init__()
        self.installations, self.seen = installations, seen

    @initialize(state=st.sampled_from(["open", *MAKERS, "open"]))
    def move_in(self, state: str) -> None:
        self.installation = self.installations[state]
        self.data = Path(tempfile.mkdtemp(prefix="run-", dir=self.installation.folder.parent))
        shutil.copytree(self.installation.folder, self.data, dirs_exist_ok=True)
        self.app = _started(self.data)
        self.client = self.app.test_client(use_cookies=False)
        self.routes = console_routes(self.app)
        self.meeting_id = self.installation.scene.meeting_id
        self.told: dict[int, set[str]] = {1: set()}
        self.before = 0 if state == "draft" else len(BALLOTS)
        """What lay in the first round's box when this run began."""

    @rule(part=st.sampled_from(range(PARTS)), role=st.none() | WHO, chance=CHANCES)
    def go_round(self, part: int, role: Role | None, chance: random.Random) -> None:
        """Visit a third of all routes one after the other, posting whatever."""
        headers, token, account_id = self._as(role)
        for route, method in self.routes[part::PARTS]:
            url = url_of(self.app, route, self.meeting_id, account_id)
            if method == "GET":
                self._look(self.client.get(url, headers=headers), route.endpoint)
            else:
                names = chance.sample(FIELD_NAMES, chance.randrange(len(FIELD_NAMES)))
                fields = {name: chance.choice(TYPED) for name in names}
                self._look(self.client.post(url, headers=headers, data={**fields, "csrf_token": token}), route.endpoint)

    @rule(page=st.integers(0, 10**6), role=WHO, chance=CHANCES)
    def press_a_button(self, page: int, role: Role, chance: random.Random) -> None:
        """Fill one form of a page oddly and send it."""
        headers, _, account_id = self._as(role)
        pages = [route for route, method in self.routes if method == "GET" and route.endpoint.startswith("organizer")]
        route = pages[page % len(pages)]
        url = url_of(self.app, route, self.meeting_id, account_id)
        shown = self._look(self.client.get(url, headers=headers), route.endpoint)
        if shown.mimetype == "text/html" and (
            forms := forms_of(BeautifulSoup(shown.get_data(as_text=True), "html.parser"))
        ):
            form = chance.choice(forms)
            target = target_of(chance, form, url)
            self._look(self.client.post(target, headers=headers, data=filled_oddly(chance, form)))

    @rule(act=st.sampled_from(CHAIRS_ACTS))
    def chair(self, act: str) -> None:
        """Do what a chair does, so that the meeting moves on."""
        headers, token, _ = self._as(Role.ORGANIZER)
        url = f"/desk/{self.meeting_id}/{act}"
        self._look(self.client.post(url, headers=headers, data={"csrf_token": token}))

    @rule(chance=CHANCES)
    def cast(self, chance: random.Random) -> None:
        """Post some ballots, right ones and any others, and remember which receipts came back."""
        for _ in range(CASTS):
            number = self._round()["number"]
            codes = self.installation.scene.all_codes
            if chance.random() < 0.5:
                body = odd_body(chance, codes, ITEMS, ("excellent", "competent", "abstain"))
            else:
                nonce = f"{chance.getrandbits(128):032x}"
                pairs = [("ticket", chance.choice(codes)), ("nonce", nonce), ("round", str(number))]
                body = urlencode([*pairs, *((item, "competent") for item in ITEMS)]).encode()
            script = {"X-Kaohe-Script": "1"} if chance.random() < 0.5 else {}
            url = f"/v/{self.meeting_id}/1"
            reply = self._look(self.client.post(url, data=body, content_type=FORM, headers=script), is_desk=False)
            page = reply.get_data(as_text=True)
            if 'data-receipt="' in page:
                self.told.setdefault(number, set()).add(page.split('data-receipt="', 1)[1].split('"', 1)[0])
                self.seen.cast += 1
            elif reply.status_code >= 400:
                self.seen.turned_away += 1

    @invariant()
    def the_box_holds_what_was_acknowledged(self) -> None:
        """Every spent ticket has its envelope, and there are as many as phones were told 已收到."""
        held = self._round()
        self.seen.states[held["state"]] += 1
        if held["state"] not in ("open", "closed") or held["stripped_at"] is not None:
            return
        number = held["number"]
        told = len(self.told.get(number, ())) + (self.before if number == 1 else 0)
        assert held["spent"] == held["envelopes"] == told, (held, told)

    def teardown(self) -> None:
        if not hasattr(self, "app"):
            return
        held = self._round()
        with self.app.app_context():
            try:
                if held["state"] == "open":
                    close_meeting(CHAIR, self.meeting_id)
                if held["state"] in ("open", "closed") and held["custody"] == "server":
                    # Opening decodes every ballot by its form, and the bundle compares ballots, counts and record.
                    count_meeting(CHAIR, self.meeting_id)
                    make_bundle(self.meeting_id)
            finally:
                db.engine.dispose()
                shutil.rmtree(self.data)

    def _as(self, role: Role | None) -> tuple[dict[str, str], str, str]:
        """How a person of this role comes; whoever was locked or signed out on the way comes back in."""
        if role is None:
            return {}, "x", "x"
        headers, token, account_id = self.installation.visits[role]
        if self.client.get("/desk/account", headers=headers).status_code != 200:
            self._restore_people()
        return headers, token, account_id

    def _restore_people(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
            raw = db.engine.raw_connection()
            try:
                raw.execute("ATTACH ? AS kept", (str(self.installation.folder / "kaohe.sqlite3"),))
                for table in ("accounts", "sign_ins"):
                    raw.execute(f"INSERT OR REPLACE INTO main.{table} SELECT * FROM kept.{table}")
                raw.commit()
                raw.execute("DETACH kept")
            finally:
                raw.close()

    def _look(self, reply: TestResponse, endpoint: str = "", *, is_desk: bool = True) -> TestResponse:
        place = (reply.request.method, reply.request.path, reply.status_code)
        assert reply.status_code < 500, (place, reply.get_data(as_text=True)[:2000])
        if is_desk:
            self.seen.replies[reply.status_code] += 1
        if endpoint:
            self.seen.routes.add((endpoint, reply.request.method))
        if reply.status_code >= 400 and reply.request.method != "HEAD":
            assert (
                "data-error=" in reply.get_data(as_text=True)
                or "X-Kaohe-Error" in reply.headers
                or (reply.status_code == 422)
            ), place
        return reply

    def _round(self) -> dict[str, object]:
        with self.app.app_context(), db.engine.connect() as connection:
            row = (
                connection.execute(
                    text(
                        "SELECT r.number, r.state, r.stripped_at, m.custody,"
                        " (SELECT count(*) FROM tickets t WHERE t.round_id = r.id AND t.is_spent) AS spent,"
                        " (SELECT count(*) FROM envelopes e WHERE e.round_id = r.id) AS envelopes"
                        " FROM rounds r JOIN meetings m ON m.id = r.meeting_id"
                        " WHERE r.meeting_id = :meeting AND r.number > 0 ORDER BY r.number DESC LIMIT 1"
                    ),
                    {"meeting": self.meeting_id},
                )
                .mappings()
                .one()
            )
        return dict(row)


def _built(folder: Path, migrated: Path, state: str) -> Installation:
    shutil.copy(migrated, folder / "kaohe.sqlite3")
    app = _started(folder)
    visits = {role: account_of(app, role) for role in Role}
    scene = MAKERS[state](app, **({} if state == "draft" else {"ballots": BALLOTS}), groups=EVERYONE)
    with app.app_context():
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
    return Installation(folder, scene, visits)


def _started(folder: Path) -> Flask:
    return create_app(Config(folder, sqlite_url(folder), public_url=PUBLIC_URL, is_testing=True))
