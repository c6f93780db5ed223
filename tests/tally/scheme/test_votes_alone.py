from __future__ import annotations

from kaohe.schemes import list_presets, load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Subject
from kaohe.tally.scheme.votes_alone import votes_alone
from kaohe.tally.scheme_checks.whole import check_scheme
from kaohe.tally.scores.counting import count_marks


def test_the_votes_of_every_preset_can_be_tallied_alone():
    for preset in list_presets():
        alone = votes_alone(preset)
        check_scheme(alone)
        assert [section.scheme.dimensions for section in alone.sections] == [
            section.scheme.dimensions for section in preset.sections
        ]
        if not preset.declared_sections and preset.has_votes:
            assert (alone.components, alone.bands, alone.flags) == ((), (), ())


def test_a_live_screen_needs_no_imported_score():
    scheme = load_preset("xiang-pingshi")
    zhang = Subject(key="zhang", name="张三")
    ballot = {("zhang", dimension.key): "good" for dimension in scheme.dimensions}
    found = count_marks(scheme, (zhang,), [("all", ballot)])
    assert tally(Count(votes_alone(scheme), (zhang,), found.cells, found.turnout)).subjects[0].score.text == "80.00"
    year = load_preset("zhen-pingshi-niandu")
    assert votes_alone(year) == year
