"""The one result of a counted round, from which screen, workbook, CSV and page are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kaohe.domain.ballots import LEFT_OUT
from kaohe.domain.comment_reviews import Comment
from kaohe.domain.errors import BallotsPurged, CountAltered, InputsMissing, MeetingUnknown, WrongState
from kaohe.domain.inputs import CountInputs, missing_inputs
from kaohe.domain.keeping import read_counts
from kaohe.domain.meetings import MeetingSetup, Round
from kaohe.domain.recorded_digests import ballot_columns, ballot_row, ballots_digest, receipts_digest, text_digest
from kaohe.domain.relations import part_forms
from kaohe.domain.tally_refusals import as_refusal
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.opened_ballots import asked_of, groups_in_pieces, opened_marks, void_of
from kaohe.operations.count.recording import counted_head, recorded_of, recorded_version
from kaohe.operations.count.turnouts import numbers_of, turnout_of_round
from kaohe.operations.hall.boards import Board, board_of, boards_of
from kaohe.operations.setup.inputs import CORRECTABLE, inputs_for
from kaohe.reports.archive_texts import inputs_text, read_inputs
from kaohe.storage.box_contents import opened_comments, receipts_of
from kaohe.storage.database import Transaction, reading
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.record import RecordEntry
from kaohe.storage.record import list_record_entries as stored_entries
from kaohe.storage.result_versions import ResultVersion, versions_of
from kaohe.storage.rounds import StoredRound, round_setup, rounds_of
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Result
from kaohe.tally.scheme.refusals import TallyError
from kaohe.tally.scheme.votes_alone import votes_alone
from kaohe.tally.scores.counting import CountedMarks, MarkedBallot, count_marks

_ALTERED = {
    "setup": "方案、名单或票种",
    "cast": "收回的票数",
    "ballots": "开出的选票",
    "receipts": "回执清单",
    "inputs": "其他成绩、往期或认定",
    "numbers": "应到、实到、发出、收回各数",
    "counts": "清除选票时保留的票数",
}
"""What to call an altered part in a refusal, by the name of its digest in the record."""


@dataclass(frozen=True, slots=True)
class CountedRound:
    """A counted round and all that its sheets are made of."""

    setup: MeetingSetup
    round: Round
    board: Board
    result: Result
    cells: Mapping[tuple[str, str, str], GradeCounts]
    """The votes by (group key, subject key, dimension key)."""
    comments: Sequence[Comment]
    """(subject key, text), in an order that tells nothing."""
    receipts: Sequence[str]
    record_head: str
    """The head of the record of acts after the count, as its sheets print it."""
    inputs: CountInputs
    """What the score is made from beside the votes."""
    missing: Sequence[str]
    """What is still to be brought, a sentence each; while there is any, the result shows the votes alone."""
    version: int
    """Which version of a published result it is; 1 where it was never corrected."""
    versions: Sequence[ResultVersion]
    """All of them, the first one first; empty where nobody has begun to correct it."""


def list_rounds(meeting_id: str) -> Sequence[Round]:
    """Every round of a meeting, voided ones included, the first one first."""
    with reading() as session:
        rounds = [row.without_secrets() for row in rounds_of(session, meeting_id)]
    if not rounds:
        raise MeetingUnknown
    return rounds


def list_boards(meeting_id: str) -> Sequence[Board]:
    """The board of every round, voided ones included, the first one first. Nothing is overwritten by a new round."""
    with reading() as session:
        boards = boards_of(session, rounds_of(session, meeting_id))
    if not boards:
        raise MeetingUnknown
    return boards


def load_counted(meeting_id: str, round_number: int | None = None, version: int | None = None) -> CountedRound:
    """The result of a round, the latest one and its latest version unless numbers are given. The same at every call.

    Raises:
        WrongState: the round has not been counted.
        CountBroken: the numbers do not conserve; the sentence says which.
        CountAltered: what lies in the database is not what the record says was counted, or told the hall.
        RecordBroken: the record itself was changed.
        InputsMissing: the round takes no ballots, and its score cannot be made whole.
        ComponentRefused, DecisionRefused, NoCompetition, SectionRefused: what was brought beside the votes, or the
            list of subjects, does not fit the scheme.
        MeetingUnknown: no such meeting, round or version.
    """
    with reading() as session:
        row = _find_round(session, meeting_id, round_number)
        versions = versions_of(session, row.id) if row.state in CORRECTABLE else ()
        numbers = [each.number for each in versions] or [1]
        if version is not None and version not in numbers:
            raise MeetingUnknown("没有这一版结果，请从列表中选择。")
        return _counted_round(session, row, version or numbers[-1])


def load_next(meeting_id: str) -> CountedRound:
    """The result of the latest round by what has been brought and decided up to now, published or not.

    Raises:
        What ``load_counted`` raises.
    """
    with reading() as session:
        return _counted_round(session, _find_round(session, meeting_id, None), _NEXT)


_NEXT: Final = 0
"""In place of a version's number: what is not published yet."""


