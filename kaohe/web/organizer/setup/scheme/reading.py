"""The scheme's form as it was posted, and the scheme that it means."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.typed_numbers import number_text, plain_number, read_number, read_whole
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import parse_scheme
from kaohe.web.organizer.setup.scheme.adjusting import FLAGS, OF_THE_WHOLE, Adjusting, adjusting_of
from kaohe.web.organizer.setup.scheme.document_paths import set_at, value_at
from kaohe.web.organizer.setup.scheme.fields import CHOICE, LABEL, LINES, NUMBER, Adjustable, Document, typed_lines
from kaohe.web.organizer.shell.forms import INCOMPLETE

_NUMBER_EXPECTED = "请填数字，如 95、92.5，必要时可写成分数 100/3。"
_WHOLE_EXPECTED = "请填 1 以上的整数。"
_LIMIT_EXPECTED = "请填 1 以上的整数；不限制时留空。"


@dataclass(frozen=True, slots=True)
class SchemeForm:
    """Everything in the form, as text."""

    document: Document
    """What the form was made from, with rows that are still empty; what it does not ask for stays as it is there."""
    adjusting: Adjusting
    texts: Mapping[str, str]
    """By field name, as it was typed."""
    settings: Mapping[str, str]

    @property
    def draft(self) -> str:
        """The document as the form carries it, signed, so that what comes back is what this server wrote."""
        return str(_signer().dumps(self.document))


def form_of(document: Document) -> SchemeForm:
    """The form that reads back as this document."""
    adjusting = adjusting_of(document)
    return SchemeForm(
        document,
        adjusting,
        {field.name: field.text for field in adjusting.fields},
        {name: _setting_text(value_at(document, paths[0])) for name, paths in adjusting.settings.items()},
    )


def posted_form(posted: MultiDict[str, str]) -> SchemeForm:
    """What an organizer typed, with nothing checked yet.

    Raises:
        FieldInvalid: a field of the form is missing, or its draft is not one of this server's.
    """
    try:
        document = _signer().loads(posted.get("draft", ""))
    except BadData as error:
        raise FieldInvalid(INCOMPLETE) from error
    adjusting = adjusting_of(document)
    asked = [field.name for field in adjusting.fields] + [name for name in adjusting.settings if name not in FLAGS]
    if any(name not in posted for name in asked):
        raise FieldInvalid(INCOMPLETE)
    return SchemeForm(
        document,
        adjusting,
        {field.name: posted[field.name] for field in adjusting.fields},
        {name: posted.get(name, "") for name in adjusting.settings},
    )


def drafted(form: SchemeForm) -> Document:
    """The document with what was typed, right or wrong."""
    document = copy.deepcopy(form.document)
    for field in form.adjusting.fields:
        typed = form.texts[field.name]
        for path in field.paths:
            set_at(document, path, typed_lines(typed) if field.kind == LINES else _unless_empty(field, typed))
    for name, paths in form.adjusting.settings.items():
        typed = form.settings[name]
        for path in paths:
            set_at(document, path, bool(typed) if name in FLAGS else _left_out(name, typed))
    return document


def _unless_empty(field: Adjustable, typed: str) -> str | None:
    return None if field.is_optional and not typed.strip() else typed


def read_scheme(form: SchemeForm) -> Scheme:
    """The scheme that was typed.

    Raises:
        SchemeError: its path is the name of the field, or a list's path in the document.
    """
    document = copy.deepcopy(form.document)
    for field in form.adjusting.fields:
        value = _read(field, form.texts[field.name])
        for path in field.paths:
            set_at(document, path, value)
    for name, paths in form.adjusting.settings.items():
        for path in paths:
            set_at(document, path, _read_setting(name, form.settings[name]))
    try:
        return parse_scheme(document)
    except SchemeError as fault:
        raise SchemeError(_shown_path(form.adjusting, fault.key_path), fault.expected) from fault


def weights_text(names: tuple[str, ...], texts: Mapping[str, str]) -> str:
    """The sum of some weights as typed, or a dash where one of them is no number."""
    numbers = [read_number(texts[name]) for name in names]
    known = [number for number in numbers if number is not None]
    return f"{number_text(sum(known, Fraction(0)))}%" if known and len(known) == len(numbers) else "—"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="scheme-draft")


def _read(field: Adjustable, typed: str) -> object:
    if field.kind == LABEL:
        return re.sub(r"\s+", " ", typed).strip()
    if field.kind == LINES:
        return typed_lines(typed)
    if field.is_optional and not typed.strip():
        return None
    if field.kind == CHOICE:
        return typed
    if field.kind == NUMBER:
        if read_number(typed) is None:
            raise SchemeError(field.name, _NUMBER_EXPECTED)
        return plain_number(typed)
    number = read_whole(typed)
    if not number:
        raise SchemeError(field.name, _LIMIT_EXPECTED if field.is_optional else _WHOLE_EXPECTED)
    return number


def _read_setting(name: str, typed: str) -> object:
    if name in FLAGS:
        return bool(typed)
    return read_whole(typed) if name == "decimals" else _left_out(name, typed)


def _left_out(name: str, typed: str) -> str | None:
    """What was chosen; None where nothing was and a scheme may leave the setting out."""
    return None if name in OF_THE_WHOLE and not typed else typed


def _setting_text(value: Any) -> str:  # noqa: ANN401 - a document holds texts, numbers, lists
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    return str(value)


def _shown_path(adjusting: Adjusting, path: str) -> str:
    """The name of the field, setting or list that stands for a path of the document."""
    for field in adjusting.fields:
        if path in field.paths or (field.kind == LINES and path.startswith(f"{field.name}[")):
            return field.name
    for name, paths in adjusting.settings.items():
        if path in paths:
            return name
    for panel in adjusting.panels:
        if any(path == own or path.startswith((f"{own}[", f"{own}.")) for own in panel.paths):
            return panel.paths[0]
    return path
