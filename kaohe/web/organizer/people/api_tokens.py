"""The tokens of personnel systems (接口令牌), for HR: made and shown once, listed, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import KaoheError
from kaohe.domain.limits import TITLE_LENGTH
from kaohe.domain.permissions import Act
from kaohe.operations.people import api_tokens as tokens_at_work
from kaohe.operations.people.units import unit_names
from kaohe.storage.api_tokens import ApiToken
from kaohe.web.access import this_account, this_reach
from kaohe.web.organizer.people.units import unit_options
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.meeting import day_text
from kaohe.web.organizer.shell.parts import shown


class TokenForm(DeskForm):
    """Which system a token is for, and whose results it reads."""

    label = StringField(
        "给哪个系统使用",
        default="",
        render_kw={"maxlength": TITLE_LENGTH, "autocomplete": "off", "placeholder": "例如：市人事管理系统"},
    )
    unit = StringField(default="")

    def unit_id(self) -> str:
        """The unit that was chosen; that of whoever is signed in where there is nothing to choose."""
        chosen: str = self.unit.data or this_account().unit_id
        return chosen


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token, never its secret."""

    id: str
    label: str
    about: str
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class TokensPage:
    """All tokens within reach, and the one that was just made."""

    lines: Sequence[TokenLine]
    form: TokenForm
    units: Sequence[Option]
    secret: str
    """Shown this once; '' where none was made."""
    page_token: str
    """What the next form is told apart by from the same one pressed twice."""
    address: str
    refusal: Refusal | None


@organizer.get("/api-tokens", act=Act.MANAGE_API_TOKENS)
def api_tokens() -> ResponseReturnValue:
    """Show which systems may read."""
    return _shown()


@organizer.post("/api-tokens/make", act=Act.MANAGE_API_TOKENS)
def make_api_token() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    form = TokenForm()
    try:
        asked = this_account().name, form.label.data, form.unit_id()
        secret = tokens_at_work.make_token(*asked, this_reach(), page_token=form.expected().token)
    except KaoheError as error:
        return _shown(refusal=refusal_of(error), form=form)
    return _shown(secret=secret)


@organizer.post("/api-tokens/<token_id>/revoke", act=Act.MANAGE_API_TOKENS)
def revoke_api_token(token_id: str) -> ResponseReturnValue:
    """Let a token open nothing any more."""
    return acted(
        lambda actor: tokens_at_work.revoke_token(actor, token_id, this_reach()),
        "令牌已停用，立即生效。",
        back=url_for("organizer.api_tokens"),
        refused=lambda refusal: _shown(refusal=refusal),
    )


def _shown(*, secret: str = "", refusal: Refusal | None = None, form: TokenForm | None = None) -> ResponseReturnValue:
    names = unit_names(this_reach())
    page = TokensPage(
        lines=[_line(token, names.get(token.unit_id, "")) for token in tokens_at_work.list_tokens(this_reach())],
        form=form or TokenForm(formdata=None),
        units=unit_options(form.unit_id() if form else this_account().unit_id),
        secret=secret,
        page_token=secrets.token_urlsafe(16),
        address=url_for("api.openapi"),
        refusal=refusal,
    )
    return shown("organizer/people/api_tokens.html", reply_code(refusal), parts=("tokens",), page=page)


def _line(token: ApiToken, unit: str) -> TokenLine:
    made = f"{day_text(token.made_at.astimezone().date())} 由{token.made_by}生成"
    ended = f"，{day_text(token.revoked_at.astimezone().date())}停用" if token.revoked_at else ""
    return TokenLine(token.id, token.label, "　".join(part for part in (unit, made + ended) if part), token.is_revoked)
