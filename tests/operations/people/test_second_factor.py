"""The second factor: what is taken, what is not taken twice, and what lies in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from kaohe.domain.errors import CodeWrong, FieldInvalid, LockedOut, SignInFailed, SignInNeeded
from kaohe.operations.people import credentials, second_factor, signing_in
from kaohe.operations.people.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    finish_sign_in,
    renew_recovery_codes,
    reset_second_factor,
    second_factor_of,
    turn_off_second_factor,
)
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in, is_half, sign_in
from kaohe.storage.accounts import Account
from kaohe.storage.database import reading

NAME, PASSWORD = "王主持", "一把好用的长密码"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """A clock that stands still until a test moves it."""
    at = {"now": datetime(2026, 12, 18, 9, 0, 5, tzinfo=UTC)}
    for module in (signing_in, credentials, second_factor):
        monkeypatch.setattr(module, "now", lambda: at["now"])

    def move(by: timedelta) -> None:
        at["now"] += by

    move.now = lambda: at["now"]  # type: ignore[attr-defined] # read by tests beside moving it
    return move


@pytest.fixture
def account() -> Account:
    found = account_for_sign_in(create_account(make_sign_in_link("启动"), NAME, PASSWORD))
    assert found is not None
    return found


def _turn_on(account: Account, clock) -> tuple[pyotp.TOTP, list[str]]:
    begin_second_factor(account)
    generator = pyotp.TOTP(second_factor_of(account).secret_text)
    codes = confirm_second_factor(account, generator.at(clock.now()))
    clock(timedelta(seconds=30))
    return generator, list(codes)


def test_a_right_password_alone_is_nobody_until_the_code_is_given(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    half = sign_in(NAME, PASSWORD)
    assert is_half(half)
    assert account_for_sign_in(half) is None

    whole = finish_sign_in(half, generator.at(clock.now()))
    assert whole != half
    assert account_for_sign_in(whole) == account
    assert not is_half(whole)
    assert account_for_sign_in(half) is None


def test_it_is_not_asked_for_before_a_first_code_has_proven_it(clock, account) -> None:
    begin_second_factor(account)
    assert not is_half(sign_in(NAME, PASSWORD))
    with pytest.raises(CodeWrong):
        confirm_second_factor(account, "000000")
    assert not second_factor_of(account).is_on


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_clock_that_is_half_a_minute_off_is_forgiven(clock, account, drift: int) -> None:
    generator, _ = _turn_on(account, clock)
    clock(timedelta(minutes=5))
    assert finish_sign_in(sign_in(NAME, PASSWORD), generator.at(clock.now() + timedelta(seconds=drift)))


@pytest.mark.parametrize("drift", [-90, 90])
def test_an_old_or_early_code_is_refused(clock, account, drift: int) -> None:
    generator, _ = _turn_on(account, clock)
    clock(timedelta(minutes=5))
    with pytest.raises(CodeWrong):
        finish_sign_in(sign_in(NAME, PASSWORD), generator.at(clock.now() + timedelta(seconds=drift)))


def test_a_code_is_taken_once_and_never_after_a_later_one(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    clock(timedelta(minutes=5))
    earlier, this = generator.at(clock.now() - timedelta(seconds=30)), generator.at(clock.now())
    finish_sign_in(sign_in(NAME, PASSWORD), this)
    for replayed in (this, earlier):
        with pytest.raises(CodeWrong):
            finish_sign_in(sign_in(NAME, PASSWORD), replayed)


def test_the_code_that_turned_it_on_does_not_sign_in(clock, account) -> None:
    begin_second_factor(account)
    code = pyotp.TOTP(second_factor_of(account).secret_text).at(clock.now())
    confirm_second_factor(account, code)
    with pytest.raises(CodeWrong):
        finish_sign_in(sign_in(NAME, PASSWORD), code)


def test_a_recovery_code_works_once_however_it_is_typed(clock, account) -> None:
    _, codes = _turn_on(account, clock)
    assert len(set(codes)) == 10
    assert (
        account_for_sign_in(finish_sign_in(sign_in(NAME, PASSWORD), f" {codes[3].upper().replace('-', ' ')} "))
        == account
    )
    assert second_factor_of(account).codes_left == 9
    with pytest.raises(CodeWrong):
        finish_sign_in(sign_in(NAME, PASSWORD), codes[3])


def test_wrong_codes_and_wrong_passwords_share_the_lock_and_a_right_password_does_not_reset_it(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    for _ in range(2):
        with pytest.raises(SignInFailed):
            sign_in(NAME, "错的密码错的")
    for _ in range(3):
        with pytest.raises(CodeWrong):
            finish_sign_in(sign_in(NAME, PASSWORD), "000000")
    with pytest.raises(LockedOut):
        sign_in(NAME, PASSWORD)
    clock(timedelta(minutes=16))
    assert finish_sign_in(sign_in(NAME, PASSWORD), generator.at(clock.now()))


def test_a_half_sign_in_that_waits_is_locked_with_the_account(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    half = sign_in(NAME, PASSWORD)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            finish_sign_in(half, "000000")
    with pytest.raises(LockedOut):
        finish_sign_in(half, generator.at(clock.now()))


def test_a_right_password_waits_five_minutes_for_the_code(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    half = sign_in(NAME, PASSWORD)
    clock(timedelta(minutes=6))
    assert not is_half(half)
    with pytest.raises(SignInNeeded):
        finish_sign_in(half, generator.at(clock.now()))
    with pytest.raises(SignInNeeded):
        finish_sign_in("made up", generator.at(clock.now()))


def test_nobody_reads_secret_or_codes_in_the_database(clock, account) -> None:
    begin_second_factor(account)
    secret = second_factor_of(account).secret_text
    codes = confirm_second_factor(account, pyotp.TOTP(secret).at(clock.now()))
    with reading() as session:
        stored = bytes(session.scalar(text("SELECT wrapped_totp FROM accounts")))
        digests = [bytes(each) for each in session.scalars(text("SELECT digest FROM recovery_codes"))]
        acts = "".join(session.scalars(text("SELECT detail FROM record_entries")))
    assert secret.encode() not in stored
    assert len(digests) == 10
    assert all(code.replace("-", "").encode() not in digest for code in codes for digest in digests)
    assert secret not in acts


def test_once_on_it_shows_no_secret_and_is_not_begun_again(clock, account) -> None:
    _turn_on(account, clock)
    shown = second_factor_of(account)
    assert (shown.is_on, shown.secret_text, shown.uri) == (True, "", "")
    with pytest.raises(FieldInvalid):
        begin_second_factor(account)


def test_weighty_changes_ask_for_the_password(clock, account) -> None:
    _, codes = _turn_on(account, clock)
    with pytest.raises(SignInFailed):
        renew_recovery_codes(account, "错的密码错的")
    with pytest.raises(SignInFailed):
        turn_off_second_factor(account, "错的密码错的")
    renewed = renew_recovery_codes(account, PASSWORD)
    with pytest.raises(CodeWrong):
        finish_sign_in(sign_in(NAME, PASSWORD), codes[0])
    assert finish_sign_in(sign_in(NAME, PASSWORD), renewed[0])
    turn_off_second_factor(account, PASSWORD)
    assert not is_half(sign_in(NAME, PASSWORD))


def test_an_administrator_resets_a_lost_phone_and_ends_the_sign_ins(clock, account) -> None:
    generator, _ = _turn_on(account, clock)
    whole = finish_sign_in(sign_in(NAME, PASSWORD), generator.at(clock.now()))
    reset_second_factor("李管理", account.id)
    assert account_for_sign_in(whole) is None
    assert not is_half(sign_in(NAME, PASSWORD))
    with reading() as session:
        assert session.scalar(text("SELECT actor FROM record_entries WHERE act = 'reset_second_factor'")) == "李管理"
