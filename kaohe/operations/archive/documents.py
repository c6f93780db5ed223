"""Makes the files that an office takes of a counted round: workbook, Word documents, PDF, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kaohe.domain.errors import CharacterWithoutFont, FontMissing, NotFound
from kaohe.operations.apart import Tell, do_apart, works_apart
from kaohe.operations.archive.filing import (
    FILING_SET_LABELS,
    Filing,
    FilingSet,
    heading_of,
    load_filing,
    sheets_of,
    titled,
)
from kaohe.reports.csv_sheets import csv_bytes, csv_text
from kaohe.reports.data_rows import data_rows
from kaohe.reports.docx import word_document as word_of_sheets
from kaohe.reports.notice import NoticeTerms
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.pdf import pdf_document as pdf_of_sheets
from kaohe.reports.sheet import Sheet, file_stem, plain_sheet, read_sheet
from kaohe.reports.xlsx import workbook
from kaohe.storage.installation import this_config

DATA_KEY: Final = "data"
"""The text file for programs, which is not a sheet."""
WITHOUT_PDF: Final = "未生成PDF的原因.txt"
_BLANK: Final = NoticeTerms()
_ENDINGS: Final = ("xlsx", "docx", "pdf")
_FEW: Final = 10_000
"""So many cells are written in a third of a second, in which no process has begun its work."""
_CELLS_OF_A_SHEET: Final = 100
"""What a sheet takes beside its table, in cells."""
_CHARACTERS_OF_A_CELL: Final = 20
"""So many characters of a long text (述职、自评) take as long as a cell."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is downloaded or written to a folder; ``name`` is Chinese and fits every system."""

    name: str
    content: bytes


def file_documents(meeting_id: str, round_number: int | None = None) -> Sequence[Document]:
    """Every file of a round: workbook, each sheet as CSV, the data as CSV, Word documents, a PDF of what is signed.

    No two have the same name. Where no PDF can be made here, a text in its place says why.

    Raises:
        What ``load_filing`` raises.
    """
    return list(all_documents(load_filing(meeting_id, round_number)))


def all_documents(filing: Filing) -> Iterator[Document]:
    """Every file of a round, as ``file_documents`` lists them, each made when it is asked for."""
    yield from documents_of(filing)
    yield data_document(filing)
    for wanted in (FilingSet.SIGNED, FilingSet.ATTACHED):
        if sheets_of(filing, wanted):
            yield word_document(filing, wanted)
    # Who signs on paper can print the others where a character is in no font here, or no font may be embedded.
    try:
        yield pdf_document(filing, FilingSet.SIGNED)
    except (CharacterWithoutFont, FontMissing) as error:
        yield Document(WITHOUT_PDF, f"{error.message}\r\n".encode("utf-8-sig"))


def archive_name(filing: Filing) -> str:
    """What the file that holds all files of a round is called, without an ending."""
    return _file_name(filing, titled(filing, "归档文件"), "zip").removesuffix(".zip")


def documents_of(filing: Filing) -> Sequence[Document]:
    """What an archive bundle holds of them: the workbook and the texts, which say all that the Word documents say."""
    return [workbook_document(filing), *(csv_document(filing, filed.key) for filed in filing.sheets)]


def workbook_document(filing: Filing, wanted: FilingSet = FilingSet.ALL, terms: NoticeTerms = _BLANK) -> Document:
    """The Excel workbook of a set of sheets; that of all ends with the whole ballots and the pictures.

    Raises:
        NotFound: the set has no sheet.
    """
    if wanted is FilingSet.ALL:
        sheets = [*(filed.sheet for filed in filing.sheets), *sheets_of(filing, FilingSet.PICTURES)]
    else:
        sheets = sheets_of(filing, wanted, terms)
    return _of_set(filing, wanted, sheets, "xlsx")


def word_document(filing: Filing, wanted: FilingSet, terms: NoticeTerms = _BLANK) -> Document:
    """The Word document of a set of sheets.

    Raises:
        NotFound: the set has no sheet.
    """
    return _of_set(filing, wanted, sheets_of(filing, wanted, terms), "docx")


def can_write_pdf() -> bool:
    """Whether this machine has a font to write PDFs in."""
    return bool(font_files(this_config().font))


