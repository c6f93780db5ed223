from __future__ import annotations

import pytest

from kaohe.domain.errors import BallotsNotTaken, FieldInvalid
from kaohe.domain.voting_mode import require_ballots, require_room, subjects_at_most, takes_ballots
from kaohe.schemes import list_presets, load_preset

COMPUTED = {
    "beian-pingshi-niandu",
    "jiguan-xiaoneng-niandu",
    "jixiao-pingshi-niandu",
    "tongjiju-jixiao-niandu",
    "xiang-pingshi-niandu",
    "zhen-pingshi-niandu",
}
"""The presets of a year that is made of its quarters, without a vote of its own."""


def test_every_preset_takes_ballots_that_leaves_something_to_vote_on() -> None:
    assert {preset.key for preset in list_presets() if not takes_ballots(preset)} == COMPUTED
    require_ballots(load_preset("ganbu-zonghe"))


@pytest.mark.parametrize("preset_id", sorted(COMPUTED))
def test_a_scheme_without_votes_takes_no_ballots(preset_id: str) -> None:
    with pytest.raises(BallotsNotTaken, match="本场不投票"):
        require_ballots(load_preset(preset_id))


def test_what_is_only_computed_may_be_of_a_whole_county() -> None:
    assert subjects_at_most(load_preset("si-deng")) == 300
    assert subjects_at_most(load_preset("zhen-pingshi-niandu")) == 3000
    require_room(load_preset("zhen-pingshi-niandu"), 3000)
    with pytest.raises(FieldInvalid, match="最多 300 个，现有 301 个"):
        require_room(load_preset("si-deng"), 301)
