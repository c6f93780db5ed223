"""What stands around every page of one meeting: its title, its state and the way through the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.inputs import needs_of
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round
from kaohe.domain.permissions import Act
from kaohe.domain.relations import divides_voters
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.sources import list_findings
from kaohe.operations.setup.checking import UNSEEN, Finding
from kaohe.operations.setup.inputs import lacks_inputs
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.access import may_now
from kaohe.web.organizer.shell.meeting import StateChip, chair_word, state_chip, subtitle

STEP_LABELS = {
    "basics": "基本信息",
    "scheme": "考核方案",
    "subjects": "考核对象",
    "voters": "票种与人数",
    "relations": "评分关系",
    "inputs": "其他成绩与认定",
    "hall": "会场与钥匙",
    "tickets": "制票",
    "check": "检查与试投",
}
"""The steps of preparing a meeting, in their order; each key is an endpoint of the console.

``inputs`` is a step only where the scheme asks for something beside the votes, ``relations`` where not everybody
grades everybody."""
_WITHOUT_BALLOTS = {"hall": "两人操作", "check": "检查"}
_NOT_WITHOUT_BALLOTS = ("voters", "relations", "tickets")


@dataclass(frozen=True, slots=True)
class FrameStep:
    """One stop on the way. ``number`` is empty for what comes after preparing."""

    name: str
    number: str
    label: str
    url: str
    is_current: bool
    is_done: bool


@dataclass(frozen=True, slots=True)
class MeetingFrame:
    """The head of a meeting's page and its way through the steps."""

    meeting_id: str
    title: str
    subtitle: str
    """Unit and date, as far as they are known."""
    state: StateChip
    is_draft: bool
    takes_ballots: bool
    """Whether there is a vote; otherwise the result is computed from what is brought."""
    chair_label: str
    """What the chair's page is called for whoever looks: the same page serves the tellers."""
    steps: tuple[FrameStep, ...]
    holding: tuple[FrameStep, ...]
    """主持, and 结果 once there is one, for those who may see them."""


def meeting_frame(meeting_id: str, current: str) -> MeetingFrame:
    """The frame of a meeting's page; ``current`` is the step's endpoint without its blueprint, such as ``hall``."""
    return frame_of(*load_meeting(meeting_id), current)


def frame_of(setup: MeetingSetup, this_round: Round, current: str) -> MeetingFrame:
    """The frame for a page that has loaded the meeting; ``current`` as in ``meeting_frame``."""
    is_draft = this_round.state is MeetingState.DRAFT
    may_prepare = may_now(Act.PREPARE, this_round.state)
    votes = takes_ballots(setup.full_scheme)
    wanted = _steps_of(setup)
    findings = list_findings(setup.id) if is_draft and may_prepare else ()
    done = {name: _is_done(name, findings) for name in wanted}
    if "inputs" in done and not is_draft and may_prepare:
        done["inputs"] = not lacks_inputs(setup.id)
    steps = tuple(
        FrameStep(name, str(number), label, _url(name, setup.id), name == current, done[name])
        for number, (name, label) in enumerate(wanted.items(), 1)
        if may_prepare
    )
    holding = []
    chair_label = chair_word(this_round.state, has_votes=votes)
    if may_now(Act.SEE_BOARD, this_round.state):
        holding.append(FrameStep("chair", "", chair_label, _url("chair", setup.id), current == "chair", not is_draft))
    if this_round.state.is_counted and may_now(Act.SEE_RESULT, this_round.state):
        holding.append(FrameStep("result", "", "测评结果", _url("result", setup.id), current == "result", is_done=True))
    return MeetingFrame(
        meeting_id=setup.id,
        title=setup.title,
        subtitle=subtitle(setup, this_round),
        state=state_chip(this_round.state, is_paused=this_round.is_paused, has_votes=votes),
        is_draft=is_draft,
        takes_ballots=votes,
        chair_label=chair_label,
        steps=steps,
        holding=tuple(holding),
    )


def _steps_of(setup: MeetingSetup) -> dict[str, str]:
    """The labels of the steps that a meeting needs, by endpoint."""
    scheme = setup.full_scheme
    if takes_ballots(scheme):
        wanted = {"inputs": needs_of(scheme).has_any, "relations": setup.is_divided or divides_voters(scheme)}
        return {name: label for name, label in STEP_LABELS.items() if wanted.get(name, True)}
    labels = STEP_LABELS | _WITHOUT_BALLOTS
    return {name: label for name, label in labels.items() if name not in _NOT_WITHOUT_BALLOTS}


def _is_done(step: str, findings: Sequence[Finding]) -> bool:
    if step == "check":
        return not any(finding.is_blocking or finding.code == "not_rehearsed" for finding in findings)
    if step == "inputs":
        return not any(finding.step == step for finding in findings)
    return not any((finding.is_blocking or finding.code == UNSEEN) and finding.step == step for finding in findings)


def _url(step: str, meeting_id: str) -> str:
    return url_for(f"organizer.{step}", meeting_id=meeting_id)
