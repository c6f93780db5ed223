"""The result of the seventeen systems on the console, each from its own case file by the real tally."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask, get_template_attribute
from page_client import check_page
from reports.results import HEADING
from reports.test_system_sheets import RESULTS, panel_result

from kaohe.reports.sheets import result_sheets
from kaohe.web.organizer.results.result_lines import BAR_WIDTH
from kaohe.web.organizer.results.result_sections import section_blocks

PAGES = Flask("pages")
PAGES.add_url_rule("/<meeting_id>/result", "organizer.result")


def blocks(result):
    with PAGES.test_request_context():
        return section_blocks(result, result_sheets(result, HEADING), "m")


def lines(result):
    return {line.name: line for block in blocks(result) for _, own in block.classes for line in own}


@pytest.mark.parametrize("name", RESULTS)
def test_every_subject_of_every_case_stands_once_with_its_printed_score_and_tier(app, name):
    result = RESULTS[name]
    with app.test_request_context():
        macro = get_template_attribute("components/section_result.html", "section_result")
        soup = BeautifulSoup("".join(macro(block) for block in blocks(result)), "html.parser")
    assert not check_page(app, soup, is_whole=False)
    found = {tag.select_one(".standing-name").get_text(strip=True): tag for tag in soup.select(".standing")}
    assert len(found) == len(result.subjects)
    for each in result.subjects:
        tag = next(tag for text, tag in found.items() if text.startswith(each.subject.name))
        assert tag.select_one("[data-score]").get_text() == ("—" if each.score is None else each.score.text)
        assert each.tier_label in tag.select_one(".standing-name").get_text()
        assert [flag.get_text() for flag in tag.select("[data-flag]")] == [flag.label for flag in each.flags]
        ruled = [f"{one.step}为{one.tier_label}（{one.text}）" for one in each.rulings if one.is_own]
        assert [one.get_text() for one in tag.select("[data-decision]")] == [*each.decisions, *ruled]
        stretches = [(int(rect["x"]), int(rect["width"])) for rect in tag.select("rect")]
        assert all(0 <= x <= x + width <= BAR_WIDTH for x, width in stretches)


def test_sections_have_names_and_their_own_scales():
    team, head, member = blocks(RESULTS["p16-ganbu-zonghe"])
    assert [block.label for block in (team, head, member)] == ["领导班子", "党政主要负责人", "其他班子成员"]
    assert [label for _, label in team.legend][:4] == ["好", "较好", "一般", "差"]
    assert [label for _, label in head.legend][:4] == ["优秀", "称职", "基本称职", "不称职"]
    assert (team.upper_label, head.upper_label) == ("较好以上率", "称职以上率")


def test_components_ticks_and_intents_are_told_per_subject():
    found = lines(RESULTS["p16-ganbu-zonghe"])
    assert found["水务局"].parts == (
        ("综合目标考核", "92.00", "折算 55.20"),
        ("群众公认度测评（好）", "94.00", "折算 37.60"),
    )
    (reverse,) = found["水务局"].answers
    assert reverse.shares[2] == ("工作作风不实", "2", "20.00%")
    _, intent = found["张局长"].answers
    assert intent.shares[0] == ("提拔", "6", "60.00%")
    assert found["农业局"].tier.label == "不达标"


def test_numbers_fill_the_bar_with_what_each_branch_brings():
    line = lines(RESULTS["p09-beian-pingshi"])["张三"]
    assert [(part.x, part.width) for part in line.bar] == [(0, 200), (200, 190), (390, 140), (530, 320), (850, 100)]
    assert [text for _, _, text, _ in line.shares] == ["20.00", "19.00", "14.00", "32.00", "10.00"]
    assert line.parts == (("加分", "+5.00", ""), ("减分", "\N{MINUS SIGN}2.00", ""))


def test_a_tie_at_the_last_place_is_told_plainly():
    found = lines(RESULTS["p16-ganbu-zonghe-texuan"])
    assert (found["乙"].tier.label, found["乙"].flags) == ("待再次投票", ["末位并列"])
    assert (found["甲"].tier.label, found["丁"].tier.label) == ("特优", "优秀")
    (block,) = blocks(RESULTS["p16-ganbu-zonghe-texuan"])
    assert block.score_label == "票"
    assert len(block.warnings) == 2


def test_what_only_a_small_panel_gave_is_not_on_the_page():
    (block,) = blocks(panel_result(3))
    assert block.votes_withheld
    assert block.explain_withheld
    for line in (line for _, own in block.classes for line in own):
        assert (line.shares, line.dimension_scores, line.explain, line.upper_text) == ([], [], (), "")
    (large,) = blocks(panel_result(5))
    assert not large.votes_withheld
    assert large.classes[0][1][0].explain