@cached_in_transaction
def _counted_round(session: Transaction, row: StoredRound, version: int) -> CountedRound:
    if not row.state.is_counted:
        raise WrongState("本轮还没有计票，计票后才能查看结果。")
    recorded = recorded_of(session, row)
    require_as_recorded(recorded, "opened", "setup", text_digest(row.frozen or ""))
    setup = round_setup(session, row)
    board = board_of(session, row)
    require_as_recorded(recorded, "counted", "cast", str(board.cast))
    counted = _counted_as_recorded(session, row, setup, recorded)
    in_pieces = groups_in_pieces(row, setup)
    comments, receipts = opened_comments(session, row.id), receipts_of(session, row.id)
    if row.purged_at is None:
        require_as_recorded(recorded, "counted", "receipts", receipts_digest(receipts))
    head = counted_head(session, row.meeting_id, row.number)
    versions = versions_of(session, row.id) if row.state in CORRECTABLE else ()
    kept = next((each for each in versions if each.number == version), None)
    inputs = inputs_for(session, setup) if kept is None else read_inputs(kept.inputs, setup.title)
    turnout, graders = turnout_of_round(setup, board, counted, in_pieces)
    count = Count(
        setup.full_scheme,
        setup.subjects,
        counted.cells,
        turnout,
        asked=asked_of(counted, turnout),
        void=void_of(counted, turnout),
        graders=graders,
        answers=counted.answers,
        imported=inputs.imported,
        history=inputs.history,
        decisions=inputs.decisions,
        title=inputs.title,
        rulings=inputs.rulings,
    )
    missing = missing_inputs(setup.full_scheme, setup.subjects, inputs)
    if missing and not takes_ballots(setup.full_scheme):
        raise InputsMissing(f"本场不投票，成绩还不完整：{'；'.join(missing)}。请先在“其他成绩与认定”中补齐。")
    try:
        result = _votes_alone(count, missing) if missing else tally(count)
    except TallyError as error:
        raise as_refusal(error) from error
    if broken := recorded.get("counted", {}).get("broken"):
        result = _warned(result, f"有 {broken} 张电子票封装的内容不合票样，不能读作选票，按无效处理。")
    if version != _NEXT:
        said = recorded_version(session, row, version) if version > 1 else recorded
        act = "corrected" if version > 1 else "published"
        require_as_recorded(said, act, "inputs", text_digest(inputs_text(inputs)))
    require_as_recorded(recorded, "published", "numbers", text_digest(numbers_of(result, board)))
    return CountedRound(
        setup,
        row.without_secrets(),
        board,
        result,
        counted.cells,
        comments,
        receipts,
        head,
        inputs,
        missing,
        version,
        versions,
    )


def require_as_recorded(recorded: Mapping[str, Mapping[str, str]], act: str, name: str, found: str) -> None:
    """Let pass what the signed record says, once ``act`` stands in it.

    Raises:
        CountAltered: the record says something else, or nothing.
    """
    if act in recorded and recorded[act].get(name) != found:
        what = _ALTERED[name.partition("_")[0]]
        raise CountAltered(f"{what}与操作记录所载的不符，可能被改动过，不能出具结果。请保留数据并联系技术人员。")


