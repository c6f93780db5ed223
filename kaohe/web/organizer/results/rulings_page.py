"""What the page of rulings about tiers shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.errors import KaoheError
from kaohe.domain.inputs import ruling_steps
from kaohe.operations.count.results import CountedRound, load_next
from kaohe.operations.setup.inputs import CORRECTABLE
from kaohe.operations.setup.preparing import load_meeting
from kaohe.reports.figures import figure_text
from kaohe.reports.heading import printed_names
from kaohe.reports.sheet import NOTHING
from kaohe.tally.model import EdgeTied, Ruling, SubjectResult
from kaohe.web.organizer.setup.subject_rows import SubjectChoice, subject_choice, words_of
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list

_NO_TIER = "不定等次"
_CHOOSE = "请选择"
"""Stands for no choice yet; it is no tier of any scheme, whose keys are ASCII."""


@dataclass(frozen=True, slots=True)
class TypedRuling:
    """What was typed into the form; it is kept where it was refused."""

    ruling: Ruling
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulingLine:
    """One subject: what the rules recommend, and what people ruled at each step."""

    name: str
    unit_and_post: str
    score: str
    recommended: str
    ruled: tuple[str, ...]
    why: str
    """What the recommendation rests on beside the score: clauses and flags."""


@dataclass(frozen=True, slots=True)
class StandingRuling:
    """A ruling that may be withdrawn."""

    step: str
    subject: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class TieChoice:
    """Equals at the edge of a quota, among whom people choose."""

    sentence: str
    tier: str
    """The key of the tier that they stand for."""
    subjects: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RulingsPage:
    """The tiers of a counted round, and the forms by which people rule about them."""

    frame: MeetingFrame
    refusal: Refusal | None
    may_change: bool
    steps: tuple[str, ...]
    """Empty where the scheme awards no tiers."""
    lines: tuple[RulingLine, ...]
    """Of a long list those of one page."""
    part: ListPart
    standing: tuple[StandingRuling, ...]
    """Likewise."""
    standing_part: ListPart
    ties: tuple[TieChoice, ...]
    step_options: tuple[Option, ...]
    subjects: SubjectChoice
    tier_options: tuple[Option, ...]
    typed: Ruling
    asks_for_two: bool
    is_correcting: bool
    """Whether the result is published, so that what changes here waits for a correction."""


def rulings_page(meeting_id: str, typed: TypedRuling, refusal: Refusal | None = None) -> RulingsPage:
    """The page as the meeting stands now, with what was typed where it was refused.

    Where there is no result that could be shown, the refusal stands in its place.
    """
    setup, this_round = load_meeting(meeting_id)
    counted: CountedRound | None = None
    if this_round.state.is_counted:
        try:
            counted = load_next(meeting_id)
        except KaoheError as error:
            refusal = refusal or refusal_of(error)
    steps, names = ruling_steps(setup.full_scheme), printed_names(setup.subjects)
    tiers = {band.key: band.label for section in setup.full_scheme.sections for band in section.scheme.bands}
    rows = counted.result.subjects if counted else ()
    shown, part = part_of_list(
        rows, lambda row: words_of(row.subject), "organizer.rulings", name="tiers", meeting_id=meeting_id
    )
    standing, standing_part = part_of_list(
        tuple(_standing(counted.inputs.rulings, names, tiers)) if counted else (),
        lambda one: f"{one.about} {one.text}",
        "organizer.rulings",
        name="standing",
        meeting_id=meeting_id,
    )
    return RulingsPage(
        frame=frame_of(setup, this_round, "rulings"),
        refusal=refusal,
        may_change=counted is not None and not counted.missing,
        steps=steps,
        lines=tuple(_line(row, names[row.subject.key], steps) for row in shown),
        part=part,
        standing=tuple(standing),
        standing_part=standing_part,
        ties=tuple(_choice(tie, rows, names, tiers) for tie in counted.result.edge_ties) if counted else (),
        step_options=tuple(Option(step, step, is_chosen=step == typed.ruling.step) for step in steps),
        subjects=subject_choice(
            setup.subjects, "".join(typed.subjects[:1]), "organizer.rulings", "one", meeting_id, _CHOOSE
        ),
        tier_options=(
            Option(_CHOOSE, _CHOOSE, is_chosen=not typed.subjects),
            *(
                Option(key, label, is_chosen=bool(typed.subjects) and key == typed.ruling.tier)
                for key, label in [*tiers.items(), ("", _NO_TIER)]
            ),
        ),
        typed=typed.ruling,
        asks_for_two=setup.two_people,
        is_correcting=this_round.state in CORRECTABLE,
    )


def _line(row: SubjectResult, name: str, steps: Sequence[str]) -> RulingLine:
    ruled = {one.step: one.tier_label or _NO_TIER for one in row.rulings}
    return RulingLine(
        name=name,
        unit_and_post=unit_and_post(row.subject),
        score=figure_text(row.score),
        recommended=row.recommended_label or _NO_TIER,
        ruled=tuple(ruled.get(step, NOTHING) for step in steps),
        why="；".join((*row.decisions, *(flag.label for flag in row.flags))),
    )


def _standing(
    rulings: Sequence[Ruling], names: Mapping[str, str], tiers: Mapping[str, str]
) -> Iterator[StandingRuling]:
    for one in rulings:
        tier = tiers.get(one.tier, _NO_TIER) if one.subject else "维持已有的等次"
        said = "；".join(part for part in (one.reason, one.decided_on, one.minute) if part)
        about = names.get(one.subject, "其余考核对象")
        yield StandingRuling(one.step, one.subject, about, f"{one.step}：{tier}{f'（{said}）' if said else ''}")


def _choice(
    tie: EdgeTied, rows: Sequence[SubjectResult], names: Mapping[str, str], tiers: Mapping[str, str]
) -> TieChoice:
    top, label = next(iter(tiers.items()))
    among = f"「{tie.pool}」" if tie.pool else ""
    chosen = {row.subject.key for row in rows if row.tier == top}
    return TieChoice(
        f"{among}{label}名额还剩 {tie.places} 个，{len(tie.subjects)} 人并列，请研究后选定。",
        top,
        tuple(Option(key, names[key], is_chosen=key in chosen) for key in tie.subjects),
    )
