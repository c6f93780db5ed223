"""One's own account (我的账号): the password, the second factor, and where one is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.permissions import Act, roles_text
from kaohe.operations.people import passwords, second_factor
from kaohe.operations.people.accounts import end_sign_in, list_sign_ins
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.web.access import forget_sign_in, this_account, this_sign_in
from kaohe.web.organizer.people.accounts import SignInHandleForm, SignInRow, sign_in_rows
from kaohe.web.organizer.people.signing_in import require_same
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import CodeForm, DeskForm, PasswordForm
from kaohe.web.organizer.shell.parts import shown


class OwnPasswordForm(DeskForm):
    """The password that an act about the second factor asks for."""

    password = StringField(default="")


@dataclass(frozen=True, slots=True)
class FactorBlock:
    """How far the second factor has come: off, to be proven by a first code, or on."""

    is_on: bool
    qr_size: str
    qr_path: str
    """'' unless it is being set up."""
    secret_groups: Sequence[str]
    codes_left_text: str
    new_codes: Sequence[str]
    """The recovery codes, shown this once."""


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """One's own account."""

    name: str
    roles_text: str
    form: PasswordForm
    factor: FactorBlock
    sign_ins: Sequence[SignInRow]
    refusal: Refusal | None


@organizer.get("/account", act=Act.OWN_ACCOUNT)
def own_account() -> ResponseReturnValue:
    """Show one's own account."""
    return _shown()


@organizer.post("/account/password", act=Act.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change one's own password, which ends every sign-in of the account."""
    form = PasswordForm()
    if not form.validate():
        return _shown(form=form)
    try:
        require_same(form.password.data, form.password_again.data)
        passwords.change_password(this_account(), form.old_password.data, form.password.data)
    except KaoheError as error:
        return _shown(form=form, refusal=refusal_of(error))
    forget_sign_in()
    flash("密码已修改，请用新密码登录。", "good")
    return redirect(url_for("organizer.sign_in"), 303)


@organizer.post("/account/second-factor", act=Act.OWN_ACCOUNT)
def begin_factor() -> ResponseReturnValue:
    """Make the secret that an authenticator scans."""
    try:
        second_factor.begin_second_factor(this_account())
    except KaoheError as error:
        return _shown(refusal=refusal_of(error))
    return redirect(url_for("organizer.own_account", _anchor="factor"), 303)


@organizer.post("/account/second-factor/confirm", act=Act.OWN_ACCOUNT)
def confirm_factor() -> ResponseReturnValue:
    """Turn it on by a first code, and show the recovery codes in the reply itself, this once."""
    try:
        codes = second_factor.confirm_second_factor(this_account(), CodeForm().checked().code.data)
    except KaoheError as error:
        return _shown(refusal=refusal_of(error))
    return _shown(new_codes=codes)


@organizer.post("/account/second-factor/codes", act=Act.OWN_ACCOUNT)
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes and show the new ones, this once."""
    try:
        codes = second_factor.renew_recovery_codes(this_account(), OwnPasswordForm().password.data)
    except KaoheError as error:
        return _shown(refusal=refusal_of(error))
    return _shown(new_codes=codes)


@organizer.post("/account/second-factor/off", act=Act.OWN_ACCOUNT)
def turn_off_factor() -> ResponseReturnValue:
    """Turn it off, with the password."""
    try:
        second_factor.turn_off_second_factor(this_account(), OwnPasswordForm().password.data)
    except KaoheError as error:
        return _shown(refusal=refusal_of(error))
    flash("两步验证已关闭。", "good")
    return redirect(url_for("organizer.own_account"), 303)


@organizer.post("/account/sign-ins/end", act=Act.OWN_ACCOUNT)
def end_own_sign_in() -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    end_sign_in(this_account().name, this_account().id, SignInHandleForm().sign_in.data)
    return redirect(url_for("organizer.own_account"), 303)


def _shown(
    *, form: PasswordForm | None = None, new_codes: Sequence[str] = (), refusal: Refusal | None = None
) -> ResponseReturnValue:
    account = this_account()
    page = OwnAccountPage(
        name=account.name,
        roles_text=roles_text(account.roles),
        form=PasswordForm(formdata=None) if form is None else form,
        factor=_factor_block(new_codes),
        sign_ins=sign_in_rows(list_sign_ins(account.id, this_sign_in())),
        refusal=refusal,
    )
    return shown("organizer/people/own_account.html", reply_code(refusal, form), parts=("sign-ins",), page=page)


def _factor_block(new_codes: Sequence[str]) -> FactorBlock:
    factor = second_factor.second_factor_of(this_account())
    size, path = qr_svg_path(factor.uri) if factor.uri else (0, "")
    text = factor.secret_text
    return FactorBlock(
        is_on=factor.is_on,
        qr_size=str(size),
        qr_path=path,
        secret_groups=tuple(text[at : at + 4] for at in range(0, len(text), 4)),
        codes_left_text=str(factor.codes_left),
        new_codes=new_codes,
    )
