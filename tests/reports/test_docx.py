"""The Word document, opened again and compared with the sheets cell by cell."""

from __future__ import annotations

import io
import re
import zipfile
from cProfile import Profile
from dataclasses import replace

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Twips
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.results import HEADING, five_sided_result, grouped_result, overall_result, result_of, sheets_of

from kaohe.domain.comment_reviews import Comment
from kaohe.reports.docx import word_document
from kaohe.reports.opinions import comments_sheet
from kaohe.reports.paper.layout import lay_out_all
from kaohe.reports.sheet import Column, Sheet, printable

ALL_SHEETS = [
    *sheets_of(five_sided_result()).values(),
    *sheets_of(grouped_result(5, 6, 70)).values(),
    *sheets_of(grouped_result(1, 2, 0)).values(),
    *sheets_of(result_of("p16-ganbu-zonghe")).values(),
    *sheets_of(result_of("p14-diwei-pingshi")).values(),
    comments_sheet(overall_result(), HEADING, [Comment("s1", text) for text in ("=1+1", "<w:p/>", "\x00\x0b")], 28),
]


def reopen(sheets):
    return Document(io.BytesIO(word_document(sheets)))


def words(paragraph):
    return "".join(run.text for run in paragraph.runs)


def elements(part, name):
    """The elements of a name within a part of the document."""
    return list(part._element.iter(qn(name)))  # noqa: SLF001 -- the library shows no markup otherwise


def numbering(section):
    """How a section numbers its pages."""
    return list(section._sectPr.iter(qn("w:pgNumType")))  # noqa: SLF001 -- the library has no name for it


def body_rows(word):
    """The cells below each head, table by table, without the tables of places to sign."""
    for table in word.tables:
        repeated = elements(table, "w:tblHeader")
        if repeated:
            yield [[cell.text for cell in row.cells] for row in table.rows], len(repeated)


def test_every_cell_of_every_sheet_reads_as_it_is_printed():
    tables = body_rows(reopen(ALL_SHEETS))
    compared = 0
    for sheet in ALL_SHEETS:
        if not sheet.columns:
            continue
        body: list[list[str]] = []
        while len(body) < len(sheet.rows) or not body:
            rows, head_count = next(tables)
            assert head_count == sheet.head_row_count
            for head in sheet.head_cells():
                spanned = {
                    rows[head.row + down][head.column + along]
                    for down in range(head.row_count)
                    for along in range(head.column_count)
                }
                assert spanned == {printable(head.label)}
            body += rows[head_count:]
        assert body == [[printable(text) for text in row] for row in sheet.rows]
        compared += sum(map(len, body))
    assert next(tables, None) is None
    assert compared > 100


def test_title_lines_notes_and_places_to_sign_stand_around_the_table():
    (sheet,) = list(sheets_of(overall_result()).values())[:1]
    word = reopen([sheet])
    lines = [words(paragraph) for paragraph in word.paragraphs]
    assert lines[0] == sheet.title
    text = "\n".join(lines)
    for piece in (*(each for line in sheet.header_lines for each in line), *sheet.notes, *sheet.rules):
        assert piece in text
    assert {cell.text for row in word.tables[-1].rows for cell in row.cells} == set(sheet.signature)
    assert lines[-1] == sheet.code_line


def test_places_to_sign_have_room_for_a_seal_and_stay_on_the_page_of_the_last_rows():
    (sheet,) = list(sheets_of(overall_result()).values())[:1]
    rows, places = reopen([sheet]).tables
    assert sum(Twips(int(each.get(qn("w:val")))) for each in elements(places, "w:trHeight")) >= Mm(41.9)
    assert all(elements(row.cells[0], "w:keepNext") for row in [*rows.rows[-2:], places.rows[0]])


def test_each_sheet_lies_on_paper_of_its_own_and_counts_its_own_pages():
    sections, laid = reopen(ALL_SHEETS).sections, lay_out_all(ALL_SHEETS)
    assert len(sections) == len(laid)
    for section, each in zip(sections, laid, strict=True):
        assert (section.page_width, section.page_height) == (Twips(each.paper.width), Twips(each.paper.height))
        assert (section.orientation == WD_ORIENT.LANDSCAPE) == each.paper.is_landscape
        assert [each.get(qn("w:start")) for each in numbering(section)] == ["1"]
        footer = section.footer.part.element.xml
        assert "SECTIONPAGES" in footer
        assert "NUMPAGES" not in footer
    assert {each.paper.is_landscape for each in laid} == {True, False}


