"""What a posted form of the console says, read from the request one value at a time."""

from __future__ import annotations

from flask import request

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.typed_numbers import read_whole
from kaohe.web.organizer.shell.forms import INCOMPLETE, NOT_WHOLE, DeskForm


def posted_version() -> int:
    """The version that the posted page was made from, or the later one that the organizer chose to overwrite.

    Raises:
        FieldInvalid: the form holds no version.
    """
    return DeskForm().expected().on_version()


def posted_row(text: str, length: int) -> int:
    """The index of a row, counted from 0, that a row's button carries; ``length`` is how many rows there are.

    Raises:
        FieldInvalid: there is no such row.
    """
    index = read_whole(text)
    if index is None or index >= length:
        raise FieldInvalid(INCOMPLETE)
    return index


def posted_whole(name: str, what: str) -> int | None:
    """The whole number in the posted field ``name``; None where it was left empty.

    Raises:
        FieldInvalid: it holds something else; ``what`` names the field in the sentence.
    """
    typed = request.form.get(name, "")
    number = read_whole(typed)
    if number is None and typed.strip():
        raise FieldInvalid(f"{what}{NOT_WHOLE}")
    return number
