"""The voter groups: rows added and taken out in the form, saved together, exact weights, honest warnings."""

from __future__ import annotations

from fractions import Fraction

import pytest
from desk import new_meeting, press, setup_of
from scene import prepare_meeting

THREE = {
    "key": ["all", "g2", "g3"],
    "label": ["A票", "B票", "C票"],
    "weight": ["40", "30", "30"],
    "entitled": ["6", "13", "31"],
}


def typed(**columns):
    """The fields of the form, from the columns of its table."""
    return {f"groups-{at}-{name}": text for name, texts in columns.items() for at, text in enumerate(texts)}


def shown(page, name):
    """One column of the form, as it stands on the page."""
    return [tag["value"] for tag in page.soup.select(f"[name^=groups-][name$=-{name}]")]


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/voters"


def _groups(app, meeting_id):
    return [(g.label, g.weight, g.entitled) for g in setup_of(app, meeting_id).groups]


def test_a_meeting_begins_with_one_group_and_asks_only_for_its_number(app, signed_in, meeting_id, url):
    page = signed_in.submit(signed_in.get(url), url, **{"groups-0-entitled": "48"})
    assert page.response.request.path == f"/desk/{meeting_id}/hall"
    assert _groups(app, meeting_id) == [("全体", 1, 48)]


def test_saved_without_its_number_a_group_is_said_to_lack_it_and_the_step_is_not_ready(app, signed_in, meeting_id, url):
    page = signed_in.submit(signed_in.get(url), url)
    assert page.soup.select_one("#messages .notice-warn").get_text(strip=True) == "已保存。“全体”还没有填写应到人数。"
    assert "票种与人数" not in {step.select_one(".step-label").text for step in page.soup.select(".step-done")}


def test_a_row_is_added_to_the_form_and_nothing_is_stored_yet(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    adding = page.soup.select_one(f'button[formaction="{url}/add"]')
    assert adding["hx-post"] == adding["formaction"]
    one = typed(key=["all"], label=["A票"], weight=["40"], entitled=["6"])
    page = press(signed_in, page, adding["formaction"], **one)
    assert shown(page, "label") == ["A票", "B票"]
    assert shown(page, "weight") == ["40", "60"]
    assert shown(page, "key") == ["all", "g2"]
    assert _groups(app, meeting_id) == [("全体", 1, 0)]


def test_three_groups_are_saved_together(app, signed_in, meeting_id, url):
    press(signed_in, signed_in.get(url), url, **typed(**THREE))
    assert _groups(app, meeting_id) == [
        ("A票", Fraction(2, 5), 6), ("B票", Fraction(3, 10), 13), ("C票", Fraction(3, 10), 31),
    ]  # fmt: skip
    page = signed_in.get(url)
    assert "权重合计 100%" in page.text
    assert "应到合计 50 人" in page.text


def test_a_row_is_taken_out_of_the_form_and_its_key_is_not_used_again(signed_in, url):
    page = press(signed_in, signed_in.get(url), f"{url}/1/remove", **typed(**THREE))
    assert shown(page, "label") == ["A票", "C票"]
    page = press(signed_in, page, f"{url}/add", **typed(**{name: shown(page, name) for name in THREE}))
    assert shown(page, "key") == ["all", "g3", "g4"]


@pytest.mark.parametrize("row", ["3", "99999"])
def test_a_row_that_the_page_never_had_is_not_taken_out(signed_in, url, row):
    page = press(signed_in, signed_in.get(url), f"{url}/{row}/remove", status=422, **typed(**THREE))
    assert page.error == "field_invalid"
    assert shown(page, "label") == THREE["label"]


def test_there_are_no_more_rows_than_groups_may_be(app, signed_in, meeting_id, url):
    many = {"key": [f"g{number}" for number in range(2, 15)], "label": [f"{number}票" for number in range(13)],
            "weight": ["100/13"] * 13, "entitled": ["10"] * 13}  # fmt: skip
    twelve = {name: texts[:12] for name, texts in many.items()}
    page = press(signed_in, signed_in.get(url), f"{url}/add", status=422, **typed(**twelve))
    assert "票种应为 1 到 12 个" in page.text
    assert len(shown(page, "key")) == 12
    page = press(signed_in, page, url, status=422, **typed(**many))
    assert "票种应为 1 到 12 个" in page.text
    assert _groups(app, meeting_id) == [("全体", 1, 0)]


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "x", ""])
def test_a_field_whose_row_has_no_number_is_passed_over(signed_in, url, number):
    page = press(signed_in, signed_in.get(url), f"{url}/add", **typed(**THREE), **{f"groups-{number}-label": "D票"})
    assert shown(page, "label") == [*THREE["label"], "D票"]


