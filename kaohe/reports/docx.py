"""Sheets as a Word document (.docx) that prints on A4 as an office files it, from the same rows as the workbook.

A cell is text whatever it begins with: Word has no formulas to inject, and what XML cannot carry becomes �.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final, cast
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Length, Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from kaohe.reports.sheet import ColumnKind, HeadCell, Sheet, printable
from kaohe.reports.text_widths import PROSE_WIDTH, widths_by_content

_TITLE_FONT: Final = "宋体"
_BODY_FONT: Final = "仿宋"
_LATIN_FONT: Final = "Times New Roman"
_CELL, _PROSE, _HEAD, _NARROW = "SheetCell", "SheetProse", "SheetHead", "SheetGap"
"""The styles of the tables, by their ids; the last is the line between the heading and a table."""
_LONG_SIDE, _SHORT_SIDE, _MARGIN = Mm(297), Mm(210), Mm(15)
_SIGNATURES_A_LINE: Final = 3
_TWIP: Final = 635
_SMALL, _BODY, _LARGE = Pt(9), Pt(10.5), Pt(16)
_CELL_MARGIN: Final = Mm(1)
"""Left and right of the text of a cell."""
_TIGHTER: Final = (_SMALL, Pt(8), Pt(7))
"""The sizes that a table too wide for its paper is tried in, so that no number is broken."""

# The format asks for a time of making. A fixed one keeps the same result the same file, byte for byte.
_MADE_AT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- the format writes it as UTC and knows no zone
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


def word_document(sheets: Sequence[Sheet]) -> bytes:
    """The document's bytes: each sheet on paper of its own, heads repeated, page x of y; at least one sheet.

    The same sheets give the same bytes. Any text whatever is written.
    """
    word = Document()
    _set_up(word)
    for number, sheet in enumerate(sheets):
        section = word.add_section(WD_SECTION.NEW_PAGE) if number else word.sections[0]
        _set_paper(section, sheet)
        _write(word, section, sheet)
    target = BytesIO()
    word.save(target)
    return _timeless(target.getvalue())


def _set_up(word: WordDocument) -> None:
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN_FONT, _BODY
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY_FONT)
    for name, font, alignment in (
        (_CELL, _BODY_FONT, WD_ALIGN_PARAGRAPH.CENTER),
        (_PROSE, _BODY_FONT, WD_ALIGN_PARAGRAPH.LEFT),
        (_HEAD, _TITLE_FONT, WD_ALIGN_PARAGRAPH.CENTER),
        (_NARROW, _BODY_FONT, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        _add_style(word, name, font, alignment)
    about = word.core_properties
    about.created = about.modified = about.last_printed = _MADE_AT
    about.author = about.last_modified_by = about.comments = ""
    about.title = ""


def _add_style(word: WordDocument, name: str, font: str, alignment: WD_ALIGN_PARAGRAPH) -> None:
    """A style of the tables' own, so that they can be changed all at once."""
    style = cast("ParagraphStyle", word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
    style.base_style = word.styles["Normal"]
    style.paragraph_format.alignment = alignment
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0 if name == _NARROW else 2)
    style.font.name, style.font.bold = _LATIN_FONT, name == _HEAD
    style.font.size = Pt(2) if name == _NARROW else _BODY
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _set_paper(section: Section, sheet: Sheet) -> None:
    width, height = (_LONG_SIDE, _SHORT_SIDE) if sheet.is_landscape else (_SHORT_SIDE, _LONG_SIDE)
    section.orientation = WD_ORIENT.LANDSCAPE if sheet.is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    footer = section.footer
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in ("第 ", "PAGE", " 页　共 ", "NUMPAGES", " 页"):
        if piece.isupper():
            _add_field(paragraph, piece)
        else:
            _say(paragraph, piece, size=_SMALL)
    if sheet.code_line:
        _say(paragraph, f"　{sheet.code_line}", size=_SMALL)


def _write(word: WordDocument, section: Section, sheet: Sheet) -> None:
    title = word.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _say(title, sheet.title, size=_LARGE, font=_TITLE_FONT, is_bold=True)
    room = _room(section)
    for pieces in sheet.header_lines:
        _spread(word, pieces, room)
    if sheet.withheld:
        _say(word.add_paragraph(), sheet.withheld)
    if sheet.columns:
        _write_table(word, sheet, room)
    for note in sheet.notes:
        _say(_tight(word.add_paragraph()), note, size=_SMALL)
    for at in range(0, len(sheet.signature), _SIGNATURES_A_LINE):
        line = _spread(word, sheet.signature[at : at + _SIGNATURES_A_LINE], room)
        line.paragraph_format.space_before = Pt(18)
    if sheet.code_line:
        code = word.add_paragraph()
        code.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _say(code, sheet.code_line, size=_SMALL)


