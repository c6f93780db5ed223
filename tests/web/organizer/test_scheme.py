"""The scheme of a meeting: filled from a preset, adjusted, looked at, saved, and every refusal at its field."""

from __future__ import annotations

from fractions import Fraction

import pytest
from desk import new_meeting, press, setup_of
from scene import hold_meeting

from kaohe.tally.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, PercentBase, TieRule


def _fields(page):
    """The form as a browser would post it: fields of the same name as a list."""
    posted: dict[str, list[str]] = {}
    for field in page.soup.select("#step-form input, #step-form select"):
        if field.get("type") == "checkbox" and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]")["value"] if field.name == "select" else field.get("value", "on")
        posted.setdefault(field["name"], []).append(chosen)
    return posted


def _save(client, page, url, *, status=200, **changes):
    return client.post(url, {**_fields(page), **changes}, status=status)


def _listed(key, name, values):
    """What is typed into one column of a list: ``grades[1].points`` and so on."""
    return {f"{key}[{number}].{name}": value for number, value in enumerate(values, 1)}


def _grades(*points):
    return _listed("grades", "points", points)


def _weights(*weights):
    return _listed("dimensions", "weight", weights)


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/scheme"


def test_saving_an_untouched_form_changes_nothing_of_the_scheme(app, signed_in, meeting_id, url):
    before = setup_of(app, meeting_id).scheme
    page = _save(signed_in, signed_in.get(url), url)
    assert page.response.request.path == f"/desk/{meeting_id}/subjects"
    assert setup_of(app, meeting_id).scheme == before


def test_the_preview_asks_as_the_phone_does_and_works_out_a_score(signed_in, url):
    page = signed_in.get(url)
    assert [answer.text for answer in page.soup.select(".phone-answers span")] == [
        "优秀", "称职", "基本称职", "不称职", "弃权",
    ]  # fmt: skip
    # 14 × 100 + 4 × 80 + 2 × 60 = 1840, over 20 votes.
    assert page.soup.select_one(".working-score strong").text == "92.00"


