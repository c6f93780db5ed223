"""What the pages of the result and of the record of acts show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from flask import url_for

from kaohe.domain.errors import CountBroken, MeetingUnknown
from kaohe.domain.meetings import MeetingState
from kaohe.operations.chairing import Board
from kaohe.operations.disclosing import exposures
from kaohe.operations.filing import BALLOTS_KEY, GROUPS_KEY, Filing, load_filing
from kaohe.operations.preparing import load_meeting
from kaohe.operations.results import COUNTED, list_boards, list_events
from kaohe.reports.sheet import NOTHING, Sheet
from kaohe.tally.model import Figure, GradeCounts, Result, SubjectResult
from kaohe.tally.sharing import has_upper_rate, upper_label
from kaohe.web.organizer.acts import act_text
from kaohe.web.organizer.chair_page import Tile, board_block
from kaohe.web.organizer.frame import MeetingFrame, frame_of, state_chip
from kaohe.web.organizer.refusing import Refusal, refusal_of

BAR_WIDTH = 1000
"""In the bar's own units: each vote's part is exact to a thousandth."""


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
class BarPart:
    """A stretch of a subject's bar: ``kind`` is the part of the style class that colours it."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject's result as a person reads it."""

    key: str
    name: str
    post_text: str
    rank_text: str
    is_tied: bool
    score_text: str
    upper_text: str
    bar: Sequence[BarPart]
    shares: Sequence[tuple[str, str, str, str]]
    """(kind, label, votes, rate) of every grade and of what carries none."""
    dimension_scores: Sequence[tuple[str, str]]
    explain: Sequence[str]


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
    warnings: Sequence[str]
    notes: Sequence[str]
    classes: Sequence[tuple[str, Sequence[SubjectLine]]]
    """Subjects by class, each in the order of rank; the class is empty where there is only one."""
    legend: Sequence[tuple[str, str]]
    """(kind, label) of every colour."""
    upper_label: str
    """称职以上率, where the scale has it."""
    explain_withheld: str
    table: Sheet
    code: str
    main_downloads: Sequence[Download]
    sheet_downloads: Sequence[Download]
    has_ballot_list: bool


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The result on the console, and every round that led to it."""

    frame: MeetingFrame
    refusal: Refusal | None
    rounds: Sequence[RoundLine]
    shown: RoundLine
    tiles: Sequence[Tile]
    counted: CountedBlock | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """The record of acts (操作记录), the newest first."""

    frame: MeetingFrame
    lines: Sequence[tuple[str, str, str]]
    """(time, who, what was done)."""


def result_page(meeting_id: str, round_number: int | None = None) -> ResultPage:
    """The result of a round, the latest one unless a number is given.

    Where the numbers do not conserve the refusal stands in place of the result.

    Raises:
        MeetingUnknown: no such meeting or round.
    """
    setup, held = load_meeting(meeting_id)
    boards = list_boards(meeting_id)
    board = next((each for each in boards if each.round.number == round_number), None)
    if board is None and round_number is not None:
        raise MeetingUnknown("没有这一轮，请从列表中选择。")
    board = board or boards[-1]
    counted, refusal = None, None
    if board.round.state in COUNTED and not board.round.is_voided:
        try:
            counted = _counted(load_filing(meeting_id, board.round.number))
        except CountBroken as error:
            refusal = refusal_of(error)
    return ResultPage(
        frame=frame_of(setup, held, "result"),
        refusal=refusal,
        rounds=[_round_line(each, is_current=each is board) for each in boards],
        shown=_round_line(board, is_current=True),
        tiles=board_block(board).tiles,
        counted=counted,
    )


def events_page(meeting_id: str) -> EventsPage:
    """The record as it stands now, in the time of the server's place.

    Raises:
        MeetingUnknown: no such meeting.
    """
    setup, held = load_meeting(meeting_id)
    labels = {group.key: group.label for group in setup.groups}
    return EventsPage(
        frame=frame_of(setup, held, "events"),
        lines=[
            (f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}", event.actor, act_text(event.act, event.detail, labels))
            for event in list_events(meeting_id)
        ],
    )


def _round_line(board: Board, *, is_current: bool) -> RoundLine:
    held = board.round
    return RoundLine(
        number_text=f"第 {held.number} 轮",
        state_label="已作废" if held.is_voided else state_chip(held.state, is_paused=held.is_paused).label,
        numbers_text=f"应到 {board.entitled}，发出 {board.issued}，收回 {board.cast}",
        void_reason=held.void_reason or "",
        url=url_for("organizer.result", meeting_id=board.setup.id, round=held.number),
        is_current=is_current,
        is_voided=held.is_voided,
    )


