"""What the phone seals is what the server would have sealed, and nobody on the way sees a choice."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from urllib.parse import parse_qs, quote

import phone_seal
import pytest
from ballot_forms import fields_of, style_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phone_seal import Fields, expected, forms_and_fields, found, load_seal, seal_on, seconds_to_seal
from phones import Hall, check, confirm, grade, is_ballot, lose_the_first_reply, receipt
from playwright.sync_api import Browser, Page, Route, expect
from stated_forms import FIRST_ONLY, MIXED, PLAIN

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.errors import KeyWrong
from kaohe.operations.hall.casting import load_polling
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Dimension

NOTHING_NEWER = """
for (const name of ["BigInt", "Promise", "fetch", "Symbol", "WeakMap", "AbortController", "URLSearchParams",
        "IntersectionObserver", "ResizeObserver", "structuredClone", "queueMicrotask", "requestIdleCallback"]) {
    delete window[name];
}
delete Object.getPrototypeOf(Uint8Array).from;
for (const [type, names] of [[String, "normalize includes startsWith padStart replaceAll at"],
        [Array, "includes find flat at"], [NodeList, "forEach"],
        [Element, "closest matches append remove replaceWith toggleAttribute"]]) {
    for (const name of names.split(" ")) { delete type.prototype[name]; }
}
for (const name of ["from", "of"]) { delete Array[name]; }
for (const name of ["assign", "entries", "values", "fromEntries"]) { delete Object[name]; }
const scrollTo = window.scrollTo;
window.scrollTo = (...where) => { if (where.length === 1) { throw new TypeError(); } scrollTo(...where); };
for (const name of ["subtle", "randomUUID"]) { Object.defineProperty(window.crypto, name, { value: undefined }); }
"""
"""What engines of the years before the floor of docs/phone.md lack, as far as a page could call it."""
LIMITED = replace(PLAIN, scheme=replace(PLAIN.scheme, top_grade_limit=1))
STATED = (
    (MIXED, [fields_of(MIXED, FIRST_ONLY), [*fields_of(MIXED, FIRST_ONLY), ("i.s2.overall", "excellent")]]),
    (LIMITED, [[("i.s1.overall", grade), ("i.s2.overall", "excellent")] for grade in ("competent", "excellent")]),
)
EXAMPLES = 625 if os.environ.get("KAOHE_BAD_INPUT") == "long" else 20
"""Forms, with sixteen ballots on each."""
ENOUGH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sealing_page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    load_seal(page)
    yield page
    page.close()


def alter_seal(page: Page, right: str, wrong: str) -> None:
    """Let a phone get what seals with one thing changed."""

    def carry(route: Route) -> None:
        reply = route.fetch()
        assert right in reply.text()
        route.fulfill(response=reply, body=reply.text().replace(right, wrong))

    page.route("**/seal.js", carry)


def disagreements(page: Page, style: BallotStyle, ballots: list[Fields]) -> list[tuple[object, object]]:
    """Every ballot of which phone and server make different things."""
    cases = [(fields, secrets.token_hex(16)) for fields in ballots]
    sealed = seal_on(page, style, cases)
    pairs = [
        (expected(style, fields), found(style, nonce, each))
        for (fields, nonce), each in zip(cases, sealed, strict=True)
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


@ENOUGH
@given(st.data())
def test_phone_and_server_make_the_same_of_every_ballot(sealing_page: Page, data: st.DataObject) -> None:
    style, ballots = data.draw(forms_and_fields(16))
    assert disagreements(sealing_page, style, ballots) == []


def test_what_a_phone_sends_holds_no_choice_and_has_one_length(hall: Hall) -> None:
    bodies = []
    for number, label in enumerate(("优秀", "不称职")):
        page = hall.phone()
        sent: list[str] = []
        page.on(
            "request", lambda request, sent=sent: sent.append(request.post_data or "") if is_ballot(request) else None
        )
        page.goto(hall.slip(number))
        grade(page, label)
        check(page)
        confirm(page)
        assert receipt(page)
        bodies += sent
    assert len(bodies) == 2
    assert len({len(body) for body in bodies}) == 1
    with hall.server.app.app_context():
        style = load_polling(hall.scene.meeting_id, "1").style
    words = [cell.field for cell in style.cells] + [subject.key + "." for subject in style.subjects]
    words += [word for grade in style.scheme.grades for word in (grade.key, grade.label, quote(grade.label))]
    words += [word for subject in style.subjects for word in (subject.name, quote(subject.name))]
    for body in bodies:
        assert not [word for word in words if word in body]
        assert set(parse_qs(body)) == {"ticket", "round", "form", "key", "tag", "retry", "box"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("codes[at] === 0", "codes[at] === 1"),
        ("Math.floor(code / Math.pow(256, place)) % 256", "code % 256"),
        ("code = kind.answer ? open : open - 2", "code = open - 2"),
        ("refuseIf(top > limit.most || top < limit.fewest);", ""),
        ("'kaohe ballot', box.round", "'kaohe ballot', 'r0'"),
        (".slice(0, 32)", ".slice(32)"),
    ],
)
def test_a_phone_that_encodes_or_binds_otherwise_is_found(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, right: str, wrong: str
) -> None:
    sources = phone_seal.SOURCES
    assert sum(right in text for text in sources.values()) == 1
    monkeypatch.setattr(phone_seal, "SOURCES", {name: text.replace(right, wrong) for name, text in sources.items()})
    page = browser.new_page()
    load_seal(page)
    with pytest.raises((AssertionError, KeyWrong)):
        _planted(page)
    page.close()


def _planted(page: Page) -> None:
    for style, ballots in STATED:
        assert disagreements(page, style, ballots) == []


def test_what_seals_is_quick_on_a_slow_phone(browser: Browser) -> None:
    """The best of three pages and of five ballots: how busy the machine is, is not the phone's business."""
    five = tuple(Dimension(f"d{number}", f"维度{number}", Fraction(1, 5)) for number in range(5))
    people = [Subject(f"s{number}", f"人{number}") for number in range(100)]
    style = style_of(replace(PLAIN.scheme, dimensions=five), *people)
    fields = [(cell.field, "competent") for cell in style.cells]
    proofs, ballots = [], []
    for _ in range(3):
        page = browser.new_page()
        load_seal(page)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
        proof, *sealings = seconds_to_seal(page, style, fields)
        proofs.append(proof)
        ballots += sealings
        page.close()
    assert min(proofs) <= 0.6
    assert min(ballots) <= 0.15


