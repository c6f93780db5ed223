"""What the server finds out about itself before it lets anybody in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import write_certificate
from flask import Flask
from scene import CHAIR, prepare_meeting
from sqlalchemy import event, text

from kaohe.config import Certificate, Config
from kaohe.domain.errors import NotReady
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.server import startup_checks
from kaohe.operations.server.backing_up import make_backup
from kaohe.operations.server.startup_checks import Check, check_server
from kaohe.storage.database import is_sqlite, transaction
from kaohe.storage.installation import install, these_secrets
from kaohe.storage.settings_read_back import wrong_settings
from kaohe.storage.starting import DatabaseUnusable, bring_up_to_date
from kaohe.storage.tables import db


def found(files: int | None = 20_000) -> dict[str, Check]:
    return {check.text.partition("：")[0]: check for check in check_server(files)}


def test_a_server_in_order_says_so_in_one_line_for_each_matter() -> None:
    prepare_meeting()
    # A database apart from the server is asked for its standby too, which the tests' own has not; and what the disk and
    # the memory may keep is this machine's matter.
    apart = ("备库", "介质", "内存")
    checks = [check for check in check_server(20_000) if not check.text.startswith(apart)]
    assert [check.text.partition("：")[0] for check in checks] == [
        "磁盘",
        "数据库",
        "密钥",
        "时钟",
        *(["备份"] if is_sqlite() else []),
        "连接",
    ]
    assert all(check.is_good and check.text.endswith("。") for check in checks)


def test_secrets_that_are_not_the_databases_are_said() -> None:
    bring_up_to_date()
    assert "请另存一份" in found()["密钥"].text
    with transaction() as session:
        session.execute(text("UPDATE secrets_mark SET mark = :other"), {"other": bytes(32)})
    assert not found()["密钥"].is_good


def test_too_little_room_is_said(app: Flask, config: Config) -> None:
    install(app, replace(config, disk_floor_mb=10**9), these_secrets())
    assert not found()["磁盘"].is_good
    assert "不能开始投票" in found()["磁盘"].text


def test_a_clock_behind_the_record_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_meeting()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    monkeypatch.setattr(startup_checks, "now", lambda: yesterday)
    assert not found()["时钟"].is_good
    monkeypatch.setattr(startup_checks, "now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    assert not found()["时钟"].is_good


def test_too_few_open_files_are_said() -> None:
    assert not found(1024)["连接"].is_good
    assert "1024" in found(1024)["连接"].text
    assert found(None)["连接"].is_good


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "synchronous=OFF"])
def test_a_database_that_would_lose_ballots_in_a_power_cut_stops_the_start(pragma: str) -> None:
    db.engine.dispose()

    @event.listens_for(db.engine, "connect")
    def weaken(connection, _record) -> None:
        connection.execute(f"PRAGMA {pragma}")

    with pytest.raises(DatabaseUnusable, match="synchronous="):
        check_server(20_000)


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize(
    ("setting", "is_fatal"),
    [
        ("synchronous_commit=off", True),
        ("log_min_duration_statement=0", False),
        ("log_min_duration_sample=0", False),
        ("log_transaction_sample_rate=1", False),
        ("log_duration=on", False),
        ("log_statement=mod", False),
        ("log_executor_stats=on", False),
        ("log_min_messages=debug5", False),
        ("debug_print_parse=on", False),
        ("session_preload_libraries=auto_explain", False),
    ],
)
def test_settings_of_postgresql_are_read_back_too(setting: str, *, is_fatal: bool) -> None:
    db.engine.dispose()

    @event.listens_for(db.engine, "connect")
    def weaken(connection, _record) -> None:
        connection.execute(f"SET {setting}")
        connection.commit()

    if is_fatal:
        with pytest.raises(DatabaseUnusable, match="synchronous_commit=off"):
            check_server(20_000)
    else:
        telling = [check for check in check_server(20_000) if not check.is_good]
        assert [check.text for check in telling if setting in check.text]
        scene = prepare_meeting()
        with pytest.raises(NotReady, match=setting):
            open_meeting(CHAIR, scene.meeting_id)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_server_that_archives_its_log_or_loads_a_library_of_somebody_elses_is_found() -> None:
    # A running server does not change these two, so a view in their place says what it would say.
    for name, value in (("archive_mode", "on"), ("shared_preload_libraries", "pgaudit")):
        with transaction() as session:
            assert wrong_settings(session) == []
            session.execute(
                text(
                    "CREATE TEMPORARY VIEW pg_settings AS SELECT name, vartype,"
                    f" CASE name WHEN '{name}' THEN '{value}' ELSE setting END AS setting FROM pg_catalog.pg_settings"
                )
            )
            assert [(found.name, found.found) for found in wrong_settings(session)] == [(name, value)]
            session.execute(text("DROP VIEW pg_temp.pg_settings"))


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize(
    ("names", "commit", "said", "is_good"),
    [
        ("", "on", "没有同步备库", False),
        ("standby", "on", "存妥后才算收到", True),
        ("FIRST 1 (a, b)", "remote_apply", "FIRST 1 (a, b)", True),
        ("standby", "local", "synchronous_commit=local 不等备库", False),
        ("standby", "remote_write", "synchronous_commit=remote_write 不等备库", False),
    ],
)
def test_whether_a_standby_has_each_ballot_is_said(names: str, commit: str, said: str, *, is_good: bool) -> None:
    # As the server would have them in its file; set for the tests' own, they would hold up every other test.
    shown = {"synchronous_standby_names": names, "synchronous_commit": commit}
    db.engine.dispose()

    @event.listens_for(db.engine, "connect")
    def set_up(connection, _record) -> None:
        cases = " ".join(f"WHEN '{name}' THEN '{value}'" for name, value in shown.items())
        connection.execute(
            f"CREATE TEMPORARY VIEW pg_settings AS SELECT name, vartype, CASE name {cases} ELSE setting END AS setting"
            " FROM pg_catalog.pg_settings"
        )
        connection.execute("SET search_path = pg_temp, pg_catalog, public")
        connection.commit()

    check = found()["备库"]
    assert said in check.text
    assert check.is_good is is_good


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_embedded_database_is_asked_for_no_standby() -> None:
    assert "备库" not in found()


@pytest.mark.parametrize(
    ("names", "days", "said", "is_good"),
    [
        (["kaohe.example.cn"], 90, "证书：kaohe.example.cn", True),
        (["*.example.cn"], 90, "证书：kaohe.example.cn", True),
        (["example.cn"], 90, "没有 kaohe.example.cn 这个名字", False),
        (["kaohe.example.cn"], 10, "请及时更换", False),
        (["kaohe.example.cn"], 0, "不在有效期内", False),
    ],
)
def test_a_certificate_that_phones_will_not_believe_is_said(
    names: list[str], days: int, said: str, app: Flask, config: Config, tmp_path: Path, *, is_good: bool
) -> None:
    files = Certificate(*write_certificate(tmp_path, *names, days=days, issuer="an authority"))
    install(app, replace(config, public_url="https://kaohe.example.cn", certificate=files), these_secrets())

    check = found()["证书"]
    assert said in check.text
    assert check.is_good is is_good


def test_a_certificate_that_vouches_for_itself_is_named_since_every_phone_raises_an_alarm(
    app: Flask, config: Config, tmp_path: Path
) -> None:
    files = Certificate(*write_certificate(tmp_path, "kaohe.example.cn"))
    install(app, replace(config, public_url="https://kaohe.example.cn", certificate=files), these_secrets())

    check = found()["证书"]
    assert "自签" in check.text
    assert not check.is_good


def test_the_time_is_said_with_its_zone_and_a_backup_that_is_a_week_old_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare_meeting()
    if not is_sqlite():
        assert "备份" not in found()
        return
    assert re.search(r" \d\d:\d\d（UTC[+-]\d\d:\d\d）。$", found()["时钟"].text)
    assert "还没有做过" in found()["备份"].text
    make_backup(tmp_path / "copy")
    assert found()["备份"].is_good
    assert "（UTC" in found()["备份"].text
    later = datetime.now(UTC) + timedelta(days=8)
    monkeypatch.setattr(startup_checks, "now", lambda: later)
    assert not found()["备份"].is_good
