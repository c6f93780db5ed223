"""Only this server's own names are answered, on every way in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from holding import opened
from page_client import PageClient
from scene import filled
from sqlalchemy import text
from werkzeug.test import EnvironBuilder

from kaohe.config import Config, read_hosts
from kaohe.domain.errors import FieldInvalid
from kaohe.factory import create_app
from kaohe.network import own_addresses
from kaohe.operations.hall.boards import load_board
from kaohe.storage.tables import db
from kaohe.web import hosts
from kaohe.web.access import Audience, audience_of
from kaohe.web.hosts import host_name
from kaohe.web.security import HEADERS

FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "192.168.8.8.evil.example",
    "localhost.evil.example",
    "0.0.0.0",
    "8.8.8.8",
]
ODD = ["", "local host", "localhost:8000:9", "localhost/x", "a@localhost", "本机", "[::1", "localhost,evil.example"]


@pytest.mark.parametrize("host", [*FOREIGN, *ODD])
def test_a_foreign_name_gets_a_plain_refusal_with_every_header(app: Flask, host: str) -> None:
    reply = app.test_client().get("/desk/sign-in", headers={"Host": host})
    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (400, "host_unknown")
    assert "KAOHE_HOSTS" in reply.get_data(as_text=True)
    assert {name: reply.headers[name] for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:8000", "192.168.8.8:8000"])
def test_the_servers_own_names_are_answered(app: Flask, host: str) -> None:
    assert app.test_client().get("/health", headers={"Host": host}).status_code == 200


def test_every_address_of_this_machine_is_answered(app: Flask) -> None:
    assert "127.0.0.1" in own_addresses()
    for address in own_addresses():
        host = f"[{address}]:8000" if ":" in address else f"{address}:8000"
        assert app.test_client().get("/health", headers={"Host": host}).status_code == 200, host


def test_an_address_that_the_network_gives_later_is_answered_without_a_new_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    assert client.get("/health", headers={"Host": "10.1.2.3:8000"}).status_code == 400
    monkeypatch.setattr(hosts, "own_addresses", lambda: frozenset({"10.1.2.3"}))
    monkeypatch.setattr(hosts, "_LOOK_AGAIN_SECONDS", 0)
    assert client.get("/health", headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_strangers_cannot_make_the_server_look_at_its_cards_without_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def look() -> frozenset[str]:
        looks.append(1)
        return frozenset()

    monkeypatch.setattr(hosts, "own_addresses", look)
    monkeypatch.setattr(hosts, "_LOOK_AGAIN_SECONDS", 3600)
    for number in range(50):
        app.test_client().get("/health", headers={"Host": f"evil{number}.example"})
    assert len(looks) == 1


def test_an_address_that_stands_on_printed_slips_is_answered_after_the_setting_has_gone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE rounds SET printed_url = 'http://kaohe.unit.example:8000'"))
    assert app.test_client().get("/health", headers={"Host": "kaohe.unit.example:8000"}).status_code == 200


def test_names_can_be_added_by_setting(config: Config) -> None:
    more = Config(
        config.data, config.database_url, public_url="https://kaohe.example.cn", hosts=read_hosts("A.cn, b.cn")
    )
    client = create_app(more).test_client()
    for host in ("a.cn", "b.cn:443", "kaohe.example.cn"):
        assert client.get("/health", headers={"Host": host}).status_code == 200, host
    assert client.get("/health", headers={"Host": "c.cn"}).status_code == 400
    with pytest.raises(FieldInvalid, match="KAOHE_HOSTS"):
        read_hosts("http://a.cn")


def test_the_voters_lane_casts_no_ballot_and_gives_no_page_for_a_foreign_name(app: Flask) -> None:
    scene = opened(app)
    client = app.test_client()
    path = f"/v/{scene.meeting_id}/1"
    gzip = {"Accept-Encoding": "gzip"}
    assert client.get(path, headers=gzip).status_code == 200
    reply = client.get(path, headers={**gzip, "Host": "evil.example"})
    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (400, "host_unknown")
    assert 'data-error="host_unknown"' in reply.get_data(as_text=True)

    with app.app_context():
        fields = dict(filled(scene.meeting_id, "excellent"))
    ballot = {**fields, "ticket": scene.all_codes[0], "nonce": "n" * 22, "round": "1"}
    script = {"X-Kaohe-Script": "1"}
    reply = client.post(path, data=ballot, headers={**script, "Host": "evil.example"})
    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (400, "host_unknown")
    with app.app_context():
        assert load_board(scene.meeting_id).cast == 0
    assert client.post(path, data=ballot, headers=script).status_code == 200


@pytest.mark.parametrize(("protocol", "status"), [("HTTP/1.0", "200"), ("HTTP/1.1", "400")])
def test_a_program_that_names_no_host_is_answered_only_in_the_old_protocol(
    app: Flask, protocol: str, status: str
) -> None:
    environ = EnvironBuilder("/health").get_environ()
    del environ["HTTP_HOST"]
    environ["SERVER_PROTOCOL"] = protocol
    seen: list[str] = []
    b"".join(app.wsgi_app(environ, lambda line, _headers, *_: seen.append(line)))
    assert seen[0].startswith(status)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("A.b:1", "a.b"),
        ("[FE80::1]:80", "fe80::1"),
        ("a.", "a"),
        ("a:", None),
        (":80", None),
        ("[]", None),
        ("a b", None),
    ],
)
def test_a_host_header_is_read_strictly(host: str, name: str | None) -> None:
    assert host_name(host) == name


def test_the_consoles_cookie_is_bound_to_the_host_where_there_is_https(config: Config, app: Flask) -> None:
    secure = create_app(Config(config.data, config.database_url, public_url="https://kaohe.example.cn"))
    sent = secure.test_client().get("/desk/sign-in", base_url="https://kaohe.example.cn").headers["Set-Cookie"]
    assert sent.startswith("__Host-kaohe_desk=")
    parts = {part.strip() for part in sent.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
    assert not [part for part in parts if part.startswith(("Domain", "Expires", "Max-Age"))]

    for plain in PageClient(app).get("/desk/sign-in").response.headers.getlist("Set-Cookie"):
        assert plain.startswith("kaohe_desk=")
        assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in plain.split(";")[1:]}


def test_without_https_the_consoles_cookie_goes_to_no_page_of_a_voter_or_a_screen(app: Flask) -> None:
    """Every route is asked: whoever chairs and votes in one browser sends no name with the ballot."""
    browser = PageClient(app)
    browser.get("/desk/sign-in")
    asked = {}
    for rule in app.url_map.iter_rules():
        path = re.sub("<[^>]*>", "1", rule.rule)
        asked[rule.endpoint] = "Cookie" in browser.http.open(path, method="OPTIONS").request.headers
    known = {endpoint for endpoint, sent in asked.items() if sent}
    public = {endpoint for endpoint in asked if audience_of(app, endpoint) in (Audience.VOTER, Audience.SCREEN)}

    assert len(public) > 10
    assert not known & public
    assert {endpoint for endpoint in asked if audience_of(app, endpoint) is Audience.ORGANIZER} <= known
