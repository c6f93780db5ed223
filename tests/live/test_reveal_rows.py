"""What the projector reveals of the seventeen systems, each from its own case file by the real tally."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import pytest
from flask import render_template
from reports.test_system_sheets import RESULTS, panel_result

from kaohe.domain.reveals import RevealKind, RevealOrder
from kaohe.domain.scenes import Scene
from kaohe.live.reveal_rows import person_shown, ranking_pages, reveal_keys, reveal_pages
from kaohe.live.snapshots import WHOLE, Heading, Reveal, RevealedRow, VeiledRow
from kaohe.live.tally_rows import rows_a_page
from kaohe.operations.count.rank_orders import by_rank_from_the_back
from kaohe.web.projector.pages import screen_of

HEADING = Heading("年度考核", "青山区", "", is_rehearsal=False, record_text="")


def revealed(name):
    """All rows of a case, revealed, by the name of the subject."""
    pages, _ = reveal_pages(RESULTS[name], len(RESULTS[name].subjects))
    return {row.name: row for page in pages for row in page.rows}


@pytest.mark.parametrize("name", RESULTS)
def test_every_subject_of_every_case_is_revealed_once_and_its_bar_stays_within_the_whole(name):
    rows = revealed(name)
    assert sorted(rows) == sorted(each.subject.name for each in RESULTS[name].subjects)
    for row in rows.values():
        ends = [(segment.start, segment.start + segment.length) for segment in row.segments]
        assert all(0 <= start <= end <= WHOLE for start, end in ends)
        assert all(end == start for (_, end), (start, _) in itertools.pairwise(ends))


def test_sections_come_one_after_another_and_the_newest_page_follows():
    result = RESULTS["p16-ganbu-zonghe"]
    seen = []
    for shown in range(len(result.subjects) + 1):
        pages, newest = reveal_pages(result, shown)
        assert [page.section for page in pages] == ["领导班子", "党政主要负责人", "其他班子成员"]
        assert sum(isinstance(row, RevealedRow) for page in pages for row in page.rows) == shown
        seen.append(newest)
    assert seen == [1, 1, 1, 1, 2, 3]


def test_a_long_section_is_paged_and_the_newest_page_is_that_of_the_last_one_revealed():
    part = RESULTS["p11-jiandu-pingshi"]
    again = (
        replace(each, subject=replace(each.subject, key=f"{each.subject.key}-{n}"))
        for n in range(5)
        for each in part.subjects
    )
    many = type(part)(part.scheme, part.turnout, part.group_turnout, tuple(again))
    pages, newest = reveal_pages(many, 9)
    assert [len(page.rows) for page in pages] == [5, 5, 5, 5]
    assert newest == 2
    assert isinstance(pages[1].rows[3], RevealedRow)
    assert isinstance(pages[1].rows[4], VeiledRow)


@pytest.mark.parametrize(
    ("name", "note", "rows"),
    [
        ("欧阳子涵", "办公室 · 四级主任科员", 6),
        ("区统计局领导班子", "", 6),
        ("阿卜杜热合曼·买买提", "办公室 · 科员", 5),
        ("青山区社会经济调查中心领导班子成员", "", 4),
    ],
)
def test_a_page_has_as_many_rows_as_the_lines_of_its_longest_name_leave_room_for(name, note, rows):
    assert rows_a_page([("张伟", "办公室 · 科员"), (name, note)]) == rows


def test_tiers_and_components_are_shown_and_flags_have_no_place():
    row = revealed("p16-ganbu-zonghe")["农业局"]
    assert (row.tier.label, row.score_text, row.rank_text) == ("不达标", "93.00", "—")
    assert row.parts == ("综合目标考核 95.00", "群众公认度测评 90.00")
    assert [segment.count_text for segment in row.segments[:2]] == ["25", "25"]
    assert not {each.name for each in fields(RevealedRow)} & {"flags", "decisions", "explain", "answers"}


def test_numbers_are_shown_as_what_each_part_brings():
    page = reveal_pages(RESULTS["p09-beian-pingshi"], 4)[0][0]
    assert [entry.label for entry in page.legend] == ["德", "能", "勤", "绩", "廉"]
    first = page.rows[0]
    assert [segment.count_text for segment in first.segments] == ["20.00", "19.00", "14.00", "32.00", "10.00"]
    assert [segment.length for segment in first.segments] == [2000, 1900, 1400, 3200, 1000]
    assert [row.tier.label for row in page.rows] == ["好", "较好", "较差", "—"]


def test_a_tie_at_the_last_place_is_told_plainly():
    page = reveal_pages(RESULTS["p16-ganbu-zonghe-texuan"], 6)[0][0]
    assert (page.score_label, page.tier_label) == ("票数", "结果")
    assert [row.tier.label for row in page.rows] == ["特优", "再次投票", "再次投票", "优秀", "特优", "优秀"]


def test_what_a_small_panel_gave_is_not_on_the_wall():
    page = reveal_pages(panel_result(3), 2)[0][0]
    assert [[segment.count_text for segment in row.segments] for row in page.rows] == [["86.50"], ["86.50"]]
    large = reveal_pages(panel_result(5), 2)[0][0]
    assert len(large.rows[0].segments) > 1


@pytest.mark.parametrize(
    "name", ["p16-ganbu-zonghe", "p09-beian-pingshi", "p16-ganbu-zonghe-texuan", "p14-diwei-pingshi"]
)
def test_the_wall_shows_names_scores_and_tiers_and_no_flag(app, name):
    result = RESULTS[name]
    pages, newest = reveal_pages(result, len(result.subjects))
    with app.test_request_context():
        ranking = ranking_pages(result, with_votes=True)
        person = person_shown(result, 1, with_votes=True)
        shown = Reveal(HEADING, Scene.RANKING, "结果已全部公布", "收回 10", pages, newest, person, ranking, None)
        screen = screen_of(shown)
        text = render_template("projector/reveal.html", screen=screen)
    for each in result.subjects:
        assert each.subject.name in text
        assert each.score.text in text
        assert each.tier_label in text
        assert not [flag.label for flag in each.flags if flag.label in text]
        assert not [decision for decision in each.decisions if decision in text]


def test_one_person_alone_is_whoever_was_revealed_last_across_the_sections():
    result = RESULTS["p16-ganbu-zonghe"]
    total = len(result.subjects)
    assert person_shown(result, 0, with_votes=True) is None
    in_order = [row.name for page in reveal_pages(result, total)[0] for row in page.rows]
    shown = [person_shown(result, number, with_votes=True) for number in range(1, total + 1)]
    assert [person.row.name for person in shown] == in_order
    assert [person.place_text for person in shown] == [f"第 {n} 位，共 {total} 位" for n in range(1, total + 1)]
    withheld = person_shown(result, 1, with_votes=False)
    assert (withheld.row.segments, withheld.legend) == ((), ())


def test_the_ranking_never_mixes_sections_or_classes_and_keeps_ties_together():
    result = RESULTS["p16-ganbu-zonghe"]
    pages = ranking_pages(result, with_votes=True)
    assert [page.heading for page in pages][-2:] == ["党政主要负责人", "其他班子成员"]
    assert {page.heading.partition(" · ")[0] for page in pages[:-2]} == {"领导班子"}
    assert len({page.heading for page in pages}) == len(pages)
    for page in pages:
        ranks = [int(row.rank_text) for row in page.rows if row.rank_text.isdigit()]
        assert ranks == sorted(ranks)
    assert sorted(row.name for page in pages for row in page.rows) == sorted(s.subject.name for s in result.subjects)


def from_the_back(result, top=0):
    kind = RevealKind.TOP if top else RevealKind.BACKWARDS
    return RevealOrder(kind, top, tuple(by_rank_from_the_back(result, top)))


def test_from_the_back_the_last_rank_of_a_class_is_revealed_first_and_rows_stay_in_the_order_of_the_list():
    result = RESULTS["p16-ganbu-zonghe"]
    order, total = from_the_back(result), len(result.subjects)
    assert sorted(order.keys) == sorted(each.subject.key for each in result.subjects)
    ranks, classes = [], []
    for number in range(1, total + 1):
        row = person_shown(result, number, order, with_votes=True).row
        (found,) = (each for each in result.subjects if each.subject.key == row.key)
        ranks.append(found.rank or total + 1)  # Whoever has no rank, as whom a veto has lowered, comes before the last.
        classes.append((found.subject.section, found.subject.class_label))
        pages, newest = reveal_pages(result, number, order)
        assert [shown.key for page in pages for shown in page.rows] == list(reveal_keys(result, RevealOrder()))
        assert row.key in {shown.key for shown in pages[newest - 1].rows if isinstance(shown, RevealedRow)}
        shown = {one.key for page in pages for one in page.rows if isinstance(one, RevealedRow)}
        assert shown == set(order.keys[:number])
    in_classes = [list(group) for _, group in itertools.groupby(zip(classes, ranks, strict=True), lambda one: one[0])]
    assert len(in_classes) == len(set(classes))
    assert all([rank for _, rank in group] == sorted((r for _, r in group), reverse=True) for group in in_classes)
    assert person_shown(result, 1, order, with_votes=True).place_text == f"揭晓 1 / {total}"


def test_where_only_the_first_ranks_are_shown_nobody_else_is_named_and_nobody_before_the_reveal(app):
    result = RESULTS["p16-ganbu-zonghe-texuan"]
    order = from_the_back(result, top=1)
    names = {each.subject.name for each in result.subjects}
    first = {each.subject.name for each in result.subjects if each.rank == 1}
    assert 0 < len(first) < len(names)
    for number in range(len(first) + 1):
        pages, newest = reveal_pages(result, number, order, with_votes=False)
        ranking = ranking_pages(result, order, with_votes=False) if number == len(first) else ()
        person = person_shown(result, number, order, with_votes=False)
        shown = Reveal(HEADING, Scene.LIST, "已公布", "", pages, newest, person, ranking, None)
        with app.test_request_context():
            text = render_template("projector/reveal.html", screen=screen_of(shown))
        named = {name for name in names if name in text}
        assert named <= first
        assert len(named) == number
        assert text.count("第 1 名") == len(first) - number
        assert "data-votes" not in text
        assert all(page.heading.endswith("前 1 名") for page in ranking)


def test_no_votes_are_called_out_where_counts_are_not_shown(app):
    result = RESULTS["p16-ganbu-zonghe"]
    everybody = range(1, len(result.subjects) + 1)
    assert {person_shown(result, number, with_votes=True).uncalled_text for number in everybody} == {""}
    withheld = person_shown(result, 1, with_votes=False)
    assert withheld.uncalled_text == "票种人数少，票数不在大屏显示，不唱票"
    pages, newest = reveal_pages(result, 1, with_votes=False)
    with app.test_request_context():
        shown = Reveal(HEADING, Scene.CALLING, "已公布 1 / 3", "", pages, newest, withheld, (), None)
        screen = screen_of(shown)
        text = render_template("projector/reveal.html", screen=screen)
    assert screen.first_page == "call"
    assert "不唱票" in text
    assert "data-votes" not in text