def test_choosing_a_preset_fills_the_form_and_stores_nothing_yet(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=de-neng-qin-ji-lian")
    assert "尚未保存" in page.text
    assert setup_of(app, meeting_id).scheme.key == "si-deng"
    _save(signed_in, page, url)
    assert setup_of(app, meeting_id).scheme.key == "de-neng-qin-ji-lian"
    assert [d.label for d in setup_of(app, meeting_id).scheme.dimensions] == ["德", "能", "勤", "绩", "廉"]


def test_every_setting_can_be_changed(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=de-neng-qin-ji-lian")
    changes = {
        **_listed("grades", "label", ["好", "较好", "一般", "差"]),
        **_grades("95", "85.5", "200/3", "-10"),
        **_weights("10", "22.5", "17.5", "100/3", "50/3"),
        "score_base": "entitled",
        "rate_base": "cast",
        "abstention": "zero",
        "empty_group": "zero",
        "tie_rule": "top_grades",
        "invalid_rule": "cell",
        "decimals": "4",
        "top_grade_limit": "3",
        "comments_wanted": "1",
        "abstention_allowed": [],
    }
    _save(signed_in, page, url, **changes)
    scheme = setup_of(app, meeting_id).scheme
    assert [g.label for g in scheme.grades] == ["好", "较好", "一般", "差"]
    assert [g.points for g in scheme.grades] == [95, Fraction(171, 2), Fraction(200, 3), -10]
    assert [d.weight for d in scheme.dimensions] == [
        Fraction(1, 10), Fraction(9, 40), Fraction(7, 40), Fraction(1, 3), Fraction(1, 6),
    ]  # fmt: skip
    assert (scheme.score_base, scheme.rate_base) == (PercentBase.ENTITLED, PercentBase.CAST)
    assert (scheme.abstention, scheme.empty_group) == (AbstentionRule.ZERO, EmptyGroupRule.ZERO)
    assert (scheme.tie_rule, scheme.invalid_rule) == (TieRule.TOP_GRADES, InvalidRule.CELL)
    assert (scheme.decimals, scheme.top_grade_limit) == (4, 3)
    assert scheme.comments_wanted
    assert not scheme.abstention_allowed


def test_a_saved_scheme_stands_in_the_form_as_it_was_typed(signed_in, url):
    _save(signed_in, signed_in.get(url), url, **_grades("92.5", "200/3", "0.125", "-1"))
    points = [field["value"] for field in signed_in.get(url).soup.select('[name^="grades"][name$="points"]')]
    assert points == ["92.5", "200/3", "0.125", "-1"]


def test_full_width_digits_and_a_per_cent_sign_are_understood(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=de-neng-qin-ji-lian")
    _save(signed_in, page, url, **_weights("３０", "10%", "20", "20", "20％"))  # noqa: RUF001 - as Chinese keyboards type them
    assert [d.weight * 100 for d in setup_of(app, meeting_id).scheme.dimensions] == [30, 10, 20, 20, 20]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (_grades(*["100", "八十", "60", "0"]), "grades-2-points", "请填数字"),
        (_grades(*["100", "60", "80", "0"]), "grades-3-points", "从好到差"),
        (_grades(*["100", "80", "60", "1/0"]), "grades-4-points", "请填数字"),
        (_listed("grades", "label", ["优秀", "优秀", "基本称职", "不称职"]), "grades-2-label", "重复"),
        (_listed("grades", "label", ["优秀", "弃权", "基本称职", "不称职"]), "grades-2-label", "另有用途"),
        (_listed("grades", "label", ["", "称职", "基本称职", "不称职"]), "grades-1-label", "1 到 40 个字"),
        ({"top_grade_limit": "0"}, "top_grade_limit", "1 以上的整数"),
        ({"top_grade_limit": "两个"}, "top_grade_limit", "1 以上的整数"),
        ({"decimals": "9"}, "decimals", "0 到 4"),
        ({"score_base": "moon"}, "score_base", "之一"),
    ],
)
def test_a_wrong_setting_is_named_at_its_field_and_nothing_is_stored(
    app, signed_in, meeting_id, url, changes, field, sentence
):
    before = setup_of(app, meeting_id)
    refused = _save(signed_in, signed_in.get(url), url, status=422, **changes)
    assert refused.error == "field_invalid"
    assert sentence in refused.soup.select_one(f"#{field}-about .field-error").text
    for name, value in changes.items():
        tag = refused.soup.find(attrs={"name": name})
        assert tag.name == "select" or tag["value"] == value
    assert setup_of(app, meeting_id) == before


def test_weights_that_are_not_all_of_it_are_refused_with_their_sum(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=de-neng-qin-ji-lian")
    refused = _save(signed_in, page, url, status=422, **_weights("30", "20", "20", "20", "20"))
    assert "现为 110%" in refused.text
    assert setup_of(app, meeting_id).scheme.key == "si-deng"


def test_looking_at_changed_settings_stores_nothing(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    looked = _save(signed_in, page, url, act="preview", **_grades("95", "85", "75", "65"))
    # 14 × 95 + 4 × 85 + 2 × 75 = 1820, over 20 votes.
    assert looked.soup.select_one(".working-score strong").text == "91.00"
    assert setup_of(app, meeting_id).scheme.grades[0].points == 100
    wrong = _save(signed_in, page, url, act="preview", **_grades("x", "85", "75", "65"))
    assert "请填数字" in wrong.soup.select_one("#scheme-preview").text


def test_an_unknown_preset_is_refused(signed_in, url):
    assert signed_in.get(f"{url}?preset=nope", status=404).error == "preset_unknown"


def test_a_scheme_that_somebody_changed_meanwhile_is_not_overwritten(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    _save(signed_in, page, url, decimals="3")
    refused = _save(signed_in, page, url, status=409, decimals="1")
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one("#decimals option[selected]")["value"] == "1"
    assert setup_of(app, meeting_id).scheme.decimals == 3


def test_the_voter_groups_of_the_meeting_stay_when_its_scheme_changes(app, signed_in, meeting_id, url):
    before = setup_of(app, meeting_id).groups
    _save(signed_in, signed_in.get(url), url, decimals="1")
    assert setup_of(app, meeting_id).groups == before


def test_a_form_cut_short_is_refused_and_not_guessed(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    refused = press(signed_in, page, url, status=422)
    assert refused.error == "field_invalid"
    assert setup_of(app, meeting_id).version == 1


def test_the_scheme_of_an_open_meeting_cannot_be_changed(app, signed_in):
    with app.app_context():
        meeting_id = hold_meeting().meeting_id
    url = f"/desk/{meeting_id}/scheme"
    refused = _save(signed_in, signed_in.get(url), url, status=409, decimals="0")
    assert refused.error == "wrong_state"
    assert setup_of(app, meeting_id).scheme.decimals == 2
