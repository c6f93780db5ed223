"""What each of the phone's pages shows: one frozen value a page, every number already text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.envelopes import fingerprint
from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import Custody, HallView, MeetingSetup, MeetingState, Round
from kaohe.domain.ticket_codes import grouped
from kaohe.live.batching import batches_text
from kaohe.operations.hall.casting import Polling
from kaohe.operations.setup.material import load_lengths, material_for_voters
from kaohe.storage.installation import this_config
from kaohe.web.voter.form_building import form_parts
from kaohe.web.voter.form_parts import FormPart
from kaohe.web.voter.form_rows import Given
from kaohe.web.voter.phone_files import ABSTAIN_SCRIPT, AT_ONCE_SCRIPT

POOL_PREFIX = "pool-"
"""What comes before the shared code (会场码) in the fragment of the projector's QR: ``#pool-ABCD1234``."""
ASK_AGAIN_SECONDS = 8


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
    privacy_url: str
    is_instant: bool
    """Whether the hall sees every ballot as it comes, so that those around may tell what was chosen."""
    is_named: bool
    """Whether the form is not secret (记名), because too few people hold it."""
    is_rehearsal: bool
    is_paused: bool
    wants_more_script: bool
    """Whether a row asks for anything but a grade."""
    at_once_script: str
    """The script that gives several marks at one tap; '' where the form offers none."""
    has_material: bool
    """Whether something can be read about a subject."""
    wants_comments: bool
    parts: tuple[FormPart, ...]
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
    pool_prefix: str
    title: str
    unit: str
    ballot_url: str
    privacy_url: str
    is_https: bool
    """Otherwise the hall has a network of its own, which a phone may have left."""
    ask_again_seconds: str
    """How long a phone waits before it asks whether voting has begun; with scripts up to half as long again."""
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
    privacy_url: str
    receipts_url: str
    """Empty until the box has been counted."""


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Why nobody knows what was chosen, and what the system cannot promise."""

    title: str
    ballot_url: str
    is_done: bool
    """Whether the voter comes from the receipt, so that no way leads back to the form."""
    is_key_with_tellers: bool
    """Otherwise the server keeps the key of the box."""
    fingerprint: str
    """Of the tellers' key, to which ballots are sealed; '' where the server keeps the key, or none is drawn up yet."""
    live_rule: str
    """How the hall's screen adds up ballots while people vote, which opens them; '' where it shows no tally."""
    is_instant: bool
    """Whether it moves with every single ballot."""
    is_named: bool
    """Whether the form is not secret (记名)."""
    is_https: bool
    """Whether what the phone sends is encrypted on its way."""
    has_challenges: bool
    """Whether the receipt shows a code by which tellers have single ballots opened."""


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


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """What can be read about one subject before it is graded."""

    title: str
    name: str
    key: str
    paragraphs: tuple[str, ...]
    ballot_url: str


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
    materials = {key: voter_url("material", style, key) for key in load_lengths(style.meeting_id)}
    parts = form_parts(style, Given(kept or {}, shows_missing=shows_missing), materials)
    subjects = [subject for part in parts for subject in part.subjects]
    return BallotPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        round_number=str(style.round_number),
        pool_prefix=POOL_PREFIX,
        title=style.title,
        unit=style.unit,
        cast_url=voter_url("ballot", style),
        draw_url=voter_url("draw", style) if polling.hands_out_tickets else "",
        privacy_url=voter_url("privacy", style),
        is_instant=polling.is_instant,
        is_named=polling.style.is_named,
        is_rehearsal=style.is_rehearsal,
        is_paused=polling.is_paused,
        wants_more_script=any(row.kind != "grade" for subject in subjects for row in subject.rows)
        or any(subject.leave for subject in subjects),
        at_once_script=_at_once_script(parts),
        has_material=any(subject.material_url for subject in subjects),
        wants_comments=style.comments_wanted,
        parts=parts,
        ticket=grouped(drawn_ticket) if drawn_ticket else ticket,
        drawn_ticket=drawn_ticket,
        refused=refused_by(refusal),
        first_missing=next((subject.key for subject in subjects if subject.wants_filling), ""),
    )


