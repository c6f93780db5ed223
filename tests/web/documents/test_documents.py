"""Downloads and printed pages, as an organizer gets them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO
from urllib.parse import unquote
from zipfile import ZipFile

import openpyxl
import pytest
from holding import closed, counted, opened, prepared, published
from page_client import PageClient
from pdf_text import lines_of
from role_visits import account_of
from scene import CHAIR, NAMES, THREE_GROUPS, cast

from kaohe.domain.bundles import check_bundle
from kaohe.domain.errors import WorkStopped
from kaohe.domain.permissions import Role
from kaohe.domain.sheet_marks import SheetMarks
from kaohe.domain.units import TOP, Unit
from kaohe.operations import apart
from kaohe.operations.archive import documents
from kaohe.operations.archive.filing import mark_sheets
from kaohe.operations.chair import voiding, voting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.preparing import change_basics, create_meeting, load_meeting
from kaohe.reports.paper import fonts
from kaohe.storage.database import reading, transaction
from kaohe.storage.installation import this_config
from kaohe.storage.meetings import load_setup, store_setup
from kaohe.storage.sheet_marks import sheet_marks
from kaohe.storage.units import store_unit

BALLOTS = [("excellent", "competent", "abstain")] * 7 + [("competent", "excellent", "excellent")] * 4
PATHS = ("workbook.xlsx", "summary.csv", "data.csv", "all.zip", "print", "receipts")


def file_name(reply):
    plain, encoded = reply.headers["Content-Disposition"].split("filename*=UTF-8''")
    assert plain.isascii()
    assert encoded.isascii()
    return unquote(encoded)


def test_screen_workbook_csv_and_printed_page_say_the_same(app, signed_in):
    scene = counted(app, BALLOTS)
    base = f"/documents/{scene.meeting_id}/1"
    screen = signed_in.get(f"/desk/{scene.meeting_id}/result").soup.select(".sheet-table tbody tr")
    on_screen = [[cell.get_text() for cell in row.select("td")] for row in screen]

    rows = list(csv.reader(StringIO(signed_in.http.get(f"{base}/summary.csv").data.decode("utf-8-sig"))))
    assert [row for row in rows if len(row) == len(on_screen[0]) and row[1] in NAMES] == on_screen

    paper = signed_in.get(f"{base}/print").soup.select(".paper")[0].select("tbody tr")
    assert [[cell.get_text() for cell in row.select("td")] for row in paper] == on_screen

    book = openpyxl.load_workbook(BytesIO(signed_in.http.get(f"{base}/workbook.xlsx").data))
    in_book = [row for row in book["汇总表"].iter_rows() if row[1].value in NAMES]
    for cells, texts in zip(in_book, on_screen, strict=True):
        for cell, text in zip(cells, texts, strict=True):
            if cell.data_type == "n":
                decimals = len(cell.number_format.partition(".")[2])
                assert f"{cell.value:.{decimals}f}" == text
            else:
                assert (cell.value or "") == text


def test_downloads_carry_their_chinese_names(app, signed_in):
    scene = counted(app, BALLOTS)
    base = f"/documents/{scene.meeting_id}/1"
    workbook = signed_in.http.get(f"{base}/workbook.xlsx")
    assert file_name(workbook) == "青山区统计局年度民主测评会结果汇总表.xlsx"
    assert workbook.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    summary = signed_in.http.get(f"{base}/summary.csv")
    assert file_name(summary) == "青山区统计局年度民主测评会结果汇总表.csv"
    assert summary.data.startswith(b"\xef\xbb\xbf")


def test_the_printed_page_has_a_paper_per_page_of_each_sheet_with_places_to_sign(app, signed_in):
    scene = counted(app, [("competent",)] * 11, preset="de-neng-qin-ji-lian", comments_wanted=True)
    page = signed_in.get(f"/documents/{scene.meeting_id}/1/print?set=all")
    papers = page.soup.select(".paper")
    assert len(papers) == 9
    for paper in papers[:6]:
        signature = paper.select_one(".signature").get_text()
        assert all(who in signature for who in ("计票人", "监票人", "总监票人", "考核组组长", "盖章"))
        assert "第 1 页　共 1 页" in paper.select_one(".leaf-foot").get_text()
        assert {"leaf-a4", "leaf-a4-landscape"} & set(paper["class"])
    codes = {tag.get_text() for tag in page.soup.select(".sheet-code")}
    assert len(codes) == 1


def test_many_sheets_are_laid_out_in_a_process_of_its_own_the_same(app, signed_in, monkeypatch):
    scene = counted(app, BALLOTS)
    address = f"/documents/{scene.meeting_id}/1/print?set=pictures"
    here = signed_in.http.get(address).data
    monkeypatch.setattr(documents, "_FEW", 0)
    with app.app_context():
        monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
        monkeypatch.setenv("KAOHE_DATABASE_URL", this_config().database_url)
        apart.work_apart_from_now_on()
    assert b"<svg" in here
    assert signed_in.http.get(address).data == here
    monkeypatch.setattr(apart, "_PROGRAM", "{!r}")
    assert signed_in.get(address, status=503).error == WorkStopped.code


def test_a_person_prints_what_is_to_be_signed_and_chooses_what_else(app, signed_in):
    scene = counted(app, BALLOTS)
    base = f"/documents/{scene.meeting_id}/1"
    page = signed_in.get(f"{base}/print")
    titles = [tag.get_text() for tag in page.soup.select(".sheet-title")]
    assert titles == ["青山区统计局年度民主测评会结果汇总表"]
    links = {link.get_text(): link for link in page.soup.select(".parts a")}
    assert list(links) == ["签字归档", "附件", "会务表格", "个人表", "图表", "全部"]
    assert links["签字归档"].get("aria-current") == "page"
    attached = signed_in.get(links["附件"]["href"])
    assert "核算过程" not in attached.soup.select_one("main").get_text()
    assert "得票统计表" in attached.soup.select_one("main").get_text()
    forms = signed_in.get(links["会务表格"]["href"])
    assert [tag.get_text() for tag in forms.soup.select(".sheet-title")] == [
        "青山区统计局年度民主测评会计票汇总单",
        "青山区统计局年度民主测评会议记录",
    ]
    own = signed_in.get(links["个人表"]["href"])
    assert [tag.get_text() for tag in own.soup.select(".sheet-title")] == [
        f"青山区统计局年度民主测评会个人反馈表（{name}）" for name in NAMES
    ]
    pictures = signed_in.get(links["图表"]["href"])
    assert [tag["aria-label"] for tag in pictures.soup.select(".paper svg")] == [
        "各等次得票（图）。图中的数字见下方表格。"
    ]
    for name in ("secret", "SIGNED", ""):
        assert signed_in.get(f"{base}/print?set={name}", status=404).error == "not_found"
        assert signed_in.get(f"{base}/sheets.docx?set={name}", status=404).error == "not_found"


def test_all_files_come_in_one(app, signed_in):
    scene = counted(app, BALLOTS)
    reply = signed_in.http.get(f"/documents/{scene.meeting_id}/1/all.zip")
    assert (reply.mimetype, file_name(reply)) == ("application/zip", "青山区统计局年度民主测评会归档文件.zip")
    with ZipFile(BytesIO(reply.data)) as packed:
        endings = [name.rpartition(".")[2] for name in packed.namelist()]
    assert endings == ["xlsx", *["csv"] * 5, "docx", "docx", "pdf"]


def test_the_pdf_says_what_the_screen_says_and_refuses_what_is_no_set(app, signed_in):
    scene = counted(app, BALLOTS)
    base = f"/documents/{scene.meeting_id}/1"
    reply = signed_in.http.get(f"{base}/sheets.pdf")
    assert (reply.mimetype, file_name(reply)) == ("application/pdf", "青山区统计局年度民主测评会签字归档表.pdf")
    lines = lines_of(reply.data)
    screen = signed_in.get(f"/desk/{scene.meeting_id}/result").soup.select(".sheet-table tbody tr td")
    assert {cell.get_text() for cell in screen if cell.get_text()} <= set(lines)
    assert "青山区统计局年度民主测评会得票统计表（总体评价）" in lines_of(
        signed_in.http.get(f"{base}/sheets.pdf?set=attached").data
    )
    assert signed_in.get(f"{base}/sheets.pdf?set=secret", status=404).error == "not_found"


@pytest.mark.parametrize("font", [None])
def test_a_machine_without_a_chinese_font_says_so_and_prints_all_the_same(app, signed_in, monkeypatch, tmp_path):
    scene = counted(app, BALLOTS)
    base = f"/documents/{scene.meeting_id}/1"
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path),))
    page = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert "本机没有中文字体，不能直接生成 PDF" in page.text
    assert not page.soup.select("[data-file^=pdf]")
    assert signed_in.get(f"{base}/sheets.pdf", status=409).error == "font_missing"
    assert signed_in.get(f"{base}/print").soup.select(".leaf")
    with ZipFile(BytesIO(signed_in.http.get(f"{base}/all.zip").data)) as packed:
        assert not [name for name in packed.namelist() if name.endswith("pdf")]


def test_whole_ballots_are_downloaded_only_and_only_where_turned_on(app, signed_in):
    scene = counted(app, BALLOTS)
    signed_in.get(f"/documents/{scene.meeting_id}/1/ballots.csv", status=404)
    scene = counted(app, BALLOTS, ballot_list_wanted=True)
    rows = signed_in.http.get(f"/documents/{scene.meeting_id}/1/ballots.csv").data.decode("utf-8-sig")
    assert rows.count("优秀,称职,弃权") == 7
    page = signed_in.get(f"/documents/{scene.meeting_id}/1/print?set=all")
    assert len(page.soup.select(".paper")) == 4
    assert "未列入本页" in page.text


def test_a_voter_finds_the_receipt_in_the_sorted_list(app, signed_in):
    scene = opened(app)
    with app.app_context():
        given = [cast(scene.meeting_id, code, "excellent") for code in scene.all_codes[:9]]
        voting.close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id)
        assert list(load_counted(scene.meeting_id).receipts) == sorted(given)
    page = signed_in.get(f"/documents/{scene.meeting_id}/1/receipts")
    assert [tag.get_text() for tag in page.soup.select(".receipts li")] == sorted(given)
    assert "已计入 9 张" in page.text


def test_a_count_without_ballots_prints_all_the_same(app, signed_in):
    scene = counted(app)
    for path in PATHS:
        assert signed_in.http.get(f"/documents/{scene.meeting_id}/1/{path}").status_code == 200


@pytest.mark.parametrize("make", [prepared, opened, closed])
def test_before_the_count_every_document_is_refused(app, signed_in, make):
    scene = make(app)
    for path in PATHS:
        assert signed_in.get(f"/documents/{scene.meeting_id}/1/{path}", status=409).error == "wrong_state"


def test_a_voided_round_gives_no_documents(app, signed_in):
    scene = counted(app, BALLOTS)
    with app.app_context():
        voiding.void_round(CHAIR, scene.meeting_id, "现场有误")
    for path in PATHS:
        refused = signed_in.get(f"/documents/{scene.meeting_id}/1/{path}", status=409)
        assert "已经作废" in refused.text


def test_unknown_documents_are_refused(app, signed_in):
    scene = counted(app, BALLOTS)
    assert signed_in.get(f"/documents/{scene.meeting_id}/1/secrets.csv", status=404).error == "not_found"
    assert signed_in.get(f"/documents/{scene.meeting_id}/5/print", status=404).error == "meeting_unknown"
    assert signed_in.get("/documents/nowhere/1/print", status=404).error == "meeting_unknown"


def test_documents_are_for_signed_in_people_only(app, pages):
    scene = counted(app, BALLOTS)
    for path in PATHS:
        assert pages.http.get(f"/documents/{scene.meeting_id}/1/{path}").status_code == 302


def test_the_archive_bundle_is_downloaded_and_whole(app, signed_in):
    scene = counted(app, BALLOTS)
    reply = signed_in.http.get(f"/documents/{scene.meeting_id}/1/bundle.zip")

    assert (reply.status_code, reply.mimetype) == (200, "application/zip")
    assert file_name(reply) == "青山区统计局年度民主测评会归档包.zip"
    assert check_bundle(reply.data).origin.meeting_id == scene.meeting_id


def test_a_bundle_that_would_show_a_small_group_is_not_downloaded(app, signed_in):
    scene = counted(app, BALLOTS[:8], groups=THREE_GROUPS)
    page = signed_in.get(f"/documents/{scene.meeting_id}/1/bundle.zip", status=409)

    assert "kaohe bundle" in page.soup.get_text()


def test_before_a_result_an_office_prints_the_notice_of_the_meeting_and_is_told_whether_it_goes_out_in_time(
    app, signed_in
):
    scene = prepared(app)
    with app.app_context():
        setup = load_meeting(scene.meeting_id)[0]
        change_basics(CHAIR, setup.id, setup.version, title=setup.title, unit=setup.unit, held_on=date(2026, 12, 18))
    base = f"/documents/{scene.meeting_id}/early"
    link = signed_in.get(f"/desk/{scene.meeting_id}/check").soup.find("a", href=base)
    assert link.get_text() == "会议通知、记实簿"
    early = signed_in.get(f"{base}?issued=2026-12-15&place=三楼会议室")
    assert "通知提前 3 天发出" in early.text
    assert "三楼会议室" in early.soup.select_one(".laid-table").get_text()
    assert early.soup.select_one("[name=place]")["value"] == "三楼会议室"
    assert "距会议只有 2 天" in signed_in.get(f"{base}?issued=2026-12-16").text
    assert "在会议日期之后" in signed_in.get(f"{base}?issued=2026-12-19").text
    assert signed_in.get(f"{base}?issued=soon", status=422).error == "field_invalid"
    files = {a.get_text(): a["href"] for a in early.soup.select(".toolbar-row a")}
    printed = signed_in.http.get(files["下载 PDF"])
    assert file_name(printed) == "青山区统计局年度民主测评会议通知.pdf"
    assert any("三楼会议室" in line for line in lines_of(printed.data))
    assert signed_in.http.get(files["下载 Word 文档"]).data[:2] == b"PK"
    log = signed_in.get(f"{base}?set=work_log")
    assert len(log.soup.select(".paper")) == 4 * len(NAMES)
    assert signed_in.get(f"{base}?set=all", status=404).error == "not_found"
    assert signed_in.get(f"{base}.exe", status=404).error == "not_found"


def test_nobody_is_called_to_a_year_without_a_vote(app, signed_in):
    with app.app_context():
        year = create_meeting(CHAIR, title="2026年度考核", unit="", held_on=None, preset_id="beian-pingshi-niandu")
    page = signed_in.get(f"/documents/{year}/early")
    assert page.soup.select(".paper") == []
    assert "没有可以出具的此类表" in page.text
    assert signed_in.get(f"/documents/{year}/early.pdf", status=404).error == "not_found"


def test_hr_takes_results_and_no_ballot(app):
    """Whole ballots and the bundle that holds them are for the organizers and the panel (hr D8)."""
    meeting_id = published(app, [("excellent",) * 3] * 6, ballot_list_wanted=True).meeting_id
    taken = {}
    for role in (Role.ORGANIZER, Role.HR):
        headers, _, _ = account_of(app, role)
        client = app.test_client(use_cookies=False)
        page = client.get(f"/desk/{meeting_id}/result", headers=headers).get_data(as_text=True)
        codes = [
            client.get(f"/documents/{meeting_id}/1/{name}", headers=headers).status_code
            for name in ("summary.csv", "ballots.csv", "bundle.zip")
        ]
        book = openpyxl.load_workbook(
            BytesIO(client.get(f"/documents/{meeting_id}/1/workbook.xlsx", headers=headers).data)
        )
        for address in ("all.zip", f"pack.zip?meeting={meeting_id}"):
            base = f"/documents/{meeting_id}/1" if address == "all.zip" else "/documents"
            with ZipFile(BytesIO(client.get(f"{base}/{address}", headers=headers).data)) as packed:
                assert any("原始票明细" in name for name in packed.namelist()) == (role is Role.ORGANIZER)
        taken[role] = f"{codes} {'bundle.zip' in page} {'ballots.csv' in page} {'原始票明细' in book.sheetnames}"
    assert taken[Role.ORGANIZER] == "[200, 200, 200] True True True"
    assert taken[Role.HR] == "[200, 404, 403] False False False"


def test_marks_stand_in_the_head_of_every_sheet_in_every_format_and_not_in_the_notice_or_the_bundle(app, signed_in):
    meeting_id = counted(app, BALLOTS).meeting_id
    result, base = f"/desk/{meeting_id}/result", f"/documents/{meeting_id}/1"
    bundle = signed_in.http.get(f"{base}/bundle.zip").data
    fields = {"secrecy": "秘密★1年", "copy_number": "000012", "internal": "1"}
    page = signed_in.submit(signed_in.get(result), f"{result}/marks", **fields)
    assert "秘密★1年，份号：000012，内部资料 注意保存" in page.soup.select_one("[data-marks] summary").get_text()
    marks = ["秘密★1年", "份号：000012", "内部资料 注意保存"]

    rows = list(csv.reader(StringIO(signed_in.http.get(f"{base}/summary.csv").data.decode("utf-8-sig"))))
    assert rows[1] == marks
    for name in ("signed", "attached", "forms", "personal", "pictures"):
        book = openpyxl.load_workbook(BytesIO(signed_in.http.get(f"{base}/workbook.xlsx?set={name}").data))
        for sheet in book:
            head = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row)
            assert all(mark in head for mark in marks), sheet.title
    paper = signed_in.get(f"{base}/print").soup.select_one(".paper").get_text(" ")
    words = ZipFile(BytesIO(signed_in.http.get(f"{base}/sheets.docx").data)).read("word/document.xml").decode()
    printed = "".join(lines_of(signed_in.http.get(f"{base}/sheets.pdf").data)).replace(" ", "")
    for mark in marks:
        assert mark in paper
        assert mark in words
        assert mark.replace(" ", "") in printed
    assert marks[0] not in signed_in.get(f"{base}/print?set=notice").text
    # The record has one line more; all documents in the bundle are what they were.
    before, after = (ZipFile(BytesIO(data)) for data in (bundle, signed_in.http.get(f"{base}/bundle.zip").data))
    documents = [name for name in before.namelist() if name.startswith("documents/")]
    assert documents
    assert [before.read(name) for name in documents] == [after.read(name) for name in documents]

    refused = signed_in.submit(page, f"{result}/marks", status=422, secrecy="密" * 17)
    assert "密级应为一行，不超过 16 个字" in refused.text
    cleared = signed_in.submit(page, f"{result}/marks", secrecy="", copy_number="")
    assert cleared.soup.select_one("[data-marks] summary").get_text().endswith("：内部资料 注意保存")
    record = openpyxl.load_workbook(BytesIO(signed_in.http.get(f"/desk/{meeting_id}/events.xlsx").data)).active
    told = {cell.value for row in record.iter_rows() for cell in row}
    marked = "“秘密★1年，份号：000012，内部资料 注意保存”"
    changes = {f"由未填改为{marked}", f"由{marked}改为“内部资料 注意保存”"}
    assert {f"修改表头标注：{each}" for each in changes} <= told


def test_a_notice_whose_last_day_does_not_fit_its_working_days_is_refused_or_looked_at_again(app, signed_in):
    address = f"/documents/{counted(app, BALLOTS).meeting_id}/1/print?set=notice&start=2026-11-30&end"
    assert "个工作日，公示上写的是 5 个" not in signed_in.get(f"{address}=2026-12-04").text
    assert "有 10 个工作日，公示上写的是 5 个" in signed_in.get(f"{address}=2026-12-11").text
    assert "只有 3 天，不足 5 个工作日" in signed_in.get(f"{address}=2026-12-02", status=422).text


def test_a_unit_says_who_signs_its_sheets_and_its_next_meeting_keeps_to_it(app, signed_in):
    meeting_id = counted(app, BALLOTS).meeting_id
    result, base = f"/desk/{meeting_id}/result", f"/documents/{meeting_id}/1"

    assert "总监票人（签字）：" in signed_in.get(f"{base}/print").text
    signers = {"vote_signers": "计票人、监票人、机关党委书记", "office_signers": "填表人，党组书记"}
    page = signed_in.submit(signed_in.get(result), f"{result}/marks", **signers)
    assert page.soup.select_one("#vote_signers")["value"] == signers["vote_signers"]
    printed = signed_in.get(f"{base}/print").text
    assert "机关党委书记（签字）：" in printed
    assert "单位（盖章）：" in printed
    assert "总监票人" not in printed
    words = ZipFile(BytesIO(signed_in.http.get(f"{base}/sheets.docx").data)).read("word/document.xml").decode()
    assert "机关党委书记（签字）：" in words
    assert (
        "修改签字人：测评统计各表由“惯例”改为“计票人、监票人、机关党委书记”；名单、登记等各表由“惯例”改为“填表人、党组书记”"
        in signed_in.get(f"/desk/{meeting_id}/events").text
    )
    refused = signed_in.submit(page, f"{result}/marks", status=422, vote_signers="、".join("一二三四五六七八"))
    assert "签字人最多 7 个" in refused.text
    # What was typed stands there to be put right; what is kept is what it was.
    assert refused.soup.select_one("[data-marks][open] #vote_signers")["value"] == "、".join("一二三四五六七八")
    assert signed_in.get(result).soup.select_one("#vote_signers")["value"] == signers["vote_signers"]
    with app.app_context():
        other = add_unit(CHAIR, "财政局", TOP)
        made = [
            create_meeting(CHAIR, title="下一场", unit="", held_on=None, preset_id="si-deng", unit_id=unit_id)
            for unit_id in (TOP, other)
        ]
        with reading() as session:
            kept = [sheet_marks(session, each) for each in made]
    named = SheetMarks(vote_signers=("计票人", "监票人", "机关党委书记"), office_signers=("填表人", "党组书记"))
    assert kept == [named, SheetMarks()]


def test_a_meeting_is_signed_by_whom_its_own_unit_has_named_last_whenever_that_was(app):
    with app.app_context():
        other = add_unit(CHAIR, "财政局", TOP)
        meant = {"held_on": None, "preset_id": "si-deng"}
        first, second = (create_meeting(CHAIR, title=title, unit="统计局", **meant) for title in ("一", "二"))
        mark_sheets(CHAIR, first, SheetMarks(secrecy="秘密", vote_signers=("甲",)))
        example = create_meeting(CHAIR, title="示例：会议", unit="统计局", **meant)
        mark_sheets(CHAIR, example, SheetMarks(vote_signers=("试填",)))
        third, printed, below = (
            create_meeting(CHAIR, title="三", unit=unit, unit_id=unit_id, **meant)
            for unit, unit_id in (("统计局", TOP), ("档案局", TOP), ("统计局", other))
        )
        assert [signers_of(each) for each in (second, third, printed, below)] == [(), ("甲",), (), ()]
        # Who moves to another unit, or prints another one, has that one's; who was told so keeps it.
        change_basics(CHAIR, third, 1, title="三", unit="统计局", held_on=None, unit_id=other)
        change_basics(CHAIR, printed, 1, title="三", unit="统计局", held_on=None)
        change_basics(CHAIR, first, 1, title="一", unit="档案局", held_on=None)
        assert [signers_of(each) for each in (first, third, printed)] == [("甲",), (), ("甲",)]
        mark_sheets(CHAIR, first, SheetMarks(secrecy="秘密"))
        assert signers_of(create_meeting(CHAIR, title="四", unit="档案局", **meant)) == ()


def signers_of(meeting_id: str) -> tuple[str, ...]:
    with reading() as session:
        return sheet_marks(session, meeting_id).vote_signers


def test_the_files_of_many_meetings_are_taken_in_one_and_the_page_says_what_the_packing_is_at(app, signed_in):
    scenes = [counted(app, BALLOTS) for _ in range(2)]
    draft = prepared(app)
    link = signed_in.get("/desk/").soup.find("a", string="成批归档")
    page = signed_in.get(link["href"])
    ticked = [box["value"] for box in page.soup.select("[name=meeting][checked]")]
    assert sorted(ticked) == sorted(scene.meeting_id for scene in scenes)
    assert "共 2 场会议有结果文件。" in page.text
    assert "没有找到符合的会议" in signed_in.get(f"{link['href']}?sought=财政局").text
    assert len(signed_in.get(f"{link['href']}?sought=统计局 测评").soup.select("[name=meeting]")) == 2
    job = page.soup.select_one("[name=job]")["value"]
    where = page.soup.select_one("[hx-target='#packing']")["hx-get"]
    part = signed_in.get(where, headers={"HX-Request": "true"}).soup.select_one("#packing")
    assert (part.get_text(), "hx-get" in part.attrs) == ("正在准备打包……", True)

    chosen = "&".join(f"meeting={each}" for each in ticked)
    lacking = f"/documents/pack.zip?{chosen}&meeting={draft.meeting_id}"
    assert "有的已不在列表里" in signed_in.get(lacking, status=422).text
    packed = signed_in.http.get(f"/documents/pack.zip?job={job}&{chosen}")
    assert file_name(packed) == "归档文件（2场）.zip"
    with ZipFile(BytesIO(packed.data)) as opened:
        folders = {name.partition("/")[0] for name in opened.namelist()}
    assert folders == {f"{at:03} 青山区统计局年度民主测评会归档文件" for at in (1, 2)}
    ended = signed_in.get(part["hx-get"], headers={"HX-Request": "true"}).soup.select_one("#packing")
    assert (ended.get_text(), "hx-get" in ended.attrs) == ("打包完成，文件已交给浏览器保存。", False)

    for nothing in ("", f"?meeting={draft.meeting_id}", "?meeting=nowhere"):
        assert signed_in.get(f"/documents/pack.zip{nothing}", status=422).error == "field_invalid"
    assert signed_in.get("/documents/packing", status=302)


def test_a_year_that_was_computed_without_a_day_is_among_the_meetings_of_its_year(app, signed_in):
    scene = counted(app, BALLOTS)
    with app.app_context(), transaction() as session:
        store_setup(session, replace(load_setup(session, scene.meeting_id), title="2025年度考核", held_on=None))
    for page in (signed_in.get("/documents/pack?year=2025"), signed_in.get("/desk/?year=2025")):
        assert "2025年度考核" in page.text
        assert [each["value"] for each in page.soup.select("[name=year] option")] == ["", "2025"]
    assert not signed_in.get("/documents/pack?year=2024").soup.select("[name=meeting]")


def test_a_page_stops_asking_for_a_packing_that_never_begins(app, signed_in):
    counted(app, BALLOTS)
    where = signed_in.get("/documents/pack").soup.select_one("[hx-target='#packing']")["hx-get"]
    asked = 0
    while where:
        part = signed_in.get(where, headers={"HX-Request": "true"}).soup.select_one("#packing")
        where, asked = part.get("hx-get", ""), asked + 1
    assert 5 < asked < 20


def test_a_meeting_of_a_unit_out_of_reach_is_in_nobodys_archive(app, signed_in):
    scene = counted(app, BALLOTS)
    with app.app_context():
        with transaction() as session:
            store_unit(session, Unit("far", "乙局", TOP))
        secret = create_account(make_sign_in_link(CHAIR, [Role.ORGANIZER], "far"), "乙局组织者", "correct horse 电池")
    other = PageClient(app)
    with other.http.session_transaction("/desk/") as session:
        session["sign_in"] = secret
    assert not other.get("/documents/pack").soup.select("[name=meeting]")
    assert other.get(f"/documents/pack.zip?meeting={scene.meeting_id}", status=422).error == "field_invalid"
