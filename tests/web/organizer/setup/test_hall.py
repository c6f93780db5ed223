"""What the hall sees, who holds the key, the shared code, and the key ceremony."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from itertools import product

import pytest
from desk import new_meeting, press, setup_of
from emblems import picture
from scene import CHAIR, hold_meeting, prepare_meeting

from kaohe.domain.envelopes import BoxKey, fingerprint
from kaohe.domain.errors import FieldInvalid
from kaohe.domain.meetings import Custody, HallView
from kaohe.domain.wireless import Wireless
from kaohe.operations.chair.publishing import show_scene
from kaohe.operations.count.sources import list_findings
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.preparing import change_hall, load_emblem, load_meeting, load_wireless, stage_code
from kaohe.storage.database import reading
from kaohe.storage.record import list_record_entries
from kaohe.web.organizer.shell.hall_words import HALL_WAYS


@pytest.fixture
def meeting_id(app):
    return new_meeting(app)


@pytest.fixture
def url(meeting_id):
    return f"/desk/{meeting_id}/hall"


@pytest.fixture
def tellers(signed_in, url):
    """The console of a meeting whose key the tellers are to hold."""
    press(signed_in, signed_in.get(url), url, hall_choice="tellers", shared_group="")
    return signed_in


def _draw_up(client, meeting_id):
    page = client.submit(client.get(f"/desk/{meeting_id}/hall"), f"/desk/{meeting_id}/key")
    return page, "-".join(group.text for group in page.soup.select(".sheet-groups span"))


def _round(app, meeting_id):
    with app.app_context():
        return load_meeting(meeting_id)[1]


def test_live_tallies_in_batches_and_the_servers_custody_are_the_defaults(signed_in, url):
    page = signed_in.get(url)
    checked = {tag["name"]: tag["value"] for tag in page.soup.select("input[checked]")}
    assert checked == {"hall_choice": "live", "shared_group": ""}
    assert [tag["value"] for tag in page.soup.select(".panel > .choices [name=hall_choice]")] == ["live", "tellers"]
    assert not page.soup.select_one("details:has([name=hall_choice])").has_attr("open")


def test_every_choice_says_in_a_sentence_what_it_means(signed_in, url):
    page = signed_in.get(url)
    hints = page.soup.select("[name=hall_choice] ~ .choice-hint")
    assert len({hint.text for hint in hints}) == len(page.soup.select("[name=hall_choice]")) == 4
    assert all("代价" in hint.text for hint in hints[:2])
    assert "对人的评价选这一项更稳妥" in page.soup.select_one("[value=tellers] ~ .choice-hint").text
    assert "防不住" in page.text


PAIRS = {
    "live": (Custody.SERVER, HallView.BATCHED),
    "tellers": (Custody.TELLERS, HallView.TURNOUT),
    "turnout": (Custody.SERVER, HallView.TURNOUT),
    "instant": (Custody.SERVER, HallView.INSTANT),
}


@pytest.mark.parametrize("choice", PAIRS)
def test_one_answer_sets_who_holds_the_key_and_what_the_hall_sees(app, signed_in, meeting_id, url, choice):
    press(signed_in, signed_in.get(url), url, hall_choice=choice, instant_confirmed="1")
    setup = setup_of(app, meeting_id)
    assert (setup.custody, setup.hall_view) == PAIRS[choice]
    page = signed_in.get(url)
    assert page.fields("/hall")["hall_choice"] == choice
    assert page.soup.select_one("details:has([name=hall_choice])").has_attr("open") is (
        choice in {"turnout", "instant"}
    )


def test_every_pair_that_is_not_refused_has_one_answer(app, meeting_id):
    legal = set()
    for pair in product(Custody, HallView):
        with app.app_context(), suppress(FieldInvalid):
            version = load_meeting(meeting_id)[0].version
            change_hall(
                CHAIR,
                meeting_id,
                version,
                custody=pair[0],
                hall_view=pair[1],
                shared_group=None,
                ballot_list_wanted=False,
            )
            legal.add(pair)
    assert sorted((way.custody, way.hall_view) for way in HALL_WAYS.values()) == sorted(legal)


def test_a_form_that_asks_for_live_tallies_beside_the_tellers_key_sets_no_such_pair(app, signed_in, meeting_id, url):
    fields = {"hall_choice": "tellers", "custody": "tellers", "hall_view": "batched"}
    press(signed_in, signed_in.get(url), url, **fields)
    setup = setup_of(app, meeting_id)
    assert (setup.custody, setup.hall_view) == PAIRS["tellers"]


def test_a_shared_code_beside_batches_is_warned_of(app, signed_in, meeting_id, url):
    assert "大屏上看实时票数时可能借以推算别人的票" in signed_in.get(url).text
    for choice in ("live", "turnout"):
        press(signed_in, signed_in.get(url), url, hall_choice=choice, shared_group="all")
        with app.app_context():
            told = {finding.code for finding in list_findings(meeting_id)}
        assert ("batches_shared_code" in told) is (choice == "live")


def test_the_choices_are_saved(app, signed_in, meeting_id, url):
    fields = {
        "hall_choice": "instant",
        "instant_confirmed": "1",
        "shared_group": "all",
        "ballot_list": "1",
    }
    page = press(signed_in, signed_in.get(url), url, **fields)
    assert page.response.request.path == f"/desk/{meeting_id}/tickets"
    setup = setup_of(app, meeting_id)
    assert (setup.hall_view, setup.custody) == (HallView.INSTANT, Custody.SERVER)
    assert (setup.shared_group, setup.ballot_list_wanted) == ("all", True)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hall_choice": "instant"}, "请勾选“我已了解”"),
        ({"shared_group": "nobody"}, "票种不存在"),
        ({"hall_choice": "everything"}, "请选择看实时票数，还是由监票人保管钥匙"),
        ({"hall_choice": ""}, "请选择看实时票数，还是由监票人保管钥匙"),
    ],
)
def test_refused_choices_are_shown_again_and_not_stored(app, signed_in, meeting_id, url, changes, sentence):
    fields = {"hall_choice": "turnout", "shared_group": "", "ballot_list": "1", **changes}
    page = press(signed_in, signed_in.get(url), url, status=422, **fields)
    assert sentence in page.text
    assert page.soup.select_one("[name=ballot_list]").has_attr("checked")
    assert setup_of(app, meeting_id).version == 1


def test_choices_that_somebody_changed_meanwhile_are_not_overwritten(app, signed_in, meeting_id, url):
    mine = signed_in.get(url)
    press(signed_in, mine, url, hall_choice="turnout")
    refused = press(signed_in, mine, url, status=409, hall_choice="instant", instant_confirmed="1")
    assert refused.error == "edited_meanwhile"
    assert refused.soup.select_one("[value=instant]").has_attr("checked")
    assert setup_of(app, meeting_id).hall_view is HallView.TURNOUT


def test_the_key_sheet_carries_the_key_once_and_the_server_keeps_none(app, tellers, meeting_id):
    page, typed = _draw_up(tellers, meeting_id)
    assert len(page.soup.select(".sheet-groups span")) == 14
    assert fingerprint(_round(app, meeting_id).public_key) in page.text
    assert page.soup.select_one(".sheet-qr path")["d"]
    later = tellers.get(f"/desk/{meeting_id}/hall")
    assert typed.split("-")[0] not in later.text.split()
    assert fingerprint(_round(app, meeting_id).public_key) in later.text


def test_the_tellers_prove_their_sheet_by_typing_it(app, tellers, meeting_id):
    _, typed = _draw_up(tellers, meeting_id)
    url = f"/desk/{meeting_id}/key/prove"
    page = tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), url, key=typed.lower().replace("-", " "))
    assert "试开通过" in page.text
    assert _round(app, meeting_id).key_proven


@pytest.mark.parametrize("typed", ["", "ABCD", BoxKey.new().text], ids=["empty", "short", "of another box"])
def test_a_wrong_key_is_refused_and_stays_to_be_compared(app, tellers, meeting_id, typed):
    _draw_up(tellers, meeting_id)
    url = f"/desk/{meeting_id}/key/prove"
    page = tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), url, status=422, key=typed)
    assert page.error == "key_wrong"
    assert page.soup.select_one("#key-text").text.strip() == typed
    assert not _round(app, meeting_id).key_proven


def test_a_key_page_that_is_loaded_again_makes_no_other_key(app, tellers, meeting_id):
    before = tellers.get(f"/desk/{meeting_id}/hall")
    _, typed = _draw_up(tellers, meeting_id)
    again = tellers.submit(before, f"/desk/{meeting_id}/key", status=409)
    assert again.error == "key_drawn_up"
    assert "没有再生成" in again.text
    tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), f"/desk/{meeting_id}/key/prove", key=typed)
    assert _round(app, meeting_id).key_proven


def test_a_misread_group_of_the_sheet_is_named(tellers, meeting_id):
    _, typed = _draw_up(tellers, meeting_id)
    url = f"/desk/{meeting_id}/key/prove"
    wrong = "2" if typed[0] != "2" else "3"
    refused = tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), url, status=422, key=wrong + typed[1:])
    assert refused.soup.select_one("[data-error=key_wrong], .notice").text.count("第 1 组") == 1
    short = tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), url, status=422, key=typed[:6] + typed[7:])
    assert "应有 56 个字符，现在是 55 个，请先看第 2 组" in short.text


def test_a_sheet_drawn_up_again_puts_the_first_one_out_of_use(app, tellers, meeting_id):
    _, first = _draw_up(tellers, meeting_id)
    prove = f"/desk/{meeting_id}/key/prove"
    tellers.submit(tellers.get(f"/desk/{meeting_id}/hall"), prove, key=first)
    _, second = _draw_up(tellers, meeting_id)
    assert not _round(app, meeting_id).key_proven
    page = tellers.get(f"/desk/{meeting_id}/hall")
    assert tellers.submit(page, prove, status=422, key=first).error == "key_wrong"
    tellers.submit(page, prove, key=second)
    assert _round(app, meeting_id).key_proven


def test_no_sheet_is_drawn_up_while_the_server_holds_the_key(app, signed_in, meeting_id, url):
    page = signed_in.get(url)
    assert not page.soup.select("#key")
    refused = press(signed_in, page, f"/desk/{meeting_id}/key", status=422)
    assert "不需要钥匙单" in refused.text
    assert _round(app, meeting_id).public_key is None


def test_the_key_page_cannot_be_fetched_again(tellers, meeting_id):
    assert tellers.get(f"/desk/{meeting_id}/key", status=405).error == "method_not_allowed"


def test_an_open_meeting_keeps_its_view_and_its_key(app, signed_in):
    with app.app_context():
        scene = hold_meeting(custody=Custody.TELLERS)
    url = f"/desk/{scene.meeting_id}/hall"
    page = signed_in.get(url)
    assert "设置已经固定" in page.text
    assert not page.soup.select("#main button:not(#wireless button, #emblem button)")
    token = page.soup.select_one("input[name=csrf_token]")["value"]
    version = str(setup_of(app, scene.meeting_id).version)
    fields = {"csrf_token": token, "version": version, "hall_choice": "instant"}
    fields["instant_confirmed"] = "1"
    assert signed_in.post(url, fields, status=409).error == "wrong_state"
    key_before = _round(app, scene.meeting_id).public_key
    assert signed_in.post(f"/desk/{scene.meeting_id}/key", fields, status=409).error == "wrong_state"
    assert _round(app, scene.meeting_id).public_key == key_before


def test_the_wireless_network_is_said_once_and_stands_on_the_welcome_scene_and_in_a_copy(app, signed_in, monkeypatch):
    monkeypatch.setattr("kaohe.live.watching.PACE_SECONDS", 0.0)
    with app.app_context():
        scene = prepare_meeting()
        show_scene(scene.meeting_id, "welcome")
        wall = f"/stage/{scene.meeting_id}/{stage_code(scene.meeting_id)}"
    url = f"/desk/{scene.meeting_id}/hall"
    assert not signed_in.get(wall).soup.select(".to-scan")
    page = signed_in.get(url)
    for _ in range(2):
        page = signed_in.submit(page, "/hall/wireless", name="会场", password="kaohe2026")
    assert page.fields("/hall/wireless")["name"] == "会场"
    refused = signed_in.submit(page, "/hall/wireless", status=422, name="会场", password="短")
    assert refused.error == "field_invalid"
    assert refused.fields("/hall/wireless")["password"] == "短"
    shown = signed_in.get(wall).soup.select_one(".to-scan")
    assert [each.text for each in shown.select("dd")] == ["会场", "kaohe2026"]
    assert shown.select_one("svg.qr path")["d"].startswith("M")
    with app.app_context():
        like = copy_meeting(CHAIR, scene.meeting_id, title="下一年", unit="", held_on=None, token="a-word-of-one-page")
        assert load_wireless(like) == Wireless("会场", "kaohe2026")
        with reading() as session:
            said = [entry for entry in list_record_entries(session, scene.meeting_id) if "wireless" in entry.act]
    assert [dict(entry.detail) for entry in said] == [{"changes": "名称由未填改为“会场”"}]


def test_the_emblem_stands_on_the_wall_and_in_a_copy_until_it_is_taken_off(app, signed_in, monkeypatch):
    monkeypatch.setattr("kaohe.live.watching.PACE_SECONDS", 0.0)
    with app.app_context():
        scene = hold_meeting()
        code = stage_code(scene.meeting_id)
    url, wall = f"/desk/{scene.meeting_id}/hall", f"/stage/{scene.meeting_id}/{code}"
    page = signed_in.get(url)

    def upload(content, status=303):
        token = page.soup.select_one("input[name=csrf_token]")["value"]
        fields = {"csrf_token": token} | ({"file": (BytesIO(content), "emblem.png")} if content else {})
        reply = signed_in.http.post(f"{url}/emblem", data=fields)
        assert reply.status_code == status
        return reply

    assert not signed_in.get(wall).soup.select(".emblem")
    for _ in range(2):
        upload(picture("PNG"))
    upload(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", status=422)
    upload(b"", status=422)
    shown = [each["src"] for each in signed_in.get(wall).soup.select(".emblem")]
    assert shown
    assert signed_in.get(url).soup.select_one("#emblem img")["src"] == shown[0]
    sent = app.test_client().get(shown[0])
    assert (sent.status_code, sent.mimetype, sent.headers["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
    for wrong in (f"{wall}/emblem/0000", shown[0].replace(code, "x")):
        assert app.test_client().get(wrong).status_code == 404
    with app.app_context():
        like = copy_meeting(CHAIR, scene.meeting_id, title="下一年", unit="", held_on=None, token="a-word-of-one-page")
        assert load_emblem(like) == sent.data
    signed_in.submit(signed_in.get(url), "/hall/emblem/removed")
    assert not signed_in.get(wall).soup.select(".emblem")
    assert app.test_client().get(shown[0]).status_code == 404
    with app.app_context(), reading() as session:
        said = [entry for entry in list_record_entries(session, scene.meeting_id) if "emblem" in entry.act]
    assert [bool(entry.detail["emblem"]) for entry in said] == [False, True]


def test_the_wireless_network_can_be_changed_while_people_vote(app, signed_in):
    with app.app_context():
        scene = hold_meeting()
    page = signed_in.get(f"/desk/{scene.meeting_id}/hall")
    signed_in.submit(page, "/hall/wireless", name="hall", password="")
    with app.app_context():
        assert load_wireless(scene.meeting_id) == Wireless("hall", "")
