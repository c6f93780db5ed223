"""The page on which people are counted in who come late, and out who leave."""

from __future__ import annotations

from scene import CHAIR, cast, hold_meeting

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.hall.boards import load_board, record_numbers


def test_new_slips_are_shown_once_in_the_reply_and_both_presses_show_the_same(app, signed_in):
    with app.app_context():
        scene = hold_meeting()
        record_numbers(CHAIR, scene.meeting_id, "all", present=12, left_over=0)
    url = f"/desk/{scene.meeting_id}/attendance"
    page = signed_in.get(url)
    fields = {**page.fields("/attendance/late"), "people": "2"}
    refused = signed_in.post(f"{url}/late", fields, status=422)
    assert "备用票不够，须另制新票 2 张：请写明原因" in refused.text
    assert refused.fields("/attendance/late")["people"] == "2"
    fields["reason"] = "到会人数多于通知人数"
    codes = []
    for _ in range(2):
        reply = signed_in.post(f"{url}/late", fields)
        codes.append([code.text for code in reply.soup.select("[data-reissued]")])
        assert "已登记迟到 2 人。另制新票 2 张，见下。" in reply.text
    assert codes[0] == codes[1]
    assert len(codes[0]) == 2
    assert signed_in.get(url).soup.select("[data-reissued]") == []
    with app.app_context():
        cast(scene.meeting_id, codes[0][0], "excellent")
        assert load_board(scene.meeting_id).issued == 14


def test_whoever_leaves_is_counted_out_and_what_is_typed_wrong_is_refused(app, signed_in):
    with app.app_context():
        scene = hold_meeting()
    url = f"/desk/{scene.meeting_id}/attendance"
    assert signed_in.get(f"/desk/{scene.meeting_id}/chair").soup.select_one(f"a[href='{url}']")
    fields = signed_in.get(url).fields("/attendance/late")
    for act in ("late", "left"):
        refused = signed_in.post(f"{url}/{act}", {**fields, "people": "两"}, status=422)
        assert refused.error == "field_invalid"
    left = signed_in.post(f"{url}/left", fields)
    assert "已登记离场 1 人。" in left.text
    assert "备用票还有 1 张" in left.text
    handed = signed_in.post(f"{url}/late", left.fields("/attendance/late"))
    assert "请从备用票中发给他们 1 张" in handed.text
    assert (
        "“全体”离场 1 人，未投票，实到 未填；交回未用的票 1 张"
        in signed_in.get(f"/desk/{scene.meeting_id}/events").text
    )
    with app.app_context():
        close_meeting(CHAIR, scene.meeting_id)
    assert "投票期间才登记迟到和离场" in signed_in.get(url).text
