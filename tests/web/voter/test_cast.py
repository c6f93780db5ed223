"""Casting over plain HTTP: receipts, retries, and clients without scripts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from holding import opened
from phone import NONCE, Hall
from scene import CHAIR
from sqlalchemy.exc import OperationalError

from kaohe.domain.envelopes import receipt as printed
from kaohe.domain.signed_receipts import ReceiptSigner, read_signed_receipt
from kaohe.operations.chair.voting import close_meeting, pause_meeting, resume_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.stripping import strip_box
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.web.voter import fast_path
from kaohe.web.voter.routes import SCRIPT_HEADER


def receipt_of(page: object) -> str:
    return str(page.soup.select_one("[data-receipt]")["data-receipt"])  # type: ignore[attr-defined] # a Page


def test_a_plain_client_fills_the_one_form_and_gets_a_receipt(hall: Hall) -> None:
    ballot = hall.ballot()
    marks = {str(r["name"]): "competent" for r in ballot.soup.select("input[type=radio]")}
    done = hall.pages.submit(ballot, ticket=hall.tickets[0], nonce=NONCE, **marks)

    assert len(receipt_of(done)) == 14
    assert hall.cast_count() == 1


def test_the_same_post_again_gets_the_same_receipt_and_counts_once(hall: Hall) -> None:
    first, second = hall.post(hall.filled()), hall.post(hall.filled())

    assert receipt_of(first) == receipt_of(second)
    assert hall.cast_count() == 1


@pytest.mark.parametrize("headers", [{}, {SCRIPT_HEADER: "1"}], ids=["page", "script"])
def test_choices_that_are_not_in_the_box_are_never_told_that_they_were_received(
    hall: Hall, headers: dict[str, str]
) -> None:
    first = hall.post(hall.filled("excellent"), headers=headers)
    second = hall.post(hall.filled("incompetent"), headers=headers)

    assert "已收到" in first.text
    assert "已收到" not in second.text
    assert "您的票已收入票箱" not in second.text
    assert "这张票刚才已提交" in second.text
    assert "计入的是那一次的选择" in second.text
    assert second.soup.select_one(".tick").has_attr("hidden")
    assert receipt_of(second) == receipt_of(first)


def test_the_receipt_says_when_where_and_how_it_can_be_checked(hall: Hall) -> None:
    page = hall.post(hall.filled())
    for said in ("请截屏", "计票后再扫一次票", "点“回执清单”", "就说明您的票已经计入"):
        assert said in page.text


def test_what_comes_after_the_count_is_told_under_a_heading_that_is_true(hall: Hall) -> None:
    body = hall.filled()
    hall.post(body)
    hall.chair(close_meeting)
    with hall.app.app_context():
        count_meeting(CHAIR, hall.scene.meeting_id)
    late = hall.post(body, status=409)
    assert late.soup.h1.get_text() == "投票已结束"
    assert "请在回执清单中核对" in late.text
    assert late.soup.select_one("a.again").get_text() == "返回本场页面"


def test_a_retry_after_the_close_still_gets_its_receipt(hall: Hall) -> None:
    body = hall.filled()
    first = hall.post(body)
    hall.chair(close_meeting)
    assert receipt_of(hall.post(body)) == receipt_of(first)


def test_the_receipt_page_holds_none_of_the_choices(hall: Hall) -> None:
    page = hall.post(hall.filled("basically_competent"))

    for trace in ("基本称职", "basically_competent", "张伟", hall.tickets[0], NONCE):
        assert trace not in str(page.soup)


def test_the_ticket_may_be_typed_as_people_type(hall: Hall) -> None:
    code = hall.tickets[0]
    typed = " ".join(code[i : i + 4] for i in range(0, 16, 4)).lower()
    hall.post(hall.filled(ticket=typed))
    assert hall.cast_count() == 1


def test_without_scripts_the_choices_are_listed_before_anything_is_cast(hall: Hall) -> None:
    review = hall.post(hall.filled(nonce="", **{"i.s2.overall": "abstain"}))

    assert review.soup.h1.get_text() == "请核对您的选择"
    assert [" ".join(li.get_text(" ").split()) for li in review.soup.select("li")] == [
        "张伟 称职",
        "李娜 弃权",
        "欧阳子涵 称职",
    ]
    assert review.soup.select_one(".sums").get_text() == "称职 2 · 弃权 1"
    assert hall.cast_count() == 0


def test_without_scripts_confirming_casts_and_confirming_again_changes_nothing(hall: Hall) -> None:
    review = hall.post(hall.filled(nonce=""))
    assert review.form()["action"] == hall.url
    first = hall.pages.submit(review)
    second = hall.pages.submit(review)

    assert receipt_of(first) == receipt_of(second)
    assert hall.cast_count() == 1


def test_without_scripts_one_can_go_back_and_find_everything_as_it_was(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(comments_wanted=True)
    review = hall.post(hall.filled(nonce="", **{"c.s1": "很负责 <b>", "i.s3.overall": "excellent"}))
    assert "很负责 <b>" in review.text
    form = hall.pages.submit(review, back="1")

    kept = form.fields()
    assert kept["i.s1.overall"] == "competent"
    assert kept["i.s3.overall"] == "excellent"
    assert kept["c.s1"] == "很负责 <b>"
    assert kept["ticket"] == hall.tickets[0]
    assert kept["nonce"] == ""


def test_going_back_from_the_review_of_a_closed_meeting_says_that_it_is_closed(hall: Hall) -> None:
    review = hall.post(hall.filled(nonce=""))
    hall.chair(close_meeting)
    assert hall.pages.submit(review, back="1", status=409).error == "meeting_closed"


def test_a_pause_keeps_what_was_filled_in(hall: Hall) -> None:
    hall.chair(pause_meeting)
    page = hall.post(hall.filled(nonce=""), status=409)
    assert page.error == "meeting_paused"
    hall.chair(resume_meeting)
    hall.pages.submit(hall.pages.submit(page))
    assert hall.cast_count() == 1


def test_what_is_missing_is_marked_and_linked(hall: Hall) -> None:
    body = hall.filled(nonce="")
    del body["i.s2.overall"]
    page = hall.post(body, status=422)

    assert page.error == "ballot_incomplete"
    assert "李娜" in page.soup.select_one("[data-error]").get_text()
    assert [set_.find_parent("section")["id"] for set_ in page.soup.select(".missing")] == ["s2"]
    assert page.soup.select_one(".message a")["href"] == "#s2"
    assert page.fields()["i.s1.overall"] == "competent"


def test_a_box_that_cannot_store_offers_the_same_confirmation_again(hall: Hall) -> None:
    review = hall.post(hall.filled(nonce=""))
    hall.execute("CREATE TRIGGER full BEFORE INSERT ON envelopes BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    busy = hall.pages.submit(review, status=503)

    assert busy.error == "ballot_box_busy"
    assert busy.response.headers["Retry-After"] == "2"
    assert busy.fields() == review.fields()
    hall.execute("DROP TRIGGER full")
    hall.pages.submit(busy)
    assert hall.cast_count() == 1


def test_a_ticket_that_was_not_typed_is_not_called_mistyped(hall: Hall) -> None:
    page = hall.post(hall.filled(nonce="", ticket=""), status=400)
    assert page.error == "ticket_mistyped"
    assert "还没有输入" in page.text
    assert "有误" not in page.text


def test_the_receipt_is_signed_and_its_qr_code_holds_the_signature(hall: Hall) -> None:
    receipt = hall.post(hall.filled())
    shown = hall.pages.submit(receipt)
    signed = shown.soup.select_one(".signed-text").get_text()
    size, path = qr_svg_path(signed)

    assert shown.response.status_code == 200
    assert shown.soup.select_one(".signed-qr")["viewbox"] == f"0 0 {size} {size}"
    assert shown.soup.select_one(".signed-qr path")["d"] == path
    assert printed(read_signed_receipt(signed).digest) == receipt_of(receipt)
    hall.chair(close_meeting)
    hall.chair(strip_box)
    listed = hall.pages.get(f"{hall.url}/envelopes.txt")
    assert listed.text.split() == [read_signed_receipt(signed).digest.hex()]
    assert hall.pages.get(f"{hall.url}/receipts").soup.select_one("a[href$='envelopes.txt']")


def test_a_receipt_that_somebody_has_made_up_is_drawn_by_nobody(hall: Hall) -> None:
    made_up = ReceiptSigner.of(bytes(32), hall.scene.meeting_id, 1).signed(bytes(32))

    told = [hall.pages.post(f"{hall.url}/receipt", {"signed": text}, status=422) for text in (made_up, "1QSD-8T6T", "")]
    assert {page.soup.select_one("a.again")["href"] for page in told} == {hall.url}
    assert [page.error for page in told] == ["receipt_foreign", "receipt_unreadable", "receipt_unreadable"]


def test_a_receipt_of_one_meeting_is_not_drawn_under_the_name_of_another(app: Flask, hall: Hall) -> None:
    signed = hall.pages.submit(hall.post(hall.filled())).soup.select_one(".signed-text").get_text()
    other = opened(app).meeting_id
    assert hall.pages.post(f"/v/{other}/1/receipt", {"signed": signed}, status=422).error == "receipt_foreign"


def test_a_phone_whose_receipt_could_not_be_read_is_told_to_send_again_and_then_gets_it(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goes_away(*_: object, **__: object) -> None:
        origin = sqlite3.OperationalError("disk I/O error")
        origin.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise OperationalError("SELECT 1", {}, origin)

    headers = {SCRIPT_HEADER: "1"}
    with monkeypatch.context() as patch:
        patch.setattr(fast_path, "receipt_answer", goes_away)
        reply = hall.pages.http.post(hall.url, data=hall.filled(), headers=headers)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    assert len(receipt_of(hall.post(hall.filled(), headers=headers))) == 14
    assert hall.cast_count() == 1
