"""What a teller is asked to type where a key is wanted."""

from __future__ import annotations

from kaohe.domain.envelopes import KEY_GROUPS
from kaohe.domain.key_shares import SHARE_COUNT, SHARE_GROUPS
from kaohe.domain.meetings import Custody, MeetingSetup, Round
from kaohe.operations.key_shares import load_shares


def key_label(meeting_id: str) -> str:
    """After the close: the whole key, or one of the sheets that it is split into."""
    state = load_shares(meeting_id)
    if state is None:
        return f"开箱钥匙（由监票人输入，共 {KEY_GROUPS} 组）"
    if state.held is None:
        return f"第一张钥匙单（三张中的任意一张，共 {SHARE_GROUPS} 组）"
    return f"另一张钥匙单（第 {state.held} 张已输入，共 {SHARE_GROUPS} 组）"


def proof_label(held: Round) -> str:
    """Before the opening: the whole key, or the own sheet of three."""
    if held.is_key_split:
        return f"自己的一张钥匙单（共 {SHARE_GROUPS} 组，每组 4 个字符）"
    return f"钥匙单上的钥匙（共 {KEY_GROUPS} 组，每组 4 个字符）"


def awaits_proof(setup: MeetingSetup, held: Round) -> bool:
    """Whether a sheet that was drawn up has still to be typed in."""
    if setup.custody is not Custody.TELLERS or held.public_key is None:
        return False
    shares = load_shares(setup.id)
    return not held.key_proven or (shares is not None and len(shares.proven) < SHARE_COUNT)
