"""Making the tickets that are missing in all groups at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.meetings import MeetingSetup, MeetingState
from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.domain.voter_groups import idle_groups
from kaohe.domain.voting_mode import require_ballots
from kaohe.storage.installation import this_config
from kaohe.storage.numbers import GroupFigures, figures_of_round
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, round_setup, save_round
from kaohe.storage.tickets import TicketCode, add_tickets


def issue_missing_tickets(actor: str, meeting_id: str) -> int:
    """Make as many tickets as are still missing in every group that prints its own; return how many were made.

    Idempotent: once every group has as many as are entitled, none is made.

    Raises:
        FieldInvalid: more tickets than a meeting may have.
        BallotsNotTaken: the meeting has no vote.
        WrongState: voting has begun.
    """
    with changing_round(meeting_id, MeetingState.DRAFT) as (session, row):
        setup = round_setup(session, row)
        require_ballots(setup.full_scheme)
        held = figures_of_round(session, row.id)
        missing = _missing(setup, held)
        made = sum(missing.values())
        if not made:
            return 0
        if sum(numbers.printed for numbers in held.values()) + made > PEOPLE_AT_MOST:
            raise FieldInvalid(f"一场会议最多制作 {PEOPLE_AT_MOST} 张票，请减少应到人数。")
        codes = (TicketCode(key, new_ticket_code()) for key, number in missing.items() for _ in range(number))
        add_tickets(session, row.id, codes)
        save_round(session, replace(row, printed_url=this_config().public_url))
        record(session, meeting_id, actor, "issued_missing_tickets", count=str(made), groups=str(len(missing)))
    return made


def _missing(setup: MeetingSetup, held: Mapping[str, GroupFigures]) -> Mapping[str, int]:
    """How many tickets each group lacks, by its key; spares that lie at the desk are in nobody's hand."""
    idle = idle_groups(setup.full_scheme, setup.subjects)
    found: dict[str, int] = {}
    for group in setup.groups:
        if group.key == setup.shared_group or group.counted_as in idle:
            continue
        own = held.get(group.key, GroupFigures())
        found[group.key] = group.entitled + own.entered.left_over - own.printed
    return {key: number for key, number in found.items() if number > 0}
