"""The blank ballot on paper: everything that the phone asks, and nothing that tells one sheet from another."""

from __future__ import annotations

import re

import pytest
from form_scene import hold_form
from scene import CHAIR, hold_meeting
from systems import VOTED, filled_by, prepare_system, section_for

from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.setup.issuing import list_tickets
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.tally.model import SubjectKind


def boxes_expected(system, group):
    """How many boxes the form has, read off the scheme; and how many places for a number."""
    boxes = numbers = 0
    for subject in system.setup.subjects:
        rules = section_for(system.scheme, subject)
        dimensions = filled_by(system, group, subject)
        if not dimensions:
            continue
        for dimension in dimensions:
            if rules.choose:
                boxes += 1
                continue
            boxes += rules.abstention_allowed
            if rules.scale_of(dimension) is None:
                boxes += len(rules.grades)
            else:
                numbers += 1
        boxes += sum(len(question.options) for question in rules.questions) + rules.may_leave_out
    return boxes, numbers


@pytest.mark.parametrize("preset", VOTED)
def test_the_blank_ballot_of_every_system_asks_what_its_phone_asks(app, signed_in, preset):
    with app.app_context():
        system = prepare_system(preset)
        setup = system.setup
        codes = [ticket.code for ticket in list_tickets(system.meeting_id)]
    for group in setup.groups:
        url = f"/desk/{system.meeting_id}/blank-ballot?group={group.key}"
        page = signed_in.get(url)
        sheet = page.soup.select_one(".blank")
        words = sheet.get_text(" ", strip=True)
        asked = [each for each in setup.subjects if filled_by(system, group, each)]
        for subject in asked:
            rules = section_for(setup.full_scheme, subject)
            assert subject.name in words
            several = [each.label for each in filled_by(system, group, subject)]
            assert all(label in words for label in (several if len(several) > 1 else []))
            options = [option.label for question in rules.questions for option in question.options]
            assert all(label in words for label in options)
            assert (f"对{subject.name}的意见建议" in words) == rules.comments_wanted
        boxes, numbers = boxes_expected(system, group)
        table = "".join(part.get_text() for part in sheet.select("tbody"))
        assert table.count("□") == boxes
        empty = [cell for cell in sheet.select("tbody td") if not cell.get_text(strip=True)]
        assert len(empty) + table.count("____") == numbers
        assert (group.label in words) == (len(setup.groups) > 1)
        text = str(sheet)
        assert not any(code in text for code in codes)
        assert not sheet.select("svg, img, a, input")
        assert str(signed_in.get(url).soup.select_one(".blank")) == text


def test_a_blank_ballot_comes_on_either_paper_and_says_in_a_draft_that_it_may_change(app, signed_in):
    with app.app_context():
        scene = hold_form("jiandu-pingshi", begins=False)
    page = signed_in.get(f"/desk/{scene.meeting_id}/blank-ballot?paper=a5")
    assert page.soup.select_one(".blank.a5")
    assert "重新打印" in page.text
    links = {link.get_text(): link["href"] for link in page.soup.select("nav[aria-label=纸张] a")}
    assert signed_in.get(links["A4"]).soup.select_one(".blank.a4")
    signed_in.get(f"/desk/{scene.meeting_id}/blank-ballot?paper=b0", status=404)


def test_tickets_and_typing_lead_to_the_blank_ballot_while_it_can_be_filled(app, signed_in):
    with app.app_context():
        scene = hold_meeting()
    wanted = f"a[href='/desk/{scene.meeting_id}/blank-ballot']"
    for place in ("tickets", "paper"):
        assert len(signed_in.get(f"/desk/{scene.meeting_id}/{place}").soup.select(wanted)) == 1
    page = signed_in.get(f"/desk/{scene.meeting_id}/blank-ballot")
    assert "重新打印" not in page.text
    assert re.search(r"不要署名", page.text)
    with app.app_context():
        close_meeting(CHAIR, scene.meeting_id)
    for place in ("tickets", "paper"):
        assert not signed_in.get(f"/desk/{scene.meeting_id}/{place}").soup.select(wanted)


def test_a_group_that_is_none_has_no_ballot(app, signed_in):
    with app.app_context():
        scene = hold_meeting()
    signed_in.get(f"/desk/{scene.meeting_id}/blank-ballot?group=nobody", status=404)


def test_a_subject_without_a_section_is_named_and_not_left_off(app, signed_in):
    with app.app_context():
        scene = hold_form("ganbu-zonghe", begins=False)
        version = load_meeting(scene.meeting_id)[0].version
        entries = (SubjectEntry("赵敏", "统计局", "", "", SubjectKind.PERSON, ""),)
        change_subjects(CHAIR, scene.meeting_id, version, entries)
    page = signed_in.get(f"/desk/{scene.meeting_id}/blank-ballot", status=422)
    assert "赵敏" in page.text
