"""Makes the documents that are filed after the meeting: workbook, text files, printed page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kaohe.domain.comment_reviews import as_written
from kaohe.domain.errors import CharacterWithoutFont, FontMissing, NotFound, WrongState
from kaohe.domain.meetings import MeetingSetup, Round
from kaohe.operations.count.results import CountedRound, list_ballots, list_rounds, load_counted
from kaohe.reports.csv_sheets import csv_bytes, csv_text
from kaohe.reports.data_rows import data_rows
from kaohe.reports.docx import word_document as word_of_sheets
from kaohe.reports.forms import form_sheets
from kaohe.reports.heading import Heading, sheet_title
from kaohe.reports.notice import NoticeTerms, notice_sheets
from kaohe.reports.opinions import ballot_list_sheet, comments_sheet, may_be_listed
from kaohe.reports.paper.fonts import font_files
from kaohe.reports.paper.layout import lay_out
from kaohe.reports.pdf import pdf_document as pdf_of_sheets
from kaohe.reports.personal import personal_sheets
from kaohe.reports.picture_sheets import picture_sheets
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.reports.sheets import FiledSheet, result_sheets
from kaohe.reports.xlsx import workbook
from kaohe.storage.installation import this_config
from kaohe.storage.read_views import reading

BALLOTS_KEY: Final = "ballots"
"""The sheet of whole ballots, which is long and is not printed with the others."""
COMMENTS_KEY: Final = "comments"
"""The sheet of what voters wrote."""
DATA_KEY: Final = "data"
"""The text file for programs, which is not a sheet."""
_BLANK: Final = NoticeTerms()
_SIGNED_KEYS: Final = frozenset({"summary", "tiers", "register"})
_UNSIGNED_KEYS: Final = frozenset({"working", BALLOTS_KEY})
_WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORD_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF_TYPE: Final = "application/pdf"
_CSV_TYPE: Final = "text/csv; charset=utf-8"


class FilingSet(StrEnum):
    """Which sheets an office takes.

    Those to sign and file, those that go with them, every one of them; and beside the sheets of the result the forms of
    the meeting, a sheet for each subject, the pictures, and the public notice of the best tier.
    """

    SIGNED = "signed"
    ATTACHED = "attached"
    FORMS = "forms"
    PERSONAL = "personal"
    PICTURES = "pictures"
    NOTICE = "notice"
    ALL = "all"


FILING_SET_LABELS: Final = {
    FilingSet.SIGNED: "签字归档",
    FilingSet.ATTACHED: "附件",
    FilingSet.FORMS: "会务表格",
    FilingSet.PERSONAL: "个人表",
    FilingSet.PICTURES: "图表",
    FilingSet.NOTICE: "公示",
    FilingSet.ALL: "全部",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is downloaded or written to a folder; ``name`` is Chinese and fits every system."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Filing:
    """A counted round and all sheets made from it, in filing order, the first summary first."""

    counted: CountedRound
    heading: Heading
    sheets: tuple[FiledSheet, ...]

    @property
    def title(self) -> str:
        """The file name of all sheets together."""
        return _titled(self, "结果汇总表")

    @property
    def code(self) -> str:
        """The verification code (校验码) that every sheet carries."""
        return self.sheets[0].sheet.code


def sheets_of(filing: Filing, wanted: FilingSet, terms: NoticeTerms = _BLANK) -> list[Sheet]:
    """The sheets of any set, in filing order; the notice by its terms. Those beside the result are made only here."""
    if wanted is FilingSet.NOTICE:
        return list(notice_sheets(filing.counted.result, filing.heading, terms))
    if wanted is FilingSet.FORMS:
        return list(form_sheets(filing.counted.result, filing.heading))
    if wanted is FilingSet.PERSONAL:
        counted = filing.counted
        is_purged = counted.round.purged_at is not None
        seen, _ = may_be_listed(counted.result, () if is_purged else counted.comments, counted.result.turnout.cast)
        return list(personal_sheets(counted.result, filing.heading, seen))
    if wanted is FilingSet.PICTURES:
        return list(picture_sheets(filing.counted.result, filing.heading))
    return sheets_in(filing.sheets, wanted)


def sheets_in(sheets: Sequence[FiledSheet], wanted: FilingSet) -> list[Sheet]:
    """The sheets of a result that are in a set, in filing order; the long list of whole ballots is in none.

    To sign and file are the summaries, lists of names and registers, and the rules where the paper of one of them has
    no room for them. The steps of each score are only in the set of all, as nobody signs them.
    """
    filed = [(each.key.rpartition(".")[2], each.sheet) for each in sheets if each.key != BALLOTS_KEY]
    if wanted is FilingSet.ALL:
        return [sheet for _, sheet in filed]
    if wanted is FilingSet.ATTACHED:
        return [sheet for key, sheet in filed if key not in _SIGNED_KEYS | _UNSIGNED_KEYS]
    signed = [sheet for key, sheet in filed if key in _SIGNED_KEYS]
    is_pointed_to = any(sheet.rules and not laid.has_rules for sheet in signed for laid in lay_out(sheet))
    return [*signed, *(sheet for key, sheet in filed if key == "explanation" and is_pointed_to)]


@reading()
def load_filing(
    meeting_id: str, round_number: int | None = None, version: int | None = None, *, for_the_panel: bool = False
) -> Filing:
    """The sheets of a round, the latest one and its latest version unless numbers are given. The same at every call.

    Those of a version that was corrected say so. The panel has every comment as it was written, whatever was decided
    about it.

    Once the ballots are purged the sheets of comments and of whole ballots are no more; all others stay as they were.

    Raises:
        WrongState: the round has not been counted, or was voided: nothing is filed from it then.
        CountBroken: the numbers do not conserve; the sentence says which.
        MeetingUnknown: no such meeting, round or version.
    """
    if any(past_round.is_voided and past_round.number == round_number for past_round in list_rounds(meeting_id)):
        raise WrongState("本轮已经作废，不出具结果文件。请查看重投的一轮。")
    counted = load_counted(meeting_id, round_number, version)
    setup, result = counted.setup, counted.result
    heading = replace(
        heading_of(setup, counted.round),
        record_head=counted.record_head,
        version_text=version_text(counted),
        comparison=counted.board.compared_in_all,
    )
    sheets = [*result_sheets(result, heading)]
    is_purged = counted.round.purged_at is not None
    wants_comments = setup.scheme.comments_wanted or any(
        part.scheme.comments_wanted for part in setup.scheme.declared_sections
    )
    if wants_comments and not is_purged:
        comments = as_written(counted.comments) if for_the_panel else counted.comments
        sheets.append(FiledSheet(COMMENTS_KEY, comments_sheet(result, heading, comments, result.turnout.cast)))
    if setup.ballot_list_wanted and not is_purged:
        ballots = list_ballots(meeting_id, counted.round.number)
        sheets.append(FiledSheet(BALLOTS_KEY, ballot_list_sheet(result, heading, ballots)))
    return Filing(counted, heading, tuple(sheets))


def version_text(counted: CountedRound) -> str:
    """What the sheets of a corrected result say of their version; '' where nothing was corrected."""
    later = [each for each in counted.versions if each.number > counted.version]
    if later:
        day = later[0].since.astimezone()
        return (
            f"第 {counted.version} 版，已更正：以 {day.year}年{day.month}月{day.day}日公布的第 {later[0].number} 版为准"
        )
    own = next((each for each in counted.versions if each.number == counted.version > 1), None)
    return f"第 {own.number} 版，更正理由：{own.reason}" if own else ""


def heading_of(setup: MeetingSetup, this_round: Round) -> Heading:
    """What the head of every sheet of a round says."""
    heading = Heading(setup.unit, setup.title, setup.held_on, this_round.number, this_round.is_rehearsal)
    named = [group.label for group in setup.groups if group.is_named]
    if not named:
        return heading
    some = f"无记名，其中 {len(named)} 组票记名"
    return replace(heading, secrecy="记名" if len(named) == len(setup.groups) else some)


def file_documents(meeting_id: str, round_number: int | None = None) -> Sequence[Document]:
    """Every file of a round: workbook, each sheet as CSV, the data as CSV, Word documents, a PDF of what is signed.

    No two have the same name. Where this machine has no font for the PDF it is left out.

    Raises:
        What ``load_filing`` raises.
    """
    return list(_all_documents(load_filing(meeting_id, round_number)))


def all_in_one(filing: Filing) -> Document:
    """Every file of a round in one ZIP file; the same round gives the same bytes."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        for document in _all_documents(filing):
            packed.writestr(ZipInfo(document.name), document.content, ZIP_DEFLATED)
    return Document(_file_name(filing, _titled(filing, "归档文件"), "zip"), "application/zip", target.getvalue())


