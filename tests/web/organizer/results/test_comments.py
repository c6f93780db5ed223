"""Comments are reviewed before they are handed over, each decision is on record, and the panel keeps the originals."""

from __future__ import annotations

import io
import zipfile

import pytest
from holding import opened, press
from role_visits import account_of
from scene import CHAIR, cast

from kaohe.domain.permissions import Role
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.reviewing_comments import list_comments

WRITTEN = {"s1": "请张伟同志多下基层", "s2": "作风扎实"}


@pytest.fixture
def meeting_id(app):
    """Twelve ballots; four comments on 张伟 and 李娜, counted."""
    scene = opened(app, comments_wanted=True)
    with app.app_context():
        for number, code in enumerate(scene.all_codes[:12]):
            said = {key: f"{text}{number}" for key, text in WRITTEN.items()} if number < 2 else {}
            cast(scene.meeting_id, code, "excellent", comments=said)
        close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene.meeting_id


def ids(page):
    return {
        item.select_one(".decision-words p").get_text(): item.select_one("input[name=comment]")["value"]
        for item in page.soup.select("[data-comment]")
    }


def listed(client, meeting_id):
    return client.http.get(f"/documents/{meeting_id}/1/comments.csv").data.decode("utf-8-sig")


def personal(client, meeting_id):
    return client.get(f"/documents/{meeting_id}/1/print?set=personal").soup.select_one("main").get_text()


def test_nothing_is_handed_over_before_all_is_reviewed_and_then_what_was_decided(app, signed_in, meeting_id):
    url = f"/desk/{meeting_id}/comments"
    page = signed_in.get(url)
    assert "4 条尚未审核" in page.text
    assert "还有 4 条意见建议没有审核" in listed(signed_in, meeting_id)
    assert "作风扎实" not in personal(signed_in, meeting_id)
    assert "意见建议还没有审核完" in personal(signed_in, meeting_id)
    found = ids(page)
    decide = f"{url}/review"

    page = press(
        signed_in, page, decide, comment=found["请张伟同志多下基层0"], verdict="masked", words="张伟", reason="涉及姓名"
    )
    assert "列出为：请××同志多下基层0" in page.text
    press(signed_in, page, decide, comment=found["作风扎实0"], verdict="person_only", reason="宜当面反馈")
    press(signed_in, page, decide, comment=found["作风扎实1"], verdict="left_out", reason="与考核无关")
    assert "还有 1 条意见建议没有审核" in listed(signed_in, meeting_id)
    page = press(signed_in, page, f"{url}/list-others")
    assert "其余 1 条照原文列出" in page.text

    text = listed(signed_in, meeting_id)
    assert "请××同志多下基层0" in text
    assert "请张伟同志多下基层1" in text
    assert "作风扎实" not in text
    assert "经审核，2 条未列入本表" in text
    own = personal(signed_in, meeting_id)
    assert "意见建议：作风扎实0" in own
    assert "没有审核完" not in own
    assert "作风扎实1" not in own
    with app.app_context(), zipfile.ZipFile(io.BytesIO(make_bundle(meeting_id).content)) as bundle:
        (name,) = [name for name in bundle.namelist() if "意见建议" in name]
        original = bundle.read(name).decode("utf-8-sig")
    assert all(comment in original for comment in found)

    record = signed_in.get(f"/desk/{meeting_id}/events").text
    number = found["作风扎实1"][:8]
    assert f"审核意见建议（{number}，李娜）：不列出，理由：与考核无关" in record
    assert "其余 1 条意见建议照原文列出" in record
    assert "作风扎实" not in record


def test_a_decision_may_be_changed_and_the_same_again_is_no_second_one(app, signed_in, meeting_id):
    url = f"/desk/{meeting_id}/comments"
    page = signed_in.get(url)
    one = ids(page)["作风扎实0"]
    for _ in range(2):
        page = press(signed_in, page, f"{url}/review", comment=one, verdict="left_out", reason="与考核无关")
    press(signed_in, page, f"{url}/review", comment=one, verdict="listed")
    record = signed_in.get(f"/desk/{meeting_id}/events").text
    assert record.count("李娜）：不列出") == 1
    assert "李娜）：照原文列出" in record
    assert "3 条尚未审核" in signed_in.get(url).text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"verdict": "left_out"}, 422, "请填写理由"),
        ({"verdict": "burnt", "reason": "x"}, 422, "请选择这条意见如何处理"),
        ({"verdict": "masked", "words": "赵六", "reason": "x"}, 422, "没有“赵六”"),
        ({"verdict": "listed", "comment": "00"}, 404, "没有这条意见"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_changes(signed_in, meeting_id, fields, status, said):
    url = f"/desk/{meeting_id}/comments"
    page = signed_in.get(url)
    posted = {"comment": ids(page)["作风扎实0"], **fields}
    assert said in press(signed_in, page, f"{url}/review", status=status, **posted).text
    assert "4 条尚未审核" in signed_in.get(url).text


def test_where_a_hall_could_guess_who_wrote_nobody_reviews_anything(app, signed_in):
    scene = opened(app, comments_wanted=True)
    with app.app_context():
        for code in scene.all_codes[:9]:
            cast(scene.meeting_id, code, "excellent", comments=WRITTEN)
        close_meeting(CHAIR, scene.meeting_id)
        count_meeting(CHAIR, scene.meeting_id, scene.key_text)
        assert list_comments(scene.meeting_id).comments == ()
    page = signed_in.get(f"/desk/{scene.meeting_id}/comments")
    assert "为保护无记名，意见建议不予列出" in page.text
    assert "作风扎实" not in page.text


def test_the_personnel_office_reviews_what_is_published(app, signed_in, meeting_id):
    headers, token, _ = account_of(app, Role.HR)
    client = app.test_client(use_cookies=False)
    assert client.get(f"/desk/{meeting_id}/comments", headers=headers).status_code == 403
    with app.app_context():
        publish_result(CHAIR, meeting_id)
    assert client.get(f"/desk/{meeting_id}/comments", headers=headers).status_code == 200
    posted = client.post(f"/desk/{meeting_id}/comments/list-others", headers=headers, data={"csrf_token": token})
    assert posted.status_code == 303
    assert "请张伟同志多下基层1" in listed(signed_in, meeting_id)
