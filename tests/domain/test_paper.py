"""Ballots on paper: what is typed for what, and where two typists differ."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from ballot_forms import QUESTIONS, style_of

from kaohe.domain.ballots import ABSTAIN, INVALID, LEFT_OUT, TICKED, VOID, BallotCodec, Cell
from kaohe.domain.errors import PaperMarkUnknown
from kaohe.domain.paper import (
    PaperDifference,
    PaperSheet,
    blank_cells,
    cell_labels,
    compare_piles,
    judged_sheet,
    read_typed,
    require_left_out_whole,
    typed_text,
)
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Option, Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Scheme, Section

PEOPLE = (Subject("s1", "张伟"), Subject("s2", "李娜"), Subject("s3", "王芳"))
GRADE = Cell(
    "s1",
    "overall",
    "i.s1.overall",
    ("excellent", "competent", "basically_competent", "incompetent"),
    None,
    may_abstain=True,
    may_leave_out=True,
    is_answer=False,
)
STRICT = Cell("s1", "overall", "i.s1.overall", ("yes", "no"), None, False, False, False)  # noqa: FBT003 - a cell that allows nothing beside its grades
NUMBER = Cell("s1", "speech", "i.s1.speech", (), NumberScale(Fraction(100), step=Fraction(1, 2)), True, False, False)  # noqa: FBT003 - as above, with abstention
TICK = Cell("s1", "bad.team", "q.s1.bad.team", (TICKED,), None, False, False, True)  # noqa: FBT003 - an answer
CHOICE = Cell("s1", "intent", "q.s1.intent", ("promote", "keep"), None, False, False, True)  # noqa: FBT003 - an answer


@pytest.mark.parametrize(
    ("cell", "typed", "mark"),
    [
        (GRADE, "1", "excellent"),
        (GRADE, " \N{FULLWIDTH DIGIT FOUR} ", "incompetent"),
        (GRADE, "0", ABSTAIN),
        (GRADE, "x", INVALID),
        (GRADE, "\N{MULTIPLICATION SIGN}", INVALID),
        (GRADE, "\N{FULLWIDTH LATIN CAPITAL LETTER X}", INVALID),
        (GRADE, "-", LEFT_OUT),
        (GRADE, "  ", None),
        (NUMBER, "87.5", "87.5"),
        (NUMBER, "\N{FULLWIDTH DIGIT ZERO}", "0"),
        (NUMBER, "q", ABSTAIN),
        (NUMBER, "x", INVALID),
        (TICK, "1", TICKED),
        (TICK, "", None),
        (CHOICE, "2", "keep"),
    ],
)
def test_what_is_typed_is_read_and_shown_again_as_something_that_reads_the_same(cell, typed, mark):
    assert read_typed(cell, typed, "张伟") == mark
    assert read_typed(cell, typed_text(cell, mark), "张伟") == mark


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        (GRADE, "5"),
        (GRADE, "优秀"),
        (GRADE, "99999999999"),
        (STRICT, "0"),
        (STRICT, "-"),
        (NUMBER, "100.5"),
        (NUMBER, "87.3"),
        (NUMBER, "-"),
        (TICK, "2"),
        (TICK, "x"),
        (CHOICE, "0"),
    ],
)
def test_what_a_cell_cannot_hold_is_refused_by_the_name_of_the_cell(cell, typed):
    with pytest.raises(PaperMarkUnknown, match="张伟"):
        read_typed(cell, typed, "张伟")


def sheet(number: int, group_key: str = "all", **marks: str) -> PaperSheet:
    return PaperSheet(number, group_key, {("s1", item): mark for item, mark in marks.items()})


def piles(*sheets: PaperSheet) -> dict[int, PaperSheet]:
    return {each.number: each for each in sheets}


def test_two_piles_that_were_typed_alike_differ_nowhere():
    one = piles(sheet(1, a="excellent"), sheet(2, a="competent", b=INVALID))
    assert list(compare_piles(one, dict(one))) == []


def test_a_sheet_that_one_has_not_typed_is_one_difference_as_a_whole():
    assert list(compare_piles(piles(sheet(3)), {})) == [PaperDifference(3, None, "all", None)]
    assert list(compare_piles({}, piles(sheet(3)))) == [PaperDifference(3, None, None, "all")]


def test_a_sheet_under_two_groups_is_one_difference_as_a_whole():
    found = list(compare_piles(piles(sheet(1, "a", x="excellent")), piles(sheet(1, "b", x="competent"))))
    assert found == [PaperDifference(1, None, "a", "b")]


def test_every_cell_that_was_read_otherwise_is_a_difference_of_its_own():
    first = piles(sheet(2, a="excellent", b="competent"), sheet(1, a="competent"))
    second = piles(sheet(2, a="competent", c="competent"), sheet(1, a="competent"))
    assert list(compare_piles(first, second)) == [
        PaperDifference(2, ("s1", "a"), "excellent", "competent"),
        PaperDifference(2, ("s1", "b"), "competent", None),
        PaperDifference(2, ("s1", "c"), None, "competent"),
    ]


def test_a_sheet_is_judged_whole_and_whom_it_does_not_name_is_left_out():
    style = style_of(replace(load_preset("si-deng"), may_leave_out=True, top_grade_limit=1), *PEOPLE)
    best = {("s1", "overall"): "excellent", ("s2", "overall"): "excellent"}
    assert judged_sheet(style, best | {("s3", "overall"): LEFT_OUT}) == judged_sheet(style, best)
    assert judged_sheet(style, best) == (dict.fromkeys(best, INVALID) | {("s3", "overall"): LEFT_OUT}, True)
    one = {("s1", "overall"): "excellent"}
    assert judged_sheet(style, one) == (one | {("s2", "overall"): LEFT_OUT, ("s3", "overall"): LEFT_OUT}, False)


def test_who_is_left_out_is_left_out_whole():
    style = style_of(replace(load_preset("si-deng"), may_leave_out=True, questions=QUESTIONS), *PEOPLE)
    require_left_out_whole(style, {("s1", "overall"): LEFT_OUT, ("s2", "intent"): "promote"})
    with pytest.raises(PaperMarkUnknown, match="“李娜”有的格填了“-”（不评）"):
        require_left_out_whole(style, {("s2", "overall"): LEFT_OUT, ("s2", "intent"): "promote"})


def test_an_option_with_the_key_invalid_is_an_answer_like_any_other():
    asked = Question("valid", "是否有效", QuestionKind.CHOICE, (Option("valid", "有效"), Option("invalid", "失效")))
    style = style_of(replace(load_preset("si-deng"), may_leave_out=True, questions=(asked,)), PEOPLE[0])
    chosen = {("s1", "overall"): "excellent", ("s1", "valid"): "invalid"}
    assert judged_sheet(style, chosen) == (chosen, False)
    codec = BallotCodec(style)
    void, is_void = judged_sheet(style, chosen | {("s1", "overall"): INVALID})
    assert is_void
    for marks in (chosen, void):
        (piece,) = codec.encode_paper_pieces(marks)
        assert codec.decode_piece(piece) == marks
    assert void == {("s1", "overall"): INVALID, ("s1", "valid"): VOID}


WORDS = {
    "excellent": "优秀",
    "competent": "称职",
    "basically_competent": "基本称职",
    "incompetent": "不称职",
}


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("优", "excellent"),
        ("称职", "competent"),
        ("基本", "basically_competent"),
        ("不", "incompetent"),
        ("A", "excellent"),
        ("d", "incompetent"),
        ("弃", ABSTAIN),
    ],
)
def test_a_grade_is_read_by_letter_and_by_as_much_of_its_word_as_tells_it_from_the_others(typed, mark):
    assert read_typed(GRADE, typed, "张伟", WORDS) == mark


@pytest.mark.parametrize("typed", ["良", "e", "职"])
def test_a_word_or_letter_that_no_grade_has_is_refused(typed):
    with pytest.raises(PaperMarkUnknown):
        read_typed(GRADE, typed, "张伟", WORDS)


def test_a_word_that_begins_two_grades_is_refused():
    with pytest.raises(PaperMarkUnknown):
        read_typed(GRADE, "较", "张伟", {"excellent": "较好", "competent": "较差"})


def test_every_cell_has_the_words_of_its_own_section():
    team = replace(load_preset("de-neng-qin-ji-lian"), questions=QUESTIONS[:1])
    staff = replace(load_preset("si-deng"), questions=QUESTIONS[1:])
    both = Scheme(
        "whole", "全部", (), (), declared_sections=(Section("team", "班子", team), Section("staff", "职工", staff))
    )
    style = style_of(both, Subject("t1", "领导班子", section="team"), Subject("s1", "张伟", section="staff"))
    labels = cell_labels(style)
    assert set(labels) == {(cell.subject, cell.item) for cell in style.cells}
    assert {item: part.label for (subject, item), part in labels.items() if subject == "s1"} == {
        "overall": "总体评价",
        "intent": "使用意向",
    }
    assert labels["t1", "probity"].label == "廉"
    assert labels["t1", "reverse.law"].item_labels["reverse.law"] == "依法较差"
    grade, choice = (
        next(cell for cell in style.cells if (cell.subject, cell.item) == ("s1", item))
        for item in ("overall", "intent")
    )
    assert read_typed(grade, "基本", "张伟", labels["s1", "overall"].words) == "basically_competent"
    assert read_typed(choice, "继任", "张伟", labels["s1", "intent"].words) == "continue"


def test_open_cells_are_counted_without_ticks_and_without_subjects_that_are_left_out():
    style = style_of(load_preset("si-deng"), *PEOPLE)
    assert blank_cells(style, {}) == 3
    assert blank_cells(style, {("s1", "overall"): "excellent"}) == 2
    asking = style_of(replace(load_preset("si-deng"), questions=QUESTIONS), *PEOPLE)
    assert [cell.marks == (TICKED,) for cell in asking.cells].count(True) == 6
    assert blank_cells(asking, {}) == 6
