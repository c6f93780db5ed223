"""The figures for a program that watches over the server: never open, never telling of one ballot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from page_client import PageClient
from prometheus_client.parser import text_string_to_metric_families
from scene import cast, hold_meeting

from kaohe.config import Config
from kaohe.domain.errors import FieldInvalid
from kaohe.live.watching import watch_meeting
from kaohe.operations.server import health
from kaohe.operations.server.backing_up import make_backup
from kaohe.storage.ballot_box import BALLOT_BOX
from kaohe.storage.box_figures import BoxFigures
from kaohe.storage.installation import install, these_secrets

TOKEN = "a-long-token-of-the-settings"


@pytest.fixture(autouse=True)
def fresh_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BALLOT_BOX, "figures", BoxFigures())
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)


@pytest.fixture
def with_token(app: Flask, config: Config) -> Flask:
    with app.app_context():
        install(app, replace(config, metrics_token=TOKEN), these_secrets())
    return app


def figures(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_somebody_signed_in_reads_the_figures(signed_in: PageClient) -> None:
    reply = signed_in.http.get("/admin/metrics")
    assert reply.status_code == 200
    assert reply.mimetype == "text/plain"
    found = figures(reply.get_data(as_text=True))
    assert found["kaohe_ready"] == 1
    assert found["kaohe_disk_free_bytes"] > 0
    assert found["kaohe_box_acknowledged_ballots_total"] == 0


def test_a_program_with_the_token_reads_them_and_one_without_gets_a_plain_refusal(
    with_token: Flask, pages: PageClient
) -> None:
    assert pages.http.get("/admin/metrics", headers=bearer(TOKEN)).status_code == 200
    for header in ({}, bearer(""), bearer("x" * len(TOKEN)), bearer(TOKEN + "x"), {"Authorization": "Basic eDp4"}):
        reply = pages.http.get("/admin/metrics", headers=header)
        assert reply.status_code in (302, 401), header
        assert b"kaohe_ready" not in reply.data
    assert pages.http.get("/admin/metrics", headers=bearer("wrong")).status_code == 401


def test_without_a_token_in_the_settings_no_token_opens(pages: PageClient) -> None:
    for header in ({}, bearer(""), bearer("None")):
        assert pages.http.get("/admin/metrics", headers=header).status_code in (302, 401)


def test_a_token_that_could_be_guessed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOHE_METRICS_TOKEN", "short")
    with pytest.raises(FieldInvalid, match="KAOHE_METRICS_TOKEN"):
        Config.from_environment()


@pytest.mark.parametrize("floor", ["-1", "many", "5.5", "99999999"])
def test_a_floor_that_is_no_number_stops_the_start(monkeypatch: pytest.MonkeyPatch, floor: str) -> None:
    monkeypatch.setenv("KAOHE_DISK_FLOOR_MB", floor)
    with pytest.raises(FieldInvalid, match="KAOHE_DISK_FLOOR_MB"):
        Config.from_environment()


def test_a_watcher_who_asks_after_every_ballot_learns_of_ten_at_once(app: Flask, signed_in: PageClient) -> None:
    with app.app_context():
        scene = hold_meeting()
    texts = []
    for code in scene.all_codes:
        with app.app_context():
            cast(scene.meeting_id, code, "excellent")
        texts.append(
            "\n".join(
                line
                for line in signed_in.http.get("/admin/metrics").get_data(as_text=True).splitlines()
                if "_box_" in line
            )
        )
    assert len(set(texts[:9])) == 1
    assert len(set(texts[9:])) == 1
    found = figures(texts[-1])
    assert found["kaohe_box_acknowledged_ballots_total"] == 10
    assert found["kaohe_box_commit_seconds_count"] == 10
    assert found["kaohe_box_group_ballots_sum"] == 10
    assert found["kaohe_box_group_ballots_bucket[1.0]"] == 10


def test_the_figures_name_no_meeting_no_ticket_and_no_phone(app: Flask, signed_in: PageClient) -> None:
    with app.app_context():
        scene = hold_meeting()
        receipts = [cast(scene.meeting_id, code, "excellent") for code in scene.all_codes]
    text = signed_in.http.get("/admin/metrics").get_data(as_text=True)
    assert scene.meeting_id not in text
    assert not any(code in text for code in [*scene.all_codes, *receipts])
    assert {label for family in text_string_to_metric_families(text) for s in family.samples for label in s.labels} <= {
        "le",
        "reason",
        "sync_state",
    }


def test_the_figures_tell_of_connections_screens_standbys_and_the_last_backup(
    app: Flask, signed_in: PageClient, tmp_path: Path, database_kind: str
) -> None:
    found = figures(signed_in.http.get("/admin/metrics").get_data(as_text=True))
    assert 1 <= found["kaohe_database_connections"] <= found["kaohe_database_connections_limit"]
    assert found["kaohe_screens"] == 0
    assert "kaohe_last_backup_timestamp_seconds" not in found
    if database_kind == "postgresql":
        assert found["kaohe_database_standbys[sync]"] == found["kaohe_database_standbys[async]"] == 0
        return
    with app.app_context():
        before = int(datetime.now(UTC).timestamp())
        make_backup(tmp_path / "copy")
        stream = watch_meeting(hold_meeting().meeting_id, lambda _: "").stream(None)
        next(stream)
    found = figures(signed_in.http.get("/admin/metrics").get_data(as_text=True))
    assert before <= found["kaohe_last_backup_timestamp_seconds"] <= datetime.now(UTC).timestamp()
    assert found["kaohe_screens"] == 1
    stream.close()
