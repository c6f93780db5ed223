"""Results are looked up as one types, page by page, and leave as files; a person's history is one page."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO, StringIO

from flask import Flask
from holding import closed, opened, published
from openpyxl import load_workbook
from page_client import Page, PageClient
from scene import CHAIR
from sqlalchemy import text

from kaohe.domain.published_results import published_result, published_text
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.people.register import list_people, register_subjects
from kaohe.storage.database import transaction
from kaohe.storage.published_results import store_published
from kaohe.storage.rounds import current_round
from kaohe.storage.tables import db

BALLOTS = [("excellent", "competent", "excellent")] * 6
PART = {"HX-Request": "true", "HX-Target": "results"}


def rows(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.soup.select(".table-lines tbody tr")
    ]


def lines_of(reply: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(reply.decode("utf-8-sig"))))


def test_results_are_found_as_one_types_and_leave_as_files(app: Flask, signed_in: PageClient) -> None:
    meeting_id = published(app, BALLOTS).meeting_id
    opened(app, BALLOTS)
    with app.app_context():
        register_subjects(CHAIR, meeting_id)
        scores = [row.score.text for row in load_counted(meeting_id).result.subjects if row.score]
        person = next(person for person in list_people() if person.now.name == "李娜")
    page = signed_in.get("/desk/results")
    assert [row[2] for row in rows(page)] == scores
    part = signed_in.get("/desk/results?sought=李 办公室", headers=PART)
    assert part.soup.select_one("h1") is None
    (row,) = rows(part)
    assert row[0] == "李娜 办公室 · 科员"
    assert row[3] == "3 / 3"
    assert part.soup.select_one(f'a[href="/desk/people/{person.id}/history"]')
    assert "没有找到" in signed_in.get("/desk/results?sought=无此人", headers=PART).text

    listed = lines_of(signed_in.http.get("/desk/results.csv?sought=李娜", base_url="http://localhost").data)
    assert listed[2][:3] == ["李娜", "办公室", "科员"]
    assert scores[1] in listed[2]
    book = load_workbook(BytesIO(signed_in.http.get("/desk/results.xlsx?sought=李娜").data))
    assert "李娜" in [cell.value for row in book.active.iter_rows() for cell in row]


def test_thousands_of_results_come_page_by_page(app: Flask, signed_in: PageClient) -> None:
    meeting_id = published(app, BALLOTS).meeting_id
    with app.app_context():
        kept = published_result(load_counted(meeting_id).result)
        many = tuple(replace(kept.lines[0], name=f"张{number}") for number in range(3000))
        with transaction() as session:
            store_published(session, current_round(session, meeting_id).id, replace(kept, lines=many))
        assert len(published_text(replace(kept, lines=many))) > 0
    page = signed_in.get("/desk/results")
    assert "共 3000 条" in page.text
    assert "第 1 页，共 60 页" in page.text
    last = signed_in.get("/desk/results?page=60&sought=张")
    assert rows(last)[-1][0].startswith("张2999")
    assert last.soup.select_one('a[href="/desk/results?sought=%E5%BC%A0&page=59"]')
    assert rows(signed_in.get("/desk/results?page=61&sought=张")) == rows(last)


def test_a_history_is_one_page_and_a_file_with_the_same_numbers(app: Flask, signed_in: PageClient) -> None:
    meeting_id = published(app, BALLOTS).meeting_id
    with app.app_context():
        register_subjects(CHAIR, meeting_id)
        person = next(person for person in list_people() if person.now.name == "张伟")
    url = f"/desk/people/{person.id}/history"
    (row,) = rows(signed_in.get(url))
    assert row[:4] == ["年度民主测评会 2026年12月18日 · 办公室 · 科员", "100.00", "1 / 3", "—"]
    listed = lines_of(signed_in.http.get(f"{url}.csv").data)
    assert listed[0] == ["张伟历次考核测评结果"]
    assert listed[3][:2] == ["年度民主测评会", "2026-12-18"]
    assert listed[3][5:9] == ["100.00", "1", "3", "—"]
    assert signed_in.http.get(f"{url}.xlsx").mimetype.endswith("sheet")
    signed_in.get("/desk/people/nobody/history", status=404)


def test_two_periods_are_compared_by_class_and_subject_by_subject(app: Flask, signed_in: PageClient) -> None:
    assert "至少要有两期" in signed_in.get("/desk/results/compare").text
    titles = ("2026年第一季度考核", "2026年第二季度考核")
    for title, ballots in zip(titles, (BALLOTS, [("competent", "excellent", "excellent")] * 6), strict=True):
        meeting_id = closed(app, ballots).meeting_id
        with app.app_context():
            with db.engine.begin() as connection:
                named = text("UPDATE meetings SET title = :title WHERE id = :id")
                connection.execute(named, {"title": title, "id": meeting_id})
            count_meeting(CHAIR, meeting_id)
            publish_result(CHAIR, meeting_id)
    url = f"/desk/results/compare?before={titles[0]}&after={titles[1]}"
    page = signed_in.get(url)
    (whole,) = page.soup.select(".table-classes tbody tr")
    assert whole.get_text(" ", strip=True) == "全部 3 1 1 1 0 2 / 3（66.67%） 2 / 3（66.67%）"
    assert rows(page) == [
        ["李娜 办公室 · 科员", "80.00 → 100.00", "↑ 20.00", "—"],
        ["欧阳子涵 办公室 · 科员", "100.00 → 100.00", "持平", "—"],
        ["张伟 办公室 · 科员", "100.00 → 80.00", "↓ 20.00", "—"],
    ]
    asking = {"HX-Request": "true", "HX-Target": "comparison"}
    part = signed_in.get(f"{url}&change=fell", headers=asking)
    assert part.soup.select_one("h1") is None
    assert [row[2] for row in rows(part)] == ["↓ 20.00"]
    listed = lines_of(signed_in.http.get(url.replace("compare?", "compare.csv?")).data)
    assert listed[3] == ["李娜", "办公室", "科员", "", "80.00", "100.00", "20.00", "—", "—", "上升"]
    book = load_workbook(BytesIO(signed_in.http.get(url.replace("compare?", "compare.xlsx?")).data))
    assert book.sheetnames == ["按类别", "逐人"]