def test_thirds_are_kept_exactly(app, signed_in, meeting_id, url):
    press(signed_in, signed_in.get(url), url, **typed(**{**THREE, "weight": ["100/3", "33.5", "199/6"]}))
    assert [weight for _, weight, _ in _groups(app, meeting_id)] == [
        Fraction(1, 3), Fraction(67, 200), Fraction(199, 600),
    ]  # fmt: skip
    assert shown(signed_in.get(url), "weight") == ["100/3", "33.5", "199/6"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weight": ["40", "30", "20"]}, "权重之和应为 100%"),
        ({"weight": ["40", "六十", "0"]}, "“B票”的权重请填数字"),
        ({"weight": ["100", "0", "0"]}, "应大于 0"),
        ({"weight": ["140", "-20", "-20"]}, "不超过 100%"),
        ({"label": ["A票", "A票", "C票"]}, "不能重复"),
        ({"label": ["A票", " ", "C票"]}, "请填写票种名称"),
        ({"label": ["A票", "票" * 17, "C票"]}, "票种名称过长"),
        ({"entitled": ["6", "十三", "31"]}, "“B票”的应到人数请填整数"),
        ({"entitled": ["6", "-3", "31"]}, "“B票”的应到人数请填整数"),
        ({"entitled": ["6", "99999", "31"]}, "应为 0 到 20000"),
    ],
)
def test_refused_groups_stay_in_the_form_and_are_not_stored(app, signed_in, meeting_id, url, changes, sentence):
    page = press(signed_in, signed_in.get(url), url, status=422, **typed(**{**THREE, **changes}))
    assert page.error == "field_invalid"
    assert sentence in page.text
    for name, values in changes.items():
        assert shown(page, name) == values
    assert _groups(app, meeting_id) == [("全体", 1, 0)]


@pytest.mark.parametrize("key", ["../x", "组", "", "a" * 41])
def test_a_key_that_the_page_never_wrote_is_refused(app, signed_in, meeting_id, url, key):
    one = typed(key=[key], label=["全体"], weight=["100"], entitled=["5"])
    press(signed_in, signed_in.get(url), url, status=422, **one)
    assert setup_of(app, meeting_id).version == 1


def test_small_groups_are_warned_about_before_anything_is_stored(signed_in, url):
    page = press(signed_in, signed_in.get(url), url, then="stay", **typed(**{**THREE, "entitled": ["1", "4", "5"]}))
    warnings = [tag.text for tag in page.soup.select(".group-warning")]
    assert warnings == ["该组仅 1 人，等同实名，建议并入其他票种。", "该组不足 5 人，分组结果不单独公布。"]


def test_a_group_that_has_tickets_is_not_removed(app, signed_in):
    with app.app_context():
        meeting_id = prepare_meeting().meeting_id
    url = f"/desk/{meeting_id}/voters"
    one = typed(key=["g2"], label=["新"], weight=["100"], entitled=["5"])
    page = press(signed_in, signed_in.get(url), url, status=422, **one)
    assert "已经制票，不能删除" in page.text
    assert _groups(app, meeting_id) == [("全体", 1, 12)]


def test_groups_that_somebody_changed_meanwhile_are_not_overwritten(app, signed_in, meeting_id, url):
    mine = signed_in.get(url)
    press(signed_in, mine, url, **typed(**THREE))
    refused = signed_in.submit(mine, url, status=409, **{"groups-0-entitled": "48"})
    assert refused.error == "edited_meanwhile"
    assert shown(refused, "entitled") == ["48"]
    assert len(_groups(app, meeting_id)) == 3