def test_a_phone_whose_arithmetic_is_off_does_not_seal(hall: Hall) -> None:
    """The page says who seals then, and the ballot is taken all the same."""
    page = hall.phone()
    alter_seal(page, "'psk_id_hash'", "'psk_id_hush'")
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or "") if is_ballot(request) else None)
    page.goto(hall.slip())
    expect(page.get_by_text("您的票由服务器封装")).to_be_visible()
    grade(page)
    check(page)
    confirm(page)
    assert receipt(page)
    assert "i.s1.overall=competent" in bodies[0]
    assert set(hall.opened().values()) == {"competent"}


@pytest.mark.parametrize("preset", ["", "beian-pingshi"])
def test_an_engine_of_years_ago_seals(hall: Hall, form_of: Callable[..., Hall], preset: str) -> None:
    hall = form_of(preset) if preset else hall
    page = hall.phone()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.add_init_script(NOTHING_NEWER)
    page.goto(hall.slip())
    if preset:
        page.evaluate("for (const each of document.querySelectorAll('.number > input + .step')) { each.click(); }")
    else:
        check(page)
        grade(page)
    check(page)
    with page.expect_request(is_ballot) as sent:
        confirm(page)
    assert receipt(page)
    assert "&box=" in (sent.value.post_data or "")
    assert set(hall.opened().values()) == ({"0"} if preset else {"competent"})
    assert broken == []


def test_who_confirms_before_what_seals_is_there_waits_for_it(hall: Hall) -> None:
    page = hall.phone()
    held: list[Route] = []
    page.route("**/seal.js", lambda route: held.append(route))  # noqa: PLW0108 - a method takes no mark of the library
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    expect(page.get_by_role("button", name="确认提交")).to_be_disabled()
    assert hall.cast_count() == 0
    held[0].abort()
    page.wait_for_timeout(500)
    page.unroute("**/seal.js")
    for route in held[1:]:
        route.continue_()
    assert receipt(page)
    assert set(hall.opened().values()) == {"competent"}


def test_a_receipt_of_another_envelope_is_not_told_as_received(hall: Hall) -> None:
    """What is in the box is not what this phone has sealed, so it does not say that it was received."""
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    lose_the_first_reply(page)
    page.route("**/v/**", with_another_receipt)
    confirm(page)
    expect(page.get_by_role("heading", name="这张票刚才已提交")).to_be_visible()


def with_another_receipt(route: Route) -> None:
    if not is_ballot(route.request):
        route.fallback()
        return
    reply = route.fetch()
    text = reply.text().replace("已收到", "这张票刚才已提交")
    route.fulfill(response=reply, body=re.sub(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", "1111-1111-1111", text))
