"""What the printed pages show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from flask import url_for
from markupsafe import Markup

from kaohe.domain.errors import BallotsPurged
from kaohe.domain.meetings import MeetingSetup
from kaohe.operations.archive.documents import can_write_pdf
from kaohe.operations.archive.early_papers import EARLY_SET_LABELS, EarlyPapers, EarlySet
from kaohe.operations.archive.filing import BALLOTS_KEY, FILING_SET_LABELS, Filing, FilingSet, offered_sets, sheets_of
from kaohe.operations.setup.material import load_lengths
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.early_papers import FEWEST_DAYS, MeetingTerms, days_of_notice
from kaohe.reports.notice import NoticeTerms, working_days
from kaohe.reports.sheet import Sheet
from kaohe.web.documents.leaves import leaves_of
from kaohe.web.documents.notice_terms import NoticeFields, TermField, meeting_fields, meeting_terms_in_address

_NOTHING_MORE: Final[Mapping[str, Any]] = MappingProxyType({})
_FILES: Final = {"workbook": "下载 Excel 工作簿", "word": "下载 Word 文档", "pdf": "下载 PDF"}
_ENDINGS: Final = dict(zip(("xlsx", "docx", "pdf"), _FILES.values(), strict=True))
_EACH_SHEET: Final = "每张表单独编页，栏目多的自动横排或用 A3 纸。签字、盖章后归档。"
_LONG_LIST: Final = "整票清单较长，未列入本页，请在结果页下载。"
_WORKING_DAYS: Final = (
    "截止日按工作日推算，周六、周日不计；遇法定节假日请填在“其间放假日”。"
    "本系统不知道哪些周末调休上班，遇到调休的，请直接填写“公示截止日”。"
)
_NOBODY_TO_ANNOUNCE: Final = "本次结果还没有优秀及以上等次（没有“优秀”的，为最高等次）的对象，没有可以公示的名单。"
_NO_SHEETS: Final = "本次会议没有可以出具的此类表。"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a file or to another page."""

    label: str
    url: str
    is_here: bool = False
    """Whether it leads to this page."""


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The sheets of a set, each on paper of its own."""

    title: str
    back: Link
    files: Sequence[Link]
    sets: Sequence[Link]
    """The ways to the pages of the other sets of sheets."""
    leaves: Markup
    """The sheets as they lie on paper; '' for none."""
    fields: Sequence[TermField]
    """What is asked about a notice; none for other sheets."""
    kept: Mapping[str, str]
    """What the form of these fields sends with them."""
    advice: Sequence[str]
    """What to know before it is printed."""


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """The receipts in the box, sorted, so that a voter finds the own one and sees that its ballot was counted."""

    title: str
    unit: str
    meeting_id: str
    round_number: int
    round_text: str
    count_text: str
    receipts: Sequence[str]


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """Somebody about whom something can be read, and how much."""

    name: str
    length: str


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """About whom there is something to print; once it was asked for, the sheets."""

    title: str
    meeting_id: str
    lines: Sequence[MaterialLine]
    leaves: Markup
    """The sheets as they lie on paper; '' before they are asked for."""
    can_write_pdf: bool


def material_page(meeting_id: str, sheets: Sequence[Sheet] = ()) -> MaterialPage:
    """The page from which material is printed, or with ``sheets`` the one that is."""
    setup, _ = load_meeting(meeting_id)
    lengths = load_lengths(meeting_id)
    return MaterialPage(
        title=setup.title,
        meeting_id=meeting_id,
        lines=[
            MaterialLine(subject.full_name, f"{lengths[subject.key]} 字")
            for subject in setup.subjects
            if subject.key in lengths
        ],
        leaves=leaves_of(sheets),
        can_write_pdf=can_write_pdf(),
    )


def print_page(filing: Filing, wanted: FilingSet, terms: NoticeTerms) -> PrintPage:
    """The page to print a set of sheets. Whole ballots are not on it: there may be thousands of them."""
    counted = filing.counted
    version: dict[str, Any] = {"version": str(counted.version)} if len(counted.versions) > 1 else {}

    def url(endpoint: str, each: FilingSet, more: Mapping[str, Any] = _NOTHING_MORE) -> str:
        number = counted.round.number
        return url_for(
            f"documents.{endpoint}", meeting_id=counted.setup.id, round_number=number, set=each, **version, **more
        )

    said = NoticeFields.of(terms).in_address()
    sheets = sheets_of(filing, wanted, terms)
    is_notice = wanted is FilingSet.NOTICE
    without_sheets = _NOBODY_TO_ANNOUNCE if is_notice else _NO_SHEETS
    return PrintPage(
        title=filing.title,
        back=Link("返回结果", url_for("organizer.result", meeting_id=counted.setup.id, round=counted.round.number)),
        files=[Link(label, url(endpoint, wanted, said)) for endpoint, label in _FILES.items()],
        sets=[
            Link(FILING_SET_LABELS[each], url("print_sheets", each), each is wanted)
            for each in offered_sets(counted.result)
        ],
        leaves=leaves_of(sheets),
        fields=NoticeFields.of(terms).fields() if is_notice else (),
        kept={"set": wanted, **version},
        advice=[
            *(_about_span(terms) if is_notice else []),
            *([] if sheets else [without_sheets]),
            _EACH_SHEET + (_LONG_LIST if any(filed.key == BALLOTS_KEY for filed in filing.sheets) else ""),
        ],
    )


def _about_span(terms: NoticeTerms) -> Iterator[str]:
    yield _WORKING_DAYS
    counted = working_days(terms)
    if counted not in (None, terms.days):
        yield (
            f"从公示起始日到截止日，按周一至周五推算并扣除所填放假日，有 {counted} 个工作日，"
            f"公示上写的是 {terms.days} 个。"
            "如果不是放假、调休造成的，请改“工作日数”或“公示截止日”。"
        )


def early_page(papers: EarlyPapers, terms: MeetingTerms) -> PrintPage:
    """The page to print what is needed before a result: the notice of the meeting, or the work logs."""
    meeting_id, is_notice = papers.setup.id, papers.wanted is EarlySet.NOTICE
    said = meeting_terms_in_address(terms) if is_notice else {}

    def url(endpoint: str, each: EarlySet, more: Mapping[str, Any] = _NOTHING_MORE) -> str:
        return url_for(f"documents.{endpoint}", meeting_id=meeting_id, set=each, **more)

    return PrintPage(
        title=papers.title,
        back=Link("返回检查", url_for("organizer.check", meeting_id=meeting_id)),
        files=[
            Link(label, url("early_file", papers.wanted, {"ending": ending, **said}))
            for ending, label in _ENDINGS.items()
        ],
        sets=[
            Link(label, url("early_papers", each), each is papers.wanted) for each, label in EARLY_SET_LABELS.items()
        ],
        leaves=leaves_of(papers.sheets),
        fields=meeting_fields(terms) if is_notice else (),
        kept={"set": papers.wanted},
        advice=[*(_about_days(papers.setup, terms) if is_notice else []), *([] if papers.sheets else [_NO_SHEETS])],
    )


def _about_days(setup: MeetingSetup, terms: MeetingTerms) -> Iterator[str]:
    days = days_of_notice(terms, setup)
    if days is None:
        yield f"会议还没有填写日期，无法核对是否提前 {FEWEST_DAYS} 天通知。请先在“基本信息”中填写。"
    elif days < 0:
        yield "通知日期在会议日期之后，请核对两个日期。"
    elif days < FEWEST_DAYS:
        yield f"通知日期距会议只有 {days} 天。会议应提前 {FEWEST_DAYS} 天以上通知，请提前发出，或者推迟会议。"
    else:
        yield f"通知提前 {days} 天发出，符合提前 {FEWEST_DAYS} 天以上通知的要求。"


def receipts_page(filing: Filing) -> ReceiptsPage:
    """The list to put up in the hall or to look through.

    Raises:
        BallotsPurged: it was destroyed when its time was over.
    """
    counted = filing.counted
    if counted.round.purged_at is not None:
        raise BallotsPurged("回执清单已按期清除。")
    return ReceiptsPage(
        title=counted.setup.title,
        unit=counted.setup.unit,
        meeting_id=counted.setup.id,
        round_number=counted.round.number,
        round_text=f"第 {counted.round.number} 轮" if counted.round.number > 1 else "",
        count_text=str(len(counted.receipts)),
        receipts=counted.receipts,
    )
