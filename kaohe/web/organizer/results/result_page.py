"""What the page of the result shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.errors import CountBroken, InputsMissing, MeetingUnknown
from kaohe.domain.meetings import HallView, MeetingSetup, MeetingState
from kaohe.domain.permissions import Act
from kaohe.domain.sheet_marks import SheetMarks
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.archive.documents import DATA_KEY, can_write_pdf
from kaohe.operations.archive.filing import (
    BALLOTS_KEY,
    COMMENTS_KEY,
    FILING_SET_LABELS,
    Filing,
    FilingSet,
    load_filing,
    offered_sets,
    version_text,
    without_ballots,
)
from kaohe.operations.count.box_keys import key_copy_reminder
from kaohe.operations.count.disclosing import exposures
from kaohe.operations.count.results import CountedRound, list_boards
from kaohe.operations.hall.boards import Board
from kaohe.operations.setup.material import load_lengths
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.access import may_now
from kaohe.web.organizer.results.result_sections import SectionBlock, section_blocks
from kaohe.web.organizer.shell.board_block import Tile, board_block
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import state_chip

_WHOLE = "各表数据"
"""The label of sheets of the whole meeting, beside those of its sections."""


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One round of the meeting, voided ones included."""

    number_text: str
    state_label: str
    numbers_text: str
    void_reason: str
    url: str
    is_current: bool
    is_voided: bool


@dataclass(frozen=True, slots=True)
class Download:
    """A file or page of the result."""

    label: str
    url: str
    kind: str
    """Stable and meant for programs."""


