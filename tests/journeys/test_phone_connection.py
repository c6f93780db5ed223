"""Bad Wi-Fi, a busy box, and a meeting that changes while the phone is filling in."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall, check, confirm, grade, is_ballot, kept_on, lose_the_first_reply, receipt
from playwright.sync_api import Page, Route, expect

from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting, resume_meeting


def test_a_lost_reply_ends_in_the_receipt_of_one_ballot(hall: Hall) -> None:
    page = hall.phone()
    sent = lose_the_first_reply(page)
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)

    assert len(receipt(page)) == 14
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert hall.cast_count() == 1


def test_a_reload_while_the_outcome_is_unknown_goes_on_confirming(hall: Hall) -> None:
    page = hall.phone()
    line = DeafLine(page)
    send_and_hear_nothing(hall, page)
    expect(page.get_by_text("请不要关闭页面")).to_be_visible()
    page.reload()
    line.mend()

    assert len(receipt(page)) == 14
    assert hall.cast_count() == 1


def test_a_ballot_that_was_sent_before_the_close_is_confirmed_after_it(hall: Hall) -> None:
    page = hall.phone()
    line = DeafLine(page)
    send_and_hear_nothing(hall, page)
    hall.chair(close_meeting)
    page.goto(hall.url)
    line.mend()

    assert len(receipt(page)) == 14
    assert kept_on(page) == []


def test_a_phone_whose_chance_is_not_its_own_takes_another_nonce_and_casts(hall: Hall) -> None:
    receipts = set()
    for number in range(2):
        page = hall.phone()
        page.add_init_script(ONE_NONCE_FOR_ALL)
        page.goto(hall.slip(number))
        grade(page)
        check(page)
        confirm(page)
        if number:
            expect(page.get_by_text("请再提交一次")).to_be_visible()
            page.evaluate("window.hasChance = true")
            check(page)
            confirm(page)
        receipts.add(receipt(page))

    assert len(receipts) == hall.cast_count() == 2


ONE_NONCE_FOR_ALL = """
  var honest = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = function (bytes) { return window.hasChance ? honest(bytes) : bytes.fill(7); };
"""
"""Every phone draws the same, until it is given a chance of its own."""


class DeafLine:
    """Every ballot reaches the server and no answer comes back, until the line is mended.

    Mend it only after the page under test has been loaded again: the page before it asks too, and might get the answer.
    """

    def __init__(self, page: Page) -> None:
        self.is_deaf = True
        page.route("**/v/**", self.carry)

    def carry(self, route: Route) -> None:
        if self.is_deaf and is_ballot(route.request):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    def mend(self) -> None:
        self.is_deaf = False


def send_and_hear_nothing(hall: Hall, page: Page) -> None:
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    expect(page.get_by_text("正在确认")).to_be_visible()
    expect(page.get_by_role("heading", name="正在确认")).to_be_focused()
    assert page.title() == "正在提交"


def test_a_busy_box_is_asked_again_without_a_word_of_failure(hall: Hall) -> None:
    page = hall.phone()
    answers = iter([503, 502])

    def be_busy_twice(route: Route) -> None:
        status = next(answers, None) if is_ballot(route.request) else None
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, headers={"Retry-After": "0"}, body="<p data-error='ballot_box_busy'>x</p>")

    page.route("**/v/**", be_busy_twice)
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    assert len(receipt(page)) == 14
    assert hall.cast_count() == 1


def test_every_ballot_of_a_style_has_one_length_on_the_wire(hall: Hall) -> None:
    lengths = set()
    for number, label in enumerate(["优秀", "基本称职", "弃权"]):
        page = hall.phone()
        page.goto(hall.slip(number))
        grade(page, label)
        check(page)
        with page.expect_request(is_ballot) as sent:
            confirm(page)
        lengths.add(len(sent.value.post_data or ""))
        receipt(page)
    assert len(lengths) == 1


def test_a_pause_is_told_in_place_and_keeps_everything(hall: Hall) -> None:
    page = hall.phone()
    hall.chair(pause_meeting)
    page.goto(hall.slip())
    expect(page.locator(".message:visible")).to_contain_text("暂停收票")
    grade(page)
    check(page)
    confirm(page)
    expect(page.locator("#review").get_by_role("alert")).to_contain_text("暂停收票")
    expect(page.locator(".message:visible")).to_have_count(1)
    hall.chair(resume_meeting)
    confirm(page)
    receipt(page)


def test_after_a_pause_what_was_confirmed_is_sent_by_itself(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    hall.chair(pause_meeting)
    confirm(page)
    expect(page.locator("#review").get_by_role("alert")).to_have_count(1)
    hall.chair(resume_meeting)
    receipt(page)
    assert hall.cast_count() == 1


def test_after_a_pause_nothing_is_sent_that_was_changed_and_not_confirmed(hall: Hall) -> None:
    page = hall.phone()
    page.clock.install()
    page.goto(hall.slip())
    grade(page)
    check(page)
    page.clock.run_for(1_000)
    hall.chair(pause_meeting)
    confirm(page)
    expect(page.locator("#review").get_by_role("alert")).to_have_count(1)
    hall.chair(resume_meeting)
    page.get_by_role("button", name="返回修改").click()
    check(page)
    page.clock.run_for(60_000)
    expect(page.locator("#review")).to_be_visible()
    assert hall.cast_count() == 0


def test_a_used_ticket_is_told_and_nothing_is_left(hall: Hall) -> None:
    first = hall.phone()
    first.goto(hall.slip())
    grade(first)
    check(first)
    confirm(first)
    receipt(first)
    second = hall.phone()
    second.goto(hall.slip())
    grade(second, "优秀")
    check(second)
    confirm(second)

    expect(second.locator("[data-error=ticket_used]")).to_be_visible()
    assert kept_on(second) == []
    assert "优秀" not in second.content()
    assert hall.cast_count() == 1


def test_after_a_voided_round_the_phone_goes_on_with_its_ticket_and_a_blank_form(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    hall.chair(void_round, "设备故障")
    hall.chair(open_meeting)
    confirm(page)
    expect(page.locator("[data-error=round_changed]")).to_be_visible()
    page.get_by_role("link", name="重新打开测评票").click()
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    grade(page)
    check(page)
    confirm(page)
    receipt(page)


def test_the_first_view_of_thirty_subjects_is_light(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=tuple(f"考核对象{n}" for n in range(30)))
    page = hall.phone(320)
    requests: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on(
        "Network.requestWillBeSent", lambda event: requests.update({event["requestId"]: event["request"]["url"]})
    )
    network.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/seal.js")):
        page.goto(hall.slip())
    page.wait_for_load_state("networkidle")
    while not any(requests[request].endswith("/seal.js") for request in sizes):
        page.wait_for_timeout(50)  # The two listeners are told one after the other.

    # The slip is asked for within the next seconds, when the page has long been there.
    view = {requests[request]: size for request, size in sizes.items() if not requests[request].endswith("/slip")}
    (seal,) = [size for url, size in view.items() if url.endswith("/seal.js")]
    assert len(view) <= 4
    assert sum(view.values()) - seal <= 22 * 1024
    assert sum(view.values()) <= 32 * 1024
