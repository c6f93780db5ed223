"""A whole meeting as people hold it: the console, three phones, the projector, the tellers, the workbook.

Nothing is set up behind the scenes: the server is started by its own command, and everything else is clicked and typed
in Chromium.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from databases import PostgreSQLServer
from guide_pictures import guide_picture
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from phones import is_ballot
from playwright.sync_api import Browser, Page, Route, expect
from processes import Kaohe

from bench.hall import free_port

NAMES = ("张伟", "李娜", "欧阳子涵")
LABELS = ("优秀", "称职", "基本称职", "不称职")
POINTS = dict(zip(LABELS, (100, 80, 60, 0), strict=True))
# One row per phone, one mark per subject; every dimension of a subject gets the same mark.
CHOICES = (("优秀", "称职", "弃权"), ("优秀", "不称职", "基本称职"), ("称职", "称职", "优秀"))


@dataclass(frozen=True)
class Custody:
    """A meeting under one way to hold the key: its scheme, and the database below it."""

    preset: str
    dimensions: int
    database: str


SERVER = Custody("si-deng", 1, "sqlite")
TELLERS = Custody("de-neng-qin-ji-lian", 5, "postgresql")


@pytest.fixture(params=[SERVER, TELLERS], ids=["key held by the server", "key held by the tellers"])
def custody(request: pytest.FixtureRequest) -> Custody:
    return request.param


@pytest.fixture
def kaohe(custody: Custody, tmp_path: Path, request: pytest.FixtureRequest) -> Kaohe:
    url = ""
    if custody.database == "postgresql":
        server: PostgreSQLServer = request.getfixturevalue("postgresql")
        url = server.url(server.create_database())
    return Kaohe(tmp_path / "data", free_port(), database_url=url)


@pytest.fixture
def first_link(kaohe: Kaohe) -> Iterator[str]:
    """The one-time address that the server prints when nobody has an account yet."""
    with kaohe.serving() as server:
        found = re.search(r"http\S+/desk/first#\S+", server.log.read_text())
        assert found
        yield found[0]


def test_a_whole_meeting(browser: Browser, kaohe: Kaohe, first_link: str, custody: Custody) -> None:
    desk = browser.new_page(viewport={"width": 1280, "height": 900})
    told: list[str] = []
    desk.on("request", lambda request: told.extend((request.url, request.headers.get("referer", ""))))
    key_text = _set_up(desk, first_link, custody)
    secret = first_link.partition("#")[2]
    assert secret and not [line for line in told if secret in line]  # noqa: PT018 - an empty secret is in every line
    links = _take_slips(desk)
    assert len(links) == 4

    projector = browser.new_page(viewport={"width": 1920, "height": 1080})
    _open_the_box(desk)
    projector.goto(_stage_address(desk))
    expect(projector.locator("body")).to_contain_text("应到")

    receipts = [
        _vote_on_a_small_phone(browser, links[0], custody),
        _vote_without_scripts(browser, links[1], custody),
        _vote_through_a_lost_reply(browser, links[2], custody),
    ]
    assert len(set(receipts)) == 3

    _projector_shows_three_ballots(projector, custody)
    desk.reload()
    guide_picture(desk, "chair")
    guide_picture(projector, "wall")
    desk.get_by_label("全体实到人数").fill("3")
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("人数已保存")).to_be_visible()
    _confirm(desk, "结束投票", "确认结束投票")
    if custody is TELLERS:
        desk.get_by_label(re.compile("钥匙")).fill(key_text)
        guide_picture(desk, "count")
        desk.get_by_role("button", name="开箱计票").click()
    else:
        _confirm(desk, "开箱计票", "确认开箱计票")
    expect(projector.locator("body")).to_contain_text(re.compile("等待公布|尚未公布|计票"))
    if custody is TELLERS:
        for name in NAMES:
            assert name not in projector.content()

    _confirm(desk, "公布结果", "确认公布结果")
    desk.get_by_role("button", name="揭晓第 1 位").click()
    expect(projector.locator("body")).to_contain_text(NAMES[0])
    expect(projector.locator("body")).to_contain_text(_expected(NAMES[0])["score"])
    if custody is TELLERS:
        for name in NAMES[1:]:
            assert _expected(name)["score"] not in projector.content()
    guide_picture(projector, "reveal")
    _confirm(desk, "全部揭晓", "确认全部揭晓")
    _projector_shows_the_scores(projector)

    _the_workbook_the_screen_and_an_independent_count_agree(desk, custody)
    for receipt in receipts:
        assert receipt in _receipts_page(desk)
    _the_server_says_how_it_is(desk)


def _the_server_says_how_it_is(desk: Page) -> None:
    desk.goto(re.sub(r"/(desk|documents)/.*", "/desk/server", desk.url))
    expect(desk.get_by_text("现在可以收票")).to_be_visible()
    guide_picture(desk, "server")


def _set_up(desk: Page, first_link: str, custody: Custody) -> str:
    desk.goto(first_link)
    guide_picture(desk, "first-page")
    desk.fill("[name=name]", "王主持")
    for field in desk.locator("input[type=password]").all():
        field.fill("一把好用的长密码")
    desk.get_by_role("button", name="建立账号并登录").click()
    desk.get_by_role("link", name="新建测评会").first.click()
    desk.fill("[name=title]", "2026年度领导干部民主测评")
    desk.fill("[name=unit]", "青山区统计局")
    desk.fill("[name=held_on]", "2026-12-18")
    desk.locator(f"input[value={custody.preset}]").check()
    desk.get_by_role("button", name="建立测评会").click()
    _step(desk, "考核方案")
    desk.get_by_role("button", name="保存并继续").click()

    desk.fill("[name=pasted]", "姓名\t单位\t职务\n" + "\n".join(f"{name}\t办公室\t科长" for name in NAMES))
    desk.get_by_role("button", name="预览名单").click()
    expect(desk.get_by_role("button", name="确认并保存")).to_be_visible()
    guide_picture(desk, "subjects")
    desk.get_by_role("button", name="确认并保存").click()
    _step(desk, "票种与人数")
    desk.fill("[name=groups-0-entitled]", "3")
    desk.get_by_role("button", name="保存并继续").click()

    if custody is TELLERS:
        desk.get_by_label("票箱钥匙由监票人保管").check()
        guide_picture(desk, "hall")
    else:
        desk.locator("summary", has_text="其他方式").click()
        desk.get_by_label("服务器保管钥匙，逐票更新").check()
        desk.get_by_label("我已了解").check()
    desk.get_by_role("button", name="保存并继续").click()
    key_text = ""
    if custody is TELLERS:
        _step(desk, "会场与钥匙")
        desk.get_by_role("button", name="生成钥匙单").click()
        key_text = " ".join(desk.locator(".sheet-groups span").all_inner_texts())
        desk.get_by_role("link", name="已打印，去试开").click()
        desk.fill("#key-text", key_text)
        guide_picture(desk, "key-tried")
        desk.get_by_role("button", name="试开").click()
        expect(desk.locator("body")).to_contain_text("通过")
    return key_text


def _step(desk: Page, label: str) -> None:
    desk.get_by_role("link", name=re.compile(label)).first.click()


def _take_slips(desk: Page) -> list[str]:
    """Make three tickets and a spare, print them, and read the addresses off the CSV."""
    _step(desk, "制票")
    desk.fill("[name=count]", "3")
    desk.fill("[name=spares]", "1")
    desk.get_by_role("button", name="制票", exact=True).click()
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name=re.compile("CSV")).click()
    header, *lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert header == "票种,票码,网址"
    links = [line.split(",")[2] for line in lines]
    desk.get_by_role("button", name="打印二维码票").click()
    expect(desk.get_by_role("dialog", name="打印二维码票")).to_contain_text("全体 ")
    desk.get_by_role("button", name="试过了，打印").click()
    expect(desk.locator("svg")).not_to_have_count(0)
    printed = desk.locator("body").inner_text()
    for link in links:
        code = link.split("#")[1].partition(".")[0]
        assert "-".join(code[i : i + 4] for i in range(0, 16, 4)) in printed
    desk.go_back()
    return links


def _open_the_box(desk: Page) -> None:
    _step(desk, "检查与试投")
    guide_picture(desk, "check")
    desk.get_by_role("button", name="开始投票", exact=True).click()
    desk.get_by_role("button", name="确认开始投票").click()
    expect(desk.get_by_role("heading", name="正在投票")).to_be_visible()


def _stage_address(desk: Page) -> str:
    return desk.get_by_role("link", name="打开大屏").evaluate("link => link.href")


def _mark(phone: Page, choices: tuple[str, ...], dimensions: int) -> None:
    for number, label in enumerate(choices, start=1):
        cells = phone.locator(f"#s{number}").get_by_text(label, exact=True)
        expect(cells).to_have_count(dimensions)
        for cell in cells.all():
            cell.click()


def _receipt(phone: Page) -> str:
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible(timeout=20_000)
    body = phone.locator("body").inner_text()
    for label in LABELS:
        assert label not in body, "the confirmation shows a choice"
    return phone.locator("[data-receipt]").get_attribute("data-receipt") or ""


def _vote_on_a_small_phone(browser: Browser, link: str, custody: Custody) -> str:
    phone = browser.new_context(
        viewport={"width": 320, "height": 568}, has_touch=True, device_scale_factor=2
    ).new_page()
    phone.goto(link)
    _mark(phone, CHOICES[0], custody.dimensions)
    guide_picture(phone, "phone-ballot")
    assert phone.evaluate("document.documentElement.scrollWidth") == 320
    phone.get_by_role("button", name="核对").click()
    phone.get_by_role("button", name="确认提交").click()
    receipt = _receipt(phone)
    guide_picture(phone, "phone-receipt")
    assert phone.context.cookies() == []
    phone.context.close()
    return receipt


def _vote_without_scripts(browser: Browser, link: str, custody: Custody) -> str:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    phone = context.new_page()
    phone.goto(link)
    phone.fill("#ticket", link.split("#")[1].partition(".")[0].lower())
    _mark(phone, CHOICES[1], custody.dimensions)
    phone.get_by_role("button", name="核对").click()
    phone.get_by_role("button", name="确认提交").click()
    receipt = _receipt(phone)
    assert context.cookies() == []
    context.close()
    return receipt


def _vote_through_a_lost_reply(browser: Browser, link: str, custody: Custody) -> str:
    context = browser.new_context(viewport={"width": 430, "height": 932}, has_touch=True)
    phone = context.new_page()
    sent: list[str] = []

    def lose_the_first_reply(route: Route) -> None:
        if is_ballot(route.request):
            sent.append(route.request.post_data or "")
            if len(sent) == 1:
                route.fetch()
                route.abort()
                return
        route.continue_()

    phone.route("**/v/**", lose_the_first_reply)
    phone.goto(link)
    _mark(phone, CHOICES[2], custody.dimensions)
    phone.get_by_role("button", name="核对").click()
    phone.get_by_role("button", name="确认提交").click()
    receipt = _receipt(phone)
    assert len(sent) >= 2
    context.close()
    return receipt


def _projector_shows_three_ballots(projector: Page, custody: Custody) -> None:
    expect(projector.locator("body")).to_contain_text(re.compile(r"收回\s*3"), timeout=10_000)
    if custody is SERVER:
        projector.keyboard.press("ArrowRight")
        expect(projector.locator("body")).to_contain_text(_expected(NAMES[0])["score"])
    else:
        for name in NAMES:
            assert name not in projector.content()


def _confirm(desk: Page, label: str, confirmation: str) -> None:
    desk.get_by_role("button", name=label, exact=True).click()
    desk.get_by_role("button", name=confirmation).click()


def _projector_shows_the_scores(projector: Page) -> None:
    for name in NAMES:
        expect(projector.locator("body")).to_contain_text(name)
        expect(projector.locator("body")).to_contain_text(_expected(name)["score"])


def _expected(name: str) -> dict[str, str]:
    """Votes, rates, score and rank by another way than the product's: plain counting and Decimal."""
    scores = {each: _score(each) for each in NAMES}
    counts = _counts(name)
    valid = sum(counts[label] for label in LABELS)
    found = {f"{label}票数": str(counts[label]) for label in LABELS}
    found |= {f"{label}%": _two_places(Decimal(100 * counts[label]) / valid) for label in LABELS}
    return found | {
        "score": scores[name],
        "rank": str(1 + sum(Decimal(s) > Decimal(scores[name]) for s in scores.values())),
    }