@dataclass(frozen=True, slots=True)
class CountedBlock:
    """The result of a counted round."""

    is_published: bool
    version_text: str
    """Which version of a corrected result it is; '' where nothing was corrected."""
    wall_sentence: str
    """Before the publication: what the hall sees, and has seen, of the result."""
    missing: Sequence[str]
    """What the final score still lacks; the result is that of the votes alone until it is there."""
    cautions: Sequence[str]
    """What the votes and the score together would give away about small voter groups."""
    notes: Sequence[str]
    sections: Sequence[SectionBlock]
    code: str
    marks: SheetMarks
    """What stands in the head of every sheet."""
    main_downloads: Sequence[Download]
    """What nearly every office takes; all the rest is in ``other_downloads``."""
    packing_url: str
    """Where to ask what the packing of all files is at."""
    can_write_pdf: bool
    other_downloads: Sequence[tuple[str, Sequence[Download]]]
    """By what they are for: (label, files)."""
    has_ballot_list: bool
    has_material: bool
    """Whether somebody may want to print what could be read about the subjects."""
    has_comments: bool
    """Whether comments were asked for, which whoever is signed in reviews before they are handed over."""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The result on the console, and every round that led to it."""

    frame: MeetingFrame
    refusal: Refusal | None
    rounds: Sequence[RoundLine]
    shown: RoundLine
    tiles: Sequence[Tile]
    counted: CountedBlock | None
    typed: SheetMarks | None = None
    """Marks that were refused, to be typed right."""


def result_page(meeting_id: str, round_number: int | None = None, version: int | None = None) -> ResultPage:
    """The result of a round, the latest one and its latest version unless numbers are given.

    Where the numbers do not conserve, or what is computed without a vote lacks a score, the refusal stands in place of
    the result.

    Raises:
        MeetingUnknown: no such meeting, round or version.
    """
    setup, this_round = load_meeting(meeting_id)
    boards = list_boards(meeting_id)
    board = next((board for board in boards if board.round.number == round_number), None)
    if board is None and round_number is not None:
        raise MeetingUnknown("没有这一轮，请从列表中选择。")
    board = board or boards[-1]
    counted, refusal = None, None
    if board.round.state.is_counted and not board.round.is_voided:
        try:
            counted = _counted(_seen(load_filing(meeting_id, board.round.number, version)))
        except (CountBroken, InputsMissing) as error:
            refusal = refusal_of(error)
    return ResultPage(
        frame=frame_of(setup, this_round, "result"),
        refusal=refusal,
        rounds=[_round_line(each, is_current=each is board) for each in boards],
        shown=_round_line(board, is_current=True),
        tiles=board_block(board).tiles,
        counted=counted,
    )


def _seen(filing: Filing) -> Filing:
    """The sheets that whoever is signed in may take."""
    return filing if may_now(Act.TAKE_BALLOTS, filing.counted.round.state) else without_ballots(filing)


def _state_label(board: Board) -> str:
    has_votes = takes_ballots(board.setup.full_scheme)
    return state_chip(board.round.state, is_paused=board.round.is_paused, has_votes=has_votes).label


def _round_line(board: Board, *, is_current: bool) -> RoundLine:
    this_round = board.round
    return RoundLine(
        number_text=f"第 {this_round.number} 轮",
        state_label="已作废" if this_round.is_voided else _state_label(board),
        numbers_text=f"应到 {board.entitled}，发出 {board.issued}，收回 {board.cast}"
        if takes_ballots(board.setup.full_scheme)
        else "不投票",
        void_reason=this_round.void_reason or "",
        url=url_for("organizer.result", meeting_id=board.setup.id, round=this_round.number),
        is_current=is_current,
        is_voided=this_round.is_voided,
    )


def _counted(filing: Filing) -> CountedBlock:
    setup, this_round, result = filing.counted.setup, filing.counted.round, filing.counted.result
    return CountedBlock(
        is_published=this_round.state is not MeetingState.COUNTED,
        version_text=version_text(filing.counted),
        wall_sentence=_wall_sentence(setup),
        missing=filing.counted.missing,
        cautions=(*_reminder(setup.id), *(exposure.sentence for exposure in exposures(filing.counted))),
        notes=result.notes,
        sections=section_blocks(result, filing.sheets, setup.id),
        code=filing.code,
        marks=filing.marks,
        main_downloads=_main_downloads(filing.counted),
        packing_url=url_for("documents.packing", job=setup.id),
        can_write_pdf=can_write_pdf(),
        other_downloads=_other_downloads(filing, has_votes=takes_ballots(setup.full_scheme)),
        has_ballot_list=any(filed.key == BALLOTS_KEY for filed in filing.sheets),
        has_material=bool(load_lengths(setup.id)),
        has_comments=any(filed.key == COMMENTS_KEY for filed in filing.sheets)
        and may_now(Act.REVIEW_COMMENTS, this_round.state),
    )


def _reminder(meeting_id: str) -> tuple[str, ...]:
    reminder = key_copy_reminder(meeting_id)
    return (reminder,) if reminder else ()


def _wall_sentence(setup: MeetingSetup) -> str:
    if not takes_ballots(setup.full_scheme):
        return "尚未公布：目前只有组织者和人事能看到，大屏上没有任何结果。"
    now = "尚未公布：目前只有组织者和人事能看到，大屏上只有应到、发出、收回等人数和票数。"
    if setup.hall_view is HallView.TURNOUT:
        return now
    how = "逐票" if setup.hall_view is HallView.INSTANT else "分批"
    return f"{now}投票期间，大屏曾{how}显示各考核对象的票数。"


def _sheet_downloads(filing: Filing) -> list[tuple[str, list[Download]]]:
    labels = {section.key: section.label for section in filing.counted.result.scheme.declared_sections}
    found: dict[str, list[Download]] = {_WHOLE: []}
    for filed in filing.sheets:
        section, _, _ = filed.key.rpartition(".")
        name = filed.sheet.name.partition("·")[0] if section else filed.sheet.name
        url = _sheet_url(filing.counted, filed.key)
        found.setdefault(labels.get(section, _WHOLE), []).append(Download(f"{name}.csv", url, filed.key))
    found[_WHOLE].append(Download("结果数据.csv", _sheet_url(filing.counted, DATA_KEY), DATA_KEY))
    return list(found.items())


def _main_downloads(counted: CountedRound) -> tuple[Download, ...]:
    return (
        Download("打印签字归档表", _document_url(counted, "print_sheets"), "print"),
        Download("Excel 工作簿", _document_url(counted, "workbook"), "workbook"),
        Download("全部文件（压缩包）", _document_url(counted, "everything"), "everything"),
    )


def _other_downloads(filing: Filing, *, has_votes: bool) -> list[tuple[str, list[Download]]]:
    counted = filing.counted

    def of_set(label: str, endpoint: str, wanted: FilingSet, kind: str) -> Download:
        return Download(label, _document_url(counted, endpoint, wanted), kind)

    beside = [each for each in offered_sets(counted.result) if each not in (FilingSet.SIGNED, FilingSet.ALL)]
    printed = [of_set(FILING_SET_LABELS[each], "print_sheets", each, f"print-{each}") for each in beside]
    if may_now(Act.PREPARE, counted.round.state):
        url = url_for("documents.early_papers", meeting_id=counted.setup.id)
        printed.append(Download("会议通知、记实簿", url, "print-early"))
    pdf = [
        of_set("PDF（签字归档）", "pdf", FilingSet.SIGNED, "pdf"),
        of_set("PDF（附件）", "pdf", FilingSet.ATTACHED, "pdf-attached"),
    ]
    word = [
        of_set("Word（签字归档）", "word", FilingSet.SIGNED, "word"),
        of_set("Word（附件）", "word", FilingSet.ATTACHED, "word-attached"),
    ]
    is_purged = counted.round.purged_at is not None
    kept = [Download("回执清单", _document_url(counted, "receipts"), "receipts")] if has_votes and not is_purged else []
    if may_now(Act.TAKE_BALLOTS, counted.round.state):
        label = "归档包（选票已清除，只有票数）" if is_purged else "归档包（密封保管）"
        kept.append(Download(label, _document_url(counted, "bundle"), "bundle"))
    return [
        ("其他打印", printed),
        ("PDF 和 Word" if can_write_pdf() else "Word", [*(pdf if can_write_pdf() else ()), *word]),
        *([("核对和保管", kept)] if kept else []),
        *_sheet_downloads(filing),
    ]


def _document_url(counted: CountedRound, endpoint: str, wanted: FilingSet | None = None) -> str:
    return url_for(
        f"documents.{endpoint}",
        meeting_id=counted.setup.id,
        round_number=counted.round.number,
        version=_version(counted),
        set=wanted,
    )


def _sheet_url(counted: CountedRound, key: str) -> str:
    number = counted.round.number
    return url_for(
        "documents.sheet_csv", meeting_id=counted.setup.id, round_number=number, sheet=key, version=_version(counted)
    )


def _version(counted: CountedRound) -> int | None:
    """What an address of a version says that was corrected later; None for the latest one."""
    is_latest = all(each.number <= counted.version for each in counted.versions)
    return None if is_latest else counted.version
