"""What the hall sees of meetings with sections, numbers and several forms."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from scene import CHAIR
from systems import BALLOTS, VOTED, OwnCount, cast_everything, cast_on, hold_system, prepare_system

from kaohe.domain.meetings import HallView
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import LiveTally, TallyRow
from kaohe.live.tally_rows import ABSTAIN_TONE, NUMBER_TONE
from kaohe.live.voted_schemes import voted_subjects, votes_only
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.scheme import change_scheme
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import PercentBase, Section

SPEECH, OFFICES, THREE_FORMS, RATERS = "jingzheng-shanggang", "jiguan-xiaoneng", "ganbu-zonghe", "tongjiju-jixiao"


@pytest.fixture(autouse=True)
def installed(app):
    with app.app_context():
        yield


def _rows(shown: LiveTally) -> dict[str, TallyRow]:
    return {row.name: row for page in shown.pages for row in page if isinstance(row, TallyRow)}


@pytest.mark.parametrize("preset", VOTED)
def test_no_screen_of_a_held_system_fails_however_many_ballots_are_in(preset):
    system = hold_system(preset, HallView.BATCHED)
    screen = MeetingScreen(system.meeting_id)
    count = OwnCount()
    for number in range(BALLOTS):
        shown = screen.snapshot()
        assert isinstance(shown, LiveTally)
        for group in system.setup.groups:
            cast_on(system, group.key, number, count)
    shown = screen.snapshot()
    assert shown.numbers.cast_text == str(sum(count.cast.values()))
    assert len(_rows(shown)) == len(system.setup.subjects)
    assert all(len(row.segments) == len(shown.legend) for row in _rows(shown).values())


@pytest.mark.parametrize("preset", ["guji-xiaoneng", "jiguan-kaoping"])
def test_a_group_with_a_form_of_its_own_is_never_seen_ballot_by_ballot(preset):
    """Of thirty ballots one here and one there is the leaders': what only they fill must not move with each."""
    system = prepare_system(preset, HallView.BATCHED, tickets=30, is_divided=False)
    few, many = system.setup.groups[-1].key, system.setup.groups[0].key
    assert system.urls[few][0].split("#")[0] != system.urls[many][0].split("#")[0]
    open_meeting(CHAIR, system.meeting_id)
    screen, count = MeetingScreen(system.meeting_id), OwnCount()
    pictures = [_counts(screen.snapshot())]
    for number in range(30):
        cast_on(system, many, number, count)
        if number % 5 == 0:
            cast_on(system, few, number, count)
        pictures.append(_counts(screen.snapshot()))

    # Only the form of the many may be on the wall, and that by tens: twenty of their thirty.
    seen = {sum(picture.values()) for picture in pictures}
    own = replace(count, marks=_of_group(count, many))
    assert len(seen) == 3
    assert max(seen) * 30 == sum(marks.total() for marks in own.marks.values()) * 20


def _counts(shown: LiveTally) -> dict[str, int]:
    rows = _rows(shown)
    return {name: sum(int(segment.count_text or 0) for segment in row.segments) for name, row in rows.items()}


def _of_group(count: OwnCount, group: str) -> dict[tuple[str, str, str], Counter[str]]:
    return {place: marks for place, marks in count.marks.items() if place[0] == group}


def test_numbers_are_shown_as_how_many_were_given_beside_the_grades():
    system = hold_system(SPEECH)
    count = cast_everything(system)
    shown = MeetingScreen(system.meeting_id).snapshot()
    assert [entry.label for entry in shown.legend] == ["优秀", "称职", "基本称职", "不称职", "已打分", "弃权"]
    for subject in system.setup.subjects:
        by_tone = {segment.tone: segment.count_text for segment in _rows(shown)[subject.name].segments}
        speeches = count.marks["panel", subject.key, "speech"]
        graded = count.marks["staff", subject.key, "evaluation"]
        assert by_tone[NUMBER_TONE] == str(speeches.total() - speeches["abstain"])
        assert by_tone["1"] == str(graded["excellent"])
        assert by_tone[ABSTAIN_TONE] == str(speeches["abstain"] + graded["abstain"])


def test_sections_share_the_colours_of_their_scales():
    system = hold_system(THREE_FORMS)
    count = cast_everything(system)
    shown = MeetingScreen(system.meeting_id).snapshot()
    assert [entry.label for entry in shown.legend] == [
        "好、优秀",
        "较好、称职",
        "一般、基本称职",
        "差、不称职",
        "弃权",
    ]
    team = next(subject for subject in system.setup.subjects if subject.section == "team")
    good = sum(marks["good"] for (_, key, _), marks in count.marks.items() if key == team.key)
    assert _rows(shown)[team.name].segments[0].count_text == str(good)


def test_whoever_is_left_out_by_some_is_counted_on_fewer_ballots():
    system = hold_system(RATERS)
    count = cast_everything(system)
    shown = MeetingScreen(system.meeting_id).snapshot()
    for subject in system.setup.subjects:
        asked = sum(number for (_, key), number in count.asked.items() if key == subject.key)
        given = sum(int(segment.count_text) for segment in _rows(shown)[subject.name].segments)
        assert given == asked * 6
        assert _rows(shown)[subject.name].score_text is not None


def test_without_the_number_that_a_section_divides_by_there_are_votes_and_no_rates():
    system = prepare_system(OFFICES)
    setup = load_meeting(system.meeting_id)[0]
    parts = tuple(
        replace(part, scheme=replace(part.scheme, score_base=PercentBase.PRESENT, rate_base=PercentBase.PRESENT))
        for part in setup.scheme.declared_sections
    )
    change_scheme(CHAIR, system.meeting_id, setup.version, replace(setup.scheme, declared_sections=parts))
    open_meeting(CHAIR, system.meeting_id)
    cast_everything(system)
    rows = _rows(MeetingScreen(system.meeting_id).snapshot())
    assert {segment.rate_text for row in rows.values() for segment in row.segments} == {None}
    assert {row.score_text for row in rows.values()} == {None}
    assert any(segment.count_text not in ("", "0") for row in rows.values() for segment in row.segments)


def test_a_section_without_votes_is_not_on_the_screen_of_a_meeting_that_votes():
    whole = load_preset(OFFICES)
    computed = Section("year", "年度", replace(load_preset("zhen-pingshi-niandu"), groups=whole.groups))
    mixed = replace(whole, declared_sections=(*whole.declared_sections, computed))
    subjects = [Subject("s1", "办公室", section="office"), Subject("s2", "张伟", section="year")]
    shown = votes_only(mixed)
    assert [part.key for part in shown.declared_sections] == ["office", "staff"]
    assert [subject.key for subject in voted_subjects(shown, mixed, subjects)] == ["s1"]
