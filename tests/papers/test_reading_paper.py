"""What reads the paper for `make papers` finds each fault that an office would send back."""

from __future__ import annotations

from dataclasses import replace

from paper_reader import PrintedPage, Word, bare, faults

from kaohe.reports.heading import TELLERS_SIGN
from kaohe.reports.paper.layout import signature_rows
from kaohe.reports.sheet import Column, ColumnKind, Sheet

SHEET = Sheet(
    "汇总表",
    "青山区统计局民主测评结果汇总表",
    (Column("序号", ColumnKind.NUMBER), Column("姓名"), Column("得分", ColumnKind.NUMBER)),
    (("1", "张三", "97.86"), ("2", "李四", "91.54")),
    notes=("名次相同者为并列。",),
    signature=TELLERS_SIGN,
)
RATIO = "\N{RATIO}"
PLACES = [place for row in signature_rows(SHEET) for place in row if place]
"""The places to sign as they are drawn."""
TABLE = (SHEET.title, "序号姓名得分", "1", "张三", "97.86", "2", "李四", "91.54", *SHEET.notes)


def page(*texts: str) -> PrintedPage:
    """The texts below each other, one on each line."""
    words = [Word(text, 20, 20 + 20 * at, 100, 34 + 20 * at) for at, text in enumerate(texts)]
    return PrintedPage(595, 842, words, "".join(map(bare, texts)))


def test_a_good_page_has_no_fault():
    assert faults([page(*TABLE, *PLACES)], [SHEET]) == []


def test_a_signature_alone_on_its_page_is_found():
    assert faults([page(*TABLE), page(*PLACES)], [SHEET]) == ["no row above the signature on page 2"]


def test_a_page_whose_head_begins_as_a_place_to_sign_is_not_taken_for_one_that_is_signed():
    notice = replace(SHEET, signature=("单位（盖章）：", "日期"))
    pages = [page(SHEET.title, *PLACES[1:]), page("单位", "2", "李四")]
    assert not any("no row above" in fault for fault in faults(pages, [SHEET, notice]))


def test_a_signature_torn_over_two_pages_is_found():
    found = faults([page(*TABLE, *PLACES[:3]), page(*PLACES[3:])], [SHEET])
    assert found == ["torn signature on page 1", "torn signature on page 2", "0 signatures of 1"]


def test_places_to_sign_on_one_page_are_whole_in_whatever_order_they_are_drawn():
    assert faults([page(*TABLE, *PLACES[1:], PLACES[0])], [SHEET]) == []


def test_a_sheet_without_its_signatures_is_found():
    assert faults([page(*TABLE)], [SHEET]) == ["0 signatures of 1"]


def test_a_number_on_two_lines_is_found():
    broken = [part for text in TABLE for part in (("97.8", "6") if text == "97.86" else (text,))]
    assert faults([page(*broken, *PLACES)], [SHEET]) == [f"broken number 97.86 under 得分 of {SHEET.title}"]


def test_a_name_and_a_note_that_are_not_on_the_paper_are_found():
    lost = [text for text in TABLE if text not in {"李四", *SHEET.notes}]
    assert faults([page(*lost, *PLACES)], [SHEET]) == [
        f"missing '李四' under 姓名 of {SHEET.title}",
        "missing '名次相同者为并列。'",
    ]


def test_a_sign_of_mathematics_is_found_behind_its_line_and_is_missed_where_it_is_nowhere():
    row = (("1", f"按 4{RATIO}2{RATIO}3 计算", "97.86"),)
    sheet = replace(SHEET, rows=row)
    good = [SHEET.title, "1", "97.86", *SHEET.notes]
    assert faults([page(*good, "按 4 2 3", f"{RATIO} {RATIO}", "计算", *PLACES)], [sheet]) == []
    assert len(faults([page(*good, "按 4 2 3", "计算", *PLACES)], [sheet])) == 1
    assert len(faults([page(*good, "按 4 2", f"{RATIO} {RATIO}", "计算", *PLACES)], [sheet])) == 1


def test_text_over_the_edge_and_text_on_other_text_is_found():
    good = page(*TABLE, *PLACES)
    over = Word("外", 580, 20, 600, 34)
    upon = Word("上", 30, 22, 90, 36)
    found = faults([PrintedPage(595, 842, [*good.words, over, upon], good.text)], [SHEET])
    assert any("外 over the edge" in fault for fault in found)
    assert any("lie on each other" in fault for fault in found)
