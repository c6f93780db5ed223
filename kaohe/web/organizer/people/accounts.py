"""All accounts, for an administrator: invite, give and take roles, lock, reset, and end sign-ins."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import ROLE_HINTS, ROLE_LABELS, Act, Role, roles_text
from kaohe.operations.people import accounts as accounts_at_work
from kaohe.operations.people.accounts import AccountLine, SignInLine
from kaohe.operations.people.second_factor import reset_second_factor
from kaohe.operations.people.sign_in_links import first_sign_in_url, make_sign_in_link
from kaohe.operations.people.units import unit_names
from kaohe.reports.ticket_slips import qr_svg_path
from kaohe.storage.clock import moment_text, now, zone_text
from kaohe.web.access import this_account, this_reach, this_sign_in
from kaohe.web.organizer.people.units import FEW_UNITS, unit_options
from kaohe.web.organizer.shell.account_words import account_act_text
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.lists import ListPart, part_of_list
from kaohe.web.organizer.shell.parts import moved, shown


class RolesForm(DeskForm):
    """The roles that are ticked."""

    role = SelectMultipleField(validate_choice=False)

    def roles(self) -> list[Role]:
        """The roles that are ticked.

        Raises:
            FieldInvalid: one of them is none.
        """
        try:
            return [Role(name) for name in self.role.data]
        except ValueError as error:
            raise FieldInvalid("没有这个角色，请刷新页面后重新选择。") from error


class PlaceForm(RolesForm):
    """The unit in which roles are held; empty where there is one unit only."""

    unit = StringField(default="")

    def unit_id(self) -> str:
        """The unit that was chosen, or that of the person who is signed in."""
        return self.unit.data or this_account().unit_id


class SignInHandleForm(DeskForm):
    """Which sign-in is ended."""

    sign_in = StringField(default="")


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One browser that is signed in, in the server's local time."""

    handle: str
    started_text: str
    seen_text: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class AccountCard:
    """One account, with what can be done about it."""

    is_open: bool
    """Whether it is unfolded."""
    id: str
    name: str
    is_own: bool
    roles_text: str
    """With the unit, where there are several."""
    roles: Sequence[Option]
    units: Sequence[Option]
    """To choose from; none where there is one only, and none of many before the card is unfolded by ``url``."""
    url: str
    """Where it is unfolded with them; '' where they are there."""
    is_locked: bool
    has_second_factor: bool
    sign_ins: Sequence[SignInRow]
    sign_in_count_text: str


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """Every account, the link just made, and what was done lately."""

    cards: Sequence[AccountCard]
    """Of many those of one page."""
    part: ListPart
    invited_roles: Sequence[Option]
    invited_units: Sequence[Option]
    invitation_token: str
    link: str
    """Shown this once; empty where none was made."""
    link_text: str
    qr_size: int
    qr_path: str
    """The link as a code, for a colleague whose phone is at hand."""
    acts: Sequence[tuple[str, str, str]]
    """(time, who, what was done)."""
    zone_text: str
    """Whose clock the times are by."""
    refusal: Refusal | None


@organizer.get("/accounts", act=Act.MANAGE_ACCOUNTS)
def accounts() -> ResponseReturnValue:
    """Show who may sign in, and as what; ``open`` names the account whose card is unfolded."""
    return _shown(request.args.get("open", ""))


@organizer.post("/accounts/invite", act=Act.MANAGE_ACCOUNTS)
def invite() -> ResponseReturnValue:
    """Make a link for one more account and show it, this once."""
    try:
        roles = (form := PlaceForm()).roles()
        asked, token = (this_account().name, roles, form.unit_id()), form.expected().token
        link = first_sign_in_url(make_sign_in_link(*asked, this_reach(), page_token=token))
    except KaoheError as error:
        return _shown(refusal=refusal_of(error))
    text = f"邀请链接已生成，角色是{roles_text(roles)}。链接只显示这一次，24 小时内有效，用过即失效，请发给本人。"
    return _shown(link=link, link_text=text)


@organizer.post("/accounts/<account_id>/roles", act=Act.MANAGE_ACCOUNTS)
def change_roles(account_id: str) -> ResponseReturnValue:
    """Give an account exactly the roles that are ticked."""
    try:
        roles = RolesForm().roles()
        accounts_at_work.change_roles(this_account().name, account_id, roles)
    except KaoheError as error:
        return _shown(account_id, refusal=refusal_of(error))
    flash("角色已保存，立即生效。", "good")
    stays = account_id != this_account().id or Role.ADMINISTRATOR in roles
    return redirect(_card_url(account_id), 303) if stays else moved(url_for("organizer.meetings"))


@organizer.post("/accounts/<account_id>/unit", act=Act.MANAGE_ACCOUNTS)
def move_account(account_id: str) -> ResponseReturnValue:
    """Let the roles of an account be held in another unit."""
    try:
        unit_id = PlaceForm().unit_id()
        accounts_at_work.move_account(this_account().name, account_id, unit_id, this_reach())
    except KaoheError as error:
        return _shown(account_id, refusal=refusal_of(error))
    flash("单位已保存，立即生效。", "good")
    return (
        redirect(_card_url(account_id), 303)
        if account_id != this_account().id
        else moved(url_for("organizer.accounts"))
    )


