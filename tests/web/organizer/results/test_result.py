"""The result on the console, and the record of acts."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from holding import GRADES, closed, counted, numbers, opened, prepared, published
from scene import CHAIR, NAMES, THREE_GROUPS, cast

from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair import publishing, voiding, voting
from kaohe.operations.count import opening
from kaohe.operations.hall import boards
from kaohe.operations.setup import preparing, rehearsing, subjects, voters
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.printing import start_printing
from kaohe.operations.setup.replacing import reissue_ticket, void_ticket
from kaohe.web.organizer.shell.record_words import act_text

POINTS = {"excellent": 100, "competent": 80, "basically_competent": 60, "incompetent": 0}
BALLOTS = [
    ("excellent", "competent", "abstain"),
    ("excellent", "excellent", "competent"),
    ("competent", "basically_competent", "excellent"),
    ("excellent", "incompetent", "abstain"),
    ("basically_competent", "competent", "competent"),
    ("excellent", "competent", "excellent"),
    ("excellent", "excellent", "excellent"),
]


def half_up(number):
    return str(
        (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    )


def shown(page):
    """What the page prints per subject: votes by grade, score, rank."""
    found = {}
    for line in page.soup.select(".standing"):
        votes = {tag["data-share"]: tag.get_text() for tag in line.select("[data-share]")}
        rank = line.select_one(".standing-rank").get_text(strip=True).removesuffix("并列")
        name = line.select_one(".standing-name").get_text()
        found[name] = (votes, line.select_one("[data-score]").get_text(), rank)
    return found


@pytest.mark.parametrize(
    ("hall_view", "seen"),
    [
        (HallView.TURNOUT, ""),
        (HallView.BATCHED, "投票期间，大屏曾分批显示各考核对象的票数。"),
        (HallView.INSTANT, "投票期间，大屏曾逐票显示各考核对象的票数。"),
    ],
)
def test_before_the_publication_the_page_says_what_the_wall_shows_and_has_shown(app, signed_in, hall_view, seen):
    scene = counted(app, [["excellent"]] * 3, hall_view=hall_view)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    said = f"尚未公布：目前只有组织者和人事能看到，大屏上只有应到、发出、收回等人数和票数。{seen}"
    assert said in [notice.get_text(strip=True) for notice in page.soup.select(".notice")]


def test_the_page_equals_a_count_by_hand(app, signed_in):
    scene = counted(app, BALLOTS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    scores = {}
    for place, name in enumerate(NAMES):
        marks = Counter(ballot[place] for ballot in BALLOTS)
        votes, score, _ = shown(page)[name]
        for number, grade in enumerate(GRADES, start=1):
            assert votes[f"grade-{number}"] == str(marks[grade])
        assert votes.get("abstain", "0") == str(marks["abstain"])
        valid = sum(marks[grade] for grade in GRADES)
        scores[name] = Fraction(sum(POINTS[grade] * marks[grade] for grade in GRADES), valid)
        assert score == half_up(scores[name])
    order = sorted(NAMES, key=lambda name: -scores[name])
    assert list(shown(page)) == order
    assert [rank for _, _, rank in shown(page).values()] == ["1", "2", "3"]
    assert numbers(page, "#main") == {
        "entitled": "12",
        "present": "—",
        "issued": "12",
        "cast": "7",
        "valid": "7",
        "invalid": "0",
    }


def test_the_bar_of_each_subject_is_filled_exactly(app, signed_in):
    scene = counted(app, BALLOTS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    for bar in page.soup.select(".bar-chart"):
        parts = [(int(part["x"]), int(part["width"])) for part in bar.select("rect")]
        assert parts[0][0] == 0
        assert all(x + width == following for (x, width), (following, _) in pairwise(parts))
        assert sum(width for _, width in parts) == 1000


def test_the_summary_table_of_the_page_says_the_same(app, signed_in):
    scene = counted(app, BALLOTS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    for line in page.soup.select(".sheet-table tbody tr"):
        cells = [cell.get_text() for cell in line.select("td")]
        votes, score, rank = shown(page)[cells[1]]
        assert (cells[-2], cells[-1]) == (score, rank)
        assert cells[4:12:2] == [votes[f"grade-{number}"] for number in range(1, 5)]


def test_every_score_unfolds_down_to_the_counts(app, signed_in):
    scene = counted(app, BALLOTS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    step = page.soup.select_one('[data-subject="s1"] .explain').get_text()
    assert "优秀 5 票 × 100 分" in step
    assert "有效票 7" in step


def test_tied_subjects_share_a_rank_and_say_so(app, signed_in):
    scene = counted(app, [("excellent", "excellent", "competent")] * 5)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert [rank for _, _, rank in shown(page).values()] == ["1", "1", "3"]
    assert len(page.soup.select(".standing-tied")) == 2


def test_before_publishing_the_page_says_that_nobody_else_sees_it(app, signed_in):
    scene = counted(app, BALLOTS)
    assert "尚未公布" in signed_in.get(f"/desk/{scene.meeting_id}/result").text
    with app.app_context():
        publishing.publish_result(CHAIR, scene.meeting_id)
    assert "尚未公布" not in signed_in.get(f"/desk/{scene.meeting_id}/result").text


@pytest.mark.parametrize("make", [prepared, opened, closed])
def test_before_the_count_there_is_no_result_of_any_kind(app, signed_in, make):
    scene = make(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert "还没有计票" in page.text
    assert not page.soup.select(".standing, .sheet-table, [data-file]")


def test_dimensions_are_shown_with_their_own_scores(app, signed_in):
    scene = counted(app, [("excellent",)] * 4 + [("competent",)] * 4, preset="de-neng-qin-ji-lian")
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    scores = page.soup.select_one('[data-subject="s1"] .standing-dimensions').get_text(" ", strip=True)
    assert scores == "德 90.00 能 90.00 勤 90.00 绩 90.00 廉 90.00"


def test_steps_that_name_a_small_group_are_withheld(app, signed_in):
    groups = (Group("a", "A票", Fraction(1, 2), 4), Group("b", "B票", Fraction(1, 2), 8))
    scene = counted(app, [("excellent",)] * 12, groups=groups)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert not page.soup.select(".explain")
    assert "为保护无记名" in page.soup.select_one(".standing-more").get_text()


def test_steps_of_groups_that_are_large_enough_are_shown(app, signed_in):
    scene = counted(app, [("excellent",)] * 50, groups=THREE_GROUPS)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert "A票" in page.soup.select_one(".explain").get_text()


def test_subjects_of_several_classes_are_ranked_apart(app, signed_in):
    with app.app_context():
        meeting_id = preparing.create_meeting(CHAIR, title="测评", unit="局", held_on=None, preset_id="si-deng")
        entries = [SubjectEntry("甲", class_label="正职"), SubjectEntry("乙", class_label="副职")]
        subjects.change_subjects(CHAIR, meeting_id, 1, entries)
        voters.change_groups(CHAIR, meeting_id, 2, (Group("all", "全体", Fraction(1), 5),))
        issue_tickets(CHAIR, meeting_id, "all", 5, 0)
        tickets = list_tickets(meeting_id)
        voting.open_meeting(CHAIR, meeting_id)
        for ticket in tickets:
            cast(meeting_id, ticket.code, "excellent", "competent")
        voting.close_meeting(CHAIR, meeting_id)
        opening.count_meeting(CHAIR, meeting_id)
    page = signed_in.get(f"/desk/{meeting_id}/result")
    assert [tag.get_text() for tag in page.soup.select("section[aria-label] h2")] == ["正职", "副职"]
    assert [rank for _, _, rank in shown(page).values()] == ["1", "1"]


def test_every_file_that_is_offered_comes(app, signed_in):
    scene = published(app, BALLOTS, ballot_list_wanted=True, comments_wanted=True)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert page.text.index("归档文件") < page.text.index(NAMES[0]), "files come before three hundred people"
    files = {tag["data-file"]: tag["href"] for tag in page.soup.select("[data-file]")}
    assert set(files) == {
        "workbook",
        "word",
        "word-attached",
        "pdf",
        "pdf-attached",
        "print-forms",
        "print-personal",
        "print-pictures",
        "everything",
        "bundle",
        "print",
        "print-attached",
        "print-early",
        "data",
        "receipts",
        "summary",
        "votes-overall",
        "working",
        "explanation",
        "comments",
        "ballots",
    }
    for url in files.values():
        assert signed_in.http.get(url).status_code == 200
    assert page.soup.select_one("[data-code]").get_text() in signed_in.get(files["print"]).text


def test_a_voided_round_stays_listed_with_its_numbers_and_reason_and_has_no_result(app, signed_in):
    scene = counted(app, BALLOTS)
    with app.app_context():
        voiding.void_round(CHAIR, scene.meeting_id, "现场有误")
        voting.open_meeting(CHAIR, scene.meeting_id)
        for code in scene.all_codes[:6]:
            cast(scene.meeting_id, code, "competent")
        voting.close_meeting(CHAIR, scene.meeting_id)
        opening.count_meeting(CHAIR, scene.meeting_id)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    first, second = page.soup.select(".round")
    assert "应到 12，发出 12，收回 7" in first.get_text()
    assert "原因：现场有误" in first.get_text()
    assert "收回 6" in second.get_text()
    assert shown(page)["张伟"][1] == "80.00"

    former = signed_in.get(first.select_one("a")["href"])
    assert numbers(former, "#main")["cast"] == "7"
    assert not former.soup.select(".standing, [data-file]")
    signed_in.get(f"/desk/{scene.meeting_id}/result?round=9", status=404)


def test_numbers_that_do_not_conserve_are_told_in_place_of_the_result(app, signed_in):
    scene = counted(app, BALLOTS)
    with app.app_context():
        boards.record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=8)
    page = signed_in.get(f"/desk/{scene.meeting_id}/result", status=409)
    assert page.error == "count_broken"
    assert not page.soup.select(".standing, [data-file]")
    chair = signed_in.get(f"/desk/{scene.meeting_id}/chair")
    signed_in.submit(chair, "/numbers", **{"rows-0-left_over": "0"})
    assert signed_in.get(f"/desk/{scene.meeting_id}/result").soup.select(".standing")


def test_every_act_of_a_whole_meeting_reads_as_a_chinese_sentence(app, signed_in):
    scene = prepared(app, custody=Custody.TELLERS, groups=THREE_GROUPS)
    with app.app_context():
        version = preparing.load_meeting(scene.meeting_id)[0].version
        preparing.change_basics(CHAIR, scene.meeting_id, version, title="年度测评", unit="局", held_on=None)
        start_printing(CHAIR, scene.meeting_id)
        rehearsing.start_rehearsal(CHAIR, scene.meeting_id)
        rehearsing.wipe_rehearsal(CHAIR, scene.meeting_id)
        void_ticket(CHAIR, scene.meeting_id, scene.codes["C票"][0])
        reissue_ticket(CHAIR, scene.meeting_id, scene.codes["C票"][1], reason="票被撕破")
        voting.open_meeting(CHAIR, scene.meeting_id)
        voting.pause_meeting(CHAIR, scene.meeting_id)
        voting.resume_meeting(CHAIR, scene.meeting_id)
        boards.record_numbers(CHAIR, scene.meeting_id, "a", present=6, left_over=0)
        voting.close_meeting(CHAIR, scene.meeting_id)
        opening.count_meeting(CHAIR, scene.meeting_id, scene.key_text)
        publishing.publish_result(CHAIR, scene.meeting_id)
        publishing.reveal_next(CHAIR, scene.meeting_id)
        voiding.void_round(CHAIR, scene.meeting_id, "现场有误")
    page = signed_in.get(f"/desk/{scene.meeting_id}/events")
    sentences = [line.select("td")[-1].get_text() for line in page.soup.select(".table-acts tbody tr")]
    assert sentences[0] == "第 1 轮作废，原因：现场有误"
    assert sentences[-1] == "新建测评会"
    assert "“A票”记录实到 6，未发出 0 张" in sentences
    assert "“C票”作废 1 张票并换发新票" in sentences
    assert not [sentence for sentence in sentences if "其他操作" in sentence or "{" in sentence or "未记" in sentence]
    # What the program does by itself, wiping, is not signed with anybody's name.
    others = [line.get_text() for line in page.soup.select(".table-acts tbody tr") if "王主持" not in line.get_text()]
    assert len(others) == 1
    assert "程序" in others[0]
    assert "票箱钥匙和封票已销毁" in others[0]


def test_an_act_without_a_sentence_is_not_left_out():
    assert act_text("sang", {}, {}) == "其他操作（sang）"
    assert act_text("closed", {}, {}) == "结束投票，收回 未记 张"
