"""A database and a secrets file that do not belong together are found out at the start, not by the first voter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from scene import CHAIR, cast, hold_meeting

from kaohe.config import Config
from kaohe.domain.errors import SecretsMismatch, TicketUnknown
from kaohe.domain.record_chain import public_half
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.storage import starting
from kaohe.storage.database import commit_number, reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.secrets_file import Secrets, load_secrets
from kaohe.storage.secrets_mark import has_other_mark, is_claimed, mark_of, require_own_secrets
from kaohe.storage.starting import bring_up_to_date, close_database
from kaohe.storage.tables import SecretsMarkRow


@pytest.fixture
def elsewhere(config: Config, tmp_path: Path) -> Callable[[str], Flask]:
    """Another server on the same database, with a data folder and secrets of its own."""

    def make(name: str) -> Flask:
        return create_app(replace(config, data=tmp_path / name))

    return make


@contextmanager
def at_work(app: Flask) -> Iterator[None]:
    with app.app_context():
        try:
            yield
        finally:
            close_database()


def mark() -> SecretsMarkRow | None:
    with reading() as session:
        return session.get(SecretsMarkRow, 1)


def test_the_first_start_marks_the_database_and_every_later_one_writes_nothing() -> None:
    assert mark() is None
    bring_up_to_date()
    first = mark()
    assert first is not None
    assert first.mark == mark_of(these_secrets())

    before = commit_number()
    bring_up_to_date()
    assert commit_number() == before
    assert not has_other_mark()


def test_a_start_with_other_secrets_is_refused_and_says_what_to_do(
    elsewhere: Callable[[str], Flask], tmp_path: Path
) -> None:
    bring_up_to_date()
    with at_work(elsewhere("laptop")):
        with pytest.raises(SecretsMismatch) as refused:
            bring_up_to_date()
        assert has_other_mark()
    for word in (str(tmp_path / "laptop" / "secrets.json"), "原来的 secrets.json", "kaohe secrets replace"):
        assert word in refused.value.message
    bring_up_to_date()


def test_a_start_that_does_not_compare_lets_every_printed_ticket_be_unknown(
    elsewhere: Callable[[str], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what the comparison is there for."""
    bring_up_to_date()
    scene = hold_meeting()
    monkeypatch.setattr(starting, "require_own_secrets", lambda: None)
    with at_work(elsewhere("laptop")):
        bring_up_to_date()
        with pytest.raises(TicketUnknown):
            cast(scene.meeting_id, scene.all_codes[0], "excellent")


@pytest.mark.parametrize("name", ["pepper", "wrapping_key", "cookie_key", "signing_key"])
def test_one_secret_that_differs_is_enough(config: Config, name: str) -> None:
    bring_up_to_date()
    path = config.data / "secrets.json"
    document = json.loads(path.read_text())
    document[name] = "00" * 32
    path.write_text(json.dumps(document))
    with at_work(create_app(config)), pytest.raises(SecretsMismatch):
        bring_up_to_date()


def test_no_secret_is_in_the_mark_and_no_two_ways_to_write_them_give_the_same() -> None:
    bring_up_to_date()
    found, own = mark(), these_secrets()
    assert found is not None
    assert found.public_key == public_half(own.signing_key)
    for each in (own.pepper, own.wrapping_key, own.cookie_key, own.signing_key):
        assert each not in (found.mark, found.public_key)
        assert each not in found.mark + found.public_key
    assert mark_of(Secrets(b"ab", b"c", b"d", b"e")) != mark_of(Secrets(b"a", b"bc", b"d", b"e"))


def test_a_database_without_its_mark_is_taken_over_by_the_secrets_that_signed_its_record() -> None:
    scene = hold_meeting()
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    assert mark() is None

    bring_up_to_date()

    assert mark() is not None


def test_a_database_without_its_mark_is_not_taken_over_by_secrets_that_have_signed_nothing_in_it(
    elsewhere: Callable[[str], Flask],
) -> None:
    hold_meeting()
    with at_work(elsewhere("laptop")), pytest.raises(SecretsMismatch):
        bring_up_to_date()
    assert mark() is None
    bring_up_to_date()
    assert mark() is not None


def test_of_two_servers_that_start_at_once_with_different_secrets_one_is_refused(
    elsewhere: Callable[[str], Flask],
) -> None:
    apps, together = [elsewhere(f"server-{number}") for number in range(4)], Barrier(4)

    def start(app: Flask) -> str:
        with at_work(app):
            together.wait()
            try:
                require_own_secrets()
            except SecretsMismatch as refusal:
                return refusal.code
            return "started"

    with ThreadPoolExecutor(4) as servers:
        outcomes = list(servers.map(start, apps))
    assert sorted(outcomes) == ["secrets_mismatch"] * 3 + ["started"]


def test_of_servers_that_start_at_once_with_the_same_secrets_all_start(config: Config) -> None:
    apps, together = [create_app(config) for _ in range(4)], Barrier(4)

    def start(app: Flask) -> None:
        with at_work(app):
            together.wait()
            require_own_secrets()

    with ThreadPoolExecutor(4) as servers:
        list(servers.map(start, apps))
    bring_up_to_date()


def test_secrets_that_many_make_at_once_are_one(tmp_path: Path) -> None:
    together = Barrier(8)

    def load(_: int) -> Secrets:
        together.wait()
        return load_secrets(tmp_path / "fresh")

    with ThreadPoolExecutor(8) as processes:
        assert len(set(processes.map(load, range(8)))) == 1
    assert [path.name for path in (tmp_path / "fresh").iterdir()] == ["secrets.json"]


def test_a_database_is_claimed_once_it_has_been_used_and_asking_makes_none(config: Config, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.sqlite3"
    assert not is_claimed(f"sqlite:///{nowhere}")
    assert not nowhere.exists()
    assert not is_claimed(config.database_url)
    bring_up_to_date()
    assert is_claimed(config.database_url)
