"""The scheme of a meeting: filled from a preset, adjusted, looked at, saved, and every refusal at its field."""

from __future__ import annotations

from fractions import Fraction

import pytest
from desk import new_meeting, press, setup_of
from scene import hold_meeting

from kaohe.schemes import list_presets, load_preset
from kaohe.schemes.catalogue import USES
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.scheme.scheme import AbstentionRule, EmptyGroupRule, InvalidRule, PercentBase, Quorum, TieRule


def _fields(page):
    """The form as a browser would post it: fields of the same name as a list."""
    posted: dict[str, list[str]] = {}
    for field in page.soup.select("#step-form input, #step-form select"):
        if field.get("type") == "checkbox" and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]")["value"] if field.name == "select" else field.get("value", "on")
        posted.setdefault(field["name"], []).append(chosen)
    texts = {field["name"]: [field.get_text()] for field in page.soup.select("#step-form textarea")}
    return {**posted, **texts}


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
        "quorum": "two_thirds",
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
    assert scheme.quorum is Quorum.TWO_THIRDS
    assert scheme.comments_wanted
    assert not scheme.abstention_allowed


def test_who_must_be_present_is_chosen_once_for_all_sections_and_taken_back(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=jiguan-kaoping")
    assert page.soup.select_one("#quorum option[selected]").text == "不要求"
    _save(signed_in, page, url, quorum="four_fifths")
    scheme = setup_of(app, meeting_id).scheme
    assert scheme.quorum is Quorum.FOUR_FIFTHS
    assert {part.scheme.quorum for part in scheme.sections} == {None}
    _save(signed_in, signed_in.get(url), url, quorum="")
    assert setup_of(app, meeting_id).scheme.quorum is None
    assert _save(signed_in, signed_in.get(url), url, quorum="most", status=422).error == "field_invalid"
    assert setup_of(app, meeting_id).scheme.quorum is None


def test_a_majority_of_those_entitled_is_set_in_the_form(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=ganbu-zonghe-texuan")
    _save(signed_in, page, url, rate_base="entitled", **{"choose.over": "50"})
    scheme = setup_of(app, meeting_id).scheme
    assert (scheme.rate_base, scheme.choose.over) == (PercentBase.ENTITLED, Fraction(1, 2))
    assert "过半数写 50" in _save(signed_in, signed_in.get(url), url, status=422, **{"choose.over": "100"}).text


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
    looked = _save(signed_in, page, f"{url}/preview", **_grades("95", "85", "75", "65"))
    # 14 × 95 + 4 × 85 + 2 × 75 = 1820, over 20 votes.
    assert looked.soup.select_one(".working-score strong").text == "91.00"
    assert setup_of(app, meeting_id).scheme.grades[0].points == 100
    wrong = _save(signed_in, page, f"{url}/preview", **_grades("x", "85", "75", "65"))
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


@pytest.mark.parametrize(
    "preset",
    ["guji-xiaoneng", "jiguan-kaoping", "ganbu-zonghe", "ganbu-zonghe-texuan", "beian-pingshi", "jiandu-pingshi"],
)
def test_any_preset_is_taken_from_its_form_exactly_as_it_is(app, signed_in, meeting_id, url, preset):
    _save(signed_in, signed_in.get(f"{url}?preset={preset}"), url)
    assert setup_of(app, meeting_id).scheme == load_preset(preset)


def test_the_page_to_choose_from_shows_every_scheme_with_what_it_asks_and_computes(signed_in, url):
    page = signed_in.get(f"{url}/choose")
    titles = [heading.text for heading in page.soup.select("#main h2")]
    assert titles == ["常用", "法定和常用测评", "十七种考核制度"]
    assert len(page.soup.select(".preset")) == len(list_presets())
    assert "最终得分 = 民主测评 30%（本场测评） + 量化考核 70%（导入）" in page.text
    assert "3 张分表（正科领导职务人员、副科领导职务人员、非领导职务人员）" in page.text
    chosen = page.soup.select_one(".preset-chosen")
    assert chosen["href"].endswith("preset=si-deng")


def test_presets_are_found_by_words_and_the_chosen_one_stays(signed_in, url):
    assert {preset.key for preset in list_presets()} == set(USES)
    page = signed_in.get(f"{url}/choose?sought=年末用 测评")
    assert "监督局公务员年度考核" in page.text
    assert "乡机关平时考核" not in page.text
    assert page.soup.select_one(".preset-chosen .preset-title").text == "四等次总体评价"
    part = signed_in.get(f"{url}/choose?sought=组织生活", headers={"HX-Request": "true", "HX-Target": "presets"})
    assert [each.text for each in part.soup.select(".preset-title")] == ["四等次总体评价", "民主评议党员"]
    new = signed_in.get("/desk/new?sought=组织生活&preset=dangyuan-pingyi")
    assert new.soup.select_one("input[name=preset][checked]")["value"] == "dangyuan-pingyi"
    assert [each["value"] for each in new.soup.select("input[name=preset]")] == ["dangyuan-pingyi"]
    folds = signed_in.get("/desk/new").soup.select(".fold")
    assert [fold.select_one(".fold-title").text for fold in folds if fold.has_attr("open")] == ["常用"]


def test_what_sections_say_alike_is_typed_once_and_goes_to_all_of_them(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=jiguan-kaoping")
    weights = [tag["name"] for tag in page.soup.select("[name$=weight]")]
    assert weights[:2] == ["sections[1].dimensions[1].weight", "sections[1].dimensions[2].weight"]
    assert weights.count("sections[2].dimensions[1].weight") == 0
    changes = {
        "sections[1].dimensions[1].weight": "22.5",
        "sections[1].dimensions[2].weight": "2.5",
        "sections[1].grades[2].points": "85",
        "sections[3].groups[1].weight": "50",
        "sections[3].groups[2].weight": "30",
        "sections[3].groups[3].weight": "20",
        "decimals": "1",
    }
    _save(signed_in, page, url, **changes)
    parts = [part.scheme for part in setup_of(app, meeting_id).scheme.declared_sections]
    assert [part.dimensions[0].weight for part in parts] == [Fraction(9, 40)] * 3
    assert [part.grades[1].points for part in parts] == [85] * 3
    assert [part.decimals for part in parts] == [1] * 3
    assert [group.weight for group in parts[2].groups] == [Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)]
    assert [group.key for group in setup_of(app, meeting_id).groups][:2] == ["superior", "peer"]


@pytest.mark.parametrize(
    ("preset", "changes", "sentence"),
    [
        ("xiang-pingshi", {"bands[2].from": "95"}, "重叠"),
        ("xiang-pingshi", {"components[1].weight": "40"}, "现为 110%"),
        ("xiang-pingshi", {"quotas[1].share": "140"}, "quotas[1].share"),
        ("jiguan-kaoping", {"sections[3].groups[1].weight": "90"}, "之和应为 100%"),
        ("beian-pingshi", {"deduction_limit": "-1"}, "应为 0 到"),
        ("ganbu-zonghe-texuan", {"choose.seats_share": "100"}, "没有差额"),
    ],
)
def test_a_wrong_weight_edge_or_quota_is_refused_in_the_form(
    app, signed_in, meeting_id, url, preset, changes, sentence
):
    refused = _save(signed_in, signed_in.get(f"{url}?preset={preset}"), url, status=422, **changes)
    shown = refused.text + "".join(tag["name"] for tag in refused.soup.select("[aria-invalid=true]"))
    assert sentence in shown
    for name, value in changes.items():
        assert refused.soup.find(attrs={"name": name})["value"] == value
    assert setup_of(app, meeting_id).scheme.key == "si-deng"


def test_the_preview_shows_what_each_kind_of_voter_is_asked(signed_in, url):
    page = signed_in.get(f"{url}?preset=jingzheng-shanggang")
    assert [tag.text for tag in page.soup.select(".phone-voters")] == ["考评组", "全体工作人员"]
    first, second = page.soup.select(".phone")
    assert "写一个分数（0–100 分）" in first.text
    assert "基本称职" not in first.text
    assert "基本称职" in second.text
    reverse = signed_in.get(f"{url}?preset=ganbu-zonghe").soup.select_one(".phone").text
    assert "逆向测评" in reverse
    assert "使用意向" in reverse


def test_the_tree_of_dimensions_shows_each_share_of_its_branch(signed_in, url):
    page = signed_in.get(f"{url}?preset=xiang-pingshi")
    tree = [line.get_text(" ", strip=True) for line in page.soup.select(".tree li")]
    assert tree == ["德 20%", "能 20%", "勤 20%", "绩 20%", "业务工作 70%", "联系村和中心工作 30%", "廉 20%"]


def test_an_adjusted_scheme_is_kept_as_the_units_own_and_used_again(app, signed_in, url):
    page = signed_in.get(f"{url}?preset=xiang-pingshi")
    saved = _save(
        signed_in,
        page,
        f"{url}/keep",
        title="我乡的办法",
        **{"components[1].weight": "40", "components[2].weight": "60"},
    )
    assert "已存为本单位方案“我乡的办法”" in saved.text
    listed = signed_in.get("/desk/schemes")
    own = listed.soup.select_one(".scheme-line a")["href"]
    made = signed_in.submit(signed_in.get(own), "/desk/new", title="第二场")
    scheme = setup_of(app, made.response.request.path.split("/")[2]).scheme
    assert (scheme.title, scheme.components[0].weight) == ("我乡的办法", Fraction(2, 5))
    assert "本单位方案" in signed_in.get(f"{url}/choose").text


@pytest.mark.parametrize("draft", ["", "e30.x", "not signed"])
def test_a_form_that_this_server_did_not_write_is_refused(app, signed_in, meeting_id, url, draft):
    refused = _save(signed_in, signed_in.get(url), url, status=422, draft=draft)
    assert refused.error == "field_invalid"
    assert setup_of(app, meeting_id).version == 1


def _reshape(client, page, url, list_name, what, *, status=200, **typed):
    return client.post(f"{url}/rows/{list_name}/{what}", {**_fields(page), **typed}, status=status)


def test_a_sixth_dimension_needs_a_press_a_word_and_a_press_for_its_weight(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=de-neng-qin-ji-lian")
    added = _reshape(signed_in, page, url, "dimensions", "add", **_grades("100", "85", "60", "0"))
    assert added.soup.select_one("[autofocus]")["name"] == "dimensions[6].label"
    assert not added.soup.select(".field-error")
    assert added.soup.select_one("[name='grades[2].points']")["value"] == "85"
    spread = _reshape(signed_in, added, url, "dimensions", "spread", **{"dimensions[6].label": "学"})
    weights = [field["value"] for field in spread.soup.select("[name^=dimensions][name$=weight]")]
    assert weights == ["17", "17", "17", "17", "16", "16"]
    assert setup_of(app, meeting_id).scheme.key == "si-deng", "nothing is stored before it is saved"
    _save(signed_in, spread, url)
    scheme = setup_of(app, meeting_id).scheme
    assert "".join(dimension.label for dimension in scheme.dimensions) == "德能勤绩廉学"
    assert len({dimension.key for dimension in scheme.dimensions}) == 6
    assert scheme.grades[1].points == 85


def test_a_grade_comes_in_at_the_end_and_another_goes(app, signed_in, meeting_id, url):
    added = _reshape(signed_in, signed_in.get(url), url, "grades", "add")
    typed = {"grades[5].label": "很差", "grades[5].points": "0", "grades[4].points": "20"}
    gone = _reshape(signed_in, added, url, "grades", "2/remove", **typed)
    _save(signed_in, gone, url)
    grades = setup_of(app, meeting_id).scheme.grades
    assert [(grade.label, grade.points) for grade in grades] == [
        ("优秀", 100), ("称职", 80), ("不称职", 20), ("很差", 0),
    ]  # fmt: skip


def test_an_overall_grade_becomes_dimensions(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    assert "现在只评一个总体等次" in page.text
    added = _reshape(signed_in, page, url, "dimensions", "add")
    typed = {"dimensions[1].label": "德", "dimensions[2].label": "能", "dimensions[1].weight": "60"}
    _save(signed_in, added, url, **typed, **{"dimensions[2].weight": "40"})
    dimensions = setup_of(app, meeting_id).scheme.dimensions
    assert [(each.label, each.weight) for each in dimensions] == [("德", Fraction(3, 5)), ("能", Fraction(2, 5))]


def test_tiers_quotas_and_clauses_are_made_in_the_form(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=xiang-pingshi-niandu")
    page = _reshape(signed_in, page, url, "quotas", "add")
    page = _reshape(signed_in, page, url, "clauses", "add", **{"quotas[2].scope": "unit", "quotas[2].count": "2"})
    bands = [tag["value"] for tag in page.soup.select("[name^=bands][name$=label]")]
    typed = {"clauses[8].label": "年内受处分", "clauses[8].effect": "cap", "clauses[8].points": ""}
    tiers = [option["value"] for option in page.soup.select("[name='clauses[8].tier'] option")]
    _save(signed_in, page, url, **typed, **{"clauses[8].tier": tiers[2]})
    scheme = setup_of(app, meeting_id).scheme
    assert (scheme.quotas[1].scope, scheme.quotas[1].count, scheme.quotas[1].share) == ("unit", 2, None)
    assert (scheme.clauses[7].label, scheme.clauses[7].effect) == ("年内受处分", "cap")
    assert [band.label for band in scheme.bands if band.key == scheme.clauses[7].tier] == [bands[1]]


def test_a_new_tier_stands_above_the_lowest_which_has_no_edge(app, signed_in, meeting_id, url):
    page = _reshape(signed_in, signed_in.get(f"{url}?preset=xiang-pingshi"), url, "bands", "add")
    last = len(page.soup.select("[name^=bands][name$=label]"))
    assert page.soup.select_one("[autofocus]")["name"] == f"bands[{last - 1}].label"
    gone = _reshape(signed_in, page, url, "bands", f"{last - 1}/remove", **{f"bands[{last - 1}].label": "很差"})
    lacking = [tag["name"] for tag in gone.soup.select("[name$=tier]") if tag.select_one("[selected]")["value"] == ""]
    tiers = [option["value"] for option in gone.soup.select_one("[name$=tier]").select("option")]
    _save(signed_in, gone, url, **dict.fromkeys(_naming_tiers(gone, lacking), tiers[-1]))
    bands = setup_of(app, meeting_id).scheme.bands
    assert (bands[-1].label, bands[-1].start) == ("很差", None)


def _naming_tiers(page, names):
    """Those of the clauses' tiers without which their effects cannot be."""
    for name in names:
        effect = page.soup.select_one(f"[name='{name.replace('tier', 'effect')}'] [selected]")["value"]
        if effect in ("cap", "outright"):
            yield name


def test_a_clause_whose_tier_was_taken_out_names_none_and_is_asked_for_another(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=xiang-pingshi-niandu")
    (warned,) = [tag["name"] for tag in page.soup.select("[name$=tier]") if tag.select_one("[selected]")["value"]]
    page = _reshape(signed_in, page, url, "bands", "1/remove")
    assert page.soup.select_one(f"[name='{warned}'] [selected]")["value"] == ""
    refused = _save(signed_in, page, url, status=422)
    assert refused.soup.select_one(f"[name='{warned}']").find_parent(class_="field").select_one(".field-error")


def test_what_sections_say_alike_comes_and_goes_in_all_of_them(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=jiguan-kaoping")
    page = _reshape(signed_in, page, url, "sections[1].grades", "3/remove")
    _save(signed_in, page, url)
    assert [len(part.scheme.grades) for part in setup_of(app, meeting_id).scheme.declared_sections] == [3] * 3


@pytest.mark.parametrize(
    ("list_name", "what"),
    [("grades", "9/remove"), ("moon", "add"), ("groups", "add"), ("grades", "spread"), ("dimensions", "0/remove")],
)
def test_a_row_that_may_not_come_or_go_is_refused_with_what_was_typed(signed_in, url, list_name, what):
    page = signed_in.get(url)
    refused = _reshape(signed_in, page, url, list_name, what, status=422, **_grades("90", "80", "60", "0"))
    assert refused.error == "field_invalid"
    assert refused.soup.select_one("[name='grades[1].points']")["value"] == "90"


def test_three_decisions_stand_on_top_and_the_rest_is_folded_with_what_it_says(signed_in, url):
    page = signed_in.get(f"{url}?preset=beian-pingshi")
    assert [heading.text for heading in page.soup.select("#step-form h2")][:3] == ["维度", "名额", "其他设置"]
    said = {
        each.select_one(".fold-title").text: each.select_one(".fold-said").text for each in page.soup.select(".fold")
    }
    assert said["档次"] == "好、较好、一般、较差"
    assert said["条款"].startswith("弹性指标加分、弹性指标减分、")
    assert "保留小数2 位" in said["计分口径"]
    assert not page.soup.select(".fold[open]")


def test_tiers_by_more_than_half_of_the_votes_are_set_in_the_form(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    switched = signed_in.post(f"{url}/rows/bands/switch", _fields(page))
    assert setup_of(app, meeting_id).scheme.bands == ()
    fields = _fields(switched)
    assert "按得票定优秀/称职/基本称职/不称职" in switched.text
    assert (fields["bands[2].over"], fields["bands[2].grades"]) == (["50"], ["2"])
    refused = signed_in.post(url, fields | {"bands[1].over": "100"}, status=422)
    assert "大于 0、小于 100" in refused.text
    signed_in.post(url, fields | {"bands[1].over": "66.67", "rate_base": "entitled"})
    scheme = setup_of(app, meeting_id).scheme
    assert [(band.label, band.over, band.grades) for band in scheme.bands][:2] == [
        ("优秀", Fraction(6667, 10000), 1),
        ("称职", Fraction(1, 2), 2),
    ]
    again = _fields(signed_in.get(url))
    assert again["bands[1].over"] == ["66.67"]
    back = signed_in.post(f"{url}/rows/bands/switch", again)
    assert "bands[1].over" not in _fields(back)
    assert _fields(back)["bands[1].from"] == [""]


def test_the_remarks_of_a_preset_are_written_anew_or_left_out_by_the_unit(app, signed_in, meeting_id, url):
    page = signed_in.get(f"{url}?preset=diwei-pingshi")
    preset = load_preset("diwei-pingshi")
    assert page.soup.select_one("textarea[name=remarks]").get_text() == "\n".join(preset.remarks)
    _save(signed_in, page, url, remarks=" 经党组会研究确定。 \r\n\r\n参加人数以签到为准。\r\n")
    scheme = setup_of(app, meeting_id).scheme
    assert scheme.remarks == ("经党组会研究确定。", "参加人数以签到为准。")
    said = scheme_notes(scheme)
    assert not any("自定" in note for note in said)
    # Where a number comes from stays said, whatever a unit writes beside it.
    assert [note for note in scheme_notes(preset) if note not in preset.remarks] == list(said[:-2])
    _save(signed_in, signed_in.get(url), url, remarks="")
    assert setup_of(app, meeting_id).scheme.remarks == ()
    refused = _save(signed_in, signed_in.get(url), url, status=422, remarks=f"短\n{'长' * 301}")
    assert refused.soup.select_one(".field-bad textarea[name=remarks]") is not None
    assert refused.soup.select_one(".field-bad .field-error") is not None
    assert setup_of(app, meeting_id).scheme.remarks == ()