def _all_documents(filing: Filing) -> Iterator[Document]:
    yield from documents_of(filing)
    yield data_document(filing)
    for wanted in (FilingSet.SIGNED, FilingSet.ATTACHED):
        if sheets_of(filing, wanted):
            yield word_document(filing, wanted)
    # Who signs on paper can print the others where a character is in no font here, or no font may be embedded.
    with suppress(CharacterWithoutFont, FontMissing):
        yield pdf_document(filing, FilingSet.SIGNED)


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
    if not sheets:
        raise NotFound
    content = workbook(sheets, filing.counted.round.counted_at)
    return Document(_set_name(filing, wanted, "xlsx"), _WORKBOOK_TYPE, content)


def word_document(filing: Filing, wanted: FilingSet, terms: NoticeTerms = _BLANK) -> Document:
    """The Word document of a set of sheets.

    Raises:
        NotFound: the set has no sheet.
    """
    sheets = sheets_of(filing, wanted, terms)
    if not sheets:
        raise NotFound
    content = word_of_sheets(sheets, filing.counted.round.counted_at, font_files(this_config().font))
    return Document(_set_name(filing, wanted, "docx"), _WORD_TYPE, content)


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
    sheets = sheets_of(filing, wanted, terms)
    if not sheets:
        raise NotFound
    content = pdf_of_sheets(sheets, font_files(this_config().font), filing.counted.round.counted_at)
    return Document(_set_name(filing, wanted, "pdf"), _PDF_TYPE, content)


