"""A meeting in which a section head grades his own section only, from the drawing to the recount on another laptop."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from scene import CHAIR, draft_meeting, seal_and_cast, version_of

from kaohe.cli.meeting_output import meeting_document
from kaohe.domain.ballots import Ballot, encode_ballot, item_field
from kaohe.domain.errors import FieldInvalid, NotReady, TicketOtherForm
from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.relations import Pair
from kaohe.domain.rosters import SubjectEntry
from kaohe.live.meeting_screen import MeetingScreen
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.archive.documents import file_documents
from kaohe.operations.archive.purging import purge_meeting
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.disclosing import exposures
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import change_hall, load_meeting
from kaohe.operations.setup.relations import (
    confirm_named,
    correct_relation,
    divide_by_list,
    divide_by_unit,
    make_whole,
)
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.recount import main as recount
from kaohe.tally.scheme.scheme import Relation

OFFICE = [
    SubjectEntry("李娜", "一科", "科员"),
    SubjectEntry("张伟", "一科", "科员"),
    SubjectEntry("张伟", "二科", "科员"),
    SubjectEntry("赵敏", "二科", "科员"),
    SubjectEntry("孙悦", "二科", "科员"),
]
FULL = {"political_quality": 6, "professional_ethics": 4, "social_morality": 6, "family_virtue": 4, "execution": 5,
        "business": 6, "innovation": 5, "communication": 4, "responsibility": 5, "style": 5, "attendance": 5,
        "workload": 15, "efficiency": 10, "effect": 10, "law_abiding": 4, "thrift": 3, "petitions": 3}  # fmt: skip
HEAD = "section_head"


def _draft() -> str:
    meeting_id = draft_meeting("beian-pingshi", OFFICE)
    _show(meeting_id, HallView.TURNOUT)
    return meeting_id


def _show(meeting_id: str, hall_view: HallView) -> None:
    change_hall(
        CHAIR,
        meeting_id,
        version_of(meeting_id),
        hall_view=hall_view,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
    )


def _divided() -> str:
    meeting_id = _draft()
    divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), HEAD, Relation.OWN_UNIT, 1)
    return meeting_id


def _ready() -> str:
    meeting_id = _divided()
    confirm_named(CHAIR, meeting_id, version_of(meeting_id))
    for group in load_meeting(meeting_id)[0].groups:
        issue_tickets(CHAIR, meeting_id, group.key, group.entitled, 0)
    return meeting_id


def _tickets(meeting_id: str) -> dict[str, tuple[str, str]]:
    """(style, code) of the one ticket of each group, by the group's label."""
    return {
        ticket.group_label: (ticket.url.partition("#")[0].rsplit("/", 1)[1], ticket.code)
        for ticket in list_tickets(meeting_id)
    }


def _cast(meeting_id: str, style_key: str, code: str, lost: dict[str, int]) -> None:
    """Full marks for everybody on the form, less what is lost in 工作负荷, by place on the form."""
    style = load_polling(meeting_id, style_key).style
    fields = [
        (item_field(subject.key, item), str(points - (lost.get(str(place), 0) if item == "workload" else 0)))
        for place, subject in enumerate(style.asked_subjects)
        for item, points in FULL.items()
    ]
    cast_ballot(meeting_id, style_key, ticket=code, nonce=f"nonce-of-{code}"[:40], round_number="", fields=fields)


def _held() -> str:
    """一科: 100 and 95; 二科: 88, 93 and 100, each by its own head."""
    meeting_id = _ready()
    tickets = _tickets(meeting_id)
    open_meeting(CHAIR, meeting_id)
    _cast(meeting_id, *tickets["科室负责人·一科"], {"1": 5})
    _cast(meeting_id, *tickets["科室负责人·二科"], {"0": 12, "1": 7})
    close_meeting(CHAIR, meeting_id)
    count_meeting(CHAIR, meeting_id)
    return meeting_id


