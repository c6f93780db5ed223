"""What Chromium puts on paper."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from flask import Flask
from office_meetings import HEADING, office_result
from phones import Hall
from playwright.sync_api import Browser, Page
from printing import print_to_pdf, printed_html
from scene import CHAIR, THREE_GROUPS, cast, version_of

from kaohe.domain.limits import LABEL_LENGTH, TITLE_LENGTH, WIRELESS_NAME_BYTES
from kaohe.domain.meetings import Group
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.preparing import change_basics, change_wireless
from kaohe.reports.paper.layout import lay_out_all
from kaohe.reports.sheets import result_sheets


def test_a_sheet_of_eight_people_lies_on_one_page_with_its_signatures_and_its_code(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], tmp_path: Path
) -> None:
    hall = hall_of(groups=THREE_GROUPS, names=tuple(f"第{number}位同志" for number in "一二三四五六七八"))
    with hall.server.app.app_context():
        for code in hall.scene.codes["B票"][:5] + hall.scene.codes["C票"][:5]:
            cast(hall.scene.meeting_id, code, "excellent")
    for act in (close_meeting, count_meeting, publish_result):
        hall.chair(act)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/documents/{hall.scene.meeting_id}/1/print")
    sheets = page.locator(".paper").count()
    paper = page.pdf(path=tmp_path / "sheets.pdf", prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == sheets


# What a browser finds on the page to print: more than fits a page, text cut or over the edge of its cell, small type.
FAULTS = """() => {
  const found = [];
  for (const leaf of document.querySelectorAll('.leaf')) {
    const title = leaf.querySelector('caption')?.textContent ?? leaf.textContent.trim().slice(0, 40);
    const paper = getComputedStyle(leaf);
    if (leaf.getBoundingClientRect().height > parseFloat(paper.minHeight) + 1) found.push(`${title}: more than a page`);
    const table = leaf.querySelector('table');
    const edge = leaf.getBoundingClientRect().right;
    if (table && table.getBoundingClientRect().right > edge) found.push(`${title}: too wide`);
    for (const cell of leaf.querySelectorAll('td, th')) {
      if (cell.scrollWidth > cell.clientWidth + 1) found.push(`${title}: ${cell.textContent} is cut`);
    }
    for (const text of leaf.querySelectorAll('td, th, p, span')) {
      if (parseFloat(getComputedStyle(text).fontSize) < 11.9) found.push(`${title}: ${text.textContent} is small`);
    }
    const signature = leaf.querySelector('.signature');
    if (signature && !leaf.querySelector('tbody tr')) found.push(`${title}: nothing above the signature`);
  }
  return found;
}"""


@pytest.mark.parametrize(
    ("preset", "people", "groups"),
    [("de-neng-qin-ji-lian", 30, 8), ("xiang-pingshi", 15, 0), ("jiguan-kaoping", 15, 0)],
)
def test_every_page_of_every_sheet_takes_one_page_of_paper_and_nothing_on_it_is_cut(
    browser: Browser, app: Flask, tmp_path: Path, preset: str, people: int, groups: int
) -> None:
    result = office_result(preset, people, groups=groups, long_posts=True)
    sheets = [filed.sheet for filed in result_sheets(result, HEADING) if not filed.key.endswith("working")]
    page = browser.new_page(viewport={"width": 1700, "height": 1200})
    pdf = print_to_pdf(page, printed_html(app, sheets), tmp_path / "print.pdf").read_bytes()
    page.emulate_media(media="print")
    found, leaves = page.evaluate(FAULTS), page.locator(".leaf").count()
    page.close()
    assert found == []
    assert pdf.count(b"/Type /Page\n") == leaves == sum(len(laid.pages) for laid in lay_out_all(sheets))


# What reaches over the edge of its slip, lies over other words, or is cut although it is needed.
SLIP_FAULTS = """() => [...document.querySelectorAll('.slip')].flatMap(slip => {
    const edge = slip.getBoundingClientRect(), found = [];
    const lines = [...slip.querySelectorAll('p, li, .qr')];
    lines.forEach((one, at) => {
        const box = one.getBoundingClientRect(), words = one.textContent.trim().slice(0, 20) || 'code';
        const isAcross = box.left >= edge.left && box.right <= edge.right;
        if (!isAcross || box.top < edge.top || box.bottom > edge.bottom) found.push('outside: ' + words);
        const mayGiveWay = one.matches('.slip-title, .slip-unit');
        if (!mayGiveWay && (one.scrollWidth > one.clientWidth + 1)) found.push('cut: ' + words);
        for (const other of lines.slice(at + 1)) {
            const to = other.getBoundingClientRect();
            const wide = Math.min(box.right, to.right) - Math.max(box.left, to.left);
            const high = Math.min(box.bottom, to.bottom) - Math.max(box.top, to.top);
            if (wide > 1 && high > 2) found.push('over one another: ' + words + ' / ' + other.textContent.trim());
        }
        if (one.matches('.qr') && box.width < 132) found.push('the code is small: ' + box.width);
    });
    return found;
})"""


def test_with_the_longest_texts_a_slip_keeps_its_codes_its_address_and_the_way_to_vote_whole(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], tmp_path: Path
) -> None:
    longest = "考" * TITLE_LENGTH
    groups = tuple(Group(f"g{n}", f"{n}" + "票" * (LABEL_LENGTH - 1), Fraction(1, 2), 12) for n in (1, 2))
    hall = hall_of(groups=groups, begins=False)
    meeting_id = hall.scene.meeting_id
    with hall.server.app.app_context():
        change_basics(CHAIR, meeting_id, version_of(meeting_id), title=longest, unit=longest, held_on=None)
        change_wireless(CHAIR, meeting_id, "W" * WIRELESS_NAME_BYTES, "x" * 63)
    page = console_of(hall, 1280, 900)
    page.goto(f"{hall.server.url}/desk/{meeting_id}/slips")
    address = "http://kaohe-server.qingshan-tongjiju.gov.cn:8000/v/zs27jjrq/1"
    page.evaluate("to => document.querySelectorAll('.slip-address').forEach(one => { one.textContent = to; })", address)
    page.emulate_media(media="print")
    assert page.locator(".slip").count() == 24
    assert page.evaluate(SLIP_FAULTS) == []
    paper = page.pdf(path=tmp_path / "slips.pdf", prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == page.locator(".slip-page").count() == 4


def test_on_a_small_blank_ballot_the_room_for_the_number_and_each_range_stay_in_one_line(
    form_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = form_of("jiandu-pingshi")
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/blank-ballot?paper=a5")
    torn = """all => all.filter(one => {
        const text = document.createRange();
        text.selectNodeContents(one);
        return text.getClientRects().length > 1;
    }).map(one => one.textContent)"""
    whole = page.locator(".blank .sheet-line span:last-child, .blank-note span")
    assert whole.count() > 1
    assert whole.evaluate_all(torn) == []
    assert page.locator(".paper").evaluate("one => one.scrollWidth <= one.clientWidth")