def _counts(name: str) -> Counter[str]:
    return Counter(choices[NAMES.index(name)] for choices in CHOICES)


def _score(name: str) -> str:
    counts = _counts(name)
    total = sum(POINTS[label] * counts[label] for label in LABELS)
    return _two_places(Decimal(total) / sum(counts[label] for label in LABELS))


def _two_places(number: Decimal) -> str:
    return str(number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _the_workbook_the_screen_and_an_independent_count_agree(desk: Page, custody: Custody) -> None:
    desk.get_by_role("link", name="取归档文件").click()
    with desk.expect_download() as waiting:
        desk.locator("[data-file=workbook]").click()
    assert waiting.value.suggested_filename.startswith("青山区统计局2026年度")
    book = load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    summary = book.worksheets[0]
    text = "\n".join(str(cell.value) for row in summary.iter_rows() for cell in row if cell.value is not None)
    for needed in ("应到 3", "实到 3", "收回票 3", "有效票 3", "监票人", "计票人", "无记名"):
        assert needed in text.replace("：", " ").replace("  ", " "), needed
    assert len(book.worksheets) >= 2 + custody.dimensions
    screen = desk.locator("body").inner_text()
    for name in NAMES:
        expected = _expected(name)
        row = _row_of(summary, name)
        printed = [_as_printed(cell) for cell in row]
        for label in LABELS:
            votes = str(int(expected[f"{label}票数"]) * custody.dimensions)
            assert votes in printed
            assert expected[f"{label}%"] in printed
        assert expected["score"] in printed
        assert printed[-1] == expected["rank"]
        assert expected["score"] in screen


def _row_of(sheet: Worksheet, name: str) -> tuple[object, ...]:
    (row,) = [row for row in sheet.iter_rows() if any(cell.value == name for cell in row)]
    return tuple(cell for cell in row if cell.value is not None)


def _as_printed(cell: object) -> str:
    value, shape = cell.value, cell.number_format  # type: ignore[attr-defined] # an openpyxl cell
    if isinstance(value, float) or (isinstance(value, int) and "." in shape):
        return f"{Decimal(str(value)):.{len(shape.split('.')[1])}f}"
    return str(value)


def _receipts_page(desk: Page) -> str:
    if "回执" not in desk.title():
        desk.get_by_role("link", name=re.compile("回执")).first.click()
    return desk.locator("body").inner_text()
