"""A whole vote by keyboard, by somebody who hears names, roles and what live regions say, and sees nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from phones import NAMES, Hall, check, grade, receipt
from playwright.sync_api import CDPSession, Page, expect

MOST_TABS = 40
LIVE = "[aria-live], [role=status], [role=alert]"
LISTEN = f"""() => {{
    window.heard = [];
    new MutationObserver(changes => changes.forEach(change => {{
        const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
        const region = node && node.closest("{LIVE}");
        if (region && region.textContent) {{ window.heard.push(region.textContent); }}
    }})).observe(document, {{ subtree: true, childList: true, characterData: true }});
}}"""
"""A region speaks when it changes, not when it comes with its words in it."""
CONTROLS = {"radio", "checkbox", "textbox", "button", "DisclosureTriangle"}
GROUPS = {"group", "radiogroup"}


class Ears:
    """What a screen reader knows of a page."""

    def __init__(self, page: Page) -> None:
        """Listen to ``page``, which is to be opened after this."""
        self.page = page
        self._tools: CDPSession = page.context.new_cdp_session(page)
        page.add_init_script(f"({LISTEN})()")

    def heard(self) -> list[str]:
        """Everything that live regions have said since the page was opened."""
        found: list[str] = self.page.evaluate("window.heard")
        return found

    def here(self) -> tuple[str, str, dict[str, Any] | None]:
        """Role and name of what has the focus, and the group that it is in."""
        focus = self._tools.send("Runtime.evaluate", {"expression": "document.activeElement"})
        nodes = self._tools.send("Accessibility.getPartialAXTree", {"objectId": focus["result"]["objectId"]})["nodes"]
        group = next((node for node in nodes if _role(node) in GROUPS), None)
        return _role(nodes[0]), _name(nodes[0]), group

    def controls(self) -> list[tuple[str, str]]:
        """Role, and name behind the name of its group, of everything that can be operated."""
        nodes = self._tools.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        found = []
        for node in nodes:
            assert "  " not in node.get("name", {}).get("value", "") or _role(node) not in CONTROLS
            if not node["ignored"] and _role(node) in CONTROLS:
                groups = [_name(above) for above in _above(node, by_id) if _role(above) in GROUPS]
                found.append((_role(node), " ".join([*groups, _name(node)])))
        return found

    def tab_to(self, role: str, name: str = "") -> None:
        """Press Tab until something of this role, and of this name if one is given, has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.here()[0] == role and name in self.here()[1]:
                return
        raise AssertionError(f"no {role} {name} can be reached by Tab")

    def choose(self, label: str) -> None:
        """Choose among the buttons of the group that has the focus."""
        self.page.keyboard.press("Space")
        while self.here()[1] != label:
            self.page.keyboard.press("ArrowRight")


def _role(node: dict[str, Any]) -> str:
    return str(node["role"]["value"]) if "role" in node else ""


def _name(node: dict[str, Any]) -> str:
    return " ".join(str(node.get("name", {}).get("value", "")).split())


def _above(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while "parentId" in node:
        node = by_id[node["parentId"]]
        found.insert(0, node)
    return found


def test_a_whole_vote_is_cast_by_ear_and_keyboard(hall: Hall) -> None:
    page = hall.phone(390)
    ears = Ears(page)
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    assert "票码已读取" in ears.heard()
    for name in NAMES:
        ears.tab_to("radio")
        group = ears.here()[2]
        assert group
        assert name in _name(group)
        if name != NAMES[1]:
            ears.choose("称职")
    assert ears.heard()[-1] == "已评 3/4"
    ears.tab_to("button", "还有 1 个未评")
    page.keyboard.press("Enter")
    assert ears.heard()[-1] == f"还没有评完：{NAMES[1]}。"
    role, _, group = ears.here()
    assert role == "radio"
    assert group
    assert NAMES[1] in _name(group)
    assert group["description"]["value"] == "尚未评"
    assert {each["name"]: each["value"].get("value") for each in group["properties"]}["invalid"] == "true"
    ears.choose("不称职")
    group = ears.here()[2]
    assert group
    assert not group.get("description", {}).get("value")
    ears.tab_to("button", "填好了，去核对")
    page.keyboard.press("Enter")
    assert ears.here()[:2] == ("heading", "请核对您的选择")
    assert ("button", f"{NAMES[1]} 不称职 修改") in [(role, name) for role, name in ears.controls() if "修改" in name]
    expect(page.get_by_role("button", name="确认提交")).to_be_enabled()
    ears.tab_to("button", "确认提交")
    page.keyboard.press("Enter")
    receipt(page)
    assert ears.here()[:2] == ("heading", "已收到")
    assert page.title() == "已收到"
    assert hall.cast_count() == 1


def test_what_is_over_its_limit_is_spoken_as_often_as_one_asks(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(top_grade_limit=1)
    page = hall.phone(390)
    ears = Ears(page)
    page.goto(hall.slip())
    grade(page, "优秀")
    for _ in range(2):
        check(page)
        assert ears.here()[0] == "alert"
        assert page.evaluate("document.activeElement.textContent") == "“优秀”最多选 1 个，现在选了 4 个，请调整。"
        page.locator("#s1 input").first.focus()


@pytest.mark.parametrize("kind", ["five", "jiandu-pingshi", "ganbu-zonghe", "tongjiju-jixiao"])
def test_every_control_has_a_name_of_its_own_that_says_whom_it_is_about(
    hall_of: Callable[..., Hall], form_of: Callable[..., Hall], kind: str
) -> None:
    if kind == "five":
        hall = hall_of(preset="de-neng-qin-ji-lian", comments_wanted=True)
    else:
        hall = form_of(kind, **({"group": "全员互评"} if kind == "tongjiju-jixiao" else {}))
    page = hall.phone(390)
    ears = Ears(page)
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    controls = ears.controls()
    assert [each for each in controls if controls.count(each) > 1] == []
    people = page.locator(".subject .name").evaluate_all("all => all.map(each => each.firstChild.nodeValue.trim())")
    others = {"大字", "更换", "换人填写", "逐个评", "遮挡"}
    for role, name in controls:
        if name in others or name.startswith(("还有", "填好了")):
            continue
        assert [person for person in people if person in name], (role, name)