def _counted(filing: Filing) -> CountedBlock:
    setup, held, result = filing.counted.setup, filing.counted.round, filing.counted.result
    return CountedBlock(
        is_published=held.state is not MeetingState.COUNTED,
        warnings=(*(each.sentence for each in exposures(filing.counted)), *result.warnings),
        notes=result.notes,
        classes=_classes(result),
        legend=[
            *((f"grade-{number}", grade.label) for number, grade in enumerate(result.scheme.grades, start=1)),
            ("abstain", "弃权、未填或无效"),
        ],
        upper_label=f"{upper_label(result.scheme)}率" if has_upper_rate(result.scheme) else "",
        explain_withheld=next((filed.sheet.withheld for filed in filing.sheets if filed.key == GROUPS_KEY), ""),
        table=filing.summary,
        code=filing.summary.code,
        main_downloads=_main_downloads(setup.id, held.number),
        sheet_downloads=[
            Download(f"{filed.sheet.name}.csv", _sheet_url(setup.id, held.number, filed.key), filed.key)
            for filed in filing.sheets
        ],
        has_ballot_list=any(filed.key == BALLOTS_KEY for filed in filing.sheets),
    )


def _main_downloads(meeting_id: str, number: int) -> tuple[Download, ...]:
    def url(endpoint: str) -> str:
        return url_for(f"documents.{endpoint}", meeting_id=meeting_id, round_number=number)

    return (
        Download("Excel 工作簿", url("workbook"), "workbook"),
        Download("打印汇总表（签字归档）", url("print_sheets"), "print"),
        Download("回执清单", url("receipts"), "receipts"),
        Download("归档包（密封保管）", url("bundle"), "bundle"),
    )


def _sheet_url(meeting_id: str, number: int, key: str) -> str:
    return url_for("documents.sheet_csv", meeting_id=meeting_id, round_number=number, sheet=key)


def _classes(result: Result) -> list[tuple[str, list[SubjectLine]]]:
    labels = list(dict.fromkeys(each.subject.class_label for each in result.subjects))
    return [
        (
            label if len(labels) > 1 else "",
            [
                _subject_line(each, len(result.scheme.dimensions) > 1)
                for each in sorted(result.subjects, key=_by_rank)
                if each.subject.class_label == label
            ],
        )
        for label in labels
    ]


def _by_rank(each: SubjectResult) -> tuple[bool, int]:
    return each.rank is None, each.rank or 0


def _subject_line(each: SubjectResult, has_dimensions: bool) -> SubjectLine:  # noqa: FBT001 - only called here
    none = each.counts.abstention + each.counts.skipped
    shares = [
        (f"grade-{number}", share.label, str(share.count), f"{share.rate.text}%" if share.rate else NOTHING)
        for number, share in enumerate(each.shares, start=1)
    ]
    rest = [("abstain", "弃权/未填", none), ("invalid", "无效", each.counts.invalid)]
    return SubjectLine(
        key=each.subject.key,
        name=each.subject.name,
        post_text=f"{each.subject.unit} {each.subject.post}".strip(),
        rank_text=NOTHING if each.rank is None else str(each.rank),
        is_tied=each.tied,
        score_text=_text(each.score),
        upper_text=f"{each.upper_rate.text}%" if each.upper_rate else "",
        bar=_bar(each.counts),
        shares=[*shares, *((kind, label, str(votes), "") for kind, label, votes in rest if votes)],
        dimension_scores=[(item.label, _text(item.score)) for item in each.items if has_dimensions],
        explain=each.explain,
    )


def _bar(counts: GradeCounts) -> list[BarPart]:
    """The votes as stretches that fill the bar exactly; rounding moves an edge, never the sum."""
    votes = [*counts.grades, counts.abstention + counts.skipped + counts.invalid]
    total = sum(votes)
    if not total:
        return []
    edges = [BAR_WIDTH * passed // total for passed in accumulate(votes, initial=0)]
    kinds = [*(f"grade-{number}" for number in range(1, len(counts.grades) + 1)), "abstain"]
    return [
        BarPart(kind, left, right - left)
        for kind, (left, right) in zip(kinds, pairwise(edges), strict=True)
        if right > left
    ]


def _text(figure: Figure | None) -> str:
    return NOTHING if figure is None else figure.text
