"""Numbers of people and slips as they are posted: empty where nobody has said them."""

from __future__ import annotations

from flask import request

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.typed_numbers import read_whole


def posted_whole(name: str, what: str) -> int | None:
    """The whole number in the posted field ``name``; None where it was left empty.

    Raises:
        FieldInvalid: it holds something else; ``what`` names the field in the sentence.
    """
    typed = request.form.get(name, "")
    if not typed.strip():
        return None
    number = read_whole(typed)
    if number is None:
        raise FieldInvalid(f"{what}应为不小于 0 的整数，请重新填写。")
    return number
