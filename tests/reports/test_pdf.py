"""PDFs of our own: every character is there or the document is refused, and the layout is that of the other papers."""

from __future__ import annotations

import pytest
from office_meetings import HEADING, office_result
from pdf_text import embedded_fonts, lines_of, narrowings
from small_fonts import small_font

from kaohe.domain.errors import CharacterWithoutFont, FontMissing
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.paper.layout import lay_out_all
from kaohe.reports.paper.measures import EM, ems
from kaohe.reports.paper.placing import placed_pages
from kaohe.reports.pdf import pdf_document
from kaohe.reports.sheet import Column, ColumnKind, Sheet
from kaohe.reports.sheets import result_sheets

RARE = ("𠮷田芳", "龑䶮", "陆㛃", "阿卜杜热西提·买买提江")


def office_sheets(preset: str = "si-deng", count: int = 12) -> list[Sheet]:
    return [filed.sheet for filed in result_sheets(office_result(preset, count), HEADING)]


def test_a_line_after_one_that_was_set_narrower_is_measured_by_itself(tmp_path):
    font = small_font(tmp_path / "wide.ttf", "W图表第 页　共1")
    rows = (("W" * 12,), ("W" * 12,))
    content = pdf_document([Sheet("图", "图", (Column("表"),) * 9, tuple(row * 9 for row in rows))], [font])
    assert len(set(narrowings(content))) == 1
    assert len(narrowings(content)) >= 18


@pytest.mark.parametrize("preset", ["si-deng", "xiang-pingshi"])
def test_every_cell_lies_inside_its_page_and_the_pages_are_those_of_the_layout(preset):
    for laid in lay_out_all(office_sheets(preset, 40)):
        pages = placed_pages(laid)
        assert len(pages) == len(laid.pages)
        for number, page in enumerate(pages, start=1):
            paper = page.paper
            assert page.texts[-1 - bool(laid.sheet.code)].text == f"第 {number} 页　共 {len(pages)} 页"
            for left, top, width, height in page.boxes:
                assert left >= paper.side
                assert left + width <= paper.width - paper.side
                assert paper.top <= top <= top + height <= paper.height - paper.bottom
            for placed in page.texts:
                assert paper.side <= placed.left <= placed.left + placed.width <= paper.width - paper.side
                assert 0 <= placed.top < paper.height - paper.bottom // 3


def test_notes_that_are_longer_than_the_page_flow_onto_one_more_and_all_pages_count_it():
    notes = tuple(f"说明之{number}。" for number in range(300))
    (laid,) = lay_out_all(
        [Sheet("a", "表", (Column("姓名"),), (("李娜",),), notes=notes, signature=("填表人：", "章", "日"))]
    )
    pages = placed_pages(laid)
    assert len(pages) == len(laid.pages) > 1
    texts = [placed.text for page in pages for placed in page.texts]
    assert set(notes) <= set(texts)
    assert f"第 {len(pages)} 页　共 {len(pages)} 页" in texts


def test_every_number_and_every_rare_name_is_in_the_document_and_the_letters_come_with_it():
    sheets = office_sheets()
    content = pdf_document(sheets, font_files(None))
    assert content.startswith(b"%PDF-")
    assert embedded_fonts(content)
    lines = lines_of(content)
    assert set(RARE) <= {cell for sheet in sheets for row in sheet.rows for cell in row}
    for sheet in sheets[:2]:
        for row in sheet.rows:
            assert all(
                cell in lines
                for column, cell in zip(sheet.columns, row, strict=True)
                if column.kind is ColumnKind.NUMBER
            )
            assert "".join(row[1].split()) in "".join(lines)


def test_equal_sheets_give_equal_bytes(tmp_path):
    font = small_font(tmp_path / "font.ttf", "姓名李第 1页　共")
    sheets = [Sheet("a", "姓名", (Column("姓名"),), (("李",),))]
    assert pdf_document(sheets, [font]) == pdf_document(sheets, [font])


def test_a_character_that_the_first_font_lacks_is_drawn_in_the_next_one(tmp_path):
    first = small_font(tmp_path / "first.ttf", "姓名李第 1页　共", "First")
    second = small_font(tmp_path / "second.ttf", "𠮷", "Second")
    content = pdf_document([Sheet("a", "姓名", (Column("姓名"),), (("李𠮷李",),))], [first, second])
    assert embedded_fonts(content) == {"First", "Second"}
    lines = lines_of(content)
    at = lines.index("𠮷")
    assert lines[at - 1 : at + 2] == ["李", "𠮷", "李"]


def test_a_character_that_no_font_has_is_named_and_there_is_no_document(tmp_path):
    font = small_font(tmp_path / "font.ttf", "姓名李第 1页　共")
    with pytest.raises(CharacterWithoutFont, match=r"“𠮷”（U\+20BB7）"):
        pdf_document([Sheet("a", "姓名", (Column("姓名"),), (("李𠮷",),))], [font])


def test_without_a_font_that_may_be_embedded_there_is_no_document(tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font at all")
    forbidden = small_font(tmp_path / "forbidden.ttf", "姓", licence=2)
    for files in ([], [broken], [tmp_path / "gone.otf"], [forbidden]):
        with pytest.raises(FontMissing):
            pdf_document([Sheet("a", "姓")], files)


def test_a_damaged_font_is_passed_over_for_the_next_one_and_never_breaks_the_document(tmp_path):
    whole = small_font(tmp_path / "whole.ttf", "姓第 1页　共")
    content = whole.read_bytes()
    sheet, damaged = Sheet("a", "姓"), tmp_path / "damaged.ttf"
    for length in range(12, len(content), 16):
        damaged.write_bytes(content[:length])
        assert "姓" in lines_of(pdf_document([sheet], [damaged, whole]))
    collection = tmp_path / "damaged.ttc"
    collection.write_bytes(b"ttcf" + bytes(range(200)))
    with pytest.raises(FontMissing):
        pdf_document([sheet], [collection])


def test_a_line_wider_than_it_was_measured_is_set_narrower(tmp_path):
    font = small_font(tmp_path / "font.ttf", "姓名W第 1页　共")
    sheet = Sheet("a", "姓名", (Column("姓名"), Column("名", width=70)), (("W" * 20, "W"),))
    (laid,) = lay_out_all([sheet])
    assert ems("W" * 20) <= laid.rooms[0] < 20 * EM
    content = pdf_document([sheet], [font])
    assert "W" * 20 in lines_of(content)
    assert [float(scale) for scale in narrowings(content)] == [pytest.approx(laid.rooms[0] / 20, abs=0.1)]
    assert narrowings(pdf_document([Sheet("a", "姓名")], [font])) == []


def test_the_named_font_comes_before_those_of_the_machine(tmp_path):
    named = small_font(tmp_path / "own.ttf", "姓")
    assert font_files(named)[0] == named
    assert font_files(named)[1:] == font_files(None)
