"""Ballots on forms of every make: numbers, answers, choices, sections, and subjects left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from ballot_forms import QUESTIONS, WIDE, ballots_on, fields_of, style_of, styles
from hypothesis import given, settings
from hypothesis import strategies as st

from kaohe.domain.ballots import (
    ABSTAIN,
    LEFT_OUT,
    TICKED,
    Ballot,
    BallotCodec,
    BallotReader,
    BallotStyle,
    encode_ballot,
    read_ballot,
    style_groups,
)
from kaohe.domain.errors import KaoheError
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Dimension

ZHANG, LI = Subject("s1", "张伟"), Subject("s2", "李娜")
SI_DENG = load_preset("si-deng")
SPEECH = replace(SI_DENG, number=NumberScale(Fraction(100)))
calm = settings(deadline=None)
VOTE = load_preset("ganbu-zonghe-texuan")


@calm
@given(st.data())
def test_a_ballot_of_any_form_reads_back_whatever_the_order_of_its_fields(data: st.DataObject) -> None:
    style = data.draw(styles())
    ballot = data.draw(ballots_on(style))
    fields = data.draw(st.permutations(fields_of(style, ballot)))
    assert read_ballot(style, fields) == ballot
    assert BallotCodec(style).decode(BallotReader(style).read(fields)) == ballot


@calm
@given(st.data())
def test_every_ballot_of_a_form_has_one_length_and_decodes_to_itself(data: st.DataObject) -> None:
    style = data.draw(styles())
    one, other = data.draw(ballots_on(style)), data.draw(ballots_on(style))
    assert len(encode_ballot(style, one)) == len(encode_ballot(style, other)) == style.plain_length
    assert BallotCodec(style).decode(encode_ballot(style, one)) == one


@calm
@given(st.data())
def test_the_pieces_of_a_ballot_hold_all_of_it_and_nobody_who_was_left_out(data: st.DataObject) -> None:
    style = data.draw(styles())
    ballot, codec = data.draw(ballots_on(style)), BallotCodec(style)
    apart = {s.key for section in style.sections if section.may_leave_out for s in section.subjects}
    assert codec.is_in_pieces is bool(apart)
    given_marks = {item: mark for item, mark in ballot.marks.items() if mark != LEFT_OUT}
    found: dict[tuple[str, str], str] = {}
    for piece in codec.encode_pieces(ballot):
        marks = {item: mark for item, mark in codec.decode_piece(piece).items() if mark != LEFT_OUT}
        about = {subject for subject, _ in marks}
        assert about.isdisjoint(apart) or len(about) == 1
        assert not found.keys() & marks.keys()
        found |= marks
    assert found == given_marks


@calm
@given(st.data())
def test_the_one_pass_gives_the_same_ballot_or_the_same_refusal_as_the_other_way(data: st.DataObject) -> None:
    style = data.draw(styles())
    fields = fields_of(style, data.draw(ballots_on(style)))
    names = [name for name, _ in fields] + [cell.field for cell in style.cells] + ["n.p00", "c.p00", "i.s99.d0"]
    marks = ["", "", "g0", "50", "007", "1001", ABSTAIN, LEFT_OUT, TICKED, "promote", "yes"]
    for _ in range(data.draw(st.integers(0, 2))):
        fields.insert(
            data.draw(st.integers(0, len(fields))),
            (data.draw(st.sampled_from(names)), data.draw(st.sampled_from(marks))),
        )
    if fields and data.draw(st.booleans()):
        del fields[data.draw(st.integers(0, len(fields) - 1))]
    reader = BallotReader(style)
    assert _outcome(lambda: BallotCodec(style).decode(reader.read(fields))) == _outcome(
        lambda: read_ballot(style, fields)
    )


def _outcome(read: Callable[[], Ballot]) -> Ballot | tuple[str, str]:
    try:
        return read()
    except KaoheError as refusal:
        return refusal.code, refusal.message


@calm
@given(st.data())
def test_one_bad_field_refuses_the_whole_ballot(data: st.DataObject) -> None:
    style = data.draw(styles())
    fields = fields_of(style, data.draw(ballots_on(style)))
    cell = data.draw(st.sampled_from(style.cells))
    spoilt = data.draw(st.sampled_from(("strange mark", "strange item", "repeat", "leave out")))
    if spoilt == "strange item":
        bad = [*fields, (data.draw(st.sampled_from(("i.s99.d0", "q.p00.x", "n.s99", "c.s99"))), "g0")]
    elif spoilt == "repeat" and fields:
        bad = [*fields, data.draw(st.sampled_from(fields))]
    elif spoilt == "leave out" and not cell.may_leave_out:
        bad = [*fields, (f"n.{cell.subject}", LEFT_OUT)]
    else:
        mark = data.draw(st.sampled_from(("brilliant", "1e2", "0x1", "1001", "0.13", "-", LEFT_OUT)))
        bad = [*((name, value) for name, value in fields if name != cell.field), (cell.field, mark)]
    with pytest.raises(KaoheError) as refusal:
        BallotReader(style).read(bad)
    assert refusal.value.http_code in (400, 422)


@calm
@given(st.data(), st.binary(max_size=600))
def test_bytes_that_are_no_ballot_of_a_form_are_a_value_error(data: st.DataObject, noise: bytes) -> None:
    style = data.draw(styles())
    for read in (BallotCodec(style).decode, BallotCodec(style).decode_piece):
        try:
            found = read(noise.ljust(style.plain_length, b"\xff"))
        except ValueError:
            continue
        assert isinstance(found, (Ballot, dict))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("92", "92"),
        (" 92 ", "92"),
        ("\uff19\uff12", "92"),
        ("100", "100"),
        ("0", "0"),
        ("092", "92"),
        ("9\uff12\uff0e\uff10", "92"),
        ("92\u30020", "92"),
    ],
)
def test_a_number_is_read_as_phones_write_it(typed: str, read: str) -> None:
    style = style_of(SPEECH, ZHANG)
    assert read_ballot(style, [("i.s1.overall", typed)]).marks == {("s1", "overall"): read}


@pytest.mark.parametrize("typed", ["101", "-1", "92.5", "九十二", "1e2", "92分", "+92", ".5", "9 2"])
def test_a_number_off_the_scale_is_refused_with_its_bounds(typed: str) -> None:
    with pytest.raises(KaoheError) as refusal:
        read_ballot(style_of(SPEECH, ZHANG), [("i.s1.overall", typed)])
    assert refusal.value.code == "number_off_scale"
    assert refusal.value.message == "“张伟”的“总体评价”应填 0 到 100 之间的整数。请改正后再提交。"


def test_the_refusal_of_a_number_says_how_far_its_steps_lie_apart() -> None:
    halves = replace(SPEECH, number=NumberScale(Fraction(10), Fraction(1), Fraction(1, 2)))
    with pytest.raises(KaoheError, match=r"应填 1 到 10 之间的数，从 1 起每 0\.5 分一档"):
        read_ballot(style_of(halves, ZHANG), [("i.s1.overall", "9.7")])


def test_a_scale_that_no_byte_holds_takes_more_bytes_for_every_ballot() -> None:
    style = style_of(replace(SPEECH, number=WIDE), ZHANG)
    for mark in ("-1000", "999.75", "0", ABSTAIN):
        ballot = read_ballot(style, [("i.s1.overall", mark)])
        assert BallotCodec(style).decode(encode_ballot(style, ballot)).marks == {("s1", "overall"): mark}


def test_a_number_that_no_decimal_can_write_cannot_be_given() -> None:
    style = style_of(replace(SPEECH, number=NumberScale(Fraction(1), Fraction(0), Fraction(1, 3))), ZHANG)
    assert read_ballot(style, [("i.s1.overall", "1")]).marks == {("s1", "overall"): "1"}
    with pytest.raises(KaoheError, match="应填"):
        read_ballot(style, [("i.s1.overall", "0.333333")])
    plain = bytearray(encode_ballot(style, read_ballot(style, [("i.s1.overall", "1")])))
    plain[5] = 1
    with pytest.raises(ValueError, match="not on the scale"):
        BallotCodec(style).decode(bytes(plain))


def test_whoever_is_not_picked_has_the_last_grade() -> None:
    style = style_of(VOTE, ZHANG, LI)
    assert read_ballot(style, [("i.s2.overall", "chosen")]).marks == {
        ("s1", "overall"): "not_chosen",
        ("s2", "overall"): "chosen",
    }
    assert read_ballot(style, []).marks == dict.fromkeys(style.items, "not_chosen")


def test_a_ballot_that_picks_too_many_is_refused() -> None:
    both = [("i.s1.overall", "chosen"), ("i.s2.overall", "chosen")]
    with pytest.raises(KaoheError, match="“赞成”最多选 1 个，现在选了 2 个") as refusal:
        read_ballot(style_of(VOTE, ZHANG, LI), both)
    assert refusal.value.code == "ballot_over_limit"


def test_a_ballot_that_picks_too_few_is_refused() -> None:
    two_of_three = replace(VOTE, choose=Choose(seats=2, fewest=2))
    style = style_of(two_of_three, ZHANG, LI, Subject("s3", "欧阳子涵"))
    with pytest.raises(KaoheError, match="“赞成”至少选 2 个，现在选了 1 个。请补选") as refusal:
        read_ballot(style, [("i.s1.overall", "chosen")])
    assert refusal.value.code == "ballot_under_limit"


def test_a_limit_of_one_section_is_said_with_the_section() -> None:
    whole = load_preset("ganbu-zonghe")
    head = replace(
        whole.declared_sections[1], scheme=replace(whole.declared_sections[1].scheme, top_grade_limit=1, questions=())
    )
    member = replace(whole.declared_sections[2], scheme=replace(whole.declared_sections[2].scheme, questions=()))
    style = style_of(
        replace(whole, declared_sections=(head, member)),
        replace(ZHANG, section="head"),
        replace(LI, section="head"),
        Subject("s3", "欧阳子涵", section="member"),
    )
    fields = [(cell.field, "excellent") for cell in style.cells]
    with pytest.raises(KaoheError, match="“党政主要负责人”“思想政治素质”一项中，“优秀”最多选 1 个"):
        read_ballot(style, fields)
    overall = replace(SI_DENG, top_grade_limit=1)
    parts = (replace(head, scheme=overall), replace(member, scheme=SI_DENG))
    alone = style_of(replace(whole, declared_sections=parts), *style.subjects)
    with pytest.raises(KaoheError, match="“党政主要负责人”中，“优秀”最多选 1 个"):
        read_ballot(alone, [(cell.field, "excellent") for cell in alone.cells])


def test_a_mark_that_its_cell_cannot_hold_is_not_encoded() -> None:
    style = style_of(SPEECH, ZHANG)
    for strange in ("101", "092", "excellent"):
        with pytest.raises(KeyError):
            encode_ballot(style, Ballot({("s1", "overall"): strange}, {}))


def test_comments_are_bounded_one_by_one_and_all_together() -> None:
    style = style_of(replace(SI_DENG, comments_wanted=True), *(Subject(f"s{n}", f"人{n}") for n in range(5)))
    grades = [(cell.field, "excellent") for cell in style.cells]
    three = [(f"c.s{n}", "好" * 300) for n in range(3)]
    assert len(read_ballot(style, [*grades, *three]).comments) == 3
    for too_long in ([("c.s0", "好" * 301)], [*three, ("c.s3", "好" * 300)]):
        with pytest.raises(KaoheError) as refusal:
            read_ballot(style, [*grades, *too_long])
        assert refusal.value.code == "comment_too_long"


def test_the_one_pass_takes_a_ballot_up_to_its_limit_and_leaves_the_refusal_to_the_other_way() -> None:
    style = style_of(replace(SI_DENG, top_grade_limit=1), ZHANG, LI)
    reader = BallotReader(style)
    one = [("i.s1.overall", "excellent"), ("i.s2.overall", "competent")]
    assert reader.read(one) == encode_ballot(style, read_ballot(style, one))
    with pytest.raises(KaoheError, match="最多选 1 个"):
        reader.read([("i.s1.overall", "excellent"), ("i.s2.overall", "excellent")])
    with pytest.raises(KaoheError, match="不止一个等次"):
        reader.read([("i.s1.overall", "excellent"), ("i.s1.overall", "competent")])


def _asking() -> BallotStyle:
    return style_of(replace(SI_DENG, questions=QUESTIONS), ZHANG)


def test_answers_stand_beside_the_marks_and_may_be_left_open() -> None:
    grade = ("i.s1.overall", "excellent")
    assert read_ballot(_asking(), [grade]).marks == {("s1", "overall"): "excellent"}
    answered = [grade, ("q.s1.reverse.law", TICKED), ("q.s1.intent", "promote")]
    assert read_ballot(_asking(), answered).marks == {
        ("s1", "overall"): "excellent",
        ("s1", "reverse.law"): TICKED,
        ("s1", "intent"): "promote",
    }


@pytest.mark.parametrize("bad", [("q.s1.intent", "law"), ("q.s1.reverse.law", "on"), ("q.s1.intent", ABSTAIN)])
def test_an_answer_that_is_no_option_is_refused(bad: tuple[str, str]) -> None:
    with pytest.raises(KaoheError) as refusal:
        read_ballot(_asking(), [("i.s1.overall", "excellent"), bad])
    assert refusal.value.code == "answer_unknown"


def test_a_subject_is_left_out_whole_or_not_at_all() -> None:
    style = style_of(replace(SI_DENG, may_leave_out=True, questions=QUESTIONS), ZHANG, LI)
    left_out, mark = ("n.s1", LEFT_OUT), ("i.s2.overall", "competent")
    assert read_ballot(style, [left_out, mark, ("i.s1.overall", "")]).marks == {
        ("s1", "overall"): LEFT_OUT,
        ("s2", "overall"): "competent",
    }
    for contradicting in (("i.s1.overall", "excellent"), ("q.s1.intent", "promote")):
        for read in (lambda fields: read_ballot(style, fields), BallotReader(style).read):
            with pytest.raises(KaoheError, match="“张伟”已选“不评”，又填了评价") as refusal:
                read([left_out, mark, contradicting])
            assert refusal.value.code == "left_out_but_marked"
    for short, said in (
        ([left_out], "还有 1 个考核对象没有评完：李娜"),
        ([left_out, ("i.s2.overall", LEFT_OUT)], "没有的等次"),
        ([("n.s1", "yes"), mark], "没有的等次"),
    ):
        with pytest.raises(KaoheError, match=said):
            BallotReader(style).read(short)
    with pytest.raises(KaoheError) as refusal:
        read_ballot(style, [("n.s1", "yes"), mark])
    assert refusal.value.code == "mark_unknown"
    assert read_ballot(style, [("n.s1", ""), ("i.s1.overall", ABSTAIN), mark]).marks["s1", "overall"] == ABSTAIN


def test_a_piece_of_no_subject_is_a_value_error() -> None:
    codec = BallotCodec(style_of(replace(SI_DENG, may_leave_out=True), ZHANG))
    with pytest.raises(ValueError, match="piece of no subject"):
        codec.decode_piece(b"\x00\x09\x00")


def test_groups_with_equal_forms_share_a_style_and_the_first_is_the_first_groups() -> None:
    assert style_groups(SI_DENG) == (("all",),)
    assert style_groups(load_preset("guoqi-banzi")) == (("a", "b", "c"),)
    assert style_groups(load_preset("guji-kaohe")) == (("leadership", "staff"), ("delegates",))
    assert style_groups(load_preset("guji-xiaoneng")) == (("staff",), ("leadership",))
    assert style_groups(load_preset("zeren-kaohe")) == (("colleagues",), ("public", "clients"))
    assert style_groups(load_preset("jiguan-kaoping")) == (
        ("superior", "peer", "public"),
        ("school", "office"),
        ("leader",),
        ("head", "colleague"),
    )


def test_a_form_holds_only_what_its_groups_fill() -> None:
    scheme = load_preset("guji-xiaoneng")
    (leadership,) = style_of(scheme, ZHANG, groups=("leadership",)).sections
    assert [dimension.key for dimension in leadership.dimensions] == ["organization"]
    organs = style_of(load_preset("jiguan-kaoping"), replace(ZHANG, section="person"), groups=("superior",))
    assert organs.sections == organs.cells == ()
    assert not organs.comments_wanted
    two = style_of(load_preset("ganbu-zonghe"), replace(ZHANG, section="head"), replace(LI, section="member"))
    assert [subject.key for subject in two.asked_subjects] == ["s1", "s2"]
    assert {type(section.dimensions[0]) for section in two.sections} == {Dimension}
