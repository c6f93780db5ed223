"""People who come late or leave while others vote (迟到与离场): how many, never who, and never which slip.

A slip that is made for them is a ballot more than was printed before the opening: it has a reason, a second person
where the meeting asks for two, and the wall shows it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, ProposalGone, SecondPersonNeeded
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.lines import read_reason
from kaohe.domain.meetings import GroupNumbers, MeetingSetup, MeetingState, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.record_chain import ChainEntry
from kaohe.domain.ticket_codes import code_from_bytes
from kaohe.operations.hall.boards import Board, board_of
from kaohe.operations.people.second_person import propose, proposed_by, proposed_detail, require_second_person
from kaohe.operations.setup.ballot_styles import style_keys
from kaohe.operations.setup.issuing import PrintedTicket, printed_ticket
from kaohe.storage.accounts import Account
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import meeting_key
from kaohe.storage.numbers import EnteredNumbers, store_numbers
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import StoredRound, current_round_for_update
from kaohe.storage.tickets import TicketCode, add_tickets, find_ticket

_LATE, _LEFT = "came_late", "left_early"


@dataclass(frozen=True, slots=True)
class Admitted:
    """What people who came late were given."""

    handed_out: int
    """Spares that count as handed out from now on."""
    made: Sequence[PrintedTicket]
    """New slips; their codes are kept nowhere."""


@dataclass(frozen=True, slots=True)
class Latecomers:
    """People of one group who came late, as somebody asks to count them in."""

    group_key: str
    people: int
    acts_before: int
    """What ``count_attendance_acts`` gave when the page was shown."""
    reason: str = ""
    """Why slips are made for them; needed where they are."""


def count_attendance_acts(meeting_id: str) -> int:
    """How often somebody has recorded people as coming late or leaving: what the next such act expects."""
    with reading() as session:
        return len(_acts(session, meeting_id))


def admit_late(actor: str, meeting_id: str, late: Latecomers, token: str) -> Admitted:
    """Count people of a group in who came late, and hand out what they lack: spares, then new slips.

    实到 rises by their number where it has been said, and 发出 never above it, since slips laid out for them lie ready.
    ``token`` is a random word of the page: asked twice with it, it happens once and gives the same slips.

    Raises:
        FieldInvalid: the group is unknown, the number out of bounds, or a slip is to be made and nobody has said 实到
            or why.
        EditedMeanwhile: somebody else has recorded people meanwhile.
        SecondPersonNeeded: slips are to be made, and the meeting asks for two people: ``propose_late``.
        WrongState: nobody votes now.
    """
    with transaction() as session:
        return _admitted(session, actor, meeting_id, late, token)


def propose_late(account: Account, meeting_id: str, late: Latecomers) -> None:
    """Propose what ``admit_late`` asks a second person for.

    Raises:
        What ``propose`` raises.
    """
    about = {"late_group": late.group_key, "late_people": str(late.people), "acts_before": str(late.acts_before)}
    propose(account, meeting_id, Act.MAKE_LATE_SLIPS, late.reason, about)


def proposed_late(meeting_id: str, proposal_id: str) -> Latecomers:
    """Whom a proposal is about, also once it has been confirmed or withdrawn.

    Raises:
        ProposalGone: nothing of the kind was proposed.
    """
    with reading() as session:
        return _proposed_late(session, meeting_id, proposal_id)


def admit_as_proposed(actor: str, meeting_id: str, proposal_id: str) -> Admitted:
    """Count people in as another person has proposed, and make the slips that they lack.

    Asked again by the one who confirmed it, the same slips are given again, and nobody else gets them.

    Raises:
        What ``admit_late`` raises; SecondPersonSame, ProposalGone and NotAllowed too.
    """
    with transaction() as session:
        late = _proposed_late(session, meeting_id, proposal_id)
        return _admitted(session, actor, meeting_id, late, f"{proposal_id}\n{actor}", proposal_id)


def _proposed_late(session: Transaction, meeting_id: str, proposal_id: str) -> Latecomers:
    detail = proposed_detail(session, meeting_id, proposal_id)
    if "late_group" not in detail:
        raise ProposalGone
    return Latecomers(
        detail["late_group"], int(detail["late_people"]), int(detail["acts_before"]), detail.get("reason", "")
    )


def _admitted(
    session: Transaction, actor: str, meeting_id: str, late: Latecomers, token: str, proposal_id: str = ""
) -> Admitted:
    people, word = late.people, f"{late.acts_before}|{token}"
    row, board, group = _group_for_update(session, meeting_id, late.group_key, people)
    is_shared = group.key == board.setup.shared_group
    done = _done_before(session, meeting_id, late.acts_before, (_LATE, group.key, people), proposal_id)
    if done is not None:
        handed_out, made = int(done.detail.get("handed_out", "0")), int(done.detail.get("made", "0"))
        tickets = _tickets(session, board.setup, group, row, word, made)
        # Another tab has another token: it is told what was done, and the slips stand on the page that made them.
        return Admitted(handed_out, [each for each in tickets if find_ticket(session, row.id, each.code)])
    present = None if group.present is None else group.present + people
    if present is None and (is_shared or people > group.left_over):
        raise FieldInvalid(f"请先登记“{group.label}”的实到人数，再给迟到的人{'领票' if is_shared else '另制新票'}。")
    if present is not None and present > PEOPLE_AT_MOST:
        raise FieldInvalid(f"“{group.label}”实到人数应为 0 到 {PEOPLE_AT_MOST}。")
    lacking = people if present is None else min(people, max(0, present - group.issued))
    lacking = 0 if is_shared else lacking
    handed_out = min(lacking, group.left_over)
    tickets = _tickets(session, board.setup, group, row, word, lacking - handed_out)
    if board.printed + len(tickets) > PEOPLE_AT_MOST:
        raise FieldInvalid(f"一场会议最多制作 {PEOPLE_AT_MOST} 张票，请减少数量。")
    behind = {}
    if tickets or proposal_id:
        behind = _who_stands_behind(session, board.setup, actor, late.reason, len(tickets), proposal_id)
    add_tickets(session, row.id, (TicketCode(group.key, each.code) for each in tickets), keeps_code=False)
    store_numbers(session, row.id, group.key, EnteredNumbers(present, group.left_over - handed_out))
    more = {"handed_out": handed_out, "made": len(tickets)}
    _record(session, actor, row, _LATE, group, people, present, more, **behind)
    return Admitted(handed_out, tickets)


def _who_stands_behind(
    session: Transaction, setup: MeetingSetup, actor: str, reason: str, made: int, proposal_id: str
) -> dict[str, str]:
    """What slips that are made add to the line in the record."""
    reason = read_reason(reason, f"备用票不够，须另制新票 {made} 张：请写明原因")
    if setup.two_people and not proposal_id:
        raise SecondPersonNeeded
    proposer = require_second_person(
        session, setup.id, Act.MAKE_LATE_SLIPS, actor, reason=reason, proposal_id=proposal_id
    )
    return {"reason": reason, **proposed_by(proposer), **({"proposal": proposal_id} if proposal_id else {})}


def let_leave(actor: str, meeting_id: str, group_key: str, people: int, *, acts_before: int) -> None:
    """Count people of a group out who leave without having voted and give their slips back, which lie ready again.

    实到 falls by ``people`` where it has been said. Asked twice with one ``acts_before``, it happens once.

    Raises:
        FieldInvalid: the group is unknown, or fewer of it than ``people`` hold a slip that has not voted.
        EditedMeanwhile: somebody else has recorded people meanwhile.
        WrongState: nobody votes now.
    """
    with transaction() as session:
        row, board, group = _group_for_update(session, meeting_id, group_key, people)
        if _done_before(session, meeting_id, acts_before, (_LEFT, group_key, people)) is not None:
            return
        is_shared = group_key == board.setup.shared_group
        unused = group.printed - group.left_over - (group.cast - group.paper_cast)
        still_to_vote = [
            *([] if is_shared else [unused]),
            *([] if group.present is None else [group.present - group.cast]),
        ]
        if people > min(still_to_vote, default=0):
            raise FieldInvalid(
                f"“{group.label}”还没有投票的不足 {people} 人。已经投票的离场不用登记；拿纸质票的，请更正纸质票发出数。"
            )
        present = None if group.present is None else group.present - people
        returned = 0 if is_shared else people
        store_numbers(session, row.id, group_key, EnteredNumbers(present, group.left_over + returned))
        _record(session, actor, row, _LEFT, group, people, present, {"returned": returned})


def _group_for_update(
    session: Transaction, meeting_id: str, group_key: str, people: int
) -> tuple[StoredRound, Board, GroupNumbers]:
    row = current_round_for_update(session, meeting_id)
    require_state(row, MeetingState.OPEN)
    board = board_of(session, row)
    group = next((each for each in board.groups if each.key == group_key), None)
    if group is None:
        raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
    if not 1 <= people <= PEOPLE_AT_MOST:
        raise FieldInvalid("请填写人数（至少 1 人）。")
    return row, board, group


def _done_before(
    session: Transaction, meeting_id: str, acts_before: int, asked: tuple[str, str, int], proposal_id: str = ""
) -> ChainEntry | None:
    """The entry of this act in the record, where it has been done already; None where it is still to be done."""
    acts = _acts(session, meeting_id)
    if proposal_id:
        # Whoever has confirmed it may press again after others have recorded people, where the reply was lost.
        done = next((each for each in acts if each.detail.get("proposal") == proposal_id), None)
        if done is not None:
            return done
    if len(acts) == acts_before:
        return None
    last = acts[-1] if len(acts) == acts_before + 1 and not proposal_id else None
    if last is None or (last.act, last.detail["group"], int(last.detail["people"])) != asked:
        raise EditedMeanwhile("刚刚有人登记了迟到或离场，这次没有再登记。请核对人数，再决定是否登记。")
    return last


def _acts(session: Transaction, meeting_id: str) -> list[ChainEntry]:
    return [entry for entry in chain_of(session, meeting_id) if entry.act in (_LATE, _LEFT)]


def _tickets(
    session: Transaction, setup: MeetingSetup, group: GroupNumbers, row: StoredRound, word: str, count: int
) -> tuple[PrintedTicket, ...]:
    """The slips that one page makes by one act; computed, so that a second press shows them again."""
    style, pepper = style_keys(setup)[group.key], these_secrets().pepper
    seeds = (hmac.digest(pepper, f"kaohe late|{row.id}|{word}|{number}".encode(), "sha256") for number in range(count))
    codes = [code_from_bytes(seed) for seed in seeds]
    signer = meeting_key(session, setup.id)
    return tuple(printed_ticket(signer, setup.id, style, group.label, code) for code in codes)


def _record(
    session: Transaction, actor: str, row: StoredRound, act: str, group: GroupNumbers, people: int,
    present: int | None, more: dict[str, int], **behind: str,
) -> None:  # fmt: skip
    record(
        session,
        row.meeting_id,
        actor,
        act,
        group=group.key,
        people=str(people),
        present="" if present is None else str(present),
        **{name: str(number) for name, number in more.items() if number},
        **behind,
    )
