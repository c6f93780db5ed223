"""The tellers' three sheets, their comparison, and the purge, as they are done on the console."""

from __future__ import annotations

import secrets

from flask import Flask
from holding import closed, prepared, press, published
from page_client import Page, PageClient
from scene import CHAIR, cast

from kaohe.domain.bundles import check_bundle
from kaohe.domain.meetings import Custody
from kaohe.operations.archive.purging import load_keeping
from kaohe.operations.chair import voting
from kaohe.operations.count.challenging import load_challenges
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.key import draw_up_shares, prove_share


def _sheets(signed_in: PageClient, meeting_id: str) -> list[str]:
    page = signed_in.submit(signed_in.get(f"/desk/{meeting_id}/hall"), f"/desk/{meeting_id}/key", sheets="split")
    return ["-".join(g.text for g in part.select("span")) for part in page.soup.select(".sheet-groups")]


def _type(signed_in: PageClient, meeting_id: str, act: str, text: str, *, status: int = 200) -> Page:
    page = signed_in.get(f"/desk/{meeting_id}/{'hall' if act == 'key/prove' else 'chair'}")
    return press(signed_in, page, f"/desk/{meeting_id}/{act}", status=status, key=text)


def test_three_tellers_print_try_and_give_their_sheets(app: Flask, signed_in: PageClient) -> None:
    scene = prepared(app, custody=Custody.TELLERS)
    one, two, three = _sheets(signed_in, scene.meeting_id)
    first = _type(signed_in, scene.meeting_id, "key/prove", one)
    assert [each.get_text(" ") for each in first.soup.select("[data-share]")] == [
        "第 1 张 已输入，等另一张",
        "第 2 张 还没有输入",
        "第 3 张 还没有输入",
    ]
    again = _type(signed_in, scene.meeting_id, "key/prove", one, status=422)
    assert (again.error, one in again.text) == ("share_repeated", True)
    assert "可以开始投票" in _type(signed_in, scene.meeting_id, "key/prove", three).text
    assert "三张钥匙单都能用" in _type(signed_in, scene.meeting_id, "key/prove", two).text

    with app.app_context():
        voting.open_meeting(CHAIR, scene.meeting_id)
        cast(scene.meeting_id, scene.all_codes[0], "excellent")
        voting.close_meeting(CHAIR, scene.meeting_id)
    waiting = _type(signed_in, scene.meeting_id, "count", two)
    assert "另一张钥匙单（第 2 张已输入" in waiting.text
    assert one not in waiting.text
    assert "开箱完成，共计 1 张" in _type(signed_in, scene.meeting_id, "count", one).text


def test_whoever_voids_a_round_is_told_to_have_the_tellers_sheet_destroyed(app: Flask, signed_in: PageClient) -> None:
    for custody in Custody:
        scene = prepared(app, custody=custody)
        with app.app_context():
            voting.open_meeting(CHAIR, scene.meeting_id)
        address = f"/desk/{scene.meeting_id}/void"
        page = press(signed_in, signed_in.get(address), address, reason="人数不符")
        assert "已经作废" in page.text
        assert ("钥匙单请监票人当场销毁" in page.text) is (custody is Custody.TELLERS)


def test_tellers_announce_open_and_conclude_their_comparison(app: Flask, signed_in: PageClient) -> None:
    scene = prepared(app, names=("张伟",))
    address = f"/desk/{scene.meeting_id}/challenges"
    page = signed_in.get(address)
    assert "建议 1 张" in page.text
    assert press(signed_in, page, address, count="51", status=422).error == "field_invalid"
    assert press(signed_in, page, address, count="二", status=422).error == "field_invalid"
    press(signed_in, page, address, count="1")
    nonce = secrets.token_hex(16)
    with app.app_context():
        voting.open_meeting(CHAIR, scene.meeting_id)
        for number, code in enumerate(scene.all_codes[:11]):
            cast(scene.meeting_id, code, "excellent" if number else "incompetent", nonce=None if number else nonce)
    assert not signed_in.get(address).soup.select("form[action$='/challenges/open']")
    with app.app_context():
        voting.close_meeting(CHAIR, scene.meeting_id)

    page = signed_in.get(address)
    wrong = press(signed_in, page, f"{address}/open", codes="0000", status=422)
    assert wrong.error == "challenge_unknown"
    shown = press(signed_in, page, f"{address}/open", codes=f"\n{nonce}\n")
    assert [cell.text for cell in shown.soup.select("[data-challenge] tbody td")] == ["张伟", "不称职"]
    assert "逐票相符" in press(signed_in, shown, f"{address}/conclude", outcome="same").text
    record = signed_in.get(f"/desk/{scene.meeting_id}/events").text
    assert "监票人抽查 1 张票" in record
    assert "监票抽查结论：逐票相符" in record