def test_a_form_holds_the_people_whom_its_tickets_may_grade_and_nobody_else(app: Flask) -> None:
    with app.app_context():
        meeting_id = _ready()
        forms = {
            label: [(each.name, each.unit) for each in load_polling(meeting_id, style).style.asked_subjects]
            for label, (style, _) in _tickets(meeting_id).items()
        }
    assert forms == {
        "科室负责人·一科": [("李娜", "一科"), ("张伟", "一科")],
        "科室负责人·二科": [("张伟", "二科"), ("赵敏", "二科"), ("孙悦", "二科")],
    }


def test_each_subject_is_counted_by_its_own_graders_on_every_output(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        meeting_id = _held()
        result = load_counted(meeting_id).result
        publish_result(CHAIR, meeting_id)
        bundle = make_bundle(meeting_id).content
        documents = {document.name: document.content for document in file_documents(meeting_id)}
        shown = meeting_document(meeting_id)
    found = {(row.subject.name, row.subject.unit): row for row in result.subjects}
    scores = {who: row.score.text for who, row in found.items() if row.score}
    assert scores == {
        ("李娜", "一科"): "100.00",
        ("张伟", "一科"): "95.00",
        ("张伟", "二科"): "88.00",
        ("赵敏", "二科"): "93.00",
        ("孙悦", "二科"): "100.00",
    }
    assert [(row.graders.entitled, row.graders.cast) for row in result.subjects if row.graders] == [(1, 1)] * 5
    assert (result.turnout.entitled, result.turnout.cast) == (2, 2)
    # 好 is at most 40 % of five, so two: those with 100.
    assert [row.tier_label for row in result.subjects] == ["好", "较好", "较好", "较好", "好"]
    workbook = next(content for name, content in documents.items() if name.endswith(".xlsx"))
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()
    head = next(row for row in rows if "应评" in row)
    at = (head.index("应评"), head.index("实评"), head.index("得分"))
    assert [[row[n] for n in at] for row in rows if "李娜" in row] == [[1, 1, 100]]
    assert any("测评方式：记名" in str(cell) for row in rows for cell in row)
    assert [each["graders"] for each in shown["result"]["subjects"]] == [{"entitled": "1", "cast": "1"}] * 5
    with app.app_context():
        purge_meeting(CHAIR, meeting_id, forced_reason="考核办书面同意")
        of_counts = make_bundle(meeting_id).content
    for content in (bundle, of_counts):
        (tmp_path / "bundle.zip").write_bytes(content)
        assert recount([str(tmp_path / "bundle.zip")]) == 0


def test_a_recount_finds_a_ballot_that_was_moved_to_another_section(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        bundle = make_bundle(_held()).content
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(BytesIO(bundle)) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(
                name, text.replace(b"section_head-1,", b"section_head-2,") if name == "ballots.csv" else text
            )
    assert recount([str(changed)]) == 2


def test_a_ballot_of_another_section_is_refused_whole_and_burns_no_ticket(app: Flask) -> None:
    with app.app_context():
        meeting_id = _ready()
        tickets = _tickets(meeting_id)
        open_meeting(CHAIR, meeting_id)
        other_style, _ = tickets["科室负责人·二科"]
        style, code = tickets["科室负责人·一科"]
        with pytest.raises(TicketOtherForm):
            _cast(meeting_id, other_style, code, {})
        _cast(meeting_id, style, code, {})


@pytest.mark.parametrize("what", ["marks", "a comment"])
def test_a_sealed_ballot_that_holds_anything_about_people_of_another_form_is_void(app: Flask, what: str) -> None:
    """The server takes it unseen; when the box is open, it counts for nobody."""
    with app.app_context():
        meeting_id = _ready()
        tickets = _tickets(meeting_id)
        open_meeting(CHAIR, meeting_id)
        (own_key, code), (other_key, _) = tickets["科室负责人·一科"], tickets["科室负责人·二科"]
        own, other = (load_polling(meeting_id, key).style for key in (own_key, other_key))
        assert not {each.key for each in own.asked_subjects} & {each.key for each in other.asked_subjects}
        marked = other if what == "marks" else own
        full = {(each.key, item): str(points) for each in marked.asked_subjects for item, points in FULL.items()}
        about = {} if what == "marks" else {other.asked_subjects[0].key: "不错"}
        plain = encode_ballot(marked, Ballot(full, about))
        seal_and_cast(meeting_id, code, plain.ljust(own.plain_length, b"\0")[: own.plain_length], own_key)
        _cast(meeting_id, *tickets["科室负责人·二科"], {"0": 12})
        close_meeting(CHAIR, meeting_id)
        assert count_meeting(CHAIR, meeting_id) == 2
        result = load_counted(meeting_id).result
        assert (result.group_turnout[HEAD].cast, result.group_turnout[HEAD].invalid) == (2, 1)
        assert [row.score.text if row.score else None for row in result.subjects] == [
            None,
            None,
            "88.00",
            "100.00",
            "100.00",
        ]


def test_a_copied_meeting_asks_the_chair_anew_whether_a_small_form_is_named(app: Flask) -> None:
    with app.app_context():
        meeting_id = _ready()
        made = copy_meeting(CHAIR, meeting_id, title="下一季度", unit="统计局", held_on=None, token="t" * 22)
        groups = [load_meeting(each)[0].groups for each in (meeting_id, made)]
        assert [[group.is_named for group in each] for each in groups] == [[True, True], [False, False]]
        assert [replace(group, is_named=False) for group in groups[0]] == list(groups[1])
        assert "named_unconfirmed" in {finding.code for finding in list_findings(made) if finding.is_blocking}


def test_a_divided_group_that_is_small_waits_for_its_confirmation_and_keeps_off_the_wall(app: Flask) -> None:
    with app.app_context():
        meeting_id = _divided()
        codes = {finding.code for finding in list_findings(meeting_id) if finding.is_blocking}
        assert codes == {"named_unconfirmed", "no_tickets"}
        confirm_named(CHAIR, meeting_id, version_of(meeting_id))
        assert [group.is_named for group in load_meeting(meeting_id)[0].groups] == [True, True]
        _show(meeting_id, HallView.INSTANT)
        assert "instant_small_forms" in {finding.code for finding in list_findings(meeting_id) if finding.is_blocking}
        # With another number of heads the chair is asked again.
        setup = load_meeting(meeting_id)[0]
        change_groups(CHAIR, meeting_id, setup.version, [replace(group, entitled=2) for group in setup.groups])
        assert [group.is_named for group in load_meeting(meeting_id)[0].groups] == [False, False]
        with pytest.raises(NotReady, match="记名"):
            open_meeting(CHAIR, meeting_id)


def test_a_preset_that_divides_its_voters_does_not_open_undivided(app: Flask) -> None:
    with app.app_context():
        meeting_id = _draft()
        assert [f.step for f in list_findings(meeting_id) if f.code == "relation_missing"] == ["relations"]


def test_a_leaders_single_marks_are_told_as_given_away(app: Flask) -> None:
    with app.app_context():
        meeting_id = draft_meeting("jixiao-pingshi", OFFICE)
        setup = load_meeting(meeting_id)[0]
        change_groups(CHAIR, meeting_id, setup.version, [replace(group, entitled=5) for group in setup.groups])
        divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), "leaders", Relation.OWN_UNIT, 1)
        divide_by_unit(CHAIR, meeting_id, version_of(meeting_id), "members", Relation.OWN_UNIT, 5)
        confirm_named(CHAIR, meeting_id, version_of(meeting_id))
        _show(meeting_id, HallView.BATCHED)
        setup = load_meeting(meeting_id)[0]
        assert [(group.label, group.entitled) for group in setup.groups] == [
            ("分管领导·一科", 1),
            ("分管领导·二科", 1),
            ("考核单元内人员·一科", 5),
            ("考核单元内人员·二科", 5),
        ]
        assert [group.key for group in setup.full_scheme.groups] == ["leaders", "members"]
        for group in setup.groups:
            issue_tickets(CHAIR, meeting_id, group.key, group.entitled, 0)
        tickets = list_tickets(meeting_id)
        open_meeting(CHAIR, meeting_id)
        for ticket in tickets:
            style = ticket.url.partition("#")[0].rsplit("/", 1)[1]
            fields = [(item_field(subject, item), "9") for subject, item in load_polling(meeting_id, style).style.items]
            nonce = f"nonce-of-{ticket.code}"
            cast_ballot(meeting_id, style, ticket=ticket.code, nonce=nonce, round_number="", fields=fields)
        assert MeetingScreen(meeting_id).snapshot().state_text == "正在投票（其中 2 组票为记名）"
        close_meeting(CHAIR, meeting_id)
        count_meeting(CHAIR, meeting_id)
        counted = load_counted(meeting_id)
    assert [(each.group_label, each.ballots) for each in exposures(counted)] == [("分管领导", 1)]
    assert [(row.graders.entitled, row.graders.cast) for row in counted.result.subjects if row.graders] == [(6, 6)] * 5
    # Six numbers a subject: the mean of one leader, and the mean of five members, each of half the weight.
    assert {row.votes_score.text for row in counted.result.subjects if row.votes_score} == {"54.00"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("陈局", 0), ("陈局", 0)], "第 2 行与第 1 行重复"),
        ([("陈局", 0), ("王局", 1), ("王局", 2), ("王局", 3)], "“孙悦”没有人评"),
        ([], "没有划分出一个评分组"),
    ],
)
def test_a_list_that_doubles_a_line_or_leaves_somebody_out_is_refused_and_stores_nothing(
    app: Flask, pairs: list[tuple[str, int]], said: str
) -> None:
    with app.app_context():
        meeting_id = _draft()
        setup = load_meeting(meeting_id)[0]
        lines = [Pair(row, grader, setup.subjects[at]) for row, (grader, at) in enumerate(pairs, 1)]
        with pytest.raises(FieldInvalid, match=said):
            divide_by_list(CHAIR, meeting_id, setup.version, HEAD, lines)
        assert load_meeting(meeting_id)[0] == setup


