"""What the page of ballots on paper shows: who has typed how many, and where the two differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaohe.domain.meetings import MeetingState
from kaohe.domain.paper import PaperDifference, cell_labels
from kaohe.domain.permissions import Act
from kaohe.operations.hall.paper_ballots import TYPISTS, PaperPiles, load_paper
from kaohe.web.access import may_now, this_account
from kaohe.web.organizer.chair.paper_form import PaperForm, paper_form
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.frame import MeetingFrame, meeting_frame

_DIFFERENCES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One thing that the two have not typed alike."""

    number_text: str
    cell_text: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """The whole page."""

    frame: MeetingFrame
    refusal: Refusal | None
    state_text: str
    can_issue: bool
    can_print: bool
    """Whether blank forms may be printed by whoever looks."""
    issued_text: str
    """How many blank forms were handed out, as far as it was said."""
    form: PaperForm | None
    blanks: int
    """How many open cells the typist is asked about; 0 for none."""
    typed_numbers: tuple[str, ...]
    typists: tuple[tuple[str, str], ...]
    """(name, how many sheets)."""
    differences: tuple[DifferenceLine, ...]
    differences_text: str
    is_settled: bool


def paper_page(
    meeting_id: str, refusal: Refusal | None = None, *, posted: Mapping[str, str] | None = None, blanks: int = 0
) -> PaperPage:
    """The page as the typing stands now, with what was ``posted`` where it was refused, or ``blanks`` asked about."""
    frame = meeting_frame(meeting_id, "chair")
    found = load_paper(meeting_id)
    own = found.piles.get(this_account().name, {})
    can_type = found.state is MeetingState.CLOSED
    labels = {group.key: group.label for group in found.setup.groups}
    differences = tuple(
        _difference_line(found, labels, difference) for difference in found.differences[:_DIFFERENCES_SHOWN]
    )
    return PaperPage(
        frame=frame,
        refusal=refusal,
        state_text=_state_text(found),
        can_issue=may_now(Act.RECORD_NUMBERS, found.state)
        and found.state in (MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED),
        can_print=may_now(Act.PREPARE, found.state) and found.state in (MeetingState.DRAFT, MeetingState.OPEN),
        issued_text=f"已登记发出纸质票 {found.issued} 张，计入“发出”。"
        if found.issued
        else "还没有登记发出多少张纸质票。",
        form=paper_form(found, own, labels, posted) if can_type else None,
        blanks=blanks,
        typed_numbers=tuple(str(number) for number in own),
        typists=tuple((name, str(len(pile))) for name, pile in found.piles.items()),
        differences=differences if len(found.piles) == TYPISTS else (),
        differences_text=f"共 {len(found.differences)} 处" if len(found.piles) == TYPISTS else "",
        is_settled=bool(found.piles) and found.is_settled,
    )


def _state_text(found: PaperPiles) -> str:
    if found.state in (MeetingState.DRAFT, MeetingState.OPEN):
        return "结束投票、收齐纸质票并逐张编号后，在这里录入；发出多少张，请在发放时登记。"
    return _typing_text(found) if found.state is MeetingState.CLOSED else _counted_text(found)


def _typing_text(found: PaperPiles) -> str:
    if not found.piles:
        return "请先给收回的纸质票逐张编号，再由两人各用自己的账号独立录入。"
    if len(found.piles) < TYPISTS:
        return "一人已经在录入，请另一人用自己的账号独立录入一遍。"
    if not found.is_settled:
        return "两次录入不一致，请对照票面核对下面列出的各处。"
    missing = f"；发出的还有 {found.unanswered} 张没有录入，请录入，或在主持页面登记“没有收回”"
    return f"两次录入完全一致{missing if found.unanswered else '，可以开箱计票'}。"


def _counted_text(found: PaperPiles) -> str:
    if found.counted:
        return f"本轮已经开箱计票，纸质票 {found.counted} 张已一并计入，录入内容已销毁。"
    if found.issued:
        return f"本轮已经开箱计票，发出的 {found.issued} 张纸质票没有收回，没有纸质票计入。"
    return "本轮已经开箱计票，没有用纸质票。"


def _difference_line(found: PaperPiles, group_labels: Mapping[str, str], difference: PaperDifference) -> DifferenceLine:
    if difference.cell_key is None:
        sides = [
            "未录入" if group is None else group_labels.get(group, group)
            for group in (difference.first, difference.second)
        ]
        return DifferenceLine(str(difference.number), "整张票", sides[0], sides[1])
    group_key = next(pile[difference.number].group_key for pile in found.piles.values() if difference.number in pile)
    style = next(style for style in found.styles if group_key in style.groups)
    subject_key, item = difference.cell_key
    name = next(subject.full_name for subject in style.asked_subjects if subject.key == subject_key)
    part = cell_labels(style)[difference.cell_key]
    heading = part.item_labels[item]
    sides = ["空" if mark is None else part.word(mark) for mark in (difference.first, difference.second)]
    return DifferenceLine(str(difference.number), f"{name} · {heading}", sides[0], sides[1])
