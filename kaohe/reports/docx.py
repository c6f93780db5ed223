"""Sheets as a Word document (.docx) that prints as an office files it, from the same rows as the workbook.

A cell is text whatever it begins with: Word has no formulas to inject, and what XML cannot carry becomes �.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final, cast
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Pt, RGBColor, Twips
from docx.styles.style import ParagraphStyle

from kaohe.reports.paper.columns import PADDING, is_prose
from kaohe.reports.paper.layout import (
    LINE_SIZE,
    LINE_SPACE,
    NOTE_SIZE,
    TITLE_SIZE,
    TITLE_SPACE,
    LaidSheet,
    Page,
    lay_out_all,
)
from kaohe.reports.paper.measures import line_height
from kaohe.reports.pictures.office import add_picture
from kaohe.reports.sheet import HeadCell, Sheet, printable
from kaohe.reports.word_paragraphs import add_field, add_paragraph, let_look, new_footer, next_section, put_footer

_TITLE_FONT: Final = "宋体"
_BODY_FONT: Final = "仿宋"
_LATIN_FONT: Final = "Times New Roman"
_TITLE, _LINE, _NOTE, _CELL, _PROSE, _HEAD, _GAP, _PICTURE = (
    "Heading 1", "SheetLine", "SheetNote", "SheetCell", "SheetProse", "SheetHead", "SheetGap", "SheetPicture",
)  # fmt: skip
"""The styles of the sheets, by their ids; the last is a line as low as can be, where the format demands a paragraph."""

# The format asks for a time of making. Where none is known, a fixed one keeps the same sheets the same file.
_MADE_AT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- the format writes it as UTC and knows no zone
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_NO_PICTURE: Final = "本机没有可用的中文字体，图未能写入 Word 文档，请用打印页或 Excel 工作簿。"
_KEPT_ROWS: Final = 2
"""Rows that stay on one page with the places to sign."""


def word_document(sheets: Sequence[Sheet], made_at: datetime | None = None, fonts: Sequence[Path] = ()) -> bytes:
    """The document's bytes: each sheet on paper of its own, heads repeated, page x of y; at least one sheet.

    The places to sign stay whole and on the page of the last rows, however Word breaks the lines. Pictures are vectors,
    with pixels beside them for programs that show none; without a font for these they are left out, which is said. The
    same sheets, ``made_at`` and fonts give the same bytes. Any text whatever is written.
    """
    word = Document()
    _set_up(word, printable(sheets[0].title), (made_at or _MADE_AT).replace(tzinfo=None))
    footers: dict[tuple[int, str], str] = {}
    for number, laid in enumerate(lay_out_all(sheets)):
        section = next_section(word, _GAP) if number else word.sections[0]
        _set_paper(section, laid)
        said = (len(laid.pages), printable(laid.sheet.code_line))
        if said not in footers:
            footers[said] = _add_footer(word, len(footers) + 1, *said)
        put_footer(section, footers[said])
        _write(word, laid, fonts)
    target = BytesIO()
    word.save(target)
    return _timeless(target.getvalue())


def _set_up(word: WordDocument, title: str, made_at: datetime) -> None:
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _LATIN_FONT, Pt(LINE_SIZE / 2)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY_FONT)
    left, centre = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
    for name, font, size, alignment in (
        (_TITLE, _TITLE_FONT, TITLE_SIZE, centre),
        (_LINE, _BODY_FONT, LINE_SIZE, left),
        (_NOTE, _BODY_FONT, NOTE_SIZE, left),
        (_CELL, _BODY_FONT, LINE_SIZE, centre),
        (_PROSE, _BODY_FONT, LINE_SIZE, left),
        (_HEAD, _TITLE_FONT, LINE_SIZE, centre),
        (_GAP, _BODY_FONT, 4, left),
        (_PICTURE, _BODY_FONT, LINE_SIZE, centre),
    ):
        _set_style(word, name, font, size, alignment)
    # A line of set height would show no more of a picture than its foot.
    picture = cast("ParagraphStyle", word.styles[_PICTURE]).paragraph_format
    picture.line_spacing_rule, picture.space_after = WD_LINE_SPACING.SINGLE, Twips(LINE_SPACE)
    picture.keep_with_next = True
    # Proofing, and the Chinese shape of characters that Japan writes otherwise.
    for language in word.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    for language in word.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    about = word.core_properties
    about.created = about.modified = about.last_printed = made_at
    about.author = about.last_modified_by = about.comments = ""
    about.title, about.language = title[:255], "zh-CN"


def _set_style(word: WordDocument, name: str, font: str, size: int, alignment: WD_ALIGN_PARAGRAPH) -> None:
    """A style of the sheets' own, so that they can be changed all at once; the title's is a heading for navigation."""
    known = name in word.styles
    style = cast("ParagraphStyle", word.styles[name] if known else word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
    style.base_style = word.styles["Normal"]
    about = style.paragraph_format
    about.alignment = alignment
    about.space_before = Pt(0)
    about.space_after = Twips({_TITLE: TITLE_SPACE, _LINE: LINE_SPACE, _NOTE: LINE_SPACE}.get(name, 0))
    about.line_spacing_rule, about.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(line_height(size))
    about.keep_together = name in {_TITLE, _LINE}
    about.keep_with_next = name == _TITLE
    style.font.name, style.font.size, style.font.bold = _LATIN_FONT, Pt(size / 2), name in {_HEAD, _TITLE}
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in [each for each in fonts.attrib if each.endswith("Theme")]:
        del fonts.attrib[theme]
    fonts.set(qn("w:eastAsia"), font)


def _set_paper(section: Section, laid: LaidSheet) -> None:
    paper = laid.paper
    section.orientation = WD_ORIENT.LANDSCAPE if paper.is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Twips(paper.width), Twips(paper.height)
    section.left_margin = section.right_margin = Twips(paper.side)
    section.top_margin, section.bottom_margin = Twips(paper.top), Twips(paper.bottom)
    section.header_distance, section.footer_distance = Twips(paper.top // 2), Twips(paper.bottom // 2)
    _count_pages_anew(section)


def _add_footer(word: WordDocument, number: int, page_count: int, code_line: str) -> str:
    """Which page of how many it is, and the code of the sheet; the footer's id."""
    footer_id, paragraph = new_footer(word, number)
    let_look(paragraph, _NOTE)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("第 ")
    add_field(paragraph, "PAGE", "1")
    paragraph.add_run(" 页　共 ")
    add_field(paragraph, "SECTIONPAGES", str(page_count))
    paragraph.add_run(f" 页{'　' if code_line else ''}{code_line}")
    return footer_id


