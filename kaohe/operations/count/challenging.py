"""The tellers check that what was sealed is what was chosen (监票抽查): ballots of their own, opened before the count.

They take slips from the same bag, cast choices that they have written down from ordinary phones, and keep the challenge
code that their phone shows. Nothing marks such a ticket or ballot, so a server that cheats cannot know which it must
leave alone. Only after the stripping, when the server is committed to every envelope, they name theirs; exactly those
are opened, compared with the paper, and left out of the count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kaohe.domain.ballots import Ballot, label_dimensions, label_questions
from kaohe.domain.challenges import read_challenge
from kaohe.domain.errors import ChallengeLimit, ChallengeUnknown, FieldInvalid
from kaohe.domain.limits import CHALLENGES_AT_MOST
from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.domain.voting_mode import require_ballots
from kaohe.operations.count.opening import open_envelopes
from kaohe.operations.count.stripping import strip_box, stripped_envelopes
from kaohe.storage.box_contents import StoredEnvelope
from kaohe.storage.challenges import add_challenges, challenged
from kaohe.storage.database import reading, transaction
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, current_round, round_setup, save_round
from kaohe.tally.scores.sectioning import subjects_of_sections

SAME, DIFFERENT = "same", "different"


@dataclass(frozen=True, slots=True)
class OpenedChallenge:
    """One ballot of the tellers', as it lay in the box."""

    receipt: str
    ballot: Ballot


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """How far the comparison of a round has come."""

    limit: int
    """How many the tellers have announced before the opening; 0 where there is no comparison."""
    named: Mapping[str, str]
    """The group of every ballot that has been opened, by its receipt."""


def load_challenges(meeting_id: str) -> ChallengeState:
    """How far the comparison of the current round has come."""
    with reading() as session:
        row = current_round(session, meeting_id)
        return ChallengeState(row.challenge_limit, challenged(session, row.id))


def declare_challenges(actor: str, meeting_id: str, count: int | None) -> None:
    """Announce how many ballots of their own the tellers will cast, before the voting; 0 for none. Idempotent.

    The number bounds what can be opened later, so that nobody's real ballot is named one after the other.

    Raises:
        FieldInvalid: out of bounds.
        BallotsNotTaken: the meeting has no vote.
        WrongState: the round has opened.
    """
    if count is None or not 0 <= count <= CHALLENGES_AT_MOST:
        raise FieldInvalid(f"抽查票应为 0 到 {CHALLENGES_AT_MOST} 张。")
    with changing_round(meeting_id, MeetingState.DRAFT) as (session, row):
        require_ballots(round_setup(session, row).full_scheme)
        if row.challenge_limit != count:
            save_round(session, replace(row, challenge_limit=count))
            record(session, meeting_id, actor, "declared_challenges", count=str(count))


def open_challenges(
    actor: str, meeting_id: str, typed: Sequence[str], key_text: str | None = None
) -> list[OpenedChallenge]:
    """Open exactly the ballots that were cast with these challenge codes, and leave them out of the count for good.

    A code is the nonce of the phone that cast: a receipt seen over somebody's shoulder opens nothing. The box is
    stripped first, if it is not yet. Idempotent: a ballot may be looked at again until the count, and is one challenge.

    Raises:
        ChallengeUnknown: a code belongs to no envelope; the sentence names it. Nothing was opened.
        ChallengeLimit: more than were announced.
        FieldInvalid: no code.
        KeyMissing, KeyWrong, ShareWrong, ShareMissing, ShareRepeated, ShareForeign: nothing was opened.
        BoxDamaged, RecordBroken, TracesLeft, WrongState: as for the count.
    """
    codes = [code for code in typed if code.strip()]
    if not codes:
        raise FieldInvalid("请输入抽查码，一行一个。")
    strip_box(actor, meeting_id)
    with changing_round(meeting_id, MeetingState.CLOSED) as (session, row):
        whole = stripped_envelopes(session, row)
        wanted = _found(row.id, whole, codes)
        named = challenged(session, row.id)
        if len({*named, *wanted}) > row.challenge_limit:
            raise ChallengeLimit(
                f"投票前登记的抽查票为 {row.challenge_limit} 张，不能抽查更多。没有登记过的，本轮不能抽查。"
            )
        ballots = open_envelopes(row, round_setup(session, row), key_text, list(wanted.values()))
        add_challenges(session, row.id, {key: envelope.group_key for key, envelope in wanted.items()})
        save_round(session, replace(row, held_share=None))
        new = sorted(set(wanted) - set(named))
        if new:
            record(
                session,
                meeting_id,
                actor,
                "challenged",
                round=str(row.number),
                count=str(len(new)),
                receipts="、".join(new),
            )
    return [OpenedChallenge(key, ballot) for key, ballot in zip(wanted, ballots, strict=True)]


def conclude_challenges(actor: str, meeting_id: str, *, is_same: bool) -> None:
    """Record what the tellers found when they compared the opened ballots with their paper.

    Raises:
        WrongState: the round is not closed.
        FieldInvalid: nothing has been opened.
    """
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.CLOSED)
        named = challenged(session, row.id)
        if not named:
            raise FieldInvalid("还没有开出抽查票，请先输入抽查码。")
        record(
            session,
            meeting_id,
            actor,
            "compared_challenges",
            round=str(row.number),
            count=str(len(named)),
            outcome=SAME if is_same else DIFFERENT,
        )


def choices_of(setup: MeetingSetup, ballot: Ballot) -> list[tuple[str, str, str]]:
    """(subject, dimension or question, what was chosen) of every filled cell of a ballot, as on the form."""
    return [
        (subject.full_name, part.label, text)
        for section, subjects in subjects_of_sections(setup.full_scheme, setup.subjects)
        for subject in subjects
        for part in (
            *label_dimensions(section.scheme, section.scheme.dimensions),
            *label_questions(section.scheme.questions),
        )
        if (text := part.mark_text(subject.key, ballot.marks))
    ]


def _found(round_id: str, whole: Sequence[StoredEnvelope], codes: Sequence[str]) -> dict[str, StoredEnvelope]:
    by_tag = {envelope.tag: envelope for envelope in whole}
    found = {}
    for code in codes:
        envelope = next((by_tag[tag] for tag in read_challenge(round_id, code) if tag in by_tag), None)
        if envelope is None:
            raise ChallengeUnknown(f"票箱里没有与抽查码“{code.strip()[:50]}”对应的票，请对照手机上显示的抽查码核对。")
        found[envelope.receipt] = envelope
    return found