@organizer.post("/accounts/<account_id>/lock", act=Act.MANAGE_ACCOUNTS)
def lock_account(account_id: str) -> ResponseReturnValue:
    """Let nobody in by this account any more."""
    return _acted(
        account_id, lambda actor: accounts_at_work.lock_account(actor, account_id), "账号已停用，其所有登录均已退出。"
    )


@organizer.post("/accounts/<account_id>/unlock", act=Act.MANAGE_ACCOUNTS)
def unlock_account(account_id: str) -> ResponseReturnValue:
    """Let the account in again."""
    return _acted(account_id, lambda actor: accounts_at_work.unlock_account(actor, account_id), "账号已恢复使用。")


@organizer.post("/accounts/<account_id>/password-link", act=Act.MANAGE_ACCOUNTS)
def make_password_link(account_id: str) -> ResponseReturnValue:
    """Make a link with which the owner sets a new password, and show it, this once."""
    try:
        link = first_sign_in_url(accounts_at_work.make_password_link(this_account().name, account_id))
    except KaoheError as error:
        return _shown(account_id, refusal=refusal_of(error))
    text = "重设密码的链接已生成，只显示这一次，24 小时内有效，用过即失效，请发给账号本人。"
    return _shown(account_id, link=link, link_text=text)


@organizer.post("/accounts/<account_id>/second-factor/reset", act=Act.MANAGE_ACCOUNTS)
def reset_factor(account_id: str) -> ResponseReturnValue:
    """Turn somebody's second factor off, for a lost phone."""
    return _acted(
        account_id,
        lambda actor: reset_second_factor(actor, account_id),
        "两步验证已重置并记录在案，请本人重新登录后再开启。",
    )


@organizer.post("/accounts/<account_id>/sign-ins/end", act=Act.MANAGE_ACCOUNTS)
def end_sign_in(account_id: str) -> ResponseReturnValue:
    """End one sign-in of somebody's."""
    handle = SignInHandleForm().sign_in.data
    return _acted(account_id, lambda actor: accounts_at_work.end_sign_in(actor, account_id, handle), "登录已退出。")


@organizer.post("/accounts/<account_id>/sign-ins/end-all", act=Act.MANAGE_ACCOUNTS)
def end_all_sign_ins(account_id: str) -> ResponseReturnValue:
    """End every sign-in of somebody's."""
    return _acted(account_id, lambda actor: accounts_at_work.end_all_sign_ins(actor, account_id), "登录已退出。")


def role_options(chosen: Collection[Role]) -> tuple[Option, ...]:
    """The roles to tick, each with what it is for."""
    return tuple(Option(role, label, role in chosen, ROLE_HINTS[role]) for role, label in ROLE_LABELS.items())


def sign_in_rows(lines: Sequence[SignInLine]) -> tuple[SignInRow, ...]:
    """Sign-ins as a page lists them."""
    return tuple(
        SignInRow(line.handle, moment_text(line.started_at), moment_text(line.seen_at), line.is_this) for line in lines
    )


def _shown(
    opened: str = "", *, link: str = "", link_text: str = "", refusal: Refusal | None = None
) -> ResponseReturnValue:
    names = unit_names(this_reach())
    lines = accounts_at_work.list_accounts(this_sign_in(), this_reach())
    at = next((at for at, line in enumerate(lines) if line.id == opened), None)
    shown_lines, part = part_of_list(
        lines,
        lambda line: f"{line.name} {roles_text(line.roles)} {names.get(line.unit_id, '')}",
        "organizer.accounts",
        holding=at,
    )
    size, path = qr_svg_path(link) if link else (0, "")
    page = AccountsPage(
        cards=tuple(_card(line, names, is_open=line.id == opened) for line in shown_lines),
        part=part,
        invited_roles=role_options((Role.ORGANIZER,)),
        invited_units=unit_options(this_account().unit_id),
        invitation_token=secrets.token_urlsafe(16),
        link=link,
        link_text=link_text,
        qr_size=size,
        qr_path=path,
        acts=tuple(
            (f"{event.at.astimezone():%Y-%m-%d %H:%M}", event.actor, account_act_text(event.act, event.detail))
            for event in accounts_at_work.list_account_acts(this_reach())
        ),
        zone_text=zone_text(now()),
        refusal=refusal,
    )
    return shown("organizer/people/accounts.html", reply_code(refusal), parts=("accounts",), page=page)


def _card(line: AccountLine, unit_names: Mapping[str, str], *, is_open: bool) -> AccountCard:
    has_choice = is_open or len(unit_names) <= FEW_UNITS
    return AccountCard(
        is_open=is_open,
        id=line.id,
        name=line.name,
        is_own=line.id == this_account().id,
        roles_text=" · ".join(filter(None, (roles_text(line.roles), unit_names.get(line.unit_id)))),
        units=unit_options(line.unit_id) if has_choice else (),
        url="" if has_choice else _card_url(line.id),
        roles=role_options(line.roles),
        is_locked=line.is_locked,
        has_second_factor=line.has_second_factor,
        sign_ins=sign_in_rows(line.sign_ins),
        sign_in_count_text=f"{len(line.sign_ins)} 处登录" if line.sign_ins else "未登录",
    )


def _card_url(account_id: str) -> str:
    return url_for("organizer.accounts", open=account_id, _anchor=f"account-{account_id}")


def _acted(account_id: str, act: Callable[[str], None], done: str) -> ResponseReturnValue:
    back = _card_url(account_id)
    return acted(act, done, back=back, refused=lambda refusal: _shown(account_id, refusal=refusal))
