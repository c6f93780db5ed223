"""A phone seals to a key that the meeting has signed, the meeting that its slip names; people can compare both."""

from __future__ import annotations

import json
import re
import secrets

from phone_seal import SOURCES
from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import Browser, Page, Route, expect

from kaohe.domain.envelopes import BoxKey
from kaohe.domain.meeting_keys import MeetingKey
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.key import load_keys


def put_in_place(page: Page, **changes: str) -> None:
    """Let somebody on the way exchange what a phone seals with."""

    def carry(route: Route) -> None:
        reply = route.fetch()
        text = reply.text()
        for name, value in changes.items():
            text, times = re.subn(rf'"{name}":"[^"]*"', f'"{name}":"{value}"', text)
            assert times == 1
        route.fulfill(response=reply, body=text)

    page.route("**/seal.js", carry)


def refuses_to_cast(hall: Hall, page: Page, words: str) -> None:
    expect(page.locator(".message.bad").first).to_contain_text(words)
    grade(page)
    check(page)
    confirm(page)
    expect(page.get_by_role("button", name="核对")).to_be_visible()
    assert hall.cast_count() == 0


def test_nothing_is_sealed_to_a_key_that_the_meeting_has_not_signed(hall: Hall) -> None:
    page = hall.phone()
    put_in_place(page, publicKey=BoxKey.new().public.hex())
    page.goto(hall.slip())
    refuses_to_cast(hall, page, "没有本场会议的签名")


def test_nothing_is_sealed_to_a_key_that_another_than_the_slips_meeting_has_signed(hall: Hall) -> None:
    """Whoever exchanges key, signature and signer at once has no slip that names that signer."""
    page, other, box = hall.phone(), MeetingKey(secrets.token_bytes(32)), BoxKey.new().public
    round_id = json.loads(page.request.get(f"{hall.url}/seal.js").text().split("=", 1)[1].split(";\n")[0])["round"]
    signature = other.sign(f"kaohe round key|{round_id}|{box.hex()}".encode())
    put_in_place(page, publicKey=box.hex(), signer=other.public.hex(), signature=signature.hex())
    page.goto(hall.slip())
    refuses_to_cast(hall, page, "与票上印的不一致")


def test_a_slip_names_the_signer_of_the_round_after_a_void_one_too(hall: Hall) -> None:
    slip = hall.slip()
    hall.chair(void_round, "设备故障")
    hall.chair(open_meeting)
    page = hall.phone()
    page.goto(slip)
    grade(page)
    check(page)
    confirm(page)
    assert receipt(page)


def test_a_slip_whose_end_is_missing_is_told(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip()[:-3])
    expect(page.locator("#ticket-hint")).to_contain_text("二维码读取不完整")


def test_both_keys_can_be_compared_behind_a_tap(hall: Hall) -> None:
    page = hall.phone(320)
    page.goto(hall.slip())
    page.get_by_text("封票钥匙").click()
    with hall.server.app.app_context():
        keys = load_keys(hall.scene.meeting_id)
    assert [key.label for key in keys] == ["会议印记", "本轮票箱"]
    for line, key in zip(page.locator(".keys p").all(), keys, strict=False):
        expect(line).to_be_visible()
        assert line.inner_text().strip() == f"{key.label} {key.text}"
        assert line.locator("path").get_attribute("d") == key.picture


def test_a_phone_that_kept_its_page_finds_its_envelope_in_the_list_and_its_receipt_signed(hall: Hall) -> None:
    page = hall.phone(320)
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    assert receipt(page)
    button, told = page.locator("[data-check]"), page.locator("[data-check] + p")
    button.click()
    expect(told).to_contain_text("拆票以后公布")
    hall.chair(close_meeting)
    hall.chair(count_meeting)
    button.click()
    expect(told).to_contain_text("已核对：您的票在票箱里。信封清单共 1 个信封")
    page.route("**/envelopes.txt", lambda route: route.fulfill(headers={"X-Kaohe-Round": "1"}, body=f"{'0' * 64}\n"))
    button.click()
    expect(told).to_contain_text("其中没有您的票")
    page.route("**/envelopes.txt", lambda route: route.fulfill(headers={"X-Kaohe-Round": "2"}, body=""))
    button.click()
    expect(told).to_contain_text("另一轮投票")
    page.evaluate("document.querySelector('main [name=signed]').value = document.title")
    button.click()
    expect(told).to_contain_text("与这部手机封好的票不一致")


def test_a_phone_checks_signatures_as_the_server_makes_them(browser: Browser) -> None:
    page = browser.new_page()
    page.add_script_tag(content=SOURCES["vendor/stablelib-2.0.1.phone.js"])
    key = MeetingKey(secrets.token_bytes(32))
    right = [(text, key.sign(text)) for text in (secrets.token_bytes(length) for length in range(0, 300, 13))]
    wrong = [(text + b"x", signature) for text, signature in right[:8]]
    wrong += [(text, bytes([signature[0] ^ 1]) + signature[1:]) for text, signature in right[8:16]]
    judged = page.evaluate(
        """([key, cases]) => cases.map(([text, signature]) =>
            window.kaohePrimitives.isSigned(new Uint8Array(key), new Uint8Array(text), new Uint8Array(signature)))""",
        [list(key.public), [[list(text), list(signature)] for text, signature in [*right, *wrong]]],
    )
    page.close()
    assert judged == [True] * len(right) + [False] * len(wrong)
