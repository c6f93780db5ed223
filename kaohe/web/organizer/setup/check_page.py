"""What the page of the check list and the rehearsal shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.meetings import MeetingSetup, MeetingState
from kaohe.domain.ticket_codes import grouped
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.checking import Finding
from kaohe.operations.setup.issuing import PrintedTicket, voting_url
from kaohe.operations.setup.preparing import load_meeting, stage_code
from kaohe.operations.setup.rehearsing import trial_tickets
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.tally.rounding import percent_text
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.frame import STEP_LABELS, MeetingFrame, frame_of
from kaohe.web.organizer.shell.hall_words import COMPUTED_SENTENCE, CUSTODY_LABELS, HALL_VIEW_LABELS, two_people_acts


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One thing on the check list, and where it is mended; ``step_url`` is empty for what is mended elsewhere."""

    code: str
    message: str
    step_label: str
    step_url: str


@dataclass(frozen=True, slots=True)
class TrialTicket:
    """A ticket of the rehearsal, to be scanned from the screen or opened as a link."""

    group_label: str
    code_text: str
    url: str
    qr_size: int
    qr_path: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything that is still missing, the trial vote, and the button that opens the meeting."""

    frame: MeetingFrame
    refusal: Refusal | None
    is_draft: bool
    blocking: Sequence[FindingLine]
    advice: Sequence[FindingLine]
    facts: Sequence[tuple[str, str]]
    """What is about to be held, as label and text."""
    asks_present: bool
    """Whether nobody has said 实到 of every group yet."""
    can_rehearse: bool
    trial_tickets: Sequence[TrialTicket]
    stage_url: str


def check_page(meeting_id: str, refusal: Refusal | None = None) -> CheckPage:
    """The page as the meeting stands now."""
    setup, this_round = load_meeting(meeting_id)
    findings = list_findings(meeting_id)
    frame = frame_of(setup, this_round, "check")
    return CheckPage(
        frame=frame,
        refusal=refusal,
        is_draft=this_round.state is MeetingState.DRAFT,
        blocking=[_line(finding, frame) for finding in findings if finding.is_blocking],
        advice=[_line(finding, frame) for finding in findings if not finding.is_blocking],
        facts=[*facts_of(setup), *([("手机访问地址", voting_url(setup.id))] if frame.takes_ballots else [])],
        asks_present=frame.takes_ballots and load_board(meeting_id).present is None,
        can_rehearse=bool(setup.subjects),
        trial_tickets=[_trial_ticket(ticket) for ticket in trial_tickets(meeting_id)],
        stage_url=stage_url(meeting_id),
    )


def stage_url(meeting_id: str, endpoint: str = "projector.stage") -> str:
    """The projector's address, or that of the same picture by another endpoint."""
    return url_for(endpoint, meeting_id=meeting_id, code=stage_code(meeting_id))


def _line(finding: Finding, frame: MeetingFrame) -> FindingLine:
    if finding.step == "check":
        return FindingLine(finding.code, finding.message, "", "")
    # As this meeting calls the step: without ballots some have another name.
    called = {step.name: step.label for step in frame.steps}
    url = url_for(f"organizer.{finding.step}", meeting_id=frame.meeting_id)
    return FindingLine(finding.code, finding.message, called.get(finding.step) or STEP_LABELS[finding.step], url)


def _trial_ticket(ticket: PrintedTicket) -> TrialTicket:
    size, path = qr_svg_path(ticket.url)
    return TrialTicket(ticket.group_label, grouped(ticket.code), ticket.url, size, path)


def _two_people(setup: MeetingSetup, *, has_votes: bool) -> str:
    return f"{two_people_acts(has_votes=has_votes)}须两人操作" if setup.two_people else "不要求"


def facts_of(setup: MeetingSetup) -> list[tuple[str, str]]:
    """What a meeting is held by, as (label, words)."""
    if not takes_ballots(setup.full_scheme):
        return [
            ("考核方案", setup.scheme.title),
            ("考核对象", f"{len(setup.subjects)} 个"),
            ("测评方式", COMPUTED_SENTENCE),
            ("两人操作", _two_people(setup, has_votes=False)),
        ]
    several = len(setup.groups) > 1
    groups = "；".join(
        f"{group.label}{f'（权重 {percent_text(group.weight)}）' if several else ''}应到 {group.entitled} 人"
        for group in setup.groups
    )
    shared = next((group.label for group in setup.groups if group.key == setup.shared_group), None)
    return [
        ("考核方案", setup.scheme.title),
        ("考核对象", f"{len(setup.subjects)} 个"),
        ("票种与人数", groups),
        *([("一会一码", f"“{shared}”在会场扫码领票")] if shared else []),
        ("大屏显示", HALL_VIEW_LABELS[setup.hall_view]),
        ("票箱钥匙", CUSTODY_LABELS[setup.custody]),
        ("两人操作", _two_people(setup, has_votes=True)),
    ]
