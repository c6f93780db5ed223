from __future__ import annotations

import gzip
import hashlib
import runpy
import threading
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from argon2 import Type, extract_parameters
from flask import Flask

from kaohe.domain.errors import FieldInvalid, LinkUsed, LockedOut, NameTaken, PasswordWeak, SignInFailed
from kaohe.domain.permissions import Role
from kaohe.domain.units import TOP, Unit
from kaohe.operations.people import credentials, sign_in_links, signing_in
from kaohe.operations.people.credentials import PASSWORD_LENGTH, require_strong
from kaohe.operations.people.passwords import change_password
from kaohe.operations.people.sign_in_links import create_account, look_at_link, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in, has_accounts, sign_in, sign_out
from kaohe.storage.accounts import StoredAccount
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.units import store_unit

PASSWORD = "一把好用的长密码"


def _account(name: str = "王主持") -> str:
    return create_account(make_sign_in_link("启动"), name, PASSWORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Lets a test move the time that sign-ins are measured by."""
    moved = {"by": timedelta(0)}
    for module in (signing_in, sign_in_links, credentials):
        monkeypatch.setattr(module, "now", lambda: datetime.now(UTC) + moved["by"])

    def move(by: timedelta) -> None:
        moved["by"] += by

    return move


def test_a_password_costs_whoever_guesses_at_it_what_rfc_9106_asks_for() -> None:
    # As a server loads it: this process has exchanged the hasher for one with less work.
    hashed = runpy.run_path(str(credentials.__file__))["hash_password"](PASSWORD)
    work = extract_parameters(hashed)
    assert (work.type, work.time_cost, work.memory_cost, work.parallelism) == (Type.ID, 3, 64 * 1024, 4)


def test_a_page_that_is_posted_again_does_not_make_its_used_link_anew(clock) -> None:
    word = "a-word-of-the-page-0"
    token = make_sign_in_link("启动", page_token=word)
    assert make_sign_in_link("启动", page_token=word) == token
    create_account(token, "王主持", PASSWORD)
    with pytest.raises(LinkUsed):
        make_sign_in_link("启动", page_token=word)
    assert look_at_link(token) is None
    with pytest.raises(LinkUsed):
        create_account(token, "李组织", PASSWORD)
    late = make_sign_in_link("启动", page_token="another-word-of-it")
    clock(timedelta(hours=25))
    with pytest.raises(LinkUsed):
        make_sign_in_link("启动", page_token="another-word-of-it")
    assert look_at_link(late) is None


def test_who_has_seen_the_word_of_a_page_cannot_work_out_the_link_that_it_makes() -> None:
    word = "a-word-of-the-page-0"
    asked = repr((word, sorted([Role.ORGANIZER]), TOP))
    guessed = urlsafe_b64encode(hashlib.sha256(asked.encode()).digest()[:24]).decode()
    assert make_sign_in_link("启动", page_token=word) != guessed


def test_the_first_organizer_comes_in_by_a_link_that_works_once() -> None:
    token = make_sign_in_link("启动")
    assert look_at_link(token)
    secret = create_account(token, "王主持", PASSWORD)

    account = account_for_sign_in(secret)
    assert account is not None
    assert account.name == "王主持"
    assert has_accounts()
    assert not look_at_link(token)
    with pytest.raises(LinkUsed):
        create_account(token, "另一人", PASSWORD)


def test_two_browsers_that_use_a_link_at_the_same_moment_make_one_account(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _account()
    token = make_sign_in_link("启动")
    both_have_found_it_good = threading.Barrier(2)
    look_for = sign_in_links.find_account

    def after_the_other(session: Transaction, name: str) -> StoredAccount | None:
        # Where the link is held, the other one cannot come so far, and the wait ends by itself.
        with suppress(threading.BrokenBarrierError):
            both_have_found_it_good.wait(1)
        return look_for(session, name)

    monkeypatch.setattr(sign_in_links, "find_account", after_the_other)

    def use_it(name: str) -> str:
        with app.app_context():
            try:
                create_account(token, name, PASSWORD)
            except LinkUsed as refusal:
                return refusal.code
            return "made"

    with ThreadPoolExecutor(2) as browsers:
        outcomes = list(browsers.map(use_it, ("甲乙", "丙丁")))

    assert sorted(outcomes) == sorted(["made", LinkUsed.code])


def test_a_link_runs_out_after_a_day(clock) -> None:
    token = make_sign_in_link("启动")
    clock(timedelta(hours=25))
    with pytest.raises(LinkUsed):
        create_account(token, "王主持", PASSWORD)


WEAK = ("qwer1234", "password123", "12341234", "Passw0rd", "kaohe2026", "Kaohe@2026!", "民主测评2026", "李记录20261129",
        "青山区统计局2026", "admin-kaohe-1", "sunshine1", "1qaz2wsx3edc")  # fmt: skip
"""What people choose where nothing forbids it, and what somebody who knows them tries first."""


def test_more_than_three_thousand_common_passwords_that_are_long_enough_are_known() -> None:
    packed = (resources.files("kaohe") / "data" / "common-passwords.txt.gz").read_bytes()
    common = gzip.decompress(packed).decode().split()
    assert len({word for word in common if len(word) >= PASSWORD_LENGTH}) > 3000
    for password in common[::500]:
        with pytest.raises(PasswordWeak):
            require_strong(password.upper(), "李记录")
    for password in (PASSWORD, "一把好用的长密码", "kaohe hippo lantern", "测评那天下了一场雨"):
        require_strong(password, "李记录")


def test_a_refused_name_or_password_leaves_the_link_good() -> None:
    _account()
    with transaction() as session:
        store_unit(session, Unit("u", "青山区统计局", TOP))
    token = make_sign_in_link("启动")
    for name, password, refusal in (
        ("王主持", PASSWORD, NameTaken),
        ("", PASSWORD, FieldInvalid),
        ("名" * 33, PASSWORD, FieldInvalid),
        ("李记录", "short", PasswordWeak),
        ("李记录", "12345678", PasswordWeak),
        ("李记录", "aaaaaaaaaa", PasswordWeak),
        ("李记录员李记录员", "李记录员李记录员", PasswordWeak),
        ("李记录", "长" * 1025, PasswordWeak),
        *(("李记录", weak, PasswordWeak) for weak in WEAK),
    ):
        with pytest.raises(refusal):
            create_account(token, name, password)
    assert look_at_link(token)


def test_name_and_password_sign_in_and_several_people_at_once() -> None:
    _account("甲")
    _account("乙")
    first, second = sign_in("甲", PASSWORD), sign_in(" 乙 ", PASSWORD)

    assert [account.name for account in (account_for_sign_in(first), account_for_sign_in(second)) if account] == [
        "甲",
        "乙",
    ]
    sign_out(first)
    assert account_for_sign_in(first) is None
    assert account_for_sign_in(second) is not None


def test_a_wrong_password_and_an_unknown_name_are_refused_alike() -> None:
    _account()
    for name, password in (("王主持", "错的密码错的"), ("没有这人", PASSWORD), ("", "")):
        with pytest.raises(SignInFailed):
            sign_in(name, password)


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(clock) -> None:
    _account()
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in("王主持", "错的密码错的")
    with pytest.raises(LockedOut):
        sign_in("王主持", PASSWORD)
    clock(timedelta(minutes=16))
    assert account_for_sign_in(sign_in("王主持", PASSWORD))


def test_a_sign_in_ends_when_it_is_idle_or_old(clock) -> None:
    secret = _account()
    clock(timedelta(hours=3))
    assert account_for_sign_in(secret) is not None
    clock(timedelta(hours=3))
    assert account_for_sign_in(secret) is not None
    clock(timedelta(hours=5))
    assert account_for_sign_in(secret) is None

    secret = sign_in("王主持", PASSWORD)
    for _ in range(3):
        clock(timedelta(hours=3, minutes=59))
        assert account_for_sign_in(secret) is not None
    clock(timedelta(minutes=30))
    assert account_for_sign_in(secret) is None


def test_a_new_password_ends_every_sign_in() -> None:
    secret = _account()
    account = account_for_sign_in(secret)
    assert account is not None
    with pytest.raises(SignInFailed):
        change_password(account, "错的密码错的", "另一把长密码呀呀")
    change_password(account, PASSWORD, "另一把长密码呀呀")

    assert account_for_sign_in(secret) is None
    with pytest.raises(SignInFailed):
        sign_in("王主持", PASSWORD)
    assert account_for_sign_in(sign_in("王主持", "另一把长密码呀呀"))


@pytest.mark.parametrize("secret", ["", "x", "中文", "a" * 5000])
def test_a_made_up_secret_is_nobody(secret: str) -> None:
    assert account_for_sign_in(secret) is None
