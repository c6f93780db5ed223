"""What each of the phone's pages shows: one frozen value a page, every number already text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.ballots import ABSTAIN, COMMENT_LENGTH, Ballot, BallotStyle, comment_field, item_field
from kaohe.domain.errors import KaoheError
from kaohe.domain.ticket_codes import grouped
from kaohe.operations.casting import Polling
from kaohe.operations.receipts import ReceiptList
from kaohe.operations.results import COUNTED
from kaohe.tally.model import Subject
from kaohe.tally.scheme import Dimension

POOL_PREFIX = "pool-"
"""What comes before the shared code (会场码) in the fragment of the projector's QR: ``#pool-ABCD1234``."""
ABSTAIN_LABEL = "弃权"


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of an item."""

    mark: str
    label: str
    is_abstention: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ItemPart:
    """One row of buttons."""

    field: str
    dimension: str
    label: str
    choices: tuple[Choice, ...]
    is_missing: bool
    """Whether the server has just said that this one is still to be filled."""


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One subject with its items and, where the scheme asks for it, a comment."""

    key: str
    name: str
    about: str
    items: tuple[ItemPart, ...]
    comment_field: str
    comment: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that is shown on top of a form that keeps what was filled in."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BallotPage:
    """The ballot: equal for every voter of the style unless a client without scripts gets its own back."""

    meeting_id: str
    style_key: str
    round_number: str
    pool_prefix: str
    title: str
    unit: str
    cast_url: str
    draw_url: str
    """'' where no tickets are handed out by the shared code."""
    is_rehearsal: bool
    is_paused: bool
    is_overall: bool
    limit: str
    """'' where a ballot may give the top grade as often as it likes."""
    limit_text: str
    top_mark: str
    comment_limit: str
    """'' where the scheme asks for no comments."""
    rows: str
    """How the buttons of one item stand: four in a row, or three where that leaves no lone one."""
    subjects: tuple[SubjectPart, ...]
    ticket: str
    drawn_ticket: str
    """The ticket that has just been drawn for this phone, or ''."""
    refused: Refused | None
    first_missing: str
    """The key of the first subject that is still to be filled, where the server has just said so."""


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Voting has not begun."""

    meeting_id: str
    style_key: str
    title: str
    unit: str
    ballot_url: str
    draw_url: str
    drawn_ticket: str
    pool_code: str
    draw_nonce: str


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """Voting has ended."""

    meeting_id: str
    style_key: str
    round_number: str
    title: str
    unit: str
    cast_url: str
    receipts_url: str
    """Empty until the box has been counted."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """What was chosen for one subject."""

    name: str
    choices: tuple[tuple[str, str], ...]
    """(dimension, grade) in the form's order; the dimension is '' where there is only one."""
    comment: str


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """Every receipt in the box (回执清单)."""

    title: str
    unit: str
    count_text: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    """(first character, the receipts that begin with it)."""
    challenged: tuple[str, ...]
    """Of the tellers' own ballots, which were compared and are not counted."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """All choices once more, for clients without scripts, and one button that casts them."""

    title: str
    unit: str
    cast_url: str
    is_rehearsal: bool
    lines: tuple[ReviewLine, ...]
    hidden: tuple[tuple[str, str], ...]
    """Everything that the confirming post carries."""
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The ballot is in the box. None of the choices stand here."""

    receipt: str
    is_rehearsal: bool


@dataclass(frozen=True, slots=True)
class DrawPage:
    """Where a client without scripts types the shared code."""

    meeting_id: str
    style_key: str
    round_number: str
    title: str
    unit: str
    draw_url: str
    ballot_url: str
    pool_code: str
    draw_nonce: str
    refused: Refused | None


def refused_by(refusal: KaoheError | None) -> Refused | None:
    """What is shown of a refusal."""
    return None if refusal is None else Refused(refusal.code, refusal.message)


def ballot_page(
    polling: Polling,
    *,
    kept: Mapping[str, str] | None = None,
    ticket: str = "",
    drawn_ticket: str = "",
    refusal: KaoheError | None = None,
    shows_missing: bool = False,
) -> BallotPage:
    """The ballot of a style, blank, or filled with what a client without scripts has posted.

    ``kept`` holds values by field name; what is not on the scale is left open.
    """
    style = polling.style
    scheme = style.scheme
    given = kept or {}
    subjects = tuple(_subject_part(style, subject, given, shows_missing=shows_missing) for subject in style.subjects)
    return BallotPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        round_number=str(style.round_number),
        pool_prefix=POOL_PREFIX,
        title=style.title,
        unit=style.unit,
        cast_url=_url("ballot", style),
        draw_url=_url("draw", style) if polling.hands_out_tickets else "",
        is_rehearsal=style.is_rehearsal,
        is_paused=polling.is_paused,
        is_overall=scheme.is_overall,
        limit="" if scheme.top_grade_limit is None else str(scheme.top_grade_limit),
        limit_text=_limit_text(style),
        top_mark=scheme.grades[0].key,
        comment_limit=str(COMMENT_LENGTH) if scheme.comments_wanted else "",
        rows="fours" if len(scheme.grades) % 4 == 0 else "thirds",
        subjects=subjects,
        ticket=grouped(drawn_ticket) if drawn_ticket else ticket,
        drawn_ticket=drawn_ticket,
        refused=refused_by(refusal),
        first_missing=next((s.key for s in subjects if any(item.is_missing for item in s.items)), ""),
    )


