"""Opens and counts the ballot box (开箱计票) after the close, or reads it for a live tally if that was agreed."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kaohe.domain.ballots import INVALID, Ballot, BallotCodec, judge_opened
from kaohe.domain.envelopes import BoxKey, fingerprint, receipt_list
from kaohe.domain.errors import BoxDamaged, KaoheError, WrongState
from kaohe.domain.meetings import HallView, MeetingSetup, MeetingState, next_state, require_state
from kaohe.domain.paper import PaperSheet, judged_sheet
from kaohe.domain.permissions import Act
from kaohe.domain.recorded_digests import new_ballots_salt, receipts_digest
from kaohe.domain.relations import part_forms
from kaohe.domain.sealing import Opener, binding_of
from kaohe.operations.count.box_keys import key_of_round, key_warning, server_key
from kaohe.operations.count.computing import count_without_ballots, is_computed
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.opened_ballots import codecs_of, digest_of
from kaohe.operations.count.stripping import strip_box, stripped_envelopes
from kaohe.operations.hall.boards import board_of
from kaohe.operations.hall.paper_ballots import require_paper_answered, settled_paper
from kaohe.operations.people.second_person import check_second_person, proposed_by, require_second_person
from kaohe.storage.box_contents import StoredEnvelope, envelope_ids, envelopes, store_opened
from kaohe.storage.challenges import challenged
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.numbers import store_paper_cast
from kaohe.storage.paper import forget_sheets
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.rounds import (
    StoredRound,
    current_round,
    current_round_for_update,
    round_setup,
    save_round,
    voting_round,
)
from kaohe.storage.tickets import forget_codes
from kaohe.tally.scores.counting import CountedMarks, MarkedBallot, count_marks

_TOLD_EVERY = 250
"""Envelopes; some tenths of a second."""


def count_meeting(
    actor: str, meeting_id: str, key_text: str | None = None, *, told: Callable[[str], object] = lambda _: None
) -> int:
    """Open the box of a closed round, store the ballots shuffled, destroy envelopes and key; return how many.

    Three steps, each of which leaves the next one to do and can be interrupted anywhere: the envelopes are stripped of
    their tickets, unless that was done before; in one transaction the box is opened whole or not at all; what was
    deleted is wiped from the files. Called again, it goes on where it was stopped.

    ``key_text`` is what stands on the tellers' key sheet; where the key is split, on two of its sheets, or on one of
    them after ``give_share`` has taken another. With the key held by the server it is ignored. A round that takes no
    ballots is counted by ``count_without_ballots``. ``told`` is called with a sentence for whoever waits.

    Raises:
        KeyMissing, KeyWrong, ShareWrong, ShareMissing, ShareRepeated, ShareForeign: nothing was opened.
        KeyFileMissing: this server cannot read the key; nothing was stripped or opened.
        BoxDamaged: envelopes and spent tickets differ, the box is not the one that the record says was stripped, or an
            envelope belongs to no group.
        RecordBroken: the record of acts was changed, so that nobody can say what was stripped.
        WrongState: the round is not closed.
        SecondPersonNeeded and its kin: the meeting asks for two people; nothing was stripped or opened.
        PaperMissing: ballots on paper are missing, and nobody has said so; nothing was stripped or opened.
        PaperUnsettled: they were not typed by two people alike; nothing was opened.
        InputsMissing: without ballots, the score cannot be made whole yet.
        TracesLeft: nothing was opened, as the tickets' link lies in the files still; or it was, and the envelopes do.
    """
    finished = _finish_interrupted(meeting_id)
    if finished is not None:
        return finished
    if is_computed(meeting_id):
        count_without_ballots(actor, meeting_id)
        return 0
    _require_ready(actor, meeting_id)
    told("正在拆票，并从磁盘上清除痕迹")
    strip_box(actor, meeting_id)
    with transaction() as session:
        count = _open_box(session, actor, meeting_id, key_text, told)
    told("正在销毁钥匙和封票，并从磁盘上清除痕迹")
    erase_what_is_due(meeting_id)
    return count


def _require_ready(actor: str, meeting_id: str) -> None:
    """Refuse, before anything is stripped, what is refused again where the box is opened."""
    with reading() as session:
        row = current_round(session, meeting_id)
        if row.state == MeetingState.CLOSED:
            check_second_person(session, meeting_id, Act.COUNT, actor)
            require_paper_answered(session, row)
        if row.is_key_with_servers:
            # Another server may have the key and show its tally until the count.
            server_key(row)


def _open_box(
    session: Transaction, actor: str, meeting_id: str, key_text: str | None, told: Callable[[str], object]
) -> int:
    """Open the stripped box whole, store what was in it shuffled, and record it; how many ballots there were."""
    row = current_round_for_update(session, meeting_id)
    require_state(row, MeetingState.CLOSED)
    setup = round_setup(session, row)
    proposer = require_second_person(session, meeting_id, Act.COUNT, actor)
    drop_proposals(session, meeting_id)
    paper, typists = settled_paper(session, row)
    codecs = codecs_of(row, setup)
    key = key_of_round(row, setup, key_text)
    whole = stripped_envelopes(session, row)
    named = challenged(session, row.id)
    sealed = [envelope for envelope in whole if envelope.receipt not in named]
    opened, broken = _open_all(key, codecs, sealed, told)
    told("正在打乱次序，写入选票")
    ballots = [(group_key, piece) for group_key, ballot in opened for piece in codecs[group_key].encode_pieces(ballot)]
    cut, void = _cut_sheets(codecs, [*paper, *broken])
    ballots += cut
    comments = [pair for _, ballot in opened for pair in ballot.comments.items()]
    chance = secrets.SystemRandom()
    chance.shuffle(ballots)
    chance.shuffle(comments)
    receipts = receipt_list(envelope.digest for envelope in sealed)
    store_opened(session, row.id, ballots, comments, receipts)
    on_paper = Counter(sheet.group_key for sheet in paper)
    for group_key in on_paper.keys() | void.keys():
        store_paper_cast(session, row.id, group_key, on_paper[group_key], void.get(group_key))
    forget_sheets(session, row.id)
    forget_codes(session, row.id)
    row = replace(row, state=next_state(row.state, MeetingState.COUNTED), counted_at=now(), traces_due="counted")
    row = replace(row, held_share=None, ballots_salt=new_ballots_salt())
    save_round(session, row)
    detail = {
        "round": str(row.number),
        "cast": str(len(sealed) + len(paper)),
        "paper": str(len(paper)),
        "typists": "、".join(typists),
        "key": fingerprint(key.public),
        "ballots": digest_of(row, setup, [(group, codecs[group].decode_piece(piece)) for group, piece in ballots]),
        "receipts": receipts_digest(receipts),
        **({"broken": str(len(broken))} if broken else {}),
        **proposed_by(proposer),
    }
    record(session, meeting_id, actor, "counted", **detail)
    return len(sealed) + len(paper)


def open_envelopes(
    row: StoredRound, setup: MeetingSetup, key_text: str | None, sealed: Sequence[StoredEnvelope]
) -> list[Ballot]:
    """The ballots in some envelopes, in their order; nothing is stored. One that is broken is invalid in every cell.

    Raises:
        What ``key_of_round`` raises, and BoxDamaged.
    """
    key, codecs = key_of_round(row, setup, key_text), codecs_of(row, setup)
    found = []
    for envelope in sealed:
        opened, broken = _open_all(key, codecs, [envelope])
        found += [ballot for _, ballot in opened] + [Ballot(sheet.marks, {}) for sheet in broken]
    return found


class LiveBox:
    """Reads an open box for the live tally of one round, and remembers what it has read.

    Only where the server holds the key and the organizer has agreed to a live view before opening.
    """

    def __init__(self, round_id: str) -> None:
        """A box of which nothing has been read."""
        self.round_id = round_id
        self._seen: set[bytes] = set()

    def take_new(self, meeting_id: str, names: frozenset[bytes] | None = None) -> list[MarkedBallot]:
        """(group key, marks) of the ballots that have come in since the last look, in no order that means anything.

        With ``names`` only of those: no other envelope is opened.

        Raises:
            WrongState: this round may not be looked into now.
        """
        with reading() as session:
            row = voting_round(session, meeting_id)
            setup = round_setup(session, row)
            if row.id != self.round_id or not may_look_into(row, setup):
                raise WrongState
            new = (envelope_ids(session, row.id) if names is None else names) - self._seen
            found = list(envelopes(session, row.id, new)) if new else []
        opened, broken = _open_all(server_key(row), codecs_of(row, setup), found)
        self._seen |= new
        return [(key, ballot.marks) for key, ballot in opened] + [(sheet.group_key, sheet.marks) for sheet in broken]


def may_look_into(row: StoredRound, setup: MeetingSetup) -> bool:
    """Whether a round's ballots may be counted for the hall before the box is opened, and can be.

    Stripped envelopes have other names, under which each would be seen a second time. A server that cannot read the key
    shows turnout only.
    """
    return (
        setup.hall_view is not HallView.TURNOUT
        and row.is_key_with_servers
        and row.stripped_at is None
        and not key_warning(row)
    )


def count_live(setup: MeetingSetup, ballots: list[MarkedBallot]) -> CountedMarks:
    """What some ballots of an open box add up to."""
    return count_marks(setup.full_scheme, setup.subjects, ballots, part_forms(setup))


def _cut_sheets(
    codecs: Mapping[str, BallotCodec], sheets: Sequence[PaperSheet]
) -> tuple[list[tuple[str, bytes]], dict[str, int]]:
    """What is kept of ballots with invalid cells; and by group how many are void, where no piece of one can tell it."""
    kept: list[tuple[str, bytes]] = []
    void = {sheet.group_key: 0 for sheet in sheets if codecs[sheet.group_key].is_in_pieces}
    for sheet in sheets:
        codec, marks = codecs[sheet.group_key], sheet.marks
        if codec.is_in_pieces:
            marks, is_void = judged_sheet(codec.style, marks)
            void[sheet.group_key] += is_void
        kept += [(sheet.group_key, piece) for piece in codec.encode_paper_pieces(marks)]
    return kept, void


def _finish_interrupted(meeting_id: str) -> int | None:
    """How many were counted, where only the wiping was left to do; None where there is more."""
    with reading() as session:
        row = current_round(session, meeting_id)
        if row.state != MeetingState.COUNTED or row.traces_due != "counted" or row.void_reason is not None:
            return None
        count = board_of(session, row).cast
    erase_what_is_due(meeting_id)
    return count


def _open_all(
    key: BoxKey,
    codecs: Mapping[str, BallotCodec],
    sealed: Sequence[StoredEnvelope],
    told: Callable[[str], object] = lambda _: None,
) -> tuple[list[tuple[str, Ballot]], list[PaperSheet]]:
    """The ballots by group, and a sheet that is invalid in every cell for each envelope that holds none of its form.

    Phones seal, so the box takes what nobody has judged. What is no ballot must neither count nor stop the count.

    Raises:
        BoxDamaged: an envelope of a group that the round does not have.
    """
    if not {envelope.group_key for envelope in sealed} <= codecs.keys():
        raise BoxDamaged
    opener = Opener(key)
    bindings = {group_key: binding_of(codec.style, key.public) for group_key, codec in codecs.items()}
    opened: list[tuple[str, Ballot]] = []
    broken: list[PaperSheet] = []
    for number, envelope in enumerate(sealed):
        if number % _TOLD_EVERY == 0:
            told(f"正在开箱：{number} / {len(sealed)}")
        style = codecs[envelope.group_key].style
        try:
            plain = opener.open(envelope.box, bindings[envelope.group_key], envelope.tag)
            opened.append((envelope.group_key, judge_opened(style, codecs[envelope.group_key].decode(plain))))
        except (KaoheError, ValueError):
            spoilt = {(cell.subject, cell.item): INVALID for cell in style.cells if not cell.is_answer}
            broken.append(PaperSheet(0, envelope.group_key, spoilt))
    return opened, broken
