"""The interface for personnel systems: every answer fits its own document, and nothing unpublished is ever in one."""

from __future__ import annotations

import re
from http import HTTPStatus
from io import BytesIO

import jsonschema
import pytest
from holding import counted, published
from openpyxl import load_workbook
from scene import CHAIR, NAMES

from kaohe.domain.errors import WorkStopped
from kaohe.domain.limits import API_REQUESTS_A_MINUTE, API_TOKENS_AT_MOST
from kaohe.domain.meetings import Shelf
from kaohe.domain.people import Spell
from kaohe.operations import apart
from kaohe.operations.archive import documents
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.people.api_tokens import list_tokens, make_token, note_request, revoke_token
from kaohe.operations.people.register import add_person
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.preparing import put_meeting
from kaohe.storage.installation import this_memory
from kaohe.storage.storage_faults import DatabaseAway, StorageFault
from kaohe.storage.tables import ApiTokenRow, db
from kaohe.web.api import routes

BALLOTS = [("excellent", "competent", "abstain")] * 7 + [("competent", "excellent", "excellent")] * 4
DOCUMENTS = ("workbook.xlsx", "sheets.docx", "sheets.pdf", "data.csv")


class System:
    """A personnel system: asks with its token, and holds every answer against the document that the server gives."""

    def __init__(self, app, token: str = "") -> None:
        self.http = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.described = self.http.get("/api/v1/openapi.json").get_json()

    def ask(self, path: str, status: int = 200):
        reply = self.http.get(path, headers=self.headers)
        assert reply.status_code == status, reply.get_data(as_text=True)
        described = self._described(path.partition("?")[0])["responses"][str(status)]["content"]
        assert reply.mimetype in described
        assert "Set-Cookie" not in reply.headers
        if reply.mimetype != "application/json":
            return reply
        whole = {**described["application/json"]["schema"], "components": self.described["components"]}
        jsonschema.Draft202012Validator(whole).validate(reply.get_json())
        return reply.get_json()

    def _described(self, path: str):
        for pattern, methods in self.described["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                assert set(methods) == {"get"}
                return methods["get"]
        raise AssertionError(f"{path} is in no document")


@pytest.fixture
def system(app):
    with app.app_context():
        return System(app, make_token(CHAIR, "人事系统"))


def test_the_document_names_every_address_and_no_other(app, system):
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert {re.sub(r"\{(\w+)\}", r"<\1>", path) for path in system.described["paths"]} == rules
    jsonschema.Draft202012Validator.check_schema({"components": system.described["components"]})
    system.ask("/api/v1/openapi.json")


def test_people_periods_results_and_documents_are_read_and_say_what_the_screen_says(app, signed_in, system):
    scene = published(app, BALLOTS)
    with app.app_context():
        person = add_person(CHAIR, Spell("李娜", "办公室", "科员"))
    assert [each["id"] for each in system.ask("/api/v1/people")["people"]] == [person]
    (period,) = system.ask("/api/v1/periods")["periods"]
    result = system.ask(period["result"])
    assert [subject["name"] for subject in result["subjects"]] == list(NAMES)
    rows = signed_in.get(f"/desk/{scene.meeting_id}/result").soup.select(".sheet-table tbody tr")
    on_screen = [[cell.get_text() for cell in row.select("td")][-2:] for row in rows]
    assert [[subject["score"], str(subject["rank"])] for subject in result["subjects"]] == on_screen
    assert result["turnout"]["cast"] == len(BALLOTS)
    listed = system.ask(period["documents"])["documents"]
    assert [each["name"] for each in listed] == list(DOCUMENTS)
    for each in listed:
        assert system.ask(each["url"]).data


def test_what_is_not_published_is_not_there_before_and_after(app, system):
    scene = counted(app, BALLOTS)
    address = f"/api/v1/results/{scene.meeting_id}"
    assert system.ask("/api/v1/periods")["periods"] == []
    hidden = system.ask(address, HTTPStatus.NOT_FOUND)
    assert hidden == system.ask("/api/v1/results/nosuchmeeting", HTTPStatus.NOT_FOUND)
    for path in (f"{address}/documents", *(f"{address}/documents/{name}" for name in DOCUMENTS)):
        assert system.ask(path, HTTPStatus.NOT_FOUND) == hidden
    shown = published(app, BALLOTS)
    system.ask(f"/api/v1/results/{shown.meeting_id}")
    with app.app_context():
        void_round(CHAIR, shown.meeting_id, "计票有误")
    assert system.ask(f"/api/v1/results/{shown.meeting_id}", HTTPStatus.NOT_FOUND) == hidden


def test_there_is_never_a_ballot_in_an_answer(app, system):
    scene = published(app, BALLOTS, ballot_list_wanted=True, comments_wanted=True)
    for name in ("ballots.csv", "comments.csv", "bundle.zip", "..%2Fballots.csv", "receipts"):
        system.ask(f"/api/v1/results/{scene.meeting_id}/documents/{name}", HTTPStatus.NOT_FOUND)
    workbook = system.ask(f"/api/v1/results/{scene.meeting_id}/documents/workbook.xlsx").data
    assert {"原始票明细", "意见建议"}.isdisjoint(load_workbook(BytesIO(workbook)).sheetnames)


def test_without_a_token_and_with_a_made_up_or_revoked_one_nothing_is_told(app):
    scene = published(app, BALLOTS)
    paths = ("/api/v1/people", "/api/v1/periods", f"/api/v1/results/{scene.meeting_id}", "/api/v1/results/none")
    with app.app_context():
        token = make_token(CHAIR, "人事系统")
        revoke_token(CHAIR, list_tokens()[0].id)
    for secret, status, code in (
        ("", 401, "token_needed"),
        ("kaohe_made-up", 401, "token_needed"),
        ("no token of ours", 401, "token_needed"),
        (token, 403, "token_revoked"),
    ):
        for path in paths:
            assert System(app, secret).ask(path, status)["error"] == code


def test_a_session_of_the_console_opens_nothing_here_and_a_token_nothing_there(app, signed_in, system):
    assert signed_in.http.get("/api/v1/people").status_code == 401
    with app.app_context():
        token = make_token(CHAIR, "人事系统")
    reply = app.test_client().get("/desk/", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 401


def test_a_token_of_one_unit_does_not_see_another(app):
    scene = published(app, BALLOTS)
    with app.app_context():
        unit = add_unit(CHAIR, "统计局", "top")
        own = System(app, make_token(CHAIR, "局里的系统", unit))
        add_person(CHAIR, Spell("李娜", "办公室", "科员"))
    assert own.ask("/api/v1/periods")["periods"] == []
    assert own.ask("/api/v1/people")["people"] == []
    own.ask(f"/api/v1/results/{scene.meeting_id}", 404)


def test_an_archived_meeting_is_still_read(app, system):
    scene = published(app, BALLOTS)
    with app.app_context():
        put_meeting(CHAIR, scene.meeting_id, Shelf.ARCHIVED)
    assert len(system.ask("/api/v1/periods")["periods"]) == 1
    system.ask(f"/api/v1/results/{scene.meeting_id}")


def test_a_page_that_is_none_is_refused_and_one_beyond_the_last_is_empty(system):
    for page in ("0", "-1", "x", "1.5", "99999999"):
        assert system.ask(f"/api/v1/periods?page={page}", 422)["error"] == "field_invalid"
    described = system.described["paths"]["/api/v1/periods"]["get"]["parameters"][0]["schema"]
    system.ask(f"/api/v1/periods?page={described['maximum']}")
    system.ask(f"/api/v1/periods?page={described['maximum'] + 1}", 422)
    assert system.ask("/api/v1/periods?page=9") == {"periods": [], "next": None}


def test_an_answer_that_cannot_be_given_at_this_moment_is_in_the_document_too(app, system, monkeypatch):
    scene = published(app, BALLOTS)
    monkeypatch.setattr(apart, "_PROGRAM", "{!r}")
    monkeypatch.setattr(documents, "_FEW", 0)
    with app.app_context():
        apart.work_apart_from_now_on()
    stopped = system.ask(f"/api/v1/results/{scene.meeting_id}/documents/workbook.xlsx", 503)
    assert stopped["error"] == WorkStopped.code
    broken = DatabaseAway(StorageFault.UNREACHABLE)

    def unreachable(**_: object) -> None:
        raise broken

    monkeypatch.setattr(routes, "list_people", unreachable)
    assert system.ask("/api/v1/people", 503)["error"] == DatabaseAway.code


def test_a_token_that_asks_too_often_waits_and_another_one_does_not(app, system):
    with app.app_context():
        other = System(app, make_token(CHAIR, "另一个系统"))
    codes = [system.http.get("/api/v1/people", headers=system.headers) for _ in range(2 * API_REQUESTS_A_MINUTE + 1)]
    assert codes[0].status_code == 200
    assert codes[-1].status_code == 429
    assert codes[-1].headers["Retry-After"] == "60"
    other.ask("/api/v1/people")


def test_nothing_can_be_sent_and_an_address_that_is_none_is_refused_in_json(app, system):
    reply = system.http.post("/api/v1/people", headers=system.headers)
    assert reply.status_code in (400, 405)
    assert set(reply.get_json()) == {"error", "message"}
    assert set(system.http.get("/api/v1/nothing").get_json()) == {"error", "message"}
    refused = system.http.open("/api/v1/people", method="TRACE", headers=system.headers)
    assert (refused.status_code, refused.get_json()["error"]) == (405, "method_not_allowed")
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_token_is_made_on_the_console_shown_once_and_revoked_there(app, signed_in):
    page = signed_in.get("/desk/api-tokens")
    assert "还没有令牌" in page.text
    made = signed_in.submit(page, "/make", label="市人事系统")
    token = made.soup.select_one("#secret")["value"]
    System(app, token).ask("/api/v1/people")
    again = signed_in.get("/desk/api-tokens")
    assert token not in again.text
    assert "市人事系统" in again.text
    with app.app_context():
        (row,) = db.session.query(ApiTokenRow).all()
        assert token not in {str(value) for value in vars(row).values()}
    (line,) = again.soup.select("[data-token]")
    signed_in.submit(again, line.select_one("form")["action"])
    System(app, token).ask("/api/v1/people", 403)
    assert "已停用" in signed_in.get("/desk/api-tokens").text
    acts = signed_in.get("/desk/accounts").text
    assert "为市人事系统生成接口令牌" in acts
    assert "停用市人事系统的接口令牌" in acts


def test_a_token_without_a_name_one_too_many_and_one_that_is_none_are_refused(app, signed_in):
    page = signed_in.get("/desk/api-tokens")
    for label in ("", " ", "长" * 61):
        assert signed_in.submit(page, "/make", label=label, status=422).error == "field_invalid"
    csrf = {"csrf_token": page.fields("/make")["csrf_token"]}
    assert signed_in.post("/desk/api-tokens/nosuch/revoke", csrf, status=404).error == "token_unknown"
    with app.app_context():
        for number in range(API_TOKENS_AT_MOST):
            make_token(CHAIR, f"系统{number}")
    assert "请先停用" in signed_in.submit(page, "/make", label="再一个", status=422).text


def test_a_request_that_forgets_past_minutes_counts_while_another_one_counts(app):
    coming = ["another token"]

    class Past(int):
        """A minute long ago; while a request looks at it another one comes in."""

        def __ne__(self, minute: object) -> bool:
            if coming:
                note_request(coming.pop())
            return True

        __hash__ = int.__hash__

    with app.app_context():
        counts = this_memory("api_requests")
        counts[Past(0), "this token"] = API_REQUESTS_A_MINUTE
        note_request("this token")
        assert sorted((token, count) for (_, token), count in counts.items()) == [
            ("another token", 1),
            ("this token", 1),
        ]
