"""What every reply carries, whoever asks for whatever."""

from __future__ import annotations

import pytest
from flask import Flask

from kaohe.web.security import HEADERS

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
