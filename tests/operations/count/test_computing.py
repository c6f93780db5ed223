"""A year without a vote of its own: settled, computed from its quarters, published and archived like every meeting."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

import pytest
from scene import CHAIR, hand_out_paper, prepare_meeting, version_of
from sqlalchemy import event

from kaohe import recount
from kaohe.domain.bundles import check_bundle
from kaohe.domain.errors import (
    BallotsNotTaken,
    FieldInvalid,
    InputsMissing,
    NotReady,
    SecondPersonNeeded,
    WrongState,
)
from kaohe.domain.meetings import Custody, HallView, MeetingState
from kaohe.domain.permissions import Act, Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.challenging import declare_challenges
from kaohe.operations.count.importing_scores import clear_period, import_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.sources import Answer, list_findings
from kaohe.operations.hall.paper_ballots import type_sheet
from kaohe.operations.people.second_person import propose
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in
from kaohe.operations.setup.issuing import issue_tickets
from kaohe.operations.setup.preparing import change_hall, create_meeting, load_meeting
from kaohe.operations.setup.rehearsing import start_rehearsal
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import load_preset
from kaohe.storage.tables import db
from kaohe.tally.model import Period, SubjectKind

QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")
SCORES = {"张伟": ("93", "95", "90", "88"), "李娜": ("80", "81", "82", "85.5")}


def periods_of(meeting_id):
    setup, _ = load_meeting(meeting_id)
    return {
        subject.key: [
            Period(label, Fraction(score)) for label, score in zip(QUARTERS, SCORES[subject.name], strict=True)
        ]
        for subject in setup.subjects
    }


@pytest.fixture
def year(app):
    """A year in draft with two people and all four quarters."""
    meeting_id = create_meeting(
        CHAIR, title="2026年度公务员考核", unit="青山镇", held_on=None, preset_id="zhen-pingshi-niandu"
    )
    entries = tuple(SubjectEntry(name, "", "", "", SubjectKind.PERSON, "") for name in SCORES)
    change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
    import_periods(CHAIR, meeting_id, periods_of(meeting_id))
    return meeting_id


def state_of(meeting_id):
    return load_meeting(meeting_id)[1].state


def test_a_year_is_computed_published_and_recounted_from_its_bundle(year, tmp_path):
    open_meeting(CHAIR, year)
    assert state_of(year) is MeetingState.CLOSED
    assert count_meeting(CHAIR, year) == 0
    result = load_counted(year).result
    assert {each.subject.name: each.score.text for each in result.subjects} == {"张伟": "91.50", "李娜": "82.13"}
    publish_result(CHAIR, year)
    reveal_all(CHAIR, year)
    bundle = make_bundle(year)
    checked = check_bundle(bundle.content)
    said = {entry.act: entry.detail for entry in checked.entries}
    assert said["opened"]["votes"] == said["counted"]["votes"] == "none"
    assert not {"stripped", "closed", "destroyed"} & set(said)
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.content)
    assert recount.main([str(path)]) == 0


def test_nothing_is_settled_while_a_quarter_is_missing(app, year):
    clear_period(CHAIR, year, QUARTERS[1])
    clear_period(CHAIR, year, QUARTERS[0])
    for label in QUARTERS[2:]:
        clear_period(CHAIR, year, label)
    findings = {finding.code: finding for finding in list_findings(year)}
    assert findings["inputs_missing"].is_blocking
    assert findings.keys().isdisjoint({"no_tickets", "no_entitled", "not_rehearsed"})
    with pytest.raises(NotReady, match="补齐才能汇总"):
        open_meeting(CHAIR, year)
    assert state_of(year) is MeetingState.DRAFT


def test_what_is_taken_away_after_the_settling_stops_count_and_result(year):
    open_meeting(CHAIR, year)
    kept = periods_of(year)
    for label in QUARTERS:
        clear_period(CHAIR, year, label)
    with pytest.raises(InputsMissing, match="暂不能汇总"):
        count_meeting(CHAIR, year)
    assert state_of(year) is MeetingState.CLOSED
    import_periods(CHAIR, year, kept)
    count_meeting(CHAIR, year)
    for label in QUARTERS:
        clear_period(CHAIR, year, label)
    with pytest.raises(InputsMissing, match="本场不投票"):
        load_counted(year)
    with pytest.raises(InputsMissing):
        publish_result(CHAIR, year)


def test_a_year_is_counted_once(year):
    open_meeting(CHAIR, year)
    count_meeting(CHAIR, year)
    with pytest.raises(WrongState):
        count_meeting(CHAIR, year)
    assert [event.act for event in list_record_entries(year)].count("counted") == 1


def test_a_year_in_draft_cannot_be_counted(year):
    with pytest.raises(WrongState):
        count_meeting(CHAIR, year)


def test_one_person_alone_does_not_compute_where_two_are_asked_for(year):
    proposer, confirmer = (
        account_for_sign_in(create_account(make_sign_in_link("启动", (role,)), name, "一把好用的长密码"))
        for name, role in (("王主持", Role.ORGANIZER), ("李监票", Role.TELLER))
    )
    change_hall(
        CHAIR,
        year,
        version_of(year),
        hall_view=HallView.TURNOUT,
        custody=Custody.TELLERS,
        shared_group=None,
        ballot_list_wanted=False,
        two_people=True,
    )
    open_meeting(CHAIR, year)
    with pytest.raises(SecondPersonNeeded):
        count_meeting(CHAIR, year)
    assert state_of(year) is MeetingState.CLOSED
    propose(proposer, year, Act.COUNT)
    count_meeting(confirmer.name, year)
    counted = next(event for event in list_record_entries(year) if event.act == "counted")
    assert counted.detail["proposed_by"] == proposer.name


@pytest.mark.parametrize(
    "act",
    [
        lambda year: issue_tickets(CHAIR, year, "all", 3, 0),
        lambda year: start_rehearsal(CHAIR, year),
        lambda year: hand_out_paper(year, "all", 3),
        lambda year: declare_challenges(CHAIR, year, 2),
    ],
    ids=["tickets", "rehearsal", "paper", "challenges"],
)
def test_there_is_nothing_to_vote_with(year, act):
    with pytest.raises(BallotsNotTaken):
        act(year)


def test_no_paper_is_typed_into_a_year(year):
    open_meeting(CHAIR, year)
    with pytest.raises(BallotsNotTaken):
        type_sheet(CHAIR, year, 1, "all", {})


def test_no_shared_code_draws_tickets_for_a_year(year):
    with pytest.raises(BallotsNotTaken):
        change_hall(
            CHAIR,
            year,
            version_of(year),
            hall_view=HallView.TURNOUT,
            custody=Custody.SERVER,
            shared_group="all",
            ballot_list_wanted=False,
        )


def test_a_year_that_was_published_too_early_is_voided_and_made_anew(year):
    open_meeting(CHAIR, year)
    count_meeting(CHAIR, year)
    publish_result(CHAIR, year)
    void_round(CHAIR, year, "第四季度成绩有误")
    assert state_of(year) is MeetingState.DRAFT
    open_meeting(CHAIR, year)
    count_meeting(CHAIR, year)
    assert load_counted(year).round.number == 2


MANY = tuple(SubjectEntry(f"张{number}", f"{number % 60}科", "", "", SubjectKind.PERSON, "") for number in range(301))


def test_a_year_takes_more_people_than_a_vote(year):
    change_subjects(CHAIR, year, version_of(year), MANY)
    assert len(load_meeting(year)[0].subjects) == 301
    with pytest.raises(FieldInvalid, match="最多 3000 个，现有 3001 个"):
        change_subjects(CHAIR, year, version_of(year), [replace(MANY[0], name=f"李{number}") for number in range(3001)])
    vote = prepare_meeting().meeting_id
    with pytest.raises(FieldInvalid, match="最多 300 个，现有 301 个"):
        change_subjects(CHAIR, vote, version_of(vote), MANY)
    change_scheme(CHAIR, year, version_of(year), load_preset("si-deng"))
    found = {finding.code: finding for finding in list_findings(year)}
    assert found["too_many_subjects"].is_blocking
    change_subjects(CHAIR, year, version_of(year), MANY[1:])
    assert "too_many_subjects" not in {finding.code for finding in list_findings(year)}
    with pytest.raises(FieldInvalid, match="最多 300 个，现有 301 个"):
        change_subjects(CHAIR, year, version_of(year), MANY)


def test_a_list_too_long_for_a_vote_is_shortened_one_by_one(year):
    change_subjects(CHAIR, year, version_of(year), [*MANY, SubjectEntry("李娜")])
    change_scheme(CHAIR, year, version_of(year), load_preset("si-deng"))
    change_subjects(CHAIR, year, version_of(year), MANY)
    assert len(load_meeting(year)[0].subjects) == 301


def test_sixty_peoples_periods_ask_the_database_no_oftener_than_two(year):
    def statements(names: int) -> int:
        change_subjects(CHAIR, year, version_of(year), MANY[:names])
        subjects = load_meeting(year)[0].subjects
        asked: list[str] = []
        with watching_statements(asked):
            for score in (90, 91):
                brought = {each.key: [Period(label, Fraction(score)) for label in QUARTERS] for each in subjects}
                import_periods(CHAIR, year, brought, Answer.SAME)
        return len(asked)

    few = statements(2)
    assert statements(60) < few + 10


@contextmanager
def watching_statements(asked):
    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield
    event.remove(db.engine, "before_cursor_execute", note)
