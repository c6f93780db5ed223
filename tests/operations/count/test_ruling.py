"""What people rule about tiers: within the rules, with its reason, before the publication, and down to the bundle."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from scene import CHAIR, draft_meeting, version_of

from kaohe import recount
from kaohe.domain.errors import DecisionRefused, FieldInvalid, SecondPersonSame, WrongState
from kaohe.domain.meetings import Custody, HallView, MeetingState
from kaohe.domain.permissions import Act, Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.count.computing import count_without_ballots
from kaohe.operations.count.importing_scores import import_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.ruling import rule, rule_others, withdraw_ruling
from kaohe.operations.people.second_person import propose
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.preparing import change_hall
from kaohe.tally.model import Decision, Period, Ruling

SCORES = {"甲": 100, "乙": 100, "丙": 90, "丁": 90, "戊": 90, "己": 90}
"""Of six, 40 % have two places, which 甲 and 乙 take; where three are free, four tie for the third."""
WHY = Ruling("审定", "", "excellent", "承担重点项目", "2026-12-28", "党组会议纪要第12号")


def year(scores: dict[str, int] = SCORES, *, two_people: bool = False) -> str:
    meeting_id = draft_meeting("xiang-pingshi-niandu", [SubjectEntry(name, "办公室", "科员") for name in scores])
    if two_people:
        change_hall(
            CHAIR,
            meeting_id,
            version_of(meeting_id),
            hall_view=HallView.TURNOUT,
            custody=Custody.SERVER,
            shared_group=None,
            ballot_list_wanted=False,
            two_people=True,
        )
    periods = {f"s{n}": [Period("第一季度", Fraction(score))] for n, score in enumerate(scores.values(), start=1)}
    import_periods(CHAIR, meeting_id, periods)
    return meeting_id


def counted(scores: dict[str, int] = SCORES) -> str:
    meeting_id = year(scores)
    open_meeting(CHAIR, meeting_id)
    count_without_ballots(CHAIR, meeting_id)
    return meeting_id


def tiers(meeting_id: str) -> dict[str, tuple[str, str]]:
    """By name: the recommended tier, and the one that holds."""
    rows = load_counted(meeting_id).result.subjects
    return {row.subject.name: (row.recommended_label, row.tier_label) for row in rows}


TIED = {"甲": 100, "丙": 90, "丁": 90, "戊": 70, "己": 70}
"""Of five, 40 % are two places; 甲 takes one, 丙 and 丁 tie for the other."""


def test_a_tie_at_the_edge_is_settled_by_people_and_recounted_from_the_bundle(app: object, tmp_path: Path) -> None:
    built = counted(TIED)
    result = load_counted(built).result
    assert [(tie.places, tie.subjects) for tie in result.edge_ties] == [(1, ("s2", "s3"))]
    assert "请研究确定" in "".join(result.warnings)

    rule(CHAIR, built, ["s2"], WHY)
    rule_others(CHAIR, built, Ruling("审定", "", "", "", "2026-12-28"))

    assert tiers(built) == {
        "甲": ("优秀", "优秀"),
        "丙": ("称职", "优秀"),
        "丁": ("称职", "称职"),
        "戊": ("称职", "称职"),
        "己": ("称职", "称职"),
    }
    result = load_counted(built).result
    assert "请研究确定" not in "".join(result.warnings)
    assert not any(flag.key == "quota_tie" for row in result.subjects for flag in row.flags)
    publish_result(CHAIR, built)
    path = tmp_path / "bundle.zip"
    path.write_bytes(make_bundle(built).content)
    assert recount.main([str(path)]) == 0


def test_what_the_rules_forbid_is_refused_and_nothing_is_stored(app: object) -> None:
    built = counted()
    decide(CHAIR, built, Decision("s3", "warned", "党内警告"))
    decide(CHAIR, built, Decision("s4", "probation", "2026年3月录用"))
    before = tiers(built)
    for subjects, ruling, refused, says in (
        (["s5"], WHY, DecisionRefused, "优秀名额 2 个，审定后有 3 个"),
        (["s3"], WHY, DecisionRefused, "「丙」最高为称职，不能审定为优秀"),
        (["s4"], WHY, DecisionRefused, "「丁」已认定不确定档次"),
        (["s9"], WHY, DecisionRefused, "请选择考核对象"),
        ([], WHY, FieldInvalid, "请选择考核对象"),
        ([""], WHY, FieldInvalid, "请选择考核对象"),
        (["s5"], Ruling("审核", "", "competent", "研究"), DecisionRefused, "没有这一步骤"),
        (["s5"], Ruling("审定", "", "best", "研究"), DecisionRefused, "请选择等次"),
        (["s5"], Ruling("审定", "", "competent", " "), FieldInvalid, "请填写理由"),
        (["s5"], Ruling("审定", "", "competent", "研究", "12月28日"), FieldInvalid, "日期"),
    ):
        with pytest.raises(refused, match=says):
            rule(CHAIR, built, subjects, ruling)
    assert load_inputs(built).inputs.rulings == ()
    assert tiers(built) == before


def test_a_ruling_is_replaced_and_withdrawn_and_goes_with_its_round(app: object) -> None:
    built = counted()
    rule(CHAIR, built, ["s1"], Ruling("审定", "", "competent", "有一项任务未完成"))
    rule(CHAIR, built, ["s1"], Ruling("审定", "", "", "调出本单位"))
    assert tiers(built)["甲"] == ("优秀", "")
    with pytest.raises(FieldInvalid, match="撤销的理由"):
        withdraw_ruling(CHAIR, built, "审定", "s1", "")
    withdraw_ruling(CHAIR, built, "审定", "s1", "录入有误")
    withdraw_ruling(CHAIR, built, "审定", "s1", "录入有误")
    assert tiers(built)["甲"] == ("优秀", "优秀")
    rule_others(CHAIR, built, Ruling("审定", "", ""))
    void_round(CHAIR, built, "名单有误")
    assert load_inputs(built).inputs.rulings == ()


def test_nobody_rules_before_the_count_and_after_the_publication_it_waits_for_a_correction(app: object) -> None:
    built = year()
    with pytest.raises(WrongState, match="以后才能审定"):
        rule(CHAIR, built, ["s1"], WHY)
    open_meeting(CHAIR, built)
    count_without_ballots(CHAIR, built)
    publish_result(CHAIR, built)
    before = tiers(built)
    rule(CHAIR, built, ["s1"], Ruling("审定", "", "competent", "复核后改定"))
    assert tiers(built) == before


def test_where_two_people_are_asked_for_whoever_ruled_alone_does_not_publish(app: object) -> None:
    built = year(two_people=True)
    first, other = (
        account_for_sign_in(create_account(make_sign_in_link("启动", (Role.ORGANIZER,)), name, "一把好用的长密码"))
        for name in ("王主持", "李主持")
    )
    open_meeting(first.name, built)
    propose(first, built, Act.COUNT)
    count_meeting(other.name, built)
    rule_others(other.name, built, Ruling("审定", "", ""))
    with pytest.raises(SecondPersonSame, match="由另一人核对"):
        publish_result(other.name, built)
    assert load_counted(built).round.state is MeetingState.COUNTED
    publish_result(first.name, built)
