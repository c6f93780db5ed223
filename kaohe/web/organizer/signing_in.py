"""Signing in to the console, the first time by a one-time link, and signing out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import FieldInvalid, KaoheError, LinkUsed
from kaohe.operations import signing_in
from kaohe.web.access import Audience, audience, forget_sign_in, remember_sign_in
from kaohe.web.organizer.blueprint import organizer
from kaohe.web.organizer.forms import FirstSignInForm, SignInForm
from kaohe.web.organizer.refusing import Refusal, refusal_of, reply_code


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form for name and password."""

    form: SignInForm
    next_path: str
    is_first_ever: bool
    """Whether nobody has an account yet."""
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class FirstSignInPage:
    """The form that makes an account."""

    form: FirstSignInForm
    token: str
    refusal: Refusal | None


@organizer.route("/sign-in", methods=["GET", "POST"])
@audience(Audience.PUBLIC)
def sign_in() -> Response | tuple[str, int]:
    """Sign in with name and password, then go on to where one wanted to go."""
    form = SignInForm()
    next_path = local_path(request.values.get("next", ""))
    refusal = None
    if request.method == "POST" and form.validate():
        try:
            remember_sign_in(signing_in.sign_in(form.name.data, form.password.data))
            return redirect(next_path or url_for("organizer.meetings"), 303)
        except KaoheError as error:
            refusal = refusal_of(error)
    page = SignInPage(form, next_path, not signing_in.has_accounts(), refusal)
    return render_template("organizer/sign_in.html", page=page), reply_code(refusal, form)


@organizer.route("/first/<token>", methods=["GET", "POST"])
@audience(Audience.PUBLIC)
def first_sign_in(token: str) -> Response | tuple[str, int]:
    """Make an account with a one-time link and be signed in at once."""
    if not signing_in.link_is_good(token):
        raise LinkUsed
    form = FirstSignInForm()
    refusal = None
    if request.method == "POST" and form.validate():
        try:
            require_same(form.password.data, form.password_again.data)
            remember_sign_in(signing_in.create_account(token, form.name.data, form.password.data))
            return redirect(url_for("organizer.meetings"), 303)
        except LinkUsed:
            raise
        except KaoheError as error:
            refusal = refusal_of(error)
    page = FirstSignInPage(form, token, refusal)
    return render_template("organizer/first_sign_in.html", page=page), reply_code(refusal, form)


@organizer.post("/sign-out")
@audience(Audience.ORGANIZER)
def sign_out() -> Response:
    """End this sign-in here and on the server."""
    signing_in.sign_out(forget_sign_in())
    return redirect(url_for("organizer.sign_in"), 303)


def require_same(password: str, again: str) -> None:
    """Let a new password pass only if it was typed twice alike.

    Raises:
        FieldInvalid: it was not.
    """
    if password != again:
        raise FieldInvalid("两次输入的密码不一致，请重新输入。")


def local_path(wanted: str) -> str:
    """``wanted`` where it is a path of this server, else '': nobody is led elsewhere after signing in."""
    parts = urlsplit(wanted)
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return wanted if is_local and wanted.isprintable() and "\\" not in wanted else ""
