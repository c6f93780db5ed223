"""Every kind of ballot on every kind of screen: nothing is cut, nothing overlaps, nothing goes sideways.

With KAOHE_PICTURES=folder, pictures of them all are taken there, on more screens, for somebody to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from form_scene import SUBJECTS
from phones import NAMES, Hall, check
from playwright.sync_api import Page, expect

FIVE = "de-neng-qin-ji-lian"
LONG_POST = "综合科（督查室） · 一级主任科员"
PICTURES = os.environ.get("KAOHE_PICTURES", "")
CLIPPED = """() => [...document.querySelectorAll(
        'button, .choices span, .abstain span, .number > input, .name, .count, .hint, .rule, legend, th, td')]
    .filter(one => one.offsetParent && one.clientWidth > 1 && !one.closest('details:not([open])'))
    .filter(one => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
    .map(one => 'cut: ' + one.outerHTML.slice(0, 90))"""
"""What does not fit into its own box."""
OVERLAPPING = """() => {
    const isShown = one => one.offsetParent && !one.closest('.unseen, .progress, #actions, details:not([open])');
    const boxes = [...document.querySelectorAll('button, .choices span, .abstain span, .number > input, summary')]
        .filter(isShown).map(one => ({ one, words: one.textContent.trim(), box: one.getBoundingClientRect() }));
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.data.trim() || !isShown(node.parentElement)) { continue; }
        const range = document.createRange();
        range.selectNodeContents(node);
        const letters = parseFloat(getComputedStyle(node.parentElement).fontSize);
        for (const line of range.getClientRects()) {
            const middle = (line.top + line.bottom) / 2;
            texts.push({ one: node.parentElement, words: node.data.trim(),
                box: { left: line.left, right: line.right, top: middle - letters / 2, bottom: middle + letters / 2 } });
        }
    }
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    const found = [];
    texts.forEach((text, at) => {
        for (const other of [...texts.slice(at + 1), ...boxes]) {
            const isWithin = other.one.contains(text.one) || text.one.contains(other.one);
            if (!isWithin && meet(text.box, other.box)) { found.push('over: ' + text.words + ' | ' + other.words); }
        }
    });
    return found;
}"""
"""Words that lie on other words, or on the box of something else."""
LOW_BORDERS = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/\\d+/g).map(part => part / 255)
            .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return [...document.querySelectorAll('.choices span, .abstain span, .number > input, .step, progress')]
        .filter(one => one.offsetParent).map(one => getComputedStyle(one))
        .map(style => 1.05 / (light(style.borderTopColor) + 0.05)).filter(contrast => contrast < 3);
}"""


@dataclass(frozen=True)
class Screen:
    """A phone's screen, and how large its letters are: by the page's own switch, or enlarged by the system."""

    width: int
    height: int
    size: str = ""
    percent: int = 100

    def __str__(self) -> str:
        """What a picture is named."""
        letters = self.size or ("" if self.percent == 100 else str(self.percent))
        return "-".join(filter(None, (f"{self.width}x{self.height}", letters)))


SCREENS = [
    Screen(320, 640),
    Screen(195, 422),
    Screen(320, 640, "large"),
    Screen(390, 844, "huge"),
    Screen(320, 640, percent=200),
    Screen(360, 740, percent=130),
    Screen(844, 390),
]
MORE_SCREENS = [
    Screen(360, 740),
    Screen(390, 844),
    Screen(430, 932),
    Screen(320, 640, "huge"),
    Screen(390, 844, percent=160),
]


def kinds() -> list[str]:
    return ["si-deng", FIVE, *SUBJECTS]


@pytest.mark.parametrize("kind", kinds())
def test_nothing_is_cut_and_nothing_overlaps_on_any_screen(
    hall_of: Callable[..., Hall], form_of: Callable[..., Hall], kind: str
) -> None:
    plain = {"names": NAMES, "comments_wanted": True, "top_grade_limit": 2}
    hall = form_of(kind) if kind in SUBJECTS else hall_of(preset=kind, **plain)
    page = hall.phone(320, 640, reduced_motion="reduce")
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    lengthen_posts(page)
    for field in page.locator(".number > input").all()[:1]:
        field.fill("100")
    wrong = faults(page, kind, "form")
    if page.get_by_role("button", name="个未评").count():
        check(page)
        wrong += faults(page, kind, "missing")
    fill(page)
    check(page)
    expect(page.locator("#review")).to_be_visible()
    wrong += faults(page, kind, "review")
    assert not wrong, "\n".join(wrong)


def lengthen_posts(page: Page) -> None:
    page.evaluate(
        "post => document.querySelectorAll('.subject .name small').forEach(each => { each.textContent = post; })",
        LONG_POST,
    )


def fill(page: Page) -> None:
    page.evaluate("""() => {
        document.querySelectorAll('.number > input').forEach(each => { each.value = ''; });
        document.querySelectorAll('.number > input + .step').forEach(each => each.click());
        document.querySelectorAll('fieldset:not([data-kind]) label:nth-child(2) input').forEach(each => each.click());
        document.querySelectorAll('.pick input').forEach((each, at) => { if (at < 2) { each.click(); } });
    }""")


def faults(page: Page, kind: str, state: str) -> list[str]:
    """What is wrong with the boxes of a page on each screen."""
    found = []
    for screen in [*SCREENS, *(MORE_SCREENS if PICTURES else [])]:
        show(page, screen)
        wrong = [*page.evaluate(CLIPPED), *page.evaluate(OVERLAPPING)]
        if page.evaluate("document.documentElement.scrollWidth") > screen.width:
            wrong.append("sideways")
        if page.evaluate(LOW_BORDERS):
            wrong.append("pale")
        found += [f"{kind} {state} {screen}: {each}" for each in wrong]
        if PICTURES:
            take_picture(page, f"{kind}-{state}-{screen}")
    show(page, Screen(320, 640))
    if PICTURES:
        take_in_other_colours(page, f"{kind}-{state}")
    return found


def show(page: Page, screen: Screen) -> None:
    page.set_viewport_size({"width": screen.width, "height": screen.height})
    page.evaluate(
        """([size, percent]) => {
            document.documentElement.className = size;
            document.querySelectorAll('.keys').forEach(fold => { fold.open = true; });
            document.documentElement.style.fontSize = percent === 100 ? '' : 17 * percent / 100 + 'px';
            window.dispatchEvent(new Event('resize'));
            window.scrollTo(0, 0);
        }""",
        [screen.size, screen.percent],
    )


def take_picture(page: Page, name: str) -> None:
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def take_in_other_colours(page: Page, name: str) -> None:
    """As a phone shows it whose owner wants dark pages, and one that sets every colour itself."""
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
    take_picture(page, f"{name}-dark")
    tools.send("Emulation.setAutoDarkModeOverride", {"enabled": False})
    page.emulate_media(forced_colors="active")
    take_picture(page, f"{name}-forced")
    page.emulate_media(forced_colors="none")
