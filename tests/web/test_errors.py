"""What a refusal and a fault of our own look like from outside, and what of them is written down."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from role_visits import url_of
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kaohe.domain.errors import BallotBoxBusy, KaoheError, TicketOtherForm, TicketUsed
from kaohe.storage.storage_faults import CannotStore, DatabaseAway, StorageFault
from kaohe.web.access import Audience, audience_of
from kaohe.web.errors import error_page, show_refusal

CHOICE = "i.s1.overall=excellent"


def _break_down(*_: object, **__: object) -> str:
    raise RuntimeError(CHOICE)


def _raising(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    view.__audience__ = Audience.PUBLIC  # type: ignore[attr-defined] # as a view declares it
    return view


def _secret_routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of every route for voters and for the wall."""
    return [
        (rule.endpoint, method, url_of(app, rule, "m", ""))
        for rule in app.url_map.iter_rules()
        if audience_of(app, rule.endpoint) in (Audience.VOTER, Audience.SCREEN)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_a_fault_in_any_view_for_voters_or_the_wall_leaves_its_class_and_its_route_in_the_log_and_nothing_else(
    app: Flask, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    routes = _secret_routes(app)
    assert {endpoint.partition(".")[0] for endpoint, _, _ in routes} == {"voter", "projector", "phone_checks"}
    client = app.test_client()
    for endpoint, method, url in routes:
        caplog.clear()
        _break_down.__audience__ = audience_of(app, endpoint)  # type: ignore[attr-defined] # as a view declares it
        kept, app.view_functions[endpoint] = app.view_functions[endpoint], _break_down
        with caplog.at_level(logging.DEBUG):
            reply = client.open(url, method=method, data={"ticket": CHOICE} if method == "POST" else None)
        app.view_functions[endpoint] = kept

        assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (500, "internal"), url
        assert [record.getMessage() for record in caplog.records] == [f"fault in {endpoint}: RuntimeError"]
        assert "Traceback" not in caplog.text
        assert CHOICE not in caplog.text + reply.text
    assert "Traceback" not in capfd.readouterr().err


def test_a_fault_elsewhere_is_written_with_its_traceback_and_shown_without(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.view_functions["organizer.sign_in"] = _raising(RuntimeError(CHOICE))
    with caplog.at_level(logging.DEBUG):
        reply = app.test_client().get("/desk/sign-in")

    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (500, "internal")
    assert "Traceback" in caplog.text
    assert "RuntimeError" not in reply.text


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_of_what_the_database_says_of_a_fault_no_value_is_written(
    app: Flask, caplog: pytest.LogCaptureFixture, *, is_wrapped: bool
) -> None:
    error: Exception = IntegrityError("INSERT INTO paper_sheets …", {"marks": CHOICE}, sqlite3.IntegrityError(CHOICE))
    if is_wrapped:
        error, error.__cause__ = KeyError("other words"), error
    app.add_url_rule("/broken", view_func=_raising(error))
    with caplog.at_level(logging.DEBUG):
        assert app.test_client().get("/broken").status_code == 500
    assert "in view" in caplog.text
    assert "IntegrityError" in caplog.text
    assert CHOICE not in caplog.text


@pytest.mark.parametrize(("refusal", "after"), [(CannotStore(), "2"), (BallotBoxBusy(), "2"), (TicketUsed(), None)])
def test_what_passes_by_itself_says_when_to_try_again(app: Flask, refusal: KaoheError, after: str | None) -> None:
    with app.test_request_context("/desk/"):
        assert show_refusal(refusal).headers.get("Retry-After") == after


@pytest.mark.parametrize(
    ("refusal", "way_back"),
    [(TicketUsed(), "/v/m/1"), (TicketOtherForm("C票", "2", "http://hall/v/m/2"), "/v/m/2")],
    ids=["to the form", "to the form of the ticket"],
)
def test_a_voter_is_led_back_to_a_form_from_wherever_the_refusal_came(
    app: Flask, refusal: KaoheError, way_back: str
) -> None:
    for path in ("/v/m/1", "/v/m/1/privacy", "/v/m/1/review/again?from=here"):
        with app.test_request_context(path):
            assert error_page(refusal).again_path == way_back


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/v/m/1", "/desk/", "/"])
def test_a_page_that_waits_for_the_database_asks_again_and_an_act_does_not(app: Flask, method: str, path: str) -> None:
    with app.test_request_context(path, method=method):
        reply = show_refusal(DatabaseAway(StorageFault.READ_ONLY))

    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (503, "database_away")
    assert ('http-equiv="refresh"' in reply.get_data(as_text=True)) is (method == "GET")
    # What an administrator has to do is no voter's business.
    assert ("只能读" in reply.get_data(as_text=True)) is not path.startswith("/v/")


def test_a_database_that_is_away_is_no_fault_of_the_program(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    origin = sqlite3.OperationalError("disk I/O error")
    origin.sqlite_errorcode = sqlite3.SQLITE_IOERR
    app.view_functions["organizer.sign_in"] = _raising(OperationalError("SELECT 1", {}, origin))
    app.view_functions["public.front_door"] = _raising(PoolTimeoutError())
    client = app.test_client()

    for path, said in (("/desk/sign-in", "磁盘读写出错"), ("/", "数据库连接不上")):
        reply = client.get(path)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
        assert said in reply.text
    assert caplog.records == []
