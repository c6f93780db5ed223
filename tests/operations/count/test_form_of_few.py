"""A voter group of few that has a form of its own: what only they are asked must not be published as if many were."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from scene import CHAIR, NAMES, version_of

from kaohe.domain.ballots import comment_field, item_field
from kaohe.domain.rosters import SubjectEntry
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Reveal
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.disclosing import exposures
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.reviewing_comments import list_all_others
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.schemes import parse_scheme_text
from kaohe.tally.model import SubjectKind

OWN_FORMS = """
format = 1
key = "own_forms"
title = "班子测评个人，职工测评班子"
comments_wanted = true
grades = [{ key = "good", label = "好", points = 100 }, { key = "fair", label = "一般", points = 60 }]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
groups = [{ key = "leaders", label = "班子" }, { key = "staff", label = "职工" }]

[[sections]]
key = "people"
label = "个人"
kind = "person"
comments_wanted = true
groups = [{ key = "leaders", weight = 100 }]

[[sections]]
key = "team"
label = "集体"
kind = "team"
comments_wanted = true
groups = [{ key = "staff", weight = 100 }]
"""


def counted(*, leaders: int) -> str:
    """A meeting in which everybody wrote something; the leaders graded the people, the staff the team."""
    meeting_id = create_meeting(CHAIR, title="测评会", unit="统计局", held_on=None, preset_id="si-deng")
    change_scheme(CHAIR, meeting_id, version_of(meeting_id), parse_scheme_text(OWN_FORMS))
    entries = [SubjectEntry(name, section="people") for name in NAMES[:2]]
    entries.append(SubjectEntry("领导班子", kind=SubjectKind.TEAM, section="team"))
    change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
    people = {"leaders": leaders, "staff": 20}
    groups = [replace(group, entitled=people[group.key]) for group in load_meeting(meeting_id)[0].groups]
    change_groups(CHAIR, meeting_id, version_of(meeting_id), groups)
    for group_key, number in people.items():
        issue_tickets(CHAIR, meeting_id, group_key, number, 0)
    tickets = list_tickets(meeting_id)
    open_meeting(CHAIR, meeting_id)
    for ticket in tickets:
        path, code = ticket.url.partition("#")[0], ticket.code
        style = load_polling(meeting_id, path.rsplit("/", 1)[1]).style
        fields = [(item_field(*item), "good") for item in style.items]
        fields += [(comment_field(key), f"{ticket.group_label}说") for key, _ in style.items]
        cast_ballot(meeting_id, style.key, ticket=code, nonce=secrets.token_hex(16), round_number="", fields=fields)
    close_meeting(CHAIR, meeting_id)
    count_meeting(CHAIR, meeting_id)
    return meeting_id


@pytest.mark.parametrize(("leaders", "is_told"), [(3, True), (5, False)])
def test_the_hall_sees_no_votes_that_a_few_gave_alone(leaders: int, *, is_told: bool) -> None:
    meeting_id = counted(leaders=leaders)
    assert ["“班子”" in each.sentence for each in exposures(load_counted(meeting_id))] == [True] * is_told
    publish_result(CHAIR, meeting_id)
    reveal_all(CHAIR, meeting_id)
    shown = MeetingScreen(meeting_id).snapshot()
    assert isinstance(shown, Reveal)

    assert any(row.segments for page in shown.pages for row in page.rows) is not is_told


@pytest.mark.parametrize(("leaders", "is_listed"), [(9, False), (10, True)])
def test_comments_that_only_a_few_can_have_written_are_not_listed(leaders: int, *, is_listed: bool) -> None:
    """A comment on a subject that only nine were asked about is one of these nine's, however full the hall is."""
    meeting_id = counted(leaders=leaders)
    list_all_others(CHAIR, meeting_id)
    sheets = {filed.key: filed.sheet for filed in load_filing(meeting_id).sheets}
    listed = [row[1] for row in sheets["comments"].rows]

    assert listed.count("职工说") == 20
    assert listed.count("班子说") == (2 * leaders if is_listed else 0)
    assert any("只由收回不足 10 票的票种填写" in note for note in sheets["comments"].notes) is not is_listed
