"""Each of the seventeen systems is held as a meeting: set up from its preset, voted on over HTTP, counted, tallied."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from page_client import PageClient
from scene import CHAIR
from systems import BALLOTS, COMPUTED, VOTED, OwnCount, System, field_names, fill, hold_system, votes_score

from kaohe.live.screening import MeetingScreen
from kaohe.live.snapshots import LiveTally
from kaohe.operations.chairing import close_meeting
from kaohe.operations.opening import count_meeting
from kaohe.operations.results import CountedRound, load_counted
from kaohe.schemes import list_presets
from kaohe.tally.scheme import Scheme

SEVENTEEN = {f"P{number:02}" for number in range(1, 18)}


def test_every_preset_is_either_held_here_or_has_nothing_to_vote_on() -> None:
    assert {preset.key for preset in list_presets()} == {*VOTED, *COMPUTED}


@pytest.mark.parametrize("preset", VOTED)
def test_a_system_is_voted_on_and_counted_to_the_last_mark(app: Flask, pages: PageClient, preset: str) -> None:
    with app.app_context():
        system = hold_system(preset)
    count = _cast_all(app, pages, system)
    with app.app_context():
        shown = MeetingScreen(system.meeting_id).snapshot()
        assert isinstance(shown, LiveTally)
        assert shown.counted_text == str(sum(count.cast.values()))
        close_meeting(CHAIR, system.meeting_id)
        assert count_meeting(CHAIR, system.meeting_id) == sum(count.cast.values())
        counted = load_counted(system.meeting_id)
    _same_numbers(system, counted, count)


def _cast_all(app: Flask, pages: PageClient, system: System) -> OwnCount:
    count = OwnCount()
    for group in system.setup.groups:
        path, _ = system.ticket(group.key, 0)
        page = pages.get(path)
        found = {str(tag["name"]) for tag in page.form().select("[name]") if str(tag["name"])[:2] in ("i.", "q.", "n.")}
        assert found == field_names(system.scheme, group.key, system.setup.subjects)
        for number in range(BALLOTS):
            path, code = system.ticket(group.key, number)
            fields = {"ticket": code, "nonce": f"{group.key:_<12.12}{number:04}", "round": "1"}
            fields |= fill(system, group.key, number, count)
            # Every other phone has the script, whose posts take the lane.
            headers = {"X-Kaohe-Script": "1"} if number % 2 else {}
            receipt = pages.post(path, fields, headers=headers).soup.select_one("[data-receipt]")
            assert receipt is not None
    return count


def _same_numbers(system: System, counted: CountedRound, count: OwnCount) -> None:
    assert {group.key: group.cast for group in counted.board.groups} == count.cast
    parts = counted.result.parts or (counted.result,)
    for group_key, subject_key, dimension_key in counted.cells:
        cell = counted.cells[group_key, subject_key, dimension_key]
        own = count.marks[group_key, subject_key, dimension_key]
        grades = [grade.key for grade in _rules(system, subject_key).grades]
        found: Counter[str] = Counter(dict(zip(grades, cell.grades, strict=True))) if any(cell.grades) else Counter()
        found.update({str(number): votes for number, votes in cell.numbers})
        found["abstain"] += cell.abstention
        assert +found == +own, (group_key, subject_key, dimension_key)
        assert (cell.skipped, cell.invalid) == (0, 0)
        assert cell.cast == count.asked[group_key, subject_key]
    assert {key for key, marks in count.marks.items() if marks} <= set(counted.cells)
    for each in (row for part in parts for row in part.subjects):
        assert each.votes_score is not None
        assert each.votes_score.text == votes_score(system, each.subject, count), each.subject.name
        for answer in each.answers:
            own = sum((count.answers[g.key, each.subject.key, answer.question] for g in system.setup.groups), Counter())
            assert {share.grade: share.count for share in answer.shares if share.count} == dict(own)
    assert sum(len(part.subjects) for part in parts) == len(system.setup.subjects)


def _rules(system: System, subject_key: str) -> Scheme:
    subject = next(each for each in system.setup.subjects if each.key == subject_key)
    return next((part.scheme for part in system.scheme.parts if part.key == subject.section), system.scheme)