def test_single_cells_are_corrected_and_a_grid_that_leaves_somebody_out_is_refused(app: Flask) -> None:
    with app.app_context():
        meeting_id = _divided()
        setup = load_meeting(meeting_id)[0]
        first, second = setup.groups
        na, wei, _, min_, yue = (subject.key for subject in setup.subjects)
        moved = {first.key: frozenset({na, wei, min_}), second.key: frozenset({setup.subjects[2].key, yue})}
        correct_relation(CHAIR, meeting_id, setup.version, moved, setup.subjects, {first.key: 6})
        setup = load_meeting(meeting_id)[0]
        assert [(group.may_grade, group.entitled) for group in setup.groups] == [
            ((na, wei, min_), 6),
            ((setup.subjects[2].key, yue), 1),
        ]
        with pytest.raises(FieldInvalid, match="“孙悦”没有人评"):
            correct_relation(
                CHAIR, meeting_id, setup.version, {second.key: frozenset({setup.subjects[2].key})}, setup.subjects, {}
            )
        with pytest.raises(FieldInvalid, match="没有可评的考核对象"):
            correct_relation(CHAIR, meeting_id, setup.version, {second.key: frozenset()}, setup.subjects, {})
        assert load_meeting(meeting_id)[0] == setup


def test_somebody_who_joins_or_leaves_the_list_is_told_by_the_check_list(app: Flask) -> None:
    with app.app_context():
        meeting_id = _divided()
        setup = load_meeting(meeting_id)[0]
        joined = [*OFFICE[:-1], SubjectEntry("周新", "一科", "科员")]
        change_subjects(CHAIR, meeting_id, setup.version, joined)
        findings = [finding.message for finding in list_findings(meeting_id) if finding.code == "relation_broken"]
        assert findings == ["“周新”没有人评：请在评分关系中补上评价人。"]
        left = load_meeting(meeting_id)[0]
        assert {key for group in left.groups for key in group.may_grade} <= {each.key for each in left.subjects}


def test_a_divided_group_is_made_whole_again_unless_tickets_are_out(app: Flask) -> None:
    with app.app_context():
        meeting_id = _divided()
        issue_tickets(CHAIR, meeting_id, "section_head-1", 1, 0)
        with pytest.raises(FieldInvalid, match="已经制票"):
            make_whole(CHAIR, meeting_id, version_of(meeting_id), HEAD)
        meeting_id = _divided()
        make_whole(CHAIR, meeting_id, version_of(meeting_id), HEAD)
        assert [(group.key, group.entitled, group.part_of) for group in load_meeting(meeting_id)[0].groups] == [
            (HEAD, 2, "")
        ]