def test_with_three_sheets_two_tellers_open_the_comparison(app: Flask, signed_in: PageClient) -> None:
    scene = prepared(app, custody=Custody.TELLERS)
    nonce = secrets.token_hex(16)
    address = f"/desk/{scene.meeting_id}/challenges"
    press(signed_in, signed_in.get(address), address, count="2")
    with app.app_context():
        shares = [share.text for share in draw_up_shares(CHAIR, scene.meeting_id)]
        for share in shares[:2]:
            prove_share(CHAIR, scene.meeting_id, share)
        voting.open_meeting(CHAIR, scene.meeting_id)
        cast(scene.meeting_id, scene.all_codes[0], "excellent", nonce=nonce)
        voting.close_meeting(CHAIR, scene.meeting_id)
    compared = [line.get_text() for line in signed_in.get(address).soup.select("[data-comparisons] li")]
    assert any("张领走后没有投。请监票人收齐没有投的票清点" in line for line in compared)
    first = press(signed_in, signed_in.get(address), f"{address}/open", codes=nonce, key=shares[2])
    assert nonce in first.soup.select_one("#codes").text
    assert press(signed_in, first, f"{address}/open", codes=nonce, key=shares[0]).soup.select("[data-challenge]")
    with app.app_context():
        assert len(load_challenges(scene.meeting_id).named) == 1


def test_ballots_are_purged_on_the_console_with_a_reason_and_a_confirmation(app: Flask, signed_in: PageClient) -> None:
    scene = published(app, [["excellent"]] * 5)
    address = f"/desk/{scene.meeting_id}/keeping"
    page = signed_in.get(address)
    assert "现存选票 5 张" in page.text
    for fields, code in (({"reason": "急"}, "field_invalid"), ({"archived": "yes"}, "purge_too_early")):
        refused = press(
            signed_in, page, f"/desk/{scene.meeting_id}/purge", status=422 if len(code) == 13 else 409, **fields
        )
        assert refused.error == code
    assert press(signed_in, page, f"{address}/day", day="不是日期", reason="x", status=422).error == "field_invalid"
    assert "2030年1月2日" in press(signed_in, page, f"{address}/day", day="2030-01-02", reason="有申诉").text

    done = press(signed_in, page, f"/desk/{scene.meeting_id}/purge", archived="yes", reason="考核办同意")
    assert "已经清除" in done.text
    with app.app_context():
        assert load_keeping(scene.meeting_id).is_purged
    result = signed_in.get(f"/desk/{scene.meeting_id}/result")
    assert result.soup.select("[data-score]")
    assert signed_in.get(f"/documents/{scene.meeting_id}/1/print").soup.select("table")
    assert not result.soup.select("a[href$='/receipts']")
    assert signed_in.get(f"/documents/{scene.meeting_id}/1/receipts", status=410).error == "ballots_purged"
    assert "只有票数" in result.soup.select_one("a[href*='bundle.zip']").text
    bundle = signed_in.http.get(f"/documents/{scene.meeting_id}/1/bundle.zip")
    assert check_bundle(bundle.data).purged_at is not None
    assert "提前清除，原因：考核办同意" in signed_in.get(f"/desk/{scene.meeting_id}/events").text


def test_how_long_ballots_are_kept_is_said_before_the_result_is(app: Flask, signed_in: PageClient) -> None:
    scene = prepared(app)
    address = f"/desk/{scene.meeting_id}/keeping"
    page = signed_in.get(address)
    assert press(signed_in, page, f"{address}/months", months="", status=422).error == "field_invalid"
    press(signed_in, page, f"{address}/months", months="12")
    with app.app_context():
        assert load_keeping(scene.meeting_id).months == 12


def test_a_voter_finds_the_own_receipt_in_a_list_that_is_asked_nothing(app: Flask, pages: PageClient) -> None:
    scene = closed(app, [["excellent"]] * 4)
    address = f"/v/{scene.meeting_id}/1/receipts"
    assert pages.get(address, status=409).error == "wrong_state"
    assert not pages.get(f"/v/{scene.meeting_id}/1").soup.select(f"a[href='{address}']")
    with app.app_context():
        count_meeting(CHAIR, scene.meeting_id)
        own = list(load_counted(scene.meeting_id).receipts)
    assert pages.get(f"/v/{scene.meeting_id}/1").soup.select(f"a[href='{address}']")
    page = pages.get(address)
    assert [each.text for each in page.soup.select("li")] == own
    assert not page.soup.select("form, input, script")
    assert "Set-Cookie" not in page.response.headers
