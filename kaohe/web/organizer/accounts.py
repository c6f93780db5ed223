"""Who may sign in: inviting another organizer by a one-time link, and one's own password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import KaoheError
from kaohe.operations import signing_in
from kaohe.web.access import Audience, audience, forget_sign_in, this_account
from kaohe.web.organizer.blueprint import organizer
from kaohe.web.organizer.forms import PasswordForm
from kaohe.web.organizer.refusing import Refusal, refusal_of, reply_code
from kaohe.web.organizer.signing_in import require_same


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """The organizers, and the link just made."""

    names: Sequence[str]
    own_name: str
    form: PasswordForm
    link: str
    """Shown this once; empty where none was made."""
    refusal: Refusal | None


@organizer.get("/accounts")
@audience(Audience.ORGANIZER)
def accounts() -> tuple[str, int]:
    """Show who may sign in."""
    return _accounts_page(PasswordForm(formdata=None))


@organizer.post("/accounts/invite")
@audience(Audience.ORGANIZER)
def invite() -> tuple[str, int]:
    """Make a link for one more account and show it, this once."""
    link = signing_in.first_sign_in_url(signing_in.make_sign_in_link(this_account().name))
    return _accounts_page(PasswordForm(formdata=None), link=link)


@organizer.post("/accounts/password")
@audience(Audience.ORGANIZER)
def change_password() -> Response | tuple[str, int]:
    """Change one's own password, which ends every sign-in of the account."""
    form = PasswordForm()
    refusal = None
    if form.validate():
        try:
            require_same(form.password.data, form.password_again.data)
            signing_in.change_password(this_account(), form.old_password.data, form.password.data)
            forget_sign_in()
            flash("密码已修改，请用新密码登录。", "good")
            return redirect(url_for("organizer.sign_in"), 303)
        except KaoheError as error:
            refusal = refusal_of(error)
    return _accounts_page(form, refusal=refusal)


def _accounts_page(form: PasswordForm, *, link: str = "", refusal: Refusal | None = None) -> tuple[str, int]:
    page = AccountsPage(signing_in.list_account_names(), this_account().name, form, link, refusal)
    return render_template("organizer/accounts.html", page=page), reply_code(refusal, form)
