"""The files of a counted round: complete, named as an office names them, and all saying the same."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from io import BytesIO, StringIO
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document as WordDocument
from office_meetings import HEADING as OFFICE
from office_meetings import office_result
from scene import CHAIR, NAMES, THREE_GROUPS, Scene, cast, hold_meeting, prepare_meeting

from kaohe.domain.errors import CountBroken, MeetingUnknown, NotFound, WrongState
from kaohe.operations.archive.documents import DATA_KEY, csv_document, file_documents
from kaohe.operations.archive.filing import FilingSet, load_filing, sheets_in
from kaohe.operations.archive.packing import PackedRound, pack
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_boards
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets
from kaohe.reports.paper.layout import lay_out, lay_out_all
from kaohe.reports.sheets import result_sheets

BALLOTS = [
    ("excellent", "competent", "abstain"),
    ("competent", "basically_competent", "excellent"),
    ("excellent", "incompetent", "abstain"),
    ("excellent", "competent", "excellent"),
] * 3


def count(scene: Scene, ballots=BALLOTS, comments=None) -> str:
    for code, marks in zip(scene.all_codes, ballots, strict=False):
        cast(scene.meeting_id, code, *marks, comments=comments)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene.meeting_id


def rows_of(document):
    return list(csv.reader(StringIO(document.content.decode("utf-8-sig"))))


def test_the_workbook_comes_first_every_sheet_and_the_data_follow_as_csv_word_documents_and_the_pdf_end_the_list():
    documents = file_documents(count(hold_meeting()))
    assert [document.name for document in documents] == [
        "青山区统计局年度民主测评会结果汇总表.xlsx",
        "青山区统计局年度民主测评会结果汇总表.csv",
        "青山区统计局年度民主测评会得票统计表（总体评价）.csv",
        "青山区统计局年度民主测评会核算过程.csv",
        "青山区统计局年度民主测评会口径说明.csv",
        "青山区统计局年度民主测评会结果数据.csv",
        "青山区统计局年度民主测评会签字归档表.docx",
        "青山区统计局年度民主测评会附件表.docx",
        "青山区统计局年度民主测评会签字归档表.pdf",
    ]
    book = openpyxl.load_workbook(BytesIO(documents[0].content))
    assert book.sheetnames == ["汇总表", "得票-总体评价", "核算过程", "口径说明", "得票图"]


def test_what_is_signed_what_goes_with_it_and_what_nobody_signs_are_apart():
    meeting_id = count(
        hold_meeting(preset="de-neng-qin-ji-lian", groups=THREE_GROUPS, comments_wanted=True, ballot_list_wanted=True),
        [("excellent",)] * 50,
    )
    filing = load_filing(meeting_id)
    names = {wanted: [sheet.name for sheet in sheets_in(filing.sheets, wanted)] for wanted in FilingSet}
    assert names[FilingSet.SIGNED][0] == "汇总表"
    assert set(names[FilingSet.SIGNED]) <= {"汇总表", "口径说明"}
    assert names[FilingSet.ATTACHED][:5] == ["得票-德", "得票-能", "得票-勤", "得票-绩", "得票-廉"]
    assert names[FilingSet.ATTACHED][5:] == ["票种得分", "口径说明", "意见建议"]
    assert set(names[FilingSet.ALL]) == {*names[FilingSet.SIGNED], *names[FilingSet.ATTACHED], "核算过程"}


def test_the_rules_are_signed_too_whether_on_the_summary_or_on_a_sheet_of_their_own():
    filing = load_filing(count(hold_meeting()))
    (summary,) = sheets_in(filing.sheets, FilingSet.SIGNED)
    assert lay_out(summary)[0].has_rules
    long = replace(summary, rules=(summary.rules[0] * 40,))
    crowded = [replace(filing.sheets[0], sheet=long), *filing.sheets[1:]]
    assert [sheet.name for sheet in sheets_in(crowded, FilingSet.SIGNED)] == ["汇总表", "口径说明"]


@pytest.mark.parametrize(
    ("preset", "people", "groups", "most"),
    [
        ("si-deng", 12, 0, 1),
        ("de-neng-qin-ji-lian", 15, 3, 4),
        ("beian-pingshi", 15, 0, 5),
        ("diwei-pingshi", 15, 0, 5),
    ],
)
def test_an_ordinary_meeting_is_signed_on_a_few_pages(preset, people, groups, most):
    sheets = result_sheets(office_result(preset, people, groups=groups), OFFICE)
    assert sum(len(laid.pages) for laid in lay_out_all(sheets_in(sheets, FilingSet.SIGNED))) <= most


def test_one_file_holds_all_files_and_is_the_same_at_every_call():
    meeting_id = count(hold_meeting())
    packed = pack([PackedRound(meeting_id)])
    assert packed == pack([PackedRound(meeting_id)])
    assert packed.name == "青山区统计局年度民主测评会归档文件.zip"
    with ZipFile(BytesIO(packed.content)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {
            document.name: document.content for document in file_documents(meeting_id)
        }


def test_the_data_has_one_head_and_a_row_for_each_subject_dimension_and_grade():
    meeting_id = count(hold_meeting())
    filing = load_filing(meeting_id)
    head, *rows = rows_of(csv_document(filing, DATA_KEY))
    assert {len(row) for row in rows} == {len(head)}
    read = [dict(zip(head, row, strict=True)) for row in rows]
    summary = {row[1]: row for row in filing.sheets[0].sheet.rows}
    for name in NAMES:
        own = [row for row in read if row["考核对象"] == name]
        (final,) = [row for row in own if row["维度"] == "最终结果"]
        assert (final["得分"], final["名次"]) == summary[name][-2:]
        grades = [row for row in own if row["项目"] in ("优秀", "称职", "基本称职", "不称职")]
        assert [cell for row in grades for cell in (row["票数"], row["占比%"])] == list(summary[name][4:12])
        counted = sum(int(row["票数"]) for row in own if row["票数"])
        assert counted == filing.counted.result.turnout.cast


def test_a_large_meeting_has_a_sheet_per_dimension_groups_comments_and_ballots():
    scene = hold_meeting(
        preset="de-neng-qin-ji-lian", groups=THREE_GROUPS, ballot_list_wanted=True, comments_wanted=True
    )
    meeting_id = count(scene, [("excellent",)] * 50, comments={"s1": "工作扎实"})
    keys = [filed.key for filed in load_filing(meeting_id).sheets]
    assert keys[0] == "summary"
    assert [key for key in keys if key.startswith("votes-")] == [
        "votes-moral_integrity",
        "votes-ability",
        "votes-diligence",
        "votes-achievement",
        "votes-probity",
    ]
    assert keys[6:] == ["groups", "working", "explanation", "comments", "ballots"]
    names = [document.name for document in file_documents(meeting_id)]
    assert len(set(names)) == len(names) == len(keys) + 5


def test_workbook_csv_and_a_count_by_hand_agree():
    meeting_id = count(hold_meeting())
    documents = file_documents(meeting_id)
    sheet = openpyxl.load_workbook(BytesIO(documents[0].content))["汇总表"]
    in_book = {
        row[1]: row for row in sheet.iter_rows(values_only=True) if row[1] in NAMES and isinstance(row[0], (int, float))
    }
    in_csv = {row[1]: row for row in rows_of(documents[1]) if len(row) > 2 and row[1] in NAMES}
    for place, name in enumerate(NAMES):
        marks = Counter(ballot[place] for ballot in BALLOTS)
        votes = [marks[g] for g in ("excellent", "competent", "basically_competent", "incompetent")]
        assert [int(in_csv[name][column]) for column in (4, 6, 8, 10)] == votes
        assert [in_book[name][column] for column in (4, 6, 8, 10)] == votes
        score = Fraction(100 * votes[0] + 80 * votes[1] + 60 * votes[2], sum(votes))
        assert Fraction(in_csv[name][-2]) == round(score, 2)
        assert in_book[name][-2] == float(in_csv[name][-2])


def test_the_ballot_list_exists_only_where_it_was_turned_on():
    assert "ballots" not in [filed.key for filed in load_filing(count(hold_meeting())).sheets]
    meeting_id = count(hold_meeting(ballot_list_wanted=True))
    listed = [tuple(row) for row in rows_of(csv_document(load_filing(meeting_id), "ballots")) if len(row) == 3]
    words = {"excellent": "优秀", "competent": "称职", "basically_competent": "基本称职", "incompetent": "不称职"}
    expected = Counter(tuple(words.get(mark, "弃权") for mark in ballot) for ballot in BALLOTS)
    assert Counter(row for row in listed if row[0] in {*words.values(), "弃权"}) == expected


def test_comments_of_a_few_ballots_are_withheld():
    meeting_id = count(hold_meeting(comments_wanted=True), BALLOTS[:4], comments={"s1": "工作扎实"})
    text = csv_document(load_filing(meeting_id), "comments").content.decode("utf-8-sig")
    assert "工作扎实" not in text
    assert "不予列出" in text


def test_files_say_in_their_properties_what_they_are_and_when_it_was_counted():
    meeting_id = count(hold_meeting())
    counted_at = load_filing(meeting_id).counted.round.counted_at
    documents = file_documents(meeting_id)
    about = openpyxl.load_workbook(BytesIO(documents[0].content)).properties
    assert about.title == "青山区统计局年度民主测评会结果汇总表"
    word = next(document for document in documents if document.name.endswith("签字归档表.docx"))
    about_word = WordDocument(BytesIO(word.content)).core_properties
    assert about_word.title == about.title
    expected = counted_at.replace(microsecond=0, tzinfo=None)
    assert {about.created, about_word.created.replace(tzinfo=None)} == {expected}


def test_the_same_round_gives_the_same_files_at_every_call():
    meeting_id = count(hold_meeting(ballot_list_wanted=True, comments_wanted=True), comments={"s2": "希望改进"})
    assert file_documents(meeting_id) == file_documents(meeting_id)


def test_nothing_is_filed_before_the_count():
    scene = hold_meeting()
    with pytest.raises(WrongState):
        load_filing(scene.meeting_id)
    close_meeting(CHAIR, scene.meeting_id)
    with pytest.raises(WrongState):
        file_documents(scene.meeting_id)


def test_nothing_is_filed_from_a_voided_round_and_the_next_one_says_its_number():
    scene = hold_meeting()
    meeting_id = count(scene)
    void_round(CHAIR, meeting_id, "现场有误")
    with pytest.raises(WrongState):
        load_filing(meeting_id)
    open_meeting(CHAIR, meeting_id)
    count(scene, BALLOTS[:5])
    with pytest.raises(WrongState, match="已经作废"):
        load_filing(meeting_id, 1)
    assert file_documents(meeting_id)[0].name == "青山区统计局年度民主测评会结果汇总表（第2轮）.xlsx"
    assert load_filing(meeting_id) == load_filing(meeting_id, 2)
    first, second = list_boards(meeting_id)
    assert (first.round.void_reason, first.cast) == ("现场有误", 12)
    assert (second.round.void_reason, second.cast) == (None, 5)


def test_a_rehearsal_never_has_documents():
    scene = prepare_meeting()
    start_rehearsal(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, trial_tickets(scene.meeting_id)[0].code, "excellent")
    for number in (None, 0, 1):
        with pytest.raises((WrongState, MeetingUnknown)):
            load_filing(scene.meeting_id, number)


def test_numbers_that_do_not_conserve_are_never_a_sheet():
    meeting_id = count(hold_meeting())
    record_numbers(CHAIR, meeting_id, "all", present=12, left_over=8)
    with pytest.raises(CountBroken):
        file_documents(meeting_id)


def test_unknown_sheets_rounds_and_meetings_are_refused():
    meeting_id = count(hold_meeting())
    with pytest.raises(NotFound):
        csv_document(load_filing(meeting_id), "groups")
    with pytest.raises(MeetingUnknown):
        load_filing(meeting_id, 7)
    for ask in (load_filing, list_boards):
        with pytest.raises(MeetingUnknown):
            ask("nowhere")
