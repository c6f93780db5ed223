"""A scheme as a whole text: shown, checked with the fault beside its line, saved, kept, taken out and brought in."""

from __future__ import annotations

from io import BytesIO

import pytest
from desk import new_meeting, press, setup_of

from kaohe.operations.setup.own_schemes import list_own_schemes
from kaohe.schemes import load_preset, parse_scheme_text
from kaohe.schemes.writing import scheme_toml


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/scheme/text"


def _text(page):
    return page.soup.select_one("#scheme-text").text.removeprefix("\n")


def _own_titles(app):
    with app.app_context():
        return [own.title for own in list_own_schemes()]


def test_the_text_of_a_scheme_reads_back_as_the_scheme(app, signed_in, meeting_id, url):
    assert parse_scheme_text(_text(signed_in.get(url))) == setup_of(app, meeting_id).scheme
    assert parse_scheme_text(_text(signed_in.get(f"{url}?preset=ganbu-zonghe"))) == load_preset("ganbu-zonghe")


def test_a_text_is_looked_at_before_it_is_saved(app, signed_in, meeting_id, url):
    text = (
        scheme_toml(load_preset("guji-kaohe"))
        .replace("weight = 70", "weight = 60")
        .replace("weight = 30", "weight = 40")
    )
    looked = press(signed_in, signed_in.get(url), f"{url}/preview", text=text)
    assert "“股级干部考核”可以使用，尚未保存。" in looked.text
    assert "平时考核（导入）40%" in looked.text
    assert setup_of(app, meeting_id).scheme.key == "si-deng"
    press(signed_in, looked, url, text=text)
    setup = setup_of(app, meeting_id)
    assert setup.scheme == parse_scheme_text(text)
    assert [group.key for group in setup.groups] == ["leadership", "staff", "delegates"]


@pytest.mark.parametrize("act", ["/preview", "", "/keep"])
def test_a_fault_stands_beside_its_line_and_nothing_is_stored(app, signed_in, meeting_id, url, act):
    text = _text(signed_in.get(url)).replace("points = 80", "points = 800")
    refused = press(signed_in, signed_in.get(url), f"{url}{act}", status=422, text=text)
    assert refused.error == "field_invalid"
    here = refused.soup.select_one(".fault-here")
    assert "points = 800" in here.code.text
    assert "从好到差" in here.select_one(".field-error").text
    number = int(here.select_one(".fault-number").text)
    assert "points = 800" in text.split("\n")[number - 1]
    assert _text(refused).strip() == text.strip()
    assert setup_of(app, meeting_id).version == 1
    assert _own_titles(app) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请填写考核方案的全文"),
        ("format = [", "写法不对"),
        ('format = 2\nkey = "a"\ntitle = "甲"', "只认识格式 1"),
        ('format = 1\ncolour = "red"', "colour"),
    ],
)
def test_what_is_no_scheme_is_refused(signed_in, url, text, sentence):
    refused = press(signed_in, signed_in.get(url), url, status=422, text=text)
    assert sentence in refused.text


def test_a_scheme_without_votes_may_take_the_place_of_one_with(signed_in, url):
    text = scheme_toml(load_preset("zhen-pingshi-niandu"))
    press(signed_in, signed_in.get(url), url, text=text)
    steps = [step.text for step in signed_in.get(url).soup.select(".step-label")]
    assert "其他成绩与认定" in steps
    assert "制票" not in steps


def test_a_text_is_kept_as_the_units_own_exactly_as_it_was_written(app, signed_in, url):
    text = "# 2026 年修订\n" + _text(signed_in.get(url)).replace("四等次总体评价", "我局总体评价")
    press(signed_in, signed_in.get(url), f"{url}/keep", text=text)
    assert _own_titles(app) == ["我局总体评价"]
    with app.app_context():
        (own,) = list_own_schemes()
    reply = signed_in.get(f"/desk/schemes/{own.id}.toml").response
    assert reply.get_data(as_text=True) == text
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert _text(signed_in.get(f"{url}?preset=own:{own.id}")) == text


def test_schemes_come_in_as_files_and_go_out_as_files(app, signed_in, meeting_id):
    page = signed_in.get("/desk/schemes")
    sheet = (BytesIO(scheme_toml(load_preset("tiyuju-pingshi")).encode()), "fangan.toml")
    page = signed_in.submit(page, "/desk/schemes/import", file=sheet)
    assert "已存为本单位方案" in page.text
    assert _own_titles(app) == ["体育局公务员平时考核"]
    for url, scheme in (
        (f"/desk/{meeting_id}/scheme.toml", load_preset("si-deng")),
        ("/desk/schemes/preset/ganbu-zonghe.toml", load_preset("ganbu-zonghe")),
    ):
        assert parse_scheme_text(signed_in.get(url).response.get_data(as_text=True)) == scheme


def _post(client, status, path, **fields):
    token = client.get("/desk/schemes").soup.select_one("input[name=csrf_token]")["value"]
    return client.post(
        f"/desk/schemes/{path}", {"csrf_token": token, **fields}, status=status, content_type="multipart/form-data"
    )


def test_a_wrong_file_is_refused_with_its_line_and_nothing_is_stored(app, signed_in):
    text = scheme_toml(load_preset("si-deng")).replace("decimals = 2", "decimals = 9")
    refused = _post(signed_in, 422, "import", text=text)
    assert "decimals 有误" in refused.text
    assert "第 " in refused.text
    assert refused.soup.select_one("#text").text.strip() == text.strip()
    assert _post(signed_in, 422, "import").error == "field_invalid"
    assert _post(signed_in, 422, "import", file=(BytesIO(b"\xff\xfe\x00"), "x.toml")).error == "field_invalid"
    assert _post(signed_in, 404, "nothing/delete").error == "own_scheme_unknown"
    assert signed_in.get("/desk/schemes/nothing.toml", status=404).error == "own_scheme_unknown"
    assert _own_titles(app) == []


def test_an_own_scheme_is_deleted(app, signed_in):
    _post(signed_in, 200, "import", text=scheme_toml(load_preset("si-deng")))
    with app.app_context():
        (own,) = list_own_schemes()
    page = _post(signed_in, 200, f"{own.id}/delete")
    assert "已删除" in page.text
    assert _own_titles(app) == []
