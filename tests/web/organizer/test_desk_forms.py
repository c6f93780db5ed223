"""Every form of the console carries what its act expects: a version of the meeting, and a token good for one act."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask, render_template_string

from kaohe.domain.errors import FieldInvalid
from kaohe.web.organizer.shell.forms import DeskForm, Expected, WholeField

TOKEN = "abcDEF_-0123456789"


class CountForm(DeskForm):
    """As many of something as were typed."""

    count = WholeField("票数")


def posted(app: Flask, **fields: str) -> CountForm:
    with app.test_request_context("/desk/x", method="POST", data=fields):
        return CountForm(meta={"csrf": False})


def test_an_act_expects_what_its_page_was_made_from(app: Flask) -> None:
    assert posted(app, version="7", token=TOKEN).expected() == Expected(7, TOKEN)
    assert posted(app).expected() == Expected(None, "")


def test_the_version_that_was_chosen_to_be_overwritten_goes_before_that_of_the_page(app: Flask) -> None:
    assert posted(app, version="7", latest_version="9").expected().on_version() == 9
    assert posted(app, version="7", latest_version="").expected().on_version() == 7


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "-1"},
        {"version": "seven"},
        {"version": "1234567890"},
        {"version": "7", "latest_version": "x"},
        {"version": "7", "token": "too short"},
        {"version": "7", "token": TOKEN + "<"},
        {"version": "7", "token": "a" * 65},
    ],
)
def test_what_was_tampered_with_is_refused(app: Flask, fields: dict[str, str]) -> None:
    with pytest.raises(FieldInvalid, match="请刷新页面"):
        posted(app, **fields).expected()


def test_an_act_that_needs_a_version_does_not_go_without(app: Flask) -> None:
    with pytest.raises(FieldInvalid, match="请刷新页面"):
        posted(app, token=TOKEN).expected().on_version()


def test_a_file_is_no_text_and_json_is_no_form(app: Flask) -> None:
    sent = {"count": (BytesIO(b"12"), "count.txt"), "version": "7"}
    with app.test_request_context("/desk/x", method="POST", data=sent):
        form = CountForm(meta={"csrf": False})
    assert (form.count.data, form.expected().version) == (None, 7)
    with app.test_request_context("/desk/x", method="POST", json=5):
        assert CountForm(meta={"csrf": False}).expected() == Expected(None, "")


def test_the_macros_write_what_the_form_reads(app: Flask) -> None:
    template = '{% from "components/field.html" import hidden %}{{ hidden(version, token) }}'
    with app.test_request_context("/desk/x"):
        page = render_template_string(template, version="7", token=TOKEN)
        plain = render_template_string(template, version="7", token="")
    assert 'name="version" value="7"' in page
    assert f'name="token" value="{TOKEN}"' in page
    assert 'name="csrf_token"' in page
    assert 'name="token"' not in plain


@pytest.mark.parametrize(("typed", "number"), [("", None), ("  ", None), ("12", 12), ("\uff11\uff12", 12), ("0", 0)])
def test_a_whole_number_is_read_as_people_type_it(app: Flask, typed: str, number: int | None) -> None:
    assert posted(app, count=typed).count.data == number


@pytest.mark.parametrize("typed", ["-1", "1.5", "十二", "1 2", "9" * 10])
def test_what_is_no_whole_number_is_refused_by_the_name_of_its_field(app: Flask, typed: str) -> None:
    with pytest.raises(FieldInvalid) as refused:
        posted(app, count=typed).checked()
    assert refused.value.message == "票数应为不小于 0 的整数，请重新填写。"
