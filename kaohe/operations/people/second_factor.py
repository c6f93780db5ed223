"""The second factor of an account: six digits from an authenticator (RFC 6238), or a recovery code from paper.

It works without a network: both sides share a secret and the time. The secret lies under the wrapping key, the recovery
codes as peppered digests, so a stolen database holds neither.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyotp

from kaohe.domain.errors import AccountUnknown, CodeWrong, FieldInvalid, SignInNeeded
from kaohe.operations.people.credentials import digest_of, note_failure, require_not_locked_out
from kaohe.operations.people.passwords import require_password
from kaohe.operations.people.signing_in import HALF_LASTS_FOR, begin_sign_in
from kaohe.storage.accounts import (
    Account,
    AccountForUpdate,
    StoredAccount,
    account_by_id,
    account_for_update,
    accounts_for_update,
    recovery_code_count,
    save_account,
    store_recovery_codes,
    use_recovery_code,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.record import record
from kaohe.storage.sign_ins import drop_sign_in, drop_sign_ins_of, find_sign_in

ISSUER = "民主测评"
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_DRIFT_STEPS = 1
"""A phone's clock may be half a minute off."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 12
"""Of a recovery code: 59 bits."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """How far an account's second factor has come."""

    is_on: bool
    secret_text: str
    """What is typed into an authenticator that cannot scan; '' unless it is being set up."""
    uri: str
    """What an authenticator scans; '' likewise."""
    codes_left: int


def second_factor_of(account: Account) -> SecondFactor:
    """The second factor as it stands.

    Raises:
        AccountUnknown: the account is gone.
    """
    with reading() as session:
        row = account_by_id(session, account.id)
        if row is None:
            raise AccountUnknown
        left = recovery_code_count(session, row.id)
        if row.totp_is_on or row.wrapped_totp is None:
            return SecondFactor(row.totp_is_on, "", "", left)
        text = _secret_of(row)
        return SecondFactor(is_on=False, secret_text=text, uri=_totp(text, row.name), codes_left=left)


def begin_second_factor(account: Account) -> None:
    """Make a secret that a first code has still to prove. Begun again, it replaces the former one.

    Raises:
        FieldInvalid: the second factor is on.
    """
    with transaction() as session:
        row = _for_update(session, account.id)
        if row.totp_is_on:
            raise FieldInvalid("两步验证已经开启。如要换验证器，请先关闭再重新开启。")
        wrapped = these_secrets().wrap(pyotp.random_base32().encode(), _purpose(row))
        save_account(session, replace(row, wrapped_totp=wrapped, totp_step=0))


def confirm_second_factor(account: Account, code: str) -> Sequence[str]:
    """Turn the second factor on once a code proves the secret; returns the recovery codes, this once.

    Raises:
        CodeWrong: nothing is turned on.
        FieldInvalid: it has not been begun, or is on already.
    """
    with transaction() as session:
        row = _for_update(session, account.id)
        if row.totp_is_on or row.wrapped_totp is None:
            raise FieldInvalid("请先点“开启两步验证”，再输入验证码。")
        step = _step_of(row, code)
        if step is None:
            raise CodeWrong("验证码不正确：请核对手机时间是否准确，再输入验证器当前显示的六位数字。")
        save_account(session, replace(row, totp_is_on=True, totp_step=step))
        record(session, None, row.name, "turned_on_second_factor")
        return _new_codes(session, row)


def renew_recovery_codes(account: Account, password: str) -> Sequence[str]:
    """Replace the recovery codes; returns the new ones, this once.

    Raises:
        SignInFailed, LockedOut: the password is wrong.
        FieldInvalid: the second factor is off.
    """
    require_password(account, password)
    with transaction() as session:
        row = _for_update(session, account.id)
        if not row.totp_is_on:
            raise FieldInvalid("两步验证没有开启，不需要恢复码。")
        record(session, None, row.name, "renewed_recovery_codes")
        return _new_codes(session, row)


def turn_off_second_factor(account: Account, password: str) -> None:
    """Turn one's own second factor off. Idempotent.

    Raises:
        SignInFailed, LockedOut: the password is wrong.
    """
    require_password(account, password)
    with transaction() as session:
        _turn_off(session, _for_update(session, account.id), account.name, "turned_off_second_factor")


