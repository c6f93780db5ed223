"""Two periods side by side: who is who, who rose, who fell, and how many had full marks."""

from __future__ import annotations

from found_lines import found

from kaohe.domain.comparisons import Change, Comparison, compare


def said(compared: Comparison) -> list[tuple[str, str, Change]]:
    return [(row.after.line.name, row.difference, row.change) for row in compared.rows]


def test_who_rose_most_stands_first_and_who_cannot_be_compared_last() -> None:
    before = [found("甲", "90.00"), found("乙", "90.5"), found("丙", "88.00"), found("丁", ""), found("戊", "")]
    after = [found("甲", "88.75"), found("乙", "90.50"), found("丙", "90.01"), found("丁", "70.00"), found("戊", "")]
    assert said(compare(before, after)) == [
        ("丙", "2.01", Change.ROSE),
        ("乙", "0.00", Change.SAME),
        ("甲", "-1.25", Change.FELL),
        ("丁", "", Change.UNKNOWN),
        ("戊", "", Change.UNKNOWN),
    ]


def test_without_scores_the_tiers_tell_who_rose() -> None:
    before = [found("甲", "", tier_index=2), found("乙", "", tier_index=0), found("丙", "", tier_index=1)]
    after = [found("甲", "", tier_index=0), found("乙", "", tier_index=1), found("丙", "", tier_index=1)]
    assert [row.change for row in compare(before, after).rows] == [Change.ROSE, Change.FELL, Change.SAME]
    (row,) = compare([found("甲", "", tier="优秀", tier_index=0)], [found("甲", "", tier="优秀", tier_index=1)]).rows
    assert row.change is Change.SAME


def test_a_tier_that_stands_in_another_place_of_another_scheme_is_the_same() -> None:
    before, after = found("甲", "", tier="优秀", tier_index=1), found("甲", "", tier="优秀", tier_index=0)
    assert [row.change for row in compare([before], [after]).rows] == [Change.SAME]


def test_a_person_is_the_same_under_any_name_and_a_namesake_is_nobody_else() -> None:
    before = [
        found("孙丽", "80", person="p1"),
        found("张伟", "80", person="p2"),
        found("李娜", "80"),
        found("王芳", "80"),
        found("王芳", "85"),
        found("陈静", "80"),
    ]
    after = [
        found("孙莉", "81", unit="二科", person="p1"),
        found("张伟", "82", person="p3"),
        found("李娜", "83", person="p4"),
        found("王芳", "84"),
        found("陈静", "85", unit="二科"),
    ]
    compared = compare(before, after)
    assert said(compared) == [("李娜", "3", Change.ROSE), ("孙莉", "1", Change.ROSE)]
    assert [each.line.name for each in compared.only_before] == ["张伟", "王芳", "王芳", "陈静"]
    assert [each.line.name for each in compared.only_after] == ["张伟", "王芳", "陈静"]
    # Nobody who bears a name twice in the later period is met either.
    assert compare([found("王芳")], [found("王芳"), found("王芳")]).rows == ()
    # Without a unit of one's own, the unit of the meeting tells.
    assert len(compare([found("甲", unit="")], [found("甲", unit="")]).rows) == 1


def test_whoever_the_register_finds_elsewhere_is_no_newcomer_of_the_same_name() -> None:
    moved = [found("张伟", "85", unit="二科", person="p1"), found("张伟", "60")]
    compared = compare([found("张伟", "95", person="p1")], moved)
    assert said(compared) == [("张伟", "-10", Change.FELL)]
    assert list(compared.only_after) == moved[1:]


def test_nobody_is_compared_twice() -> None:
    before = [
        found("张伟", "80", person="p1"),
        found("李娜", "70", person="p2"),
        found("李娜", "75", unit="二科", person="p2"),
    ]
    after = [
        found("张伟", "90"),
        found("张伟", "81", unit="二科", person="p1"),
        found("李娜", "71", person="p2"),
        found("李娜", "77", unit="二科", person="p2"),
    ]
    compared = compare(before, after)
    # 张伟 has moved; the other 张伟, whom nobody has registered, came into the place.
    assert said(compared) == [("李娜", "2", Change.ROSE), ("张伟", "1", Change.ROSE), ("李娜", "1", Change.ROSE)]
    assert (compared.only_before, [each.line.score for each in compared.only_after]) == ((), ["90"])


def test_each_class_is_added_up_for_itself_with_the_share_of_full_marks() -> None:
    before = [
        found("甲", "90", label="正科", full=True),
        found("乙", "90", label="正科", full=False),
        found("丙", "90", full=True),
    ]
    after = [
        found("甲", "91", label="正科", full=True),
        found("乙", "89", label="正科", full=True),
        found("丙", "90"),
    ]
    whole, unnamed, named = compare(before, after).classes
    assert (whole.label, whole.count, whole.full_before, whole.full_after) == (
        "全部",
        3,
        "2 / 3（66.67%）",
        "2 / 2（100.00%）",
    )
    assert whole.by_change == {Change.ROSE: 1, Change.FELL: 1, Change.SAME: 1}
    assert (unnamed.label, unnamed.count, unnamed.full_before, unnamed.full_after) == (
        "未分类",
        1,
        "1 / 1（100.00%）",
        "",
    )
    assert (named.label, named.full_before) == ("正科", "1 / 2（50.00%）")
    assert [each.label for each in compare(before[:2], after[:2]).classes] == ["全部"]
