from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask

from kaohe.domain.errors import KaoheError, LockedOut, SignInFailed, TooManySignIns
from kaohe.operations.people import credentials
from kaohe.operations.people.password_turns import NOBODY, Caller, PasswordTurns
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in, sign_in
from kaohe.storage.accounts import find_account
from kaohe.storage.database import reading

NAME, PASSWORD = "王主持", "一把好用的长密码"


@pytest.fixture
def account(app: Flask) -> None:
    create_account(make_sign_in_link("启动"), NAME, PASSWORD)


def outcomes(app: Flask, guesses: list[str], caller: Caller = NOBODY) -> list[str]:
    """How each of the guesses ended, all sent at once."""

    def guess(password: str) -> str:
        with app.app_context():
            try:
                sign_in(NAME, password, caller)
            except KaoheError as refusal:
                return refusal.code
            return "in"

    with ThreadPoolExecutor(len(guesses)) as guessers:
        return list(guessers.map(guess, guesses))


def slow_hasher(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(job: Callable[[], object]) -> object:
        time.sleep(0.05)
        return job()

    monkeypatch.setattr(credentials, "_run_job", slowly)


@pytest.mark.usefixtures("account")
def test_sixty_guesses_at_once_with_the_right_one_among_them_do_not_sign_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_hasher(monkeypatch)
    guesses = [PASSWORD if number == 49 else f"geraten-{number}" for number in range(60)]
    seen = outcomes(app, guesses)
    assert "in" not in seen
    assert seen.count("sign_in_failed") + seen.count("in") <= 5
    assert set(seen) <= {"sign_in_failed", "too_many_sign_ins", "locked_out", "in"}


@pytest.mark.usefixtures("account")
def test_guesses_that_pass_each_other_on_two_servers_are_five_all_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_hasher(monkeypatch)

    @contextmanager
    def of_another_server(_turns: PasswordTurns, _name: str, _caller: Caller) -> Iterator[None]:
        yield

    monkeypatch.setattr(PasswordTurns, "turn", of_another_server)
    guesses = [*(f"geraten-{number}" for number in range(20)), PASSWORD]
    seen = outcomes(app, guesses)
    assert seen.count("sign_in_failed") + seen.count("in") <= 5
    with pytest.raises(LockedOut):
        sign_in(NAME, PASSWORD)


@pytest.mark.usefixtures("account")
def test_a_right_password_gives_its_attempt_back() -> None:
    for _ in range(4):
        with pytest.raises(SignInFailed):
            sign_in(NAME, "falsch-falsch")
    for _ in range(3):
        assert account_for_sign_in(sign_in(NAME, PASSWORD))
    with reading() as session:
        found = find_account(session, NAME)
    assert found is not None
    assert (found.failed_count, found.locked_until) == (0, None)


@pytest.mark.usefixtures("account")
def test_a_lock_that_comes_while_the_password_is_checked_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def lock_meanwhile(job: Callable[[], object]) -> object:
        monkeypatch.setattr(credentials, "_run_job", lambda inner: inner())
        with credentials.transaction() as session:
            row = credentials.find_account_for_update(session, NAME)
            assert row is not None
            credentials._lock_out(session, row, credentials.now())  # noqa: SLF001 - as another server does it
        return job()

    monkeypatch.setattr(credentials, "_run_job", lock_meanwhile)
    with pytest.raises(LockedOut):
        sign_in(NAME, PASSWORD)


def test_a_name_without_an_account_is_locked_out_like_one_with_an_account(app: Flask) -> None:
    create_account(make_sign_in_link("启动"), NAME, PASSWORD)

    def codes(name: str) -> list[str]:
        found = []
        for _ in range(7):
            with pytest.raises(KaoheError) as refusal:
                sign_in(name, "falsch-falsch")
            found.append(refusal.value.code)
        return found

    assert codes(NAME) == codes("没有这人") == ["sign_in_failed"] * 5 + ["locked_out"] * 2


def test_one_check_of_an_account_seven_of_strangers_and_one_place_is_kept() -> None:
    turns = PasswordTurns()
    with ExitStack() as held:
        held.enter_context(turns.turn("a", Caller("x")))
        waiting = [turns.take(f"s{number}", Caller(f"c{number % 3}")) for number in range(6)]
        with pytest.raises(TooManySignIns):
            turns.take("a", Caller("y", is_known=True))
        with pytest.raises(TooManySignIns):
            turns.take("b", Caller("y"))
        waiting.append(turns.take("b", Caller("y", is_known=True)))
        with pytest.raises(TooManySignIns):
            turns.take("c", Caller("z", is_known=True))
        for place in waiting:
            turns.leave(place)


def test_one_caller_has_half_of_the_places_and_a_proxy_more() -> None:
    turns = PasswordTurns()
    for number in range(4):
        turns.take(f"n{number}", Caller("x"))
    with pytest.raises(TooManySignIns):
        turns.take("n4", Caller("x"))
    for number in range(5, 8):
        turns.take(f"n{number}", Caller(""))


def test_callers_take_turns() -> None:
    turns = PasswordTurns()
    order: list[str] = []

    def ask(name: str, caller: str) -> None:
        with turns.turn(name, Caller(caller)):
            order.append(caller)

    threads = [threading.Thread(target=ask, args=each) for each in (("b", "many"), ("c", "many"), ("d", "one"))]
    with turns.turn("first", Caller("many")):
        for count, thread in enumerate(threads, start=1):
            thread.start()
            while len(vars(turns)["_waiting"]) < count:
                time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert order == ["one", "many", "many"]


@pytest.mark.usefixtures("account")
def test_a_wrong_password_writes_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SignInFailed):
        sign_in(NAME, "falsch-falsch")
    assert (capfd.readouterr(), caplog.records) == (("", ""), [])
