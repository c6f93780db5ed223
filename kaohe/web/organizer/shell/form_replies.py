"""How a form of the console ends: saved, or refused on its own page with what was typed kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.web.access import this_account


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
        message = act(this_account().name) or done
    except KaoheError as error:
        return refused(refusal_of(error))
    if message:
        flash(message, "good")
    return redirect(back, 303)


def after_saving(meeting_id: str, step: str, next_step: str, lacking: str = "") -> Response:
    """Say that a step was saved, and what it is ``lacking``, and go on, or stay where the organizer asked to stay."""
    flash(f"已保存。{lacking}", "warn" if lacking else "good")
    is_staying = request.form.get("then") == "stay"
    return redirect(url_for(f"organizer.{step if is_staying else next_step}", meeting_id=meeting_id), 303)
