"""Downloads and printed pages of a counted round, papers before it, and material; only for those with a role."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import NotFound
from kaohe.domain.permissions import Act
from kaohe.operations.archive.bundling import bundle_document, load_bundle_for_console
from kaohe.operations.archive.documents import (
    Document,
    csv_document,
    pdf_document,
    word_document,
    workbook_document,
)
from kaohe.operations.archive.early_papers import EarlySet, early_document, load_early_papers
from kaohe.operations.archive.filing import Filing, FilingSet, load_filing, without_ballots
from kaohe.operations.archive.packing import PackedRound, pack
from kaohe.operations.archive.printing_material import MaterialForm, material_document, print_sheets_of_material
from kaohe.operations.count.reviewing import today
from kaohe.storage.read_views import end_read_view
from kaohe.web.access import Audience, audience, may_now, this_account
from kaohe.web.asked import asked_number, asked_one_of
from kaohe.web.attachments import attached
from kaohe.web.documents.notice_terms import asked_meeting_terms, asked_terms
from kaohe.web.documents.packing_page import chosen_rounds, own_job, packing_page, progress
from kaohe.web.documents.pages import early_page, material_page, print_page, receipts_page

documents = Blueprint("documents", __name__, url_prefix="/documents")


@documents.get("/<meeting_id>/<int:round_number>/workbook.xlsx")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def workbook(meeting_id: str, round_number: int) -> Response:
    """The Excel workbook of a set of sheets; of all unless the address names one."""
    wanted = _wanted(FilingSet.ALL)
    return _download(workbook_document(_filing(meeting_id, round_number), wanted, asked_terms(request.args)))


@documents.get("/<meeting_id>/<int:round_number>/sheets.docx")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def word(meeting_id: str, round_number: int) -> Response:
    """The Word document of a set of sheets; of all that are printed unless the address names one."""
    wanted = _wanted(FilingSet.ALL)
    return _download(word_document(_filing(meeting_id, round_number), wanted, asked_terms(request.args)))


@documents.get("/<meeting_id>/<int:round_number>/sheets.pdf")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def pdf(meeting_id: str, round_number: int) -> Response:
    """The PDF of a set of sheets; of those to sign unless the address names another."""
    wanted = _wanted(FilingSet.SIGNED)
    return _download(pdf_document(_filing(meeting_id, round_number), wanted, asked_terms(request.args)))


@documents.get("/<meeting_id>/<int:round_number>/all.zip")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def everything(meeting_id: str, round_number: int) -> Response:
    """All files of a round in one."""
    wanted = PackedRound(meeting_id, round_number, _version(), with_ballots=may_now(Act.TAKE_BALLOTS))
    return _download(pack([wanted], own_job(meeting_id)))


@documents.get("/pack")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def pack_meetings() -> str:
    """Choose the meetings whose files are taken at once."""
    return render_template("documents/pack.html", page=packing_page())


@documents.get("/pack.zip")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def packed_meetings() -> Response:
    """All files of the ticked meetings in one, each meeting's in a folder of its own."""
    return _download(pack(chosen_rounds(request.args.getlist("meeting")), own_job(request.args.get("job", ""))))


@documents.get("/packing")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def packing() -> ResponseReturnValue:
    """What a packing of whoever asks is at: a part of the pages that begin one."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("documents.pack_meetings"))
    return render_template("documents/packing.html", progress=progress())


@documents.get("/<meeting_id>/<int:round_number>/<sheet>.csv")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def sheet_csv(meeting_id: str, round_number: int, sheet: str) -> Response:
    """One sheet as a text file."""
    return _download(csv_document(_filing(meeting_id, round_number), sheet))


@documents.get("/<meeting_id>/<int:round_number>/print")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def print_sheets(meeting_id: str, round_number: int) -> str:
    """The sheets of a set as they lie on paper; those to sign unless the address names another."""
    filing = load_filing(meeting_id, round_number, _version())
    page = print_page(filing, _wanted(FilingSet.SIGNED), asked_terms(request.args))
    return render_template("documents/print_sheets.html", page=page)


@documents.get("/<meeting_id>/early")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def early_papers(meeting_id: str) -> str:
    """What is needed before a result, as it lies on paper: the notice of the meeting, or the work logs."""
    terms = asked_meeting_terms(request.args, today())
    page = early_page(load_early_papers(meeting_id, _wanted_early(), terms), terms)
    return render_template("documents/print_sheets.html", page=page)


@documents.get("/<meeting_id>/early.<ending>")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def early_file(meeting_id: str, ending: str) -> Response:
    """The papers that are needed before a result as one file: workbook, Word document or PDF."""
    papers = load_early_papers(meeting_id, _wanted_early(), asked_meeting_terms(request.args, today()))
    end_read_view()
    return _download(early_document(papers, ending))


@documents.get("/<meeting_id>/<int:round_number>/receipts")
@audience(Audience.ORGANIZER, act=Act.TAKE_DOCUMENTS)
def receipts(meeting_id: str, round_number: int) -> str:
    """The receipts of all counted ballots, to print and put up."""
    return render_template(
        "documents/receipts.html", page=receipts_page(load_filing(meeting_id, round_number, _version()))
    )


@documents.get("/<meeting_id>/material")
@audience(Audience.ORGANIZER, act=Act.PRINT_MATERIAL)
def material(meeting_id: str) -> str:
    """About whom there is something to print, and in what forms."""
    return render_template("documents/material.html", page=material_page(meeting_id))


@documents.post("/<meeting_id>/material")
@audience(Audience.ORGANIZER, act=Act.PRINT_MATERIAL)
def print_material(meeting_id: str) -> ResponseReturnValue:
    """Put what can be read about the subjects on paper, in the form that was chosen; it is recorded."""
    name = request.form.get("form", "")
    if name not in set(MaterialForm):
        raise NotFound
    actor = this_account().name
    if name != MaterialForm.PAGE:
        return _download(material_document(actor, meeting_id, MaterialForm(name)))
    sheets = print_sheets_of_material(actor, meeting_id)
    return render_template("documents/material.html", page=material_page(meeting_id, sheets))


@documents.get("/<meeting_id>/<int:round_number>/bundle.zip")
@audience(Audience.ORGANIZER, act=Act.TAKE_BALLOTS)
def bundle(meeting_id: str, round_number: int) -> Response:
    """The archive bundle, for the panel."""
    source = load_bundle_for_console(meeting_id, round_number)
    end_read_view()
    return _download(bundle_document(source))


def _version() -> int | None:
    """The version of the result that is asked for; None for the latest one."""
    return asked_number("version")


def _wanted(usual: FilingSet) -> FilingSet:
    """The set of sheets that the address names.

    Raises:
        NotFound: there is no such set.
    """
    return FilingSet(asked_one_of("set", set(FilingSet), usual))


def _wanted_early() -> EarlySet:
    """The set of early papers that the address names.

    Raises:
        NotFound: there is no such set.
    """
    return EarlySet(asked_one_of("set", set(EarlySet), EarlySet.NOTICE))


def _filing(meeting_id: str, round_number: int) -> Filing:
    filing = load_filing(meeting_id, round_number, _version())
    if not may_now(Act.TAKE_BALLOTS, filing.counted.round.state):
        filing = without_ballots(filing)
    # A file is made slowly enough not to keep a view of the database open meanwhile.
    end_read_view()
    return filing


def _download(document: Document) -> Response:
    return attached(document.content, document.name)
