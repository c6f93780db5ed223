"""The result on the console (测评结果), and the record of acts (操作记录)."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from kaohe.domain.permissions import Act
from kaohe.domain.sheet_marks import SheetMarks
from kaohe.reports.csv_sheets import csv_bytes, guarded
from kaohe.reports.personnel import record_sheet
from kaohe.reports.sheet import file_stem
from kaohe.web.asked import asked_number
from kaohe.web.attachments import attached
from kaohe.web.organizer.results.events_page import events_page
from kaohe.web.organizer.results.result_page import result_page
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, reply_code
from kaohe.web.organizer.shell.lists import excel_file


@organizer.get("/<meeting_id>/result", act=Act.SEE_RESULT)
def result(meeting_id: str) -> ResponseReturnValue:
    """Scores, shares and ranks of a counted round; the numbers of every round."""
    return show_result(meeting_id)


def show_result(
    meeting_id: str, refusal: Refusal | None = None, typed: SheetMarks | None = None
) -> ResponseReturnValue:
    """The page, with a refusal where marks that were ``typed`` on it were refused."""
    page = result_page(meeting_id, asked_number("round"), asked_number("version"))
    page = page if refusal is None else replace(page, refusal=refusal, typed=typed)
    return render_template("organizer/results/result.html", page=page), reply_code(page.refusal)


@organizer.get("/<meeting_id>/events", act=Act.SEE_RECORD)
def events(meeting_id: str) -> str:
    """Who prepared, opened, closed and counted, and when."""
    return render_template("organizer/results/events.html", page=events_page(meeting_id))


@organizer.get("/<meeting_id>/events.csv", act=Act.SEE_RECORD)
def events_csv(meeting_id: str) -> Response:
    """The lines of the page as a text file, in its order, for an office that files them."""
    page = events_page(meeting_id)
    rows = [[f"时间（{page.zone_text}）", "操作人", "操作"], *([guarded(text) for text in line] for line in page.lines)]
    return attached(csv_bytes(rows), f"{file_stem(page.frame.title)}操作记录.csv")


@organizer.get("/<meeting_id>/events.xlsx", act=Act.SEE_RECORD)
def events_excel(meeting_id: str) -> Response:
    """The lines of the page as an Excel workbook, in its order."""
    page = events_page(meeting_id)
    return excel_file(record_sheet(page.frame.title, page.zone_text, page.lines))
