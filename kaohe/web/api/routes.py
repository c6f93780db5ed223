"""The interface for personnel systems: reads only, published results only, and every answer as the document says."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from kaohe.domain.errors import FieldInvalid, NotFound
from kaohe.operations.archive.documents import Document, data_document, pdf_document, word_document, workbook_document
from kaohe.operations.archive.filing import FilingSet
from kaohe.operations.archive.published import list_published, load_published, people_of
from kaohe.operations.people.register import list_people
from kaohe.storage.read_views import end_read_view
from kaohe.web.access import Audience, audience, this_reach
from kaohe.web.api.answers import (
    DOCUMENT_TYPES,
    documents_answer,
    period_answer,
    person_answer,
    result_answer,
)
from kaohe.web.api.described import LAST_PAGE, openapi_document

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.get("/openapi.json")
@audience(Audience.PUBLIC)
def openapi() -> Response:
    """The document that says what can be asked and what is answered; it holds nothing of any meeting."""
    return jsonify(openapi_document())


@api.get("/people")
@audience(Audience.SYSTEM)
def people() -> Response:
    """The register of people of the token's units."""
    return jsonify({"people": [person_answer(person) for person in list_people(reach=this_reach())]})


@api.get("/periods")
@audience(Audience.SYSTEM)
def periods() -> Response:
    """The published meetings of the token's units, some hundred at a time."""
    page = _page()
    lines, has_more = list_published(this_reach(), page)
    following = url_for("api.periods", page=page + 1) if has_more else None
    return jsonify({"periods": [period_answer(line) for line in lines], "next": following})


@api.get("/results/<meeting_id>")
@audience(Audience.SYSTEM)
def result(meeting_id: str) -> Response:
    """A published result."""
    filing = load_published(meeting_id, this_reach())
    return jsonify(result_answer(filing, people_of(meeting_id)))


@api.get("/results/<meeting_id>/documents")
@audience(Audience.SYSTEM)
def documents(meeting_id: str) -> Response:
    """Which documents a published result has."""
    load_published(meeting_id, this_reach())
    return jsonify(documents_answer(meeting_id))


@api.get("/results/<meeting_id>/documents/<sheet>")
@audience(Audience.SYSTEM)
def document(meeting_id: str, sheet: str) -> Response:
    """One document of a published result."""
    if sheet not in DOCUMENT_TYPES:
        raise NotFound
    filing = load_published(meeting_id, this_reach())
    end_read_view()
    made: Document
    if sheet == "workbook.xlsx":
        made = workbook_document(filing)
    elif sheet == "sheets.docx":
        made = word_document(filing, FilingSet.SIGNED)
    elif sheet == "sheets.pdf":
        made = pdf_document(filing, FilingSet.SIGNED)
    else:
        made = data_document(filing)
    return Response(made.content, content_type=DOCUMENT_TYPES[sheet])


def _page() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:7]) <= LAST_PAGE:
        raise FieldInvalid("page 应为从 1 开始的整数。")
    return int(text[:7])
