from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.errors import SchemeNotHeld
from kaohe.domain.holding import can_be_held, require_held
from kaohe.schemes import list_presets, load_preset
from kaohe.tally.scheme import AbstentionRule, PercentBase, VoterGroup

SI_DENG = load_preset("si-deng")


def test_meetings_are_held_by_the_two_presets_of_grades_whatever_their_settings() -> None:
    assert [preset.key for preset in list_presets() if can_be_held(preset)] == ["si-deng", "de-neng-qin-ji-lian"]
    changed = replace(
        SI_DENG,
        groups=(VoterGroup("a", "A票", Fraction(1, 2)), VoterGroup("b", "B票", Fraction(1, 2))),
        score_base=PercentBase.PRESENT,
        abstention=AbstentionRule.ZERO,
        top_grade_limit=3,
        comments_wanted=True,
        decimals=1,
    )
    assert require_held(changed) is changed


@pytest.mark.parametrize("preset", [p for p in list_presets() if not can_be_held(p)], ids=lambda p: p.key)
def test_a_scheme_that_phones_and_sheets_do_not_know_yet_is_refused(preset) -> None:
    with pytest.raises(SchemeNotHeld):
        require_held(preset)