def _counted_as_recorded(
    session: Transaction, row: StoredRound, setup: MeetingSetup, recorded: Mapping[str, Mapping[str, str]]
) -> CountedMarks:
    """What the ballots, or once they are purged the kept counts, add up to, found to be those that were recorded."""
    if row.kept_counts is not None:
        require_as_recorded(recorded, "purged", f"counts_{row.number}", text_digest(row.kept_counts))
        return counted_marks(session, row, setup)
    columns = ballot_columns(setup.full_scheme, setup.subjects)
    rows: list[tuple[str, ...]] = []

    def noted() -> Iterator[MarkedBallot]:
        for group_key, marks in opened_marks(session, row, setup):
            rows.append(ballot_row(columns, group_key, marks))
            yield group_key, marks

    try:
        counted = count_marks(setup.full_scheme, setup.subjects, noted(), part_forms(setup))
    except (ValueError, KeyError, TallyError) as error:
        raise CountAltered("开出的选票无法读取，可能被改动过，不能出具结果。请保留数据并联系技术人员。") from error
    require_as_recorded(recorded, "counted", "ballots", ballots_digest(row.ballots_salt or "", rows))
    return counted


def _votes_alone(count: Count, missing: Sequence[str]) -> Result:
    """The result of the votes, with a sentence on every sheet that it is not the whole."""
    alone = replace(count, scheme=votes_alone(count.scheme), decisions=(), rulings=())
    sentence = f"以下只是本场测评的得分，还不是最终得分：{'；'.join(missing)}。补齐后重新计算。"
    return _warned(tally(alone), sentence)


def _warned(result: Result, sentence: str) -> Result:
    # Each section is printed on sheets of its own.
    parts = tuple(replace(part, warnings=(sentence, *part.warnings)) for part in result.section_results)
    return replace(result, warnings=(sentence, *result.warnings), section_results=parts)


def counted_marks(session: Transaction, row: StoredRound, setup: MeetingSetup) -> CountedMarks:
    """What the opened ballots of a round add up to; once they are purged, what they added up to.

    Raises:
        BallotsPurged: the round was voided before its count, and nothing was kept of its ballots.
    """
    if row.kept_counts is not None:
        kept = read_counts(row.kept_counts).counted
        if kept is None:
            raise BallotsPurged("本轮在计票前已作废，选票已按期清除。")
        return kept
    return count_marks(setup.full_scheme, setup.subjects, opened_marks(session, row, setup), part_forms(setup))


def list_ballots(meeting_id: str, round_number: int | None = None) -> list[dict[tuple[str, str], str]]:
    """Whole ballots in an order that tells nothing, without group; only where the organizer turned the list on.

    Where subjects may be left out there are no whole ballots any more: each row is then one subject's marks.

    Raises:
        WrongState: the list is off, or the round has not been counted.
        BallotsPurged: they were destroyed when their time was over.
    """
    with reading() as session:
        row = _find_round(session, meeting_id, round_number)
        setup = round_setup(session, row)
        if not setup.ballot_list_wanted or not row.state.is_counted:
            raise WrongState("本场会议没有开启整票清单。")
        if row.purged_at is not None:
            raise BallotsPurged
        ballots = opened_marks(session, row, setup)
        return [{item: mark for item, mark in marks.items() if mark != LEFT_OUT} for _, marks in ballots]


def list_record_entries(meeting_id: str) -> Sequence[RecordEntry]:
    """The record of acts of a meeting, the newest first."""
    with reading() as session:
        return stored_entries(session, meeting_id)


def _find_round(session: Transaction, meeting_id: str, round_number: int | None) -> StoredRound:
    rows = rounds_of(session, meeting_id)
    if round_number is not None:
        rows = [row for row in rows if row.number == round_number]
    if not rows:
        raise MeetingUnknown
    return rows[-1]
