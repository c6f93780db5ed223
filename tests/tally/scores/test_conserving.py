from __future__ import annotations

from dataclasses import replace

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, GradeCounts, Subject, Turnout
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.notes.warnings import quorum_warning
from kaohe.tally.scheme.refusals import ConservationError
from kaohe.tally.scheme.scheme import Quorum, Section

SCHEME = load_preset("si-deng")
ZHANG = Subject(key="zhang", name="张三")
CELL = ("all", "zhang", "overall")


def count(cells=None, turnout=None, subjects=(ZHANG,)):
    return Count(
        SCHEME,
        subjects,
        {CELL: GradeCounts((3, 1, 0, 0))} if cells is None else cells,
        {"all": Turnout(cast=4)} if turnout is None else turnout,
    )


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (count(subjects=(ZHANG, ZHANG)), "重复的对象"),
        (count(cells={("all", "wang", "overall"): GradeCounts((4, 0, 0, 0))}), "all、wang、overall"),
        (count(turnout={"all": Turnout(cast=4), "guests": Turnout(cast=1)}), "不属于本场的票种：guests"),
        (count(cells={CELL: GradeCounts((4, 0))}), "有 2 个等次的票数，方案有 4 个等次"),
        (count(cells={CELL: GradeCounts((5, -1, 0, 0))}), "负的票数"),
        (count(turnout={"all": Turnout(cast=4, issued=-1)}), "不能是负数"),
        (count(turnout={"all": Turnout(cast=4, invalid=5)}), "无效票（5）多于收回票（4）"),
        (count(turnout={"all": Turnout(cast=4, invalid=1)}), "只有 0 票无效，少于整张作废的 1 票"),
        (count(cells={}), "= 0，与收回的 4 票不符"),
        (count(turnout={}), "= 4，与收回的 0 票不符"),
    ],
)
def test_numbers_that_cannot_be_true_stop_the_sheet(broken, says):
    with pytest.raises(ConservationError) as refusal:
        tally(broken)
    assert says in refusal.value.message


def test_equal_numbers_all_along_are_the_normal_case():
    everyone = Turnout(cast=4, invalid=0, entitled=4, present=4, issued=4, printed=4)
    assert tally(count(turnout={"all": everyone})).warnings == ()


def test_before_the_first_ballot_one_warning_says_so():
    result = tally(count(cells={}, turnout={}))
    assert result.warnings == ("还没有可以计分的票，因此没有得分。",)
    assert result.subjects[0].score is None
    assert result.subjects[0].explain[-1] == "「总体评价」没有可以计分的票，因此没有得分。"


def test_a_meeting_without_subjects_has_a_result_without_rows():
    assert tally(count(cells={}, subjects=())).subjects == ()


@pytest.mark.parametrize(
    ("quorum", "entitled", "fewest"),
    [
        (Quorum.HALF, 90, 46),  # 45 is the half and not more than it
        (Quorum.HALF, 91, 46),
        (Quorum.TWO_THIRDS, 90, 60),
        (Quorum.TWO_THIRDS, 91, 61),  # 60.67
        (Quorum.FOUR_FIFTHS, 90, 72),
        (Quorum.FOUR_FIFTHS, 91, 73),  # 72.8
    ],
)
def test_too_few_present_are_warned_of_with_the_fewest_that_there_must_be(quorum, entitled, fewest):
    assert quorum.fewest(entitled) == fewest
    scheme = replace(SCHEME, quorum=quorum)
    for present, short in ((fewest - 1, True), (fewest, False)):
        turnout = {"all": Turnout(cast=4, entitled=entitled, present=present)}
        warnings = tally(replace(count(turnout=turnout), scheme=scheme)).warnings
        assert [f"至少 {fewest} 人" in warning for warning in warnings] == [True] * short
    assert any(note.startswith("到会：实到人数须") for note in scheme_notes(scheme))


def test_without_a_number_or_a_rule_nothing_is_said_about_who_is_present():
    assert quorum_warning(None, 1, 90) == quorum_warning(Quorum.HALF, None, 90) == ""
    assert quorum_warning(Quorum.HALF, 1, None) == ""
    assert tally(replace(count(), scheme=replace(SCHEME, quorum=Quorum.HALF))).warnings == ()


def test_a_meeting_of_several_sections_says_for_the_whole_that_too_few_are_present():
    whole = replace(SCHEME, declared_sections=(Section("one", "甲表", SCHEME), Section("two", "乙表", SCHEME)))
    subjects = (replace(ZHANG, section="one"), Subject(key="wang", name="王五", section="two"))
    cells = {(group, key, item): GradeCounts((3, 1, 0, 0)) for group, _, item in (CELL,) for key in ("zhang", "wang")}
    turnout = {"all": Turnout(cast=4, entitled=90, present=45)}
    asked = replace(whole, quorum=Quorum.HALF)
    result = tally(Count(asked, subjects, cells, turnout))
    assert [warning for warning in result.warnings if "至少 46 人" in warning] == [result.warnings[0]]
    assert sum(note.startswith("到会：实到人数须") for note in result.notes) == 1
    assert tally(Count(whole, subjects, cells, turnout)).warnings == ()
