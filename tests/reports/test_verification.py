"""The code that ties a sheet to its result."""

from __future__ import annotations

import re
from dataclasses import replace

from reports.results import five_sided_result, grouped_result, overall_result

from kaohe.reports.verification import canonical_text, verification_code


def test_the_code_is_twelve_signs_in_groups_of_four():
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", verification_code(overall_result()))


def test_the_same_result_has_the_same_code_and_others_have_others():
    results = [overall_result(), five_sided_result(), grouped_result(5, 6, 7), overall_result()]
    assert len({verification_code(result) for result in results}) == 3


def test_one_vote_one_name_or_one_rank_changes_the_code():
    result = overall_result()
    first, *others = result.subjects
    changed = [
        replace(result, turnout=replace(result.turnout, entitled=32)),
        replace(result, subjects=(replace(first, rank=2), *others)),
        replace(result, subjects=(replace(first, subject=replace(first.subject, name="张三丰")), *others)),
        replace(result, subjects=(*others, first)),
    ]
    assert len({verification_code(each) for each in [result, *changed]}) == 5


def test_the_code_holds_nothing_by_group_that_could_be_guessed_at():
    result = grouped_result(1, 12, 30)
    swapped = replace(
        result, group_turnout={}, subjects=tuple(replace(each, group_scores={}) for each in result.subjects)
    )
    assert verification_code(swapped) == verification_code(result)
    assert canonical_text(result).isascii()
