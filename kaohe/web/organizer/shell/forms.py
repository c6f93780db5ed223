"""The console's forms of a fixed length; their bounds are the operations' own, so only what is typed is read here."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Optional

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.typed_numbers import read_whole

_NAME = {"autocomplete": "username", "maxlength": 32, "autocapitalize": "off", "spellcheck": "false"}


class DeskForm(FlaskForm):  # type: ignore[misc] # flask_wtf ships no types
    """A form of the console; its CSRF token is checked for the whole application."""


class DayField(DateField):  # type: ignore[misc] # wtforms ships no types
    """A day that says in Chinese what it expects."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day that was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("日期应写成 2026-12-18 这样的形式。") from error


class SignInForm(DeskForm):
    """Name and password."""

    name = StringField("姓名", [InputRequired("请输入姓名。")], render_kw={**_NAME, "autofocus": True})
    password = PasswordField("密码", [InputRequired("请输入密码。")], render_kw={"autocomplete": "current-password"})


class FirstSignInForm(DeskForm):
    """What an account is made of."""

    name = StringField("姓名", [InputRequired("请填写姓名。")], render_kw={**_NAME, "autofocus": True})
    password = PasswordField("密码", [InputRequired("请设置密码。")], render_kw={"autocomplete": "new-password"})
    password_again = PasswordField(
        "再输入一次密码", [InputRequired("请再输入一次密码。")], render_kw={"autocomplete": "new-password"}
    )


class PasswordForm(DeskForm):
    """The old password and the new one."""

    old_password = PasswordField(
        "原密码", [InputRequired("请输入原密码。")], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField("新密码", [InputRequired("请输入新密码。")], render_kw={"autocomplete": "new-password"})
    password_again = PasswordField(
        "再输入一次新密码", [InputRequired("请再输入一次新密码。")], render_kw={"autocomplete": "new-password"}
    )


class NewPasswordForm(DeskForm):
    """A new password for an account that there is."""

    password = PasswordField("新密码", [InputRequired("请设置密码。")], render_kw={"autocomplete": "new-password"})
    password_again = PasswordField(
        "再输入一次密码", [InputRequired("请再输入一次密码。")], render_kw={"autocomplete": "new-password"}
    )


class CodeForm(DeskForm):
    """The code of the second factor."""

    code = StringField(
        "验证码",
        [InputRequired("请输入验证码。")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "maxlength": 32, "spellcheck": "false"},
    )


class BasicsForm(DeskForm):
    """What stands on top of every page and sheet."""

    title = StringField(
        "会议名称",
        [InputRequired("请填写会议名称。")],
        render_kw={"maxlength": 60, "autocomplete": "off", "placeholder": "例如：2026 年度领导干部民主测评会"},
    )
    unit = StringField(
        "测评单位", render_kw={"maxlength": 60, "autocomplete": "organization", "placeholder": "例如：青山区统计局"}
    )
    held_on = DayField("会议日期", [Optional()])


class NewMeetingForm(BasicsForm):
    """The same and the preset to begin with; its choices are filled in where the page is made."""

    preset = RadioField("考核方案", validate_choice=False)


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button, tick box or line of a list."""

    value: str
    label: str
    is_chosen: bool
    hint: str = ""


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
