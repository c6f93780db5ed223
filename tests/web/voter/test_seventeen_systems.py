"""Each of the seventeen systems is held as a meeting: set up from its preset, voted on over HTTP, counted, tallied."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from page_client import PageClient
from scene import CHAIR
from systems import (
    BALLOTS,
    COMPUTED,
    VOTED,
    OwnCount,
    System,
    field_names,
    fill,
    hold_system,
    section_for,
    votes_score,
)

from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import LiveTally
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.hall.boards import load_board
from kaohe.schemes import list_presets
from kaohe.tally.scheme.scheme import Scheme


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


@pytest.mark.parametrize("preset", ["jingzheng-shanggang", "tongjiju-jixiao", "ganbu-zonghe", "ganbu-zonghe-texuan"])
def test_a_refused_ballot_is_told_why_and_its_ticket_stays_good(app: Flask, pages: PageClient, preset: str) -> None:
    with app.app_context():
        system = hold_system(preset)
    group = system.setup.groups[0]
    path, code = system.ticket(group.key, 0)
    fields = {"ticket": code, "nonce": "a-nonce-of-one-phone", "round": "1", **fill(system, group.key, 0, OwnCount())}
    scheme = section_for(system.scheme, system.setup.subjects[0])
    for error, bad in _spoilt(system, scheme).items():
        for headers in ({}, {"X-Kaohe-Script": "1"}):
            assert pages.post(path, fields | bad, headers=headers, status=422).error == error
    with app.app_context():
        assert load_board(system.meeting_id).cast == 0
    assert pages.post(path, fields).soup.select_one("[data-receipt]")


def _spoilt(system: System, scheme: Scheme) -> dict[str, dict[str, str]]:
    first, *others = (subject.key for subject in system.setup.subjects)
    cell = f"i.{others[-1]}.{scheme.dimensions[0].key}"
    found = {"item_unknown": {"q.s99.reverse": "ticked"}}
    if scheme.choose:
        top = scheme.grades[0].key
        return found | {"ballot_over_limit": {f"i.{key}.overall": top for key in (first, *others)}}
    if scheme.may_leave_out:
        return found | {
            "left_out_but_marked": {cell: "10", f"n.{others[-1]}": "not_asked"},
            "number_off_scale": {cell: "26"},
        }
    if scheme.questions:
        return found | {"answer_unknown": {f"q.{first}.{scheme.questions[0].items[0]}": "perhaps"}}
    return found | {"number_off_scale": {cell: "101"}}


def test_a_ticket_of_another_form_is_sent_to_its_own(app: Flask, pages: PageClient) -> None:
    with app.app_context():
        system = hold_system("guji-xiaoneng")
    (staff, _), (leadership, code) = system.ticket("staff", 0), system.ticket("leadership", 0)
    fields = {"ticket": code, "nonce": "a-nonce-of-one-phone", "round": "1"}
    fields |= fill(system, "leadership", 0, OwnCount())
    for headers in ({}, {"X-Kaohe-Script": "1"}):
        refused = pages.post(staff, fields, headers=headers, status=409)
        assert refused.error == "ticket_other_form"
        assert leadership in refused.text
    assert pages.post(leadership, fields).soup.select_one("[data-receipt]")


def _cast_all(app: Flask, pages: PageClient, system: System) -> OwnCount:
    count = OwnCount()
    for group in system.setup.groups:
        path, _ = system.ticket(group.key, 0)
        page = pages.get(path)
        found = {str(tag["name"]) for tag in page.form().select("[name]") if str(tag["name"])[:2] in ("i.", "q.", "n.")}
        assert found == field_names(system, group)
        for number in range(BALLOTS):
            path, code = system.ticket(group.key, number)
            fields = {"ticket": code, "nonce": f"{group.key:_<30.30}{number:04}", "round": "1"}
            fields |= fill(system, group.key, number, count)
            # Every other phone has the script, whose posts take the fast path.
            headers = {"X-Kaohe-Script": "1"} if number % 2 else {}
            receipt = pages.post(path, fields, headers=headers).soup.select_one("[data-receipt]")
            assert receipt is not None
    return count


def _same_numbers(system: System, counted: CountedRound, count: OwnCount) -> None:
    assert {group.key: group.cast for group in counted.board.groups} == count.cast
    parts = counted.result.section_results or (counted.result,)
    for group_key, subject_key, dimension_key in counted.cells:
        cell = counted.cells[group_key, subject_key, dimension_key]
        own = count.marks[group_key, subject_key, dimension_key]
        subject = next(each for each in system.setup.subjects if each.key == subject_key)
        grades = [grade.key for grade in section_for(system.scheme, subject).grades]
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
            own = sum(
                (count.answers[g.key, each.subject.key, answer.question] for g in system.scheme.groups), Counter()
            )
            assert {share.grade: share.count for share in answer.shares if share.count} == dict(own)
    assert sum(len(part.subjects) for part in parts) == len(system.setup.subjects)
