"""The console's forms: what all of them carry, their kinds of fields, and those that more than one page shows.

What may be typed is the operations' to judge; a form reads it and says what is no number or no day.
A field that cannot be read raises ``ValueError``, which WTForms keeps as the field's error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import DateField, Field, FieldList, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import ACCOUNT_NAME_LENGTH, SIGN_IN_CODE_TYPED, TITLE_LENGTH
from kaohe.domain.typed_numbers import read_whole

INCOMPLETE = "页面数据不完整，请刷新页面后重新操作。"
NOT_WHOLE = "应为不小于 0 的整数，请重新填写。"
"""The end of a sentence that begins with the field's name."""

_VERSION = re.compile(r"[0-9]{1,9}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NAME = {"autocomplete": "username", "maxlength": ACCOUNT_NAME_LENGTH, "autocapitalize": "off", "spellcheck": "false"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an act expects to find. Where something else is found, or the token was used, it must not be done again."""

    version: int | None
    """Of the meeting, as the page showed it, or the later one that the organizer chose to overwrite."""
    token: str
    """A random token of the page, good for one act; '' where the page carries none."""

    def on_version(self) -> int:
        """The version, for an act that cannot do without.

        Raises:
            FieldInvalid: the form holds none.
        """
        if self.version is None:
            raise FieldInvalid(INCOMPLETE)
        return self.version


class DeskForm(FlaskForm):  # type: ignore[misc] # flask_wtf ships no types
    """A form of the console: the fields of one act, and what the act expects.

    The macros ``csrf`` and ``hidden`` of ``components/field.html`` write what every form carries beside its own fields.
    The CSRF token is checked for the whole application before any view runs.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # likewise
        """What is read: the fields of a posted form. Flask-WTF would take JSON too, and a file in a field for text."""

        def wrap_formdata(self, form: FlaskForm, formdata: object) -> MultiDict[str, str] | None:
            """The posted fields, unless the page gives others."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if form.is_submitted() else None

    version = HiddenField(default="")
    latest_version = HiddenField(default="")
    token = HiddenField(default="")

    def expected(self) -> Expected:
        """What the posted act expects.

        Raises:
            FieldInvalid: a version or a token was tampered with.
        """
        version, token = self.latest_version.data or self.version.data, self.token.data
        if (version and not _VERSION.fullmatch(version)) or (token and not _TOKEN.fullmatch(token)):
            raise FieldInvalid(INCOMPLETE)
        return Expected(int(version) if version else None, token)

    def checked(self) -> Self:
        """This form, once every field has been found to hold what it may.

        Raises:
            FieldInvalid: with the sentence of the first fault.
        """
        if not self.validate():
            raise FieldInvalid(next(fault for faults in self.errors.values() for fault in faults))
        return self


class WholeField(StringField):  # type: ignore[misc] # wtforms ships no types
    """A whole number from 0 on, None where it was left empty; its label begins the sentence that refuses it."""

    data: Any  # an int, or None where the validator ``needed`` does not refuse it

    def process_formdata(self, _: list[str]) -> None:
        """Read what was typed."""
        self.data = read_whole(self.typed)
        if self.data is None and self.typed.strip():
            raise ValueError(f"{self.label.text}{NOT_WHOLE}")

    @property
    def typed(self) -> str:
        """What was typed, as it was; '' before anything was."""
        return "".join((self.raw_data or [])[:1])

    def _value(self) -> str:
        return self.typed if self.raw_data or self.data is None else str(self.data)


def needed(sentence: str) -> Callable[[DeskForm, WholeField], None]:
    """A validator that refuses a number that was left empty, in this sentence."""

    def require(_: DeskForm, field: WholeField) -> None:
        if field.data is None:
            raise ValidationError(sentence)

    return require


class ChoiceField(StringField):  # type: ignore[misc] # likewise
    """One word of an enumeration; ``refusal`` is the sentence for anything else, nothing included."""

    data: Any
    """The member that was chosen; None where it was refused."""

    def __init__(self, label: str, choices: type[StrEnum], refusal: str, **options: Any) -> None:  # noqa: ANN401 - wtforms' own
        super().__init__(label, **options)
        self._choices, self._refusal = choices, refusal

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was chosen."""
        self.data = None
        try:
            self.data = self._choices("".join(valuelist[:1]))
        except ValueError as error:
            raise ValueError(self._refusal) from error


class UploadField(Field):  # type: ignore[misc] # likewise
    """A file, or None where none was chosen."""

    data: FileStorage | None

    def process_formdata(self, valuelist: list[str]) -> None:  # noqa: ARG002 - files are posted beside the fields
        """Take the file that was uploaded under the field's name."""
        self.data = request.files.get(self.name) or None


class RowsField(FieldList):  # type: ignore[misc] # likewise
    """Rows of fields, named by their numbers."""

    def _extract_indices(self, prefix: str, formdata: MultiDict[str, str]) -> Iterator[int]:
        """The numbers that were posted; WTForms fails on very long ones, and on digits that only Unicode calls so."""
        for name in formdata:
            if found := re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-", name):
                yield int(found[1])


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
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "text",
            "maxlength": SIGN_IN_CODE_TYPED,
            "spellcheck": "false",
            "data-unkept": True,
        },
    )


class BasicsForm(DeskForm):
    """What stands on top of every page and sheet."""

    title = StringField(
        "会议名称",
        [InputRequired("请填写会议名称。")],
        render_kw={
            "maxlength": TITLE_LENGTH,
            "autocomplete": "off",
            "placeholder": "例如：2026 年度领导干部民主测评会",
        },
    )
    unit = StringField(
        "测评单位",
        default="",
        render_kw={"maxlength": TITLE_LENGTH, "autocomplete": "organization", "placeholder": "例如：青山区统计局"},
    )
    held_on = DayField("会议日期", [Optional()])
    owner = StringField("所属单位", default="")
    """The id of the unit that the meeting belongs to; empty where there is one unit only."""


class CopyMeetingForm(BasicsForm):
    """What another meeting is called that is held as this one."""


class NewMeetingForm(BasicsForm):
    """The basics of a new meeting and the preset to begin with, whose choices the page fills in."""

    preset = RadioField("考核方案", validate_choice=False)


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button, tick box or line of a list."""

    value: str
    label: str
    is_chosen: bool
    hint: str = ""
