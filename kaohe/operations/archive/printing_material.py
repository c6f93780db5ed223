"""Puts material (述职、自评、小结) on paper where somebody asks for it, which is recorded each time."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from kaohe.domain.errors import NotFound
from kaohe.operations.archive.documents import Document, made_of_sheets
from kaohe.operations.archive.filing import heading_of
from kaohe.reports.heading import sheet_title
from kaohe.reports.material import material_sheets
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.storage.database import reading, transaction
from kaohe.storage.meetings import load_setup, materials_of
from kaohe.storage.record import record
from kaohe.storage.rounds import current_round


class MaterialForm(StrEnum):
    """In what form material is put on paper."""

    PAGE = "page"
    WORD = "word"
    PDF = "pdf"


FORM_LABELS: Final = {MaterialForm.PAGE: "打印页", MaterialForm.WORD: "Word 文档", MaterialForm.PDF: "PDF"}


def print_sheets_of_material(actor: str, meeting_id: str) -> Sequence[Sheet]:
    """The sheets of everybody about whom something can be read, for the page to print; the act is recorded.

    Raises:
        NotFound: nothing can be read about anybody.
    """
    sheets, _ = _sheets(meeting_id)
    _record(actor, meeting_id, MaterialForm.PAGE, sheets)
    return sheets


def material_document(actor: str, meeting_id: str, form: MaterialForm) -> Document:
    """Everybody's sheets as a Word document or a PDF; the act is recorded once the document is made.

    Raises:
        NotFound: nothing can be read about anybody.
        FontMissing: this machine has no font to write a PDF in.
        CharacterWithoutFont: a character is in none of the fonts of this machine.
    """
    sheets, title = _sheets(meeting_id)
    ending = "docx" if form is MaterialForm.WORD else "pdf"
    made = made_of_sheets(sheets, ending, f"{file_stem(title)}.{ending}", None)
    _record(actor, meeting_id, form, sheets)
    return made


def _sheets(meeting_id: str) -> tuple[Sequence[Sheet], str]:
    with reading() as session:
        setup = load_setup(session, meeting_id)
        heading = heading_of(setup, current_round(session, meeting_id))
        sheets = material_sheets(setup.subjects, materials_of(session, meeting_id), heading)
    if not sheets:
        raise NotFound("本场会议没有述职、自评材料。")
    return sheets, sheet_title(heading, "述职、自评材料")


def _record(actor: str, meeting_id: str, form: MaterialForm, sheets: Sequence[Sheet]) -> None:
    with transaction() as session:
        record(session, meeting_id, actor, "printed_material", form=FORM_LABELS[form], count=str(len(sheets)))
