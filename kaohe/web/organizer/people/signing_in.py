"""Signing in to the console, the first time by a one-time link, with a code where that is on, and signing out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from kaohe.domain.errors import FieldInvalid, KaoheError, LinkUsed, SignInNeeded
from kaohe.domain.permissions import Act, roles_text
from kaohe.operations.people import second_factor, sign_in_links, signing_in
from kaohe.operations.people.sign_in_links import SignInLink
from kaohe.web.access import (
    Audience,
    audience,
    forget_sign_in,
    remember_half_sign_in,
    remember_sign_in,
    this_caller,
    this_half_sign_in,
)
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import CodeForm, DeskForm, FirstSignInForm, NewPasswordForm, SignInForm


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form for name and password."""

    form: SignInForm
    next_path: str
    is_first_ever: bool
    """Whether nobody has an account yet."""
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class SignInCodePage:
    """The form for the code, after a right password."""

    form: CodeForm
    next_path: str
    refusal: Refusal | None


class LinkForm(DeskForm):
    """The secret of a one-time link, or its whole address as somebody has pasted it."""

    link = StringField(default="")


@dataclass(frozen=True, slots=True)
class FirstSignInPage:
    """The form that makes an account."""

    form: FirstSignInForm
    token: str
    roles_text: str
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    """The form that sets a password by an administrator's link."""

    form: NewPasswordForm
    token: str
    account_name: str
    refusal: Refusal | None


@organizer.route("/sign-in", methods=["GET", "POST"])
@audience(Audience.PUBLIC)
def sign_in() -> Response | tuple[str, int]:
    """Sign in with name and password, then go on to the code or to where one wanted to go."""
    form = SignInForm()
    next_path = local_path(request.values.get("next", ""))
    refusal = None
    if request.method == "POST" and form.validate():
        try:
            secret = signing_in.sign_in(form.name.data, form.password.data, this_caller())
            if signing_in.is_half(secret):
                remember_half_sign_in(secret)
                return redirect(url_for("organizer.sign_in_code", next=next_path or None), 303)
            remember_sign_in(secret)
            return redirect(next_path or url_for("organizer.meetings"), 303)
        except KaoheError as error:
            refusal = refusal_of(error)
    page = SignInPage(form, next_path, not signing_in.has_accounts(), refusal)
    return render_template("organizer/people/sign_in.html", page=page), reply_code(refusal, form)


@organizer.route("/sign-in/code", methods=["GET", "POST"])
@audience(Audience.PUBLIC)
def sign_in_code() -> Response | tuple[str, int]:
    """Give the code of the second factor, or a recovery code, and be signed in."""
    form = CodeForm()
    next_path = local_path(request.values.get("next", ""))
    refusal = None
    if not signing_in.is_half(this_half_sign_in()):
        return redirect(url_for("organizer.sign_in", next=next_path or None), 303)
    if request.method == "POST" and form.validate():
        try:
            remember_sign_in(second_factor.finish_sign_in(this_half_sign_in(), form.code.data))
            return redirect(next_path or url_for("organizer.meetings"), 303)
        except SignInNeeded as error:
            flash(error.message, "warn")
            return redirect(url_for("organizer.sign_in", next=next_path or None), 303)
        except KaoheError as error:
            refusal = refusal_of(error)
            form.code.data = ""
    page = SignInCodePage(form, next_path, refusal)
    return render_template("organizer/people/sign_in_code.html", page=page), reply_code(refusal, form)


@organizer.route("/first", methods=["GET", "POST"])
@audience(Audience.PUBLIC)
def first_sign_in() -> Response | tuple[str, int]:
    """Make an account with a one-time link and be signed in at once, or set a new password with one.

    The link's secret is the fragment of its address, so no request line, log or history holds it: a script posts it
    from there, and where no script runs it is pasted into the form.
    """
    if request.method == "GET":
        return render_template("organizer/people/first_link.html"), 200
    token = LinkForm().link.data.rpartition("#")[2].strip()
    link = sign_in_links.look_at_link(token)
    if link is None:
        raise LinkUsed
    return _set_password(token, link) if link.account_name else _make_account(token, link)


@organizer.post("/sign-out", act=Act.OWN_ACCOUNT)
def sign_out() -> Response:
    """End this sign-in here and on the server."""
    signing_in.sign_out(forget_sign_in())
    return redirect(url_for("organizer.sign_in"), 303)


def _make_account(token: str, link: SignInLink) -> Response | tuple[str, int]:
    form = FirstSignInForm()
    refusal = None
    if _is_filled_in() and form.validate():
        try:
            require_same(form.password.data, form.password_again.data)
            remember_sign_in(sign_in_links.create_account(token, form.name.data, form.password.data))
            return redirect(url_for("organizer.meetings"), 303)
        except LinkUsed:
            raise
        except KaoheError as error:
            refusal = refusal_of(error)
    roles = link.roles if signing_in.has_accounts() else sign_in_links.FIRST_ROLES
    page = FirstSignInPage(form, token, roles_text(roles), refusal)
    return render_template("organizer/people/first_sign_in.html", page=page), reply_code(refusal, form)


def _set_password(token: str, link: SignInLink) -> Response | tuple[str, int]:
    form = NewPasswordForm()
    refusal = None
    if _is_filled_in() and form.validate():
        try:
            require_same(form.password.data, form.password_again.data)
            sign_in_links.set_password(token, form.password.data)
            forget_sign_in()
            flash("新密码已设好，请登录。", "good")
            return redirect(url_for("organizer.sign_in"), 303)
        except LinkUsed:
            raise
        except KaoheError as error:
            refusal = refusal_of(error)
    page = NewPasswordPage(form, token, link.account_name, refusal)
    return render_template("organizer/people/new_password.html", page=page), reply_code(refusal, form)


def _is_filled_in() -> bool:
    """Whether the form that the link leads to was posted, and not the link alone."""
    return "password" in request.form


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
