"""The result as rows for programs says what the sheets say, and no more."""

from __future__ import annotations

from reports.results import HEADING, five_sided_result, overall_result, result_of

from kaohe.reports.csv_sheets import guarded
from kaohe.reports.data_rows import FINAL, HEAD, data_rows
from kaohe.reports.withholding import dimensions_withheld, numbers_withheld


def read(result):
    head, *rows = data_rows(result, HEADING)
    assert head == HEAD
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_every_dimension_of_every_subject_has_its_grades_and_its_score():
    result = five_sided_result()
    rows = read(result)
    for subject in result.subjects:
        own = [row for row in rows if row["考核对象"] == subject.subject.name]
        for dimension, item in zip(result.scheme.dimensions, subject.items, strict=True):
            cells = [row for row in own if row["维度"] == dimension.label]
            assert [row["票数"] for row in cells if row["占比%"]] == [str(share.count) for share in item.shares]
            assert [row["占比%"] for row in cells if row["占比%"]] == [share.rate.text for share in item.shares]
            assert cells[-1]["得分"] == item.score.text
            assert sum(int(row["票数"]) for row in cells if row["票数"]) == result.turnout.cast


def test_votes_that_the_sheets_withhold_are_not_in_the_data_and_final_results_are():
    result = result_of("p15-tongjiju-jixiao")
    rows, withheld = read(result), 0
    for section, part in zip(result.scheme.declared_sections, result.section_results, strict=True):
        own = [row for row in rows if row["分表"] == section.label]
        assert [row["考核对象"] for row in own if row["维度"] == FINAL] == [each.subject.name for each in part.subjects]
        is_number = {dimension.label for dimension in part.scheme.dimensions if part.scheme.scale_of(dimension)}
        if dimensions_withheld(part):
            assert {row["维度"] for row in own} <= {FINAL}
        elif numbers_withheld(part):
            assert not is_number & {row["维度"] for row in own}
        withheld += bool(part.subjects and (dimensions_withheld(part) or numbers_withheld(part)))
    assert withheld


def test_sections_are_named_and_no_cell_is_run_as_a_formula():
    rows = read(result_of("p16-ganbu-zonghe"))
    assert len({row["分表"] for row in rows}) > 1
    assert all(guarded(cell) == cell for row in read(overall_result()) for cell in row.values())
