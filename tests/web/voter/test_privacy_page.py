"""谁也不知道您投了什么: one plain page that says why, and what no program can promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from holding import opened
from phone import Hall

from kaohe.config import Config
from kaohe.domain.meetings import Custody, HallView
from kaohe.factory import create_app
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.challenging import declare_challenges
from kaohe.storage.tables import db

REASONS = (
    "票上没有您的名字",
    "先密封",
    "没有时间，没有先后顺序，没有手机地址",
    "先撕掉票码，再开箱",
    "回执不含您的选择",
)
LIMITS = (
    "管理服务器的人",
    "没有加密（以 http 开头）",
    "无线网络",
    "录像",
    "大家都选了同一项",
    "只有几个人",
    "意见建议",
)


def test_the_page_says_why_and_what_it_cannot_promise(hall: Hall) -> None:
    page = hall.pages.get(f"{hall.url}/privacy")

    assert page.soup.h1.get_text() == "谁也不知道您投了什么"
    assert [reason for reason in REASONS if reason not in page.text] == []
    assert "防不住" in page.soup.h2.get_text()
    limits = page.soup.select_one(".limits").get_text()
    assert [limit for limit in LIMITS if limit not in limits] == []


@pytest.mark.parametrize("challenges", [0, 2])
def test_it_names_the_tellers_code_where_challenges_were_announced(
    draft_of: Callable[..., Hall], challenges: int
) -> None:
    hall = draft_of()
    hall.chair(declare_challenges, challenges)
    hall.chair(open_meeting)
    limits = hall.pages.get(f"{hall.url}/privacy").soup.select_one(".limits").get_text()
    assert ("抽查码" in limits) == bool(challenges)


def test_it_says_what_the_phone_keeps_and_what_a_scanners_company_may_learn(hall: Hall) -> None:
    limits = hall.pages.get(f"{hall.url}/privacy").soup.select_one(".limits").get_text()
    for said in (
        "浏览记录里留有扫过的网址",
        "草稿用票码打乱了存在手机里",
        "用微信、钉钉等软件扫码时，软件公司可能知道",
    ):
        assert said in limits


def test_it_names_the_tellers_key_that_phones_seal_to(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(custody=Custody.TELLERS)
    text = hall.pages.http.get(f"{hall.url}/seal.js").get_data(as_text=True)
    key = json.loads(text.removeprefix("window.kaohe.box=").partition(";\n")[0])["key"]
    assert f"指纹是 {key}，应与监票人的钥匙单上的一致" in hall.pages.get(f"{hall.url}/privacy").soup.get_text()
    served = hall_of()
    assert "指纹" not in served.pages.get(f"{served.url}/privacy").soup.get_text()


@pytest.mark.parametrize(
    ("custody", "said", "not_said"),
    [
        (Custody.TELLERS, "只在监票人手里，投票时服务器上没有钥匙", "连同钥匙一起拷走"),
        (Custody.SERVER, "由服务器加锁保管", "监票人手里"),
    ],
)
def test_it_says_who_has_the_key_of_this_meeting(
    hall_of: Callable[..., Hall], custody: Custody, said: str, not_said: str
) -> None:
    hall = hall_of(custody=custody)
    text = hall.pages.get(f"{hall.url}/privacy").text
    assert said in text
    assert not_said not in text
    assert ("连同钥匙一起拷走" in text) is (custody is Custody.SERVER)


@pytest.mark.parametrize(
    ("hall_view", "said", "limit"),
    [
        (HallView.TURNOUT, "投票结束才开箱", False),
        (HallView.BATCHED, "每满 10 票更新一次，由待计入的票中随机抽取，至少 10 票暂不计入", False),
        (HallView.INSTANT, "每收到一票就更新一次", True),
    ],
)
def test_it_says_whether_ballots_are_opened_for_the_screen_while_people_vote(
    hall_of: Callable[..., Hall], hall_view: HallView, said: str, *, limit: bool
) -> None:
    hall = hall_of(hall_view=hall_view)
    text = hall.pages.get(f"{hall.url}/privacy").text

    assert said in text
    assert ("投票结束才开箱" in text) is (hall_view is HallView.TURNOUT)
    assert ("盯着大屏" in text) is limit
    assert ("谁也不知道您投了什么" in text) is not limit
    assert ("旁人可能看出您投了什么" in hall.ballot().text) is limit
    assert ("不单独显示哪一票" in text) is (hall_view is HallView.BATCHED)
    assert "先撕掉票码，再开箱" in text


def test_where_the_address_is_https_it_does_not_warn_of_plain_http(config: Config) -> None:
    app = create_app(replace(config, public_url="https://kaohe.unit.example"))
    scene = opened(app)
    page = app.test_client().get(f"/v/{scene.meeting_id}/1/privacy").get_data(as_text=True)
    assert "防不住" in page
    assert "没有加密" not in page
    with app.app_context():
        db.engine.dispose()


def test_it_is_the_same_before_while_and_after_people_vote(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    seen = [hall.pages.get(f"{hall.url}/privacy").response.data]
    for act in (open_meeting, close_meeting):
        hall.chair(act)
        seen.append(hall.pages.get(f"{hall.url}/privacy").response.data)
    assert len(set(seen)) == 1


def test_the_ballot_the_closed_page_and_the_receipt_lead_to_it(hall: Hall) -> None:
    links = [hall.ballot(), hall.post(hall.filled())]
    hall.chair(close_meeting)
    links.append(hall.ballot())
    for page in links:
        found = [
            str(a["href"])
            for a in page.soup.select("a")
            if a.get_text() in ("无记名：谁也不知道您投了什么", "投票怎样保密")
        ]
        assert [address.partition("?")[0] for address in found] == [f"{hall.url}/privacy"]
        assert "谁也不知道您投了什么" in hall.pages.get(found[0]).text


def test_from_the_ballot_a_way_leads_back_and_from_the_receipt_none_does(hall: Hall) -> None:
    page = hall.pages.get(f"{hall.url}/privacy").soup
    assert page.select_one("main a.back")["href"] == hall.url
    # The script writes the ticket into every other address without a fragment, so that the way back knows it.
    assert [a["href"] for a in page.select("main a:not(.back)")] == ["/guides/privacy#main"]
    about = next(a for a in hall.post(hall.filled()).soup.select("a"))
    assert not hall.pages.get(str(about["href"])).soup.select("main a.back")


def test_the_receipt_of_one_meeting_never_leads_to_another(hall: Hall, hall_of: Callable[..., Hall]) -> None:
    other = hall_of()
    for each in (hall, other):
        about = each.post(each.filled()).soup.select_one("main a")
        assert about["href"].startswith(f"{each.url}/privacy")


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}])
def test_the_lane_does_not_take_it_for_the_ballot(hall: Hall, headers: dict[str, str]) -> None:
    hall.ballot()
    reply = hall.pages.http.get(f"{hall.url}/privacy", headers=headers)
    assert "防不住" in reply.get_data(as_text=True)
    assert reply.headers["Cache-Control"] == "no-store"
    assert hall.pages.http.post(f"{hall.url}/privacy", data=hall.filled()).status_code == 405
    assert hall.cast_count() == 0


def test_a_meeting_that_does_not_exist_has_no_such_page(hall: Hall) -> None:
    assert hall.pages.get("/v/zzzzzzzz/1/privacy", status=404).error == "meeting_unknown"
    assert hall.pages.get(f"/v/{hall.scene.meeting_id}/9/privacy", status=404).error == "meeting_unknown"
