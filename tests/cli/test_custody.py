"""The tellers' sheets, their comparison and the purge from the command line."""

from __future__ import annotations

import secrets
from pathlib import Path

from click.testing import CliRunner
from flask import Flask
from scene import CHAIR, cast, prepare_meeting

from kaohe.cli.commands import kaohe
from kaohe.domain.meetings import Custody
from kaohe.operations.chair import publishing, voting
from kaohe.operations.count.opening import count_meeting


def _run(monkeypatch, app: Flask, *arguments: str, typed: str = "") -> str:
    config = app.extensions["kaohe"][0]
    monkeypatch.setenv("KAOHE_DATA", str(config.data))
    monkeypatch.setenv("KAOHE_DATABASE_URL", config.database_url)
    monkeypatch.setenv("KAOHE_URL", config.public_url)
    done = CliRunner().invoke(kaohe, arguments, input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_split_key_is_drawn_tried_and_given_by_commands(app: Flask, monkeypatch, tmp_path: Path) -> None:
    with app.app_context():
        scene = prepare_meeting(custody=Custody.TELLERS)
    meeting = scene.meeting_id
    one, two, three = _run(monkeypatch, app, "meeting", "key", meeting, "--split").split()
    assert "第 1 张输入正确" in _run(monkeypatch, app, "meeting", "prove", meeting, typed=f"{one}\n")
    assert "试开通过" in _run(monkeypatch, app, "meeting", "prove", meeting, typed=f"{three}\n")
    _run(monkeypatch, app, "challenge", "declare", meeting, "1")
    _run(monkeypatch, app, "meeting", "open", meeting)
    nonce = secrets.token_hex(16)
    with app.app_context():
        cast(meeting, scene.all_codes[0], "incompetent", nonce=nonce)
        cast(meeting, scene.all_codes[1], "excellent")
    _run(monkeypatch, app, "meeting", "close", meeting)

    codes = tmp_path / "codes.txt"
    codes.write_text(f"{nonce}\n", encoding="utf-8")
    found = _run(monkeypatch, app, "challenge", "open", meeting, "--codes", str(codes), "--key", f"{one} {two}")
    assert found.count("不称职") == 3
    _run(monkeypatch, app, "challenge", "conclude", meeting, "--same")
    counted = _run(monkeypatch, app, "meeting", "count", meeting, typed=f"{two}\n{three}\n")
    assert "共 1 张" in counted


def test_purge_lists_what_is_due_and_forces_only_what_is_named(app: Flask, monkeypatch) -> None:
    with app.app_context():
        scene = prepare_meeting()
        voting.open_meeting(CHAIR, scene.meeting_id)
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
        voting.close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id)
        publishing.publish_result(CHAIR, scene.meeting_id)
    assert _run(monkeypatch, app, "purge", "--dry-run") == ""
    assert _run(monkeypatch, app, "purge") == ""
    assert "已清除 1 张" in _run(monkeypatch, app, "purge", scene.meeting_id, "--force", "考核办同意")
    assert "已清除 0 张" in _run(monkeypatch, app, "purge", scene.meeting_id)
