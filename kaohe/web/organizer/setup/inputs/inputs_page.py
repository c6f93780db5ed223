"""What the page of other scores and decisions shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kaohe.domain.rosters import RowProblem
from kaohe.operations.count.sources import offered_periods, stale_inputs
from kaohe.operations.setup.inputs import CORRECTABLE, load_inputs
from kaohe.operations.setup.preparing import list_meetings
from kaohe.web.access import this_reach
from kaohe.web.organizer.setup.inputs.component_block import ComponentBlock, component_block
from kaohe.web.organizer.setup.inputs.decisions_block import DecisionsBlock, decisions_block
from kaohe.web.organizer.setup.inputs.input_forms import TakePeriodForm
from kaohe.web.organizer.setup.inputs.periods_block import PeriodsBlock, periods_block
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import day_text
from kaohe.web.organizer.shell.pasted_rows import PastedForm


@dataclass(frozen=True, slots=True)
class InputsPage:
    """Everything that the scheme asks for beside the votes."""

    frame: MeetingFrame
    is_correcting: bool
    """Whether the result is published, so that what changes here waits for a correction."""
    is_asked: bool
    needs_scores: bool
    """Whether a part of the score comes from elsewhere at all."""
    missing: tuple[str, ...]
    components: tuple[ComponentBlock, ...]
    periods: PeriodsBlock | None
    decisions: DecisionsBlock | None
    meetings: tuple[Option, ...]
    """The counted meetings that scores may be taken from."""
    posted_block: str
    """The block whose form was refused, by its anchor; its text is kept. Empty where the page has no such block."""
    pasted: str
    label: str
    problems: tuple[RowProblem, ...]
    doubts: tuple[str, ...]
    """What people must answer before it is stored."""
    refusal: Refusal | None


def inputs_page(
    meeting_id: str,
    block: str = "",
    refusal: Refusal | None = None,
    problems: Sequence[RowProblem] = (),
    doubts: Sequence[str] = (),
) -> InputsPage:
    """The page, with what was posted to ``block`` where it was refused."""
    standing = load_inputs(meeting_id)
    needs = standing.needs
    offered = offered_periods(meeting_id, this_reach()) if needs.uses_periods else ()
    form = TakePeriodForm()
    page = InputsPage(
        frame=frame_of(standing.setup, standing.round, "inputs"),
        is_correcting=standing.round.state in CORRECTABLE,
        is_asked=needs.has_any or bool(standing.decisions),
        needs_scores=bool(needs.components) or needs.needs_periods,
        missing=(*standing.missing, *stale_inputs(meeting_id)),
        components=tuple(component_block(standing, component) for component in needs.components),
        periods=periods_block(standing, offered) if needs.uses_periods else None,
        decisions=decisions_block(standing) if needs.clauses or standing.decisions else None,
        meetings=_counted_meetings(meeting_id, form.meeting.data),
        posted_block="",
        pasted=PastedForm().pasted.data,
        label=form.label.data,
        problems=tuple(problems),
        doubts=tuple(doubts),
        refusal=refusal,
    )
    return replace(page, posted_block=block) if block in _blocks(page) else page


def _blocks(page: InputsPage) -> Iterator[str]:
    """The anchors of the blocks that have a form."""
    yield from (f"scores-{component.key}" for component in page.components)
    if page.periods:
        yield "periods"
    if page.decisions:
        yield "decisions"


def _counted_meetings(meeting_id: str, chosen: str) -> tuple[Option, ...]:
    return tuple(
        Option(
            line.id,
            " · ".join(part for part in (line.title, line.unit, day_text(line.held_on)) if part),
            is_chosen=line.id == chosen,
        )
        for line in list_meetings(this_reach())
        if line.id != meeting_id and line.state.is_counted
    )