def pdf_document(filing: Filing, wanted: FilingSet, terms: NoticeTerms = _BLANK) -> Document:
    """The PDF of a set of sheets.

    Raises:
        NotFound: the set has no sheet.
        FontMissing: this machine has no font to write it in.
        CharacterWithoutFont: a character is in none of the fonts of this machine.
    """
    return _of_set(filing, wanted, sheets_of(filing, wanted, terms), "pdf")


def _of_set(filing: Filing, wanted: FilingSet, sheets: Sequence[Sheet], ending: str) -> Document:
    if not sheets:
        raise NotFound
    return made_of_sheets(sheets, ending, _set_name(filing, wanted, ending), filing.counted.round.counted_at)


def made_of_sheets(sheets: Sequence[Sheet], ending: str, name: str, made_at: datetime | None) -> Document:
    """The sheets as one file of the kind that ``ending`` names, by the name ``name``: xlsx, docx or pdf.

    Much is written in a process of its own, where the server has said so; the bytes are the same.

    Raises:
        NotFound: there is no such kind of file.
        FontMissing: this machine has no font to write a PDF in.
        CharacterWithoutFont: a character is in none of the fonts of this machine.
        WorkStopped: the process that writes them has ended before its work.
    """
    if ending not in _ENDINGS:
        raise NotFound
    if are_apart(sheets):
        at = made_at.isoformat() if made_at else ""
        content = do_apart("sheets", {"sheets": [plain_sheet(each) for each in sheets], "ending": ending, "at": at})
    else:
        content = _written(sheets, ending, made_at)
    return Document(name, content)


def are_apart(sheets: Sequence[Sheet]) -> bool:
    """Whether so many sheets are put on paper in a process of its own: phones would wait for them in the server's."""
    return works_apart() and sum(map(_cells, sheets)) > _FEW


def _cells(sheet: Sheet) -> int:
    characters = sum(len(text) for texts in (sheet.notes, *sheet.rows) for text in texts)
    return _CELLS_OF_A_SHEET + len(sheet.rows) * len(sheet.columns) + characters // _CHARACTERS_OF_A_CELL


def write_here(asked: Mapping[str, Any], _told: Tell) -> bytes:
    """The file of some sheets, in the fresh process."""
    made_at = datetime.fromisoformat(asked["at"]) if asked["at"] else None
    return _written([read_sheet(each) for each in asked["sheets"]], asked["ending"], made_at)


def _written(sheets: Sequence[Sheet], ending: str, made_at: datetime | None) -> bytes:
    if ending == "xlsx":
        return workbook(sheets, made_at)
    fonts = font_files(this_config().font)
    return word_of_sheets(sheets, made_at, fonts) if ending == "docx" else pdf_of_sheets(sheets, fonts, made_at)


def _set_name(filing: Filing, wanted: FilingSet, ending: str) -> str:
    label = FILING_SET_LABELS[wanted]
    title = filing.title if wanted is FilingSet.ALL else titled(filing, label if "表" in label else f"{label}表")
    return _file_name(filing, title, ending)


def data_document(filing: Filing) -> Document:
    """The result as a text file for programs: one head, and a row for each subject, dimension and grade."""
    counted = filing.counted
    content = csv_bytes(data_rows(counted.result, heading_of(counted.setup, counted.round)))
    return Document(_file_name(filing, titled(filing, "结果数据"), "csv"), content)


def csv_document(filing: Filing, key: str) -> Document:
    """One sheet as a text file, or the data for programs by :data:`DATA_KEY`.

    Raises:
        NotFound: this round has no such sheet.
    """
    if key == DATA_KEY:
        return data_document(filing)
    sheet = next((filed.sheet for filed in filing.sheets if filed.key == key), None)
    if sheet is None:
        raise NotFound
    return Document(_file_name(filing, sheet.title, "csv"), csv_text(sheet))


def _file_name(filing: Filing, title: str, ending: str) -> str:
    """Unit, meeting and kind of sheet in one, as an office names it: 青山区统计局2026年度民主测评结果汇总表.xlsx."""
    number = filing.counted.round.number
    again = f"（第{number}轮）" if number > 1 else ""
    again += f"（第{filing.counted.version}版）" if len(filing.counted.versions) > 1 else ""
    return f"{file_stem(title)}{again}.{ending}"
