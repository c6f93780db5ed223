"""Rows that come into a scheme's form and go out of it, in every preset."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.schemes import list_presets, load_preset
from kaohe.tally.scheme_checks.entries import MOST_ENTRIES
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document
from kaohe.web.organizer.setup.scheme.adjusting import adjusting_of
from kaohe.web.organizer.setup.scheme.reshaping import add_row, remove_row, spread_weights, switch_tiers


def _lists(document):
    return [each for panel in adjusting_of(document).panels for each in panel.lists]


def _removable(document):
    rows = [row for panel in adjusting_of(document).panels for row in panel.rows]
    return {(row.lists[0], row.place) for row in rows if row.lists}


@pytest.mark.parametrize("preset", [preset.key for preset in list_presets()])
def test_every_list_of_a_preset_grows_and_every_row_that_shows_a_cross_goes(preset):
    document = scheme_document(load_preset(preset))
    for each in _lists(document):
        grown = copy.deepcopy(document)
        field = add_row(grown, each.name)
        assert field in {one.name for one in adjusting_of(grown).fields}
        if each.has_weights:
            spread_weights(grown, each.name)
        if each.switch_label:
            switched = copy.deepcopy(document)
            assert switch_tiers(switched, each.name) in {one.name for one in adjusting_of(switched).fields}
    for list_name, place in _removable(document):
        left = copy.deepcopy(document)
        remove_row(left, list_name, place)
        assert left != document


def test_a_list_shrinks_to_its_fewest_and_grows_to_thirty():
    document = scheme_document(load_preset("si-deng"))
    while ("grades", 0) in _removable(document):
        remove_row(document, "grades", 0)
    assert len(document["grades"]) == 2
    while "grades" in {each.name for each in _lists(document)}:
        add_row(document, "grades")
    assert len(document["grades"]) == MOST_ENTRIES
    assert len({grade["key"] for grade in document["grades"]}) == MOST_ENTRIES
    with pytest.raises(FieldInvalid):
        add_row(document, "grades")


def test_votes_decide_about_the_tiers_instead_of_a_score_and_back():
    document = scheme_document(load_preset("si-deng"))
    assert "bands" not in document
    assert switch_tiers(document, "bands") == "bands[1].over"
    scheme = parse_scheme(document)
    # More than the half for 优秀, for the two best together, for the three best together; the last tier takes the rest.
    assert [(band.label, band.over, band.grades) for band in scheme.bands] == [
        ("优秀", Fraction(1, 2), 1), ("称职", Fraction(1, 2), 2), ("基本称职", Fraction(1, 2), 3), ("不称职", None, 1),
    ]  # fmt: skip
    remove_row(document, "bands", 3)
    add_row(document, "bands")
    assert [band.get("over") for band in document["bands"]] == ["50", "50", None, None]
    assert switch_tiers(document, "bands") == "bands[1].from"
    assert [band.get("from") for band in document["bands"]] == ["", "", "", None]
    assert not any({"over", "grades"} & band.keys() for band in document["bands"])


@pytest.mark.parametrize("preset", ["beian-pingshi", "diwei-pingshi", "ganbu-zonghe-texuan", "zhen-pingshi-niandu"])
def test_votes_do_not_decide_where_points_are_written_or_other_scores_come_in(preset):
    document = scheme_document(load_preset(preset))
    assert not any(each.switch_label for each in _lists(document))
    with pytest.raises(FieldInvalid):
        switch_tiers(document, "bands")
