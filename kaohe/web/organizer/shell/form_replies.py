"""How a form of the console ends: saved, or refused on its own page with what was typed kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.web.access import this_account

_VERSION = re.compile(r"[0-9]{1,9}")
_INCOMPLETE = "页面数据不完整，请刷新页面后重新操作。"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as a page shows it."""

    code: str
    message: str
    http_code: int
    latest_version: str
    """Where another organizer has saved meanwhile: the version that saving on purpose starts from; else empty."""


def refusal_of(error: KaoheError, latest_version: int | None = None) -> Refusal:
    """What to show for ``error``; ``latest_version`` offers to save what was typed all the same."""
    if not isinstance(error, EditedMeanwhile) or latest_version is None:
        return Refusal(error.code, error.message, error.http_code, "")
    message = "另一位组织者刚刚修改了本场会议，您的改动没有保存；您填的内容仍在下面。请先查看最新内容，再决定怎么改。"
    return Refusal(error.code, message, error.http_code, str(latest_version))


def posted_version() -> int:
    """The version that the posted page was made from, or the later one that the organizer chose to overwrite.

    Raises:
        FieldInvalid: the form holds no version.
    """
    text = request.form.get("latest_version") or request.form.get("version", "")
    if not _VERSION.fullmatch(text):
        raise FieldInvalid(_INCOMPLETE)
    return int(text)


def posted_place(text: str, length: int) -> int:
    """The place in a list, counted from 0, that a row's button carries.

    Raises:
        FieldInvalid: there is no such place.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 5 or int(text) >= length:  # noqa: PLR2004 - digits enough for any list
        raise FieldInvalid(_INCOMPLETE)
    return int(text)


def reply_code(refusal: Refusal | None, form: FlaskForm | None = None) -> int:
    """The HTTP code of a page that may carry a refusal, or a form with faults in its fields."""
    if refusal is not None:
        return refusal.http_code
    return FieldInvalid.http_code if form is not None and form.errors else 200


def acted(
    act: Callable[[str], str | None], done: str = "", *, back: str, refused: Callable[[Refusal], ResponseReturnValue]
) -> ResponseReturnValue:
    """Do what a button asks for, in the name of whoever is signed in, and go ``back``; or show why it was ``refused``.

    ``act`` takes that name, and may return the sentence that says it is done; else ``done`` is said, if it is any.
    """
    try:
        said = act(this_account().name) or done
    except KaoheError as error:
        return refused(refusal_of(error))
    if said:
        flash(said, "good")
    return redirect(back, 303)


def after_saving(meeting_id: str, step: str, next_step: str) -> Response:
    """Say that a step was saved and go on, or stay where the organizer asked to stay."""
    flash("已保存。", "good")
    is_staying = request.form.get("then") == "stay"
    return redirect(url_for(f"organizer.{step if is_staying else next_step}", meeting_id=meeting_id), 303)