def _count_pages_anew(section: Section) -> None:
    """Sheets are filed one by one, so each counts its own pages."""
    about = section._sectPr  # noqa: SLF001 -- the library has no name for it
    for inherited in about.findall(qn("w:pgNumType")):
        about.remove(inherited)
    about.find(qn("w:cols")).addprevious(parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>'))


def _write(word: WordDocument, laid: LaidSheet, fonts: Sequence[Path]) -> None:
    sheet = laid.sheet
    add_paragraph(word, _TITLE, printable(sheet.title))
    for pieces in laid.lines:
        _spread(word, pieces, laid.paper.room)
    if sheet.withheld:
        add_paragraph(word, _LINE, printable(sheet.withheld))
    if laid.drawing and not add_picture(add_paragraph(word, _PICTURE), laid.drawing, fonts):
        add_paragraph(word, _LINE, _NO_PICTURE)
    is_signed = bool(laid.signature_rows)
    if sheet.columns:
        _write_tables(word, laid, is_signed=is_signed)
    for note in laid.notes:
        add_paragraph(word, _NOTE, printable(note)).paragraph_format.keep_with_next = is_signed
    if is_signed:
        _add_table(word, _places(laid))
    _write_last(word, laid)


def _write_last(word: WordDocument, laid: LaidSheet) -> None:
    """What stands below the places to sign."""
    for page in laid.pages:
        for at, note in enumerate(page.late_notes):
            paragraph = add_paragraph(word, _NOTE, printable(note))
            if not at and not page.has_table:
                paragraph.paragraph_format.page_break_before = True
    if laid.sheet.code:
        add_paragraph(word, _NOTE, printable(laid.sheet.code_line))


def _write_tables(word: WordDocument, laid: LaidSheet, *, is_signed: bool) -> None:
    """The table; the page to sign has one of its own, as not every program keeps rows with what follows a table."""
    pages = [page for page in laid.pages if page.has_table]
    *before, last = pages
    if not is_signed:
        _add_table(word, _table(laid, pages, is_kept=False))
        return
    if before:
        _add_table(word, _table(laid, before, is_kept=False))
    _add_table(word, _table(laid, [last], is_kept=True), is_on_new_page=bool(before))


def _add_table(word: WordDocument, markup: str, *, is_on_new_page: bool = False) -> None:
    """The table, parsed as a whole: cell by cell, a few hundred subjects would hold the server up for a minute."""
    gap = add_paragraph(word, _GAP)
    gap.paragraph_format.keep_with_next = True
    if is_on_new_page:
        gap.paragraph_format.page_break_before = True
    gap._p.addnext(parse_xml(markup))  # noqa: SLF001 -- the library adds only tables of its own making


def _table(laid: LaidSheet, pages: Sequence[Page], *, is_kept: bool) -> str:
    """The table of some pages; ``is_kept`` keeps its last rows with what follows."""
    rows = [row for page in pages for row in page.rows]
    first_kept = len(rows) - _KEPT_ROWS if is_kept else len(rows)
    body = "".join(_body_row(laid, row, is_kept=at >= first_kept) for at, row in enumerate(rows))
    heads = "".join(_head_rows(laid, laid.head_heights()))
    return _markup(laid.widths, '<w:tblStyle w:val="TableGrid"/>', heads + body)


def _markup(widths: Sequence[int], style: str, rows: str) -> str:
    margin = f'w:w="{PADDING}" w:type="dxa"'
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr>{style}<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left {margin}/><w:right {margin}/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _places(laid: LaidSheet) -> str:
    """The places to sign, in a table without lines that is not broken."""
    width, rows = laid.paper.room // 3, laid.signature_rows
    body = []
    for at, places in enumerate(rows):
        is_kept = at < len(rows) - 1
        cells = (_cell(place, _LINE, LINE_SIZE, width, is_kept=is_kept, align="top") for place in places)
        body.append(_row("".join(cells), laid.signature_height, rule="exact"))
    return _markup([width] * 3, "", "".join(body))


def _head_rows(laid: LaidSheet, heights: Sequence[int]) -> Iterator[str]:
    heads = sorted(laid.sheet.head_cells(), key=lambda head: head.column)
    for level, height in enumerate(heights):
        cells = [
            _cell(
                head.label if head.row == level else "",
                _HEAD,
                laid.size,
                sum(laid.widths[head.column : head.column + head.column_count]),
                (f'<w:gridSpan w:val="{head.column_count}"/>' if head.column_count > 1 else "") + _merged(head, level),
                is_kept=True,
            )
            for head in heads
            if head.row <= level < head.row + head.row_count
        ]
        yield _row("".join(cells), height, more="<w:tblHeader/>")


def _merged(head: HeadCell, level: int) -> str:
    if head.row_count == 1:
        return ""
    return '<w:vMerge w:val="restart"/>' if head.row == level else "<w:vMerge/>"


def _body_row(laid: LaidSheet, row: Sequence[str], *, is_kept: bool) -> str:
    cells = [
        _cell(text, _PROSE if is_prose(column) else _CELL, laid.size, width, is_kept=is_kept)
        for column, width, text in zip(laid.sheet.columns, laid.widths, row, strict=True)
    ]
    return _row("".join(cells), laid.row_height(row))


def _row(cells: str, height: int, more: str = "", rule: str = "atLeast") -> str:
    about = f'<w:cantSplit/><w:trHeight w:val="{height}" w:hRule="{rule}"/>{more}'
    return f"<w:tr><w:trPr>{about}</w:trPr>{cells}</w:tr>"


def _cell(
    text: str, style: str, size: int, width: int, spans: str = "", *, is_kept: bool = False, align: str = "center"
) -> str:
    kept = "<w:keepNext/>" if is_kept else ""
    is_smaller = size != LINE_SIZE
    spacing = f'<w:spacing w:line="{line_height(size)}" w:lineRule="exact"/>' if is_smaller else ""
    smaller = f'<w:rPr><w:sz w:val="{size}"/></w:rPr>' if is_smaller else ""
    lines = (
        escape(line).replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">') for line in printable(text).split("\n")
    )
    shown = '</w:t><w:br/><w:t xml:space="preserve">'.join(lines)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}<w:vAlign w:val="{align}"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}{spacing}</w:pPr>'
        f'<w:r>{smaller}<w:t xml:space="preserve">{shown}</w:t></w:r></w:p></w:tc>'
    )


def _spread(word: WordDocument, pieces: Sequence[str], room: int) -> None:
    """The pieces on one line, each with as much room as the others."""
    paragraph = add_paragraph(word, _LINE)
    for number in range(1, len(pieces)):
        paragraph.paragraph_format.tab_stops.add_tab_stop(Twips(room * number // len(pieces)))
    paragraph.add_run("\t".join(printable(piece).replace("\t", " ") for piece in pieces))


def _timeless(content: bytes) -> bytes:
    """Repack with a fixed time for every part, so that equal documents have equal bytes."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as packed, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as again:
        for name in packed.namelist():
            again.writestr(zipfile.ZipInfo(name, _ZIP_TIME), packed.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
