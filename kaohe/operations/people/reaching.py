"""How far somebody's roles reach: to what belongs to the unit where they are held, and to the units below it."""

from __future__ import annotations

from kaohe.domain.errors import AccountUnknown, MeetingUnknown, NotAllowed, UnitUnknown
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act, require_may
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.storage.accounts import Account, StoredAccount, account_by_id
from kaohe.storage.database import Transaction, reading
from kaohe.storage.meetings import unit_of_meeting
from kaohe.storage.rounds import round_state
from kaohe.storage.units import unit_tree


def reach_of(account: Account) -> Reach:
    """The units in which the roles of an account count."""
    if account.unit_id == TOP:
        return EVERYWHERE
    with reading() as session:
        return unit_tree(session).reach(account.unit_id)


def state_within(reach: Reach, meeting_id: str, round_number: int | None = None) -> MeetingState | None:
    """The state of a meeting's current round, or of the round named; None where the meeting has no such round.

    A page about an earlier round is judged by that round: voiding a published one does not hide it from HR, and
    publishing the next one does not show it. Every act judges the state once more in its own transaction.

    Raises:
        MeetingUnknown: no such meeting, or it belongs to a unit out of reach: nobody learns which.
    """
    with reading() as session:
        state = round_state(session, meeting_id, round_number)
        if reach.is_everywhere and state is not None:
            return state
        try:
            if unit_of_meeting(session, meeting_id) in reach:
                return state
        except MeetingUnknown:
            pass
    raise MeetingUnknown("没有找到这场测评会，请返回列表重新选择。")


def require_account_within(reach: Reach, account_id: str) -> None:
    """Let an account pass that there is, and whose roles are held within the reach.

    Raises:
        AccountUnknown: otherwise.
    """
    with reading() as session:
        account = account_by_id(session, account_id)
    if account is None or account.unit_id not in reach:
        raise AccountUnknown


def require_unit_within(reach: Reach, unit_id: str) -> None:
    """Let a unit pass that there is, within the reach.

    Raises:
        UnitUnknown: otherwise.
    """
    with reading() as session:
        unit_tree(session).unit(unit_id)
    if unit_id not in reach:
        raise UnitUnknown


def reaches(session: Transaction, account: StoredAccount, meeting_id: str) -> bool:
    """Whether the roles of an account count in a meeting."""
    return unit_of_meeting(session, meeting_id) in unit_tree(session).reach(account.unit_id)


def require_still_may(
    session: Transaction, account: StoredAccount | None, meeting_id: str, act: Act, state: MeetingState
) -> None:
    """Let an account pass that is open and whose roles cover the act in this meeting.

    Raises:
        NotAllowed: saying why not.
    """
    if account is None or account.is_locked:
        raise NotAllowed("两人操作须由两个有效的账号完成，其中一个账号不存在或已停用。")
    if not reaches(session, account, meeting_id):
        raise NotAllowed(f"{account.name}的角色不在本场会议所属的单位及其上级单位，不能参加本场会议的两人操作。")
    require_may(account.roles, act, state)