def test_no_table_is_wider_than_its_paper():
    widths = {laid.paper.room for laid in lay_out_all(ALL_SHEETS)}
    for table in reopen(ALL_SHEETS).tables:
        assert sum(column.width for column in table.columns) <= Twips(max(widths))


def test_titles_are_headings_and_the_document_is_chinese():
    word = reopen(ALL_SHEETS[:2])
    headings = [words(each) for each in word.paragraphs if each.style.name == "Heading 1"]
    assert headings == [sheet.title for sheet in ALL_SHEETS[:2]]
    assert word.core_properties.title == ALL_SHEETS[0].title
    assert word.core_properties.language == "zh-CN"
    assert {each.get(qn("w:eastAsia")) for each in word.styles.element.iter(qn("w:lang"))} == {"zh-CN"}


def test_all_words_are_set_in_fonts_for_chinese():
    word = reopen(ALL_SHEETS[:2])
    named = {style.style_id: style for style in word.styles}
    used = {each.pPr.pStyle.val for each in word.element.body.iter(qn("w:p"))}
    fonts = {named[each].element.rPr.rFonts.get(qn("w:eastAsia")) for each in used}
    assert fonts == {"仿宋", "宋体"}
    assert not [each for name in used for each in named[name].element.rPr.rFonts.attrib if "Theme" in each]


def test_the_same_sheets_give_the_same_bytes_without_a_time():
    first = word_document(ALL_SHEETS[:3])
    assert first == word_document(ALL_SHEETS[:3])
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = packed.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4}-[^<]*)<", about)) == {"2000-01-01T00:00:00Z"}
    assert "python-docx" not in about


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=2, max_size=2))
def test_any_text_whatever_is_written_and_reads_back(texts):
    sheet = Sheet("表", texts[0], (Column("甲"), Column("乙")), (tuple(texts),), notes=(texts[1],))
    table = reopen([sheet]).tables[0]
    assert [cell.text for cell in table.rows[1].cells] == [printable(text) for text in texts]


@pytest.mark.parametrize("bad", ["\x00", "\x1f", "\ud800", "\uffff", "\x0b"])
def test_what_xml_cannot_carry_becomes_a_mark_of_replacement(bad):
    sheet = Sheet("表", "标题", (Column("甲"),), ((f"前{bad}后",),))
    assert reopen([sheet]).tables[0].rows[1].cells[0].text == "前\ufffd后"


def test_a_sheet_that_is_withheld_says_so_in_place_of_its_table():
    sheet = Sheet("表", "标题", withheld="人数过少，不单独公布。")
    word = reopen([sheet])
    assert not word.tables
    assert "人数过少，不单独公布。" in [words(paragraph) for paragraph in word.paragraphs]


def test_a_sheet_costs_no_more_steps_where_many_are_written_already():
    form = Sheet(
        "表", "登记表", (Column("项目", width=16), Column("内容", width=84)), (("甲", "乙"),), (("姓名", "单位"),)
    )

    def steps(count):
        profile = Profile()
        profile.runcall(word_document, [replace(form, code=str(number)) for number in range(count)])
        return sum(entry.callcount for entry in profile.getstats())

    few, more, many = (steps(count) for count in (1, 21, 121))
    # Work logs of an office come to a thousand sheets, and a hall may vote meanwhile.
    assert (many - more) / 100 < 1.01 * (more - few) / 20 < 10_000


def test_each_sheet_has_its_code_in_its_footer_and_alike_sheets_have_one_footer_together():
    form = Sheet("表", "登记表", (Column("项目"),), (("甲",),))
    word = reopen([form, replace(form, code="AB12"), form, replace(form, code="CD34")])
    feet = [section.footer for section in word.sections]
    assert not any(foot.is_linked_to_previous for foot in feet)
    assert [words(feet[at].paragraphs[0])[-4:] for at in (1, 3)] == ["AB12", "CD34"]
    assert len({foot.part.partname for foot in feet}) == 3
