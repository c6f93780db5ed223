"""What stands on a ballot is said in the words of its form, wherever it is shown."""

from __future__ import annotations

from fractions import Fraction

from kaohe.domain.ballots import ABSTAIN, INVALID, LEFT_OUT, TICKED, label_dimensions, label_questions
from kaohe.schemes import load_preset
from kaohe.tally.scheme.questions import Option, Question, QuestionKind
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension

GRADED = load_preset("de-neng-qin-ji-lian")
OPTIONS = (Option("style", "作风不实"), Option("team", "团结不好"), Option("work", "效率不高"))
NUMBER = Dimension("speech", "述职", Fraction(1), number=NumberScale(Fraction(0), Fraction(100), Fraction(1)))


def test_every_grade_has_its_label_and_every_other_mark_its_word():
    parts = label_dimensions(GRADED, GRADED.dimensions)
    assert [part.label for part in parts] == ["德", "能", "勤", "绩", "廉"]
    assert [parts[0].word(grade.key) for grade in GRADED.grades] == [grade.label for grade in GRADED.grades]
    assert [parts[0].word(mark) for mark in (ABSTAIN, INVALID, LEFT_OUT)] == ["弃权", "无效", "不评"]


def test_a_number_is_its_own_word_with_the_unit_that_was_asked_for():
    part = label_dimensions(GRADED, [NUMBER])[0]
    marks = {("a", "speech"): "92.5", ("b", "speech"): ABSTAIN}
    assert part.mark_text("a", marks) == "92.5"
    assert part.mark_text("a", marks, number_unit=" 分") == "92.5 分"
    assert part.mark_text("b", marks, number_unit=" 分") == "弃权"
    assert part.mark_text("c", marks) == ""


def test_ticked_options_are_said_in_the_order_of_the_form():
    part = label_questions([Question("reverse", "逆向测评", QuestionKind.TICKS, OPTIONS)])[0]
    marks = {("a", "reverse.work"): TICKED, ("a", "reverse.style"): TICKED, ("b", "reverse.team"): TICKED}
    assert list(part.item_labels.values()) == ["作风不实", "团结不好", "效率不高"]
    assert part.mark_text("a", marks) == "作风不实、效率不高"
    assert part.word(TICKED) == "勾选"


def test_a_choice_is_said_by_the_label_of_its_option():
    part = label_questions([Question("intent", "使用意向", QuestionKind.CHOICE, OPTIONS)])[0]
    assert part.item_labels == {"intent": "使用意向"}
    assert part.mark_text("a", {("a", "intent"): "team"}) == "团结不好"
    assert part.mark_text("b", {("a", "intent"): "team"}) == ""
