"""Two 张伟 are told apart on every page and in every file of a meeting, and never take each other's place."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from holding import press
from page_client import Page, PageClient
from scene import CHAIR, version_of

from kaohe.cli.meeting_output import meeting_document
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.tally.model import SubjectKind

ENTRIES = [("张伟", "一科", "科长"), ("张伟", "二科", "科长"), ("李娜", "一科", "科员")]
TOLD = {"张伟（一科 科长）", "张伟（二科 科长）", "李娜"}


@pytest.fixture
def meeting_id(app: Flask) -> str:
    with app.app_context():
        made = create_meeting(CHAIR, title="测评会", unit="统计局", held_on=None, preset_id="beian-pingshi")
        entries = tuple(SubjectEntry(*who, "", SubjectKind.PERSON, "") for who in ENTRIES)
        change_subjects(CHAIR, made, version_of(made), entries)
        return made


def told_on(page: Page, selector: str) -> set[str]:
    return {" ".join(each.get_text().split()) for each in page.soup.select(selector)}


def test_a_decision_is_about_one_of_them_and_the_record_says_which(
    app: Flask, signed_in: PageClient, meeting_id: str
) -> None:
    page = signed_in.get(f"/desk/{meeting_id}/inputs")
    assert told_on(page, "select[name=subject] option") >= TOLD
    clause = page.soup.select_one("select[name=clause] option:last-child")["value"]
    done = press(
        signed_in,
        page,
        f"/desk/{meeting_id}/inputs/decisions",
        subject="s2",
        clause=str(clause),
        reason="警告",
        amount="",
    )
    assert "张伟（二科 科长）" in done.text
    events = signed_in.get(f"/desk/{meeting_id}/events").text
    assert "认定：张伟（二科 科长）" in events
    assert "认定：张伟（一科 科长）" not in events


def test_a_program_tells_them_apart_too(app: Flask, meeting_id: str) -> None:
    with app.app_context():
        document = json.loads(json.dumps(meeting_document(meeting_id)))
    assert [(each["key"], each["name"], each["unit"], each["post"]) for each in document["subjects"]] == [
        ("s1", "张伟", "一科", "科长"), ("s2", "张伟", "二科", "科长"), ("s3", "李娜", "一科", "科员"),
    ]  # fmt: skip