def reset_second_factor(actor: str, account_id: str) -> None:
    """Turn somebody's second factor off, as an administrator does for a lost phone; ends the account's sign-ins.

    Raises:
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _for_update(session, account_id)
        drop_sign_ins_of(session, row.id)
        _turn_off(session, row, actor, "reset_second_factor")


def lose_second_factors(session: Transaction, actor: str) -> Sequence[str]:
    """Turn off every second factor whose secret nobody can read any more; returns the names of those who had one."""
    rows = [row for row in accounts_for_update(session) if row.wrapped_totp is not None]
    names = sorted(row.name for row in rows if row.totp_is_on)
    for row in rows:
        _turn_off(session, row, actor, "reset_second_factor")
    return names


def finish_sign_in(half: str, code: str) -> str:
    """Turn a half sign-in into a whole one by a code or a recovery code; returns the new secret.

    Raises:
        SignInNeeded: the half sign-in has run out or never was; the password has to be given again.
        CodeWrong: the code is wrong, or was used before.
        LockedOut: too many failures, passwords and codes together.
    """
    with transaction() as session:
        found = find_sign_in(session, digest_of(half))
        if found is None or not found[0].is_half or found[0].started_at + HALF_LASTS_FOR <= now():
            raise SignInNeeded("等待验证码的时间已过，请重新输入姓名和密码。")
        row = _for_update(session, found[1].id)
        require_not_locked_out(row, now())
        if (proven := _proven(session, row, code)) is not None:
            drop_sign_in(session, digest_of(half))
            return begin_sign_in(session, proven)
        note_failure(session, row, now())
    raise CodeWrong


def _proven(session: Transaction, row: AccountForUpdate, code: str) -> AccountForUpdate | None:
    """The account as it is once a code or a recovery code has been used up; None where it is wrong."""
    if not row.totp_is_on or row.is_locked:
        return None
    step = _step_of(row, code)
    if step is not None:
        return save_account(session, replace(row, totp_step=step))
    if not use_recovery_code(session, row.id, _code_digest(row.id, code)):
        return None
    record(session, None, row.name, "used_recovery_code", left=str(recovery_code_count(session, row.id)))
    return row


def _for_update(session: Transaction, account_id: str) -> AccountForUpdate:
    row = account_for_update(session, account_id)
    if row is None:
        raise AccountUnknown
    return row


def _step_of(row: StoredAccount, code: str) -> int | None:
    """The half minute of a code that is of this minute and later than any taken before; None for any other code."""
    typed = "".join(code.split())
    generator = pyotp.TOTP(_secret_of(row), interval=_STEP_SECONDS)
    this_step = int(now().timestamp()) // _STEP_SECONDS
    for step in range(this_step - _DRIFT_STEPS, this_step + _DRIFT_STEPS + 1):
        if step > row.totp_step and hmac.compare_digest(generator.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _new_codes(session: Transaction, row: StoredAccount) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    store_recovery_codes(session, row.id, [_code_digest(row.id, code) for code in codes])
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _turn_off(session: Transaction, row: AccountForUpdate, actor: str, act: str) -> None:
    if row.wrapped_totp is None:
        return
    if row.totp_is_on:
        record(session, None, actor, act, account=row.name)
    save_account(session, replace(row, wrapped_totp=None, totp_is_on=False, totp_step=0))
    store_recovery_codes(session, row.id, [])


def _code_digest(account_id: str, code: str) -> bytes:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hmac.digest(these_secrets().pepper, f"kaohe recovery|{account_id}|{plain}".encode(), "sha256")


def _secret_of(row: StoredAccount) -> str:
    return these_secrets().unwrap(row.wrapped_totp or b"", _purpose(row)).decode()


def _purpose(row: StoredAccount) -> str:
    return f"totp|{row.id}"


def _totp(secret: str, name: str) -> str:
    return pyotp.TOTP(secret, interval=_STEP_SECONDS).provisioning_uri(name=name, issuer_name=ISSUER)