def _room(section: Section) -> Length:
    return Length((section.page_width or _SHORT_SIDE) - 2 * _MARGIN)


def _write_table(word: WordDocument, sheet: Sheet, room: Length) -> None:
    """The table, parsed as a whole: cell by cell, a few hundred subjects would hold the server up for a minute."""
    widths, size = _fitted(widths_by_content(sheet), room)
    rows = [*_head_rows(sheet, widths, size), *(_body_row(sheet, widths, row, size) for row in sheet.rows)]
    margin = f'w:w="{_CELL_MARGIN // _TWIP}" w:type="dxa"'
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar><w:left {margin}/><w:right {margin}/></w:tblCellMar></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    word.add_paragraph(style=_NARROW)._p.addnext(table)  # noqa: SLF001 -- the library adds only tables of its own making


def _fitted(digits: Sequence[int], room: Length) -> tuple[list[int], Length]:
    """The widths in twips that fill the room, and the largest size of letters in which what must not break fits."""

    def needs(size: Length) -> list[int]:
        return [digit * size // 2 + 2 * _CELL_MARGIN for digit in digits]

    size = next((each for each in (_BODY, *_TIGHTER) if sum(needs(each)) <= room), _TIGHTER[-1])
    needed = needs(size)
    # The paper is kept in whole twips, which may be one more than it has.
    return [int((room - _TWIP) * width // sum(needed) // _TWIP) for width in needed], size


def _head_rows(sheet: Sheet, widths: Sequence[int], size: Length) -> Iterator[str]:
    heads = sorted(sheet.head_cells(), key=lambda head: head.column)
    for level in range(sheet.head_row_count):
        cells = [
            _cell(
                head.label if head.row == level else "",
                _HEAD,
                size,
                sum(widths[head.column : head.column + head.column_count]),
                (f'<w:gridSpan w:val="{head.column_count}"/>' if head.column_count > 1 else "") + _merged(head, level),
            )
            for head in heads
            if head.row <= level < head.row + head.row_count
        ]
        yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _merged(head: HeadCell, level: int) -> str:
    if head.row_count == 1:
        return ""
    return '<w:vMerge w:val="restart"/>' if head.row == level else "<w:vMerge/>"


def _body_row(sheet: Sheet, widths: Sequence[int], row: Sequence[str], size: Length) -> str:
    cells = [
        _cell(text, _PROSE if column.kind is ColumnKind.TEXT and column.width > PROSE_WIDTH else _CELL, size, width)
        for column, width, text in zip(sheet.columns, widths, row, strict=True)
    ]
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _cell(text: str, style: str, size: Length, width: int, spans: str = "") -> str:
    smaller = f'<w:rPr><w:sz w:val="{round(size.pt * 2)}"/></w:rPr>' if size != _BODY else ""
    lines = (
        escape(line).replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">') for line in printable(text).split("\n")
    )
    shown = '</w:t><w:br/><w:t xml:space="preserve">'.join(lines)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:r>{smaller}<w:t xml:space="preserve">{shown}</w:t></w:r></w:p></w:tc>'
    )


def _spread(word: WordDocument, pieces: Sequence[str], room: Length) -> Paragraph:
    """The pieces on one line, each with as much room as the others."""
    paragraph = _tight(word.add_paragraph())
    for number in range(1, len(pieces)):
        paragraph.paragraph_format.tab_stops.add_tab_stop(Length(room * number // len(pieces)))
    for number, piece in enumerate(pieces):
        _say(paragraph, f"\t{piece}" if number else piece)
    return paragraph


def _tight(paragraph: Paragraph) -> Paragraph:
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    return paragraph


def _say(
    paragraph: Paragraph, text: str, *, size: Length = _BODY, font: str = _BODY_FONT, is_bold: bool = False
) -> None:
    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size, run.font.bold = _LATIN_FONT, size, is_bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 -- python-docx sets no font for Chinese


def _add_field(paragraph: Paragraph, name: str) -> None:
    """A number that Word works out itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)  # noqa: SLF001 -- the library has no name for it


def _timeless(content: bytes) -> bytes:
    """Repack with a fixed time for every part, so that equal documents have equal bytes."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as packed, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as again:
        for name in packed.namelist():
            again.writestr(zipfile.ZipInfo(name, _ZIP_TIME), packed.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
