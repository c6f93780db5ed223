"""Pictures say what their tables say, as a native chart, as vectors and as pixels, and nothing that is withheld."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from fractions import Fraction

import openpyxl
import pytest
from docx import Document
from lxml import etree
from office_meetings import HEADING, office_result
from pdf_text import lines_of
from PIL import Image

from kaohe.reports.docx import word_document
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.pdf import pdf_document
from kaohe.reports.personal import FEWEST_FOR_MEDIAN, feedback_sheet
from kaohe.reports.picture_sheets import MOST_BARS, MOST_LINES, picture_sheets
from kaohe.reports.pictures.charts import axis_of, drawing_of, radar_axis
from kaohe.reports.pictures.drawing import Box, Path, Words, svg_text
from kaohe.reports.sheet import Column, ColumnKind, Picture, PictureKind, Sheet
from kaohe.reports.withholding import dimensions_withheld
from kaohe.reports.xlsx import workbook
from kaohe.schemes import list_presets
from kaohe.tally.model import Period

FONTS = font_files(None)
SECRET = 7391
"""A count that nothing else comes to."""
CACHED = re.compile(r"<c:v>([^<]*)</c:v>")


def personal(preset, count):
    result = office_result(preset, count)
    return feedback_sheet(result, HEADING, result.subjects[2], "甲")


def number_or_text(text: str) -> float | str:
    """What a program reads: the format writes binary numbers with sixteen digits."""
    try:
        return float(text)
    except ValueError:
        return text


def charts_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/charts/chart")]


def hidden_result():
    """One whose dimensions are all filled by a group too small to show, with a count in them that is unmistakable."""
    result = office_result("de-neng-qin-ji-lian", 7)
    only = tuple(replace(each, groups=(result.scheme.groups[0].key,)) for each in result.scheme.dimensions)
    small = {key: replace(turnout, cast=3) for key, turnout in result.group_turnout.items()}
    rows = tuple(
        replace(row, shares=tuple(replace(share, count=SECRET) for share in row.shares)) for row in result.subjects
    )
    scheme = replace(result.scheme, dimensions=only)
    return replace(result, scheme=scheme, group_turnout=small, subjects=rows)


def test_each_bar_has_the_length_and_the_number_of_each_count():
    sheet = picture_sheets(office_result("si-deng", 5), HEADING)[0]
    drawing = drawing_of(sheet)
    texts = [shape.text for shape in drawing.shapes if isinstance(shape, Words)]
    bars = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    swatches = len(sheet.columns) - 1
    drawn = iter(bars[swatches:])
    for row in sheet.rows:
        counts = [int(text) for text in row[1:]]
        parts = [next(drawn) for count in counts if count]
        whole = sum(part.width for part in parts)
        for part, count in zip(parts, [count for count in counts if count], strict=True):
            assert abs(part.width * sum(counts) - whole * count) <= sum(counts)
        assert row[0] in texts
    assert next(drawn, None) is None
    assert {text for row in sheet.rows for text in row[1:] if int(text) > 1} <= set(texts)


@pytest.mark.parametrize("preset", [preset.key for preset in list_presets()])
def test_the_pictures_of_every_preset_lie_on_one_page_each_and_inside_their_frame(preset):
    for sheet in picture_sheets(office_result(preset, MOST_BARS + 3), HEADING):
        (laid,) = lay_out(sheet)
        assert len(laid.pages) == 1
        for shape in laid.drawing.shapes:
            if isinstance(shape, Box):
                points = [(shape.left, shape.top), (shape.left + shape.width, shape.top + shape.height)]
            else:
                points = shape.points if isinstance(shape, Path) else [(shape.at, shape.middle)]
            assert all(0 <= x <= laid.drawing.width and 0 <= y <= laid.drawing.height for x, y in points)


def test_everybody_is_in_one_picture_of_grades_and_in_one_line():
    result = office_result("beian-pingshi-niandu", 40)
    lines = [sheet for sheet in picture_sheets(result, HEADING) if sheet.name.startswith("走势图")]
    assert [row[0] for sheet in lines for row in sheet.rows] == [row.subject.name for row in result.subjects]
    assert all(len(sheet.rows) <= MOST_LINES for sheet in lines)
    voted = office_result("si-deng", 40)
    bars = [sheet for sheet in picture_sheets(voted, HEADING) if sheet.name.startswith("得票图")]
    assert [row[0] for sheet in bars for row in sheet.rows] == [row.subject.name for row in voted.subjects]


def test_a_missing_period_breaks_the_line_and_is_an_empty_cell_not_a_nought():
    result = office_result("beian-pingshi-niandu", 2)
    labels = ("2026年第一季度", "2026年第二季度", "2026年第三季度", "2026年第四季度")
    periods = tuple(Period(label, score=Fraction(80 + at)) for at, label in enumerate(labels) if at != 2)
    rows = [replace(result.subjects[0], periods=periods), replace(result.subjects[1], periods=periods[:1])]
    result = replace(result, subjects=tuple(rows), periods=labels)
    sheet = next(sheet for sheet in picture_sheets(result, HEADING) if sheet.name == "走势图")
    assert [row[1:] for row in sheet.rows] == [("80", "81", "", "83")]
    thick = [shape for shape in drawing_of(sheet).shapes if isinstance(shape, Path) and shape.stroke != "#d5dce4"]
    assert len(thick) == 1
    book = openpyxl.load_workbook(io.BytesIO(workbook([sheet])))
    row = next(row for row in book.worksheets[0].iter_rows() if row[0].value == sheet.rows[0][0])
    assert [cell.value for cell in row][1:5] == [80, 81, None, 83]


def test_the_radar_has_the_own_scores_and_the_medians_only_where_the_class_is_large_enough():
    shown, few = personal("de-neng-qin-ji-lian", FEWEST_FOR_MEDIAN), personal("de-neng-qin-ji-lian", 5)
    assert [shown.columns[at].label for at in shown.picture.value_columns] == ["得分", "同类中位数"]
    assert [few.columns[at].label for at in few.picture.value_columns] == ["得分"]
    assert shown.picture.row_count == 5
    assert "同类中位数" not in svg_text(drawing_of(few))
    assert personal("si-deng", 9).picture is None


def test_a_workbook_has_charts_of_its_own_cells_with_the_numbers_of_the_table():
    bars, *_ = picture_sheets(office_result("si-deng", 4), HEADING)
    lines = next(s for s in picture_sheets(office_result("beian-pingshi-niandu", 4), HEADING) if s.name == "走势图")
    radar = personal("de-neng-qin-ji-lian", 9)
    charts = charts_in(workbook([bars, lines, radar]))
    assert ["<c:barChart>" in charts[0], "<c:lineChart>" in charts[1], "<c:radarChart>" in charts[2]] == [True] * 3
    for chart, sheet in zip(charts, (bars, lines, radar), strict=True):
        table = {text for row in sheet.rows for text in row} | {column.full_label for column in sheet.columns}
        cached = CACHED.findall(chart)
        assert len(cached) > sheet.picture.row_count
        assert {number_or_text(text) for text in cached} <= {number_or_text(text) for text in table}
    assert "<c:f>" in charts[0]


def test_word_gets_vectors_with_pixels_of_three_hundred_dots_and_a_description_beside_them():
    sheet, *_ = picture_sheets(office_result("si-deng", 4), HEADING)
    content = word_document([sheet], fonts=FONTS)
    assert content == word_document([sheet], fonts=FONTS)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        (vectors,) = [packed.read(name) for name in packed.namelist() if name.endswith(".svg")]
        (pixels,) = [packed.read(name) for name in packed.namelist() if name.endswith(".png")]
        body = packed.read("word/document.xml").decode()
    assert vectors.decode() == svg_text(drawing_of(sheet))
    with Image.open(io.BytesIO(pixels)) as image:
        assert image.size == (2197, round(drawing_of(sheet).height * 300 / 1440))
        assert round(image.info["dpi"][0]) == 300
        assert image.getpixel((0, 0)) == (255, 255, 255)
    assert 'descr="各等次得票（图）。图中的数字见下方表格。"' in body
    assert "asvg:svgBlip" in body


def test_without_a_font_word_says_that_the_picture_is_missing_and_keeps_its_table():
    sheet, *_ = picture_sheets(office_result("si-deng", 4), HEADING)
    word = Document(io.BytesIO(word_document([sheet])))
    assert any("图未能写入" in paragraph.text for paragraph in word.paragraphs)
    assert word.tables[0].rows[1].cells[0].text == sheet.rows[0][0]


def test_the_pdf_draws_lines_and_letters_and_no_pixels():
    sheet, *_ = picture_sheets(office_result("si-deng", 4), HEADING)
    content = pdf_document([sheet], FONTS)
    assert b"/Subtype /Image" not in content
    lines = lines_of(content)
    assert lines.count("25%") == 1
    assert lines.count(sheet.rows[1][0]) == 2


def test_any_name_is_text_in_the_vectors():
    columns = (Column("姓名"), Column("好", ColumnKind.NUMBER))
    name = '</text><script>"&'
    picture = Picture(PictureKind.BARS, '"><b', 0, (1,), 1)
    drawn = etree.fromstring(svg_text(drawing_of(Sheet("图", "图", columns, ((name, "3"),), picture=picture))))
    assert name in [element.text for element in drawn]
    assert drawn.get("aria-label").startswith('"><b')


def test_what_is_withheld_is_in_no_picture_of_any_kind():
    result = hidden_result()
    assert dimensions_withheld(result)
    sheets = [*picture_sheets(result, HEADING), feedback_sheet(result, HEADING, result.subjects[0], "甲")]
    assert [sheet.picture for sheet in sheets] == [None] * len(sheets)
    # The guard of the tables is what keeps it out of the pictures: without it each kind of file would show the count.
    open_scheme = replace(result.scheme, dimensions=tuple(replace(d, groups=()) for d in result.scheme.dimensions))
    shown = picture_sheets(replace(result, scheme=open_scheme), HEADING)
    for content in (workbook(shown), word_document(shown, fonts=FONTS)):
        assert str(SECRET) in _all_text(content)
    for content in (workbook(sheets), word_document(sheets, fonts=FONTS)):
        assert str(SECRET) not in _all_text(content)
    withheld = replace(shown[0], withheld="为保护无记名，不列出。")
    assert drawing_of(withheld) is None
    assert charts_in(workbook([replace(withheld, columns=(), rows=())])) == []


def _all_text(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(
            packed.read(name).decode() for name in packed.namelist() if name.endswith((".xml", ".svg", ".rels"))
        )


@pytest.mark.parametrize(
    "numbers", [["90"], ["0", "0"], ["60.5", "99"], ["99.91", "99.97"], ["1", "3000"], ["-4", "7"]]
)
def test_an_axis_has_at_most_six_round_numbers_around_all_that_it_shows(numbers):
    exact = [Fraction(text) for text in numbers]
    for axis in (axis_of(exact), radar_axis(exact)):
        ticks = list(axis.ticks())
        assert 2 <= len(ticks) <= 7
        assert ticks[0] <= min(exact)
        assert max(exact) <= ticks[-1] == axis.high
    assert radar_axis([Fraction(3)]).low >= 0
