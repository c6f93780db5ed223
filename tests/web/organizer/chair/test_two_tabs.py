"""What stands ready in two tabs and is pressed in both, or twice in one, happens once: every act of the chair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from holding import closed, counted, opened, prepared, published
from page_client import PageClient
from scene import CHAIR, Scene, hand_out_paper

from kaohe.operations.chair.spot_votes import announce_spot_vote, call_spot_vote
from kaohe.operations.chair.voting import pause_meeting
from kaohe.operations.hall.speaking import draw_speaking_order
from kaohe.storage.database import reading
from kaohe.storage.record import list_record_entries

BALLOTS = [("excellent",) * 3]


@dataclass(frozen=True)
class Act:
    """One button: the meeting in which it stands, its page, where it posts, and what it leaves in the record."""

    scene: Callable[[Flask], Scene]
    page: str
    action: str
    recorded: str
    typed: dict[str, str]


def act(held: Callable[..., Any], page: str, action: str, recorded: str, **typed: str) -> Act:
    return Act(held, page, action, recorded, typed)


def _paused(app: Flask) -> Scene:
    scene = opened(app)
    with app.app_context():
        pause_meeting(CHAIR, scene.meeting_id)
    return scene


def _closed_with_paper(app: Flask) -> Scene:
    scene = closed(app)
    with app.app_context():
        hand_out_paper(scene.meeting_id, "all", 2)
    return scene


def _drawn(app: Flask) -> Scene:
    scene = prepared(app)
    with app.app_context():
        draw_speaking_order(CHAIR, scene.meeting_id)
    return scene


def _with_spot_vote(app: Flask) -> Scene:
    scene = closed(app)
    with app.app_context():
        call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1)
    return scene


def _with_counted_spot_vote(app: Flask) -> Scene:
    scene = closed(app)
    with app.app_context():
        spot_id = call_spot_vote(CHAIR, scene.meeting_id, title="票决", subject_keys=("s1", "s2"), seats=1)
        announce_spot_vote(CHAIR, scene.meeting_id, spot_id)
    return scene


def _revealing(app: Flask) -> Scene:
    return published(app, BALLOTS)


ACTS = {
    "open": act(prepared, "chair", "/open", "opened"),
    "pause": act(opened, "chair", "/pause", "paused"),
    "resume": act(_paused, "chair", "/resume", "resumed"),
    "close": act(opened, "chair", "/close", "closed"),
    "paper that did not come back": act(_closed_with_paper, "chair", "/not-returned", "paper_not_returned"),
    "count": act(closed, "chair", "/count", "counted"),
    "publish": act(lambda app: counted(app, BALLOTS), "chair", "/publish", "published", without_present="1"),
    "reveal": act(_revealing, "chair", "/reveal", "revealed"),
    "reveal all": act(_revealing, "chair", "/reveal-all", "revealed"),
    "numbers": act(opened, "chair", "/numbers", "recorded_numbers", **{"rows-0-present": "11"}),
    "shared code": act(lambda app: opened(app, shared_group="all"), "chair", "/shared-code/renew", "renewed_pool_code"),
    "void": act(opened, "void", "/void", "voided_round", reason="收回多于发出"),
    "late": act(lambda app: opened(app, spares=2), "attendance", "/attendance/late", "came_late"),
    "draw speakers": act(prepared, "speaking", "/speaking/draw", "drew_speakers"),
    "draw speakers again": act(_drawn, "speaking", "/speaking/draw", "drew_speakers"),
    "limit speeches": act(_drawn, "speaking", "/speaking/limit", "limited_speeches", minutes="7"),
    "call a spot vote": act(closed, "spot", "/spot", "called_spot_vote", title="票决", subject="s1", seats="1"),
    "dismiss a spot vote": act(_with_counted_spot_vote, "spot", "/dismiss", "dismissed_spot_vote"),
}


def test_what_stands_ready_in_two_tabs_happens_once(app: Flask, signed_in: PageClient) -> None:
    for name, one in ACTS.items():
        scene = one.scene(app)
        url = f"/desk/{scene.meeting_id}/{one.page}"
        tabs = [signed_in.get(url) for _ in range(2)]
        before = _count(app, scene, one.recorded)
        for tab in [tabs[0], tabs[0], tabs[1]]:
            form = tab.form(one.action)
            fields: dict[str, Any] = {**tab.fields(one.action), **one.typed}
            if name == "call a spot vote":
                fields["subject"] = ["s1", "s2"]
            reply = signed_in.http.post(str(form["action"]), data=fields)
            assert reply.status_code in (200, 303, 409, 422), name
        assert _count(app, scene, one.recorded) == before + 1, name


def test_a_clock_that_runs_is_not_started_anew_and_only_the_speaker_who_was_named_is_ended(
    app: Flask, signed_in: PageClient
) -> None:
    scene = _drawn(app)
    url = f"/desk/{scene.meeting_id}/speaking"
    waiting = signed_in.get(url)
    first, second = (field["value"] for field in waiting.soup.select("input[name=subject]")[:2])
    token = waiting.fields("/speaking/limit")
    for _ in range(2):
        signed_in.post(f"{url}/begin", {**token, "subject": first})
    for _ in range(2):
        signed_in.post(f"{url}/end", {**token, "subject": first})
    signed_in.post(f"{url}/begin", {**token, "subject": second})
    signed_in.post(f"{url}/end", {**token, "subject": first})
    assert _count(app, scene, "began_speech") == 2
    assert _count(app, scene, "ended_speech") == 1


def test_a_spot_vote_is_announced_once(app: Flask, signed_in: PageClient) -> None:
    scene = _with_spot_vote(app)
    tabs = [signed_in.get(f"/desk/{scene.meeting_id}/spot") for _ in range(2)]
    action = str(tabs[0].form("/announce")["action"])
    for tab in tabs:
        signed_in.post(action, tab.fields("/announce"))
    spot_id = action.split("/")[-2]
    with app.app_context(), reading() as session:
        acts = [entry.act for entry in list_record_entries(session, spot_id)]
    assert [acts.count(act) for act in ("closed", "counted", "published", "revealed")] == [1, 1, 1, 1]


def test_a_slip_that_is_replaced_by_two_presses_is_replaced_once_and_shown_by_both(
    app: Flask, signed_in: PageClient
) -> None:
    scene = opened(app)
    page = signed_in.get(f"/desk/{scene.meeting_id}/tickets")
    fields = {**page.fields("/tickets/reissue"), "ticket": scene.all_codes[0], "reason": "票被撕破"}
    replies = [signed_in.post(f"/desk/{scene.meeting_id}/tickets/reissue", fields) for _ in range(2)]
    assert replies[0].soup.select_one("[data-reissued]").text == replies[1].soup.select_one("[data-reissued]").text
    assert _count(app, scene, "reissued_ticket") == 1


def _count(app: Flask, scene: Scene, recorded: str) -> int:
    with app.app_context(), reading() as session:
        return sum(entry.act == recorded for entry in list_record_entries(session, scene.meeting_id))
