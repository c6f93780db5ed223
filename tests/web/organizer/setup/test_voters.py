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


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/voters"


def _groups(app, meeting_id):
    return [(g.label, g.weight, g.entitled) for g in setup_of(app, meeting_id).groups]


def test_a_meeting_begins_with_one_group_and_asks_only_for_its_number(app, signed_in, meeting_id, url):
    page = signed_in.submit(signed_in.get(url), url, entitled="48")
    assert page.response.request.path == f"/desk/{meeting_id}/hall"
    assert _groups(app, meeting_id) == [("全体", 1, 48)]


def test_a_row_is_added_to_the_form_and_nothing_is_stored_yet(app, signed_in, meeting_id, url):
    page = press(signed_in, signed_in.get(url), url, act="add", key="all", label="A票", weight="40", entitled="6")
    assert [tag["value"] for tag in page.soup.select("[name=label]")] == ["A票", ""]
    assert [tag["value"] for tag in page.soup.select("[name=key]")] == ["all", "g2"]
    assert _groups(app, meeting_id) == [("全体", 1, 0)]


def test_three_groups_are_saved_together(app, signed_in, meeting_id, url):
    press(signed_in, signed_in.get(url), url, act="save", **THREE)
    assert _groups(app, meeting_id) == [
        ("A票", Fraction(2, 5), 6), ("B票", Fraction(3, 10), 13), ("C票", Fraction(3, 10), 31),
    ]  # fmt: skip
    page = signed_in.get(url)
    assert "权重合计 100%" in page.text
    assert "应到合计 50 人" in page.text


def test_a_row_is_taken_out_of_the_form_and_its_key_is_not_used_again(signed_in, url):
    page = press(signed_in, signed_in.get(url), url, act="remove:1", **THREE)
    assert [tag["value"] for tag in page.soup.select("[name=label]")] == ["A票", "C票"]
    rows = {name: [tag["value"] for tag in page.soup.select(f"[name={name}]")] for name in THREE}
    page = press(signed_in, page, url, act="add", **rows)
    assert [tag["value"] for tag in page.soup.select("[name=key]")] == ["all", "g3", "g4"]


def test_thirds_are_kept_exactly(app, signed_in, meeting_id, url):
    press(signed_in, signed_in.get(url), url, act="save", **{**THREE, "weight": ["100/3", "33.5", "199/6"]})
    assert [weight for _, weight, _ in _groups(app, meeting_id)] == [
        Fraction(1, 3), Fraction(67, 200), Fraction(199, 600),
    ]  # fmt: skip
    shown = [tag["value"] for tag in signed_in.get(url).soup.select("[name=weight]")]
    assert shown == ["100/3", "33.5", "199/6"]


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
    page = press(signed_in, signed_in.get(url), url, status=422, act="save", **{**THREE, **changes})
    assert page.error == "field_invalid"
    assert sentence in page.text
    for name, values in changes.items():
        assert [tag["value"] for tag in page.soup.select(f"[name={name}]")] == values
    assert _groups(app, meeting_id) == [("全体", 1, 0)]


@pytest.mark.parametrize("key", ["../x", "组", "", "a" * 41])
def test_a_key_that_the_page_never_wrote_is_refused(app, signed_in, meeting_id, url, key):
    press(signed_in, signed_in.get(url), url, status=422, act="save", key=key, label="全体", weight="100", entitled="5")
    assert setup_of(app, meeting_id).version == 1


def test_small_groups_are_warned_about_before_anything_is_stored(signed_in, url):
    page = press(signed_in, signed_in.get(url), url, act="save", then="stay", **{**THREE, "entitled": ["1", "4", "5"]})
    warnings = [tag.text for tag in page.soup.select(".group-warning")]
    assert warnings == ["该组仅 1 人，等同实名，建议并入其他票种。", "该组不足 5 人，分组结果不单独公布。"]


def test_a_group_that_has_tickets_is_not_removed(app, signed_in):
    with app.app_context():
        meeting_id = prepare_meeting().meeting_id
    url = f"/desk/{meeting_id}/voters"
    page = press(
        signed_in, signed_in.get(url), url, status=422, act="save", key="g2", label="新", weight="100", entitled="5"
    )
    assert "已经制票，不能删除" in page.text
    assert _groups(app, meeting_id) == [("全体", 1, 12)]


def test_groups_that_somebody_changed_meanwhile_are_not_overwritten(app, signed_in, meeting_id, url):
    mine = signed_in.get(url)
    press(signed_in, mine, url, act="save", **THREE)
    refused = signed_in.submit(mine, url, status=409, entitled="48")
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one("[name=entitled]")["value"] == "48"
    assert len(_groups(app, meeting_id)) == 3