def _at_once_script(parts: Sequence[FormPart]) -> str:
    if any(part.fills_rest for part in parts):
        return AT_ONCE_SCRIPT
    return ABSTAIN_SCRIPT if any(part.abstains_at_once for part in parts) else ""


def material_page(polling: Polling, subject_key: str) -> MaterialPage:
    """What can be read about a subject of a style.

    Raises:
        MeetingNotOpen: nobody grades now.
        NotFound: the form does not hold the subject, or nothing can be read about it.
    """
    style = polling.style
    paragraphs = material_for_voters(style, subject_key, is_open=polling.state is MeetingState.OPEN)
    names = {subject.key: subject.full_name for subject in style.asked_subjects}
    return MaterialPage(style.title, names[subject_key], subject_key, paragraphs, voter_url("ballot", style))


def waiting_page(polling: Polling, *, drawn_ticket: str = "", pool_code: str = "", draw_nonce: str = "") -> WaitingPage:
    """The page before voting begins; with a ticket on it where a client without scripts has just drawn one."""
    style = polling.style
    return WaitingPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        pool_prefix=POOL_PREFIX,
        title=style.title,
        unit=style.unit,
        ballot_url=voter_url("ballot", style),
        privacy_url=voter_url("privacy", style),
        is_https=this_config().public_url.startswith("https://"),
        ask_again_seconds=str(ASK_AGAIN_SECONDS),
        draw_url=voter_url("draw", style) if polling.hands_out_tickets else "",
        drawn_ticket=grouped(drawn_ticket) if drawn_ticket else "",
        pool_code=pool_code,
        draw_nonce=draw_nonce,
    )


def closed_page(polling: Polling) -> ClosedPage:
    """The page after voting has ended."""
    style = polling.style
    return ClosedPage(
        meeting_id=style.meeting_id,
        style_key=style.key,
        round_number=str(style.round_number),
        title=style.title,
        unit=style.unit,
        cast_url=voter_url("ballot", style),
        privacy_url=voter_url("privacy", style),
        receipts_url=voter_url("receipts", style) if polling.state.is_counted else "",
    )


def privacy_page(polling: Polling, setup: MeetingSetup, this_round: Round, *, is_done: bool) -> PrivacyPage:
    """The page that says why nobody knows what was chosen; the same before, while and after people vote.

    It says what holds in this meeting: who has the key, and whether the hall's screen has ballots opened meanwhile.
    """
    live_rules = {
        HallView.TURNOUT: "",
        HallView.BATCHED: batches_text(this_round.batch_size),
        HallView.INSTANT: "每收到一票就更新一次",
    }
    is_with_tellers = setup.custody is Custody.TELLERS
    return PrivacyPage(
        title=polling.style.title,
        ballot_url=voter_url("ballot", polling.style),
        is_done=is_done,
        is_key_with_tellers=is_with_tellers,
        fingerprint=fingerprint(this_round.public_key) if is_with_tellers and this_round.public_key else "",
        live_rule=live_rules[setup.hall_view],
        is_instant=polling.is_instant,
        is_named=polling.style.is_named,
        is_https=this_config().public_url.startswith("https://"),
        has_challenges=this_round.challenge_limit > 0,
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
        draw_url=voter_url("draw", style),
        ballot_url=voter_url("ballot", style),
        pool_code=pool_code,
        draw_nonce=draw_nonce,
        refused=refused_by(refusal),
    )


def voter_url(endpoint: str, style: BallotStyle, subject_key: str | None = None) -> str:
    """The address of one of the pages of a style; with ``subject_key``, of one about a subject."""
    return url_for(f"voter.{endpoint}", meeting_id=style.meeting_id, style_key=style.key, subject_key=subject_key)
