"""The unit's own schemes are kept as they were written, used in meetings, and refused where they are wrong."""

from __future__ import annotations

import pytest
from scene import CHAIR

from kaohe.domain.errors import FieldInvalid, OwnSchemeUnknown
from kaohe.operations.setup.own_schemes import delete_own_scheme, list_own_schemes, load_own_scheme, save_own_scheme
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.schemes import load_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.scheme.refusals import SchemeError

TEXT = "# 我单位的办法\n" + scheme_toml(load_preset("de-neng-qin-ji-lian")).replace(
    'title = "德能勤绩廉测评"', 'title = "我单位的五项测评"'
).replace("points = 80", "points = 85")

FAULTLESS = """
format = 1
key = "liang-lei"
title = "两类票测评"
decimals = 2

[[grades]]
key = "good"
label = "好"
points = 100

[[grades]]
key = "fair"
label = "一般"
points = 85

[[grades]]
key = "poor"
label = "差"
points = 0

[[dimensions]]
key = "work"
label = "工作"
weight = 60
groups = ["leaders"]

[[dimensions]]
key = "style"
label = "作风"
weight = 20
groups = ["leaders"]

[[dimensions]]
key = "conduct"
label = "廉洁"
weight = 20
groups = ["staff"]

[[groups]]
key = "leaders"
label = "领导"
weight = 60

[[groups]]
key = "staff"
label = "职工"
weight = 40

[[bands]]
key = "excellent"
label = "优秀"
from = 90

[[bands]]
key = "competent"
label = "称职"
from = 75

[[bands]]
key = "other"
label = "其他"
"""


def test_a_scheme_is_kept_as_it_was_written_and_makes_meetings() -> None:
    scheme_id = save_own_scheme(CHAIR, TEXT)
    assert [(own.title, own.saved_by) for own in list_own_schemes()] == [("我单位的五项测评", CHAIR)]
    assert load_own_scheme(scheme_id).document == TEXT

    meeting_id = create_meeting(CHAIR, title="年度会", unit="", held_on=None, preset_id=f"own:{scheme_id}")
    delete_own_scheme(CHAIR, scheme_id)

    scheme = load_meeting(meeting_id)[0].scheme
    assert (scheme.title, scheme.grades[1].points) == ("我单位的五项测评", 85)
    assert list_own_schemes() == []


def test_a_scheme_of_the_same_title_is_replaced() -> None:
    first = save_own_scheme("甲", TEXT)
    assert save_own_scheme("乙", TEXT.replace("points = 85", "points = 90")) == first
    (own,) = list_own_schemes()
    assert own.saved_by == "乙"
    assert "points = 90" in own.document


def test_own_schemes_are_listed_by_title_whichever_was_saved_last() -> None:
    titles = ["C", "A", "D", "B"]
    for title in titles:
        save_own_scheme(CHAIR, TEXT.replace("我单位的五项测评", title))
    assert [own.title for own in list_own_schemes()] == sorted(titles)


def test_a_wrong_scheme_is_refused_with_its_line_and_nothing_is_stored() -> None:
    line = TEXT[: TEXT.index("points = 85")].count("\n") + 1
    with pytest.raises(SchemeError, match=f"第 {line} 行"):
        save_own_scheme(CHAIR, TEXT.replace("points = 85", "points = 850"))
    for text in ("", "   ", "#" * 200_001):
        with pytest.raises(FieldInvalid):
            save_own_scheme(CHAIR, text)
    assert list_own_schemes() == []


@pytest.mark.parametrize(
    ("written", "instead", "said_at", "key_path", "says"),
    [
        ("weight = 20", "weight = 19", "[[dimensions]]", "dimensions", "之和应为 100%，现为 99%"),
        ("decimals = 2", "decimal = 2", "decimal = 2", "decimal", "没有这一项"),
        ("from = 75", "from = 92", "from = 92", "bands[2].from", "与上一档重叠"),
        ("from = 75", "from = 75\nbelow = 85", "below = 85", "bands[2].below", "空档"),
        ("points = 85", "points = 101", "points = 101", "grades[2].points", "从好到差"),
        ('groups = ["staff"]', 'groups = ["leaders"]', '[[groups]]\nkey = "staff"', "groups[2]", "不填任何一个维度"),
    ],
)
def test_each_fault_is_refused_with_its_line_key_and_what_is_expected_and_nothing_is_stored(
    written: str, instead: str, said_at: str, key_path: str, says: str
) -> None:
    assert written in FAULTLESS
    save_own_scheme(CHAIR, TEXT)
    text = FAULTLESS.replace(written, instead, 1)
    with pytest.raises(SchemeError, match=says) as refusal:
        save_own_scheme(CHAIR, text)
    assert refusal.value.key_path.startswith(key_path)
    line = text[: text.index(said_at)].count("\n") + 1
    assert f"第 {line} 行" in refusal.value.message
    assert [own.document for own in list_own_schemes()] == [TEXT]


def test_the_scheme_that_these_faults_were_put_into_has_none() -> None:
    assert save_own_scheme(CHAIR, FAULTLESS)


def test_an_unknown_own_scheme_is_refused() -> None:
    with pytest.raises(OwnSchemeUnknown):
        load_own_scheme("nothing")
    with pytest.raises(OwnSchemeUnknown):
        delete_own_scheme(CHAIR, "nothing")
    with pytest.raises(OwnSchemeUnknown):
        create_meeting(CHAIR, title="年度会", unit="", held_on=None, preset_id="own:nothing")
