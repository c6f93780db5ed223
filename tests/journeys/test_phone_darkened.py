"""A page that a phone darkens by itself: what was painted is measured, as the computed styles stay light."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from phones import Hall, check, confirm
from playwright.sync_api import Page, expect

from kaohe.operations.setup.preparing import stage_code

WORDS = """() => {
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const node = walker.currentNode, one = node.parentElement;
        const isShown = one.offsetParent && !one.closest('.unseen, :disabled, details:not([open]) > :not(summary)');
        if (!node.data.trim() || !isShown) { continue; }
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const line of range.getClientRects()) {
            found.push({words: node.data.trim(), least: 4.5, at: [line.left, line.top, line.width, line.height]});
        }
    }
    return found;
}"""
"""Every line of text and where it stands."""
EDGES = """() => [...document.querySelectorAll('.choices span, .abstain span, .number > input, progress')]
    .filter(one => one.offsetParent).map(one => [one, one.getBoundingClientRect()])
    .map(([one, box]) => ({words: 'edge of ' + one.textContent, least: 3,
        at: [box.left - 1.5, box.top + box.height / 2 - 1, 3, 2]}))"""
"""The left edge of everything that is tapped, with a little on both sides."""
FAINT = """async ([picture, pieces, scale]) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + picture;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const paper = canvas.getContext('2d', {willReadFrequently: true});
    paper.drawImage(image, 0, 0);
    const light = colour => {
        const [r, g, b] = [16, 8, 0].map(shift => (colour >> shift & 255) / 255)
            .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return pieces.map(({words, least, at}) => {
        const [left, top, wide, high] = at.map(each => Math.round(each * scale));
        const points = paper.getImageData(left, top, Math.max(wide, 1), Math.max(high, 1)).data;
        const times = new Map();
        for (let at = 0; at < points.length; at += 4) {
            const colour = points[at] << 16 | points[at + 1] << 8 | points[at + 2];
            times.set(colour, (times.get(colour) || 0) + 1);
        }
        const ground = light([...times].sort((a, b) => b[1] - a[1])[0][0]);
        const ratios = [...times.keys()].map(light)
            .map(other => (Math.max(ground, other) + 0.05) / (Math.min(ground, other) + 0.05));
        return {words, least, ratio: Math.max(...ratios)};
    }).filter(({least, ratio}) => ratio < least).map(({words, ratio}) => words + ' ' + ratio.toFixed(2));
}"""
"""Which pieces of a picture hold no colour that stands out enough from the one that is most frequent there."""
SCALE = 3


def faint(page: Page, name: str) -> list[str]:
    """What is hard to read where it was painted on a page that is darkened."""
    page.evaluate("document.activeElement.blur()")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": 360, "height": height})
    pieces = [*page.evaluate(WORDS), *page.evaluate(EDGES)]
    assert len(pieces) > 3
    picture = base64.b64encode(page.screenshot()).decode()
    table = page.context.new_page()
    found = [f"{name}: {each}" for each in table.evaluate(FAINT, [picture, pieces, SCALE])]
    table.close()
    return found


def test_a_page_that_a_phone_darkens_by_itself_can_be_read(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(preset="de-neng-qin-ji-lian", comments_wanted=True, top_grade_limit=1, may_fill_rest=True)
    page = hall.phone(360, 740, device_scale_factor=SCALE, reduced_motion="reduce")
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    wrong = faint(page, "light")
    page.context.new_cdp_session(page).send("Emulation.setAutoDarkModeOverride", {"enabled": True})
    for number in (1, 2):
        page.locator(f"#s{number} fieldset").first.get_by_text("优秀", exact=True).click()
    check(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="其余都选…").click()
    wrong += faint(page, "form")
    page.locator("#s2 fieldset").first.get_by_text("弃权", exact=True).click()
    page.locator(".rest").get_by_role("button", name="不称职", exact=True).click()
    wrong += faint(page, "filled")
    check(page)
    expect(page.get_by_role("button", name="确认提交")).to_be_enabled()
    wrong += faint(page, "review")
    confirm(page)
    expect(page.locator("[data-receipt]").first).to_be_visible()
    wrong += faint(page, "receipt")
    assert not wrong, "\n".join(wrong)


CORNERS = """async ([picture, boxes, scale]) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + picture;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const paper = canvas.getContext('2d', {willReadFrequently: true});
    paper.drawImage(image, 0, 0);
    const shade = (x, y) => paper.getImageData(Math.round(x * scale), Math.round(y * scale), 1, 1).data[0];
    return boxes.map(({left, top, module}) => [shade(left + module, top + module),
        shade(left + 7.5 * module, top + 7.5 * module)]);
}"""
"""How light the white border of each code is, and the middle of its first corner, which is seven modules wide."""
CODES = """() => [...document.querySelectorAll('svg.qr')].filter(one => one.getBoundingClientRect().width)
    .map(one => [one, one.getBoundingClientRect()])
    .map(([one, box]) => ({left: box.left, top: box.top, module: box.width / one.viewBox.baseVal.width}))"""


@pytest.mark.parametrize("where", ["wall", "slips"])
def test_a_code_is_dark_on_white_whatever_becomes_of_the_page(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], where: str
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1366, 768)
    with hall.server.app.app_context():
        wall = f"stage/{hall.scene.meeting_id}/{stage_code(hall.scene.meeting_id)}"
    page.goto(f"{hall.server.url}/{wall if where == 'wall' else f'desk/{hall.scene.meeting_id}/slips'}")
    page.context.new_cdp_session(page).send("Emulation.setAutoDarkModeOverride", {"enabled": True})
    page.set_viewport_size({"width": 1366, "height": 767})
    boxes = [box for box in page.evaluate(CODES) if box["top"] < 500]
    picture = base64.b64encode(page.screenshot()).decode()
    table = page.context.new_page()
    shades = table.evaluate(CORNERS, [picture, boxes, 1])
    assert shades
    assert all(white > 250 and black < 5 for white, black in shades), shades
