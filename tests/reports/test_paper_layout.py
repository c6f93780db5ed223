"""How sheets lie on paper: nothing is broken, nobody signs a page without rows, and the fewest pages are taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_meetings import HEADING, office_result
from reports.results import five_sided_result

from kaohe.domain.sheet_marks import SheetMarks, checked_marks
from kaohe.reports.heading import TELLERS_SIGN, places_to_sign
from kaohe.reports.paper.columns import is_prose
from kaohe.reports.paper.layout import LARGE, LINE_SIZE, LaidSheet, lay_out, lay_out_all
from kaohe.reports.paper.measures import broken, ems, line_count, mm, room_in_ems
from kaohe.reports.paper.pages import flowed, paged
from kaohe.reports.paper.placing import placed_pages
from kaohe.reports.sheet import RULES_ELSEWHERE, Column, ColumnKind, Sheet
from kaohe.reports.sheets import result_sheets


def summary_of(preset: str, count: int, **more: object) -> Sheet:
    return result_sheets(office_result(preset, count, **more), HEADING)[0].sheet


def printed_rows(laid: LaidSheet) -> list[tuple[str, ...]]:
    return [row for page in laid.pages for row in page.rows]


@pytest.mark.parametrize("count", [1, 2, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 100, 300])
@pytest.mark.parametrize("preset", ["si-deng", "de-neng-qin-ji-lian", "xiang-pingshi"])
def test_rows_stand_above_every_place_to_sign_and_none_is_lost(preset, count):
    sheet = summary_of(preset, count)
    (laid,) = lay_out(sheet)
    assert printed_rows(laid) == list(sheet.rows)
    assert len(laid.pages[-1].rows) >= min(2, count)
    assert [page.number for page in laid.pages] == list(range(1, len(laid.pages) + 1))


@pytest.mark.parametrize("preset", ["si-deng", "de-neng-qin-ji-lian", "xiang-pingshi", "jiguan-kaoping"])
@pytest.mark.parametrize("long_posts", [False, True])
def test_no_number_and_no_name_of_an_office_is_broken_and_no_type_is_under_nine_points(preset, long_posts):
    for laid in lay_out_all(
        [filed.sheet for filed in result_sheets(office_result(preset, 15, long_posts=long_posts), HEADING)]
    ):
        assert laid.size >= 18
        assert sum(laid.widths) <= laid.paper.room
        for row in printed_rows(laid):
            for column, room, text in zip(laid.sheet.columns, laid.rooms, row, strict=True):
                if column.kind is ColumnKind.NUMBER:
                    assert ems(text) <= room
                elif not is_prose(column):
                    assert line_count(text, room) <= (1 if len(text) <= 6 else 12)


def test_twelve_people_and_the_places_to_sign_lie_on_one_page():
    (laid,) = lay_out(summary_of("si-deng", 12))
    assert (len(laid.pages), laid.paper.name) == (1, "a4-landscape")
    assert laid.has_rules


def test_a_seal_of_42_millimetres_has_room_beside_the_signatures():
    for signature in (
        TELLERS_SIGN,
        ("填表人：", "审核人：", "单位（盖章）：", "年　月　日"),
        ("单位（盖章）：", "日期"),
    ):
        (laid,) = lay_out(Sheet("a", "a", (Column("甲"),), (("乙",),), signature=signature))
        rows = laid.signature_rows
        assert len(rows) * laid.signature_height >= mm(42) - 1
        assert rows[0][2] == signature[-2]
        assert rows[-1][2] == signature[-1]
        assert sorted(place for row in rows for place in row if place) == sorted(signature)


def test_the_longest_names_of_signers_stand_beside_each_other_on_upright_paper():
    places = places_to_sign(("字" * 11,) * 7)
    checked_marks(SheetMarks(vote_signers=("字" * 11,)))
    (laid,) = lay_out(replace(summary_of("si-deng", 5), columns=(Column("姓名"),), rows=(("张伟",),), signature=places))
    assert laid.paper.name == "a4"
    assert max(ems(place) for row in laid.signature_rows for place in row) <= room_in_ems(
        laid.paper.room // 3, LINE_SIZE
    )


def test_the_rules_are_printed_where_they_need_no_page_more_and_pointed_to_elsewhere():
    for count in range(1, 40):
        sheet = summary_of("si-deng", count)
        (laid,) = lay_out(sheet)
        (bare,) = lay_out(replace(sheet, rules=(RULES_ELSEWHERE,)))
        assert len(laid.pages) == len(bare.pages)
        assert laid.notes[-1:] == sheet.rules or laid.notes[-1] == RULES_ELSEWHERE
    assert {lay_out(summary_of("si-deng", count))[0].notes[-1] == RULES_ELSEWHERE for count in range(1, 20)} == {
        True,
        False,
    }


def test_notes_that_are_too_long_to_stand_above_the_signature_stand_below_it():
    sheet = summary_of("si-deng", 5)
    (laid,) = lay_out(replace(sheet, notes=("说明" * 1200,)))
    assert laid.notes == ()
    assert "".join(laid.pages[-1].late_notes[:-1]) == "说明" * 1200


@pytest.mark.parametrize("length", [500, 3000])
@pytest.mark.parametrize("count", [3, 9, 15, 24])
def test_late_notes_and_the_rules_after_them_take_no_page_more_than_a_pointer_to_the_rules(count, length):
    sheet = replace(summary_of("si-deng", count), rules=(f"口径说明：{'某条规则。' * length}",))
    for notes in ((), ("少许说明",), ("一行说明",) * 12, ("一行说明",) * 40):
        (laid,) = lay_out(replace(sheet, notes=notes))
        (bare,) = lay_out(replace(sheet, notes=notes, rules=(RULES_ELSEWHERE,)))
        assert len(laid.pages) == len(bare.pages) == len(placed_pages(laid))


def test_notes_that_fill_pages_have_pages_of_their_own_behind_the_signature_in_every_program():
    notes = tuple(f"第{number}个单位的名额：参加定档 15 个 × 40%，名额 6 个。" for number in range(120))
    (laid,) = lay_out(replace(summary_of("si-deng", 5), notes=notes))
    kept = [page.has_table for page in laid.pages]
    assert kept == sorted(kept, reverse=True)
    assert [page.is_last for page in laid.pages].index(True) == sum(kept) - 1
    assert len(laid.pages) > sum(kept)
    assert [note for page in laid.pages for note in page.late_notes][:-1] == list(notes)


def test_a_tier_of_three_hundred_names_flows_over_rows_and_no_name_is_torn():
    names = [f"王{chr(0x4E00 + number)}{chr(0x5000 + number)}" for number in range(300)]
    columns = (Column("等次", width=14), Column("人数", ColumnKind.NUMBER), Column("名单", width=62))
    (laid,) = lay_out(Sheet("a", "等次名单", columns, (("称职", "300", "、".join(names)),), signature=TELLERS_SIGN))
    rows = printed_rows(laid)
    assert len(rows) > 1
    assert "".join(row[2] for row in rows) == "、".join(names)
    assert all(row[2].endswith("、") for row in rows[:-1])
    assert [row[:2] for row in rows] == [("称职", "300")] + [("", "")] * (len(rows) - 1)


def test_a_table_too_wide_for_a4_takes_a3_and_then_becomes_two_that_both_say_who():
    result = five_sided_result()
    assert lay_out(result_sheets(result, HEADING)[0].sheet)[0].paper is not LARGE
    wide = tuple(Column(f"第{number}项", ColumnKind.NUMBER, over=f"维度{number // 2}") for number in range(120))
    rows = tuple((str(number), f"李{number}", *["100.00"] * 120) for number in range(3))
    who = (Column("序号", ColumnKind.NUMBER), Column("姓名", width=12))
    (large,) = lay_out(Sheet("a", "大表", (*who, *wide[:24]), tuple(row[:26] for row in rows)))
    assert large.paper is LARGE
    parts = lay_out(Sheet("a", "大表", (*who, *wide), rows, signature=TELLERS_SIGN))
    assert len(parts) > 1
    assert [part.sheet.title for part in parts] == [f"大表（{n}/{len(parts)}）" for n in range(1, len(parts) + 1)]
    assert [column for part in parts for column in part.sheet.columns[2:]] == list(wide)
    assert all(row[:2] == whole[:2] for part in parts for row, whole in zip(part.sheet.rows, rows, strict=True))
    assert all(part.sheet.columns[2].over != parts[0].sheet.columns[-1].over for part in parts[1:2])
    assert all(part.sheet.signature for part in parts)


def test_a_list_for_programs_is_neither_parted_nor_paged():
    columns = tuple(Column(f"第{number}项") for number in range(400))
    (laid,) = lay_out(Sheet("a", "明细", columns, (("优秀",) * 400,) * 500, is_listing=True))
    assert len(laid.pages) == 1
    assert len(laid.sheet.columns) == 400


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        *(([], (0,)), ([10], (1,)), ([10] * 5, (5,)), ([10] * 8, (6, 2)), ([10] * 11, (9, 2)), ([10] * 20, (10, 10))),
        ([100, 60, 60], (1, 1, 1)),
    ],
)
def test_the_last_rows_move_on_with_what_must_stand_below_them(heights, expected):
    assert paged(heights, first=100, later=150, end=40) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="王小明、，。（）%9.5ab \n", max_size=80), st.integers(min_value=100, max_value=2000))
def test_lines_give_the_text_back_and_fit_their_room(text, room):
    lines = broken(text, room)
    assert "".join(lines) == text.replace("\n", "")
    assert all(ems(line.rstrip(" ")) <= room + 200 for line in lines)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="王小明、，。9.5ab \n", max_size=200), st.integers(min_value=300, max_value=2000))
def test_what_flows_over_rows_is_whole(text, room):
    pieces = [row[0] for row in flowed((text,), (room,), 3)]
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")
    assert all(line_count(piece, room) <= 3 for piece in pieces)
