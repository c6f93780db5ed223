"""Makes the papers that are needed before a result: the notice of the meeting (会议通知), and work logs (记实簿)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kaohe.domain.errors import NotFound
from kaohe.domain.meetings import MeetingSetup
from kaohe.operations.archive.documents import Document, made_of_sheets
from kaohe.operations.archive.filing import heading_of
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.early_papers import MeetingTerms, has_notice, meeting_notice, work_logs
from kaohe.reports.heading import Heading, sheet_title
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.storage.read_views import reading


class EarlySet(StrEnum):
    """Which papers an office takes before there is a result."""

    NOTICE = "notice"
    WORK_LOG = "work_log"


EARLY_SET_LABELS: Final = {EarlySet.NOTICE: "会议通知", EarlySet.WORK_LOG: "平时考核记实簿"}


@dataclass(frozen=True, slots=True)
class EarlyPapers:
    """The papers of one set for a meeting, whatever its state."""

    setup: MeetingSetup
    heading: Heading
    wanted: EarlySet
    sheets: tuple[Sheet, ...]

    @property
    def title(self) -> str:
        """What the papers are called, without an ending."""
        return sheet_title(self.heading, EARLY_SET_LABELS[self.wanted])


@reading()
def load_early_papers(meeting_id: str, wanted: EarlySet, terms: MeetingTerms) -> EarlyPapers:
    """The papers of a set; no sheets where nobody votes and so nobody is called, or nobody on the list is a person."""
    setup, this_round = load_meeting(meeting_id)
    heading = heading_of(setup, this_round)
    if wanted is EarlySet.WORK_LOG:
        return EarlyPapers(setup, heading, wanted, work_logs(setup.subjects, heading))
    sheets = (meeting_notice(setup, heading, terms),) if has_notice(setup) else ()
    return EarlyPapers(setup, heading, wanted, sheets)


def early_document(papers: EarlyPapers, ending: str) -> Document:
    """The papers as one file: xlsx, docx or pdf.

    Raises:
        NotFound: there is no such paper, or no such kind of file.
        FontMissing: this machine has no font to write a PDF in.
        CharacterWithoutFont: a character is in none of the fonts of this machine.
    """
    if not papers.sheets:
        raise NotFound
    return made_of_sheets(papers.sheets, ending, f"{file_stem(papers.title)}.{ending}", None)
