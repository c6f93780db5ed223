"""Two people at one command line (两人操作).

Whoever can run these commands has the whole machine: database, secrets and program. Asking for two passwords here keeps
an honest office from acting alone by mistake and puts two proven names into the record; it does not hold the machine's
owner.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kaohe.cli.application import ACTOR
from kaohe.domain.errors import FieldInvalid, SignInNeeded
from kaohe.domain.permissions import Act
from kaohe.operations.people.second_factor import finish_sign_in
from kaohe.operations.people.second_person import asks_for_two, open_proposals, propose, require_proven
from kaohe.operations.people.signing_in import account_for_sign_in, is_half, sign_in, sign_out
from kaohe.storage.accounts import Account

_Command = TypeVar("_Command", bound=Callable[..., Any])


def two_people(command: _Command) -> _Command:
    """Give a command the options that name its two people."""
    confirm = click.option(
        "--confirm-as", "confirmer", metavar="NAME", help="会议规定两人操作时：确认人的账号，须输入其密码。"
    )
    first = click.option(
        "--as",
        "proposer",
        metavar="NAME",
        help="会议规定两人操作时：提出人的账号，须输入其密码；已在控制台提出的不必写。",
    )
    return first(confirm(command))


def one_person(command: _Command) -> _Command:
    """Give a command the option that names whoever does one of two people's parts."""
    option = click.option(
        "--as", "person", metavar="NAME", help="会议规定两人操作时：操作人的账号，须输入其密码，记入操作记录。"
    )
    return option(command)


def acting_as(meeting_id: str, act: Act, person: str | None) -> str:
    """The name under which one of two people's parts is done: a person's, once proven, where the meeting asks for two.

    Who rules about tiers and who publishes them are told apart by these names, which 命令行 would be for everybody.

    Raises:
        FieldInvalid: the meeting asks for two people and nobody was named.
        SignInFailed, LockedOut, CodeWrong: it is not who the option says.
        NotAllowed: the account may not do this act in this meeting.
    """
    if not asks_for_two(meeting_id):
        return ACTOR
    if person is None:
        raise FieldInvalid("本场会议规定两人操作，审定等次和公布须记到人：请用 --as 写明操作人的账号，并输入其密码。")
    account = _prove(person)
    require_proven(account, meeting_id, act)
    return account.name


def acting(meeting_id: str, act: Act, proposer: str | None, confirmer: str | None, reason: str = "") -> str:
    """The name under which the act is done, after two people have proven themselves where the meeting asks for it.

    Raises:
        FieldInvalid: the meeting asks for two people and they were not named.
        SignInFailed, LockedOut, CodeWrong: one of them is not who the option says.
        NotAllowed, WrongState, ProposalOpen: the act cannot be proposed so.
    """
    if not asks_for_two(meeting_id):
        return ACTOR
    has_proposal = any(proposal.act == act for proposal in open_proposals(meeting_id))
    if confirmer is None or (proposer is None and not has_proposal):
        raise FieldInvalid(
            "本场会议规定这一操作须由两人完成：请用 --as 写明提出人、--confirm-as 写明确认人，并依次输入两人的密码；"
            "已在控制台提出的，只写 --confirm-as。"
        )
    first = _prove(proposer) if proposer is not None else None
    second = _prove(confirmer)
    if first is not None:
        propose(first, meeting_id, act, reason)
    return second.name


def _prove(name: str) -> Account:
    """The account, after its password and, where it is on, its code were typed."""
    secret = sign_in(name, ask_unseen(f"{name}的密码"))
    if is_half(secret):
        secret = finish_sign_in(secret, ask_unseen(f"{name}的验证码"))
    account = account_for_sign_in(secret)
    sign_out(secret)
    if account is None:
        raise SignInNeeded
    return account


def ask_unseen(what: str) -> str:
    """One line from whoever types it, unseen, or from the script that feeds it."""
    if sys.stdin.isatty():
        typed: str = click.prompt(what, hide_input=True, prompt_suffix="：", err=True)
        return typed
    return sys.stdin.readline().strip()
