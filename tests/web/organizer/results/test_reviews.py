"""A review of a published result goes from the request to the answer, and leads to a corrected version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from role_visits import account_of
from scene import CHAIR, draft_meeting, put_scheme
from sqlalchemy import text

from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.computing import count_without_ballots
from kaohe.operations.count.correcting import correct_result
from kaohe.operations.count.importing_scores import Answer, import_periods
from kaohe.operations.count.reviewing import list_reviews, today
from kaohe.operations.setup.preparing import load_meeting
from kaohe.schemes import load_preset
from kaohe.storage.tables import db
from kaohe.tally.model import Period


@pytest.fixture
def year(app):
    """张伟 has 88 where 98 was meant; published today by a scheme that allows 15 days."""
    with app.app_context():
        people = [SubjectEntry("张伟", "办公室", "科员"), SubjectEntry("李娜", "办公室", "科员")]
        meeting_id = draft_meeting("zhen-pingshi-niandu", people)
        put_scheme(meeting_id, replace(load_preset("zhen-pingshi-niandu"), review_days=15))
        for key, score in (("s1", 88), ("s2", 80)):
            import_periods(CHAIR, meeting_id, {key: [Period("第一季度", Fraction(score))]})
        open_meeting(CHAIR, meeting_id)
        count_without_ballots(CHAIR, meeting_id)
        publish_result(CHAIR, meeting_id)
    return meeting_id


@pytest.fixture
def url(year):
    return f"/desk/{year}/reviews"


def press(client, url, act="", *, status=200, **fields):
    token = client.get(url).soup.select_one("input[name=csrf_token]")["value"]
    return client.post(f"{url}{act}", {"csrf_token": token, **fields}, status=status)


def lines(page):
    return [" ".join(line.select_one(".decision-words").text.split()) for line in page.soup.select("[data-review]")]


def test_a_request_that_is_sent_twice_is_entered_once(app, signed_in, year, url):
    asked = {"subject": "s1", "asked_on": today().isoformat(), "request": "请复核第一季度得分"}
    for _ in range(2):
        assert "已登记为第 1 项复核申请" in press(signed_in, url, status=200, **asked).text
    assert len(lines(signed_in.get(url))) == 1
    press(signed_in, url, **{**asked, "subject": "s2"})
    press(signed_in, url, "/decide", number="1", outcome="upheld", decided_on=asked["asked_on"], reason="得分无误")
    assert "已登记为第 3 项复核申请" in press(signed_in, url, **asked).text


def test_a_review_leads_to_a_corrected_version_and_is_answered(app, signed_in, year, url):
    day = today().isoformat()
    page = signed_in.get(url)
    assert f"到 {(today() + timedelta(days=15)).isoformat()} 为止" in page.text
    assert "复核：对结果不服的，可在公布后 15 日内申请。" in signed_in.get(f"/desk/{year}/result").text
    page = press(signed_in, url, subject="s1", asked_on=day, request="第一季度应为 98 分")
    assert "已登记为第 1 项复核申请" in page.text
    assert lines(page) == [f"1. 张伟 待决定 {day} 收到：第一季度应为 98 分"]

    assert press(signed_in, url, "/answer", number="1", answered_on=day, status=409).error == "wrong_state"
    page = press(signed_in, url, "/decide", number="1", outcome="changed", decided_on=day, reason="经核对属实")
    assert "张伟 待更正" in lines(page)[0]
    assert page.soup.select(f"[data-review] a[href='/desk/{year}/corrections']")
    page = press(signed_in, url, "/answer", number="1", answered_on=day, status=409)
    assert "先在“更正结果”中公布更正" in page.text

    with app.app_context():
        import_periods(CHAIR, year, {"s1": [Period("第一季度", Fraction(98))]}, Answer.SAME)
        correct_result(CHAIR, year, "据复核更正")
    assert "已更正为第 2 版" in lines(signed_in.get(url))[0]
    assert press(signed_in, url, "/decide", number="1", outcome="upheld", decided_on=day, reason="改", status=409)
    page = press(signed_in, url, "/answer", number="1", answered_on=day)
    assert lines(page)[0].endswith(f"{day} 答复本人，用时 0 日")
    record = signed_in.get(f"/desk/{year}/events").text
    for sentence in (
        f"收到第 1 项复核申请（{day}）：张伟，第一季度应为 98 分",
        f"第 1 项复核的决定（{day}）：张伟，改变结果，理由：经核对属实",
        "更正结果，第 2 版，理由：据复核更正；据第 1 项复核",
        f"第 1 项复核已答复本人（{day}）：张伟，用时 0 日",
    ):
        assert sentence in record


def test_a_late_request_is_entered_and_marked_and_one_that_is_upheld_changes_nothing(app, signed_in, year, url):
    with app.app_context(), db.engine.begin() as connection:
        earlier = today() - timedelta(days=20)
        connection.execute(text("UPDATE rounds SET published_at = :at"), {"at": f"{earlier} 08:00:00.000000"})
    asked = (today() - timedelta(days=5)).isoformat()
    for name, late in (("s1", True), ("s2", False)):
        page = press(
            signed_in, url, subject=name, request="请复核",
            asked_on=asked if late is False else (today() - timedelta(days=4)).isoformat(),
        )  # fmt: skip
    assert ["逾期申请" in line for line in lines(page)] == [True, False]
    page = press(signed_in, url, "/decide", number="2", outcome="upheld", decided_on=asked, reason="核对无误")
    page = press(signed_in, url, "/answer", number="2", answered_on=today().isoformat())
    assert lines(page)[1].endswith("用时 5 日")
    page = press(
        signed_in, url, "/decide", number="1", outcome="withdrawn", decided_on=today().isoformat(), reason="无"
    )
    assert "已撤回" in lines(page)[0]
    assert press(signed_in, url, "/answer", number="1", answered_on=today().isoformat(), status=409)


BAD = [
    ("", {"subject": "", "request": "请复核"}, 422),
    ("", {"subject": "nobody", "request": "请复核"}, 422),
    ("", {"request": " "}, 422),
    ("", {"asked_on": "2019-01-01"}, 422),
    ("", {"asked_on": "明天"}, 422),
    ("/decide", {"number": "1", "outcome": "", "reason": "x"}, 422),
    ("/decide", {"number": "1", "outcome": "upheld", "reason": ""}, 422),
    ("/decide", {"number": "1", "outcome": "upheld", "reason": "x", "decided_on": "2019-01-01"}, 422),
    ("/decide", {"number": "9", "outcome": "upheld", "reason": "x"}, 404),
    ("/decide", {"number": "一", "outcome": "upheld", "reason": "x"}, 422),
    ("/answer", {"number": "1"}, 409),
    ("/answer", {"number": ""}, 404),
]
"""(act, what is wrong, status)."""


def test_what_cannot_be_is_refused_and_stores_nothing(app, signed_in, year, url):
    day = today().isoformat()
    press(signed_in, url, subject="s1", asked_on=day, request="请复核")
    good = {"subject": "s1", "asked_on": day, "request": "请复核", "decided_on": day, "answered_on": day}
    with app.app_context():
        before = list_reviews(year).reviews
    for act, fields, status in BAD:
        refused = press(signed_in, url, act, status=status, **{**good, **fields})
        assert refused.error in {"field_invalid", "wrong_state", "meeting_unknown"}, fields
        with app.app_context():
            assert list_reviews(year).reviews == before


def test_before_the_publication_there_is_nothing_to_review(app, signed_in):
    with app.app_context():
        draft = draft_meeting("zhen-pingshi-niandu", [SubjectEntry("张伟", "", "")])
        assert load_meeting(draft)[1].state == "draft"
    assert not signed_in.get(f"/desk/{draft}/reviews", status=409).soup.select("form[action$=reviews]")


def test_the_personnel_office_receives_and_answers_reviews_but_does_not_correct(app, year, url):
    cookie, token, _ = account_of(app, Role.HR)
    client = app.test_client(use_cookies=False)
    fields = {"csrf_token": token, "subject": "s1", "asked_on": today().isoformat(), "request": "请复核"}
    assert client.post(url, data=fields, headers=cookie).status_code == 303
    decided = {"csrf_token": token, "number": "1", "outcome": "changed", "decided_on": today().isoformat(),
               "reason": "属实"}  # fmt: skip
    assert client.post(f"{url}/decide", data=decided, headers=cookie).status_code == 303
    shown = client.get(url, headers=cookie).get_data(as_text=True)
    assert "待更正" in shown
    assert "前往更正结果" not in shown
