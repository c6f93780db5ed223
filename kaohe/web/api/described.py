"""The OpenAPI document of the interface, against which the tests hold every answer of the running server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kaohe.domain.limits import API_REQUESTS_A_MINUTE
from kaohe.web.api.answers import DOCUMENT_TYPES

_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer"}
_COUNT_OR_NONE: Final = {"type": ["integer", "null"]}
_MEETING: Final = {"name": "meeting_id", "in": "path", "required": True, "schema": _TEXT}
LAST_PAGE: Final = 100_000
"""The highest number of a page that may be asked for."""
_PAGE: Final = {
    "name": "page",
    "in": "query",
    "required": False,
    "schema": {"type": "integer", "minimum": 1, "maximum": LAST_PAGE},
}
_DOCUMENT: Final = {
    "name": "sheet",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": list(DOCUMENT_TYPES)},
}


def openapi_document() -> Mapping[str, Any]:
    """The whole document, in version 3.1 of OpenAPI."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kaohe",
            "version": "1",
            "description": (
                "Reads the register of people and the published results of the units that a token was made for. "
                "Scores are texts with the decimals of the printed sheets. There is no ballot in any answer. "
                f"A token may ask {API_REQUESTS_A_MINUTE} times a minute."
            ),
        },
        "security": [{"token": []}],
        "paths": {
            "/api/v1/openapi.json": {"get": {**_answer("This document", {"type": "object"}), "security": []}},
            "/api/v1/people": {"get": _refusable("The register of people", _ref("People"))},
            "/api/v1/periods": {
                "get": {
                    **_refusable("Published meetings, the newest first", _ref("Periods"), 422),
                    "parameters": [_PAGE],
                }
            },
            "/api/v1/results/{meeting_id}": {
                "get": {**_refusable("A published result", _ref("Result"), 404, 409), "parameters": [_MEETING]}
            },
            "/api/v1/results/{meeting_id}/documents": {
                "get": {**_refusable("Its documents", _ref("Documents"), 404, 409), "parameters": [_MEETING]}
            },
            "/api/v1/results/{meeting_id}/documents/{sheet}": {"get": _document_answer()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> Mapping[str, Any]:
    return {
        "Refusal": _object(error=_TEXT, message=_TEXT),
        "Person": _object(
            id=_TEXT,
            former_ids={"type": "array", "items": _TEXT},
            name=_TEXT,
            unit=_TEXT,
            post=_TEXT,
            standing=_TEXT,
            belongs_to=_TEXT,
        ),
        "People": _object(people=_list("Person")),
        "Period": _object(
            id=_TEXT,
            title=_TEXT,
            unit=_TEXT,
            belongs_to=_TEXT,
            held_on=_TEXT_OR_NONE,
            round=_COUNT,
            result=_TEXT,
            documents=_TEXT,
        ),
        "Periods": _object(periods=_list("Period"), next=_TEXT_OR_NONE),
        "Turnout": _object(
            entitled=_COUNT_OR_NONE,
            present=_COUNT_OR_NONE,
            issued=_COUNT_OR_NONE,
            cast=_COUNT,
            valid=_COUNT,
            invalid=_COUNT,
        ),
        "EarlierPeriod": _object(label=_TEXT, score=_TEXT_OR_NONE, tier=_TEXT_OR_NONE),
        "Subject": _object(
            **{"class": _TEXT},
            person=_TEXT_OR_NONE,
            name=_TEXT,
            unit=_TEXT,
            post=_TEXT,
            section=_TEXT,
            kind={"type": "string", "enum": ["person", "team"]},
            score=_TEXT_OR_NONE,
            rank=_COUNT_OR_NONE,
            tier=_TEXT_OR_NONE,
            recommended_tier=_TEXT_OR_NONE,
            periods=_list("EarlierPeriod"),
        ),
        "Result": _object(
            id=_TEXT,
            title=_TEXT,
            unit=_TEXT,
            held_on=_TEXT_OR_NONE,
            round=_COUNT,
            version=_COUNT,
            code=_TEXT,
            turnout={"oneOf": [_ref("Turnout"), {"type": "null"}]},
            subjects=_list("Subject"),
        ),
        "Document": _object(name=_TEXT, media_type=_TEXT, url=_TEXT),
        "Documents": _object(documents=_list("Document")),
    }


def _object(**properties: object) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _list(name: str) -> Mapping[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(what: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "summary": what,
        "responses": {"200": {"description": what, "content": {"application/json": {"schema": schema}}}},
    }


def _refusable(what: str, schema: Mapping[str, Any], *codes: int) -> Mapping[str, Any]:
    answer = _answer(what, schema)
    return {**answer, "responses": {**answer["responses"], **_refusals(*codes)}}


def _refusals(*codes: int) -> Mapping[str, Any]:
    whys = {
        401: "No token, or one that was never made",
        403: "The token was revoked",
        404: "Not there, not published, or not of the token's units",
        409: "Cannot be made now; the sentence says why",
        422: "A parameter is not what it should be",
        429: "Asked too often; ask again in a minute",
        503: "Cannot be answered at this moment; ask again",
    }
    content = {"application/json": {"schema": _ref("Refusal")}}
    return {str(code): {"description": whys[code], "content": content} for code in (401, 403, *codes, 429, 503)}


def _document_answer() -> Mapping[str, Any]:
    content = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in DOCUMENT_TYPES.values()}
    return {
        "summary": "One document",
        "parameters": [_MEETING, _DOCUMENT],
        "responses": {"200": {"description": "The file", "content": content}, **_refusals(404, 409)},
    }
