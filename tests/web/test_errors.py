"""What a refusal and a fault of our own look like from outside, and what of them is written down."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from kaohe.domain.errors import BallotBoxBusy, KaoheError, TicketUsed
from kaohe.storage.storage_faults import CannotStore
from kaohe.web.errors import show_refusal

CHOICE = "i.s1.overall=excellent"


def _break_down(**_: object) -> str:
    raise RuntimeError(CHOICE)


def test_a_fault_on_a_voters_page_is_written_without_a_word_of_what_the_voter_sent(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.view_functions["voter.privacy"] = _break_down
    with caplog.at_level(logging.DEBUG):
        reply = app.test_client().get("/v/m/1/privacy")

    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (500, "internal")
    assert [record.getMessage() for record in caplog.records] == ["fault in voter.privacy: RuntimeError"]
    assert CHOICE not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_fault_elsewhere_is_written_with_its_traceback_and_shown_without(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.view_functions["organizer.sign_in"] = _break_down
    with caplog.at_level(logging.DEBUG):
        reply = app.test_client().get("/desk/sign-in")

    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (500, "internal")
    assert "Traceback" in caplog.text
    assert "RuntimeError" not in reply.text


@pytest.mark.parametrize(("refusal", "after"), [(CannotStore(), "2"), (BallotBoxBusy(), "2"), (TicketUsed(), None)])
def test_what_passes_by_itself_says_when_to_try_again(app: Flask, refusal: KaoheError, after: str | None) -> None:
    with app.test_request_context("/desk/"):
        assert show_refusal(refusal).headers.get("Retry-After") == after
