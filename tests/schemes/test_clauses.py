"""Whom a system of quarters or years gives no tier, and the steps by which a tier is decided, in every preset."""

from __future__ import annotations

import pytest

from kaohe.schemes import list_presets, load_preset
from kaohe.tally.scheme.tiers import Effect

NOT_PERIODIC = {
    "dangyuan-pingyi",
    "de-neng-qin-ji-lian",
    "ganbu-zonghe",
    "ganbu-zonghe-texuan",
    "guji-kaohe",
    "guji-xiaoneng",
    "guoqi-banzi",
    "jiguan-kaoping",
    "jingzheng-shanggang",
    "jingzheng-shanggang-tuijian",
    "renda-ceping",
    "shiye-niandu",
    "shuzhi-pingyi",
    "si-deng",
    "yibaogao-liangpingyi",
    "zeren-kaohe",
    "zeren-kaohe-jiguan",
}
"""Systems in which people are graded once, without quarters that make up a year."""
PERIODIC = [preset.key for preset in list_presets() if preset.key not in NOT_PERIODIC]
CASES = (("试用期",), ("病", "请假"), ("立案", "涉嫌"), ("处分",), ("挂职", "派驻"), ("不参加", "不进行考核"))
"""Probation, leave, inquiry, punishment, secondment, not assessed: as the labels may say it."""


@pytest.mark.parametrize("preset", PERIODIC)
def test_every_quarter_and_year_has_a_clause_for_whoever_gets_no_tier(preset):
    for section in load_preset(preset).sections:
        labels = [clause.label for clause in section.scheme.clauses if clause.effect is Effect.EXEMPT]
        assert [words for words in CASES if not any(word in label for label in labels for word in words)] == []


@pytest.mark.parametrize(
    ("preset", "steps"),
    [
        ("beian-pingshi", ("审定", "评鉴")),
        ("jiandu-pingshi", ("审核", "审定")),
        ("jixiao-pingshi", ("评鉴", "审定")),
        ("diwei-pingshi-jidu", ("评鉴", "审定")),
    ],
)
def test_a_recommended_tier_goes_through_the_steps_of_its_system(preset, steps):
    assert load_preset(preset).ruling_steps == steps
