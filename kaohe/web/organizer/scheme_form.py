"""The scheme's form, whose length depends on the scheme: typed texts in, a scheme document out, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kaohe.domain.typed_numbers import number_text, plain_number, read_number, read_whole
from kaohe.tally.refusals import SchemeError
from kaohe.tally.scheme import Scheme
from kaohe.tally.scheme_document import parse_scheme

_ROWS_AT_MOST = 30
_CHOICES = ("score_base", "rate_base", "abstention", "empty_group", "tie_rule", "invalid_rule")
_FLAGS = ("abstention_allowed", "comments_wanted")
_NUMBER_EXPECTED = "请填数字，如 95、92.5，必要时可写成分数 100/3。"
_LIMIT_EXPECTED = "请填 1 以上的整数；不限制时留空。"


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One grade or dimension as it stands in the form; ``number`` is its points or its weight in per cent."""

    key: str
    label: str
    number: str


@dataclass(frozen=True, slots=True)
class SchemeForm:
    """Everything in the form, as text; ``settings`` holds the single values by their key in the document."""

    key: str
    title: str
    grades: tuple[TypedRow, ...]
    dimensions: tuple[TypedRow, ...]
    settings: Mapping[str, str]


def form_of(scheme: Scheme) -> SchemeForm:
    """The form that reads back as this scheme."""
    return SchemeForm(
        key=scheme.key,
        title=scheme.title,
        grades=tuple(TypedRow(g.key, g.label, number_text(g.points)) for g in scheme.grades),
        dimensions=tuple(TypedRow(d.key, d.label, number_text(d.weight * 100)) for d in scheme.dimensions),
        settings={
            **{name: str(getattr(scheme, name)) for name in _CHOICES},
            **{name: "1" if getattr(scheme, name) else "" for name in _FLAGS},
            "decimals": str(scheme.decimals),
            "top_grade_limit": "" if scheme.top_grade_limit is None else str(scheme.top_grade_limit),
        },
    )


def posted_form(posted: MultiDict[str, str]) -> SchemeForm:
    """What an organizer typed, with nothing checked yet."""
    return SchemeForm(
        key=posted.get("scheme_key", ""),
        title=posted.get("scheme_title", ""),
        grades=_rows(posted, "grade"),
        dimensions=_rows(posted, "dimension"),
        settings={name: posted.get(name, "") for name in (*_CHOICES, *_FLAGS, "decimals", "top_grade_limit")},
    )


def read_scheme(form: SchemeForm) -> Scheme:
    """The scheme that was typed.

    Raises:
        SchemeError: its place is the document's, such as ``grades[3].points``.
    """
    limit = form.settings["top_grade_limit"].strip()
    document: dict[str, object] = {
        "format": 1,
        "key": form.key,
        "title": form.title,
        "grades": [_entry("grades", number, row, "points") for number, row in enumerate(form.grades, 1)],
        "dimensions": [_entry("dimensions", number, row, "weight") for number, row in enumerate(form.dimensions, 1)],
        **{name: form.settings[name] for name in _CHOICES},
        **{name: bool(form.settings[name]) for name in _FLAGS},
        "decimals": read_whole(form.settings["decimals"]),
    }
    if limit:
        document["top_grade_limit"] = read_whole(limit)
        if not document["top_grade_limit"]:
            raise SchemeError("top_grade_limit", _LIMIT_EXPECTED)
    if (total := weights_text(form.dimensions)) != "100%":
        raise SchemeError("dimensions", f"各维度权重之和应为 100%，现为 {total}。")
    return parse_scheme(document)


def sentence_of(error: SchemeError) -> str:
    """What is wrong, without the place: the form shows the sentence where it belongs."""
    return error.message.partition("有误：")[2] or error.message


def weights_text(rows: tuple[TypedRow, ...]) -> str:
    """The sum of the weights as typed, or a dash where one of them is no number."""
    numbers = [read_number(row.number) for row in rows]
    known = [number for number in numbers if number is not None]
    return f"{number_text(sum(known, start=known[0] * 0))}%" if known and len(known) == len(numbers) else "—"


def _rows(posted: MultiDict[str, str], what: str) -> tuple[TypedRow, ...]:
    keys = posted.getlist(f"{what}_key")[: _ROWS_AT_MOST + 1]
    labels, numbers = posted.getlist(f"{what}_label"), posted.getlist(f"{what}_number")
    labels += [""] * len(keys)
    numbers += [""] * len(keys)
    return tuple(TypedRow(*row) for row in zip(keys, labels[: len(keys)], numbers[: len(keys)], strict=True))


def _entry(place: str, number: int, row: TypedRow, unit: str) -> dict[str, str]:
    if read_number(row.number) is None:
        raise SchemeError(f"{place}[{number}].{unit}", _NUMBER_EXPECTED)
    return {"key": row.key, "label": re.sub(r"\s+", " ", row.label).strip(), unit: plain_number(row.number)}
