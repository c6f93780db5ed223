from __future__ import annotations

import pytest

from kaohe.domain.errors import SchemeNotHeld
from kaohe.domain.holding import can_be_held, require_held
from kaohe.schemes import list_presets, load_preset

COMPUTED = {"zhen-pingshi-niandu", "beian-pingshi-niandu"}
"""The presets of a year that is made of its quarters, without a vote of its own."""


def test_a_meeting_is_held_by_every_preset_that_leaves_something_to_vote_on() -> None:
    assert {preset.key for preset in list_presets() if not can_be_held(preset)} == COMPUTED
    held = load_preset("ganbu-zonghe")
    assert require_held(held) is held


@pytest.mark.parametrize("preset_id", sorted(COMPUTED))
def test_a_scheme_without_votes_is_no_meeting(preset_id: str) -> None:
    with pytest.raises(SchemeNotHeld, match="没有现场测评的内容"):
        require_held(load_preset(preset_id))
