"""Who may see which page, asked of every route there is."""

from __future__ import annotations

import pytest
from flask import Flask
from page_client import PageClient
from werkzeug.routing import Rule

from kaohe.domain.permissions import Act
from kaohe.web.access import Audience, audience, audience_of, require_audiences

KNOWN = {
    "meeting_id": "nowhere",
    "code": "x",
    "token": "x",
    "style_key": "1",
    "round_number": 1,
    "sheet": "summary",
    "account_id": "x",
    "unit_id": "x",
    "person_id": "x",
    "token_id": "x",
    "scheme_id": "x",
    "preset_id": "x",
    "proposal_id": "x",
    "component_key": "x",
    "decision_id": "x",
    "row": 0,
    "list_name": "x",
    "subject_key": "s1",
    "spot_id": "x",
    "digest": "x",
    "ending": "xlsx",
}


def _rules(app: Flask, wanted: Audience) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if audience_of(app, rule.endpoint) is wanted]


def _path(app: Flask, rule: Rule) -> str:
    values = {name: KNOWN[name] for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def test_every_route_has_said_who_it_is_for(app: Flask) -> None:
    require_audiences(app)
    assert len(_rules(app, Audience.ORGANIZER)) > 20


def test_a_route_that_has_not_said_so_stops_the_start(app: Flask) -> None:
    app.view_functions["stray"] = lambda: ""
    app.url_map.add(Rule("/stray", endpoint="stray"))
    with pytest.raises(RuntimeError, match=r'stray\. Write .*@organizer\.get\("/…", act=Act\.…\)'):
        require_audiences(app)
    app.view_functions["stray"] = audience(Audience.PUBLIC)(lambda: "")
    require_audiences(app)


def test_a_route_of_the_console_that_names_no_act_stops_the_start_and_is_told_what_to_write(app: Flask) -> None:
    app.view_functions["organizer.stray"] = audience(Audience.ORGANIZER)(lambda: "")
    app.url_map.add(Rule("/desk/stray", endpoint="organizer.stray"))
    with pytest.raises(RuntimeError, match=r"organizer\.stray\. Write .*@audience\(Audience\.ORGANIZER, act=Act\.…\)"):
        require_audiences(app)
    app.view_functions["organizer.stray"] = audience(Audience.ORGANIZER, act=Act.PREPARE)(lambda: "")
    require_audiences(app)


def test_a_stranger_reaches_no_page_of_the_console_and_is_led_to_the_sign_in(app: Flask, pages: PageClient) -> None:
    for rule in _rules(app, Audience.ORGANIZER):
        if "GET" in (rule.methods or ()):
            reply = pages.http.get(_path(app, rule))
            assert reply.status_code == 302, rule
            assert reply.location.startswith(f"/desk/sign-in?next={_path(app, rule)[:6]}"), rule


def test_no_route_but_the_voters_takes_a_post_without_the_token_of_a_page(app: Flask, signed_in: PageClient) -> None:
    """Asked of every route there is, with the browser of somebody who may do it all; odd tokens count as none."""
    taken = []
    for rule in app.url_map.iter_rules():
        if audience_of(app, rule.endpoint) is Audience.VOTER or not (rule.methods or set()) & {"POST", "PUT", "DELETE"}:
            continue
        forms: tuple[dict[str, str], ...] = ({}, {"csrf_token": ""}, {"csrf_token": "x"})
        for fields in forms:
            reply = signed_in.http.post(_path(app, rule), data=fields)
            taken += [] if (reply.status_code, reply.headers.get("X-Kaohe-Error")) == (400, "page_expired") else [rule]
    assert taken == []


def test_a_strangers_post_is_refused_even_with_a_token_of_the_sign_in_page(app: Flask, pages: PageClient) -> None:
    token = pages.get("/desk/sign-in").fields()["csrf_token"]
    for rule in _rules(app, Audience.ORGANIZER):
        if "POST" in (rule.methods or ()):
            assert pages.http.post(_path(app, rule), data={"csrf_token": token}).status_code == 401, rule
            assert pages.http.post(_path(app, rule)).status_code == 400, rule


def test_pages_for_voters_and_screens_set_no_cookie_whatever_happens(app: Flask, pages: PageClient) -> None:
    for wanted in (Audience.VOTER, Audience.SCREEN):
        for rule in _rules(app, wanted):
            for method in (rule.methods or set()) & {"GET", "POST"}:
                reply = pages.http.open(_path(app, rule), method=method)
                assert reply.status_code in (400, 404, 422), rule
                assert "Set-Cookie" not in reply.headers, rule


def test_every_reply_carries_the_headers_that_keep_others_out(app: Flask, signed_in: PageClient) -> None:
    for path in ("/desk/", "/v/nowhere/1", "/stage/nowhere/x", "/health", "/static/css/tokens.css", "/nowhere"):
        with signed_in.http.get(path) as reply:
            headers = reply.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [
        ("/nowhere", "GET", "not_found"),
        ("/v/nowhere/1", "GET", "meeting_unknown"),
        ("/stage/nowhere/x", "GET", "meeting_unknown"),
        ("/health", "DELETE", "method_not_allowed"),
        ("/desk/sign-in", "POST", "page_expired"),
    ],
)
def test_whatever_is_wrong_is_said_in_a_page_with_a_stable_code(
    pages: PageClient, path: str, method: str, code: str
) -> None:
    reply = pages.http.open(path, method=method)
    assert 400 <= reply.status_code < 500
    assert reply.headers["X-Kaohe-Error"] == code
    assert f'data-error="{code}"' in reply.get_data(as_text=True)


def test_a_body_larger_than_any_honest_one_is_refused(pages: PageClient) -> None:
    assert pages.http.post("/v/nowhere/1", data={"c.s1": "长" * 100_000}).status_code == 413
    too_many = {f"i.s{number}.overall": "x" for number in range(5000)}
    assert 400 <= pages.http.post("/v/nowhere/1", data=too_many).status_code < 500


def test_a_fault_of_ours_is_a_plain_page_and_tells_nothing(app: Flask, pages: PageClient) -> None:
    def fail() -> str:
        raise ZeroDivisionError("a secret of the inside")

    app.testing = False
    app.add_url_rule("/fault", "fault", audience(Audience.PUBLIC)(fail))
    reply = pages.http.get("/fault")
    assert reply.status_code == 500
    assert "secret of the inside" not in reply.get_data(as_text=True)
    assert reply.headers["X-Kaohe-Error"] == "internal"