def _set_name(filing: Filing, wanted: FilingSet, ending: str) -> str:
    label = FILING_SET_LABELS[wanted]
    title = filing.title if wanted is FilingSet.ALL else _titled(filing, label if "表" in label else f"{label}表")
    return _file_name(filing, title, ending)


def data_document(filing: Filing) -> Document:
    """The result as a text file for programs: one head, and a row for each subject, dimension and grade."""
    counted = filing.counted
    content = csv_bytes(data_rows(counted.result, heading_of(counted.setup, counted.round)))
    return Document(_file_name(filing, _titled(filing, "结果数据"), "csv"), _CSV_TYPE, content)


def _titled(filing: Filing, kind: str) -> str:
    return sheet_title(heading_of(filing.counted.setup, filing.counted.round), kind)


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
    return Document(_file_name(filing, sheet.title, "csv"), _CSV_TYPE, csv_text(sheet))


def _file_name(filing: Filing, title: str, ending: str) -> str:
    """Unit, meeting and kind of sheet in one, as an office names it: 青山区统计局2026年度民主测评结果汇总表.xlsx."""
    number = filing.counted.round.number
    again = f"（第{number}轮）" if number > 1 else ""
    again += f"（第{filing.counted.version}版）" if len(filing.counted.versions) > 1 else ""
    return f"{file_stem(title)}{again}.{ending}"
