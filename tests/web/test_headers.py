"""What every reply carries, whoever asks for whatever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from holding import opened
from scene import filled

from kaohe.config import Config
from kaohe.factory import create_app
from kaohe.operations.hall.casting import load_polling
from kaohe.storage.tables import db
from kaohe.web.security import HEADERS, HTTPS_ONLY

NOWHERE = {"meeting_id": "nothing", "style_key": "1", "code": "x", "round_number": 1, "sheet": "summary", "token": "x"}


def _addresses(app: Flask) -> list[str]:
    """One address for every route that can be fetched; most of them lead to a refusal or to the sign-in."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return [
            adapter.build(rule.endpoint, {name: NOWHERE.get(name, "x") for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if rule.endpoint != "static" and "GET" in (rule.methods or ()) and not rule.endpoint.endswith("live")
        ]


def test_every_route_sends_every_header_also_with_a_refusal(app: Flask) -> None:
    client = app.test_client()
    addresses = [*_addresses(app), "/there-is-nothing", "/static/css/tokens.css"]
    assert len(addresses) > 30
    for address in addresses:
        with client.get(address) as reply:
            status, headers = reply.status_code, dict(reply.headers)
        assert status < 500, address
        for name, value in HEADERS.items():
            assert headers.get(name) == value, (address, name)


@pytest.mark.parametrize(
    "directive", ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"]
)
def test_no_script_or_style_may_stand_in_a_page_or_come_from_elsewhere(directive: str) -> None:
    policy = HEADERS["Content-Security-Policy"].split("; ")

    assert directive in policy
    assert not [each for each in policy if "unsafe" in each or "http" in each or "*" in each]


def test_where_the_address_is_https_every_reply_says_so_the_voters_lane_too(config: Config) -> None:
    app = create_app(replace(config, public_url="https://kaohe.unit.example"))
    client = app.test_client()
    scene = opened(app)
    ballot = f"/v/{scene.meeting_id}/{scene.style_key}"
    with app.app_context():
        body = {**dict(filled(scene.meeting_id, "excellent")), "ticket": scene.all_codes[0], "nonce": "0" * 32}
        assert load_polling(scene.meeting_id, scene.style_key)
    replies = [
        client.get(ballot, headers={"Accept-Encoding": "gzip"}),
        client.get(ballot, headers={"Accept-Encoding": "gzip"}),
        client.post(ballot, data={**body, "round": "1"}, headers={"X-Kaohe-Script": "1"}),
        client.get("/desk/sign-in"),
        client.get("/nowhere"),
        client.get("/desk/sign-in", headers={"Host": "evil.example"}),
    ]

    assert [reply.status_code for reply in replies] == [200, 200, 200, 200, 404, 400]
    for reply in replies:
        assert reply.headers.getlist(HTTPS_ONLY[0]) == [HTTPS_ONLY[1]], reply.request.path
    with app.app_context():
        db.engine.dispose()


def test_a_hall_without_https_promises_none(app: Flask) -> None:
    for address in ("/desk/sign-in", "/health", "/nowhere"):
        assert HTTPS_ONLY[0] not in app.test_client().get(address).headers
