"""Results are looked up across meetings: what is published now, by whoever may see it, and nothing beside."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from flask import Flask
from scene import CHAIR, cast, prepare_meeting, put_scheme, version_of
from sqlalchemy import text

from kaohe.domain.errors import EditedMeanwhile, PersonUnknown
from kaohe.domain.people import Spell
from kaohe.domain.units import Reach, Unit
from kaohe.operations.archive.looking_up import find_results, keep_earlier_results, load_history, with_people
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.correcting import correct_result
from kaohe.operations.count.importing_scores import import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.people.merging import merge_people
from kaohe.operations.people.register import add_person, list_people, note_change, register_subjects
from kaohe.operations.setup.inputs import changing_inputs
from kaohe.operations.setup.preparing import change_basics
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import transaction
from kaohe.storage.inputs import store_scores
from kaohe.storage.meetings import move_meeting
from kaohe.storage.people import store_people_of_meeting
from kaohe.storage.tables import db
from kaohe.storage.units import store_unit

SCHEME = """
format = 1
key = "own"
title = "自定方案"
grades = [{ key = "excellent", label = "优秀", points = 100 }, { key = "competent", label = "称职", points = 80 }]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
bands = [{ key = "excellent", label = "优秀", from = 90 }, { key = "competent", label = "称职" }]
"""


def published(title: str = "2026年度民主测评", *, is_published: bool = True) -> str:
    """张伟 (85 + 80) ÷ 2 = 82.50, 称职; 李娜 (90 + 100) ÷ 2 = 95.00, 优秀."""
    scene = prepare_meeting(names=("张伟", "李娜"))
    meeting_id = scene.meeting_id
    put_scheme(meeting_id, parse_scheme_text(SCHEME))
    change_basics(CHAIR, meeting_id, version_of(meeting_id), title=title, unit="青山区统计局", held_on=None)
    register_subjects(CHAIR, meeting_id)
    open_meeting(CHAIR, meeting_id)
    cast(meeting_id, scene.all_codes[0], "competent", "excellent")
    import_scores(CHAIR, meeting_id, "checks", {"s1": Fraction(85), "s2": Fraction(90)})
    close_meeting(CHAIR, meeting_id)
    count_meeting(CHAIR, meeting_id)
    if is_published:
        publish_result(CHAIR, meeting_id)
    return meeting_id


def said(sought: str = "", **beside: object) -> list[tuple[str, str, str]]:
    return [(each.line.name, each.line.score, each.line.tier) for each in find_results(sought, **beside)]


def test_results_are_found_by_words_and_say_what_the_sheets_say() -> None:
    meeting_id = published()
    rows = load_counted(meeting_id).result.subjects
    assert said() == [(row.subject.name, row.score.text, row.tier_label) for row in rows if row.score]
    assert said("统计局 优秀") == [("李娜", "95.00", "优秀")]
    assert said("李 称职") == []
    assert published("2026年第四季度测评", is_published=False)
    assert len(said()) == 2


def test_what_is_kept_is_what_was_published_though_a_score_comes_in_at_the_same_moment(app: Flask) -> None:
    meeting_id = published(is_published=False)

    def publish() -> None:
        with app.app_context(), suppress(EditedMeanwhile):
            publish_result(CHAIR, meeting_id)

    pressed = threading.Thread(target=publish)
    with changing_inputs(meeting_id) as (session, _):
        store_scores(session, meeting_id, "checks", {"s1": Fraction(100), "s2": Fraction(0)})
        pressed.start()
        # It has read the scores as they were, and waits for its turn to write.
        pressed.join(1)
    pressed.join()
    if not said():
        publish_result(CHAIR, meeting_id)
    assert said() == [("张伟", "90.00", "优秀"), ("李娜", "50.00", "称职")]


def test_a_correction_is_found_in_place_of_what_it_corrects_and_a_voided_result_no_more() -> None:
    meeting_id = published()
    import_scores(CHAIR, meeting_id, "checks", {"s1": Fraction(100)})
    assert said("张伟") == [("张伟", "82.50", "称职")]
    correct_result(CHAIR, meeting_id, "日常检查得分录入有误")
    assert said("张伟") == [("张伟", "90.00", "优秀")]
    void_round(CHAIR, meeting_id, "票数不符")
    assert said() == []


def test_what_was_published_before_anything_was_kept_is_kept_once() -> None:
    published()
    expected = said()
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM published_results"))
    assert said() == []
    assert keep_earlier_results() == 1
    assert said() == expected
    assert keep_earlier_results() == 0


def test_a_history_follows_the_person_under_every_name_and_ends_at_the_reach() -> None:
    with transaction() as session:
        for name in ("甲", "乙"):
            store_unit(session, Unit(name, name, "top"))
    first, second = published("2026年第一季度考核"), published("2026年第二季度考核")
    zhang = next(person for person in list_people() if person.now.name == "张伟")
    history = load_history(zhang.id)
    assert [each.title for each in history.found] == ["2026年第二季度考核", "2026年第一季度考核"]
    assert {each.person_id for each in with_people(find_results("张伟"))} == {zhang.id}
    assert with_people([]) == []

    note_change(CHAIR, zhang.id, replace(zhang.now, name="张炜"))
    with transaction() as session:
        move_meeting(session, first, "甲")
        move_meeting(session, second, "乙")
    renamed = load_history(zhang.id)
    assert (renamed.name, [spell.name for spell in renamed.former]) == ("张炜", ["张伟"])
    assert len(renamed.found) == 2
    # Who may not read the register there sees what the results of the own unit say, and nothing of others.
    below = load_history(zhang.id, Reach(("甲",)))
    assert (below.name, below.place, below.former) == ("张伟", Spell("", "办公室", "科员").place, ())
    assert [each.title for each in below.found] == ["2026年第一季度考核"]
    assert said(reach=Reach(("甲",))) == [("张伟", "82.50", "称职"), ("李娜", "95.00", "优秀")]
    with pytest.raises(PersonUnknown):
        load_history(zhang.id, Reach(("丙",)))
    with pytest.raises(PersonUnknown):
        load_history("nobody")


def test_a_history_holds_the_results_of_every_record_that_is_the_person() -> None:
    first, second = published("第一季度"), published("第二季度")
    register_subjects(CHAIR, first)
    (zhang,) = list_people("张伟")
    other = add_person(CHAIR, Spell("张伟", "二科", "科长"))
    with transaction() as session:
        store_people_of_meeting(session, second, ["s1"], {"s1": other})
    merge_people(CHAIR, other, zhang.id, "登记了两次")
    for person_id in (other, zhang.id):
        history = load_history(person_id)
        assert (history.person_id, history.place) == (other, "二科 科长")
        assert {each.title for each in history.found} == {"第一季度", "第二季度"}
    assert {each.person_id for each in with_people(find_results("张伟"))} == {other}
