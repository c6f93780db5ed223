"""The unit's own schemes are kept as they were written, used in meetings, and refused where they are wrong."""

from __future__ import annotations

import pytest
from scene import CHAIR

from kaohe.domain.errors import FieldInvalid, OwnSchemeUnknown
from kaohe.operations.own_schemes import delete_own_scheme, list_own_schemes, load_own_scheme, save_own_scheme
from kaohe.operations.preparing import create_meeting, load_meeting
from kaohe.schemes import load_preset
from kaohe.schemes.writing import scheme_toml
from kaohe.tally.refusals import SchemeError

TEXT = "# 我单位的办法\n" + scheme_toml(load_preset("de-neng-qin-ji-lian")).replace(
    'title = "德能勤绩廉测评"', 'title = "我单位的五项测评"'
).replace("points = 80", "points = 85")


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


def test_a_wrong_scheme_is_refused_with_its_line_and_nothing_is_stored() -> None:
    line = TEXT[: TEXT.index("points = 85")].count("\n") + 1
    with pytest.raises(SchemeError, match=f"第 {line} 行"):
        save_own_scheme(CHAIR, TEXT.replace("points = 85", "points = 850"))
    for text in ("", "   ", "#" * 200_001):
        with pytest.raises(FieldInvalid):
            save_own_scheme(CHAIR, text)
    assert list_own_schemes() == []


def test_an_unknown_own_scheme_is_refused() -> None:
    with pytest.raises(OwnSchemeUnknown):
        load_own_scheme("nothing")
    with pytest.raises(OwnSchemeUnknown):
        delete_own_scheme(CHAIR, "nothing")
    with pytest.raises(OwnSchemeUnknown):
        create_meeting(CHAIR, title="年度会", unit="", held_on=None, preset_id="own:nothing")
