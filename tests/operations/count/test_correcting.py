"""A published result is corrected: a new version beside the old one, from the same ballots, down to the bundle."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from scene import CHAIR, cast, prepare_meeting, put_scheme

from kaohe import recount
from kaohe.domain.bundles import check_bundle
from kaohe.domain.errors import (
    BundleBroken,
    CountAltered,
    FieldInvalid,
    InputsMissing,
    MeetingUnknown,
    ProposalGone,
    SecondPersonNeeded,
    SecondPersonSame,
    WrongState,
)
from kaohe.domain.permissions import Act, Role
from kaohe.domain.reveals import RevealKind
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.live.snapshots import Reveal, RevealedRow, Snapshot
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.filing import load_filing
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next
from kaohe.operations.chair.reveal_orders import choose_reveal_order, subjects_to_reveal
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.correcting import correct_result, list_versions, load_correction
from kaohe.operations.count.importing_scores import clear_scores, import_scores
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.count.ruling import rule
from kaohe.operations.people.second_person import propose
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.signing_in import account_for_sign_in
from kaohe.operations.setup.preparing import load_meeting
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import transaction
from kaohe.storage.tables import ResultVersionRow
from kaohe.tally.model import Ruling, SubjectResult

SCHEME = """
format = 1
key = "own"
title = "自定方案"
grades = [
  { key = "excellent", label = "优秀", points = 100 },
  { key = "competent", label = "称职", points = 80 },
]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
bands = [{ key = "excellent", label = "优秀", from = 90 }, { key = "competent", label = "称职" }]
"""
WHY = "日常检查得分录入有误"


def published(*, two_people: bool = False) -> str:
    """Published with 85 where 95 was meant: (85 + 80) ÷ 2 = 82.50, 称职; 95 would make 87.50, and 100 make 90.00."""
    scene = prepare_meeting(names=("张伟", "李娜"), two_people=two_people)
    put_scheme(scene.meeting_id, parse_scheme_text(SCHEME))
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], "competent", "excellent")
    import_scores(CHAIR, scene.meeting_id, "checks", {"s1": Fraction(85), "s2": Fraction(90)})
    if not two_people:
        close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id)
        publish_result(CHAIR, scene.meeting_id)
    return scene.meeting_id


def first(meeting_id: str, version: int | None = None) -> tuple[str, str]:
    row = load_counted(meeting_id, version=version).result.subjects[0]
    assert row.score is not None
    return row.score.text, row.tier_label


def test_a_typo_found_after_the_publication_is_corrected_without_a_new_vote(app: object, tmp_path: Path) -> None:
    held = published()
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    assert first(held) == ("82.50", "称职")
    assert load_correction(held).differences == ("张伟：得分 82.50 → 90.00，等次 称职 → 优秀",)

    assert correct_result(CHAIR, held, WHY) == 2

    assert first(held) == ("90.00", "优秀")
    assert first(held, 1) == ("82.50", "称职")
    assert load_correction(held).is_changed is False
    assert [(each.number, each.reason) for each in list_versions(held)] == [(1, ""), (2, WHY)]
    said = list_record_entries(held)[0]
    assert (said.act, said.detail["version"], said.detail["reason"]) == ("corrected", "2", WHY)
    old, new = load_filing(held, 1, 1).sheets[0].sheet, load_filing(held).sheets[0].sheet
    assert "已更正" in old.header_lines[-1][0]
    assert "第 2 版" in old.header_lines[-1][0]
    assert new.header_lines[-1] == (f"第 2 版，更正理由：{WHY}",)
    assert old.code != new.code
    bundle = make_bundle(held).content
    assert check_bundle(bundle)
    names = set(zipfile.ZipFile(BytesIO(bundle)).namelist())
    assert {"versions/1/inputs.json", "versions/1/result.json"} <= names
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle)
    assert recount.main([str(path)]) == 0


def test_a_decision_is_corrected_too_and_every_version_stays(app: object, tmp_path: Path) -> None:
    held = published()
    rule(CHAIR, held, ["s1"], Ruling("审定", "", "excellent", "复核后改定"))
    assert first(held) == ("82.50", "称职")
    assert correct_result(CHAIR, held, "复核") == 2
    import_scores(CHAIR, held, "checks", {"s1": Fraction(95)})
    assert correct_result(CHAIR, held, WHY) == 3
    assert [first(held, number) for number in (1, 2, 3)] == [("82.50", "称职"), ("82.50", "优秀"), ("87.50", "优秀")]
    with pytest.raises(MeetingUnknown, match="没有这一版"):
        load_counted(held, version=4)
    path = tmp_path / "bundle.zip"
    path.write_bytes(make_bundle(held).content)
    assert recount.main([str(path)]) == 0


def test_a_result_is_corrected_after_its_ballots_were_destroyed_from_the_counts_that_stay(app: object) -> None:
    held = published()
    assert purge_meeting(CHAIR, held, forced_reason="考核办书面同意") == 1
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    assert correct_result(CHAIR, held, WHY) == 2
    assert (first(held), first(held, 1)) == (("90.00", "优秀"), ("82.50", "称职"))
    assert "已更正" in load_filing(held, 1, 1).sheets[0].sheet.header_lines[-1][0]


def test_nothing_is_corrected_without_a_reason_a_change_or_a_whole_score(app: object) -> None:
    held = published()
    with pytest.raises(FieldInvalid, match="没有需要更正的内容"):
        correct_result(CHAIR, held, WHY)
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    with pytest.raises(FieldInvalid, match="更正的理由"):
        correct_result(CHAIR, held, " ")
    import_scores(CHAIR, held, "checks", {"s1": Fraction(85)})
    with pytest.raises(FieldInvalid, match="没有需要更正的内容"):
        correct_result(CHAIR, held, WHY)
    clear_scores(CHAIR, held, "checks")
    assert first(held) == ("82.50", "称职")
    with pytest.raises(InputsMissing, match="暂不能更正"):
        correct_result(CHAIR, held, WHY)
    assert len(list_versions(held)) == 1
    unpublished = prepare_meeting().meeting_id
    with pytest.raises(WrongState):
        correct_result(CHAIR, unpublished, WHY)
    with pytest.raises(WrongState):
        load_correction(unpublished)


def test_a_correction_takes_two_people_where_they_are_asked_for_and_one_of_what_was_proposed(app: object) -> None:
    proposer, other = (
        account_for_sign_in(create_account(make_sign_in_link("启动", (Role.ORGANIZER,)), name, "一把好用的长密码"))
        for name in ("王主持", "李主持")
    )
    held = published(two_people=True)
    propose(proposer, held, Act.CLOSE)
    close_meeting(other.name, held)
    propose(proposer, held, Act.COUNT)
    count_meeting(other.name, held)
    publish_result(other.name, held)
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    with pytest.raises(SecondPersonNeeded):
        correct_result(other.name, held, WHY)
    with pytest.raises(FieldInvalid, match="更正的理由"):
        propose(proposer, held, Act.CORRECT, "")
    propose(proposer, held, Act.CORRECT, WHY)
    with pytest.raises(SecondPersonSame):
        correct_result(proposer.name, held, WHY)
    with pytest.raises(ProposalGone):
        correct_result(other.name, held, "另一个理由")
    import_scores(CHAIR, held, "checks", {"s1": Fraction(99)})
    with pytest.raises(SecondPersonNeeded):
        correct_result(other.name, held, WHY)
    propose(proposer, held, Act.CORRECT, WHY)
    assert correct_result(other.name, held, WHY) == 2
    assert list_record_entries(held)[0].detail["proposed_by"] == proposer.name


def test_the_wall_shows_a_correction_without_a_restart(app: object) -> None:
    held = published()
    screen = MeetingScreen(held)
    reveal_all(CHAIR, held)
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    before = screen.snapshot()
    correct_result(CHAIR, held, WHY)
    after = screen.snapshot()
    assert [_scores(each)[0] for each in (before, after)] == ["82.50", "90.00"]


def _scores(shown: Snapshot) -> list[str]:
    assert isinstance(shown, Reveal)
    return [row.score_text for page in shown.pages for row in page.rows if isinstance(row, RevealedRow)]


def test_where_only_the_first_ranks_are_shown_a_correction_names_nobody_else(app: object) -> None:
    held = published()
    first_one, second_one = (row.subject.key for row in sorted(load_counted(held).result.subjects, key=_rank))
    choose_reveal_order(CHAIR, held, RevealKind.TOP, 1)
    import_scores(CHAIR, held, "checks", {first_one: Fraction(0), second_one: Fraction(100)})
    correct_result(CHAIR, held, WHY)
    reveal_all(CHAIR, held)
    shown = MeetingScreen(held).snapshot()
    assert isinstance(shown, Reveal)
    names = {row.subject.key: row.subject.name for row in load_counted(held).result.subjects}
    assert [row.name for page in shown.pages for row in page.rows] == [names[second_one]]
    assert [(row.name, row.rank_text) for page in shown.ranking for row in page.rows] == [(names[second_one], "1")]


def test_who_was_revealed_before_a_correction_stays_and_the_rest_follow_their_ranks(app: object) -> None:
    held = published()
    first_one, second_one = (row.subject.key for row in sorted(load_counted(held).result.subjects, key=_rank))
    choose_reveal_order(CHAIR, held, RevealKind.BACKWARDS)
    reveal_next(CHAIR, held, number=1)
    import_scores(CHAIR, held, "checks", {first_one: Fraction(0), second_one: Fraction(100)})
    correct_result(CHAIR, held, WHY)
    setup, this_round = load_meeting(held)
    assert [subject.key for subject in subjects_to_reveal(this_round, setup)] == [second_one, first_one]
    reveal_all(CHAIR, held)
    import_scores(CHAIR, held, "checks", {first_one: Fraction(100), second_one: Fraction(0)})
    correct_result(CHAIR, held, WHY)
    assert load_meeting(held)[1].reveal_order == this_round.reveal_order


def _rank(one: SubjectResult) -> int:
    return one.rank or 99


def test_a_version_that_was_changed_in_the_database_is_not_shown(app: object) -> None:
    held = published()
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    correct_result(CHAIR, held, WHY)
    with transaction() as session:
        for row in session.query(ResultVersionRow):
            row.inputs = row.inputs.replace('"90"', '"91"')
    for version in (1, 2):
        with pytest.raises(CountAltered, match="其他成绩、往期或认定"):
            load_counted(held, version=version)


def test_a_bundle_from_which_a_version_is_gone_is_found_broken(app: object) -> None:
    held = published()
    import_scores(CHAIR, held, "checks", {"s1": Fraction(100)})
    correct_result(CHAIR, held, WHY)
    content = make_bundle(held).content
    checked = check_bundle(content)
    assert "versions/1/inputs.json" in checked.files
    with pytest.raises(BundleBroken):
        check_bundle(content.replace(b"versions/1/inputs.json", b"versions/7/inputs.json"))
