"""A published result is corrected as a new version (更正): inputs and decisions change, the ballots never do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingState, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.published_results import published_result
from kaohe.domain.recorded_digests import text_digest
from kaohe.operations.count.rank_orders import order_once_corrected
from kaohe.operations.count.recording import recorded_of
from kaohe.operations.count.results import CountedRound, load_counted, load_next
from kaohe.operations.count.reviewing import close_corrected_reviews
from kaohe.operations.count.sources import require_fresh_inputs
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.operations.setup.inputs import inputs_for, require_inputs
from kaohe.reports.archive_texts import inputs_text
from kaohe.reports.figures import figure_text
from kaohe.reports.heading import printed_names
from kaohe.storage.clock import now
from kaohe.storage.database import reading
from kaohe.storage.published_results import store_published
from kaohe.storage.record import record
from kaohe.storage.result_versions import ResultVersion, add_version, versions_of
from kaohe.storage.rounds import changing_round, current_round, round_setup, save_round
from kaohe.tally.model import SubjectResult


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction would publish now."""

    is_changed: bool
    """Whether anything that was brought or decided is not what the published result was made from."""
    differences: Sequence[str]
    """Old → new, a sentence each."""
    problem: str
    """Why there is no result from what is there now; '' where there is one."""


def load_correction(meeting_id: str) -> Correction:
    """What has changed since the publication.

    Raises:
        WrongState: the result is not published.
        What ``load_counted`` raises: there is no published result that could be shown.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.PUBLISHED, MeetingState.PURGED)
        published = load_counted(meeting_id)
        live = inputs_for(session, round_setup(session, row))
        if inputs_text(live) == inputs_text(published.inputs):
            return Correction(is_changed=False, differences=(), problem="")
        try:
            after = load_next(meeting_id)
        except KaoheError as error:
            return Correction(is_changed=True, differences=(), problem=error.message)
        return Correction(is_changed=True, differences=tuple(_differences(published, after)), problem="")


def list_versions(meeting_id: str) -> Sequence[ResultVersion]:
    """The versions of the latest round's result, the first one first; none where nobody has begun to correct it."""
    with reading() as session:
        return versions_of(session, current_round(session, meeting_id).id)


def correct_result(actor: str, meeting_id: str, reason: str) -> int:
    """Publish what has been brought and decided since the publication as a new version; return its number.

    The version before it is kept. Ballots and numbers stay as they are. Reviews that wait for it are noted as carried
    out. Where the hall sees ranks, those still to be revealed are the corrected ones. One transaction.

    Raises:
        FieldInvalid: no reason, or nothing has changed.
        WrongState: the result is not published.
        SecondPersonNeeded and its kin: the meeting asks for two people.
        InputsMissing: the score cannot be made whole, or a source no longer says what was taken from it.
        What ``load_counted`` raises: there would be no result that could be shown.
    """
    why = read_line(reason, "更正的理由", REASON_LENGTH, is_needed=True)
    with changing_round(meeting_id, MeetingState.PUBLISHED, MeetingState.PURGED) as (session, row):
        setup = round_setup(session, row)
        inputs = inputs_text(require_inputs(session, setup, "更正"))
        versions = versions_of(session, row.id)
        if not versions or inputs == versions[-1].inputs:
            raise FieldInvalid("没有需要更正的内容：成绩、往期、认定和审定都与已公布的一致。")
        require_fresh_inputs(session, setup, "更正")
        proposer = require_second_person(session, meeting_id, Act.CORRECT, actor, reason=why)
        version = ResultVersion(versions[-1].number + 1, inputs, why, now())
        add_version(session, row.id, version)
        reviews = "、".join(map(str, close_corrected_reviews(session, row.id, version.number)))
        record(
            session,
            meeting_id,
            actor,
            "corrected",
            round=str(row.number),
            version=str(version.number),
            reason=why,
            inputs=text_digest(inputs),
            numbers=recorded_of(session, row)["published"]["numbers"],
            **({"reviews": reviews} if reviews else {}),
            **proposed_by(proposer),
        )
        # Read as everybody will: what cannot be shown is not published.
        result = load_counted(meeting_id).result
        store_published(session, row.id, published_result(result))
        order = order_once_corrected(row.reveal_order, row.revealed_count, result)
        save_round(session, replace(row, reveal_order=order))
    return version.number


def _differences(before: CountedRound, after: CountedRound) -> Iterator[str]:
    names = printed_names(before.setup.subjects)
    old: Mapping[str, SubjectResult] = {row.subject.key: row for row in before.result.subjects}
    found = False
    for row in after.result.subjects:
        was = old[row.subject.key]
        pairs = (
            ("得分", figure_text(was.score), figure_text(row.score)),
            ("名次", str(was.rank or "—"), str(row.rank or "—")),
            ("等次", was.tier_label or "不定等次", row.tier_label or "不定等次"),
        )
        changed = "，".join(f"{what} {one} → {other}" for what, one, other in pairs if one != other)
        if changed:
            found = True
            yield f"{names[row.subject.key]}：{changed}"
    if not found:
        yield "得分、名次和等次都没有变化，只有所依据的材料或理由有变化。"