def waiting_page(polling: Polling, *, drawn_ticket: str = "", pool_code: str = "", draw_nonce: str = "") -> WaitingPage:
    """The page before voting begins; with a ticket on it where a client without scripts has just drawn one."""
    style = polling.style
    return WaitingPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        title=style.title,
        unit=style.unit,
        ballot_url=_url("ballot", style),
        draw_url=_url("draw", style) if polling.hands_out_tickets else "",
        drawn_ticket=grouped(drawn_ticket) if drawn_ticket else "",
        pool_code=pool_code,
        draw_nonce=draw_nonce,
    )


def closed_page(polling: Polling) -> ClosedPage:
    """The page after voting has ended."""
    style = polling.style
    return ClosedPage(
        style.meeting_id,
        style.key,
        str(style.round_number),
        style.title,
        style.unit,
        _url("ballot", style),
        _url("receipts", style) if polling.state in COUNTED else "",
    )


def receipts_page(style: BallotStyle, found: ReceiptList) -> ReceiptsPage:
    """The list of receipts, by their first character."""
    letters = sorted({each[0] for each in found.counted})
    return ReceiptsPage(
        title=style.title,
        unit=style.unit,
        count_text=str(len(found.counted)),
        parts=tuple((letter, tuple(each for each in found.counted if each[0] == letter)) for letter in letters),
        challenged=tuple(found.challenged),
    )


def review_page(
    polling: Polling, ballot: Ballot, *, ticket: str, nonce: str, refusal: KaoheError | None = None
) -> ReviewPage:
    """The list of what ``ballot`` holds, and everything that the confirming post needs."""
    style = polling.style
    hidden = [("ticket", ticket), ("nonce", nonce), ("round", str(style.round_number))]
    hidden += [(item_field(*item), ballot.marks[item]) for item in style.items]
    hidden += [(comment_field(key), text) for key, text in ballot.comments.items()]
    return ReviewPage(
        title=style.title,
        unit=style.unit,
        cast_url=_url("ballot", style),
        is_rehearsal=style.is_rehearsal,
        lines=tuple(_review_line(style, subject, ballot) for subject in style.subjects),
        hidden=tuple(hidden),
        refused=refused_by(refusal),
    )


def draw_page(polling: Polling, *, draw_nonce: str, pool_code: str = "", refusal: KaoheError | None = None) -> DrawPage:
    """The form for the shared code."""
    style = polling.style
    return DrawPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        round_number=str(style.round_number),
        title=style.title,
        unit=style.unit,
        draw_url=_url("draw", style),
        ballot_url=_url("ballot", style),
        pool_code=pool_code,
        draw_nonce=draw_nonce,
        refused=refused_by(refusal),
    )


def _url(endpoint: str, style: BallotStyle) -> str:
    return url_for(f"voter.{endpoint}", meeting_id=style.meeting_id, style_key=style.key)


def _subject_part(style: BallotStyle, subject: Subject, kept: Mapping[str, str], *, shows_missing: bool) -> SubjectPart:
    field = comment_field(subject.key)
    return SubjectPart(
        key=subject.key,
        name=subject.name,
        about=" · ".join(part for part in (subject.unit, subject.post) if part),
        items=tuple(
            _item_part(style, subject, dimension, kept, shows_missing=shows_missing)
            for dimension in style.scheme.dimensions
        ),
        comment_field=field,
        comment=kept.get(field, ""),
    )


def _item_part(
    style: BallotStyle, subject: Subject, dimension: Dimension, kept: Mapping[str, str], *, shows_missing: bool
) -> ItemPart:
    field = item_field(subject.key, dimension.key)
    chosen = kept.get(field, "")
    labels = _labels(style)
    return ItemPart(
        field=field,
        dimension=dimension.key,
        label=dimension.label,
        choices=tuple(Choice(mark, labels[mark], mark == ABSTAIN, mark == chosen) for mark in style.marks),
        is_missing=shows_missing and chosen not in style.marks,
    )


def _review_line(style: BallotStyle, subject: Subject, ballot: Ballot) -> ReviewLine:
    labels = _labels(style)
    return ReviewLine(
        name=subject.name,
        choices=tuple(
            ("" if style.scheme.is_overall else d.label, labels[ballot.marks[subject.key, d.key]])
            for d in style.scheme.dimensions
        ),
        comment=ballot.comments.get(subject.key, ""),
    )


def _labels(style: BallotStyle) -> dict[str, str]:
    return {**{grade.key: grade.label for grade in style.scheme.grades}, ABSTAIN: ABSTAIN_LABEL}


def _limit_text(style: BallotStyle) -> str:
    limit = style.scheme.top_grade_limit
    if limit is None:
        return ""
    where = "" if style.scheme.is_overall else "每个维度中，"
    return f"{where}“{style.scheme.grades[0].label}”最多选 {limit} 个"
